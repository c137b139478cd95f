package dev.rung.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * Changes of the packet rules that the kernel makes all at once or not at all (nf_tables), sent
 * over a socket of netfilter. It takes no process and less than a millisecond, where the nft
 * program takes ten.
 */
public final class RuleBatch {
    public static final int INET = 1;
    public static final int IPV4 = 2;
    public static final int IPV6 = 10;

    private static final int SUBSYSTEM = 10 << 8;
    private static final int BATCH_BEGIN = 16;
    private static final int BATCH_END = 17;
    private static final int NEWTABLE = SUBSYSTEM;
    private static final int DELTABLE = SUBSYSTEM | 2;
    private static final int NEWCHAIN = SUBSYSTEM | 3;
    private static final int NEWRULE = SUBSYSTEM | 6;
    private static final int DELRULE = SUBSYSTEM | 8;
    private static final int NEWSET = SUBSYSTEM | 9;
    private static final int NEWSETELEM = SUBSYSTEM | 12;
    private static final int DELSETELEM = SUBSYSTEM | 14;
    private static final int REQUEST_ONLY = 0x1;
    private static final int MAKE = NetlinkSocket.REQUEST | 0x400;
    private static final int APPEND = MAKE | 0x800;

    private static final int ACCEPT_POLICY = 1;
    private static final int MAP_FLAG = 0x8;
    private static final int VERDICT_REGISTER = 0;
    private static final int DATA_VALUE = 1;
    private static final int DATA_VERDICT = 2;
    private static final int LIST_ELEMENT = 1;
    private static final int INTERNET_CHECKSUM = 1;
    private static final byte[] HOST_ORDER = {0, 4, 1, 0, 0, 0}; // type, length, value
    private static final int CONNTRACK_REVISION = 3;
    private static final int CONNTRACK_BYTES = 168;
    private static final int CONNTRACK_FLAGS = 146; // where in the structure
    private static final int CONNTRACK_STATES = 150;
    private static final int CONNTRACK_BY_STATE = 1;
    private static final int ESTABLISHED_OR_RELATED = 6;
    private static final int MOST_ELEMENTS = 256; // of one message, whose list is at most 64 KiB

    private final NetlinkWriter writer = new NetlinkWriter();

    private final int family;
    private final String table;

    /**
     * Changes of one table, but for those that name a chain elsewhere.
     *
     * @param family one of INET, IPV4, IPV6
     */
    public RuleBatch(int family, String table) {
        this.family = family;
        this.table = table;
        header(BATCH_BEGIN, REQUEST_ONLY, 0, SUBSYSTEM >> 8);
    }

    /** Where a chain looks at packets: the hook's number for its family, and the order there. */
    public record Hook(String type, int number, int priority) {
        public static final int PREROUTING = 0;
        public static final int FORWARD = 2;
        public static final int OUTPUT = 3;
        public static final int POSTROUTING = 4;
    }

    /**
     * A set, or a map when it has values.
     *
     * @param keyType as the nft program shows it: types of six bits each, the last one lowest
     * @param keyLength in bytes, each part a multiple of four
     * @param valueType 0 for a set
     * @param hostOrder tells the nft program that keys are numbers, or text, of this machine
     */
    public record SetShape(
            String name,
            int keyType,
            int keyLength,
            int valueType,
            int valueLength,
            boolean hostOrder) {}

    /** Makes a table unless it is there. */
    public RuleBatch table() {
        header(NEWTABLE, MAKE, family, 0).text(1, table);
        return this;
    }

    /** Removes a table with all that is in it; ENOENT fails the batch. */
    public RuleBatch deleteTable() {
        header(DELTABLE, NetlinkSocket.REQUEST, family, 0).text(1, table);
        return this;
    }

    /** Makes a chain that others jump to, unless it is there. */
    public RuleBatch chain(String chain) {
        header(NEWCHAIN, MAKE, family, 0).text(1, table).text(3, chain);
        return this;
    }

    /** Makes a chain that sees packets itself and lets pass what no rule decides. */
    public RuleBatch chain(String chain, Hook hook) {
        header(NEWCHAIN, MAKE, family, 0).text(1, table).text(3, chain);
        writer.open(4).bigInt(1, hook.number()).bigInt(2, hook.priority()).close();
        writer.text(7, hook.type()).bigInt(5, ACCEPT_POLICY);
        return this;
    }

