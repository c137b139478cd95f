package dev.rung.rpc.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/** A socket under TLS, whose handshake is the first thing that is read. */
final class TlsWire implements Wire {
    private final Socket plain;
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    TlsWire(SocketChannel channel, TlsSettings settings) throws IOException {
        plain = channel.socket();
        plain.setTcpNoDelay(true);
        socket = (SSLSocket) settings.context().getSocketFactory().createSocket(plain, null, true);
        socket.setNeedClientAuth(settings.wantsCertificate());
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (into.hasArray()) {
            int from = into.arrayOffset() + into.position();
            int got = in.read(into.array(), from, into.remaining());
            into.position(into.position() + Math.max(got, 0));
            return got;
        }
        var bytes = new byte[into.remaining()];
        int got = in.read(bytes);
        if (got > 0) {
            into.put(bytes, 0, got);
        }
        return got;
    }

    @Override
    public void write(ByteBuffer... parts) throws IOException {
        for (ByteBuffer part : parts) {
            var bytes = new byte[part.remaining()];
            part.get(bytes);
            out.write(bytes);
        }
    }

    @Override
    public String peer() {
        String address = String.valueOf(socket.getRemoteSocketAddress());
        try {
            return socket.getSession().getPeerPrincipal().getName() + " at " + address;
        } catch (SSLPeerUnverifiedException _) {
            return address; // it showed no certificate
        }
    }

    @Override
    public void closeInput() {
        try {
            plain.shutdownInput();
        } catch (IOException _) {
            // it has ended already
        }
    }

    @Override
    public void closeOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException _) {
            // the peer has gone
        }
    }

    /** Without the goodbye of TLS, which would wait for a peer that takes nothing. */
    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException _) {
            // nobody could do anything about it
        }
    }
}
