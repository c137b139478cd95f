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
}
