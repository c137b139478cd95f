package dev.rung.cli.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands and their options: those of runc 1.3, and what crun's tests pass besides. */
final class Syntaxes {
    private static final String ID = "<container-id>";
    private static final String NEW_ID_REMARK =
            """
            "<container-id>" is the name that the container gets. No two containers below one
            --root may have the same.\
            """;
    private static final String ID_REMARK = "\"<container-id>\" is the name of the container.";

    private static final Option BUNDLE =
            Option.text(
                    "bundle", "b", "folder that holds config.json (default: the current folder)");
    private static final Option CONFIG =
            Option.text("config", "", "file to read in the place of config.json").unmentioned();
    private static final Option CONSOLE_SOCKET =
            Option.text(
                    "console-socket",
                    "",
                    "unix socket that is sent the master end of the terminal, for detached use");
    private static final Option PIDFD_SOCKET =
            Option.text("pidfd-socket", "", "unix socket that is sent a pidfd of the process");
    private static final Option PID_FILE =
            Option.text("pid-file", "", "file that the process id is written to");
    private static final Option TIMINGS =
            Option.text("timings", "", "file that is told how long each part took");
    private static final Option NO_PIVOT =
            Option.flag(
                    "no-pivot",
                    "",
                    "do not use pivot_root; needed where the root file system is a ramdisk");
    private static final Option NO_NEW_KEYRING =
            Option.flag("no-new-keyring", "", "keep the caller's session keyring");
    private static final Option PRESERVE_FDS =
            Option.integer(
                    "preserve-fds",
                    "hand N descriptors after stdio and $LISTEN_FDS on to the container");
    private static final Option DETACH =
            Option.flag("detach", "d", "do not wait for the end of the process");
    private static final Option NO_SUBREAPER =
            Option.flag("no-subreaper", "", "do not become the reaper of orphaned processes");
    private static final Option FORMAT =
            Option.text("format", "f", "select one of: table or json").or("table");

    /** What stands before the command. */
    static final Syntax GLOBAL =
            syntax(
                    "rung-oci",
                    "Open Container Initiative runtime",
                    "",
                    """
                    rung-oci runs containers from OCI bundles: folders with a config.json and a root
                    file system. Each container is compiled into a program of system calls, which a
                    small executor runs; "rung-oci explain" prints the program.

                    To run a container from the bundle in the current folder:

                        # rung-oci run <container-id>\
                    """,
                    "",
                    false,
                    Option.flag("debug", "", "tell more in the log"),
                    Option.text("log", "", "file that the log is written to (default: stderr)"),
                    Option.text("log-format", "", "form of the log, 'text' or 'json'").or("text"),
                    Option.text("root", "", "folder of the containers' state, best on a tmpfs"),
                    Option.text("criu", "", "path to the criu binary").or("criu"),
                    Option.flag(
                            "systemd-cgroup",
                            "",
                            "let systemd make the cgroups: cgroupsPath is \"slice:prefix:name\""),
                    Option.text(
                                    "rootless",
                                    "",
                                    "ignore missing rights on cgroups: 'true', 'false' or 'auto'")
                            .or("auto"),
                    Option.text("cgroup-manager", "", "'cgroupfs', 'systemd' or 'disabled'")
                            .or("cgroupfs"),
                    Option.flag("version", "v", "print the version").unmentioned());

    private static final Syntax CREATE =
            syntax(
                    "create",
                    "create a container, without starting its process",
                    ID,
                    NEW_ID_REMARK,
                    """
                    Makes everything that config.json asks for and stops just before the user's
                    process; "start" lets it go on.\
                    """,
                    true,
                    BUNDLE,
                    CONFIG,
                    CONSOLE_SOCKET,
                    PIDFD_SOCKET,
                    PID_FILE,
                    NO_PIVOT,
                    NO_NEW_KEYRING,
                    PRESERVE_FDS,
                    TIMINGS,
                    NO_SUBREAPER.unmentioned());

    private static final Syntax RUN =
            syntax(
                    "run",
                    "create a container and start it",
                    ID,
                    NEW_ID_REMARK,
                    """
                    Does what "create" and "start" do, waits for the end of the process, deletes the
                    container and exits with the exit code of the process (128 and the number of the
                    signal, when one ended it).\
                    """,
                    true,
                    BUNDLE,
                    CONFIG,
                    CONSOLE_SOCKET,
                    PIDFD_SOCKET,
                    DETACH,
                    Option.flag("keep", "", "do not delete the container when it has ended"),
                    PID_FILE,
                    NO_SUBREAPER,
                    NO_PIVOT,
                    NO_NEW_KEYRING,
                    PRESERVE_FDS);

