import org.jspecify.annotations.NullMarked;

/** The Docker Engine API: Docker's routes, JSON, statuses and messages over the engine. */
@NullMarked
module dev.rung.docker {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.oci;
    requires transitive dev.rung.image;
    requires transitive dev.rung.network;
    requires transitive dev.rung.engine;
    requires transitive dev.rung.build;
    requires transitive dev.rung.rpc;
    requires dev.rung.linux;

    exports dev.rung.docker;
    exports dev.rung.docker.shape;
}
