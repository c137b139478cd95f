import org.jspecify.annotations.NullMarked;

/** Images made of Dockerfiles: reading them, the steps they consist of, and the cache of those. */
@NullMarked
module dev.rung.build {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.oci;
    requires transitive dev.rung.image;
    requires transitive dev.rung.engine;
    requires dev.rung.linux;

    exports dev.rung.build;
    exports dev.rung.build.dockerfile;
}
