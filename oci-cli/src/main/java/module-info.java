import org.jspecify.annotations.NullMarked;

/** The command line of rung-oci, verb for verb and flag for flag runc's. */
@NullMarked
module dev.rung.cli.oci {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires dev.rung.linux;
    requires transitive dev.rung.program;
    requires transitive dev.rung.oci;
    requires transitive dev.rung.isolation;
    requires transitive dev.rung.host;
    requires transitive dev.rung.resident;

    exports dev.rung.cli.oci;
}
