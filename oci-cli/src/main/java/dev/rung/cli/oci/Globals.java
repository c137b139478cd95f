package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Paths;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import dev.rung.resident.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options before the command.
 *
 * @param root folder of the containers' state, absolute
 * @param rootGiven whether --root was given
 * @param logFile absolute; null: standard error
 * @param rootless null: to be found out
 * @param cgroups whether containers have any
 * @param systemd whether systemd makes them
 * @param criu the program for checkpoints: a path or a name to look for
 */
record Globals(
        String root,
        boolean rootGiven,
        @Nullable String logFile,
        boolean json,
        boolean debug,
        @Nullable Boolean rootless,
        boolean cgroups,
        boolean systemd,
        String criu) {
    private static final int O_WRONLY = 1;
    private static final int O_APPEND = 0x400;
    private static final int O_PATH = 0x200000;
    private static final String FILE_TARGET = "file:";

    static Globals of(Arguments arguments, Request request, Files files) {
        String form = arguments.text("log-format");
        if (!form.isEmpty() && !form.equals("text") && !form.equals("json")) {
            throw new Failure.Invalid("invalid log-format: " + form);
        }
        boolean rootGiven = arguments.has("root");
        String root = rootGiven ? arguments.text("root") : defaultRoot(request, files);
        root = CallerPath.absolute(request.workingDirectory(), root);
        if (root.equals("/")) {
            throw new Failure.Invalid("Option --root argument should not be set to /");
        }
        return new Globals(
                root,
                rootGiven,
                logFile(arguments.text("log"), request.workingDirectory()),
                form.equals("json"),
                arguments.flag("debug"),
                rootless(arguments.text("rootless")),
                !arguments.text("cgroup-manager").equals("disabled"),
                systemd(arguments),
                arguments.text("criu"));
    }

    private static @Nullable String logFile(String given, String workingDirectory) {
        if (given.isEmpty()) {
            return null;
        }
        if (given.startsWith("syslog:") || given.startsWith("journald:")) {
            throw new Failure.Unsupported(
                    "log target \"" + given + "\" is not there: want the path of a file");
        }
        String path = given.startsWith(FILE_TARGET) ? given.substring(FILE_TARGET.length()) : given;
        return CallerPath.absolute(workingDirectory, path);
    }

    /** Whether the log can be written; it is made by its first entry. */
    void checkLog(Front front) {
        if (logFile == null) {
            return;
        }
        String folder = logFile.substring(0, Math.max(1, logFile.lastIndexOf('/')));
        List<Opened> opened =
                front.open(
                        List.of(
                                new OpenRequest(
                                        null, KernelPath.of(logFile), O_WRONLY | O_APPEND, 0),
                                new OpenRequest(
                                        null,
                                        KernelPath.of(folder),
                                        O_PATH | Paths.O_DIRECTORY,
                                        0)));
        int errno = opened.get(0).errno();
        if (errno == Errno.ENOENT) {
            errno = opened.get(1).errno();
        }
        for (Opened file : opened) {
            if (file.descriptor() != null) {
                file.descriptor().close();
            }
        }
        if (errno != 0) {
            throw new Failure.HostRefused("open " + logFile + ": " + Errno.phrase(errno), null);
        }
    }

    private static @Nullable Boolean rootless(String given) {
        if (given.isEmpty() || given.equalsIgnoreCase("auto")) {
            return null;
        }
        Boolean flag = GoSyntax.flag(given);
        if (flag == null) {
            throw new Failure.Invalid(
                    "invalid --rootless: want true, false or auto, got " + GoSyntax.quoted(given));
        }
        return flag;
    }

    private static boolean systemd(Arguments arguments) {
        String driver = arguments.text("cgroup-manager");
        if (!List.of("cgroupfs", "systemd", "disabled").contains(driver)) {
            throw new Failure.Invalid(
                    "invalid --cgroup-manager: want cgroupfs, systemd or disabled, got "
                            + GoSyntax.quoted(driver));
        }
        return arguments.flag("systemd-cgroup") || driver.equals("systemd");
    }

    /** As runc: $XDG_RUNTIME_DIR counts unless the caller is root of the whole machine. */
    static String defaultRoot(Request request, Files files) {
        String runtimeFolder = request.environment().get("XDG_RUNTIME_DIR");
        boolean ordinary =
                runtimeFolder != null
                        && !runtimeFolder.isEmpty()
                        && (request.uid() != 0 || inUserNamespace(files));
        return ordinary ? runtimeFolder + "/rung-oci" : "/run/rung-oci";
    }

    private static boolean inUserNamespace(Files files) {
        String map = files.read("/proc/self/uid_map", Files.SMALL).text();
        return !map.isBlank() && !map.strip().replaceAll(" +", " ").equals("0 0 4294967295");
    }
}
