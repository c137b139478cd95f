package dev.rung.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A monitor of the first Rung, as what it once sent is kept: monitors outlive daemons, so a change
 * that fails here must not be made, and the file is never made anew.
 */
class OldMonitorTests {
    private static final String KEPT = "/monitor-of-version-1.hex";

    @TempDir private Path folder;

    private static byte[] kept() throws IOException {
        try (InputStream stream = OldMonitorTests.class.getResourceAsStream(KEPT)) {
            if (stream == null) {
                throw new IOException("the tests were built without " + KEPT);
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replace("\n", ""));
        }
    }

    @Test
    void shouldBeUnderstood() throws Exception {
        var folders =
                new ContainerFolders(
                        Files.createDirectory(folder.resolve("durable")),
                        Files.createDirectory(folder.resolve("running")));
        byte[] said = kept();
        var heard = new CompletableFuture<byte[]>();
        try (var door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(UnixDomainSocketAddress.of(folders.socket()));
            Thread.ofVirtual().start(() -> heard.complete(serve(door, said)));

            var found = (MonitorFinding.Watched) MonitorFinding.of(folders);
            try (Monitor monitor = found.monitor()) {
                assertThat(monitor.running().process().pid()).isEqualTo(20527);
                assertThat(monitor.running().created())
                        .isEqualTo(Instant.parse("2026-11-29T17:11:48.8156398Z"));
                monitor.attach(EnumSet.allOf(Output.class), Duration.ofSeconds(10));
                assertThat(monitor.next()).isEqualTo(new MonitorEvent.Attached(0));
                assertThat(text(monitor.next(), Output.STDOUT)).isEqualTo("out hello\n");
                assertThat(text(monitor.next(), Output.STDERR)).isEqualTo("err\n");
                var ended = (MonitorEvent.Ended) monitor.next();
                assertThat(ended.exit().exit().code()).isEqualTo(7);
                assertThat(ended.exit().oomKills()).isZero();
                assertThat(ended.exit().ended())
                        .isEqualTo(Instant.parse("2026-11-29T17:11:49.911409915Z"));
            }
        }
        // ATTACH of both streams, for ten seconds
        assertThat(heard.join())
                .containsExactly(1, 16, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 0x10, 0x27, 0, 0);
    }

    /** Sends it all at once; what it was sent up to the end of the connection. */
    private static byte[] serve(ServerSocketChannel door, byte[] said) {
        try (SocketChannel client = door.accept()) {
            ByteBuffer heard = ByteBuffer.allocate(1024);
            ByteBuffer bytes = ByteBuffer.wrap(said);
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
            while (client.read(heard) >= 0) {
                // until the engine has heard enough
            }
            heard.flip();
            var all = new byte[heard.remaining()];
            heard.get(all);
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(MonitorEvent event, Output stream) {
        var written = (MonitorEvent.Written) event;
        assertThat(written.stream()).isEqualTo(stream);
        return StandardCharsets.UTF_8.decode(written.bytes()).toString();
    }
}
