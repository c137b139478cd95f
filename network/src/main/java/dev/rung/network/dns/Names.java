package dev.rung.network.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whom one container knows by name. Asked from several threads. */
public interface Names {
    /**
     * All addresses of that name, which is in lower case and ends without a dot; empty: unknown.
     */
    List<InetAddress> addresses(String name);

    /** The name that belongs to an address, without a dot at its end; null: unknown. */
    @Nullable String name(InetAddress address);

    /**
     * Who is asked about everything else, in this order; nobody for containers without a way out.
     */
    List<InetSocketAddress> servers();
}
