import org.jspecify.annotations.NullMarked;

/** Images: content addressed by digest, names, layers, and the registries they come from. */
@NullMarked
module dev.rung.image {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.linux;
    requires transitive dev.rung.oci;
    requires com.github.luben.zstd_jni;

    exports dev.rung.image;
    exports dev.rung.image.archive;
    exports dev.rung.image.compression;
    exports dev.rung.image.http;
    exports dev.rung.image.layer;
    exports dev.rung.image.snapshot;
    exports dev.rung.image.tar;
    exports dev.rung.image.registry;
    exports dev.rung.image.signature;
    exports dev.rung.image.unpack;
}