    private static final Syntax START =
            syntax("start", "start the process of a created container", ID, ID_REMARK, "", true);

    private static final Syntax STATE =
            syntax("state", "print the state of a container as JSON", ID, ID_REMARK, "", true);

    private static final Syntax KILL =
            syntax(
                    "kill",
                    "send a signal (default: SIGTERM) to the first process of a container",
                    ID + " [signal]",
                    """
                    "<container-id>" is the name of the container, "[signal]" a name, with or
                    without SIG, or a number.

                    EXAMPLE:
                           # rung-oci kill ubuntu01 KILL\
                    """,
                    "",
                    false,
                    Option.flag("all", "a", "send it to all processes of the container"));

    private static final Syntax DELETE =
            syntax(
                    "delete",
                    "delete what is held for a container that has ended",
                    ID,
                    ID_REMARK,
                    """
                    Removes the cgroups and the state of a container and runs its poststop hooks. One
                    that was created, but never started, is killed first.\
                    """,
                    true,
                    Option.flag("force", "f", "kill the container first when it runs (SIGKILL)"),
                    Option.flag(
                            "regex",
                            "",
                            "delete all whose names a regular expression, given in the place of the"
                                    + " name, finds a match in"));

    private static final Syntax LIST =
            syntax(
                    "list",
                    "list the containers below --root",
                    "",
                    "",
                    "",
                    true,
                    FORMAT,
                    Option.flag("quiet", "q", "print the names only"));

    private static final Syntax PS =
            syntax(
                    "ps",
                    "list the processes of a container",
                    ID + " [ps options]",
                    "What follows the name is handed to ps(1) (default: -ef).",
                    "",
                    false,
                    FORMAT);

    private static final Syntax EXEC =
            syntax(
                    "exec",
                    "run another process in a container",
                    ID + " <command> [command options]  || -p process.json " + ID,
                    """
                    "<command>" is looked up in the container. It may be missing only with -p.

                    EXAMPLE:
                           # rung-oci exec ubuntu01 ps\
                    """,
                    "",
                    false,
                    CONSOLE_SOCKET,
                    PIDFD_SOCKET,
                    Option.text("cwd", "", "working folder in the container"),
                    Option.texts("env", "e", "set an environment variable, NAME=VALUE"),
                    Option.flag("tty", "t", "give the process a terminal"),
                    Option.text("user", "u", "<uid>[:<gid>] to run as"),
                    new Option(
                            "additional-gids",
                            "g",
                            Option.Kind.INTEGERS,
                            "",
                            "more groups to belong to",
                            false),
                    Option.text("process", "p", "file with the process as JSON"),
                    DETACH,
                    PID_FILE,
                    Option.text("process-label", "", "SELinux label of the process"),
                    Option.text("apparmor", "", "AppArmor profile of the process"),
                    Option.flag("no-new-privs", "", "the process can gain no privileges"),
                    Option.texts("cap", "c", "add a capability to the process"),
                    PRESERVE_FDS,
                    Option.texts(
                            "cgroup",
                            "",
                            "run in a cgroup below that of the container,"
                                    + " [<controller>[,<controller>]:]<path>"),
                    Option.flag("ignore-paused", "", "also in a paused container"),
                    NO_SUBREAPER.unmentioned());

    private static final Syntax EVENTS =
            syntax(
                    "events",
                    "print statistics and out-of-memory events of a container as JSON lines",
                    ID,
                    ID_REMARK,
                    "",
                    true,
                    new Option(
                            "interval",
                            "",
                            Option.Kind.DURATION,
                            "5s",
                            "time between two statistics",
                            false),
                    Option.flag("stats", "", "print statistics once and exit"));

