import org.jspecify.annotations.NullMarked;

/** The messages of the Kubernetes container runtime interface, which protoc writes. */
@NullMarked
module dev.rung.cri.proto {
    requires static org.jspecify;
    requires transitive com.google.protobuf;

    exports dev.rung.cri.v1;
}
