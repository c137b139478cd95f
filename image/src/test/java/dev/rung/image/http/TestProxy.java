package dev.rung.image.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A proxy on loopback that opens tunnels to one place under another name. */
public final class TestProxy implements AutoCloseable {
    private final ServerSocket server;
    private final String name;
    private final String place;
    private volatile String authorization = "";

    public TestProxy(String name, String place) throws IOException {
        this.name = name;
        this.place = place;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** What the last client said. */
    public String authorization() {
        return authorization;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client) {
            var head = new StringBuilder();
            InputStream in = client.getInputStream();
            while (!head.toString().endsWith("\r\n\r\n")) {
                head.append((char) in.read());
            }
            int at = head.indexOf("Proxy-Authorization: ");
            authorization = head.substring(at + 21, head.indexOf("\r\n", at));
            OutputStream out = client.getOutputStream();
            if (!head.toString().startsWith("CONNECT " + name + " ")) {
                out.write("HTTP/1.1 403 no\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            int colon = place.indexOf(':');
            try (var target =
                    new Socket(
                            place.substring(0, colon),
                            Integer.parseInt(place.substring(colon + 1)))) {
                out.write("HTTP/1.1 200 ok\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                Thread back =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        target.getInputStream().transferTo(out);
                                    } catch (IOException e) {
                                        // one of them went away
                                    }
                                });
                in.transferTo(target.getOutputStream());
                back.interrupt();
            }
        } catch (IOException e) {
            // one of them went away
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
