package dev.rung.program;

import dev.rung.domain.RawText;

/** Bytes that a step reads by address and length; they may hold any value. */
public sealed interface Bytes permits Hole, Bytes.Chars, Bytes.Block {
    Bytes NONE = new Chars("");

    static Bytes of(String text) {
        return new Chars(text);
    }

    /** The bytes are not copied, and must not change before they are assembled. */
    static Bytes of(byte[] bytes) {
        return new Block(bytes);
    }

    int length();

    /** A text's bytes, as {@link RawText} gives them. */
    record Chars(String text) implements Bytes {
        @Override
        public int length() {
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) >= 0x80) {
                    return RawText.encode(text).length;
                }
            }
            return text.length();
        }
    }

    /** Bytes as they are. */
    final class Block implements Bytes {
        private final byte[] bytes;

        private Block(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }

        @Override
        public int length() {
            return bytes.length;
        }
    }
}
