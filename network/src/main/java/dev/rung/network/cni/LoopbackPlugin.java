package dev.rung.network.cni;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.Routes;
import dev.rung.network.Prefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The plugin loopback: brings up the loopback link of a namespace. */
final class LoopbackPlugin implements Plugins.BuiltIn {
    private static final String LINK = "lo";

    @Override
    public CniResult add(Request request) throws PluginError {
        try (NetlinkSocket inside = Sandbox.enter(request.namespace())) {
            var links = new Links(inside);
            links.setUp(LINK);
            int link = links.index(LINK);
            var ips = new ArrayList<CniResult.Ip>();
            for (boolean v4 : List.of(true, false)) {
                Routes.Entry first = null;
                for (Routes.Entry entry : new Routes(inside).addresses()) {
                    if (entry.link() == link && (entry.address().length == 4) == v4) {
                        checkLoopback(Prefix.of(entry.address()));
                        first = first == null ? entry : first;
                    }
                }
                if (first != null) {
                    ips.add(new CniResult.Ip(Prefix.of(first.address()), first.length(), null, 0));
                }
            }
            CniResult previous = request.previous();
            return previous != null
                    ? previous
                    : new CniResult(
                            List.of(
                                    CniResult.Interface.of(
                                            LINK, "00:00:00:00:00:00", request.namespace())),
                            ips,
                            List.of(),
                            CniResult.Dns.NONE);
        } catch (ErrnoException e) {
            throw PluginError.of("loopback link", e);
        }
    }

    private static void checkLoopback(InetAddress address) throws PluginError {
        if (!address.isLoopbackAddress()) {
            throw new PluginError(
                    "loopback interface found with non-loopback address \"%s\""
                            .formatted(IpText.of(address)));
        }
    }

    @Override
    public void delete(Request request) throws PluginError {
        try (NetlinkSocket inside = Sandbox.enterIfThere(request.namespace())) {
            if (inside != null) {
                new Links(inside).setDown(LINK);
            }
        } catch (ErrnoException e) {
            throw PluginError.of("loopback link", e);
        }
    }

    @Override
    public void check(Request request) throws PluginError {
        try (NetlinkSocket inside = Sandbox.enter(request.namespace())) {
            if (!new Links(inside).find(LINK).up()) {
                throw new PluginError("loopback interface is down");
            }
        } catch (ErrnoException e) {
            throw PluginError.of("loopback link", e);
        }
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) {
        // a namespace takes its own with it
    }

    @Override
    public void status(Request request) {
        // always ready
    }
}
