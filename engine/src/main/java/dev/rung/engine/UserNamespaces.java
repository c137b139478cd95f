package dev.rung.engine;

import dev.rung.cli.oci.LentFront;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.IdMap;
import dev.rung.linux.Mounts;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Decides which containers get a user namespace of their own: all, but for those that something
 * speaks against.
 */
final class UserNamespaces {
    private static final int O_PATH = 0x200000;
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    /** Of proc; a mount there hides nothing. */
    private static final Set<String> EMPTY_FOLDERS =
            Set.of("/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd");

    /** Those that mean as much in a user namespace as outside. */
    private static final Set<String> HARMLESS =
            Set.of(
                    "AUDIT_WRITE",
                    "CHOWN",
                    "DAC_OVERRIDE",
                    "FOWNER",
                    "FSETID",
                    "KILL",
                    "MKNOD",
                    "NET_ADMIN",
                    "NET_BIND_SERVICE",
                    "NET_RAW",
                    "SETFCAP",
                    "SETGID",
                    "SETPCAP",
                    "SETUID",
                    "SYS_CHROOT");

    private final OciWorker worker;
    private final Runtimes runtimes;
    private @Nullable Fd namespace;
    private @Nullable String impossible;

    UserNamespaces(OciWorker worker, Runtimes runtimes) {
        this.worker = worker;
        this.runtimes = runtimes;
    }

    /** Why a container gets none; empty when it gets one. */
    String reason(ContainerRecord container) {
        String asked = reason(container.host());
        if (asked.isEmpty()) {
            asked = reason(container.config().user(), container.host().groupAdd());
        }
        return asked.isEmpty() ? whyImpossible() : asked;
    }

    private static String reason(String user, List<String> groups) {
        var all = new ArrayList<>(groups);
        all.addAll(List.of(user.split(":")));
        for (String text : all) {
            boolean number = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
            if (number && (text.length() > 10 || Long.parseLong(text) >= UserNamespace.COUNT)) {
                return "user or group " + text;
            }
        }
        return "";
    }

    private String reason(HostOptions host) {
        if (host.userns().equals("host")) {
            return "--userns=host";
        } else if (host.privileged()) {
            return "--privileged";
        } else if (!host.pod().isEmpty()) {
            return "the namespaces of its pod";
        } else if (!(runtimes.of(host.runtime()).creator() instanceof MonitorRuntime.Host)) {
            return "a runtime that is not Rung's own";
        } else if (!host.devices().isEmpty() || !host.deviceRules().isEmpty()) {
            return "devices of the host";
        } else if (!host.ulimits().isEmpty()) {
            return "--ulimit";
        } else if (host.security("systempaths") != null) {
            return "--security-opt systempaths";
        }
        for (NamespaceMode mode :
                List.of(host.network(), host.pid(), host.ipc(), host.uts(), host.cgroupns())) {
            if (mode.kind() == NamespaceMode.Kind.HOST
                    || mode.kind() == NamespaceMode.Kind.CONTAINER) {
                return "a namespace of the host's or another container's";
            }
        }
        for (String name : host.sysctls().keySet()) {
            if (!name.startsWith("net.")) {
                return "--sysctl " + name;
            }
        }
        for (String given : host.capAdd()) {
            String name = given.toUpperCase(Locale.ROOT);
            if (!HARMLESS.contains(name.startsWith("CAP_") ? name.substring(4) : name)) {
                return "--cap-add " + given;
            }
        }
        return "";
    }

    private synchronized String whyImpossible() {
        if (namespace == null && impossible == null) {
            impossible = make();
        }
        return impossible == null ? "" : impossible;
    }

    /** Makes the namespace; why not, or empty. */
    private String make() {
        if (!IdMap.ofUsers().isWhole()) {
            return "the engine runs without root";
        }
        String covered = covered();
        if (!covered.isEmpty()) {
            return covered;
        }
        var made = new AtomicReference<@Nullable Fd>();
        try {
            worker.run(front -> {
                made.set(UserNamespace.make(front));
                return new LentFront.Said(0, "", "");
            });
        } catch (Failure e) {
            return "the kernel makes no user namespace: " + e.getMessage();
        }
        namespace = made.get();
        return "";
    }

    /**
     * A user namespace gets no proc file system where ours hides a part of it: mount_too_revealing
     * in the kernel. So it is in most containers, should the engine run in one.
     */
    private static String covered() {
        try {
            for (String line : Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1)) {
                String point = line.split(" ", 6)[4];
                if (point.startsWith("/proc/") && !EMPTY_FOLDERS.contains(point)) {
                    return "something is mounted at " + point;
                }
            }
            return "";
        } catch (IOException e) {
            return "/proc/self/mountinfo cannot be read: " + e.getMessage();
        }
    }

    /** From now on nobody gets one, for what the kernel or the file system has refused. */
    synchronized void impossible(String why) {
        impossible = why;
    }

    /** One to map mounts by. */
    synchronized @Nullable Fd namespace() {
        return namespace;
    }

    /** Whether all that is mounted from the host can be mapped; else why not. */
    String reason(ContainerRecord container, Map<String, Path> sources) {
        Fd mapping = namespace();
        return mapping == null ? "" : reason(container, sources, mapping);
    }

    /** The same for a namespace that is lent. */
    static String reason(ContainerRecord container, Map<String, Path> sources, Fd mapping) {
        for (MountPoint point : container.mounts()) {
            Path source = sources.get(point.destination());
            if (source == null || point.type().equals("tmpfs")) {
                continue;
            }
            try (Fd shown = Paths.open(null, KernelPath.of(source.toString()), O_PATH, 0, 0);
                    Fd copy = Mounts.copy(shown)) {
                Mounts.mapIds(copy, mapping, true);
            } catch (ErrnoException e) {
                return source + " cannot be id-mapped";
            }
        }
        return "";
    }
}
