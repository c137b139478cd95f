package dev.rung.host.systemd;

import dev.rung.domain.Failure;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Values from their wire form: a buffer in the sender's byte order that begins with the message.
 */
final class ValueReader {
    private static final int DEEPEST = 16;

    private final ByteBuffer bytes;

    ValueReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** One value for each type of a signature; Corrupt when the bytes do not fit it. */
    List<Value> read(String signature) {
        try {
            var values = new ArrayList<Value>();
            int at = 0;
            while (at < signature.length()) {
                int end = end(signature, at);
                values.add(one(signature.substring(at, end), 0));
                at = end;
            }
            return values;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new Failure.Corrupt("a message of D-Bus is cut short", e);
        }
    }

    private Value one(String type, int depth) {
        if (depth > DEEPEST) {
            throw new Failure.Corrupt("a message of D-Bus is too deep", null);
        }
        char code = type.charAt(0);
        align(ValueWriter.alignment(code));
        return switch (code) {
            case 'b' -> new Value.Flag(bytes.getInt() != 0);
            case 'y' -> new Value.Whole(code, bytes.get() & 0xff);
            case 'n' -> new Value.Whole(code, bytes.getShort());
            case 'q' -> new Value.Whole(code, bytes.getShort() & 0xffff);
            case 'i' -> new Value.Whole(code, bytes.getInt());
            case 'u', 'h' -> new Value.Whole('u', bytes.getInt() & 0xffffffffL);
            case 'x', 't' -> new Value.Whole(code, bytes.getLong());
            case 'd' -> new Value.Real(Double.longBitsToDouble(bytes.getLong()));
            case 's', 'o' -> new Value.Words(code, text(bytes.getInt()));
            case 'g' -> new Value.Words(code, text(bytes.get() & 0xff));
            case 'v' -> {
                String inner = text(bytes.get() & 0xff);
                if (inner.isEmpty() || end(inner, 0) != inner.length()) {
                    throw new Failure.Corrupt("a variant of D-Bus is not one value", null);
                }
                yield new Value.Boxed(one(inner, depth + 1));
            }
            case 'a' -> items(type.substring(1), depth);
            case '(' -> {
                align(8);
                yield new Value.Fields(inside(type, depth));
            }
            case '{' -> {
                List<Value> both = inside(type, depth);
                if (both.size() != 2) {
                    throw new Failure.Corrupt("an entry of D-Bus is no pair", null);
                }
                yield new Value.Entry(both.get(0), both.get(1));
            }
            default -> throw new Failure.Corrupt("no type of D-Bus: " + (int) code, null);
        };
    }

    private List<Value> inside(String type, int depth) {
        var values = new ArrayList<Value>();
        int at = 1;
        while (at < type.length() - 1) {
            int end = end(type, at);
            values.add(one(type.substring(at, end), depth + 1));
            at = end;
        }
        return values;
    }

    private Value items(String element, int depth) {
        int length = bytes.getInt();
        align(ValueWriter.alignment(element.charAt(0)));
        if (length < 0 || length > bytes.remaining()) {
            throw new Failure.Corrupt("an array of D-Bus is longer than its message", null);
        }
        int end = bytes.position() + length;
        var values = new ArrayList<Value>();
        while (bytes.position() < end) {
            values.add(one(element, depth + 1));
        }
        return new Value.Items(element, values);
    }

    private String text(int length) {
        if (length < 0 || length >= bytes.remaining()) {
            throw new Failure.Corrupt("a text of D-Bus is longer than its message", null);
        }
        var utf8 = new byte[length];
        bytes.get(utf8);
        bytes.get();
        return new String(utf8, StandardCharsets.UTF_8);
    }

    void align(int to) {
        int missing = -bytes.position() & (to - 1);
        if (missing > bytes.remaining()) {
            throw new Failure.Corrupt("a message of D-Bus is cut short", null);
        }
        bytes.position(bytes.position() + missing);
    }

    /** Where the type that begins there ends. */
    static int end(String signature, int at) {
        int from = at;
        while (from < signature.length() && signature.charAt(from) == 'a') {
            from++;
        }
        if (from == signature.length()) {
            throw new Failure.Corrupt("no signature of D-Bus: " + signature, null);
        }
        char code = signature.charAt(from);
        if (code != '(' && code != '{') {
            return from + 1;
        }
        int open = 0;
        for (int i = from; i < signature.length(); i++) {
            char c = signature.charAt(i);
            open += c == '(' || c == '{' ? 1 : c == ')' || c == '}' ? -1 : 0;
            if (open == 0) {
                return i + 1;
            }
        }
        throw new Failure.Corrupt("no signature of D-Bus: " + signature, null);
    }
}
