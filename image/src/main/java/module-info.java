import org.jspecify.annotations.NullMarked;

/** Images: content addressed by digest, names, layers, and the registries they come from. */
@NullMarked
module dev.rung.image {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.oci;

    exports dev.rung.image;
}
