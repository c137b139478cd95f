package dev.rung.nri;

import dev.rung.nri.v1alpha1.CDIDevice;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.Field;
import dev.rung.nri.v1alpha1.Hooks;
import dev.rung.nri.v1alpha1.KeyValue;
import dev.rung.nri.v1alpha1.LinuxContainer;
import dev.rung.nri.v1alpha1.LinuxContainerAdjustment;
import dev.rung.nri.v1alpha1.LinuxDevice;
import dev.rung.nri.v1alpha1.LinuxNamespace;
import dev.rung.nri.v1alpha1.LinuxNetDevice;
import dev.rung.nri.v1alpha1.LinuxRdt;
import dev.rung.nri.v1alpha1.Mount;
import dev.rung.nri.v1alpha1.POSIXRlimit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What several plug-ins, one after another, want of a container that is being made. Each sees the
 * container as those before it have left it. What is marked for removal goes before what is set.
 */
final class CollectedAdjustment {
    private final Ownership owners;
    private final String id;
    private Container container;
    private final ContainerAdjustment.Builder all = ContainerAdjustment.newBuilder();

    CollectedAdjustment(Ownership owners, Container container) {
        this.owners = owners;
        this.id = container.getId();
        this.container = container;
    }

    /** As it is for now. */
    Container container() {
        return container;
    }

    ContainerAdjustment all() {
        return all.build();
    }

    /** WrongState where two want different things. */
    void add(ContainerAdjustment asked, String plugin) {
        annotations(asked.getAnnotationsMap(), plugin);
        mounts(asked.getMountsList(), plugin);
        env(asked.getEnvList(), plugin);
        args(asked.getArgsList(), plugin);
        if (asked.hasHooks()) {
            hooks(asked.getHooks(), plugin);
        }
        if (asked.hasLinux()) {
            linux(asked.getLinux(), plugin);
        }
        for (POSIXRlimit limit : asked.getRlimitsList()) {
            owners.claim(id, Field.Rlimits, limit.getType(), plugin);
            all.addRlimits(limit);
            container = container.toBuilder().addRlimits(limit).build();
        }
        for (CDIDevice device : asked.getCDIDevicesList()) {
            owners.claim(id, Field.CdiDevices, device.getName(), plugin);
            all.addCDIDevices(device);
        }
    }

    private void linux(LinuxContainerAdjustment asked, String plugin) {
        var to = all.getLinux().toBuilder();
        var now = container.getLinux().toBuilder();
        devices(to, now, asked.getDevicesList(), plugin);
        var merge = new ResourceMerge(owners, id, plugin);
        if (asked.hasResources()) {
            to.setResources(merge.over(to.getResources(), asked.getResources()));
            // claimed already: nobody else has a say in what a plug-in is shown
            now.setResources(
                    new ResourceMerge(new Ownership(), id, plugin)
                            .over(now.getResources(), asked.getResources()));
        }
        if (!asked.getCgroupsPath().isEmpty()) {
            owners.claim(id, Field.CgroupsPath, plugin);
            to.setCgroupsPath(asked.getCgroupsPath());
            now.setCgroupsPath(asked.getCgroupsPath());
        }
        if (asked.hasOomScoreAdj()) {
            owners.claim(id, Field.OomScoreAdj, plugin);
            to.setOomScoreAdj(asked.getOomScoreAdj());
            now.setOomScoreAdj(asked.getOomScoreAdj());
        }
        if (asked.hasIoPriority()) {
            owners.claim(id, Field.IoPriority, plugin);
            to.setIoPriority(asked.getIoPriority());
            now.setIoPriority(asked.getIoPriority());
        }
        if (asked.hasSeccompPolicy()) {
            owners.claim(id, Field.SeccompPolicy, plugin);
            to.setSeccompPolicy(asked.getSeccompPolicy());
            now.setSeccompPolicy(asked.getSeccompPolicy());
        }
        if (asked.hasScheduler()) {
            owners.claim(id, Field.LinuxSched, plugin);
            to.setScheduler(asked.getScheduler());
            now.setScheduler(asked.getScheduler());
        }
        if (asked.hasMemoryPolicy()) {
            owners.claim(id, Field.MemoryPolicy, plugin);
            to.setMemoryPolicy(asked.getMemoryPolicy());
        }
        namespaces(to, now, asked.getNamespacesList(), plugin);
        var sysctls = new LinkedHashMap<>(to.getSysctlMap());
        var own = new LinkedHashMap<>(now.getSysctlMap());
        named(Field.Sysctl, asked.getSysctlMap(), sysctls, own, "", plugin);
        to.clearSysctl().putAllSysctl(sysctls);
        now.clearSysctl().putAllSysctl(own);
        var links = new LinkedHashMap<>(to.getNetDevicesMap());
        var ownLinks = new LinkedHashMap<>(now.getNetDevicesMap());
        LinuxNetDevice none = LinuxNetDevice.getDefaultInstance();
        named(Field.LinuxNetDevices, asked.getNetDevicesMap(), links, ownLinks, none, plugin);
        to.clearNetDevices().putAllNetDevices(links);
        now.clearNetDevices().putAllNetDevices(ownLinks);
        if (asked.hasRdt()) {
            rdt(to, asked.getRdt(), plugin);
        }
        all.setLinux(to);
        container = container.toBuilder().setLinux(now).build();
    }

