package dev.rung.image.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;

/** Signs images as cosign does, with a key of its own. */
public final class Signer {
    private final KeyPair keys;
    private final String way;

    /** EC, RSA or Ed25519. */
    public Signer(String kind) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        if (!kind.equals("Ed25519")) {
            generator.initialize(kind.equals("EC") ? 256 : 2048);
        }
        keys = generator.generateKeyPair();
        way = kind.equals("EC") ? "SHA256withECDSA" : kind.equals("RSA") ? "SHA256withRSA" : kind;
    }

    /** The public key as PEM has it. */
    public String pem() {
        byte[] encoded = keys.getPublic().getEncoded();
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** The same as "keyData" has it. */
    public String keyData() {
        return Base64.getEncoder().encodeToString(pem().getBytes(UTF_8));
    }

    /** What is signed of an image. */
    public static String claim(Digest manifest, String reference) {
        return """
        {"critical":{"identity":{"docker-reference":"%s"},\
        "image":{"docker-manifest-digest":"%s"},\
        "type":"cosign container image signature"},"optional":null}\
        """
                .formatted(reference, manifest);
    }

    public AttachedSignature sign(String payload) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(way);
        signature.initSign(keys.getPrivate());
        signature.update(payload.getBytes(UTF_8));
        return new AttachedSignature(
                payload.getBytes(UTF_8), Base64.getEncoder().encodeToString(signature.sign()));
    }
}
