package dev.rung.image.layer;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.FileStatus;
import java.util.Arrays;

/**
 * How layers say that something of the layers below is gone (image-spec layer.md "Whiteouts"), in
 * archives and in folders for overlayfs.
 */
final class Whiteouts {
    static final KernelPath OPAQUE = KernelPath.of(".wh..wh..opq");

    /** Attributes by which overlayfs marks its folders; a layer may bring none of its own. */
    static final KernelPath OPAQUE_ATTRIBUTE = KernelPath.of("trusted.overlay.opaque");

    static final KernelPath USER_OPAQUE_ATTRIBUTE = KernelPath.of("user.overlay.opaque");

    private static final byte[] MARK = {'.', 'w', 'h', '.'};
    private static final byte[] RESERVED = {'.', 'w', 'h', '.', '.', 'w', 'h', '.'};

    private Whiteouts() {}

    static boolean isMark(KernelPath name) {
        return startsWith(name, MARK);
    }

    /** Names such as .wh..wh.plnk, by which aufs kept its books. */
    static boolean isReserved(KernelPath name) {
        return startsWith(name, RESERVED);
    }

    /** What a whiteout takes away. Invalid when that would be its own folder or none at all. */
    static KernelPath hidden(KernelPath mark) {
        byte[] bytes = mark.toBytes();
        KernelPath name = KernelPath.of(Arrays.copyOfRange(bytes, MARK.length, bytes.length));
        String text = name.toString();
        if (text.isEmpty() || text.equals(".") || text.equals("..")) {
            throw new Failure.Invalid("invalid layer: a whiteout \"" + mark + "\" of nothing");
        }
        return name;
    }

    static KernelPath mark(KernelPath hidden) {
        byte[] bytes = Arrays.copyOf(MARK, MARK.length + hidden.length());
        System.arraycopy(hidden.toBytes(), 0, bytes, MARK.length, hidden.length());
        return KernelPath.of(bytes);
    }

    /** Whether it is the character device 0:0, which says the same in a folder. */
    static boolean isWhiteout(FileStatus status) {
        return status.is(FileStatus.Type.CHARACTER_DEVICE) && status.specialDevice() == 0;
    }

    private static boolean startsWith(KernelPath name, byte[] start) {
        return name.length() >= start.length
                && Arrays.equals(name.toBytes(), 0, start.length, start, 0, start.length);
    }
}
