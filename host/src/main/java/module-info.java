import org.jspecify.annotations.NullMarked;

/**
 * Compiles an OCI runtime configuration into a program for a host, and keeps the lifecycle of its
 * containers.
 */
@NullMarked
module dev.rung.host {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.program;
    requires transitive dev.rung.oci;
    requires transitive dev.rung.isolation;

    exports dev.rung.host.cgroup;
    exports dev.rung.host.compile;
    exports dev.rung.host.criu;
    exports dev.rung.host.net;
    exports dev.rung.host.systemd;
}
