package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.RunningRecord;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Takes up what the engine before has left in its folders. */
final class TakeOver {
    private final EngineFolders folders;
    private final Registry registry;
    private final RecordFolder records;
    private final ContainerRoots roots;
    private final Lifecycle lifecycle;
    private final LimitChanges limitChanges;
    private final PodRegistry pods;
    private final CniPods cni;
    private final ContainerNetworks networks;

    TakeOver(
            EngineFolders folders,
            Registry registry,
            RecordFolder records,
            ContainerRoots roots,
            Lifecycle lifecycle,
            LimitChanges limitChanges,
            PodRegistry pods,
            CniPods cni,
            ContainerNetworks networks) {
        this.folders = folders;
        this.registry = registry;
        this.records = records;
        this.roots = roots;
        this.lifecycle = lifecycle;
        this.limitChanges = limitChanges;
        this.pods = pods;
        this.cni = cni;
        this.networks = networks;
    }

    /** Watches again what ran meanwhile, does what the end of others asks for, sweeps the rest. */
    void run() {
        RecordFolder.Found found = records.readAll();
        var all = new ArrayList<Container>();
        for (ContainerRecord record : found.records()) {
            var container = new Container(record, folders.of(record.id()));
            registry.add(container);
            all.add(container);
        }
        sweep(found);
        Set<ContainerId> running = recover(all);
        found.unread().forEach(name -> running.add(new ContainerId(name)));
        Set<ContainerId> ready = pods.ready();
        cni.begin(ready);
        running.addAll(ready);
        networks.retain(running);
        for (Container container : all) {
            RunningRecord process = container.running();
            if (process != null) {
                lifecycle.mendNetworks(container, process.process());
                networks.serveNames(container.record(), process.process());
            }
        }
        pods.serveNames();
    }

    /** Those that run. */
    private Set<ContainerId> recover(List<Container> all) {
        var running = new HashSet<ContainerId>();
        for (Container container : all) {
            lifecycle.recover(container);
            limitChanges.finish(container);
            lifecycle.startAlways(container);
            if (container.phase().runs()) {
                running.add(container.id());
            }
        }
        return running;
    }

    /** Deletes what an end of the engine in the middle has left: files without a record. */
    private void sweep(RecordFolder.Found found) {
        var names = new HashSet<>(records.names());
        for (ContainerId id : roots.all()) {
            names.add(id.value());
        }
        // a record that cannot be read may be mended, and wants its files then
        found.unread().forEach(names::remove);
        for (String name : names) {
            var id = new ContainerId(name);
            if (!registry.has(id)) {
                lifecycle.unmake(id);
            }
        }
    }
}
