package dev.rung.oci.image;

/** The media types of both families (image-spec media-types.md) and what can be told from them. */
public final class MediaTypes {
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String OCI_LAYER_GZIP = OCI_LAYER + "+gzip";
    public static final String OCI_LAYER_ZSTD = OCI_LAYER + "+zstd";
    public static final String EMPTY = "application/vnd.oci.empty.v1+json";

    public static final String DOCKER_INDEX =
            "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_MANIFEST =
            "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    public static final String DOCKER_LAYER_GZIP =
            "application/vnd.docker.image.rootfs.diff.tar.gzip";

    private static final String DOCKER_SCHEMA_1 =
            "application/vnd.docker.distribution.manifest.v1+";

    private MediaTypes() {}

    public static boolean isIndex(String type) {
        return type.equals(OCI_INDEX) || type.equals(DOCKER_INDEX);
    }

    public static boolean isManifest(String type) {
        return type.equals(OCI_MANIFEST) || type.equals(DOCKER_MANIFEST);
    }

    /** The manifests of Docker before 2015, which no engine reads any more. */
    public static boolean isSchema1(String type) {
        return type.startsWith(DOCKER_SCHEMA_1);
    }

    /** Whether it is the configuration of an image that can be run. */
    public static boolean isImageConfig(String type) {
        return type.equals(OCI_CONFIG) || type.equals(DOCKER_CONFIG);
    }

    /** Layers that registries need not hold, with addresses of their own. */
    public static boolean isForeign(String type) {
        return type.contains(".nondistributable.") || type.contains(".foreign.");
    }
}
