package dev.rung.network.cni;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Expression;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.PacketRules;
import dev.rung.linux.RuleBatch;
import dev.rung.network.machine.FirewallWatch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The packet rules of attachments, in a table of their own. Each rule carries a comment that says
 * whose it is, by which it is found again. The table is there as long as it has such rules. Safe
 * for threads.
 */
final class CniRules implements AutoCloseable {
    private static final int FAMILY = RuleBatch.INET;
    private static final Path USUAL = Path.of("/var/lib/rung/cni");
    private static final int DIGEST_BYTES = 8;
    private static final int LONGEST_COMMENT = 120;
    private static final byte[] THIS_HOST = {2, 0, 0, 0}; // RTN_LOCAL, in the machine's order

    /** The chains that rules of attachments are in. */
    enum Place {
        /** Where the destination of what is for this host can be changed. */
        HOST_PORTS("hostports"),

        /** Where the source of what leaves can be changed. */
        SOURCES("sources");

        private final String chain;

        Place(String chain) {
            this.chain = chain;
        }
    }

    /** A rule of an attachment. */
    record Rule(Place place, List<Expression> expressions) {}

    /**
     * Whose rules.
     *
     * @param part which plugin made them
     */
    record Owner(String network, String container, String link, String part) {
        static Owner of(Request request, String part) {
            return new Owner(request.network(), request.container(), request.link(), part);
        }

        private String mark() {
            return digest(network) + "-" + digest(container + "/" + link) + " " + part + " ";
        }

        private String comment() {
            String comment = mark() + network + " " + container + " " + link;
            return comment.substring(0, Math.min(comment.length(), LONGEST_COMMENT));
        }
    }

    private final String table;
    private @Nullable NetlinkSocket socket;
    private @Nullable FirewallWatch watch;

    private CniRules(String table) {
        this.table = table;
    }

    /** The table is named by the folder, of which there may be several on a host. */
    static CniRules open(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        return new CniRules(
                path.equals(USUAL)
                        ? "rung-cni"
                        : "rung-cni-" + HexFormat.of().toHexDigits(path.toString().hashCode()));
    }

