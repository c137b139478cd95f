package dev.rung.cri;

import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.Hook;
import dev.rung.nri.v1alpha1.Hooks;
import dev.rung.nri.v1alpha1.HugepageLimit;
import dev.rung.nri.v1alpha1.IOPrioClass;
import dev.rung.nri.v1alpha1.LinuxCPU;
import dev.rung.nri.v1alpha1.LinuxContainer;
import dev.rung.nri.v1alpha1.LinuxDevice;
import dev.rung.nri.v1alpha1.LinuxDeviceCgroup;
import dev.rung.nri.v1alpha1.LinuxIOPriority;
import dev.rung.nri.v1alpha1.LinuxMemory;
import dev.rung.nri.v1alpha1.LinuxNamespace;
import dev.rung.nri.v1alpha1.LinuxNetDevice;
import dev.rung.nri.v1alpha1.LinuxPids;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.LinuxSeccomp;
import dev.rung.nri.v1alpha1.LinuxSeccompArg;
import dev.rung.nri.v1alpha1.LinuxSyscall;
import dev.rung.nri.v1alpha1.Mount;
import dev.rung.nri.v1alpha1.OptionalBool;
import dev.rung.nri.v1alpha1.OptionalFileMode;
import dev.rung.nri.v1alpha1.OptionalInt;
import dev.rung.nri.v1alpha1.OptionalUInt32;
import dev.rung.nri.v1alpha1.POSIXRlimit;
import dev.rung.nri.v1alpha1.User;
import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A config.json of our own writing, in NRI's words; what it does not have is not told. */
final class SpecWords {
    private static final long MOST = Long.MAX_VALUE;
    private static final long LEAST = Long.MIN_VALUE;

    private final JsonFields json;

    SpecWords(JsonFields json) {
        this.json = json;
    }

    void tell(Container.Builder to) {
        to.putAllAnnotations(json.textMap("annotations"));
        for (JsonFields mount : json.objects("mounts")) {
            to.addMounts(
                    Mount.newBuilder()
                            .setDestination(mount.text("destination"))
                            .setType(orEmpty(mount, "type"))
                            .setSource(orEmpty(mount, "source"))
                            .addAllOptions(mount.texts("options")));
        }
        JsonFields hooks = json.optionalObject("hooks");
        if (hooks != null) {
            to.setHooks(hooks(hooks));
        }
        JsonFields process = json.optionalObject("process");
        JsonFields linux = json.optionalObject("linux");
        var told = linux == null ? LinuxContainer.newBuilder() : linux(linux);
        if (process != null) {
            process(process, to, told);
        }
        to.setLinux(told);
    }

    private static String orEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    private static void process(
            JsonFields process, Container.Builder to, LinuxContainer.Builder linux) {
        to.addAllArgs(process.texts("args")).addAllEnv(process.texts("env"));
        JsonFields user = process.object("user");
        var told =
                User.newBuilder()
                        .setUid((int) user.integerOr("uid", 0, JsonFields.MAX_UINT32, 0))
                        .setGid((int) user.integerOr("gid", 0, JsonFields.MAX_UINT32, 0));
        user.unsigned32s("additionalGids")
                .forEach(group -> told.addAdditionalGids(group.intValue()));
        to.setUser(told);
        for (JsonFields limit : process.objects("rlimits")) {
            to.addRlimits(
                    POSIXRlimit.newBuilder()
                            .setType(limit.text("type"))
                            .setHard(limit.unsigned("hard"))
                            .setSoft(limit.unsigned("soft")));
        }
        Long score = process.optionalInteger("oomScoreAdj", LEAST, MOST);
        if (score != null) {
            linux.setOomScoreAdj(OptionalInt.newBuilder().setValue(score));
        }
        JsonFields io = process.optionalObject("ioPriority");
        if (io != null) {
            linux.setIoPriority(
                    LinuxIOPriority.newBuilder()
                            .setClass_(
                                    switch (io.text("class")) {
                                        case "IOPRIO_CLASS_RT" -> IOPrioClass.IOPRIO_CLASS_RT;
                                        case "IOPRIO_CLASS_BE" -> IOPrioClass.IOPRIO_CLASS_BE;
                                        default -> IOPrioClass.IOPRIO_CLASS_IDLE;
                                    })
                            .setPriority((int) io.integerOr("priority", 0, 7, 0)));
        }
    }

