package dev.rung.tests.docker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Clients that mean no good, and many at once: a status, never a hang, a leak or an escape. */
@SystemTest
@NeedsProgram({"docker", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class BadClientTests {
    private static final int MEBIBYTE = 1 << 20;
    private static final int MUCH = 40; // MiB that an engine's memory may grow by meanwhile

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    @BeforeAll
    void begin() {
        side = new DockerSide();
        side.engine().rung("version").succeed();
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    private SocketChannel connected() throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(side.socket()));
        return channel;
    }

    /** The status of what comes back when these bytes are sent; 0 when nothing does. */
    private int told(String text) throws IOException {
        try (SocketChannel channel = connected()) {
            send(channel, text.getBytes(ISO_8859_1));
            channel.shutdownOutput();
            var head = ByteBuffer.allocate(64);
            int got = channel.read(head);
            return got < 12 ? 0 : Integer.parseInt(new String(head.array(), 9, 3, UTF_8));
        }
    }

    private static void send(SocketChannel channel, byte[] bytes) {
        try {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        } catch (IOException _) {
            // it has heard enough
        }
    }

    private SocketRequest.Answer ask(String method, String path) {
        return SocketRequest.of(method, path).ask(side.socket());
    }

    /** What the engine's process takes of memory, in MiB. */
    private long memory() {
        try {
            Path status = Path.of("/proc", side.engine().pid(), "status");
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
                }
            }
            throw new AssertionError("no VmRSS in " + status);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int descriptors() {
        String[] open = Path.of("/proc", side.engine().pid(), "fd").toFile().list();
        return open == null ? 0 : open.length;
    }

    @Test
    void shouldRefuseWhatIsNoRequest() throws IOException {
        String host = "Host: x\r\n";
        assertThat(told("nonsense\r\n\r\n")).isEqualTo(400);
        assertThat(
                        told(
                                "GET /_ping HTTP/1.1\r\n"
                                        + host
                                        + "A: "
                                        + "x".repeat(2 * MEBIBYTE)
                                        + "\r\n\r\n"))
                .isEqualTo(431);
        assertThat(told("GET /_ping HTTP/1.1\r\n" + host + "A: b\r\n".repeat(20_000) + "\r\n"))
                .isEqualTo(431);
        String chunked =
                "POST /images/load HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n";
        assertThat(told(chunked + "zz\r\n")).isBetween(400, 499);
        assertThat(told(chunked + "ffffffffffffffffff\r\nx")).isBetween(400, 499);
        assertThat(told(chunked + "-1\r\n\r\n")).isBetween(400, 499);
        String both = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(told("POST /auth HTTP/1.1\r\n" + host + both + "0\r\n\r\n")).isEqualTo(400);
        assertThat(ask("GET", "/_ping").status()).isEqualTo(200);
    }

    @Test
    void shouldLetNoPathLeadOut() {
        side.says("create --name bpath " + DockerSide.IMAGE);
        String archive = "/v1.51/containers/bpath/archive?path=";
        for (String path :
                List.of("../../../../etc/shadow", "/dots/shadow", "/trap/../../../etc/shadow")) {
            assertThat(ask("GET", archive + path).status()).as(path).isEqualTo(404);
        }
        for (String path :
                List.of(
                        "/v1.51/containers/..%2F..%2Fetc/json",
                        "/v1.51/containers/%00/json",
                        "/v1.51/volumes/..%2f..%2fetc",
                        "/v1.51/images/..%2F..%2Fetc%2Fpasswd/json",
                        "/v1.51/exec/..%2F../json",
                        "/v1.51/networks/..%2Fetc")) {
            assertThat(ask("GET", path).status()).as(path).isIn(301, 400, 404);
        }
        assertThat(ask("DELETE", "/v1.51/volumes/..%2Fcontainers").status()).isIn(301, 400, 404);
        side.remove("bpath");
    }

    @Test
    void shouldForgetWhoGoesInTheMiddle() throws Exception {
        side.says(
                "run -d --name bgone " + DockerSide.IMAGE + " sh -c",
                "while :; do echo x; sleep 0.1; done");
        ask("GET", "/v1.51/containers/bgone/json");
        int before = descriptors();
        for (int i = 0; i < 100; i++) {
            try (SocketChannel channel = connected()) {
                String what =
                        switch (i % 4) {
                            case 0 ->
                                    """
                                    POST /containers/bgone/attach?stream=1&stdout=1 HTTP/1.1\r
                                    Host: x\r
                                    Connection: Upgrade\r
                                    Upgrade: tcp\r
                                    \r
                                    """;
                            case 1 ->
                                    "GET /containers/bgone/logs?follow=1&stdout=1 HTTP/1.1\r\nHost:"
                                            + " x\r\n\r\n";
                            case 2 -> "GET /containers/bgone/stats HTTP/1.1\r\nHost: x\r\n\r\n";
                            default ->
                                    "POST /images/load HTTP/1.1\r\nHost: x\r\nContent-Length:"
                                            + " 1000000\r\n\r\nhalf";
                        };
                send(channel, what.getBytes(UTF_8));
                if (i % 4 != 3) {
                    channel.read(ByteBuffer.allocate(32));
                }
            }
        }
        Patience.await(
                () -> descriptors() <= before + 8,
                () -> descriptors() + " descriptors, before there were " + before);
        side.remove("bgone");
    }

    @Test
    void shouldServeAThousandFollowersOfOneLogForNothing() throws Exception {
        side.says("run -d --name bmany -i " + DockerSide.IMAGE + " cat");
        var followers = new ArrayList<SocketChannel>();
        long before = memory();
        try {
            for (int i = 0; i < 1000; i++) {
                SocketChannel channel = connected();
                followers.add(channel);
                String path = "/containers/bmany/logs?follow=1&stdout=1";
                send(channel, ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(UTF_8));
            }
            for (SocketChannel channel : followers) {
                channel.read(ByteBuffer.allocate(1024));
            }
            long idle = ticks();
            Thread.sleep(2000);
            assertThat(ticks() - idle).as("ticks of 10 ms in 2 s of nothing").isLessThan(60);
            assertThat(memory() - before).isLessThan(3L * MUCH);
            side.says("exec bmany sh -c", "echo said >/proc/1/fd/1");
            for (SocketChannel channel : followers) {
                var text = ByteBuffer.allocate(1024);
                while (!new String(text.array(), UTF_8).contains("said")) {
                    assertThat(channel.read(text)).isPositive();
                }
            }
        } finally {
            for (SocketChannel channel : followers) {
                channel.close();
            }
        }
        side.remove("bmany");
    }

    /** Time of processors that the engine has used, in units of 10 ms. */
    private long ticks() throws IOException {
        String stat = Files.readString(Path.of("/proc", side.engine().pid(), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @Test
    void shouldNotKeepALongBodyInMemory() throws IOException {
        long before = memory();
        try (SocketChannel channel = connected()) {
            String head =
                    "POST /images/load HTTP/1.1\r\nHost: x\r\nContent-Length: 10737418240\r\n\r\n";
            send(channel, head.getBytes(UTF_8));
            var piece = new byte[MEBIBYTE];
            for (int i = 0; i < 300; i++) {
                send(channel, piece);
            }
        }
        assertThat(memory() - before).isLessThan(MUCH);
        assertThat(ask("GET", "/_ping").status()).isEqualTo(200);
    }

    @Test
    void shouldServeManyClientsAtOnce() throws Exception {
        serveMany(10);
    }

    @Test
    @Tag("long")
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void shouldServeManyClientsForAMinute() throws Exception {
        serveMany(60);
    }

    private void serveMany(int seconds) throws Exception {
        side.says("run -d --name bparallel " + DockerSide.IMAGE + " sleep 300");
        many(seconds / 2);
        long before = memory();
        many(seconds / 2);
        assertThat(memory() - before).isLessThan(MUCH);
        side.remove("bparallel");
    }

    /** Mixed calls of 64 clients. */
    private void many(int seconds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        var clients = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 64; i++) {
            int number = i;
            clients.add(() -> {
                int calls = 0;
                while (System.nanoTime() < end) {
                    if (number % 8 == 0) {
                        lead("b" + number + "x" + calls);
                    }
                    expect(200, SocketRequest.of("GET", path(number + calls++)));
                }
                return calls;
            });
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> client : threads.invokeAll(clients)) {
                assertThat(client.get()).isPositive();
            }
        }
    }

    /** A container's life, and a volume's. */
    private void lead(String name) {
        String body =
                """
                {"Image":"%s","Cmd":["true"],"HostConfig":{"NetworkMode":"none"}}
                """
                        .formatted(DockerSide.IMAGE);
        String container = "/v1.51/containers/" + name;
        expect(201, SocketRequest.json("POST", "/v1.51/containers/create?name=" + name, body));
        expect(204, SocketRequest.of("POST", container + "/start"));
        expect(200, SocketRequest.of("POST", container + "/wait"));
        expect(204, SocketRequest.of("DELETE", container));
        String volume = "{\"Name\":\"%s\"}".formatted(name);
        expect(201, SocketRequest.json("POST", "/v1.51/volumes/create", volume));
        expect(204, SocketRequest.of("DELETE", "/v1.51/volumes/" + name));
    }

    private void expect(int status, SocketRequest request) {
        SocketRequest.Answer answer = request.ask(side.socket());
        assertThat(answer.status())
                .as(request.method() + " " + request.path() + ": " + answer.text())
                .isEqualTo(status);
    }

    private static String path(int number) {
        return switch (number % 8) {
            case 0 -> "/v1.51/containers/json?all=1&size=1";
            case 1 -> "/v1.51/containers/bparallel/json";
            case 2 -> "/v1.51/info";
            case 3 -> "/v1.51/images/json";
            case 4 -> "/v1.51/networks";
            case 5 -> "/v1.51/containers/bparallel/stats?stream=0&one-shot=1";
            case 6 -> "/v1.51/containers/bparallel/top";
            default -> "/v1.51/system/df";
        };
    }
}
