import org.jspecify.annotations.NullMarked;

/** rungd: the one page of wiring, and the process that serves. */
@NullMarked
module dev.rung.daemon {
    requires static org.jspecify;
    requires dev.rung.domain;
    requires dev.rung.linux;
    requires dev.rung.oci;
    requires dev.rung.resident;
    requires dev.rung.cli.oci;
    requires dev.rung.image;
    requires dev.rung.network;
    requires dev.rung.engine;
    requires dev.rung.build;
    requires dev.rung.cri;
    requires dev.rung.nri;
    requires dev.rung.rpc;
    requires dev.rung.docker;
    requires dev.rung.cli;
}