    private static Hooks hooks(JsonFields from) {
        return Hooks.newBuilder()
                .addAllPrestart(hooks(from, "prestart"))
                .addAllCreateRuntime(hooks(from, "createRuntime"))
                .addAllCreateContainer(hooks(from, "createContainer"))
                .addAllStartContainer(hooks(from, "startContainer"))
                .addAllPoststart(hooks(from, "poststart"))
                .addAllPoststop(hooks(from, "poststop"))
                .build();
    }

    private static List<Hook> hooks(JsonFields from, String when) {
        var all = new ArrayList<Hook>();
        for (JsonFields each : from.objects(when)) {
            var hook =
                    Hook.newBuilder()
                            .setPath(each.text("path"))
                            .addAllArgs(each.texts("args"))
                            .addAllEnv(each.texts("env"));
            Long timeout = each.optionalInteger("timeout", 0, MOST);
            if (timeout != null) {
                hook.setTimeout(OptionalInt.newBuilder().setValue(timeout));
            }
            all.add(hook.build());
        }
        return all;
    }

    private static LinuxContainer.Builder linux(JsonFields from) {
        var to = LinuxContainer.newBuilder();
        for (JsonFields each : from.objects("namespaces")) {
            to.addNamespaces(
                    LinuxNamespace.newBuilder()
                            .setType(each.text("type"))
                            .setPath(orEmpty(each, "path")));
        }
        for (JsonFields each : from.objects("devices")) {
            to.addDevices(device(each));
        }
        to.setCgroupsPath(orEmpty(from, "cgroupsPath")).putAllSysctl(from.textMap("sysctl"));
        JsonFields resources = from.optionalObject("resources");
        if (resources != null) {
            to.setResources(resources(resources));
        }
        JsonFields seccomp = from.optionalObject("seccomp");
        if (seccomp != null) {
            to.setSeccompPolicy(seccomp(seccomp));
        }
        JsonFields links = from.optionalObject("netDevices");
        for (int i = 0; links != null && i < links.size(); i++) {
            String link = links.name(i);
            to.putNetDevices(
                    link,
                    LinuxNetDevice.newBuilder()
                            .setName(orEmpty(links.object(link), "name"))
                            .build());
        }
        return to;
    }

    private static LinuxDevice device(JsonFields from) {
        return LinuxDevice.newBuilder()
                .setPath(from.text("path"))
                .setType(from.text("type"))
                .setMajor(from.integerOr("major", LEAST, MOST, 0))
                .setMinor(from.integerOr("minor", LEAST, MOST, 0))
                .setFileMode(
                        OptionalFileMode.newBuilder()
                                .setValue((int) from.integerOr("fileMode", 0, 07777, 0)))
                .setUid(id(from, "uid"))
                .setGid(id(from, "gid"))
                .build();
    }

    private static OptionalUInt32 id(JsonFields from, String name) {
        return OptionalUInt32.newBuilder()
                .setValue((int) from.integerOr(name, 0, JsonFields.MAX_UINT32, 0))
                .build();
    }

