import org.jspecify.annotations.NullMarked;

/**
 * The node resource interface (NRI 0.12): plug-ins that hear of pods and containers, and change
 * what containers get.
 */
@NullMarked
module dev.rung.nri {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.cri.proto;
    requires dev.rung.linux;
    requires jdk.net;

    exports dev.rung.nri;
    exports dev.rung.nri.wire;
}
