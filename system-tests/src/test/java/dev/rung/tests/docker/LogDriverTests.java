package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * What containers write goes where their log driver sends it, and can be read here all the same.
 */
@SystemTest
@NeedsProgram({"docker", "openssl", "python3", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class LogDriverTests {
    /** Prints each datagram to a socket of the file system as it came. */
    private static final String DATAGRAMS =
            """
            import socket, sys
            door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            door.bind(sys.argv[1])
            while True:
                sys.stdout.write(door.recv(1 << 20).decode())
                sys.stdout.flush()
            """;

    /** Prints what comes by TCP to a port, or UDP. */
    private static final String SERVER =
            """
            import socket, sys
            kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
            door = socket.socket(socket.AF_INET, kind)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", int(sys.argv[2])))
            if kind == socket.SOCK_STREAM:
                door.listen()
                door = door.accept()[0]
            while piece := door.recv(1 << 16):
                sys.stdout.write(piece.decode())
                sys.stdout.flush()
            """;

    private static final String CERTIFICATE =
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout \"$1/key.pem\" -out \"$1/own.pem\""
                    + " -days 2 -subj /CN=log -addext subjectAltName=IP:127.0.0.1 && openssl pkcs12"
                    + " -export -in \"$1/own.pem\" -inkey \"$1/key.pem\" -out \"$1/own.p12\""
                    + " -passout pass:secret";

    /** A journal of its own where the machine's would be; nothing of the kernel gets into it. */
    private static final String JOURNAL =
            """
            set -e
            mkdir -p /run/systemd /run/log
            mount -t tmpfs -o mode=755 tmpfs /run/systemd
            mount -t tmpfs -o mode=755 tmpfs /run/log
            mkdir -p /run/systemd/journal /run/systemd/journald.conf.d
            printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nAudit=no\\nForwardToSyslog=no\\n' \\
                >/run/systemd/journald.conf.d/test.conf
            exec /lib/systemd/systemd-journald
            """;

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    @BeforeAll
    void begin() {
        side = new DockerSide();
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    private static Running server(String network, int port) {
        Running server =
                Command.of("python3", "-c", SERVER, network, Integer.toString(port)).start();
        String state = network.equals("tcp") ? "-ltnH" : "-lunH";
        Patience.await(
                () ->
                        Command.of("ss", state, "sport", "=", Integer.toString(port))
                                .run()
                                .output()
                                .contains("127.0.0.1"),
                () -> "the server does not listen: " + server.errors());
        return server;
    }

    @Test
    void shouldSendToASocketWhatItAlsoKeeps() {
        Path socket = side.engine().home().resolve("log.sock");
        try (Running server = Command.of("python3", "-c", DATAGRAMS, socket.toString()).start()) {
            Patience.await(() -> Files.exists(socket), () -> "no socket: " + server.errors());
            String driver =
                    "--log-driver syslog --log-opt syslog-address=unixgram://"
                            + socket
                            + " --log-opt tag={{.Name}}/x --log-opt syslog-facility=local0 ";
            side.docker(
                            "run --name sent " + driver + DockerSide.IMAGE + " sh -c",
                            "echo one; echo two >&2; printf three")
                    .succeed();
            server.awaitOutput(text -> text.contains("three"));

            assertThat(server.output().lines())
                    .anySatisfy(
                            line -> assertThat(line).matches("<134>\\w{3} .* sent/x\\[\\d+]: one"))
                    .anySatisfy(line -> assertThat(line).matches("<131>.* sent/x\\[\\d+]: two"))
                    .anySatisfy(line -> assertThat(line).matches("<134>.* sent/x\\[\\d+]: three"));
            assertThat(side.says("logs sent")).isEqualTo("one\nthree");
            assertThat(side.says("inspect --format {{.LogPath}} sent")).isEmpty();

            // --rm takes the log away only once it is sent
            side.docker("run --rm " + driver + DockerSide.IMAGE + " seq 5000 5999").succeed();
            server.awaitOutput(text -> text.contains(": 5999\n"));
            assertThat(server.output().lines().filter(line -> line.contains(": 5"))).hasSize(1000);

            side.docker(
                            "run --name unread "
                                    + driver
                                    + "--log-opt cache-disabled=true "
                                    + DockerSide.IMAGE
                                    + " true")
                    .succeed();
            side.tries("logs unread")
                    .failedSaying("configured logging driver does not support reading");
        } finally {
            side.remove("sent", "unread");
        }
    }

    @Test
    void shouldLoseNothingWhenServerAndEngineGo() {
        String driver = "--log-driver syslog --log-opt syslog-address=tcp://127.0.0.1:5140 ";
        String script = "i=0; while read line; do seq $i $((i + 99)); i=$((i + 100)); done </go";
        side.tries("run --name early " + driver + DockerSide.IMAGE + " true")
                .failedSaying(
                        "failed to create task for container: failed to initialize logging driver:"
                                + " dial tcp 127.0.0.1:5140: connect: connection refused");
        try {
            try (Running first = server("tcp", 5140)) {
                side.docker(
                                "run --detach --name steady "
                                        + driver
                                        + DockerSide.IMAGE
                                        + " sh -c",
                                "mkfifo /go; sleep 1000 >/go & " + script)
                        .succeed();
                further("steady");
                first.awaitOutput(text -> text.contains(": 99\n"));
            }
            further("steady"); // nobody is there
            await("steady", 199);
            side.engine().kill();
            side.engine().rung("version").succeed();
            further("steady");
            await("steady", 299);
            try (Running second = server("tcp", 5140)) {
                second.awaitOutput(text -> text.contains(": 299\n"));
                List<String> got =
                        second.output()
                                .lines()
                                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                                .toList();
                // what a server that goes had not read yet nobody knows of
                assertThat(got)
                        .containsAll(
                                IntStream.range(101, 300).mapToObj(Integer::toString).toList());
            }
        } finally {
            side.remove("early", "steady");
        }
    }

    private void further(String name) {
        side.docker("exec " + name + " sh -c", "until [ -p /go ]; do sleep 0.1; done; echo >/go")
                .succeed();
    }

    private void await(String name, int last) {
        Patience.await(
                () -> side.says("logs --tail 1 " + name).equals(Integer.toString(last)),
                () -> "no line " + last + ": " + side.says("logs --tail 3 " + name));
    }

    @Test
    void shouldSendDatagramsToAPort() {
        try (Running server = server("udp", 5141)) {
            side.docker(
                            "run --rm --log-driver syslog --log-opt syslog-format=rfc5424micro"
                                    + " --log-opt syslog-address=udp://127.0.0.1:5141 "
                                    + DockerSide.IMAGE
                                    + " echo over UDP")
                    .succeed();
            server.awaitOutput(text -> text.contains("over UDP"));
            assertThat(server.output())
                    .matches(
                            "<30>1 \\d{4}-\\S+\\.\\d{6}\\S+ 127.0.0.1:\\d+ (\\w{12}) \\d+ \\1 - over"
                                    + " UDP\n");
        }
    }

    @Test
    void shouldSendThroughTls() throws Exception {
        Path folder = Files.createDirectories(side.engine().home().resolve("tls"));
        Command.of("sh", "-c", CERTIFICATE, "-", folder.toString()).succeed();
        try (var server = new TlsServer(folder.resolve("own.p12"), "secret")) {
            String run =
                    "run --rm --log-driver syslog --log-opt syslog-format=rfc5424 --log-opt"
                            + " syslog-address=tcp+tls://127.0.0.1:"
                            + server.port()
                            + " ";
            String image = DockerSide.IMAGE + " echo over TLS";
            side.tries(run + image).failedSaying("failed to initialize logging driver: tls:");
            side.docker(run + "--log-opt syslog-tls-ca-cert=" + folder + "/own.pem " + image)
                    .succeed();
            Patience.await(
                    () -> server.received().endsWith("over TLS\n"),
                    () -> "received: " + server.received());
            String message = server.received();
            int blank = message.indexOf(' ');
            assertThat(message.length() - blank - 1)
                    .isEqualTo(Integer.parseInt(message.substring(0, blank)));
        }
    }

    @Test
    void shouldRefuseWhatDockerRefuses() {
        String create = "create " + "--log-driver ";
        side.tries(create + "syslog --log-opt syslog-address=http://x " + DockerSide.IMAGE)
                .failedSaying("unsupported scheme: 'http'");
        side.tries(create + "syslog --log-opt syslog-facility=none " + DockerSide.IMAGE)
                .failedSaying("invalid syslog facility");
        side.tries(create + "journald --log-opt max-size=1m " + DockerSide.IMAGE)
                .failedSaying("unknown log opt 'max-size' for journald log driver");
        side.tries(create + "json-file --log-opt mode=later " + DockerSide.IMAGE)
                .failedSaying("logger: logging mode not supported: later");
        assertThat(side.says("info --format {{.Plugins.Log}}"))
                .isEqualTo("[journald json-file local syslog]");
    }

    @Test
    @NeedsProgram("journalctl")
    void shouldSendToTheJournal() {
        side.tries("run --rm --log-driver journald " + DockerSide.IMAGE + " true")
                .failedSaying(
                        "failed to initialize logging driver: journald is not enabled on this host");
        try (Running journal = Command.of("sh", "-c", JOURNAL).start()) {
            Patience.await(
                    () -> Files.exists(Path.of("/run/systemd/journal/socket")),
                    () -> "no journal: " + journal.errors());
            side.docker(
                            "run --name noted --label com.x=y --env LONG="
                                    + "v".repeat(100_000)
                                    + " --log-driver journald --log-opt labels=com.x --log-opt env=LONG "
                                    + DockerSide.IMAGE
                                    + " sh -c",
                            "echo one; echo two >&2")
                    .succeed();
            String filter = "journalctl -D /run/log/journal -q -o verbose CONTAINER_NAME=noted";
            Patience.await(
                    () -> Command.of(filter.split(" ")).run().output().contains("MESSAGE=two"),
                    () -> "nothing noted: " + Command.of(filter.split(" ")).run());
            assertThat(Command.of(filter.split(" ")).succeed().output())
                    .contains(
                            "MESSAGE=one", "PRIORITY=6", "PRIORITY=3", "COM_X=y", "CONTAINER_TAG=")
                    .contains("LONG=" + "v".repeat(100_000));
            assertThat(side.says("logs noted")).isEqualTo("one");
        } finally {
            side.remove("noted");
            Command.of("umount", "-l", "/run/log", "/run/systemd").run();
        }
    }

    @Test
    void shouldTakeTheDriverOfTheEngine() {
        side.engine().configure("daemon.json", "{\"log-driver\": \"local\"}");
        side.engine().rung("system", "reload").succeed();
        side.docker("run --name usual " + DockerSide.IMAGE + " echo kept").succeed();

        assertThat(side.says("inspect --format {{.HostConfig.LogConfig.Type}} usual"))
                .isEqualTo("local");
        assertThat(side.says("info --format {{.LoggingDriver}}")).isEqualTo("local");
        assertThat(side.says("logs usual")).isEqualTo("kept");

        side.remove("usual");
        side.engine().configure("daemon.json", "{}");
        side.engine().rung("system", "reload").succeed();
    }
}
