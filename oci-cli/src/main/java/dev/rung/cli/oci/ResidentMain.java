package dev.rung.cli.oci;

import dev.rung.resident.ResidentProcess;
import java.util.List;

/** The JVM that serves rung-oci: started by its front end, never by a person. */
public final class ResidentMain {
    private ResidentMain() {}

    public static void main(String[] arguments) {
        int code = ResidentProcess.run(List.of(arguments), new CommandLine());
        if (code != 0) {
            System.exit(code); // costs a logger, so only when it must be
        }
    }
}
