package dev.rung.domain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A path, name or argument as the kernel sees it: bytes without a NUL, compared by content. Text
 * that comes from containers, images and argv need not be UTF-8; java.nio.file.Path is for our own
 * files.
 */
public final class KernelPath implements Comparable<KernelPath> {
    private final byte[] bytes;

    private KernelPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The bytes of the text ({@link RawText}). Invalid when it holds a NUL, which would cut it
     * short for the kernel.
     */
    public static KernelPath of(String text) {
        return of(RawText.encode(text));
    }

    /** A copy of the bytes, which must not hold a NUL. */
    public static KernelPath of(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                throw new Failure.Invalid(
                        "\"%s\": a NUL byte inside a path or name"
                                .formatted(
                                        Printable.of(new String(bytes, StandardCharsets.UTF_8))));
            }
        }
        return new KernelPath(bytes.clone());
    }

    /** The bytes, without a closing NUL; a copy. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public int compareTo(KernelPath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KernelPath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** For messages and listings: decoded as UTF-8, control characters escaped. */
    @Override
    public String toString() {
        return Printable.of(new String(bytes, StandardCharsets.UTF_8));
    }
}
