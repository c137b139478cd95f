import org.jspecify.annotations.NullMarked;

/** What every runtime offers to the engine, and the description of the host it stands on. */
@NullMarked
module dev.rung.isolation {
    requires static org.jspecify;
    requires transitive dev.rung.domain;

    exports dev.rung.isolation;
}
