package dev.rung.network.cni;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Expression;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.PacketRules;
import dev.rung.linux.RuleBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * Other people's chains that look at what is forwarded. Where such a chain drops what it does not
 * know, it is given rules for a container's addresses, before all others: what the container sends,
 * and what answers it. They are found again by their comment.
 */
final class ForeignChains {
    private static final String FIREWALLD = "firewalld";
    private static final int RULES_OF_AN_ADDRESS = 2;

    private final NetlinkSocket socket;
    private final String table;

    /** Our own table is left alone. */
    ForeignChains(NetlinkSocket socket, String table) {
        this.socket = socket;
        this.table = table;
    }

    private List<PacketRules.BaseChain> all() throws ErrnoException {
        var chains = new ArrayList<PacketRules.BaseChain>();
        for (PacketRules.BaseChain chain : new PacketRules(socket).baseChains()) {
            if (chain.hook() == RuleBatch.Hook.FORWARD
                    && chain.type().equals("filter")
                    && !chain.table().equals(table)
                    && (chain.family() == RuleBatch.INET
                            || chain.family() == RuleBatch.IPV4
                            || chain.family() == RuleBatch.IPV6)) {
                chains.add(chain);
            }
        }
        return chains;
    }

    private static boolean decides(PacketRules.BaseChain chain) {
        return chain.drops() || chain.table().equals(FIREWALLD);
    }

    /** Adds what is missing. */
    void accept(String mark, String comment, List<CniResult.Ip> ips) throws ErrnoException {
        var batch = new RuleBatch(RuleBatch.INET, table);
        boolean changed = false;
        for (PacketRules.BaseChain chain : all()) {
            List<CniResult.Ip> seen = seenBy(chain, ips);
            if (decides(chain) && count(chain, mark) < RULES_OF_AN_ADDRESS * seen.size()) {
                for (PacketRules.Rule rule : rules(chain)) {
                    if (rule.comment().startsWith(mark)) {
                        batch.deleteRule(chain, rule.handle());
                    }
                }
                for (CniResult.Ip ip : seen) {
                    batch.marked(true, chain, answers(chain, ip), comment);
                    batch.marked(true, chain, sent(chain, ip), comment);
                }
                changed = true;
            }
        }
        if (changed) {
            batch.send(socket);
        }
    }

    boolean isAccepted(String mark, List<CniResult.Ip> ips) throws ErrnoException {
        for (PacketRules.BaseChain chain : all()) {
            int wanted = RULES_OF_AN_ADDRESS * seenBy(chain, ips).size();
            if (decides(chain) && count(chain, mark) < wanted) {
                return false;
            }
        }
        return true;
    }

    void removeIf(CniRules.Condition condition) throws ErrnoException {
        var batch = new RuleBatch(RuleBatch.INET, table);
        boolean changed = false;
        for (PacketRules.BaseChain chain : all()) {
            for (PacketRules.Rule rule : rules(chain)) {
                if (condition.holds(rule.comment())) {
                    batch.deleteRule(chain, rule.handle());
                    changed = true;
                }
            }
        }
        if (changed) {
            batch.send(socket);
        }
    }

    private List<PacketRules.Rule> rules(PacketRules.BaseChain chain) throws ErrnoException {
        return new PacketRules(socket).rules(chain.family(), chain.table(), chain.name());
    }

    private int count(PacketRules.BaseChain chain, String mark) throws ErrnoException {
        int count = 0;
        for (PacketRules.Rule rule : rules(chain)) {
            count += rule.comment().startsWith(mark) ? 1 : 0;
        }
        return count;
    }

    private static List<CniResult.Ip> seenBy(PacketRules.BaseChain chain, List<CniResult.Ip> ips) {
        return ips.stream()
                .filter(ip ->
                        chain.family() == RuleBatch.INET
                                || ip.isV4() == (chain.family() == RuleBatch.IPV4))
                .toList();
    }

    private static List<Expression> sent(PacketRules.BaseChain chain, CniResult.Ip ip) {
        List<Expression> rule = family(chain, ip);
        rule.addAll(Matches.from(Matches.single(ip.address())));
        rule.add(new Expression.Counter());
        rule.add(Expression.Verdict.ACCEPT);
        return rule;
    }

    private static List<Expression> answers(PacketRules.BaseChain chain, CniResult.Ip ip) {
        List<Expression> rule = family(chain, ip);
        rule.addAll(Matches.to(Matches.single(ip.address())));
        if (chain.family() == RuleBatch.INET) {
            rule.addAll(Matches.known());
        } else {
            rule.add(new Expression.KnownConnection());
        }
        rule.add(new Expression.Counter());
        rule.add(Expression.Verdict.ACCEPT);
        return rule;
    }

    /** Chains of one family need no question for it, which iptables could not show. */
    private static List<Expression> family(PacketRules.BaseChain chain, CniResult.Ip ip) {
        return new ArrayList<>(
                chain.family() == RuleBatch.INET ? Matches.family(ip.isV4()) : List.of());
    }
}
