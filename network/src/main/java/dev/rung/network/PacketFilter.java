package dev.rung.network;

import static dev.rung.linux.Expression.CT_STATE;
import static dev.rung.linux.Expression.CT_STATUS;
import static dev.rung.linux.Expression.META_IIFNAME;
import static dev.rung.linux.Expression.META_L4PROTO;
import static dev.rung.linux.Expression.META_NFPROTO;
import static dev.rung.linux.Expression.META_OIFNAME;
import static dev.rung.linux.Expression.NETWORK_HEADER;
import static dev.rung.linux.Expression.TRANSPORT_HEADER;
import static dev.rung.linux.Expression.Verdict.ACCEPT;
import static dev.rung.linux.Expression.Verdict.DROP;

import dev.rung.linux.Expression;
import dev.rung.linux.Expression.Compare;
import dev.rung.linux.Expression.Lookup;
import dev.rung.linux.Expression.Masquerade;
import dev.rung.linux.Expression.Meta;
import dev.rung.linux.Expression.Payload;
import dev.rung.linux.Expression.Verdict;
import dev.rung.linux.RuleBatch;
import dev.rung.linux.RuleBatch.Hook;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The table of packet rules. Its rules are the same whatever networks there are: which links and
 * ports they mean lies in sets and maps, so that a container comes and goes without a rule being
 * touched (docs/networks.md).
 */
final class PacketFilter {
    static final int FAMILY = RuleBatch.INET;

    /** The administrator's own, which is made once and never changed. */
    static final String USER_CHAIN = "user";

    /** Bridges, by name. */
    static final String BRIDGES = "bridges";

    /** Bridge and the same bridge again: those whose containers may reach each other. */
    static final String TALKATIVE = "talkative";

    /** Bridges of internal networks. */
    static final String INTERNAL = "internal";

    /** Bridges whose containers go out with the host's address. */
    static final String MASQUERADED = "masqueraded";

    /** Links between which the host forwarded nothing before Rung let it forward. */
    static final String GUARDED = "guarded";

    private static final int REGISTER = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final byte[] THIS_HOST = {2, 0, 0, 0}; // RTN_LOCAL, in the machine's order
    private static final byte[] ESTABLISHED_OR_RELATED = inMachineOrder(6);
    private static final byte[] TRANSLATED = inMachineOrder(0x20); // IPS_DST_NAT
    private static final byte[] NONE = new byte[4];
    private static final byte[] LOOPBACK_NETWORK = {127};
    private static final int V4_SOURCE = 12;
    static final int V4_DESTINATION = 16;
    private static final int V6_SOURCE = 8;
    private static final int V6_DESTINATION = 24;

    private static final List<Expression> TO_USER = List.of(Verdict.jump(USER_CHAIN));

    private PacketFilter() {}