    private static LinuxResources resources(JsonFields from) {
        var to = LinuxResources.newBuilder().putAllUnified(from.textMap("unified"));
        JsonFields memory = from.optionalObject("memory");
        if (memory != null) {
            to.setMemory(memory(memory));
        }
        JsonFields cpu = from.optionalObject("cpu");
        if (cpu != null) {
            to.setCpu(cpu(cpu));
        }
        JsonFields pids = from.optionalObject("pids");
        if (pids != null) {
            to.setPids(LinuxPids.newBuilder().setLimit(pids.integerOr("limit", LEAST, MOST, 0)));
        }
        for (JsonFields each : from.objects("hugepageLimits")) {
            to.addHugepageLimits(
                    HugepageLimit.newBuilder()
                            .setPageSize(each.text("pageSize"))
                            .setLimit(each.unsigned("limit")));
        }
        for (JsonFields each : from.objects("devices")) {
            var rule =
                    LinuxDeviceCgroup.newBuilder()
                            .setAllow(each.flag("allow"))
                            .setType(orEmpty(each, "type"))
                            .setAccess(orEmpty(each, "access"));
            Long major = each.optionalInteger("major", LEAST, MOST);
            if (major != null) {
                rule.setMajor(PluginPods.signed(major));
            }
            Long minor = each.optionalInteger("minor", LEAST, MOST);
            if (minor != null) {
                rule.setMinor(PluginPods.signed(minor));
            }
            to.addDevices(rule);
        }
        return to.build();
    }

    private static LinuxMemory memory(JsonFields from) {
        var to = LinuxMemory.newBuilder();
        Long limit = number(from, "limit");
        if (limit != null) {
            to.setLimit(PluginPods.signed(limit));
        }
        Long reservation = number(from, "reservation");
        if (reservation != null) {
            to.setReservation(PluginPods.signed(reservation));
        }
        Long swap = number(from, "swap");
        if (swap != null) {
            to.setSwap(PluginPods.signed(swap));
        }
        Long swappiness = number(from, "swappiness");
        if (swappiness != null) {
            to.setSwappiness(PluginPods.unsigned(swappiness));
        }
        if (from.flag("disableOOMKiller")) {
            to.setDisableOomKiller(OptionalBool.newBuilder().setValue(true));
        }
        return to.build();
    }

    private static LinuxCPU cpu(JsonFields from) {
        var to =
                LinuxCPU.newBuilder().setCpus(orEmpty(from, "cpus")).setMems(orEmpty(from, "mems"));
        Long shares = number(from, "shares");
        if (shares != null) {
            to.setShares(PluginPods.unsigned(shares));
        }
        Long quota = number(from, "quota");
        if (quota != null) {
            to.setQuota(PluginPods.signed(quota));
        }
        Long period = number(from, "period");
        if (period != null) {
            to.setPeriod(PluginPods.unsigned(period));
        }
        return to.build();
    }

    private static @Nullable Long number(JsonFields from, String name) {
        return from.optionalInteger(name, LEAST, MOST);
    }

    private static LinuxSeccomp seccomp(JsonFields from) {
        var to =
                LinuxSeccomp.newBuilder()
                        .setDefaultAction(from.text("defaultAction"))
                        .addAllArchitectures(from.texts("architectures"))
                        .addAllFlags(from.texts("flags"))
                        .setListenerPath(orEmpty(from, "listenerPath"))
                        .setListenerMetadata(orEmpty(from, "listenerMetadata"));
        if (from.has("defaultErrnoRet")) {
            to.setDefaultErrno(id(from, "defaultErrnoRet"));
        }
        for (JsonFields each : from.objects("syscalls")) {
            var call =
                    LinuxSyscall.newBuilder()
                            .addAllNames(each.texts("names"))
                            .setAction(each.text("action"));
            if (each.has("errnoRet")) {
                call.setErrnoRet(id(each, "errnoRet"));
            }
            for (JsonFields argument : each.objects("args")) {
                call.addArgs(
                        LinuxSeccompArg.newBuilder()
                                .setIndex((int) argument.integerOr("index", 0, 5, 0))
                                .setValue(argument.unsignedOrZero("value"))
                                .setValueTwo(argument.unsignedOrZero("valueTwo"))
                                .setOp(argument.text("op")));
            }
            to.addSyscalls(call);
        }
        return to.build();
    }
}
