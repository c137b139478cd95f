package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Networks by the Container Network Interface, in the network namespace of this process. Safe for
 * threads: calls for one container come one after another, and nobody comes or goes while garbage
 * is collected. One process at a time may use a state folder.
 */
public final class CniNetworks implements AutoCloseable {
    private final ConfFolder folder;
    private final AttachmentFolder attachments;
    private final Chain chain;
    private final PluginCalls calls;
    private final CniRules rules;
    private volatile boolean closed;
    private final ReentrantReadWriteLock collecting = new ReentrantReadWriteLock();
    private final Map<String, Turns> containers = new ConcurrentHashMap<>();

    /** Of one container, as long as somebody has his turn or waits for it. */
    private static final class Turns {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    private CniNetworks(CniSettings settings) {
        this.folder = new ConfFolder(settings.networks());
        this.attachments = new AttachmentFolder(settings.state().resolve("results"));
        this.rules = CniRules.open(settings.state());
        var plugins =
                new Plugins(
                        BuiltInPlugins.all(settings, rules),
                        settings.programs(),
                        settings.patience());
        this.calls = plugins.calls();
        this.chain = new Chain(plugins);
    }

    /**
     * Looks at what is there, takes back attachments that were never finished, and gives the kernel
     * packet rules of the others that it lacks.
     */
    public static CniNetworks open(CniSettings settings) {
        var networks = new CniNetworks(settings);
        try {
            networks.restore();
            return networks;
        } catch (RuntimeException | Error e) {
            networks.close();
            throw e;
        }
    }

    private void restore() {
        List<AttachmentRecord> known = attachments.list();
        for (AttachmentRecord record : known) {
            if (record.result() == null) {
                try {
                    takeAway(record);
                } catch (Failure e) {
                    warn("an unfinished attachment could not be taken back", e);
                }
            }
        }
        if (known.stream().anyMatch(record -> record.result() != null)) {
            mendRules();
        }
        rules.watch(this::mendRules);
    }

    /** One container after another: a plugin that hangs keeps only its own. */
    private void mendRules() {
        try {
            for (AttachmentRecord record : attachments.list()) {
                if (record.result() != null) {
                    alone(record.attachment().container(), () -> mend(record));
                }
            }
        } catch (Failure e) {
            warn("packet rules of CNI networks could not be mended", e);
        }
    }

    /** Unless it has left, or all was closed, meanwhile. */
    private boolean mend(AttachmentRecord record) {
        boolean there =
                !closed
                        && attachments.read(record.network().name(), record.attachment().key())
                                != null;
        if (there) {
            chain.mend(record);
        }
        return there;
    }

    private static void warn(String what, Failure e) {
        System.getLogger("dev.rung.network").log(System.Logger.Level.WARNING, what, e);
    }

    /** The networks of the folder as it is now, in the order of the files' names. */
    public List<NetworkConf> networks() {
        return folder.read().networks();
    }

    /** The network of that name; NotFound. */
    public NetworkConf network(String name) {
        for (NetworkConf network : networks()) {
            if (network.name().equals(name)) {
                return network;
            }
        }
        throw new Failure.NotFound("CNI network \"%s\" not found".formatted(name));
    }

    /** The first network of the folder; Unavailable, with what is wrong, when there is none. */
    public NetworkConf defaultNetwork() {
        ConfFolder.Found found = folder.read();
        if (!found.networks().isEmpty()) {
            return found.networks().getFirst();
        }
        String problems = found.problems().isEmpty() ? "" : ": " + found.problems().getFirst();
        throw new Failure.Unavailable("no CNI network found in its folder" + problems, null);
    }

    /**
     * Lets a container join. When it fails, what was made is gone again.
     *
     * @throws Failure.AlreadyExists when it has joined with this link and not left
     */
    public CniResult add(NetworkConf network, Attachment attachment) {
        return alone(
                attachment.container(),
                () -> {
                    if (attachments.read(network.name(), attachment.key()) != null) {
                        throw new Failure.AlreadyExists(
                                "container %s has link %s of network %s already"
                                        .formatted(
                                                attachment.container(),
                                                attachment.link(),
                                                network.name()));
                    }
                    var record =
                            new AttachmentRecord(network, attachment, chain.choose(network), null);
                    attachments.write(record); // first of all: whatever is made is known
                    JsonObject made;
                    try {
                        made = chain.add(record);
                    } catch (Failure e) {
                        if (e.getSuppressed().length == 0) { // else there is still something
                            attachments.remove(network.name(), attachment.key());
                        }
                        throw e;
                    }
                    attachments.write(record.with(made));
                    return read(network, made);
                });
    }

