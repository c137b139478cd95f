package dev.rung.oci;

import dev.rung.domain.Failure;

/** Rules of the specification and of runc that need no knowledge of the host. */
public final class Validation {
    private Validation() {}

    /** What runc asks of a process, of the container itself or of exec. */
    public static void checkProcess(String file, ContainerProcess process) {
        if (process.cwd().isEmpty()) {
            throw wrong(file, "process.cwd", "Cwd property must not be empty");
        }
        if (!process.cwd().startsWith("/")) {
            throw wrong(file, "process.cwd", "Cwd must be an absolute path");
        }
        if (process.args().isEmpty()) {
            throw wrong(file, "process.args", "args must not be empty");
        }
    }

    private static Failure.Invalid wrong(String file, String key, String words) {
        return new Failure.Invalid(words + " (" + file + ": " + key + ")");
    }
}
