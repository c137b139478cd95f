package dev.rung.image.signature;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.security.MessageDigest;
import java.util.Set;

/**
 * What a signature says: a manifest has a name (containers/image, atomic-signature "simple
 * signing", with cosign's type).
 *
 * @param manifest its digest
 * @param reference the name, as it was written
 */
record SignedClaim(Digest manifest, String reference) {
    private static final String TYPE = "cosign container image signature";

    /** Exactly these keys must be there: what is not understood may be what matters. */
    static SignedClaim read(byte[] payload) {
        JsonFields all = JsonFields.readUnique("signed payload", payload);
        checkKeys(all, "critical", "optional");
        JsonFields critical = all.object("critical");
        checkKeys(critical, "type", "image", "identity");
        if (!critical.text("type").equals(TYPE)) {
            throw critical.invalid("type", "want \"" + TYPE + "\"");
        }
        JsonFields optional = all.optionalObject("optional");
        if (optional != null) {
            optional.freeText("creator");
            optional.optionalInteger("timestamp", Long.MIN_VALUE, Long.MAX_VALUE);
        }
        JsonFields image = critical.object("image");
        checkKeys(image, "docker-manifest-digest");
        JsonFields identity = critical.object("identity");
        checkKeys(identity, "docker-reference");
        return new SignedClaim(
                Digest.parse(image.text("docker-manifest-digest")),
                identity.text("docker-reference"));
    }

    private static void checkKeys(JsonFields fields, String... keys) {
        SignatureRequirement.checkKeys(fields, Set.of(keys));
        for (String key : keys) {
            if (fields.json().get(key) == null) {
                throw fields.invalid(key, "it is required");
            }
        }
    }

    /** Invalid unless the claim is about this manifest. */
    void checkManifest(byte[] text) {
        MessageDigest hash = manifest.algorithm().hash();
        hash.update(text);
        if (!Digest.of(manifest.algorithm(), hash).equals(manifest)) {
            throw new Failure.Invalid("Signature for digest " + manifest + " does not match");
        }
    }

    /** The name as it can be shown. */
    String shown() {
        return Printable.of(reference);
    }
}
