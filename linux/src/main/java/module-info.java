import org.jspecify.annotations.NullMarked;

/** System calls and kernel structures through the Foreign Function and Memory API. */
@NullMarked
module dev.rung.linux {
    requires static org.jspecify;
    requires transitive dev.rung.domain;

    exports dev.rung.linux;
}