    /** Removes the rules of a chain. */
    public RuleBatch flush(String chain) {
        header(DELRULE, NetlinkSocket.REQUEST, family, 0).text(1, table).text(2, chain);
        return this;
    }

    /** Makes a set unless it is there. */
    public RuleBatch set(SetShape shape) {
        header(NEWSET, MAKE, family, 0).text(1, table).text(2, shape.name());
        writer.bigInt(3, shape.valueType() == 0 ? 0 : MAP_FLAG);
        writer.bigInt(4, shape.keyType()).bigInt(5, shape.keyLength());
        if (shape.valueType() != 0) {
            writer.bigInt(6, shape.valueType()).bigInt(7, shape.valueLength());
        }
        writer.bigInt(10, writer.lastSequence()); // a number of its own inside the batch
        if (shape.hostOrder()) {
            writer.attribute(13, HOST_ORDER);
        }
        return this;
    }

    /** Removes all that a set holds. */
    public RuleBatch flushSet(String set) {
        header(DELSETELEM, NetlinkSocket.REQUEST, family, 0).text(1, table).text(2, set);
        return this;
    }

    /** Adds elements; what the set has already is no error, another value of a map is EEXIST. */
    public RuleBatch add(String set, Map<Bytes, Bytes> elements) {
        return elements(NEWSETELEM, MAKE, set, elements);
    }

    /** Removes elements; ENOENT fails the batch. */
    public RuleBatch remove(String set, Map<Bytes, Bytes> elements) {
        return elements(DELSETELEM, NetlinkSocket.REQUEST, set, elements);
    }

    /** A key or value of a set, compared by content; empty is none. */
    public record Bytes(ByteBuffer content) {
        public static Bytes of(byte[] bytes) {
            return new Bytes(ByteBuffer.wrap(bytes.clone()).asReadOnlyBuffer());
        }

        byte[] toArray() {
            var bytes = new byte[content.remaining()];
            content.get(content.position(), bytes);
            return bytes;
        }
    }

    private RuleBatch elements(int type, int flags, String set, Map<Bytes, Bytes> elements) {
        int count = 0;
        for (Map.Entry<Bytes, Bytes> element : elements.entrySet()) {
            if (count % MOST_ELEMENTS == 0) {
                if (count > 0) {
                    writer.close();
                }
                header(type, flags, family, 0).text(1, table).text(2, set).open(3);
            }
            writer.open(LIST_ELEMENT);
            writer.open(1).attribute(DATA_VALUE, element.getKey().toArray()).close();
            if (element.getValue().content().hasRemaining()) {
                writer.open(2).attribute(DATA_VALUE, element.getValue().toArray()).close();
            }
            writer.close();
            count++;
        }
        if (count > 0) {
            writer.close();
        }
        return this;
    }

    /** Adds a rule after all others of the chain. */
    public RuleBatch rule(String chain, List<Expression> expressions) {
        return rule(APPEND, family, table, chain, expressions, "");
    }

    /** The same with a comment, by which it is found again. */
    public RuleBatch rule(String chain, List<Expression> expressions, String comment) {
        return rule(APPEND, family, table, chain, expressions, comment);
    }

    /** Removes the rule with that number in a chain of the table; ENOENT fails the batch. */
    public RuleBatch deleteRule(String chain, long handle) {
        return deleteRule(family, table, chain, handle);
    }

    /** Adds a rule with a comment to somebody's chain, before or after all others. */
    public RuleBatch marked(
            boolean first,
            PacketRules.BaseChain chain,
            List<Expression> expressions,
            String comment) {
        int flags = first ? MAKE : APPEND;
        return rule(flags, chain.family(), chain.table(), chain.name(), expressions, comment);
    }

    /** Removes the rule with that number in its chain; ENOENT fails the batch. */
    public RuleBatch deleteRule(PacketRules.BaseChain chain, long handle) {
        return deleteRule(chain.family(), chain.table(), chain.name(), handle);
    }

    private RuleBatch deleteRule(int family, String table, String chain, long handle) {
        header(DELRULE, NetlinkSocket.REQUEST, family, 0).text(1, table).text(2, chain);
        writer.attribute(3, ByteBuffer.allocate(Long.BYTES).putLong(handle).array());
        return this;
    }