    private static String digest(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] bytes = digest.digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(bytes, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private NetlinkSocket socket() throws ErrnoException {
        if (socket == null) {
            socket = NetlinkSocket.netfilter();
            socket.enlargeReceiveBuffer();
        }
        return socket;
    }

    /** Has the act done whenever somebody changed packet rules, once there are some of ours. */
    synchronized void watch(Runnable act) {
        watch = new FirewallWatch(PacketRules::changes, act);
        try {
            if (areThere()) {
                watch.start();
            }
        } catch (Failure e) {
            // without nf_tables there is nothing to watch
        }
    }

    /** Whether the table is there. */
    synchronized boolean areThere() {
        try {
            return new PacketRules(socket()).hasTable(FAMILY, table);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("packet rules: " + e.getMessage(), e);
        }
    }

    /** Makes these the rules of the owner, all at once. */
    synchronized void put(Owner owner, List<Rule> rules) throws PluginError {
        try {
            var batch = new RuleBatch(FAMILY, table);
            base(batch);
            Map<Place, List<PacketRules.Rule>> known = all();
            known.forEach((place, there) ->
                    there.stream()
                            .filter(rule -> rule.comment().startsWith(owner.mark()))
                            .forEach(rule -> batch.deleteRule(place.chain, rule.handle())));
            for (Rule rule : rules) {
                batch.rule(rule.place.chain, rule.expressions, owner.comment());
            }
            batch.send(socket());
            if (watch != null) {
                watch.start();
            }
        } catch (ErrnoException e) {
            throw PluginError.of("packet rules", e);
        }
    }

    /** The same where some are missing. */
    void mend(Owner owner, List<Rule> rules) throws PluginError {
        if (count(owner) != rules.size()) {
            put(owner, rules);
        }
    }

    /**
     * Has rules accept what goes on in connections of these addresses, in other people's chains.
     */
    synchronized void accept(Owner owner, List<CniResult.Ip> ips) throws PluginError {
        try {
            new ForeignChains(socket(), table).accept(owner.mark(), owner.comment(), ips);
            if (watch != null) {
                watch.start();
            }
        } catch (ErrnoException e) {
            throw PluginError.of("packet rules", e);
        }
    }

    /** Whether nothing is missing of that. */
    synchronized boolean isAccepted(Owner owner, List<CniResult.Ip> ips) throws PluginError {
        try {
            return new ForeignChains(socket(), table).isAccepted(owner.mark(), ips);
        } catch (ErrnoException e) {
            throw PluginError.of("packet rules", e);
        }
    }

    /** Takes that back. */
    void acceptNoMore(Owner owner) throws PluginError {
        removeForeign(comment -> comment.startsWith(owner.mark()));
    }

    /** Takes back what is there of others than these. */
    void collectForeign(String network, String part, Set<Attachment.Key> valid) throws PluginError {
        removeForeign(ofOthers(network, part, valid));
    }

    private synchronized void removeForeign(Condition condition) throws PluginError {
        try {
            new ForeignChains(socket(), table).removeIf(condition);
        } catch (ErrnoException e) {
            if (!isMissing(e)) {
                throw PluginError.of("packet rules", e);
            }
        }
    }

    private static void base(RuleBatch batch) {
        batch.table().chain(Place.HOST_PORTS.chain);
        batch.chain("prerouting", new RuleBatch.Hook("nat", RuleBatch.Hook.PREROUTING, -100));
        batch.chain("output", new RuleBatch.Hook("nat", RuleBatch.Hook.OUTPUT, -100));
        batch.chain(
                Place.SOURCES.chain, new RuleBatch.Hook("nat", RuleBatch.Hook.POSTROUTING, 100));
        for (String chain : List.of("prerouting", "output")) {
            batch.flush(chain)
                    .rule(
                            chain,
                            List.of(
                                    new Expression.DestinationKind(1),
                                    new Expression.Compare(1, true, THIS_HOST),
                                    Expression.Verdict.jump(Place.HOST_PORTS.chain)));
        }
    }

    private Map<Place, List<PacketRules.Rule>> all() throws ErrnoException {
        var rules = new HashMap<Place, List<PacketRules.Rule>>();
        for (Place place : Place.values()) {
            rules.put(place, new PacketRules(socket()).rules(FAMILY, table, place.chain));
        }
        return rules;
    }

    /** How many rules the owner has. */
    synchronized int count(Owner owner) throws PluginError {
        try {
            int count = 0;
            for (List<PacketRules.Rule> rules : all().values()) {
                for (PacketRules.Rule rule : rules) {
                    count += rule.comment().startsWith(owner.mark()) ? 1 : 0;
                }
            }
            return count;
        } catch (ErrnoException e) {
            throw PluginError.of("packet rules", e);
        }
    }

    /** Removes the owner's rules, if there are any. */
    void remove(Owner owner) throws PluginError {
        removeIf(comment -> comment.startsWith(owner.mark()));
    }

    /** Removes the rules that a plugin made in a network for others than these. */
    void collect(String network, String part, Set<Attachment.Key> valid) throws PluginError {
        removeIf(ofOthers(network, part, valid));
    }

    private static Condition ofOthers(String network, String part, Set<Attachment.Key> valid) {
        var marks = new HashSet<String>();
        for (Attachment.Key key : valid) {
            marks.add(new Owner(network, key.container(), key.link(), part).mark());
        }
        String own = digest(network) + "-";
        return comment ->
                comment.startsWith(own)
                        && comment.contains(" " + part + " ")
                        && marks.stream().noneMatch(comment::startsWith);
    }

    /** What is asked of a rule's comment. */
    interface Condition {
        boolean holds(String comment);
    }

    private synchronized void removeIf(Condition condition) throws PluginError {
        try {
            var batch = new RuleBatch(FAMILY, table);
            var gone = new ArrayList<String>();
            int kept = 0;
            for (Map.Entry<Place, List<PacketRules.Rule>> place : all().entrySet()) {
                for (PacketRules.Rule rule : place.getValue()) {
                    if (condition.holds(rule.comment())) {
                        gone.add(rule.comment());
                        batch.deleteRule(place.getKey().chain, rule.handle());
                    } else {
                        kept++;
                    }
                }
            }
            if (!gone.isEmpty()) {
                if (kept == 0) {
                    new RuleBatch(FAMILY, table).deleteTable().send(socket());
                } else {
                    batch.send(socket());
                }
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && !isMissing(e)) {
                throw PluginError.of("packet rules", e);
            }
        }
    }

    /** Whether the kernel has no nf_tables, so that there can be no rules. */
    private static boolean isMissing(ErrnoException e) {
        return switch (e.errno()) {
            case Errno.EPROTONOSUPPORT, Errno.EAFNOSUPPORT, Errno.EOPNOTSUPP, Errno.EINVAL -> true;
            default -> false;
        };
    }

    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.close();
        }
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
