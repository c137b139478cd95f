package dev.rung.image.signature;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which names in a signature are accepted for an image ("signedIdentity"). */
sealed interface SignedIdentity {
    /** The image's own name, with its tag or digest. */
    record MatchExact() implements SignedIdentity {
        @Override
        public boolean matches(ImageName image, ImageName signed) {
            return isWhole(signed) && signed.equals(image);
        }
    }

    /** The same of an image by tag; any tag of its repository for one by digest. */
    record MatchRepoDigestOrExact() implements SignedIdentity {
        @Override
        public boolean matches(ImageName image, ImageName signed) {
            return isWhole(signed)
                    && (image.digest() == null
                            ? signed.equals(image)
                            : signed.repository().equals(image.repository()));
        }
    }

    /** The image's repository, with any tag or none. */
    record MatchRepository() implements SignedIdentity {
        @Override
        public boolean matches(ImageName image, ImageName signed) {
            return signed.repository().equals(image.repository());
        }
    }

    /** This one name, whatever the image is called. */
    record ExactReference(ImageName name) implements SignedIdentity {
        @Override
        public boolean matches(ImageName image, ImageName signed) {
            return isWhole(signed) && signed.equals(name);
        }
    }

    /** This one repository, whatever the image is called. */
    record ExactRepository(ImageName name) implements SignedIdentity {
        @Override
        public boolean matches(ImageName image, ImageName signed) {
            return signed.repository().equals(name.repository());
        }
    }

    /** As {@link MatchRepoDigestOrExact}, where images below a prefix are signed as of another. */
    record RemapIdentity(String prefix, String signedPrefix) implements SignedIdentity {
        @Override
        public boolean matches(ImageName image, ImageName signed) {
            ImageName meant = remapped(image);
            return meant != null && new MatchRepoDigestOrExact().matches(meant, signed);
        }

        private @Nullable ImageName remapped(ImageName image) {
            String repository = image.repository();
            boolean below = repository.equals(prefix) || repository.startsWith(prefix + "/");
            if (!below) {
                return image;
            }
            String moved = signedPrefix + image.toString().substring(prefix.length());
            ImageName name = parsed(moved);
            return name != null && name.toString().equals(moved) ? name : null;
        }
    }

    Set<String> ONLY_TYPE = Set.of("type");

    /** Of a requirement, with what is usual where it says nothing. */
    static SignedIdentity of(JsonFields requirement) {
        JsonFields identity = requirement.optionalObject("signedIdentity");
        return identity == null ? new MatchRepoDigestOrExact() : read(identity);
    }

    static SignedIdentity read(JsonFields fields) {
        String type = fields.text("type");
        SignatureRequirement.checkKeys(
                fields,
                switch (type) {
                    case "exactReference" -> Set.of("type", "dockerReference");
                    case "exactRepository" -> Set.of("type", "dockerRepository");
                    case "remapIdentity" -> Set.of("type", "prefix", "signedPrefix");
                    default -> ONLY_TYPE;
                });
        return switch (type) {
            case "matchExact" -> new MatchExact();
            case "matchRepoDigestOrExact" -> new MatchRepoDigestOrExact();
            case "matchRepository" -> new MatchRepository();
            case "exactReference" -> {
                ImageName name = name(fields, "dockerReference");
                if (!isWhole(name)) {
                    throw fields.invalid("dockerReference", "want a tag or a digest");
                }
                yield new ExactReference(name);
            }
            case "exactRepository" -> new ExactRepository(name(fields, "dockerRepository"));
            case "remapIdentity" ->
                    new RemapIdentity(prefix(fields, "prefix"), prefix(fields, "signedPrefix"));
            default -> throw fields.invalid("type", "no such identity");
        };
    }

    private static ImageName name(JsonFields fields, String key) {
        ImageName name = parsed(fields.text(key));
        if (name == null) {
            throw fields.invalid(key, "want the name of an image");
        }
        return name;
    }

    /** A host, or one with the beginning of a path. */
    private static String prefix(JsonFields fields, String key) {
        String prefix = fields.text(key);
        String below = prefix + "/a/b";
        ImageName name = parsed(below);
        if (name == null || !name.toString().equals(below)) {
            throw fields.invalid(
                    key, "\"" + Printable.of(prefix) + "\": want HOST or HOST/NAMESPACE");
        }
        return prefix;
    }

    private static @Nullable ImageName parsed(String text) {
        try {
            return ImageName.parse(text);
        } catch (Failure.Invalid _) {
            return null;
        }
    }

    private static boolean isWhole(ImageName name) {
        return name.tag() != null || name.digest() != null;
    }

    /**
     * Whether the name that a signature has is accepted.
     *
     * @param image as it was asked for, with a tag or a digest
     */
    default boolean accepts(ImageName image, String reference) {
        ImageName signed = parsed(reference);
        return signed != null && matches(image, signed);
    }

    boolean matches(ImageName image, ImageName signed);
}
