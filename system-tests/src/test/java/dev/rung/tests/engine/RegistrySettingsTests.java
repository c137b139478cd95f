package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Where images come from is a matter of files and of the person's environment. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "openssl", "curl"})
@TestInstance(Lifecycle.PER_CLASS)
class RegistrySettingsTests {
    private static final String HERE = "127.0.0.1:5017";

    /**
     * A manifest's digest is signed as cosign signs it, by openssl, and attached as cosign does.
     */
    private static final String SIGN =
            """
            set -e
            cd "$1"
            openssl ecparam -name prime256v1 -genkey -noout -out own.key
            openssl ec -in own.key -pubout -out own.pub
            openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out other.pub
            api="http://$2/v2/$3"
            put() {
                digest="sha256:$(sha256sum "$1" | cut -d' ' -f1)"
                to=$(curl -sSf -X POST -D - -o /dev/null "$api/blobs/uploads/" |
                    tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
                curl -sSf -X PUT -H 'Content-Type: application/octet-stream' \
                    --data-binary "@$1" "$to&digest=$digest"
            }
            oci=application/vnd.oci.image
            curl -sSf -H "Accept: $oci.manifest.v1+json" "$api/manifests/latest" >manifest
            hex=$(sha256sum manifest | cut -d' ' -f1)
            printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}' \
                "$2/$3" "sha256:$hex" >payload
            signature=$(openssl dgst -sha256 -sign own.key payload | base64 -w 0)
            printf '{}' >config
            put config
            config=$digest
            put payload
            printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","size":2,"digest":"%s"},"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","size":%s,"digest":"%s","annotations":{"dev.cosignproject.cosign/signature":"%s"}}]}' \
                "$oci.manifest.v1+json" "$oci.config.v1+json" "$config" \
                "$(stat -c %s payload)" "$digest" "$signature" >signatures
            curl -sSf -X PUT -H "Content-Type: $oci.manifest.v1+json" \
                --data-binary @signatures "$api/manifests/sha256-$hex.sig"
            """;

    private static final String POLICY =
            """
            {"default": [{"type": "insecureAcceptAnything"}], "transports": {"docker": {
              "refused.test/bad": [{"type": "reject"}],
              "%s": [{"type": "sigstoreSigned", "keyPath": "%s",
                      "signedIdentity": {"type": "matchRepository"}}]}}}
            """;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    private void pulls(String name) {
        engine.rung("pull", name).succeed();
        assertThat(
                        engine.rung("run", "--rm", "--network", "none", name, "echo", "runs")
                                .succeed()
                                .output())
                .isEqualTo("runs\n");
        engine.rung("rmi", name).succeed();
    }

    @Test
    void shouldFollowRegistriesConf() {
        engine.configure(
                "registries.conf",
                """
                [aliases]
                "tool" = "moved.test/place/busybox"
                [[registry]]
                prefix = "moved.test/place"
                location = "%1$s"
                [[registry]]
                prefix = "docker.io/library"
                [[registry.mirror]]
                location = "127.0.0.1:5021"
                [[registry.mirror]]
                location = "%1$s"
                [[registry]]
                prefix = "evil.test"
                blocked = true
                """
                        .formatted(HERE));
        pulls("moved.test/place/busybox");
        pulls("tool");
        pulls("busybox");
        engine.rung("pull", "evil.test/x")
                .run()
                .refused()
                .failedSaying("registry evil.test is blocked in registries.conf");
        engine.configure("registries.conf", "[[registry]");
        engine.rung("pull", "busybox").run().refused().failedSaying("registries.conf");
        engine.configure("registries.conf", "");
    }

    @Test
    void shouldTakeOnlyWhatThePolicyAccepts(@TempDir Path folder) throws IOException {
        String signed = HERE + "/busybox";
        try {
            engine.configure("policy.json", POLICY.formatted(HERE, folder.resolve("own.pub")));
            engine.rung("pull", "refused.test/bad/x")
                    .run()
                    .refused()
                    .failedSaying(
                            "Source image rejected: Running image docker://refused.test/bad/x:latest"
                                    + " is rejected by policy");
            engine.rung("pull", signed).run().refused().failedSaying("own.pub");
            Command.of("sh", "-c", SIGN, "-", folder.toString(), HERE, "busybox").succeed();
            pulls(signed);
            engine.configure("policy.json", POLICY.formatted(HERE, folder.resolve("other.pub")));
            engine.rung("pull", signed)
                    .run()
                    .refused()
                    .failedSaying("Source image rejected: cryptographic signature verification");
            engine.configure("policy.json", "{\"default\": []}");
            engine.rung("pull", signed).run().refused().failedSaying("policy.json: default: want");
        } finally {
            Files.delete(engine.home().resolve("etc/policy.json"));
        }
    }

    @Test
    void shouldFollowHostsToml() {
        engine.configure(
                "certs.d/hosted.test/hosts.toml",
                "server = \"https://127.0.0.1:5021\"\n[host.\"http://" + HERE + "\"]\n");
        pulls("hosted.test/busybox");
    }

    @Test
    void shouldGoThroughThePersonsProxy() {
        engine.rung("pull", "nowhere.test/x")
                .with("HTTPS_PROXY", "http://127.0.0.1:5021")
                .run()
                .refused()
                .failedSaying("connection refused");
        engine.rung("pull", "nowhere.test/x")
                .with("HTTPS_PROXY", "http://127.0.0.1:5021")
                .with("NO_PROXY", "nowhere.test")
                .run()
                .refused()
                .failedSaying("no such host");
    }
}