    private static byte[] inMachineOrder(int bits) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(bits)
                .array();
    }

    /**
     * Adds the table with its sets, chains and rules; those of an older Rung make room.
     *
     * @param v6 false: packets of IPv6 see no rules but the administrator's
     */
    static void write(RuleBatch batch, boolean v6) {
        batch.table().chain(USER_CHAIN);
        for (RuleBatch.SetShape set : PortMaps.SHAPES) {
            batch.set(set);
        }
        for (String name : List.of(BRIDGES, INTERNAL, MASQUERADED, GUARDED)) {
            batch.set(new RuleBatch.SetShape(name, LinkSets.NAME, 16, 0, 0, true));
        }
        batch.set(new RuleBatch.SetShape(TALKATIVE, LinkSets.TWO_NAMES, 32, 0, 0, false));
        batch.chain("translate");
        hook(batch, "martians", new Hook("filter", Hook.PREROUTING, -300));
        hook(batch, "forward", new Hook("filter", Hook.FORWARD, 0));
        hook(batch, "prerouting", new Hook("nat", Hook.PREROUTING, -100));
        hook(batch, "output", new Hook("nat", Hook.OUTPUT, -100));
        hook(batch, "postrouting", new Hook("nat", Hook.POSTROUTING, 100));
        for (Map.Entry<String, List<List<Expression>>> chain : rules().entrySet()) {
            batch.flush(chain.getKey());
            for (List<Expression> rule : v6 ? chain.getValue() : withoutIpv6(chain.getValue())) {
                batch.rule(chain.getKey(), rule);
            }
        }
    }

    private static void hook(RuleBatch batch, String chain, Hook hook) {
        batch.chain(chain, hook);
    }

    private static Map<String, List<List<Expression>>> rules() {
        return Map.of(
                "martians", martians(),
                "forward", forward(),
                "translate", translate(),
                "prerouting", List.of(toTranslate()),
                "output", List.of(fromLoopbackV6(), toTranslate()),
                "postrouting", postrouting());
    }

    /** Lets IPv6 pass before all rules but the one that asks the administrator's. */
    private static List<List<Expression>> withoutIpv6(List<List<Expression>> rules) {
        var all = new ArrayList<>(rules);
        boolean asks = rules.getFirst().equals(TO_USER);
        all.add(
                asks ? 1 : 0,
                List.of(family(), new Compare(REGISTER, true, new byte[] {AF_INET6}), ACCEPT));
        return all;
    }

    /** What claims from outside to be for 127.0.0.1 would reach ports published there. */
    private static List<List<Expression>> martians() {
        return List.of(
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET}),
                        new Payload(NETWORK_HEADER, V4_DESTINATION, 1, REGISTER),
                        new Compare(REGISTER, true, LOOPBACK_NETWORK),
                        new Meta(META_IIFNAME, REGISTER),
                        new Compare(REGISTER, false, LinkSets.name("lo")),
                        DROP));
    }

    private static List<List<Expression>> forward() {
        return List.of(
                TO_USER,
                // most packets: their connection's first one has passed all that follows
                List.of(
                        new Expression.Connection(CT_STATE, REGISTER),
                        new Expression.Mask(REGISTER, ESTABLISHED_OR_RELATED),
                        new Compare(REGISTER, false, NONE),
                        ACCEPT),
                List.of(in(REGISTER), out(2), set(TALKATIVE), ACCEPT),
                List.of(in(REGISTER), set(INTERNAL), DROP),
                List.of(out(REGISTER), set(INTERNAL), DROP),
                join(List.of(out(REGISTER), set(BRIDGES)), translated(), List.of(ACCEPT)),
                List.of(out(REGISTER), set(BRIDGES), DROP),
                List.of(in(REGISTER), set(BRIDGES), ACCEPT),
                List.of(in(REGISTER), set(GUARDED), out(REGISTER), set(GUARDED), DROP));
    }

    private static List<List<Expression>> translate() {
        Payload port9 = new Payload(TRANSPORT_HEADER, 2, 2, 9);
        var protocol = new Meta(META_L4PROTO, REGISTER);
        return List.of(
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET}),
                        protocol,
                        new Payload(NETWORK_HEADER, V4_DESTINATION, 4, 9),
                        new Payload(TRANSPORT_HEADER, 2, 2, 10),
                        new Lookup(PortMaps.AT_V4, REGISTER, true, REGISTER),
                        new Expression.Redirect(AF_INET, REGISTER, 9)),
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET}),
                        protocol,
                        port9,
                        new Lookup(PortMaps.ANY_V4, REGISTER, true, REGISTER),
                        new Expression.Redirect(AF_INET, REGISTER, 9)),
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET6}),
                        protocol,
                        new Payload(NETWORK_HEADER, V6_DESTINATION, 16, 9),
                        new Payload(TRANSPORT_HEADER, 2, 2, 13),
                        new Lookup(PortMaps.AT_V6, REGISTER, true, REGISTER),
                        new Expression.Redirect(AF_INET6, REGISTER, 2)),
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET6}),
                        protocol,
                        port9,
                        new Lookup(PortMaps.ANY_V6, REGISTER, true, REGISTER),
                        new Expression.Redirect(AF_INET6, REGISTER, 2)));
    }

    private static List<Expression> toTranslate() {
        return List.of(
                new Expression.DestinationKind(REGISTER),
                new Compare(REGISTER, true, THIS_HOST),
                Verdict.jump("translate"));
    }

    /** Packets from ::1 never leave the host, so the forwarder takes what is sent there. */
    private static List<Expression> fromLoopbackV6() {
        var loopback = new byte[16];
        loopback[15] = 1;
        return List.of(
                family(),
                new Compare(REGISTER, true, new byte[] {AF_INET6}),
                new Payload(NETWORK_HEADER, V6_DESTINATION, 16, REGISTER),
                new Compare(REGISTER, true, loopback),
                Verdict.RETURN);
    }

    private static List<List<Expression>> postrouting() {
        return List.of(
                // a container that calls a published port of its own network: else the answer would
                // come straight back over the bridge, from an address that was never called
                join(
                        List.of(in(REGISTER), out(2), set(TALKATIVE)),
                        translated(),
                        List.of(new Masquerade())),
                // that calls its own: where bridged packets are filtered, they come from no link
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET}),
                        new Payload(NETWORK_HEADER, V4_SOURCE, 4, REGISTER),
                        new Payload(NETWORK_HEADER, V4_DESTINATION, 4, 9),
                        set(PortMaps.OWN_V4),
                        new Masquerade()),
                List.of(
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET6}),
                        new Payload(NETWORK_HEADER, V6_SOURCE, 16, REGISTER),
                        new Payload(NETWORK_HEADER, V6_DESTINATION, 16, 2),
                        set(PortMaps.OWN_V6),
                        new Masquerade()),
                List.of(
                        out(REGISTER),
                        set(BRIDGES),
                        family(),
                        new Compare(REGISTER, true, new byte[] {AF_INET}),
                        new Payload(NETWORK_HEADER, V4_SOURCE, 1, REGISTER),
                        new Compare(REGISTER, true, LOOPBACK_NETWORK),
                        new Masquerade()),
                List.of(
                        in(REGISTER),
                        set(MASQUERADED),
                        out(REGISTER),
                        new Lookup(BRIDGES, REGISTER, false, null),
                        new Masquerade()));
    }

    private static List<Expression> translated() {
        return List.of(
                new Expression.Connection(CT_STATUS, REGISTER),
                new Expression.Mask(REGISTER, TRANSLATED),
                new Compare(REGISTER, false, NONE));
    }

    private static List<Expression> join(
            List<Expression> first, List<Expression> second, List<Expression> third) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        all.addAll(third);
        return all;
    }

    private static Expression in(int register) {
        return new Meta(META_IIFNAME, register);
    }

    private static Expression out(int register) {
        return new Meta(META_OIFNAME, register);
    }

    private static Expression family() {
        return new Meta(META_NFPROTO, REGISTER);
    }

    private static Expression set(String name) {
        return new Lookup(name, REGISTER, true, null);
    }
}
