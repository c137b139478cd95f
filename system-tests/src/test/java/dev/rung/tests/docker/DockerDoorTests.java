package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Where else Docker's API is served than at its usual socket. */
@SystemTest
@NeedsProgram({"docker", "openssl", "python3", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class DockerDoorTests {
    private static final String CERTIFICATES =
            """
            set -e
            cd "$1"
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -days 2 -subj /CN=ca
            make() {
                openssl req -newkey rsa:2048 -nodes -keyout "$1-key.pem" -out "$1.csr" -subj "/CN=$1"
                echo "subjectAltName=IP:127.0.0.1
                extendedKeyUsage=serverAuth,clientAuth" | sed 's/^ *//' >"$1.ext"
                openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial \\
                    -out "$1.pem" -days 2 -extfile "$1.ext"
            }
            make server
            make client
            """;

    /** Starts a program as a service manager does, with two sockets that it listens at. */
    private static final String MANAGER =
            """
            import os, socket, sys
            doors = []
            for kind, path in ((socket.SOCK_STREAM, sys.argv[1]), (socket.SOCK_SEQPACKET, sys.argv[2])):
                door = socket.socket(socket.AF_UNIX, kind)
                door.bind(path)
                door.listen()
                doors.append(os.dup2(door.fileno(), 10 + len(doors)))
            for i, door in enumerate(doors):
                os.dup2(door, 3 + i, inheritable=True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")
            os.execv(sys.argv[3], sys.argv[3:4])
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

    private static String rungd() {
        Path rungd = OciRuntime.binaryUnderTest().toAbsolutePath().resolveSibling("rungd");
        return rungd.normalize().toString();
    }

    private void shutDown() {
        side.engine().rung("system", "shutdown").succeed();
        Patience.await(
                () -> !Files.exists(side.engine().home().resolve("run/rungd.pid")),
                () -> "the engine is still there");
    }

    @Test
    void shouldServeAPortToWhoHasACertificate() throws Exception {
        shutDown();
        Path folder = Files.createDirectory(side.engine().home().resolve("tls"));
        Command.of("bash", "-c", CERTIFICATES, "-", folder.toString()).succeed();
        Path other = side.engine().home().resolve("other.sock");
        side.engine()
                .configure(
                        "daemon.json",
                        """
                        {"hosts": ["unix://%2$s", "tcp://127.0.0.1:12376"], "tlsverify": true,
                         "group": "root", "labels": ["a=b"], "tlscacert": "%1$s/ca.pem",
                         "tlscert": "%1$s/server.pem", "tlskey": "%1$s/server-key.pem"}
                        """
                                .formatted(folder, other));
        String version = "version --format {{.Server.APIVersion}}";
        side.engine().rung("version").succeed();

        String trusting =
                "--host tcp://127.0.0.1:12376 --tlsverify --tlscacert " + folder + "/ca.pem ";
        String known =
                "--tlscert " + folder + "/client.pem --tlskey " + folder + "/client-key.pem ";
        assertThat(side.says(trusting + known + version)).isEqualTo("1.51");
        assertThat(
                        side.docker(trusting + known + "run -i --rm " + DockerSide.IMAGE + " cat")
                                .reading("through TLS")
                                .succeed()
                                .output())
                .isEqualTo("through TLS");
        side.tries(trusting + version).failedSaying("certificate required");
        assertThat(side.tries("--host tcp://127.0.0.1:12376 " + version).status()).isNotZero();
        assertThat(side.says("--host unix://" + other + " info --format {{.Labels}}"))
                .isEqualTo("[a=b]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other)))
                .isEqualTo("rw-rw----");

        side.engine().configure("daemon.json", "{\"hosts\": [\"tcp://127.0.0.1:12375\"]}");
        shutDown();
        side.engine().rung("version").succeed();
        assertThat(side.tries("--host tcp://127.0.0.1:12375 " + version).status()).isNotZero();
        assertThat(Files.readString(side.engine().home().resolve("run/rungd.log")))
                .contains("whoever reaches it would be root");
        side.engine().configure("daemon.json", "{}");
    }

    @Test
    void shouldSayWhatItCanBeToldWhereToServe() {
        assertThat(Command.of(rungd(), "--help").succeed().output())
                .startsWith("Usage:  rungd [OPTIONS]")
                .contains("--docker-socket PATH", "--cri-socket [PATH]");
    }

    @Test
    void shouldServeAPathThatTheCallNames() {
        shutDown();
        Path asked = side.engine().home().resolve("asked.sock");
        try (Running engine =
                Command.of(rungd(), "--docker-socket", asked.toString())
                        .with("RUNG_HOME", side.engine().home().toString())
                        .start()) {
            Patience.await(() -> Files.exists(asked), () -> "no socket: " + engine.errors());

            assertThat(side.says("--host unix://" + asked + " version --format {{.Server.Os}}"))
                    .isEqualTo("linux");
            shutDown();
        }
        assertThat(asked).doesNotExist();
    }

    @Test
    void shouldTakeBothSocketsOfAServiceManager() throws Exception {
        shutDown();
        Path given = side.engine().home().resolve("given.sock");
        Path own = side.engine().home().resolve("run/rung.sock");
        Files.deleteIfExists(own);
        try (Running manager =
                Command.of("python3", "-c", MANAGER, given.toString(), own.toString(), rungd())
                        .with("RUNG_HOME", side.engine().home().toString())
                        .start()) {
            Patience.await(() -> Files.exists(own), () -> "no socket: " + manager.errors());

            String run = "run --rm " + DockerSide.IMAGE + " echo activated";
            assertThat(side.says("--host unix://" + given + " " + run)).isEqualTo("activated");
            assertThat(side.engine().pid()).isEqualTo(Long.toString(manager.pid()));
            shutDown();
        }
    }

    @Test
    void shouldTellWhoCallsWhenItIsAskedTo() throws Exception {
        Path log = side.engine().home().resolve("run/rungd.log");
        side.engine().configure("daemon.json", "{\"debug\": true}");
        side.engine().rung("system", "reload").succeed();
        assertThat(side.says("info --format {{.Debug}}")).isEqualTo("true");
        side.engine().configure("daemon.json", "{}");
        side.engine().rung("system", "reload").succeed();
        assertThat(side.says("info --format {{.Debug}}")).isEqualTo("false");

        assertThat(Files.readString(log).lines())
                .filteredOn(line -> line.matches(".*Calling GET /v1\\.\\d+/info for root:root"))
                .hasSize(1);
    }
}
