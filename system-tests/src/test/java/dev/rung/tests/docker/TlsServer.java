package dev.rung.tests.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** Takes what clients send in TLS, and keeps it. */
final class TlsServer implements AutoCloseable {
    private static final int CHUNK = 8192;

    private final SSLServerSocket door;
    private final StringBuilder received = new StringBuilder();

    /**
     * Listens at a port of the loopback interface.
     *
     * @param store of PKCS #12
     */
    TlsServer(Path store, String password) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password.toCharArray());
        }
        var managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, password.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        door =
                (SSLServerSocket)
                        context.getServerSocketFactory()
                                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("TLS server").start(this::serve);
    }

    int port() {
        return door.getLocalPort();
    }

    synchronized String received() {
        return received.toString();
    }

    private synchronized void take(String text) {
        received.append(text);
    }

    private void serve() {
        while (!door.isClosed()) {
            try (Socket client = door.accept()) {
                InputStream in = client.getInputStream();
                var chunk = new byte[CHUNK];
                for (int got = in.read(chunk); got > 0; got = in.read(chunk)) {
                    take(new String(chunk, 0, got, UTF_8));
                }
            } catch (IOException _) {
                // it has other wishes, or the door is closed
            }
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
