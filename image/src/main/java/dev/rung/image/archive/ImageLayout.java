package dev.rung.image.archive;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An OCI layout that lies in a folder (image-spec image-layout.md), as its owner may read it. */
public interface ImageLayout {
    /** A file of it by its path, such as blobs/sha256/HEX; null when there is none. */
    @Nullable InputStream open(String path) throws IOException;
}
