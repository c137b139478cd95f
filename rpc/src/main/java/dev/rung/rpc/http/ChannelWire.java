package dev.rung.rpc.http;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** A socket as it is. */
final class ChannelWire implements Wire {
    /** A heap buffer is copied to one outside of the heap as long as itself, which is then kept. */
    private static final int PIECE = 64 * 1024;

    private final SocketChannel channel;

    ChannelWire(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (into.isDirect() || into.remaining() <= PIECE) {
            return channel.read(into);
        }
        ByteBuffer piece = into.slice(into.position(), PIECE);
        int got = channel.read(piece);
        into.position(into.position() + Math.max(got, 0));
        return got;
    }

    @Override
    public void write(ByteBuffer... parts) throws IOException {
        long left = 0;
        long heap = 0;
        for (ByteBuffer part : parts) {
            left += part.remaining();
            heap += part.isDirect() ? 0 : part.remaining();
        }
        while (left > 0) {
            left -= heap <= PIECE ? channel.write(parts) : writePiece(parts);
        }
    }

    private long writePiece(ByteBuffer[] parts) throws IOException {
        var pieces = new ArrayList<ByteBuffer>(parts.length);
        int room = PIECE;
        for (ByteBuffer part : parts) {
            int length = Math.min(part.remaining(), room);
            pieces.add(part.slice(part.position(), length));
            room -= length;
        }
        long written = channel.write(pieces.toArray(ByteBuffer[]::new));
        long left = written;
        for (ByteBuffer part : parts) {
            int length = (int) Math.min(part.remaining(), left);
            part.position(part.position() + length);
            left -= length;
        }
        return written;
    }

    @Override
    public void closeInput() {
        try {
            channel.shutdownInput();
        } catch (IOException _) {
            // it has ended already
        }
    }

    @Override
    public void closeOutput() {
        try {
            channel.shutdownOutput();
        } catch (IOException _) {
            // the peer has gone
        }
    }

    @Override
    public String peer() {
        try {
            SocketAddress own = channel.getLocalAddress();
            if (!(own instanceof UnixDomainSocketAddress)) {
                return String.valueOf(channel.getRemoteAddress());
            }
            UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            return peer.user().getName() + ":" + peer.group().getName();
        } catch (IOException | UnsupportedOperationException _) {
            return "somebody who has gone";
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // nobody could do anything about it
        }
    }
}
