package dev.rung.host.criu;

import dev.rung.host.criu.CriuOptions.Choice;
import dev.rung.host.criu.CriuOptions.PageServer;
import org.jspecify.annotations.Nullable;

/**
 * A request as it is written piece by piece, of type criu_req. Descriptors are named by the numbers
 * that they have in criu itself.
 */
public final class CriuRequest {
    private static final int DUMP = 1;
    private static final int RESTORE = 2;
    private static final int PRE_DUMP = 4;
    private static final int NOTIFY = 6;

    /** Warnings, information and debugging: what a failure is explained by. */
    private static final int LOG_LEVEL = 4;

    private static final int NEW_NETWORK = 0x40000000;

    private final int type;
    private final MessageWriter options = new MessageWriter();

    private CriuRequest(int type, CriuOptions asked, int images, String log) {
        this.type = type;
        PageServer pages = asked.pageServer();
        options.number(1, images)
                .flag(3, asked.has(Choice.LEAVE_RUNNING))
                .flag(4, asked.has(Choice.EXTERNAL_UNIX_SOCKETS))
                .flag(5, asked.has(Choice.TCP_ESTABLISHED))
                .flag(7, asked.has(Choice.SHELL_JOB))
                .flag(8, asked.has(Choice.FILE_LOCKS))
                .number(9, LOG_LEVEL)
                .text(10, log)
                .flag(12, true) // notifications
                .optional(14, asked.parent())
                .flag(15, !asked.parent().isEmpty())
                .flag(16, asked.has(Choice.AUTO_DEDUP))
                .flag(18, asked.has(Choice.LINK_REMAP))
                .flag(24, true) // manages cgroups, for criu before its modes
                .number(34, asked.cgroups().number)
                // As runc: what is in a network namespace is its maker's to restore.
                .number(38, NEW_NETWORK)
                .flag(46, asked.has(Choice.TCP_SKIP_IN_FLIGHT))
                .flag(48, asked.has(Choice.LAZY_PAGES))
                .flag(50, true) // a terminal whose master is outside
                .optional(51, asked.configFile())
                .optional(53, asked.lsmProfile())
                .optional(63, asked.lsmMountContext());
        if (pages != null) {
            options.message(
                    11, new MessageWriter().text(1, pages.address()).number(2, pages.port()));
        }
    }

    /**
     * A dump.
     *
     * @param images the descriptor of the folder that gets them
     * @param log name of the log in the working folder
     * @param pid of the container's first process
     * @param root of the container as its maker sees it
     */
    public static CriuRequest dump(
            CriuOptions asked, int images, String log, int pid, String root) {
        var request =
                new CriuRequest(asked.has(Choice.PRE_DUMP) ? PRE_DUMP : DUMP, asked, images, log);
        request.options.number(2, pid).text(13, root);
        return request;
    }

    /** A restore; the restored process becomes a sibling of criu. */
    public static CriuRequest restore(CriuOptions asked, int images, String log, String root) {
        var request = new CriuRequest(RESTORE, asked, images, log);
        // devices that are reached by another path than before; criu's parent gets the process
        request.options.flag(6, true).flag(26, true).text(13, root);
        return request;
    }

    /** The answer to a notification: go on. */
    public static byte[] goOn() {
        return new MessageWriter().number(1, NOTIFY).flag(3, true).bytes();
    }

    /** Where the log and what criu needs besides go; without it the folder of the images. */
    public CriuRequest workFolder(int descriptor) {
        options.number(17, descriptor);
        return this;
    }

    /** What is told when the pages can be fetched. */
    public CriuRequest status(int descriptor) {
        options.number(49, descriptor);
        return this;
    }

    /** The cgroup of version 1 that all processes of the container are in, to freeze them by. */
    public CriuRequest freezer(@Nullable String folder) {
        if (folder != null) {
            options.text(44, folder);
        }
        return this;
    }

    /**
     * A mount that is not the container's own.
     *
     * @param key its place inside at a dump; at a restore the name that the dump gave it
     * @param value the name that it gets; at a restore what is to be mounted there
     */
    public CriuRequest mount(String key, String value) {
        options.message(23, new MessageWriter().text(1, key).text(2, value));
        return this;
    }

    /** A namespace that is not the container's own. */
    public CriuRequest external(String kind, long inode, String key) {
        options.text(37, kind + "[" + inode + "]:" + key);
        return this;
    }

    /** A descriptor in the place of what had this key at the dump. */
    public CriuRequest inherited(String key, int descriptor) {
        options.message(27, new MessageWriter().text(1, key).number(2, descriptor));
        return this;
    }

    /** A namespace to enter rather than to make. */
    public CriuRequest joined(String kind, String file) {
        options.message(39, new MessageWriter().text(1, kind).text(2, file));
        return this;
    }

    /** Where the container's cgroup now is, as its hierarchy's root sees it. */
    public CriuRequest cgroup(String controller, String path) {
        options.message(25, new MessageWriter().text(1, controller).text(2, path));
        return this;
    }

    /** Its bytes. */
    public byte[] bytes() {
        return new MessageWriter().number(1, type).message(2, options).bytes();
    }
}
