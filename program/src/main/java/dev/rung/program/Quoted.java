package dev.rung.program;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Bytes as one line of text: UTF-8 as it is, all else escaped. */
final class Quoted {
    private Quoted() {}

    /** Without quotes around it, and quotes inside as they are. */
    static String plain(byte[] bytes) {
        var line = new StringBuilder(bytes.length);
        append(line, bytes, false);
        return line.toString();
    }

    /** As between the quotes of a C string. */
    static void append(StringBuilder to, byte[] bytes) {
        append(to, bytes, true);
    }

    private static void append(StringBuilder to, byte[] bytes, boolean quotes) {
        CharBuffer chars;
        try {
            chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException _) {
            for (byte b : bytes) {
                append(to, (char) (b & 0xff), quotes, 0x80);
            }
            return;
        }
        for (int i = 0; i < chars.length(); i++) {
            append(to, chars.charAt(i), quotes, Character.MAX_VALUE);
        }
    }

    private static void append(StringBuilder to, char c, boolean quotes, int escapedFrom) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\t' -> to.append("\\t");
            case '\r' -> to.append("\\r");
            case '"', '\\' -> {
                if (quotes) {
                    to.append('\\');
                }
                to.append(c);
            }
            default -> {
                if (c < escapedFrom && !Character.isISOControl(c) && !isOdd(c)) {
                    to.append(c);
                } else if (c < 0x100) {
                    to.append("\\x")
                            .append(Character.forDigit(c >> 4, 16))
                            .append(Character.forDigit(c & 15, 16));
                } else {
                    to.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
                }
            }
        }
    }

    /** Characters that would change how the rest of the line looks: directions, separators. */
    private static boolean isOdd(char c) {
        int type = Character.getType(c);
        return type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