    /** Ends the plugins that add for a container now: its joining fails, and is taken back. */
    public void giveUp(String container) {
        calls.end(container);
    }

    private static CniResult read(NetworkConf network, JsonObject result) {
        try {
            return ResultJson.read(
                    JsonFields.of("network \"" + network.name() + "\"", result),
                    CniVersion.of(network.version()));
        } catch (PluginError e) {
            throw e.failure("network " + network.name());
        }
    }

    /**
     * Lets a container leave; the same when it is not there (any more). What it joined with counts,
     * not what is given, but for the namespace: without one only what the host has is taken back.
     */
    public void delete(NetworkConf network, Attachment attachment) {
        alone(
                attachment.container(),
                () -> {
                    AttachmentRecord record = attachments.read(network.name(), attachment.key());
                    takeAway(
                            record == null
                                    ? new AttachmentRecord(
                                            network, attachment, chain.choose(network), null)
                                    : at(record, attachment.namespace()));
                    return true;
                });
    }

    private static AttachmentRecord at(AttachmentRecord record, String namespace) {
        Attachment joined = record.attachment();
        return new AttachmentRecord(
                record.network(),
                new Attachment(
                        joined.container(),
                        namespace,
                        joined.link(),
                        joined.arguments(),
                        joined.capabilities()),
                record.plugins(),
                record.result());
    }

    /** Lets a container leave all networks, with its namespace or without. */
    public void deleteAll(String container, String namespace) {
        alone(
                container,
                () -> {
                    for (AttachmentRecord record : attachments.of(container)) {
                        takeAway(at(record, namespace));
                    }
                    return true;
                });
    }

    private void takeAway(AttachmentRecord record) {
        chain.delete(record);
        attachments.remove(record.network().name(), record.attachment().key());
    }

    /** What a container got when it joined; NotFound when it has not. */
    public CniResult result(NetworkConf network, Attachment.Key key) {
        AttachmentRecord record = require(network, key);
        JsonObject result = record.result();
        return result == null ? CniResult.EMPTY : read(record.network(), result);
    }

    private AttachmentRecord require(NetworkConf network, Attachment.Key key) {
        AttachmentRecord record = attachments.read(network.name(), key);
        if (record == null) {
            throw new Failure.NotFound(
                    "container %s has no link %s of network %s"
                            .formatted(key.container(), key.link(), network.name()));
        }
        return record;
    }

    /** Refuses when something of the attachment is missing; NotFound when there is none. */
    public void check(NetworkConf network, Attachment.Key key) {
        alone(
                key.container(),
                () -> {
                    AttachmentRecord record = require(network, key);
                    if (!record.network().disableCheck()) {
                        chain.check(record);
                    }
                    return true;
                });
    }

    /** The attachments that are known, of all networks. */
    public Set<Attachment.Key> attachments() {
        var keys = new HashSet<Attachment.Key>();
        attachments.list().forEach(record -> keys.add(record.attachment().key()));
        return keys;
    }

    /** Takes back what belongs to none of these; throws the first failure when it has tried all. */
    public void collect(NetworkConf network, Set<Attachment.Key> valid) {
        if (network.disableGc()) {
            return;
        }
        collecting.writeLock().lock();
        try {
            var failures = new ArrayList<Failure>();
            for (AttachmentRecord record : attachments.list()) {
                if (record.network().name().equals(network.name())
                        && !valid.contains(record.attachment().key())) {
                    attempt(failures, () -> takeAway(record));
                }
            }
            attempt(failures, () -> chain.collect(network, valid));
            if (!failures.isEmpty()) {
                failures.stream().skip(1).forEach(failures.getFirst()::addSuppressed);
                throw failures.getFirst();
            }
        } finally {
            collecting.writeLock().unlock();
        }
    }

    private static void attempt(List<Failure> failures, Runnable act) {
        try {
            act.run();
        } catch (Failure e) {
            failures.add(e);
        }
    }

    /** Refuses, with the reason, when no container could join the network now. */
    public void status(NetworkConf network) {
        chain.status(network);
    }

    private <R> R alone(String container, Supplier<R> act) {
        Turns turns =
                containers.compute(
                        container,
                        (_, there) -> {
                            Turns own = there == null ? new Turns() : there;
                            own.users++;
                            return own;
                        });
        collecting.readLock().lock();
        turns.lock.lock();
        try {
            return act.get();
        } finally {
            turns.lock.unlock();
            collecting.readLock().unlock();
            containers.compute(container, (_, own) -> --turns.users == 0 ? null : own);
        }
    }

    /** Stops watching; attachments and packet rules stay as they are. */
    @Override
    public void close() {
        closed = true;
        rules.close();
    }
}
