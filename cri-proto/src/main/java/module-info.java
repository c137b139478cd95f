import org.jspecify.annotations.NullMarked;

/**
 * The messages of the Kubernetes container runtime interface and of the node resource interface,
 * which protoc writes.
 */
@NullMarked
module dev.rung.cri.proto {
    requires static org.jspecify;
    requires transitive com.google.protobuf;

    exports dev.rung.cri.v1;
    exports dev.rung.nri.v1alpha1;
    exports dev.rung.nri.ttrpc;
}
