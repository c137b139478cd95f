package dev.rung.image.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Certificates and private keys in PEM (RFC 7468; RSA and EC keys also in OpenSSL's old forms). */
final class Pem {
    private static final String CERTIFICATE = "CERTIFICATE";

    // DER of the algorithm identifiers: rsaEncryption with NULL, and the id of ecPublicKey.
    private static final byte[] RSA = {
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        1,
        1,
        1,
        5,
        0
    };
    private static final byte[] EC_ID = {
        0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
    };
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int PARAMETERS = 0xa0;

    private record Block(String label, byte[] der) {}

    private Pem() {}

    /** All certificates of the file; fails when there is none. */
    static List<X509Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        var all = new ArrayList<X509Certificate>();
        for (Block block : blocks(file)) {
            if (block.label.equals(CERTIFICATE) || block.label.equals("TRUSTED CERTIFICATE")) {
                all.add(
                        (X509Certificate)
                                factory.generateCertificate(new ByteArrayInputStream(block.der)));
            }
        }
        if (all.isEmpty()) {
            throw new CertificateException(file + ": holds no certificate in PEM");
        }
        return all;
    }

    /** The file's first private key, which must not be encrypted. */
    static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        for (Block block : blocks(file)) {
            switch (block.label) {
                case "PRIVATE KEY" -> {
                    return decode(file, block.der, "RSA", "EC", "EdDSA");
                }
                case "RSA PRIVATE KEY" -> {
                    return decode(file, wrapped(RSA, block.der), "RSA");
                }
                case "EC PRIVATE KEY" -> {
                    byte[] curve = field(block.der, PARAMETERS);
                    return decode(file, wrapped(der(SEQUENCE, EC_ID, curve), block.der), "EC");
                }
                default -> {}
            }
        }
        throw new GeneralSecurityException(file + ": holds no plain private key in PEM");
    }

    private static PrivateKey decode(Path file, byte[] pkcs8, String... algorithms)
            throws GeneralSecurityException {
        for (String algorithm : algorithms) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // the key of another algorithm
            }
        }
        throw new GeneralSecurityException(file + ": a private key of an unknown kind");
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return der(SEQUENCE, VERSION_0, algorithm, der(OCTETS, key));
    }

    private static byte[] der(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    /** The content of the first field with this tag in a sequence of short fields (RFC 5915). */
    private static byte[] field(byte[] sequence, int tag) throws GeneralSecurityException {
        int at = sequence.length > 1 && (sequence[1] & 0xff) == 0x81 ? 3 : 2;
        while (at + 2 <= sequence.length) {
            int length = sequence[at + 1] & 0xff;
            if (length >= 0x80 || at + 2 + length > sequence.length) {
                break;
            }
            if ((sequence[at] & 0xff) == tag) {
                return Arrays.copyOfRange(sequence, at + 2, at + 2 + length);
            }
            at += 2 + length;
        }
        throw new GeneralSecurityException("an EC key that does not name its curve");
    }

    private static List<Block> blocks(Path file) throws IOException, GeneralSecurityException {
        String text;
        try {
            text = new String(Files.readAllBytes(file), ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file or directory", e);
        }
        var blocks = new ArrayList<Block>();
        int at = 0;
        while ((at = text.indexOf("-----BEGIN ", at)) >= 0) {
            int labelEnd = text.indexOf("-----", at + 11);
            if (labelEnd < 0) {
                break;
            }
            String label = text.substring(at + 11, labelEnd);
            int end = text.indexOf("-----END " + label + "-----", labelEnd);
            if (end < 0) {
                break;
            }
            try {
                String base64 = text.substring(labelEnd + 5, end).strip();
                blocks.add(new Block(label, Base64.getMimeDecoder().decode(base64)));
            } catch (IllegalArgumentException e) {
                throw new GeneralSecurityException(file + ": damaged PEM", e);
            }
            at = end;
        }
        return blocks;
    }
}
