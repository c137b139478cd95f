import org.jspecify.annotations.NullMarked;

/**
 * Containers and their one state, which every interface shows: what is asked of them, what the
 * runtime is told, what is on disk, and the monitors that stay with them while no daemon runs.
 */
@NullMarked
module dev.rung.engine {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.oci;
    requires transitive dev.rung.resident;
    requires transitive dev.rung.image;
    requires transitive dev.rung.network;
    requires dev.rung.linux;
    requires dev.rung.cli.oci;

    exports dev.rung.engine;
    exports dev.rung.engine.spec;
    exports dev.rung.engine.config;
    exports dev.rung.engine.files;
    exports dev.rung.engine.record;
    exports dev.rung.engine.monitor;
    exports dev.rung.engine.template;
}