    private static final Syntax UPDATE =
            syntax(
                    "update",
                    "change the resource limits of a container",
                    ID,
                    ID_REMARK,
                    """
                    --resources reads what linux.resources of config.json holds, such as
                    {"memory": {"limit": 67108864}, "pids": {"limit": 10}}; what it leaves out stays
                    as it is, and all other options are ignored then.\
                    """,
                    true,
                    Option.text(
                            "resources", "r", "JSON file with the limits, '-' for standard input"),
                    Option.integer("blkio-weight", "relative weight of block I/O, 10 to 1000"),
                    update("cpu-period", "length of a CPU period in microseconds"),
                    update("cpu-quota", "CPU time in a period in microseconds, -1 for no limit"),
                    update("cpu-burst", "unused CPU time that may be saved up, in microseconds"),
                    update("cpu-share", "relative weight of CPU time"),
                    update("cpu-rt-period", "length of a realtime period in microseconds"),
                    update("cpu-rt-runtime", "realtime in a period in microseconds"),
                    update("cpuset-cpus", "CPUs to run on, such as 0-2,4"),
                    update("cpuset-mems", "memory nodes to use"),
                    update("kernel-memory", "without effect").unmentioned(),
                    update("kernel-memory-tcp", "without effect").unmentioned(),
                    update("memory", "most memory, in bytes, -1 for no limit"),
                    update("cpu-idle", "1: run only when nothing else wants the CPU, 0: as usual"),
                    update("memory-reservation", "memory to keep free for it, in bytes"),
                    update("memory-swap", "most memory and swap together, -1 for no limit"),
                    Option.integer("pids-limit", "most processes, -1 for no limit"),
                    update("l3-cache-schema", "Intel RDT: schema of the L3 cache"),
                    update("mem-bw-schema", "Intel RDT: schema of the memory bandwidth"));

    private static final Syntax PAUSE =
            syntax("pause", "freeze all processes of a container", ID, ID_REMARK, "", true);

    private static final Syntax RESUME =
            syntax("resume", "let a paused container go on", ID, ID_REMARK, "", true);

    private static final Syntax SPEC =
            syntax(
                    "spec",
                    "write a config.json to begin with",
                    "",
                    "",
                    """
                    The container that it describes runs "sh" from a root file system in the folder
                    "rootfs" beside it.\
                    """,
                    true,
                    BUNDLE,
                    Option.flag("rootless", "", "for an ordinary user: with a user namespace"));

    private static final Syntax FEATURES =
            syntax(
                    "features",
                    "print what this runtime can do as JSON",
                    "",
                    "",
                    "The form is that of features.md of the runtime specification.",
                    true);

    private static final Syntax EXPLAIN =
            syntax(
                    "explain",
                    "print the program of system calls that a bundle compiles to",
                    "[BUNDLE] || --diff A B",
                    """
                    BUNDLE is the folder that holds config.json (default: the current folder). Nothing
                    is run. Each step stands beside the key of config.json that asks for it.\
                    """,
                    "",
                    true,
                    BUNDLE.unmentioned(),
                    CONFIG,
                    Option.flag("json", "", "print it as JSON"),
                    Option.flag("diff", "", "print the difference between two programs"),
                    Option.text("host", "", "compile for the host that this JSON file describes"),
                    Option.flag("print-host", "", "print the description of this host as JSON"),
                    Option.text(
                            "store",
                            "",
                            "store the program of \"run\" in this file and its end in FILE.cleanup:"
                                    + " \"rung-exec FILE FILE.cleanup\" replays them"),
                    Option.text("id", "", "the container's id in the program").or("ID"),
                    Option.flag("secrets", "", "print values of the environment too"));

    private Syntaxes() {}

    private static Option update(String name, String about) {
        return Option.text(name, "", about);
    }

    private static Syntax syntax(
            String name,
            String summary,
            String words,
            String remark,
            String description,
            boolean mixed,
            Option... options) {
        return new Syntax(name, summary, words, remark, description, List.of(options), mixed);
    }

    /** The command of that name, null when there is none. */
    static @Nullable Syntax of(String name) {
        return switch (name) {
            case "create" -> CREATE;
            case "run" -> RUN;
            case "start" -> START;
            case "state" -> STATE;
            case "kill" -> KILL;
            case "delete" -> DELETE;
            case "list" -> LIST;
            case "ps" -> PS;
            case "exec" -> EXEC;
            case "events" -> EVENTS;
            case "update" -> UPDATE;
            case "pause" -> PAUSE;
            case "resume" -> RESUME;
            case "spec" -> SPEC;
            case "features" -> FEATURES;
            case "explain" -> EXPLAIN;
            case "checkpoint" -> CriuSyntaxes.CHECKPOINT;
            case "restore" -> CriuSyntaxes.RESTORE;
            default -> null;
        };
    }

    /** All commands in the order of the help. */
    static List<Syntax> all() {
        return List.of(
                CriuSyntaxes.CHECKPOINT,
                CREATE,
                DELETE,
                EVENTS,
                EXEC,
                EXPLAIN,
                FEATURES,
                KILL,
                LIST,
                PAUSE,
                PS,
                CriuSyntaxes.RESTORE,
                RESUME,
                RUN,
                SPEC,
                START,
                STATE,
                UPDATE);
    }
}
