package dev.rung.image.layer;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import java.util.Arrays;

/**
 * Where an entry lies in a layer: a path without a slash at its ends, without "." and "..". The
 * root of the layer is the empty path.
 */
record LayerPath(KernelPath whole, KernelPath parent, KernelPath name) {
    static final KernelPath ROOT = KernelPath.of("");

    private static final KernelPath HERE = KernelPath.of(".");

    /**
     * A name of an archive, taken apart by its text alone, as Docker does: an absolute one begins
     * at the layer's root. Invalid when it leads out of it.
     */
    static LayerPath of(KernelPath recorded) {
        byte[] from = recorded.toBytes();
        var clean = new byte[from.length];
        int length = 0;
        for (int start = 0; start <= from.length; ) {
            int end = start;
            while (end < from.length && from[end] != '/') {
                end++;
            }
            int size = end - start;
            if (size == 2 && from[start] == '.' && from[start + 1] == '.') {
                if (length == 0) {
                    throw new Failure.Invalid(
                            "invalid layer: \"" + recorded + "\" leads out of it");
                }
                length = Math.max(0, lastSlash(clean, length));
            } else if (size > 1 || size == 1 && from[start] != '.') {
                if (length > 0) {
                    clean[length++] = '/';
                }
                System.arraycopy(from, start, clean, length, size);
                length += size;
            }
            start = end + 1;
        }
        return ofClean(Arrays.copyOf(clean, length));
    }

    private static LayerPath ofClean(byte[] clean) {
        int slash = lastSlash(clean, clean.length);
        return new LayerPath(
                KernelPath.of(clean),
                slash < 0 ? ROOT : KernelPath.of(Arrays.copyOf(clean, slash)),
                KernelPath.of(Arrays.copyOfRange(clean, slash + 1, clean.length)));
    }

    /** What lies below a folder of the layer. */
    static KernelPath below(KernelPath folder, KernelPath name) {
        if (folder.length() == 0) {
            return name;
        }
        byte[] whole = Arrays.copyOf(folder.toBytes(), folder.length() + 1 + name.length());
        whole[folder.length()] = '/';
        System.arraycopy(name.toBytes(), 0, whole, folder.length() + 1, name.length());
        return KernelPath.of(whole);
    }

    /** The path for a call that wants one: "." for the root. */
    static KernelPath forCall(KernelPath path) {
        return path.length() == 0 ? HERE : path;
    }

    boolean isRoot() {
        return whole.length() == 0;
    }

    private static int lastSlash(byte[] text, int length) {
        int at = length - 1;
        while (at >= 0 && text[at] != '/') {
            at--;
        }
        return at;
    }
}
