package dev.rung.daemon;

import dev.rung.engine.Step;
import dev.rung.network.NetworkStep;
import dev.rung.resident.ResidentProcess;
import java.util.List;

/** The JVM of the engine: started by its front end, never by a person. */
public final class DaemonMain {
    private DaemonMain() {}

    public static void main(String[] arguments) {
        var words = List.of(arguments);
        int code =
                ResidentProcess.runAlways(
                        words,
                        (folder, sockets, leave) ->
                                Wiring.make(
                                        Settings.of(folder, System.getenv(), sockets.cri()),
                                        sockets.docker(),
                                        leave,
                                        Step.Listener.NONE,
                                        NetworkStep.Listener.NONE));
        System.exit(code); // others may still be waiting for containers
    }
}
