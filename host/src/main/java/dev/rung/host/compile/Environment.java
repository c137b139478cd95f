package dev.rung.host.compile;

import dev.rung.domain.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a process finds in its environment, and where its program is looked for.
 *
 * @param entries NAME=text, no name twice, without HOME when that is still to be found out
 * @param hasHome whether HOME is among them
 * @param path the text of PATH, null when there is none
 */
record Environment(List<String> entries, boolean hasHome, @Nullable String path) {

    /**
     * Of two entries of one name the last wins; an empty HOME counts as none (as for runc).
     *
     * @param listenFds how many descriptors of socket activation there are
     * @param notifies whether there is a {@link NotifySocket}
     */
    static Environment of(List<String> given, int listenFds, boolean notifies) {
        var entries = new ArrayList<String>(given.size() + 3);
        Set<String> seen = HashSet.newHashSet(given.size());
        if (notifies) {
            seen.add("NOTIFY_SOCKET");
        }
        boolean hasHome = false;
        String path = null;
        for (int i = given.size() - 1; i >= 0; i--) {
            String entry = given.get(i);
            int equals = entry.indexOf('=');
            if (equals < 0) {
                throw invalid(i, "invalid environment variable: missing '='");
            }
            if (equals == 0) {
                throw invalid(i, "invalid environment variable: name cannot be empty");
            }
            String name = entry.substring(0, equals);
            if (!seen.add(name)) {
                continue;
            }
            if (name.equals("PATH")) {
                path = entry.substring(equals + 1);
            }
            if (name.equals("HOME")) {
                if (equals + 1 == entry.length()) {
                    continue;
                }
                hasHome = true;
            }
            entries.add(entry);
        }
        Collections.reverse(entries);
        if (notifies) {
            entries.add(NotifySocket.variable());
        }
        if (listenFds > 0) {
            entries.add("LISTEN_FDS=" + listenFds);
            entries.add("LISTEN_PID=1");
        }
        return new Environment(entries, hasHome, path);
    }

    /** Whether a program of this name is looked for in PATH. */
    static boolean isSearched(String program) {
        return program.indexOf('/') < 0;
    }

    /** The paths that a program may have, in the order of the search. */
    List<String> candidates(String program) {
        if (!isSearched(program)) {
            return List.of(program);
        }
        var candidates = new ArrayList<String>(8);
        if (path != null && !program.isEmpty()) {
            int from = 0;
            while (from <= path.length()) {
                int colon = path.indexOf(':', from);
                int end = colon < 0 ? path.length() : colon;
                String folder = path.substring(from, end);
                // As in Go, a program that only a relative folder has is not taken.
                if (folder.startsWith("/")) {
                    candidates.add(
                            folder.endsWith("/") ? folder + program : folder + "/" + program);
                }
                from = end + 1;
            }
        }
        return candidates;
    }

    private static Failure.Invalid invalid(int index, String words) {
        return Checks.invalid("process.env[" + index + "]", words);
    }
}
