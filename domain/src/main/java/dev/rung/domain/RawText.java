package dev.rung.domain;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of the kernel (arguments, paths, environment) as a String and back without loss: UTF-8,
 * where a byte that is no part of valid UTF-8 is one of U+DC80 to U+DCFF, which UTF-8 itself never
 * makes. Text that went through here must go back through here.
 */
public final class RawText {
    private static final char FIRST_RAW = '\uDC80';
    private static final char LAST_RAW = '\uDCFF';
    private static final char REPLACEMENT = '\uFFFD';

    private RawText() {}

    public static String decode(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : decodeSlowly(bytes);
    }

    public static byte[] encode(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isRaw(text, i)) {
                return encodeSlowly(text);
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String decodeSlowly(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder(); // reports what is malformed
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isMalformed()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (0xDC00 | in.get() & 0xff));
            }
        }
    }

    private static byte[] encodeSlowly(String text) {
        var out = ByteBuffer.allocate(3 * text.length());
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isRaw(text, i)) {
                out.put(text.substring(start, i).getBytes(StandardCharsets.UTF_8));
                out.put((byte) text.charAt(i));
                start = i + 1;
            }
        }
        out.put(text.substring(start).getBytes(StandardCharsets.UTF_8));
        var bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    /** A low surrogate of that range with no high one before it. */
    private static boolean isRaw(String text, int i) {
        char c = text.charAt(i);
        return c >= FIRST_RAW
                && c <= LAST_RAW
                && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
