package dev.rung.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an image was built for, in Go's words (image-spec image-index.md "platform"), with one
 * spelling for each: amd64, not x86_64; arm64 without its only variant v8; arm with v7 when none is
 * given.
 *
 * @param variant of the processor, such as v7
 */
public record Platform(String os, String architecture, @Nullable String variant) {
    public Platform {
        os = lower(os);
        architecture = lower(architecture);
        variant = variant == null || variant.isEmpty() ? null : lower(variant);
        switch (architecture) {
            case "x86_64", "x86-64" -> architecture = "amd64";
            case "i386", "i486", "i586", "i686", "x86" -> architecture = "386";
            case "aarch64" -> architecture = "arm64";
            case "armhf" -> {
                architecture = "arm";
                variant = variant == null ? "v7" : variant;
            }
            case "armel" -> {
                architecture = "arm";
                variant = variant == null ? "v6" : variant;
            }
            case "arm" -> variant = variant == null ? "v7" : variant;
            default -> {}
        }
        if (variant != null && isDigits(variant)) {
            variant = "v" + variant;
        }
        if (architecture.equals("arm64") && "v8".equals(variant)
                || architecture.equals("amd64") && "v1".equals(variant)) {
            variant = null;
        }
    }

    /** Reads os/architecture[/variant], an architecture alone, or "linux" alone. */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        for (String part : parts) {
            if (!isWord(part)) {
                throw invalid(text);
            }
        }
        return switch (parts.length) {
            case 1 -> lower(text).equals("linux") ? host() : new Platform("linux", text, null);
            case 2 -> new Platform(parts[0], parts[1], null);
            case 3 -> new Platform(parts[0], parts[1], parts[2]);
            default -> throw invalid(text);
        };
    }

    private static Failure.Invalid invalid(String text) {
        return new Failure.Invalid(
                "\"%s\" is an invalid OS/architecture: want os/architecture[/variant], such as linux/arm64"
                        .formatted(Printable.of(text)));
    }

    /** This machine's. */
    public static Platform host() {
        return new Platform("linux", System.getProperty("os.arch", "amd64"), null);
    }

    /** What a machine of this platform can run, the best first. */
    public List<Platform> compatible() {
        var all = new ArrayList<Platform>();
        all.add(this);
        switch (architecture) {
            case "amd64" -> {
                for (int level = level(1) - 1; level > 1; level--) {
                    all.add(new Platform(os, architecture, "v" + level));
                }
                if (variant != null) {
                    all.add(new Platform(os, architecture, null));
                }
                all.add(new Platform(os, "386", null));
            }
            case "arm64" -> {
                if (variant != null) {
                    all.add(new Platform(os, architecture, null));
                }
                for (int level = 8; level >= 5; level--) {
                    all.add(new Platform(os, "arm", "v" + level));
                }
            }
            case "arm" -> {
                for (int level = level(7) - 1; level >= 5; level--) {
                    all.add(new Platform(os, architecture, "v" + level));
                }
            }
            default -> {}
        }
        return List.copyOf(all);
    }

    private int level(int absent) {
        return variant != null && variant.length() == 2 && isDigits(variant.substring(1))
                ? variant.charAt(1) - '0'
                : absent;
    }

    private static boolean isWord(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c) && (i == 0 || "._-".indexOf(c) < 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Such as linux/arm/v7. */
    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
