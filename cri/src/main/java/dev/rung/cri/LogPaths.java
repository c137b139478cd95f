package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a container's log is: in its pod's folder, however its path is written. */
final class LogPaths {
    private LogPaths() {}

    /** Absolute; empty where no log is asked for. */
    static String of(String folder, String path) {
        if (folder.isEmpty() || path.isEmpty()) {
            return "";
        }
        FieldRules.path("log_directory", folder);
        FieldRules.pathLength("config.log_path", folder + "/" + path);
        if (path.indexOf('\0') >= 0) {
            throw new Failure.Invalid("config.log_path: " + Printable.of(path) + " is no path");
        }
        Path own = Path.of(folder).normalize();
        Path log = Path.of(own + "/" + path).normalize();
        if (!log.startsWith(own) || log.equals(own)) {
            throw new Failure.Invalid(
                    "config.log_path: " + Printable.of(path) + " leaves the pod's folder");
        }
        return log.toString();
    }

    /** Makes the folders above it, whichever are missing. */
    static void prepare(String log) {
        if (log.isEmpty()) {
            return;
        }
        try {
            Path folder = Path.of(log).getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "make the folder of log \"" + log + "\": " + e.getMessage(), e);
        }
    }
}
