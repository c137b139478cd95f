package dev.rung.image.signature;

import dev.rung.domain.Failure;
import java.util.Base64;
import java.util.List;

/**
 * A signature as cosign attaches it to an image (its SIGNATURE_SPEC.md).
 *
 * @param payload what was signed
 * @param signature in base64, as the annotation {@value #ANNOTATION} has it
 */
public record AttachedSignature(byte[] payload, String signature) {
    /** The media type of the payload. */
    public static final String MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

    /** The annotation of the payload's descriptor with the signature. */
    public static final String ANNOTATION = "dev.cosignproject.cosign/signature";

    /** What it says, which is read only once one of the keys signed it; else Invalid. */
    SignedClaim verified(List<SigningKey> keys) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException e) {
            throw new Failure.Invalid("a signature: want base64");
        }
        for (SigningKey key : keys) {
            if (key.signed(payload, bytes)) {
                return SignedClaim.read(payload);
            }
        }
        throw new Failure.Invalid("cryptographic signature verification failed");
    }
}
