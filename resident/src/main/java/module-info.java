import org.jspecify.annotations.NullMarked;

/** The warm JVM's side of the hand-over from a front end. */
@NullMarked
module dev.rung.resident {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.linux;
    requires transitive dev.rung.program;

    exports dev.rung.resident;
}
