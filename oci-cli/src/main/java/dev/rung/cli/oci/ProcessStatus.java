package dev.rung.cli.oci;

import org.jspecify.annotations.Nullable;

/**
 * What of /proc/PID/stat tells whether a process is still the one it was.
 *
 * @param state such as R, S, D; Z and X are dead
 * @param startTime in clock ticks since the boot
 */
record ProcessStatus(char state, long startTime) {
    private static final int FIELDS_TO_START_TIME = 19; // from the state on

    /** Null when the text is none, as of a process that is gone. */
    static @Nullable ProcessStatus of(String stat) {
        int at = stat.lastIndexOf(')') + 2; // the name before it may hold anything
        if (at < 2 || at >= stat.length()) {
            return null;
        }
        char state = stat.charAt(at);
        for (int i = 0; i < FIELDS_TO_START_TIME; i++) {
            at = stat.indexOf(' ', at) + 1;
            if (at == 0) {
                return null;
            }
        }
        int end = stat.indexOf(' ', at);
        Long startTime = GoSyntax.unsigned(stat.substring(at, end < 0 ? stat.length() : end));
        return startTime == null ? null : new ProcessStatus(state, startTime);
    }

    boolean dead() {
        return state == 'Z' || state == 'X';
    }
}
