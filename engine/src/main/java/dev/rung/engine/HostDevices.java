package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.config.Blueprint.DeviceNode;
import dev.rung.engine.spec.DeviceOption;
import dev.rung.oci.LinuxConfig.DeviceType;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Device nodes below the host's /dev. */
final class HostDevices {
    private static final int TYPE_BITS = 0170000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;

    /** Of the container's own /dev, or places where others are mounted. */
    private static final List<String> OWN =
            List.of("console", "pts", "shm", "mqueue", "fd", "ptmx");

    private HostDevices() {}

    /** All of the host's. */
    static List<DeviceNode> all() {
        var nodes = new ArrayList<DeviceNode>();
        collect(Path.of("/dev"), "/dev", "rwm", nodes);
        return nodes;
    }

    /** The node that was asked for, or all in the folder that was. */
    static List<DeviceNode> find(DeviceOption device) {
        Path path = Path.of(device.hostPath());
        var nodes = new ArrayList<DeviceNode>();
        if (Files.isDirectory(path)) {
            collect(path, device.containerPath(), device.access(), nodes);
        } else {
            DeviceNode node = node(path, device.containerPath(), device.access());
            if (node != null) {
                nodes.add(node);
            }
        }
        if (nodes.isEmpty()) {
            throw new Failure.Invalid(
                    "error gathering device information while adding custom device \""
                            + device.hostPath()
                            + "\": "
                            + (Files.exists(path)
                                    ? "not a device node"
                                    : "no such file or directory"));
        }
        return nodes;
    }

    private static void collect(Path folder, String inside, String access, List<DeviceNode> nodes) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                String name = each.getFileName().toString();
                if (OWN.contains(name) || Files.isSymbolicLink(each)) {
                    continue;
                }
                String target = inside + "/" + name;
                if (Files.isDirectory(each)) {
                    collect(each, target, access, nodes);
                    continue;
                }
                DeviceNode node = node(each, target, access);
                if (node != null) {
                    nodes.add(node);
                }
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    /** Null when it is none, or gone meanwhile. */
    private static @Nullable DeviceNode node(Path path, String inside, String access) {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            int type = mode & TYPE_BITS;
            if (type != CHARACTER && type != BLOCK) {
                return null;
            }
            long numbers = (Long) Files.getAttribute(path, "unix:rdev");
            // makedev(3): twelve bits of the major number, twenty of the minor, interleaved
            long major = numbers >> 8 & 0xfff | numbers >> 32 & ~0xfffL;
            long minor = numbers & 0xff | numbers >> 12 & ~0xffL & 0xffffffffL;
            return new DeviceNode(
                    inside,
                    type == BLOCK ? DeviceType.BLOCK : DeviceType.CHARACTER,
                    major,
                    minor,
                    mode & 0777,
                    (Integer) Files.getAttribute(path, "unix:uid"),
                    (Integer) Files.getAttribute(path, "unix:gid"),
                    access);
        } catch (IOException _) {
            return null;
        }
    }
}
