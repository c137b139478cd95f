import org.jspecify.annotations.NullMarked;

/** The command line of rung: Docker's words, options, messages and exit codes. */
@NullMarked
module dev.rung.cli {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.oci;
    requires transitive dev.rung.engine;
    requires transitive dev.rung.build;
    requires transitive dev.rung.image;
    requires transitive dev.rung.resident;
    requires transitive dev.rung.cli.oci;
    requires dev.rung.docker;
    requires dev.rung.linux;
    requires dev.rung.program;
    requires info.picocli;

    exports dev.rung.cli;
}
