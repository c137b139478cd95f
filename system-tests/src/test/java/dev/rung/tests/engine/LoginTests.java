package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A registry that wants a password: login, push, pull and logout by the rung command. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class LoginTests {
    private static final String HOST = "127.0.0.1:5018";
    private static final String IMAGE = HOST + "/private/busybox:1";
    private static final String SECRET = "s3cret";

    /** The secret by bcrypt, the only way that the registry knows. */
    private static final String ACCOUNT =
            "joe:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

    private static final String HELPER =
            """
            #!/bin/sh
            cd "$(dirname "$0")"
            case $1 in
                store) cat >kept ;;
                get) if [ -e kept ]; then cat kept
                     else echo 'credentials not found in native keychain'; exit 1; fi ;;
                erase) rm -f kept ;;
            esac
            """;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private Running registry;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeAll
    void begin() throws IOException {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        folder = Files.createTempDirectory("rung-login");
        engine = new Engine();
        Files.writeString(folder.resolve("accounts"), ACCOUNT);
        Path config = folder.resolve("registry.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                storage:
                  filesystem:
                    rootdirectory: %1$s/registry
                http:
                  addr: %2$s
                auth:
                  htpasswd:
                    realm: test
                    path: %1$s/accounts
                """
                        .formatted(folder, HOST));
        registry = Command.of("docker-registry", "serve", config.toString()).start();
        Patience.await(
                () ->
                        Command.of("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5018").run().status()
                                == 0,
                () -> "the registry does not listen");
        engine.rung("tag", Engine.IMAGE, IMAGE).succeed();
    }

    @AfterAll
    void end() {
        if (registry != null) {
            registry.close();
        }
        if (engine != null) {
            engine.close();
        }
        if (folder != null) {
            Command.of("rm", "-rf", folder.toString()).run();
        }
    }

    @BeforeEach
    void forget() {
        Command.of("rm", "-rf", folder.resolve("config").toString()).succeed();
    }

    private Command rung(String... words) {
        return engine.rung(words)
                .with("DOCKER_CONFIG", folder.resolve("config").toString())
                .with("PATH", folder + ":/usr/bin:/bin");
    }

    private void login() {
        Outcome outcome =
                rung("login", "-u", "joe", "--password-stdin", HOST)
                        .reading(SECRET + "\n")
                        .succeed();
        assertThat(outcome.output()).isEqualTo("Login Succeeded\n");
    }

    private Path config() {
        return folder.resolve("config/config.json");
    }

    @Test
    void shouldPushAndPullAsWhoLoggedIn() throws IOException {
        rung("push", IMAGE).run().failedSaying("may require 'rung login'");
        login();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config())))
                .isEqualTo("rw-------");

        Outcome pushed = rung("push", IMAGE).succeed();
        assertThat(pushed.output())
                .startsWith("The push refers to repository [" + HOST + "/private/busybox]\n")
                .containsPattern("[0-9a-f]{12}: (Pushed|Layer already exists|Mounted from .*)\n")
                .containsPattern("1: digest: sha256:[0-9a-f]{64} size: [0-9]+\n$");
        // of the one layer, and not of the config, which people call the image's id
        assertThat(pushed.output().lines().filter(line -> line.endsWith(": Preparing"))).hasSize(1);
        assertThat(rung("push", IMAGE).succeed().output()).contains(": Layer already exists\n");
        rung("rmi", IMAGE).succeed();
        Outcome ran = rung("run", "--rm", "--network", "none", IMAGE, "echo", "runs").succeed();
        assertThat(ran.output()).isEqualTo("runs\n");
        assertThat(ran.errors()).startsWith("Unable to find image '" + IMAGE + "' locally\n");

        assertThat(rung("logout", HOST).succeed().output())
                .isEqualTo("Removing login credentials for " + HOST + "\n");
        assertThat(config()).content().doesNotContain(HOST);
        rung("pull", IMAGE).run().failedSaying("may require 'rung login'");
        assertThat(rung("logout", HOST).succeed().output())
                .isEqualTo("Not logged in to " + HOST + "\n");
    }

    @Test
    void shouldLeaveSecretsToTheHelper() throws IOException {
        Files.createDirectories(config().getParent());
        Files.writeString(config(), "{\"credsStore\": \"test\", \"other\": 1}");
        Path helper = folder.resolve("docker-credential-test");
        Files.writeString(helper, HELPER);
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));

        login();
        assertThat(folder.resolve("kept")).content().contains(SECRET);
        assertThat(config())
                .content()
                .contains("\"other\"")
                .contains(HOST)
                .doesNotContain("auth\"");
        rung("push", "--quiet", IMAGE).succeed();
        rung("pull", IMAGE).succeed();
        rung("logout", HOST).succeed();
        assertThat(folder.resolve("kept")).doesNotExist();
        rung("pull", IMAGE).run().failedSaying("may require 'rung login'");
    }

    @Test
    void shouldRefuseWrongPasswordsAndWords() {
        rung("login", "-u", "joe", "--password-stdin", HOST)
                .reading("wrong")
                .run()
                .failedSaying("/v2/ failed with status: 401 Unauthorized");
        assertThat(config()).doesNotExist();
        rung("login", "--password-stdin", HOST)
                .run()
                .failedSaying("the --password-stdin option requires --username to be set");
        rung("login", HOST).run().failedSaying("login from a non TTY device");
        rung("push", HOST + "/nosuch:1")
                .run()
                .failedSaying("An image does not exist locally with the tag: " + HOST + "/nosuch");
        rung("push", "-a", IMAGE).run().failedSaying("tag can't be used with --all-tags/-a");
    }
}
