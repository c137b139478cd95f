package dev.rung.domain;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The hash that names a piece of content (image-spec descriptor.md "Digests"), such as sha256:
 * followed by 64 lower-case hexadecimal digits. As a file's name it holds no '/' and no dot.
 *
 * @param hex as many digits as the algorithm has
 */
public record Digest(Algorithm algorithm, String hex) implements Comparable<Digest> {
    /** What content is hashed with; others are refused. */
    public enum Algorithm {
        SHA256("SHA-256", 64),
        SHA512("SHA-512", 128);

        private final String javaName;
        private final int digits;

        Algorithm(String javaName, int digits) {
            this.javaName = javaName;
            this.digits = digits;
        }

        /** A new hash to feed with content. */
        public MessageDigest hash() {
            try {
                return MessageDigest.getInstance(javaName);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has it", e);
            }
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Digest {
        if (hex.length() != algorithm.digits || !isLowerHex(hex)) {
            throw invalid(algorithm + ":" + hex);
        }
    }

    /** Reads algorithm:hex. */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw invalid(text);
        }
        String name = text.substring(0, colon);
        for (Algorithm algorithm : Algorithm.values()) {
            if (algorithm.toString().equals(name)) {
                return new Digest(algorithm, text.substring(colon + 1));
            }
        }
        throw new Failure.Invalid(
                "unsupported digest algorithm: \""
                        + Printable.of(text)
                        + "\": want sha256 or sha512");
    }

    /** Of a hash that has all its content. */
    public static Digest of(Algorithm algorithm, MessageDigest hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash.digest()));
    }

    /** The SHA-256 of the content. */
    public static Digest sha256(byte[] content) {
        MessageDigest hash = Algorithm.SHA256.hash();
        hash.update(content);
        return of(Algorithm.SHA256, hash);
    }

    /** Whether the text has only the digits that a digest may have; also for the start of one. */
    public static boolean isLowerHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static Failure.Invalid invalid(String text) {
        return new Failure.Invalid(
                "invalid checksum digest format: \"" + Printable.of(text) + "\"");
    }

    /** The first twelve digits, as people see them in lists. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @Override
    public int compareTo(Digest other) {
        int order = algorithm.compareTo(other.algorithm);
        return order != 0 ? order : hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
