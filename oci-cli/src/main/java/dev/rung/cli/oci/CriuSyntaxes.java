package dev.rung.cli.oci;

import java.util.List;

/** The options of checkpoint and restore, as runc has them. */
final class CriuSyntaxes {
    private static final String ID = "<container-id>";

    private static final Option WORK_PATH =
            Option.text("work-path", "", "folder for criu's log and other files of its work");
    private static final Option TCP_ESTABLISHED =
            Option.flag("tcp-established", "", "allow open TCP connections");
    private static final Option EXT_UNIX_SK =
            Option.flag("ext-unix-sk", "", "allow unix sockets whose other end is outside");
    private static final Option SHELL_JOB =
            Option.flag("shell-job", "", "allow the terminal of a caller's shell");
    private static final Option FILE_LOCKS = Option.flag("file-locks", "", "take file locks along");
    private static final Option CGROUPS =
            Option.text(
                    "manage-cgroups-mode",
                    "",
                    "what of cgroups is kept: soft|full|strict|ignore (default: soft)");
    private static final Option EMPTY_NS =
            Option.texts("empty-ns", "", "make such a namespace, but nothing that was in it");
    private static final Option AUTO_DEDUP =
            Option.flag("auto-dedup", "", "free pages of earlier images as newer ones hold them");

    static final Syntax CHECKPOINT =
            new Syntax(
                    "checkpoint",
                    "write a running container to files",
                    ID,
                    "\"<container-id>\" is the name of the container.",
                    """
                    Has criu write all processes of a container to image files, from which "restore"
                    makes them go on. The container ends unless it is told to go on.\
                    """,
                    List.of(
                            Option.text(
                                    "image-path",
                                    "",
                                    "folder for the image files (default: \"checkpoint\" in the"
                                            + " current folder)"),
                            WORK_PATH,
                            Option.text(
                                    "parent-path",
                                    "",
                                    "image files of an earlier pre-dump, relative to --image-path"),
                            Option.flag("leave-running", "", "let the container go on"),
                            TCP_ESTABLISHED,
                            Option.flag(
                                    "tcp-skip-in-flight",
                                    "",
                                    "leave out TCP connections that are being made"),
                            Option.flag(
                                    "link-remap",
                                    "",
                                    "give deleted files a name where they need one"),
                            EXT_UNIX_SK,
                            SHELL_JOB,
                            Option.flag("lazy-pages", "", "hand memory out as it is asked for"),
                            Option.integer(
                                            "status-fd",
                                            "gets a NUL when lazy pages can be asked for")
                                    .or("-1"),
                            Option.text(
                                    "page-server", "", "ADDRESS:PORT of who is sent the memory"),
                            FILE_LOCKS,
                            Option.flag(
                                    "pre-dump",
                                    "",
                                    "write the memory only, and let the container go on"),
                            CGROUPS,
                            EMPTY_NS,
                            AUTO_DEDUP,
                            Option.flag("keep", "", "leave what is left of a container that ended")
                                    .unmentioned()),
                    true);

    static final Syntax RESTORE =
            new Syntax(
                    "restore",
                    "make a container from the files of a checkpoint",
                    ID,
                    """
                    "<container-id>" is the name that the container gets. No two containers below one
                    --root may have the same.\
                    """,
                    """
                    The processes go on where "checkpoint" stopped them, in a container that the
                    bundle describes as it did then. criu runs what the image files hold with the
                    rights of the caller: nobody else may have been able to write to them.\
                    """,
                    List.of(
                            Option.text(
                                    "console-socket",
                                    "",
                                    "unix socket that is sent the master end of the terminal"),
                            Option.text(
                                    "image-path",
                                    "",
                                    "folder of the image files (default: \"checkpoint\" in the"
                                            + " current folder)"),
                            WORK_PATH,
                            TCP_ESTABLISHED,
                            EXT_UNIX_SK,
                            SHELL_JOB,
                            FILE_LOCKS,
                            CGROUPS,
                            Option.text(
                                    "bundle",
                                    "b",
                                    "folder that holds config.json (default: the current folder)"),
                            Option.flag("detach", "d", "do not wait for the end of the process"),
                            Option.text("pid-file", "", "file that the process id is written to"),
                            Option.flag(
                                    "no-subreaper",
                                    "",
                                    "do not become the reaper of orphaned processes"),
                            Option.flag("no-pivot", "", "without effect: criu sets the root"),
                            EMPTY_NS,
                            AUTO_DEDUP,
                            Option.flag("lazy-pages", "", "fetch memory as it is needed"),
                            Option.text("lsm-profile", "", "another LSM profile, TYPE:NAME"),
                            Option.text(
                                    "lsm-mount-context", "", "another SELinux context of mounts")),
                    true);

    private CriuSyntaxes() {}
}
