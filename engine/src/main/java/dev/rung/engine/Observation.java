package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Looks at containers that run: what they use, and which processes they have. */
public final class Observation {
    private static final int RECEIVED_FIELD = 0;
    private static final int SENT_FIELD = 8;
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Registry registry;

    Observation(Registry registry) {
        this.registry = registry;
    }

    /** What it uses now; null when it does not run. */
    public @Nullable ContainerUsage usage(String name) {
        var running = registry.find(name).running();
        if (running == null) {
            return null;
        }
        int pid = running.process().pid();
        try {
            CgroupFiles cgroup = CgroupFiles.of(pid);
            if (cgroup.all().isEmpty()) {
                throw new Failure.Unsupported(
                        "what containers use is not known: without root that takes control groups"
                                + " of version 2 that are delegated to the user");
            }
            var network = new long[2];
            for (String line : CgroupFiles.lines(Path.of("/proc/" + pid + "/net/dev"))) {
                int colon = line.indexOf(':');
                if (colon > 0 && !line.substring(0, colon).strip().equals("lo")) {
                    String[] fields = line.substring(colon + 1).strip().split(" +");
                    network[0] += Long.parseLong(fields[RECEIVED_FIELD]);
                    network[1] += Long.parseLong(fields[SENT_FIELD]);
                }
            }
            long[] blocks = cgroup.blocks();
            return new ContainerUsage(
                    System.nanoTime(),
                    cgroup.cpuNanos(),
                    cgroup.memory(),
                    cgroup.memoryLimit(),
                    cgroup.processes(),
                    network[0],
                    network[1],
                    blocks[0],
                    blocks[1]);
        } catch (Failure.WrongState e) {
            return null;
        }
    }

    /** All that its cgroups count; null when it does not run, or has none. */
    public @Nullable CgroupCounters counters(String name) {
        var running = registry.find(name).running();
        if (running == null) {
            return null;
        }
        try {
            CgroupFiles cgroup = CgroupFiles.of(running.process().pid());
            return cgroup.all().isEmpty() ? null : new CgroupCounting(cgroup).counters();
        } catch (Failure.WrongState _) {
            return null;
        }
    }

    /** What went over the links of its network namespace; none when it does not run. */
    public List<InterfaceUse> interfaces(String name) {
        var running = registry.find(name).running();
        var all = new ArrayList<InterfaceUse>();
        Path file = Path.of("/proc/" + (running == null ? 0 : running.process().pid()));
        for (String line : CgroupFiles.lines(file.resolve("net/dev"))) {
            InterfaceUse use = InterfaceUse.of(line);
            if (use != null && !use.name().equals("lo")) {
                all.add(use);
            }
        }
        return List.copyOf(all);
    }

    /** What its cgroups count; null when it does not run. */
    public @Nullable ResourceUse resources(String name) {
        var running = registry.find(name).running();
        if (running == null) {
            return null;
        }
        try {
            return CgroupFiles.of(running.process().pid()).use();
        } catch (Failure.WrongState e) {
            return null;
        }
    }

    /** All that is counted of it; nothing when it does not run. */
    public List<Sample> samples(String name) {
        var running = registry.find(name).running();
        if (running == null) {
            return List.of();
        }
        try {
            return Samples.of(running.process().pid());
        } catch (Failure.WrongState e) {
            return List.of();
        }
    }

    /** A table: its first line has the titles. */
    public record Table(List<List<String>> lines) {}

    /**
     * Its processes as ps(1) of the host shows them.
     *
     * @param options of ps; none: -ef
     */
    public Table processes(String name, List<String> options) {
        Container container = registry.find(name);
        var running = container.running();
        if (running == null) {
            throw new Failure.WrongState("container " + container.id() + " is not running");
        }
        Set<Integer> pids = pids(running.process().pid());
        List<String> lines = options.isEmpty() ? ps(List.of("-ef")) : ps(options, pids);
        List<String> titles = List.of(lines.getFirst().strip().split("\\s+"));
        int pidColumn = titles.indexOf("PID");
        if (pidColumn < 0) {
            throw new Failure.Invalid("couldn't find PID field in ps output");
        }
        var table = new ArrayList<List<String>>();
        table.add(titles);
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = List.of(line.strip().split("\\s+", titles.size()));
            if (fields.size() > pidColumn && isAmong(pids, fields.get(pidColumn))) {
                table.add(fields);
            }
        }
        return new Table(List.copyOf(table));
    }

    /** Those in its cgroup; where it has none, those in its namespace of process numbers. */
    private static Set<Integer> pids(int first) {
        CgroupFiles cgroup = CgroupFiles.of(first);
        if (!cgroup.all().isEmpty()) {
            return cgroup.pids();
        }
        var pids = new TreeSet<Integer>(Set.of(first));
        Object own = namespace(Long.toString(ProcessHandle.current().pid()));
        Object theirs = namespace(Integer.toString(first));
        if (!theirs.equals(own)) {
            ProcessHandle.allProcesses()
                    .map(ProcessHandle::pid)
                    .filter(pid -> namespace(Long.toString(pid)).equals(theirs))
                    .forEach(pid -> pids.add(pid.intValue()));
        }
        return pids;
    }

    private static Object namespace(String pid) {
        try {
            return Files.getAttribute(Path.of("/proc", pid, "ns", "pid"), "unix:ino");
        } catch (IOException _) {
            return ""; // it has ended, or is not ours to look at
        }
    }

    private static boolean isAmong(Set<Integer> pids, String text) {
        try {
            return pids.contains(Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return false;
        }
    }

    /** By number, since ps(1) shows one's own otherwise; not all options go with that. */
    private static List<String> ps(List<String> options, Set<Integer> pids) {
        var numbers = new ArrayList<String>();
        for (int pid : pids) {
            numbers.add(Integer.toString(pid));
        }
        var all = new ArrayList<>(options);
        all.addAll(List.of("-q", String.join(",", numbers)));
        try {
            return ps(all);
        } catch (Failure.Invalid _) {
            return ps(options);
        }
    }

    private static List<String> ps(List<String> options) {
        var words = new ArrayList<String>();
        words.add("ps");
        words.addAll(options);
        var builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            List<String> lines = said.lines().toList();
            if (process.waitFor() != 0 || lines.isEmpty()) {
                throw new Failure.Invalid(
                        "error running ps: "
                                + (lines.isEmpty() ? "" : Printable.of(lines.getFirst())));
            }
            return lines;
        } catch (IOException e) {
            throw new Failure.Unsupported("error running ps: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }
}
