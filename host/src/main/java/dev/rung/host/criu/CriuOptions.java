package dev.rung.host.criu;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a person may ask of criu, for a dump or a restore (criu(8)); each is nothing by itself.
 *
 * @param parent where the images of an earlier dump are, relative to those of this one; empty: none
 * @param lsmProfile TYPE:NAME of a restore; empty: as it was
 * @param lsmMountContext of a restore; empty: as it was
 * @param configFile which criu reads for more; empty: none
 */
public record CriuOptions(
        Set<Choice> choices,
        CgroupMode cgroups,
        @Nullable PageServer pageServer,
        String parent,
        String lsmProfile,
        String lsmMountContext,
        String configFile) {

    /** What is asked for or not, as runc names it on its command line. */
    public enum Choice {
        LEAVE_RUNNING("leave-running"),
        TCP_ESTABLISHED("tcp-established"),
        TCP_SKIP_IN_FLIGHT("tcp-skip-in-flight"),
        LINK_REMAP("link-remap"),
        EXTERNAL_UNIX_SOCKETS("ext-unix-sk"),
        SHELL_JOB("shell-job"),
        FILE_LOCKS("file-locks"),
        AUTO_DEDUP("auto-dedup"),
        LAZY_PAGES("lazy-pages"),
        PRE_DUMP("pre-dump");

        private final String text;

        Choice(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public boolean has(Choice choice) {
        return choices.contains(choice);
    }

    /** How far criu keeps and restores properties of cgroups. */
    public enum CgroupMode {
        DEFAULT(6),
        SOFT(3),
        FULL(4),
        STRICT(5),
        IGNORE(0);

        final int number;

        CgroupMode(int number) {
            this.number = number;
        }
    }

    /** Where the memory's pages are sent. */
    public record PageServer(String address, int port) {}
}
