package dev.rung.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Something that is timed.
 *
 * @param namespace the mount namespace that the race gives it, see race.c
 * @param command the words that come before a verb
 */
record Contestant(String name, String namespace, List<String> command) {
    static final String RUNG = "rung-oci";
    static final String RUNC = "runc";
    static final String CRUN = "crun";
    static final String REPLAY = "replay";

    /** A line of a race's plan. */
    String line(String phase, String... words) {
        var all = new ArrayList<String>(command);
        all.addAll(List.of(words));
        return plain(phase, all);
    }

    /** A line with a command that is not the contestant's own. */
    String plain(String phase, List<String> words) {
        return name + "\t" + phase + "\t" + namespace + "\t" + String.join("\t", words);
    }
}
