package dev.rung.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A client of gRPC that takes next to no time of its own, so that what is measured is the server:
 * one thread, one call at a time with an empty message, and nothing is read of the answer but where
 * it ends (RFC 9113 and 7541; gRPC's PROTOCOL-HTTP2).
 */
final class BareClient implements AutoCloseable {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final short INITIAL_WINDOW_SIZE = 4;

    /** No server is to wait for leave to send. */
    private static final int WINDOW = 1 << 30;

    private static final int FIRST_WINDOW = 65535;

    /** Not compressed, of no bytes. */
    private static final byte[] EMPTY_MESSAGE = new byte[5];

    private final SocketChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(4096);
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 20).limit(0);
    private int stream = -1;

    /** What was received since the connection's window was opened the last time. */
    private int received;

    private record Frame(int type, int flags, int stream, ByteBuffer content) {
        boolean ends(int call) {
            return stream == call && type <= HEADERS && (flags & END_STREAM) != 0;
        }
    }

    BareClient(Path socket) {
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        put(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, WINDOW));
        put(WINDOW_UPDATE, 0, 0, number(WINDOW - FIRST_WINDOW));
    }

    private void put(int type, int flags, int stream, ByteBuffer content) {
        out.putInt(content.remaining() << 8 | type).put((byte) flags).putInt(stream).put(content);
    }

    private static ByteBuffer setting(short name, int value) {
        return ByteBuffer.allocate(6).putShort(name).putInt(value).flip();
    }

    private static ByteBuffer number(int value) {
        return ByteBuffer.allocate(4).putInt(value).flip();
    }

    /** Each by its name and value, as fields that nobody is to remember. */
    private static ByteBuffer headers(String path) {
        var block = ByteBuffer.allocate(512);
        for (String[] field :
                List.of(
                        new String[] {":method", "POST"},
                        new String[] {":scheme", "http"},
                        new String[] {":path", path},
                        new String[] {":authority", "localhost"},
                        new String[] {"content-type", "application/grpc"},
                        new String[] {"te", "trailers"})) {
            block.put((byte) 0);
            for (String text : field) {
                block.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return block.flip();
    }

    /**
     * Calls a method with an empty message.
     *
     * @return how long the answer is, in bytes
     */
    int call(String path) {
        stream += 2;
        put(HEADERS, END_HEADERS, stream, headers(path));
        put(DATA, END_STREAM, stream, ByteBuffer.wrap(EMPTY_MESSAGE));
        try {
            send();
            int length = 0;
            Frame frame;
            do {
                frame = next();
                if (frame.type == DATA) {
                    length += frame.content.remaining();
                } else if ((frame.type == SETTINGS || frame.type == PING)
                        && (frame.flags & ACK) == 0) {
                    put(
                            frame.type,
                            ACK,
                            0,
                            frame.type == PING ? frame.content : number(0).limit(0));
                    send();
                }
            } while (!frame.ends(stream));
            received += length;
            if (received > WINDOW / 2) {
                put(WINDOW_UPDATE, 0, 0, number(received));
                received = 0;
            }
            return length;
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    private void send() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    private Frame next() throws IOException {
        need(9);
        int word = in.getInt();
        int flags = in.get();
        int about = in.getInt();
        need(word >>> 8);
        ByteBuffer content = in.slice(in.position(), word >>> 8);
        in.position(in.position() + content.remaining());
        return new Frame(word & 0xff, flags, about, content);
    }

    /** Waits until there is so much to read. */
    private void need(int bytes) throws IOException {
        while (in.remaining() < bytes) {
            in.compact();
            int read = channel.read(in);
            in.flip();
            if (read < 0) {
                throw new EOFException("the server has ended the connection");
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
