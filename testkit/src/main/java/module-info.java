import org.jspecify.annotations.NullMarked;

/**
 * What system tests need: bundles, an observer that looks out of a container, a runtime to call,
 * and a check that nothing is left behind.
 */
@NullMarked
module dev.rung.testkit {
    requires static org.jspecify;
    requires transitive org.junit.jupiter.api;

    exports dev.rung.testkit;
}