    private void annotations(Map<String, String> asked, String plugin) {
        var to = new LinkedHashMap<>(all.getAnnotationsMap());
        var now = new LinkedHashMap<>(container.getAnnotationsMap());
        named(Field.Annotations, asked, to, now, "", plugin);
        all.clearAnnotations().putAllAnnotations(to);
        container = container.toBuilder().clearAnnotations().putAllAnnotations(now).build();
    }

    /**
     * Things by their names.
     *
     * @param none the value of those that are taken away
     */
    private <T> void named(
            Field field,
            Map<String, T> asked,
            Map<String, T> to,
            Map<String, T> now,
            T none,
            String plugin) {
        asked.keySet().stream()
                .filter(Removal::isMarked)
                .map(Removal::plain)
                .forEach(name -> {
                    owners.clear(id, field, name, plugin);
                    to.remove(name);
                    to.put(Removal.marked(name), none);
                    now.remove(name);
                });
        asked.forEach((name, value) -> {
            if (!Removal.isMarked(name)) {
                owners.claim(id, field, name, plugin);
                to.put(name, value);
                now.put(name, value);
            }
        });
    }

    /** What of a list is to go, and what is to be set. */
    private record Wishes<T>(List<T> set, List<T> removals, Set<String> removed, Set<String> all) {
        static <T> Wishes<T> of(List<T> asked, Function<T, String> name) {
            var wishes =
                    new Wishes<T>(
                            new ArrayList<>(), new ArrayList<>(), new HashSet<>(), new HashSet<>());
            for (T each : asked) {
                String called = name.apply(each);
                if (Removal.isMarked(called)) {
                    wishes.removals.add(each);
                    wishes.removed.add(Removal.plain(called));
                } else {
                    wishes.set.add(each);
                }
                wishes.all.add(Removal.plain(called));
            }
            return wishes;
        }
    }

    /**
     * Lists of what has a name.
     *
     * @return the new list of adjustments
     */
    private <T> List<T> listed(
            Field field,
            Wishes<T> wishes,
            List<T> before,
            Function<T, String> name,
            String plugin) {
        for (String removed : wishes.removed()) {
            owners.clear(id, field, removed, plugin);
        }
        var to = new ArrayList<T>();
        for (T each : before) {
            if (!wishes.removed().contains(Removal.plain(name.apply(each)))) {
                to.add(each);
            }
        }
        to.addAll(wishes.removals());
        for (T each : wishes.set()) {
            owners.claim(id, field, name.apply(each), plugin);
            to.add(each);
        }
        return to;
    }

    private void mounts(List<Mount> asked, String plugin) {
        Function<Mount, String> name = Mount::getDestination;
        var wishes = Wishes.of(asked, name);
        List<Mount> to = listed(Field.Mounts, wishes, all.getMountsList(), name, plugin);
        all.clearMounts().addAllMounts(to);
        var now = new ArrayList<>(container.getMountsList());
        now.removeIf(mount -> wishes.all().contains(mount.getDestination()));
        now.addAll(wishes.set());
        container = container.toBuilder().clearMounts().addAllMounts(now).build();
    }

