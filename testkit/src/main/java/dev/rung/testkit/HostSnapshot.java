package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What there is on the machine as far as the tests' namespaces show it: mounts, cgroups and the
 * processes in them. A process is the only thing that could hold a namespace without a mount, so
 * namespaces are covered by these.
 */
public record HostSnapshot(Set<String> mounts, Set<String> cgroups, Set<String> processes) {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /** How long the kernel may take to end what was killed. */
    private static final long MILLISECONDS = 3_000;

    /** Taken now. */
    public static HostSnapshot now() {
        Set<String> cgroups = cgroupFolders();
        return new HostSnapshot(mountLines(), cgroups, processesIn(cgroups));
    }

    /** Waits a little for this state to come back, then tells what there is beyond it. */
    public List<String> waitForNothingLeft() {
        Patience.comes(() -> leftOf(now()).isEmpty(), MILLISECONDS);
        return leftOf(now());
    }

    private List<String> leftOf(HostSnapshot later) {
        var left = new ArrayList<String>();
        addNew(left, "mount ", mounts, later.mounts);
        addNew(left, "cgroup ", cgroups, later.cgroups);
        addNew(left, "process ", processes, later.processes);
        return left;
    }

    private static void addNew(List<String> left, String kind, Set<String> old, Set<String> now) {
        for (String one : now) {
            if (!old.contains(one)) {
                left.add(kind + one);
            }
        }
    }

    private static Set<String> mountLines() {
        var lines = new TreeSet<String>();
        for (String line : read(Path.of("/proc/self/mountinfo")).split("\n")) {
            lines.add(MountLine.of(line).place() + " of " + MountLine.of(line).type());
        }
        return lines;
    }

    private static Set<String> cgroupFolders() {
        try (Stream<Path> found = Files.walk(CGROUPS)) {
            var folders = new TreeSet<String>();
            found.filter(Files::isDirectory).forEach(folder -> folders.add(folder.toString()));
            return folders;
        } catch (IOException | UncheckedIOException e) {
            return cgroupFolders(); // one vanished meanwhile
        }
    }

    private static Set<String> processesIn(Set<String> cgroups) {
        var processes = new TreeSet<String>();
        for (String cgroup : cgroups) {
            for (String pid : read(Path.of(cgroup, "cgroup.procs")).split("\n")) {
                String command = pid.isEmpty() ? "" : read(Path.of("/proc", pid, "cmdline"));
                if (!command.isEmpty() && !isResident(command)) {
                    processes.add(pid + " " + command.replace('\0', ' ').strip());
                }
            }
        }
        return processes; // without threads of the kernel, which have no command
    }

    /** The warm JVM stays, for it serves the tests to come. */
    private static boolean isResident(String command) {
        return command.contains("\0--listen\0");
    }

    /** Nothing, when what the file tells about has ended. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException _) {
            return "";
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")
                    || String.valueOf(e.getMessage()).contains("No such device")) {
                return "";
            }
            throw new UncheckedIOException(e);
        }
    }
}
