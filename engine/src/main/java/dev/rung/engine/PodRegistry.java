package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.PodFolder;
import dev.rung.engine.record.PodRecord;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** All pods by id and name, and what they are to the containers in them. */
final class PodRegistry {
    private final PodFolder records;
    private final Sandboxes sandboxes;
    private final Map<ContainerId, Pod> byId = new LinkedHashMap<>();
    private final Set<String> coming = new HashSet<>(); // names of pods that are being made

    /** A pod. Whoever makes or ends what it shares, or changes it, holds its lock. */
    static final class Pod {
        final ReentrantLock lock = new ReentrantLock();
        private volatile PodRecord record;

        private Pod(PodRecord record) {
            this.record = record;
        }

        PodRecord record() {
            return record;
        }
    }

    /**
     * Takes up what is on disk, and clears away what an end in the middle, or a reboot, has left.
     */
    PodRegistry(PodFolder records, Sandboxes sandboxes) {
        this.records = records;
        this.sandboxes = sandboxes;
        var known = new HashSet<ContainerId>();
        for (PodRecord record : records.readAll()) {
            byId.put(record.id(), new Pod(record));
            known.add(record.id());
            if (!sandboxes.takeOver(record)) {
                sandboxes.clear(record);
            }
        }
        for (ContainerId left : sandboxes.left()) {
            if (!known.contains(left)) {
                sandboxes.clear(left);
            }
        }
        for (String litter : records.litter()) {
            Lifecycle.removeFolder(records.of(new ContainerId(litter)));
        }
    }

    /** Those whose namespaces are there; names are answered in them from now on. */
    Set<ContainerId> ready() {
        var ready = new HashSet<ContainerId>();
        for (Pod pod : all()) {
            if (sandboxes.isReady(pod.record)) {
                ready.add(pod.record.id());
            }
        }
        return ready;
    }

    void serveNames() {
        for (Pod pod : all()) {
            if (sandboxes.isReady(pod.record)) {
                sandboxes.serveNames(pod.record);
            }
        }
    }

    /** The earliest first. */
    synchronized List<Pod> all() {
        var all = new ArrayList<>(byId.values());
        all.sort(Comparator.comparing(pod -> pod.record.created()));
        return all;
    }

    /**
     * Makes it; synced when this returns, and nobody else waits for that. AlreadyExists when the
     * name is taken.
     */
    Pod add(PodRecord record) {
        reserve(record.name());
        try {
            records.write(record);
            sandboxes.steps().done(Step.POD_RECORDED, record.id());
            var pod = new Pod(record);
            synchronized (this) {
                byId.put(record.id(), pod);
            }
            return pod;
        } finally {
            synchronized (this) {
                coming.remove(record.name().value());
            }
        }
    }

    private synchronized void reserve(ContainerName name) {
        if (isTaken(name.value())) {
            throw new Failure.AlreadyExists(
                    "adding pod to state: name \"" + name + "\" is in use: pod already exists");
        }
        coming.add(name.value());
    }

    synchronized boolean isTaken(String name) {
        return coming.contains(name)
                || byId.values().stream().anyMatch(pod -> pod.record.name().value().equals(name));
    }

    /** Its lock is held. */
    void change(Pod pod, PodRecord changed) {
        records.write(changed);
        pod.record = changed;
    }

    /**
     * Limits all of it; its lock is held. It is recorded first: after an end in the midst {@link
     * Sandboxes#takeOver} does the rest.
     */
    void limit(Pod pod, Limits limits) {
        PodRecord before = pod.record;
        change(pod, before.with(limits));
        sandboxes.steps().done(Step.POD_LIMITS_RECORDED, before.id());
        try {
            sandboxes.limit(pod.record);
        } catch (Failure e) {
            takeBack(pod, before, e);
            throw e;
        }
    }

    private void takeBack(Pod pod, PodRecord before, Failure why) {
        try {
            change(pod, before);
        } catch (Failure e) {
            why.addSuppressed(e); // why it was refused is what counts
        }
    }

    /**
     * Has it leave its CNI networks already, unless somebody has to do with it. What fails is tried
     * again, and told of, by {@link #stop}.
     */
    void leaveNetworks(Pod pod) {
        PodRecord record = pod.record;
        if (record.cni() == null || !pod.lock.tryLock()) {
            return;
        }
        try {
            if (sandboxes.isReady(record)) {
                sandboxes.leaveNetworks(record);
            }
        } catch (Failure _) {
            // it is not ready any more, and has not left
        } finally {
            pod.lock.unlock();
        }
    }

    /**
     * Ends what its containers shared, while it is written down that it was stopped; its lock is
     * held. An end in the midst leaves a pod that is not ready, whatever its record says.
     */
    void stop(Pod pod) {
        PodRecord record = pod.record;
        sandboxes.noLongerReady(record);
        Aside.run(
                "record " + record.id(),
                () -> change(pod, record.stopped(true)),
                () -> sandboxes.end(record));
    }

    /** It is gone then, but for its folder; its lock is held. */
    void remove(Pod pod) {
        ContainerId id = pod.record.id();
        records.forget(id);
        sandboxes.steps().done(Step.POD_FORGOTTEN, id);
        synchronized (this) {
            byId.remove(id);
        }
        Lifecycle.removeFolder(records.of(id));
    }

    /** By id, name, or the beginning of an id. */
    synchronized Pod find(String text) {
        Pod found = null;
        for (Pod pod : byId.values()) {
            String id = pod.record.id().value();
            if (id.equals(text) || pod.record.name().value().equals(text)) {
                return pod;
            } else if (!text.isEmpty() && id.startsWith(text)) {
                if (found != null) {
                    throw new Failure.Invalid(
                            "more than one result for pod ID " + Printable.of(text));
                }
                found = pod;
            }
        }
        if (found == null) {
            throw new Failure.NotFound(
                    "no pod with name or ID " + Printable.of(text) + " found: no such pod");
        }
        return found;
    }

    /** That of a container that is in one. */
    PodRecord of(ContainerRecord container) {
        return find(container.host().pod()).record;
    }

    /** Makes what a pod's containers share, unless it is there. */
    PodRecord ready(String name) {
        Pod pod = find(name);
        pod.lock.lock();
        try {
            if (!sandboxes.isReady(pod.record)) {
                sandboxes.make(pod.record);
            }
            return pod.record;
        } finally {
            pod.lock.unlock();
        }
    }

    /** Ends what a pod's containers shared, if it is to stop by itself and nobody needs it. */
    void endIf(String name, BooleanSupplier unused) {
        Pod pod = find(name);
        pod.lock.lock();
        try {
            if (pod.record.exitStops() && unused.getAsBoolean()) {
                sandboxes.end(pod.record);
            }
        } finally {
            pod.lock.unlock();
        }
    }

    Sandboxes sandboxes() {
        return sandboxes;
    }

    /** Where the files are that tell its containers names. */
    Path folder(PodRecord pod) {
        return records.of(pod.id());
    }
}
