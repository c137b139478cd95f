package dev.rung.tests.images;

import dev.rung.testkit.Command;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Debian's docker-registry on loopback, with its data in a folder of the test. */
final class Registry implements AutoCloseable {
    private static final int PORT = 15_078;

    private final Path folder;
    private @Nullable Running server;

    Registry(Path folder) {
        this.folder = folder;
    }

    /** As it stands before the names of its repositories. */
    String host() {
        return "127.0.0.1:" + PORT;
    }

    /** Starts it; more is added to its section "http", such as " tls: …" lines. */
    void start(String more) {
        try {
            Path config = folder.resolve("config.yml");
            Files.writeString(
                    config,
                    "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n"
                            + "    rootdirectory: "
                            + folder.resolve("data")
                            + "\nhttp:\n  addr: "
                            + host()
                            + "\n"
                            + more);
            server = Command.of("docker-registry", "serve", config.toString()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Patience.await(Registry::listens, () -> "docker-registry does not listen");
    }

    private static boolean listens() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL. */
    void kill() {
        Running running = server;
        if (running != null) {
            running.close();
            server = null;
        }
    }

    @Override
    public void close() {
        Running running = server;
        if (running != null) {
            running.signal("TERM");
            running.await(Duration.ofSeconds(20));
            running.close();
        }
    }
}
