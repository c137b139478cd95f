package dev.rung.image.archive;

import dev.rung.domain.ImageName;
import dev.rung.oci.image.ContentDescriptor;
import java.util.List;

/**
 * An image that came out of an archive.
 *
 * @param names under which it is kept now; perhaps none
 */
public record LoadedImage(List<ImageName> names, ContentDescriptor target) {
    public LoadedImage {
        names = List.copyOf(names);
    }
}
