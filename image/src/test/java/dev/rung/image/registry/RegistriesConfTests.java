package dev.rung.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistriesConfTests {
    private static final String CONF =
            """
            unqualified-search-registries = ["quay.io"]
            [aliases]
            "tool" = "example.com/tools/tool"
            [[registry]]
            prefix = "example.com/a"
            location = "inside.test/b"
            [[registry]]
            location = "example.com/a/deeper"
            insecure = true
            [[registry.mirror]]
            location = "mirror.test/c"
            [[registry.mirror]]
            location = "digests.test"
            pull-from-mirror = "digest-only"
            [[registry]]
            prefix = "*.bad.test"
            blocked = true
            """;

    @TempDir Path folder = Path.of("/");

    private RegistriesConf conf(String text) throws IOException {
        Path file = folder.resolve("registries.conf");
        Files.writeString(file, text);
        return RegistriesConf.read(List.of(folder.resolve("absent"), file));
    }

    private List<String> places(String name) throws IOException {
        return conf(CONF).places(ImageName.parse(name)).stream()
                .map(place ->
                        place.name()
                                + (place.insecure() ? " insecure" : "")
                                + (place.mirror() ? " mirror" : ""))
                .toList();
    }

    @Test
    void shouldMoveWhatThePrefixStandsFor() throws IOException {
        assertThat(places("example.com/a/x:1")).containsExactly("inside.test/b/x:1");
        assertThat(places("example.com/a/deeper:1"))
                .containsExactly("mirror.test/c:1 mirror", "example.com/a/deeper:1 insecure");
        assertThat(places("example.com/abc:1")).containsExactly("example.com/abc:1");
        assertThat(places("alpine:1")).containsExactly("docker.io/library/alpine:1");
    }

    @Test
    void shouldAskSomeMirrorsByDigestOnly() throws IOException {
        String digest = "@sha256:" + "0".repeat(64);
        assertThat(places("example.com/a/deeper/x" + digest))
                .containsExactly(
                        "mirror.test/c/x" + digest + " mirror",
                        "digests.test/x" + digest + " mirror",
                        "example.com/a/deeper/x" + digest + " insecure");
    }

    @Test
    void shouldRefuseWhatIsBlocked() {
        assertThatThrownBy(() -> places("very.bad.test/x"))
                .isInstanceOf(Failure.Denied.class)
                .hasMessage("registry *.bad.test is blocked in registries.conf");
    }

    @Test
    void shouldKnowWhatShortNamesMean() throws IOException {
        RegistriesConf conf = conf(CONF);
        assertThat(conf.meant("tool:2")).hasToString("example.com/tools/tool:2");
        assertThat(conf.meant("me/other")).hasToString("quay.io/me/other");
        assertThat(conf.meant("docker.io/tool")).hasToString("docker.io/library/tool");
        assertThat(conf("").meant("tool")).hasToString("docker.io/library/tool");
    }

    @Test
    void shouldNameTheFileOfAMistake() {
        assertThatThrownBy(() -> conf("[[registry]]\ninsecure = 1\nlocation = 'x'"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("registries.conf")
                .hasMessageContaining("insecure");
    }
}
