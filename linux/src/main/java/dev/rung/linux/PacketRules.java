package dev.rung.linux;

import dev.rung.domain.Errno;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The packet rules of nf_tables as they are, in the namespace of the socket. */
public final class PacketRules {
    private static final int SUBSYSTEM = 10 << 8;
    private static final int GETTABLE = SUBSYSTEM | 1;
    private static final int GETCHAIN = SUBSYSTEM | 4;
    private static final int GETRULE = SUBSYSTEM | 7;
    private static final int GENERIC_BYTES = 4; // struct nfgenmsg
    private static final int ACCEPT_POLICY = 1;
    private static final int GROUP = 7; // NFNLGRP_NFTABLES

    private final NetlinkSocket socket;

    public PacketRules(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * A chain that sees packets by itself.
     *
     * @param drops whether it drops what no rule decides
     */
    public record BaseChain(
            int family, String table, String name, int hook, String type, boolean drops) {}

    /**
     * A rule.
     *
     * @param handle its number in its table
     * @param comment empty without one
     */
    public record Rule(long handle, String comment) {}

    /** A socket on which an answer arrives whenever somebody changed a rule. */
    public static NetlinkSocket changes() throws ErrnoException {
        NetlinkSocket socket = NetlinkSocket.netfilter();
        try {
            socket.join(GROUP);
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    /** Whether the table is there. */
    public boolean hasTable(int family, String table) throws ErrnoException {
        var message = request(GETTABLE, NetlinkSocket.REQUEST, family).text(1, table);
        try {
            socket.ask("get table " + table, message, GENERIC_BYTES);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** All chains of all tables that see packets by themselves. */
    public List<BaseChain> baseChains() throws ErrnoException {
        var chains = new ArrayList<BaseChain>();
        var message = request(GETCHAIN, NetlinkSocket.DUMP, 0);
        for (NetlinkMessage answer : socket.dump("list chains", message, GENERIC_BYTES)) {
            NetlinkMessage hook = answer.nested(4);
            String table = answer.text(1);
            String name = answer.text(3);
            String type = answer.text(7);
            if (hook != null && table != null && name != null && type != null) {
                int number = hook.bigIntOr(1, -1);
                boolean drops = answer.bigIntOr(5, ACCEPT_POLICY) != ACCEPT_POLICY;
                chains.add(new BaseChain(answer.fixedByte(0), table, name, number, type, drops));
            }
        }
        return chains;
    }

    /** The rules of a chain in their order; none when it is not there. */
    public List<Rule> rules(int family, String table, String chain) throws ErrnoException {
        var rules = new ArrayList<Rule>();
        var message = request(GETRULE, NetlinkSocket.DUMP, family).text(1, table).text(2, chain);
        try {
            for (NetlinkMessage answer : socket.dump("list rules", message, GENERIC_BYTES)) {
                byte[] handle = answer.get(3);
                if (handle != null) {
                    rules.add(new Rule(ByteBuffer.wrap(handle).getLong(), comment(answer.get(7))));
                }
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        return rules;
    }

    /** A comment as the nft program stores it: its type, its length, and text closed by a NUL. */
    static byte[] userData(String comment) {
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        var data = new byte[text.length + 3];
        data[1] = (byte) (text.length + 1);
        System.arraycopy(text, 0, data, 2, text.length);
        return data;
    }

    private static String comment(byte @Nullable [] data) {
        if (data == null || data.length < 3 || data[0] != 0) {
            return "";
        }
        int length = Math.min(data[1] & 0xff, data.length - 2);
        return length == 0 ? "" : new String(data, 2, length - 1, StandardCharsets.UTF_8);
    }

    private static NetlinkWriter request(int type, int flags, int family) {
        return new NetlinkWriter()
                .message(type, flags)
                .fixedByte(family)
                .fixedByte(0)
                .fixedShort(0);
    }
}
