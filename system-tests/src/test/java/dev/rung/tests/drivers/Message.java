package dev.rung.tests.drivers;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A protobuf message as numbered fields, for speaking CRI without its generated classes. Numbers
 * are varints; texts, maps and messages are length-delimited; nothing else is needed.
 */
final class Message {
    private record Field(int number, long value, byte[] bytes) {}

    private final List<Field> fields = new ArrayList<>();

    /** Adds a number or, as 1, a truth. */
    Message with(int field, long value) {
        fields.add(new Field(field, value, new byte[0]));
        return this;
    }

    /** Adds a text. */
    Message with(int field, String text) {
        return with(field, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a message. */
    Message with(int field, Message message) {
        return with(field, message.bytes());
    }

    /** Adds a text for each element. */
    Message with(int field, List<String> texts) {
        texts.forEach(text -> with(field, text));
        return this;
    }

    /** Adds a map of texts. */
    Message with(int field, Map<String, String> map) {
        map.forEach((key, value) -> with(field, new Message().with(1, key).with(2, value)));
        return this;
    }

    private Message with(int field, byte[] bytes) {
        fields.add(new Field(field, -1, bytes));
        return this;
    }

    /** The number in a field, 0 if there is none. */
    long number(int field) {
        return fields.stream()
                .filter(one -> one.number == field)
                .mapToLong(Field::value)
                .findFirst()
                .orElse(0);
    }

    /** The text in a field, empty if there is none. */
    String text(int field) {
        return new String(bytes(field), StandardCharsets.UTF_8);
    }

    /** The message in a field, empty if there is none. */
    Message message(int field) {
        return read(bytes(field));
    }

    /** All messages in a field. */
    List<Message> messages(int field) {
        return fields.stream()
                .filter(one -> one.number == field)
                .map(one -> read(one.bytes))
                .toList();
    }

    private byte[] bytes(int field) {
        return fields.stream()
                .filter(one -> one.number == field)
                .map(Field::bytes)
                .findFirst()
                .orElse(new byte[0]);
    }

    /** As sent. */
    byte[] bytes() {
        var out = new ByteArrayOutputStream();
        for (Field field : fields) {
            boolean isNumber = field.value >= 0;
            writeVarint(out, (long) field.number << 3 | (isNumber ? 0 : 2));
            writeVarint(out, isNumber ? field.value : field.bytes.length);
            out.writeBytes(field.bytes);
        }
        return out.toByteArray();
    }

    private static void writeVarint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest > 0x7f) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /** Reads what was sent. */
    static Message read(byte[] bytes) {
        var message = new Message();
        int[] at = {0};
        while (at[0] < bytes.length) {
            long tag = readVarint(bytes, at);
            long value = readVarint(bytes, at);
            switch ((int) tag & 7) {
                case 0 -> message.with((int) (tag >> 3), value);
                case 2 -> {
                    int end = at[0] + (int) value;
                    message.with((int) (tag >> 3), java.util.Arrays.copyOfRange(bytes, at[0], end));
                    at[0] = end;
                }
                default -> throw new IllegalArgumentException("wire type of tag " + tag);
            }
        }
        return message;
    }

    private static long readVarint(byte[] bytes, int[] at) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte part = bytes[at[0]++];
            value |= (long) (part & 0x7f) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }
}
