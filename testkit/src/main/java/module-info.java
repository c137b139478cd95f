import org.jspecify.annotations.NullMarked;

/** What tests need: bundles, an observer that looks out of a container, faults and clocks. */
@NullMarked
module dev.rung.testkit {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.oci;
}
