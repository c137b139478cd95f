package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.nio.ByteBuffer;

/**
 * Watches what a person types for the keys that detach; those are not passed on, but for some that
 * turned out to be others.
 */
final class DetachKeys {
    private static final byte[] USUAL = {0x10, 0x11}; // ctrl-p, ctrl-q
    private static final int CONTROL = 0x1f;

    private final byte[] keys;
    private int seen;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /** Such as ctrl-p,ctrl-q or a,b; empty: the usual ones. */
    static DetachKeys parse(String text) {
        if (text.isEmpty()) {
            return new DetachKeys(USUAL);
        }
        String[] names = text.split(",", -1);
        var keys = new byte[names.length];
        for (int i = 0; i < keys.length; i++) {
            String name = names[i];
            if (name.length() == 1) {
                keys[i] = (byte) name.charAt(0);
            } else if (name.length() == 6 && name.startsWith("ctrl-")) {
                keys[i] = (byte) (name.charAt(5) & CONTROL);
            } else {
                throw new Failure.Invalid(
                        "Invalid detach keys (" + Printable.of(text) + ") provided");
            }
        }
        return new DetachKeys(keys);
    }

    /**
     * What of these bytes is to be passed on.
     *
     * @return null: the keys were typed
     */
    @org.jspecify.annotations.Nullable
    ByteBuffer passed(ByteBuffer typed) {
        ByteBuffer passed = ByteBuffer.allocate(typed.remaining() + keys.length);
        while (typed.hasRemaining()) {
            byte next = typed.get();
            if (next == keys[seen]) {
                seen++;
                if (seen == keys.length) {
                    return null;
                }
                continue;
            }
            passed.put(keys, 0, seen);
            seen = next == keys[0] && keys.length > 1 ? 1 : 0;
            if (seen == 0) {
                passed.put(next);
            }
        }
        return passed.flip();
    }
}
