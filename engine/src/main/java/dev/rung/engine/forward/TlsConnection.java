package dev.rung.engine.forward;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.SyslogOptions;
import dev.rung.image.http.ClientCertificates;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A stream in TLS (RFC 5425). */
final class TlsConnection implements SyslogConnection {
    private static final int LONGEST_HANDSHAKE_MS = 10_000;

    private final SSLSocket socket;
    private final OutputStream out;
    private final String ownName;

    private TlsConnection(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.ownName = StreamConnection.name(socket.getLocalSocketAddress());
    }

    static TlsConnection open(String host, int port, SyslogOptions options) throws IOException {
        SSLContext context = context(options);
        Socket plain =
                StreamConnection.connected(StreamConnection.resolved("tcp", host, port)).socket();
        try {
            var socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
            if (!options.skipVerify()) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
            }
            socket.setSoTimeout(LONGEST_HANDSHAKE_MS);
            socket.startHandshake();
            return new TlsConnection(socket);
        } catch (IOException e) {
            plain.close();
            throw new IOException("tls: " + e.getMessage(), e);
        }
    }

    private static SSLContext context(SyslogOptions options) throws IOException {
        try {
            return new ClientCertificates(
                            path(options.authorities()),
                            path(options.certificate()),
                            path(options.key()),
                            options.skipVerify())
                    .context();
        } catch (Failure.Invalid e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static @Nullable Path path(String text) {
        return text.isEmpty() ? null : Path.of(text);
    }

    @Override
    public void send(byte[] message) throws IOException {
        out.write(message);
        out.flush();
    }

    @Override
    public String ownName() {
        return ownName;
    }

    @Override
    public boolean isGone() {
        return socket.isClosed();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // nobody could do anything about it
        }
    }
}
