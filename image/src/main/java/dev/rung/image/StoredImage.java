package dev.rung.image;

import dev.rung.domain.ImageName;
import dev.rung.oci.image.ContentDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * What is kept under a name.
 *
 * @param name null when the last of its names went to another image
 * @param target a manifest or an index
 */
public record StoredImage(@Nullable ImageName name, ContentDescriptor target) {}
