package dev.rung.image.signature;

import dev.rung.oci.json.JsonFields;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** One thing that a policy asks of an image. */
sealed interface SignatureRequirement {
    /** That it is there. */
    record AcceptAnything() implements SignatureRequirement {}

    /** What no image has. */
    record Reject() implements SignatureRequirement {}

    /**
     * What cannot be found out here, and so is taken for not given.
     *
     * @param what as it follows "the policy asks for"
     */
    record Uncheckable(String what) implements SignatureRequirement {}

    /** A signature by one of the keys, for a name that the identity accepts. */
    record SigstoreSigned(List<KeySource> keys, SignedIdentity identity)
            implements SignatureRequirement {
        /** All of them, so that one that is damaged is noticed before it is needed. */
        List<SigningKey> readKeys() {
            return keys.stream().map(KeySource::read).toList();
        }
    }

    Set<String> ONLY_TYPE = Set.of("type");
    Set<String> BASE_LAYER_KEYS = Set.of("type", "baseLayerIdentity");
    Set<String> SIGNED_BY_KEYS =
            Set.of("type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity");
    Set<String> GPG_KEY_TYPES =
            Set.of("GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs");

    /** Invalid for a type or key that nobody knows. */
    static SignatureRequirement read(JsonFields fields) {
        return switch (fields.text("type")) {
            case "insecureAcceptAnything" -> {
                checkKeys(fields, ONLY_TYPE);
                yield new AcceptAnything();
            }
            case "reject" -> {
                checkKeys(fields, ONLY_TYPE);
                yield new Reject();
            }
            case "signedBy" -> signedBy(fields);
            case "signedBaseLayer" -> {
                checkKeys(fields, BASE_LAYER_KEYS);
                SignedIdentity.read(fields.object("baseLayerIdentity"));
                yield new Uncheckable("a signed base layer (signedBaseLayer)");
            }
            case "sigstoreSigned" -> SigstoreRequirement.read(fields);
            default -> throw fields.invalid("type", "no such requirement");
        };
    }

    private static SignatureRequirement signedBy(JsonFields fields) {
        checkKeys(fields, SIGNED_BY_KEYS);
        if (!GPG_KEY_TYPES.contains(fields.text("keyType"))) {
            throw fields.invalid("keyType", "want one of " + String.join(", ", GPG_KEY_TYPES));
        }
        checkGiven(fields, 1, 1, "keyPath", "keyPaths", "keyData");
        KeySource.of(fields);
        SignedIdentity.of(fields);
        return new Uncheckable("a GPG signature (signedBy)");
    }

    static void checkKeys(JsonFields fields, Set<String> known) {
        for (int i = 0; i < fields.size(); i++) {
            if (!known.contains(fields.name(i))) {
                throw fields.invalid(fields.name(i), "no such key");
            }
        }
    }

    /** How many of the keys may be given. */
    static void checkGiven(JsonFields fields, int least, int most, String... keys) {
        long given = Arrays.stream(keys).filter(fields::has).count();
        if (given < least || given > most) {
            throw fields.invalid(
                    "want %s one of %s, got %d"
                            .formatted(
                                    least == most ? "exactly" : "at most",
                                    String.join(", ", keys),
                                    given));
        }
    }
}
