package dev.rung.host.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Messages to the kernel's routing tables, one behind another (rtnetlink(7)). */
final class RouteWriter {
    static final int RTM_NEWLINK = 16;
    static final int RTM_GETLINK = 18;
    static final int RTM_NEWADDR = 20;
    static final int RTM_GETADDR = 22;

    static final int REQUEST = 0x1;
    static final int ACK = 0x4;
    static final int EXCL = 0x200;
    static final int DUMP = 0x300;
    static final int CREATE = 0x400;

    private ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    private int message;

    /** Begins a message: its struct nlmsghdr. */
    private RouteWriter begin(int type, int flags) {
        message = bytes.position();
        room(16);
        bytes.putInt(0)
                .putShort((short) type)
                .putShort((short) (REQUEST | flags))
                .putInt(0)
                .putInt(0);
        return end();
    }

    /** A message about devices: struct ifinfomsg. */
    RouteWriter link(int type, int flags, int index, int up, int change) {
        begin(type, flags);
        room(16);
        bytes.putInt(0).putInt(index).putInt(up).putInt(change);
        return end();
    }

    /** A message about addresses: struct ifaddrmsg. */
    RouteWriter address(int type, int flags, int family, int prefix, int index) {
        begin(type, flags);
        room(8);
        bytes.put((byte) family).put((byte) prefix).put((byte) 0).put((byte) 0).putInt(index);
        return end();
    }

    RouteWriter attribute(int type, byte[] value) {
        room(4 + value.length + 3);
        bytes.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while (bytes.position() % 4 != 0) {
            bytes.put((byte) 0);
        }
        return end();
    }

    RouteWriter attribute(int type, int value) {
        room(8);
        bytes.putShort((short) 8).putShort((short) type).putInt(value);
        return end();
    }

    /** A text with its NUL. */
    RouteWriter attribute(int type, String text) {
        byte[] name = text.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(name, name.length + 1));
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private void room(int size) {
        if (bytes.remaining() < size) {
            bytes =
                    ByteBuffer.wrap(Arrays.copyOf(bytes.array(), 2 * bytes.capacity() + size))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .position(bytes.position());
        }
    }

    /** The message's length, as far as it goes. */
    private RouteWriter end() {
        bytes.putInt(message, bytes.position() - message);
        return this;
    }
}
