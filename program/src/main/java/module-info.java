import org.jspecify.annotations.NullMarked;

/**
 * Programs of system calls: their steps, their bytes, their listing, and the executor that runs
 * them.
 */
@NullMarked
module dev.rung.program {
    requires static org.jspecify;
    requires transitive dev.rung.domain;

    exports dev.rung.program;
}