    private void env(List<KeyValue> asked, String plugin) {
        Function<KeyValue, String> name = KeyValue::getKey;
        var wishes = Wishes.of(asked, name);
        List<KeyValue> to = listed(Field.Env, wishes, all.getEnvList(), name, plugin);
        all.clearEnv().addAllEnv(to);
        var now = new ArrayList<>(container.getEnvList());
        now.removeIf(variable -> wishes.all().contains(variable.split("=", 2)[0]));
        for (KeyValue variable : wishes.set()) {
            now.add(variable.getKey() + "=" + variable.getValue());
        }
        container = container.toBuilder().clearEnv().addAllEnv(now).build();
    }

    private void devices(
            LinuxContainerAdjustment.Builder to,
            LinuxContainer.Builder now,
            List<LinuxDevice> asked,
            String plugin) {
        Function<LinuxDevice, String> name = LinuxDevice::getPath;
        var wishes = Wishes.of(asked, name);
        List<LinuxDevice> devices =
                listed(Field.Devices, wishes, to.getDevicesList(), name, plugin);
        to.clearDevices().addAllDevices(devices);
        var own = new ArrayList<>(now.getDevicesList());
        own.removeIf(device -> wishes.all().contains(device.getPath()));
        own.addAll(wishes.set());
        now.clearDevices().addAllDevices(own);
    }

    /** Each of them is one plug-in's, taken away or not. */
    private void namespaces(
            LinuxContainerAdjustment.Builder to,
            LinuxContainer.Builder now,
            List<LinuxNamespace> asked,
            String plugin) {
        var own = new LinkedHashMap<String, LinuxNamespace>();
        now.getNamespacesList().forEach(each -> own.put(each.getType(), each));
        for (LinuxNamespace each : asked) {
            String type = Removal.plain(each.getType());
            owners.claim(id, Field.Namespace, type, plugin);
            if (Removal.isMarked(each.getType())) {
                own.remove(type);
            } else {
                own.put(type, each);
            }
            to.addNamespaces(each);
        }
        now.clearNamespaces().addAllNamespaces(own.values());
    }

    /** An empty first argument takes them from another plug-in. */
    private void args(List<String> asked, String plugin) {
        if (asked.isEmpty()) {
            return;
        }
        List<String> args = asked;
        if (asked.getFirst().isEmpty()) {
            owners.clear(id, Field.Args, null, plugin);
            args = asked.subList(1, asked.size());
        }
        owners.claim(id, Field.Args, plugin);
        all.clearArgs().addAllArgs(args);
        container = container.toBuilder().clearArgs().addAllArgs(args).build();
    }

    private void hooks(Hooks asked, String plugin) {
        all.setHooks(all.getHooks().toBuilder().mergeFrom(asked)); // which joins lists
        container =
                container.toBuilder()
                        .setHooks(container.getHooks().toBuilder().mergeFrom(asked))
                        .build();
        if (!asked.equals(Hooks.getDefaultInstance())) {
            owners.share(id, Field.OciHooks, plugin);
        }
    }

    private void rdt(LinuxContainerAdjustment.Builder to, LinuxRdt asked, String plugin) {
        var rdt = to.getRdt().toBuilder();
        if (asked.getRemove()) {
            owners.clear(id, Field.RdtClosID, null, plugin);
            owners.clear(id, Field.RdtSchemata, null, plugin);
            owners.clear(id, Field.RdtEnableMonitoring, null, plugin);
            rdt.clear().setRemove(true);
        }
        if (asked.hasClosId()) {
            owners.claim(id, Field.RdtClosID, plugin);
            rdt.setClosId(asked.getClosId()).setRemove(false);
        }
        if (asked.hasSchemata()) {
            owners.claim(id, Field.RdtSchemata, plugin);
            rdt.setSchemata(asked.getSchemata()).setRemove(false);
        }
        if (asked.hasEnableMonitoring()) {
            owners.claim(id, Field.RdtEnableMonitoring, plugin);
            rdt.setEnableMonitoring(asked.getEnableMonitoring()).setRemove(false);
        }
        to.setRdt(rdt);
    }
}
