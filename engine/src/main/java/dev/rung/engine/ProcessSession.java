package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A process in a container with all that it has begun: its descendants, and who is in its session.
 * What has left both is the container's, as a daemon is that somebody started by hand.
 */
final class ProcessSession {
    /**
     * Processes that fork all the while are outrun by then, or the container's limit is reached.
     */
    private static final int MOST_ROUNDS = 100;

    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int START_TIME = 19;

    private ProcessSession() {}

    /** Ends all of them; the last round finds none. */
    static void kill(ProcessIdentity leader) {
        CgroupFiles cgroups;
        try {
            cgroups = CgroupFiles.of(leader.pid());
        } catch (Failure.WrongState _) {
            return; // it has ended, and so has who called for this
        }
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Set<ProcessIdentity> found = members(leader, cgroups.pids());
            found.forEach(ProcessIdentity::kill);
            leader.kill();
            if (found.isEmpty()) {
                return;
            }
        }
    }

    private static Set<ProcessIdentity> members(ProcessIdentity leader, Set<Integer> pids) {
        var all = new HashSet<Integer>(Set.of(leader.pid()));
        var members = new HashSet<ProcessIdentity>();
        boolean grown = true;
        while (grown) {
            grown = false;
            for (int pid : pids) {
                String[] fields = fields(pid);
                boolean member =
                        fields.length > START_TIME
                                && !fields[0].equals("Z")
                                && (all.contains(Integer.parseInt(fields[PARENT]))
                                        || fields[SESSION].equals(Integer.toString(leader.pid())));
                if (member && all.add(pid)) {
                    members.add(
                            new ProcessIdentity(
                                    pid, Long.parseLong(fields[START_TIME]), leader.bootId()));
                    grown = true;
                }
            }
        }
        return members;
    }

    /** Of /proc/PID/stat from the third on, which is the state; none when it has gone. */
    private static String[] fields(int pid) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/stat"));
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            return text.substring(text.lastIndexOf(')') + 2).strip().split(" ");
        } catch (IOException _) {
            return new String[0];
        }
    }
}
