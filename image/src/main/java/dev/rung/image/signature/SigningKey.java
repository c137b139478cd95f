package dev.rung.image.signature;

import dev.rung.domain.Failure;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A public key that images are signed with, and the way it signs, which is cosign's: ECDSA and RSA
 * (PKCS #1, version 1.5) over a SHA-256, or Ed25519.
 */
record SigningKey(PublicKey key, Kind kind) {
    private static final Pattern PEM =
            Pattern.compile(
                    "-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");

    /** What a key can be. */
    enum Kind {
        EC("SHA256withECDSA"),
        RSA("SHA256withRSA"),
        ED25519("Ed25519");

        private final String way;

        Kind(String way) {
            this.way = way;
        }
    }

    /** Of the first public key in a text of PEM (RFC 7468, section 13). */
    static SigningKey read(String place, String text) {
        Matcher matcher = PEM.matcher(text);
        if (!matcher.find()) {
            throw new Failure.Invalid(place + ": want a public key in PEM (BEGIN PUBLIC KEY)");
        }
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(matcher.group(1));
        } catch (IllegalArgumentException e) {
            throw new Failure.Invalid(place + ": a public key in PEM: want base64");
        }
        for (Kind kind : Kind.values()) {
            try {
                PublicKey key =
                        KeyFactory.getInstance(kind.name())
                                .generatePublic(new X509EncodedKeySpec(encoded));
                return new SigningKey(key, kind);
            } catch (InvalidKeySpecException _) {
                // it may be of the next kind
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has it", e);
            }
        }
        throw new Failure.Invalid(place + ": want a key of ECDSA, RSA or Ed25519");
    }

    /** Whether this key signed the content. */
    boolean signed(byte[] content, byte[] signature) {
        try {
            Signature check = Signature.getInstance(kind.way);
            check.initVerify(key);
            check.update(content);
            return check.verify(signature);
        } catch (SignatureException _) {
            return false; // it is no signature of this kind at all
        } catch (GeneralSecurityException e) {
            throw new Failure.Invalid("check a signature: " + e.getMessage());
        }
    }
}
