package dev.rung.oci.image;

import org.jspecify.annotations.Nullable;

/** How the tar of a layer is compressed. */
public enum LayerPacking {
    PLAIN,
    GZIP,
    ZSTD;

    /** Of a layer's media type, of either family; null when it is no layer's. */
    public static @Nullable LayerPacking of(String type) {
        if (type.startsWith("application/vnd.oci.image.layer.")) {
            return type.endsWith(".tar")
                    ? PLAIN
                    : type.endsWith(".tar+gzip") ? GZIP : type.endsWith(".tar+zstd") ? ZSTD : null;
        }
        if (type.startsWith("application/vnd.docker.image.rootfs.")) {
            return type.endsWith(".tar")
                    ? PLAIN
                    : type.endsWith(".tar.gzip")
                            ? GZIP
                            : type.endsWith(".tar.zstd") || type.endsWith(".tar+zstd")
                                    ? ZSTD
                                    : null;
        }
        return null;
    }

    /** The same layer by OCI's type; what is no layer's, or not to be handed on, stays as it is. */
    static ContentDescriptor inOciWords(ContentDescriptor layer) {
        LayerPacking packing = of(layer.mediaType());
        if (packing == null || MediaTypes.isForeign(layer.mediaType())) {
            return layer;
        }
        String type =
                switch (packing) {
                    case PLAIN -> MediaTypes.OCI_LAYER;
                    case GZIP -> MediaTypes.OCI_LAYER_GZIP;
                    case ZSTD -> MediaTypes.OCI_LAYER_ZSTD;
                };
        return ContentDescriptor.of(type, layer.digest(), layer.size());
    }
}
