package dev.rung.network.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A question as it arrived (RFC 1035, 4.1), and the answers that can be given to it.
 *
 * @param message the whole of it
 * @param name in lower case, without a dot at its end
 * @param questionEnd where the question ends in the message
 */
record DnsQuery(byte[] message, String name, int type, int questionEnd) {
    static final int A = 1;
    static final int AAAA = 28;
    static final int PTR = 12;
    static final int SERVER_FAILURE = 2;
    static final int UNKNOWN_NAME = 3;

    private static final int HEADER_BYTES = 12;
    private static final int INTERNET = 1;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_NAME = 255;
    private static final int TTL_SECONDS = 600; // docker's
    private static final int NAME_OF_QUESTION = 0xc000 | HEADER_BYTES;
    private static final int RESPONSE = 0x80;
    private static final int OPCODE_AND_RECURSION = 0x79;
    private static final int TRUNCATED = 0x02;
    private static final int RECURSION_AVAILABLE = 0x80;
    private static final String V4_REVERSE = ".in-addr.arpa";
    private static final String V6_REVERSE = ".ip6.arpa";

    /** Null for what is no query with one question of the internet class. */
    static @Nullable DnsQuery parse(byte[] message) {
        if (message.length < HEADER_BYTES
                || (message[2] & 0xf8) != 0 // an answer, or another kind of query
                || number(message, 4) != 1) {
            return null;
        }
        var name = new StringBuilder();
        int at = HEADER_BYTES;
        while (at < message.length && message[at] != 0) {
            int length = message[at++] & 0xff;
            if (length > LONGEST_LABEL || at + length > message.length) {
                return null;
            }
            if (!name.isEmpty()) {
                name.append('.');
            }
            name.append(new String(message, at, length, StandardCharsets.ISO_8859_1));
            at += length;
        }
        if (at + 5 > message.length
                || name.length() > LONGEST_NAME
                || number(message, at + 3) != INTERNET) {
            return null;
        }
        String lower = name.toString().toLowerCase(Locale.ROOT);
        return new DnsQuery(message, lower, number(message, at + 1), at + 5);
    }

    private static int number(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
    }

    /** The address that a PTR question is about; null when it is no such question. */
    @Nullable InetAddress reverseAddress() {
        if (type != PTR) {
            return null;
        } else if (name.endsWith(V4_REVERSE)) {
            return v4(name.substring(0, name.length() - V4_REVERSE.length()).split("\\.", -1));
        } else if (name.endsWith(V6_REVERSE)) {
            return v6(name.substring(0, name.length() - V6_REVERSE.length()).split("\\.", -1));
        }
        return null;
    }

    private static @Nullable InetAddress v4(String[] labels) {
        var bytes = new byte[4];
        for (int i = 0; labels.length == bytes.length && i < bytes.length; i++) {
            int value = digits(labels[i], 10);
            if (value < 0 || value > 255) {
                return null;
            }
            bytes[bytes.length - 1 - i] = (byte) value;
        }
        return labels.length == bytes.length ? address(bytes) : null;
    }

    private static @Nullable InetAddress v6(String[] labels) {
        var bytes = new byte[16];
        if (labels.length != 2 * bytes.length) {
            return null;
        }
        for (int i = 0; i < labels.length; i++) {
            int value = digits(labels[labels.length - 1 - i], 16);
            if (value < 0 || value > 15) {
                return null;
            }
            bytes[i / 2] |= (byte) (i % 2 == 0 ? value << 4 : value);
        }
        return address(bytes);
    }

    private static int digits(String label, int radix) {
        try {
            return label.length() > 3 ? -1 : Integer.parseUnsignedInt(label, radix);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + bytes.length + " bytes", e);
        }
    }

    /** The answer that the name has these addresses, as far as they are of the family asked for. */
    byte[] addresses(List<InetAddress> addresses) {
        int length = type == A ? 4 : 16;
        var matching =
                addresses.stream()
                        .map(InetAddress::getAddress)
                        .filter(address -> address.length == length)
                        .toList();
        return answer(0, matching);
    }

    /** The answer that the address has this name. */
    byte[] pointer(String target) {
        var data = new ByteArrayOutputStream();
        for (String label : target.split("\\.")) {
            byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
            data.write(Math.min(bytes.length, LONGEST_LABEL));
            data.write(bytes, 0, Math.min(bytes.length, LONGEST_LABEL));
        }
        data.write(0);
        return answer(0, List.of(data.toByteArray()));
    }

    /** The answer that there is none, with one of the codes. */
    byte[] failure(int code) {
        return answer(code, List.of());
    }

    private byte[] answer(int code, List<byte[]> records) {
        int length = questionEnd;
        for (byte[] record : records) {
            length += HEADER_BYTES + record.length;
        }
        var answer = ByteBuffer.allocate(length);
        answer.put(message, 0, questionEnd);
        answer.put(2, (byte) (message[2] & OPCODE_AND_RECURSION | RESPONSE));
        answer.put(3, (byte) (RECURSION_AVAILABLE | code));
        answer.putShort(6, (short) records.size()).putInt(8, 0);
        for (byte[] record : records) {
            answer.putShort((short) NAME_OF_QUESTION).putShort((short) type);
            answer.putShort((short) INTERNET).putInt(TTL_SECONDS);
            answer.putShort((short) record.length).put(record);
        }
        return answer.array();
    }

    /** What is sent over UDP instead of an answer that is too long: ask again over TCP. */
    byte[] truncated() {
        byte[] answer = answer(0, List.of());
        answer[2] |= TRUNCATED;
        return answer;
    }
}
