package dev.rung.network;

import static dev.rung.linux.Expression.META_IIFNAME;
import static dev.rung.linux.Expression.META_OIFNAME;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Expression;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.PacketRules;
import dev.rung.linux.RuleBatch;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Other people's firewalls. A packet must pass every chain that looks at what is forwarded, so that
 * one that drops by default, as docker's and ufw's do, or rejects at its end, as firewalld's does,
 * would cut off our containers whatever our own rules say. Such chains are given two rules for each
 * bridge, marked by a comment: at the end where the default decides, so that what the administrator
 * wrote still comes first, at the start where a last rule decides.
 */
final class ForeignRules {
    private static final String FIREWALLD_TABLE = "firewalld";
    private static final int REGISTER = 1;

    private final NetlinkSocket socket;
    private final String table;
    private final String mark;
    private final Set<Integer> families;

    /**
     * Our own table is left alone; its name is also how our rules elsewhere are known.
     *
     * @param v6 whether tables of IPv6 alone are looked at
     */
    ForeignRules(NetlinkSocket socket, String table, boolean v6) {
        this.families =
                v6
                        ? Set.of(RuleBatch.INET, RuleBatch.IPV4, RuleBatch.IPV6)
                        : Set.of(RuleBatch.INET, RuleBatch.IPV4);
        this.socket = socket;
        this.table = table;
        this.mark = table + " ";
    }

    /** Adds what is missing for these bridges, and removes our rules for others. */
    void adapt(Collection<String> bridges) throws ErrnoException {
        var rules = new PacketRules(socket);
        var batch = new RuleBatch(RuleBatch.INET, table);
        boolean changed = false;
        for (PacketRules.BaseChain chain : rules.baseChains()) {
            if (looksAtForwarded(chain) && (decides(chain) || bridges.isEmpty())) {
                changed |= adapt(batch, chain, rules, bridges);
            }
        }
        if (changed) {
            batch.send(socket);
        }
    }

    private boolean looksAtForwarded(PacketRules.BaseChain chain) {
        return chain.hook() == RuleBatch.Hook.FORWARD
                && chain.type().equals("filter")
                && !chain.table().equals(table)
                && families.contains(chain.family());
    }

    private static boolean decides(PacketRules.BaseChain chain) {
        return chain.drops() || chain.table().equals(FIREWALLD_TABLE);
    }

    private boolean adapt(
            RuleBatch batch,
            PacketRules.BaseChain chain,
            PacketRules rules,
            Collection<String> bridges)
            throws ErrnoException {
        var missing = new HashSet<String>(bridges);
        boolean changed = false;
        for (PacketRules.Rule rule : rules.rules(chain.family(), chain.table(), chain.name())) {
            if (rule.comment().startsWith(mark)) {
                String bridge = rule.comment().substring(mark.length());
                missing.remove(bridge);
                if (!bridges.contains(bridge)) {
                    batch.deleteRule(chain, rule.handle());
                    changed = true;
                }
            }
        }
        for (String bridge : missing) {
            batch.marked(!chain.drops(), chain, accept(META_IIFNAME, bridge), mark + bridge);
            batch.marked(!chain.drops(), chain, accept(META_OIFNAME, bridge), mark + bridge);
            changed = true;
        }
        return changed;
    }

    /** As iptables writes it, so that its listings show it as one of its own. */
    private static List<Expression> accept(int direction, String bridge) {
        return List.of(
                new Expression.Meta(direction, REGISTER),
                new Expression.Compare(REGISTER, true, LinkSets.name(bridge)),
                new Expression.Counter(),
                Expression.Verdict.ACCEPT);
    }
}
