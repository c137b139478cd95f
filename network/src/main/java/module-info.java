import org.jspecify.annotations.NullMarked;

/** Networks of containers: bridges, addresses, published ports, names. */
@NullMarked
module dev.rung.network {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.linux;
    requires transitive dev.rung.oci;

    exports dev.rung.network;
    exports dev.rung.network.cni;
}
