package dev.rung.image;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import java.util.List;

/**
 * Images that are kept although nothing uses them, named by patterns as CRI-O's pinned_images: a
 * whole name, the beginning of one with * behind it, or a part of one between two *.
 */
public record PinnedImages(List<String> patterns) {
    public static final PinnedImages NONE = new PinnedImages(List.of());

    private static final String ANY = "*";

    public PinnedImages {
        patterns = List.copyOf(patterns);
    }

    /** Whether that can be a pattern: with * nowhere but at its end, or at both ends. */
    public static boolean isPattern(String text) {
        boolean open = text.endsWith(ANY);
        String part = open ? text.substring(0, text.length() - 1) : text;
        part = open && part.startsWith(ANY) ? part.substring(1) : part;
        return !part.isEmpty() && !part.contains(ANY);
    }

    /** Whether one of the names of an image is pinned. */
    public boolean has(List<StoredImage> names) {
        for (StoredImage stored : names) {
            ImageName name = stored.name();
            if (name != null && has(name)) {
                return true;
            }
        }
        return false;
    }

    private boolean has(ImageName name) {
        return patterns.stream()
                .anyMatch(pattern ->
                        fits(pattern, name.toString()) || fits(pattern, name.familiar()));
    }

    private static boolean fits(String pattern, String name) {
        if (!pattern.endsWith(ANY)) {
            return pattern.equals(name) || isSame(pattern, name);
        }
        String rest = pattern.substring(0, pattern.length() - 1);
        return rest.startsWith(ANY) ? name.contains(rest.substring(1)) : name.startsWith(rest);
    }

    private static boolean isSame(String pattern, String name) {
        try {
            return ImageName.parse(pattern).withDefaultTag().toString().equals(name);
        } catch (Failure.Invalid _) {
            return false;
        }
    }
}
