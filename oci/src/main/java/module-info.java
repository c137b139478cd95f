import org.jspecify.annotations.NullMarked;

/**
 * Records of the OCI runtime and image specifications, read strictly, with errors that name file
 * and key.
 */
@NullMarked
module dev.rung.oci {
    requires static org.jspecify;
    requires transitive dev.rung.domain;

    exports dev.rung.oci;
    exports dev.rung.oci.image;
    exports dev.rung.oci.json;
}
