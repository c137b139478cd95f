package dev.rung.host.systemd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Values in their wire form, little-endian, each aligned from the beginning of the message (D-Bus
 * specification, "Marshaling").
 */
final class ValueWriter {
    private ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

    int position() {
        return bytes.position();
    }

    void align(int to) {
        int missing = -bytes.position() & (to - 1);
        room(missing);
        for (int i = 0; i < missing; i++) {
            bytes.put((byte) 0);
        }
    }

    void write(Value value) {
        switch (value) {
            case Value.Flag(boolean flag) -> whole(4, flag ? 1 : 0);
            case Value.Whole number -> whole(number.size(), number.value());
            case Value.Real(double number) -> whole(8, Double.doubleToRawLongBits(number));
            case Value.Words(char type, String text) -> text(type, text);
            case Value.Items items -> items(items);
            case Value.Fields(var values) -> {
                align(8);
                values.forEach(this::write);
            }
            case Value.Entry(Value key, Value entry) -> {
                align(8);
                write(key);
                write(entry);
            }
            case Value.Boxed(Value boxed) -> {
                text('g', boxed.signature());
                write(boxed);
            }
        }
    }

    void whole(int size, long value) {
        align(size);
        room(size);
        switch (size) {
            case 1 -> bytes.put((byte) value);
            case 2 -> bytes.putShort((short) value);
            case 4 -> bytes.putInt((int) value);
            default -> bytes.putLong(value);
        }
    }

    private void text(char type, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        whole(type == 'g' ? 1 : 4, utf8.length);
        room(utf8.length + 1);
        bytes.put(utf8).put((byte) 0);
    }

    private void items(Value.Items items) {
        whole(4, 0);
        int length = position() - 4;
        align(alignment(items.element().charAt(0)));
        int from = position();
        items.values().forEach(this::write);
        bytes.putInt(length, position() - from);
    }

    static int alignment(char type) {
        return switch (type) {
            case 'y', 'g', 'v' -> 1;
            case 'n', 'q' -> 2;
            case 'x', 't', 'd', '(', '{' -> 8;
            default -> 4;
        };
    }

    void put(byte[] more) {
        room(more.length);
        bytes.put(more);
    }

    private void room(int more) {
        if (bytes.remaining() < more) {
            int size = Math.max(bytes.capacity() * 2, bytes.position() + more);
            bytes =
                    ByteBuffer.wrap(Arrays.copyOf(bytes.array(), size))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .position(bytes.position());
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
