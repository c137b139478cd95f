package dev.rung.host.criu;

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
        boolean leaveRunning,
        boolean tcpEstablished,
        boolean tcpSkipInFlight,
        boolean linkRemap,
        boolean externalUnixSockets,
        boolean shellJob,
        boolean fileLocks,
        boolean autoDedup,
        boolean lazyPages,
        boolean preDump,
        CgroupMode cgroups,
        @Nullable PageServer pageServer,
        String parent,
        String lsmProfile,
        String lsmMountContext,
        String configFile) {

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
