package dev.rung.daemon;

import dev.rung.resident.ResidentProcess;
import java.util.List;

/** The JVM of the engine: started by its front end, never by a person. */
public final class DaemonMain {
    private DaemonMain() {}

    public static void main(String[] arguments) {
        var words = List.of(arguments);
        int code = ResidentProcess.runAlways(words, folder -> Wiring.make(Settings.of(folder)));
        if (code != 0) {
            System.exit(code); // costs a logger, so only when it must be
        }
    }
}
