package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Mounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What Docker's local driver mounts in a volume's folder, by the options type, device and o: those
 * of mount(8), such as type=nfs, device=:/export, o=addr=10.0.0.1,rw.
 */
final class LocalDriver {
    private static final Set<String> OPTIONS = Set.of("type", "device", "o", "size");
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final long MS_BIND = 0x1000;
    private static final long MS_REMOUNT = 0x20;
    private static final long MS_READ_ONLY = 1;

    /** Of mount(2): each name, what it sets, what it clears. */
    private static final Map<String, long[]> FLAGS =
            Map.ofEntries(
                    Map.entry("defaults", new long[] {0, 0}),
                    Map.entry("ro", new long[] {MS_READ_ONLY, 0}),
                    Map.entry("rw", new long[] {0, MS_READ_ONLY}),
                    Map.entry("nosuid", new long[] {2, 0}),
                    Map.entry("suid", new long[] {0, 2}),
                    Map.entry("nodev", new long[] {4, 0}),
                    Map.entry("dev", new long[] {0, 4}),
                    Map.entry("noexec", new long[] {8, 0}),
                    Map.entry("exec", new long[] {0, 8}),
                    Map.entry("sync", new long[] {0x10, 0}),
                    Map.entry("async", new long[] {0, 0x10}),
                    Map.entry("dirsync", new long[] {0x80, 0}),
                    Map.entry("noatime", new long[] {0x400, 0}),
                    Map.entry("atime", new long[] {0, 0x400}),
                    Map.entry("nodiratime", new long[] {0x800, 0}),
                    Map.entry("diratime", new long[] {0, 0x800}),
                    Map.entry("bind", new long[] {MS_BIND, 0}),
                    Map.entry("rbind", new long[] {MS_BIND | 0x4000, 0}),
                    Map.entry("relatime", new long[] {0x200000, 0}),
                    Map.entry("norelatime", new long[] {0, 0x200000}),
                    Map.entry("strictatime", new long[] {0x1000000, 0}));

    private LocalDriver() {}

    /** Invalid, in Docker's words, when they name no mount. */
    static void check(Map<String, String> options) {
        for (String name : options.keySet()) {
            if (!OPTIONS.contains(name)) {
                throw new Failure.Invalid("invalid option: \"" + Printable.of(name) + "\"");
            }
        }
        if (options.isEmpty()) {
            return;
        }
        if (options.containsKey("size")) {
            throw new Failure.Unsupported(
                    "quota size requested but no quota support: give a tmpfs its size by o=size=");
        }
        boolean mounts = options.containsKey("device") || options.containsKey("o");
        if (options.containsKey("type") && !options.containsKey("device")) {
            throw new Failure.Invalid("missing device in volume options");
        } else if (mounts && !options.containsKey("device")) {
            throw new Failure.Invalid("missing required option: \"device\"");
        } else if (mounts && !options.containsKey("type")) {
            throw new Failure.Invalid("missing required option: \"type\"");
        }
    }

    /** Mounts it, unless it is. */
    static void mount(Volume volume) {
        if (isMounted(volume.data())) {
            return;
        }
        String device = volume.options().getOrDefault("device", "");
        String type = volume.options().getOrDefault("type", "");
        long flags = 0;
        var data = new ArrayList<String>();
        for (String option : volume.options().getOrDefault("o", "").split(",")) {
            long[] flag = FLAGS.get(option);
            if (flag != null) {
                flags = (flags | flag[0]) & ~flag[1];
            } else if (!option.isEmpty()) {
                data.add(option.startsWith("addr=") ? resolved(volume, option) : option);
            }
        }
        mount(volume, device, (flags & MS_BIND) != 0 ? "" : type, flags, data);
    }

    private static void mount(
            Volume volume, String device, String type, long flags, List<String> data) {
        KernelPath target = KernelPath.of(volume.data().toString());
        KernelPath none = KernelPath.of("");
        try {
            KernelPath options = KernelPath.of(String.join(",", data));
            KernelPath source = KernelPath.of(device);
            Mounts.mount(source, target, KernelPath.of(type), flags, options);
            if ((flags & MS_BIND) != 0 && (flags & ~MS_BIND) != 0) {
                Mounts.mount(none, target, none, flags | MS_REMOUNT, none);
            }
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "error while mounting volume '"
                            + volume.data()
                            + "': failed to mount local volume: mount "
                            + Printable.of(device)
                            + ":"
                            + volume.data()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** The kernel's NFS wants a number. */
    private static String resolved(Volume volume, String option) {
        String host = option.substring("addr=".length());
        try {
            return "addr=" + InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            throw new Failure.Unavailable(
                    "error resolving passed in network volume address of \""
                            + volume.name()
                            + "\": lookup "
                            + Printable.of(host)
                            + ": no such host",
                    e);
        }
    }

    /** Takes the mount away, if there is one. */
    static void unmount(Volume volume) {
        if (!isMounted(volume.data())) {
            return;
        }
        try {
            Mounts.detach(KernelPath.of(volume.data().toString()));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "unmount volume \"" + volume.name() + "\": " + e.getMessage(), e);
        }
    }

    private static boolean isMounted(Path data) {
        String wanted = " " + data.toString().replace(" ", "\\040") + " ";
        try (var lines = Files.lines(MOUNTS, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.contains(wanted));
        } catch (IOException e) {
            throw new Failure.HostRefused("read /proc/self/mountinfo: " + e.getMessage(), e);
        }
    }
}