    private RuleBatch rule(
            int flags,
            int family,
            String table,
            String chain,
            List<Expression> expressions,
            String comment) {
        header(NEWRULE, flags, family, 0).text(1, table).text(2, chain).open(4);
        for (Expression expression : expressions) {
            writer.open(LIST_ELEMENT);
            write(expression);
            writer.close();
        }
        writer.close();
        if (!comment.isEmpty()) {
            writer.attribute(7, PacketRules.userData(comment));
        }
        return this;
    }

    /** Makes the changes. The first that the kernel refuses is thrown, and none is made. */
    public void send(NetlinkSocket socket) throws ErrnoException {
        header(BATCH_END, REQUEST_ONLY, 0, SUBSYSTEM >> 8);
        socket.request("change packet rules", writer);
    }

    /** struct nfgenmsg after the header. */
    private NetlinkWriter header(int type, int flags, int family, int resource) {
        return writer.message(type, flags)
                .fixedByte(family)
                .fixedByte(0)
                .fixedByte(resource >> 8)
                .fixedByte(resource);
    }

    private void write(Expression expression) {
        switch (expression) {
            case Expression.Meta(int key, int register) ->
                    begin("meta").bigInt(1, register).bigInt(2, key);
            case Expression.Connection(int key, int register) ->
                    begin("ct").bigInt(1, register).bigInt(2, key);
            case Expression.KnownConnection() ->
                    begin("match")
                            .text(1, "conntrack")
                            .bigInt(2, CONNTRACK_REVISION)
                            .attribute(3, knownConnection());
            case Expression.Payload(int base, int offset, int length, int register) ->
                    begin("payload")
                            .bigInt(1, register)
                            .bigInt(2, base)
                            .bigInt(3, offset)
                            .bigInt(4, length);
            case Expression.Write(int offset, int length, int register, int checksum) ->
                    begin("payload")
                            .bigInt(2, Expression.TRANSPORT_HEADER)
                            .bigInt(3, offset)
                            .bigInt(4, length)
                            .bigInt(5, register)
                            .bigInt(6, INTERNET_CHECKSUM)
                            .bigInt(7, checksum);
            case Expression.Load(int register, byte[] bytes) -> {
                begin("immediate").bigInt(1, register);
                value(2, bytes);
            }
            case Expression.Mask(int register, byte[] mask) -> {
                begin("bitwise").bigInt(1, register).bigInt(2, register).bigInt(3, mask.length);
                value(4, mask);
                value(5, new byte[mask.length]);
            }
            case Expression.Compare(int register, boolean equal, byte[] bytes) -> {
                begin("cmp").bigInt(1, register).bigInt(2, equal ? 0 : 1);
                value(3, bytes);
            }
            case Expression.Lookup(var set, int register, boolean contained, var target) -> {
                begin("lookup").text(1, set).bigInt(2, register);
                if (target != null) {
                    writer.bigInt(3, target);
                }
                writer.bigInt(5, contained ? 0 : 1);
            }
            case Expression.DestinationKind(int register) ->
                    begin("fib").bigInt(1, register).bigInt(2, 3).bigInt(3, 2);
            case Expression.Redirect(int family, int address, int port) ->
                    begin("nat").bigInt(1, 1).bigInt(2, family).bigInt(3, address).bigInt(5, port);
            case Expression.Masquerade() -> begin("masq");
            case Expression.Counter() -> begin("counter");
            case Expression.Verdict(var kind, String chain) -> {
                begin("immediate").bigInt(1, VERDICT_REGISTER);
                writer.open(2).open(DATA_VERDICT).bigInt(1, kind.code);
                if (!chain.isEmpty()) {
                    writer.text(2, chain);
                }
                writer.close().close();
            }
        }
        writer.close();
    }

    /** struct xt_conntrack_mtinfo3 of linux/netfilter/xt_conntrack.h. */
    private static byte[] knownConnection() {
        var info = ByteBuffer.allocate(CONNTRACK_BYTES).order(ByteOrder.nativeOrder());
        info.putShort(CONNTRACK_FLAGS, (short) CONNTRACK_BY_STATE);
        info.putShort(CONNTRACK_STATES, (short) ESTABLISHED_OR_RELATED);
        return info.array();
    }

    private NetlinkWriter begin(String name) {
        return writer.text(1, name).open(2);
    }

    private void value(int attribute, byte[] bytes) {
        writer.open(attribute).attribute(DATA_VALUE, bytes).close();
    }
}
