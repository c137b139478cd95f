package dev.rung.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredHostsTests {
    @TempDir private Path folder = Path.of("");

    private List<Endpoint> hosts(String registry) {
        return new ConfiguredHosts(
                        new ConfiguredHosts.Settings(
                                List.of(URI.create("https://mirror.test")),
                                List.of("insecure.test", "10.0.0.0/8"),
                                List.of(folder)))
                .of(registry);
    }

    private void write(String registry, String file, String text) throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve(registry)).resolve(file), text);
    }

    private static List<String> bases(List<Endpoint> hosts) {
        return hosts.stream().map(host -> host.base().toString()).toList();
    }

    @Test
    void shouldTryMirrorsOfDockerHubFirst() {
        List<Endpoint> hosts = hosts("docker.io");
        assertThat(bases(hosts))
                .containsExactly("https://mirror.test/v2", "https://registry-1.docker.io/v2");
        assertThat(hosts.getFirst().registry()).isEqualTo("mirror.test");
        assertThat(hosts.getFirst().at("a/b"))
                .hasToString("https://mirror.test/v2/a/b?ns=docker.io");
        assertThat(hosts.getFirst().abilities()).doesNotContain(Endpoint.Ability.PUSH);
        assertThat(hosts.getLast().registry()).isEqualTo("docker.io");
        assertThat(hosts.getLast().at("a/b?n=1"))
                .hasToString("https://registry-1.docker.io/v2/a/b?n=1");
        assertThat(bases(hosts("quay.io"))).containsExactly("https://quay.io/v2");
    }

    @Test
    void shouldKnowInsecureHosts() {
        Endpoint named = hosts("insecure.test:5000").getFirst();
        assertThat(named.base()).hasToString("https://insecure.test:5000/v2");
        assertThat(named.otherwise()).hasToString("http://insecure.test:5000/v2");
        assertThat(named.trust().skipVerify()).isTrue();
        assertThat(hosts("10.1.2.3:80").getFirst().otherwise()).isNotNull();
        assertThat(hosts("11.1.2.3").getFirst().otherwise()).isNull();
        assertThat(hosts("[::1]:5000").getFirst().base()).hasToString("http://[::1]:5000/v2");
        assertThat(hosts("localhost:5000").getFirst().base())
                .hasToString("http://localhost:5000/v2");
    }

    @Test
    void shouldReadHostsFiles() throws Exception {
        write(
                "a.test_5000_",
                "hosts.toml",
                """
                server = "https://upstream.test"   # the last
                [host."https://one.test"]
                  capabilities = ["pull"]
                  ca = ["x.crt", "/abs.crt"]
                  client = [["c.cert", "c.key"], ["both.pem", ""]]
                  dial_timeout = "1.5s"
                  [host."https://one.test".header]
                    x-one = ["a", "b"]
                [host."http://two.test:81/prefix"]
                  skip_verify = true
                  override_path = true
                """);
        List<Endpoint> hosts = hosts("a.test:5000");
        assertThat(bases(hosts))
                .containsExactly(
                        "https://one.test/v2",
                        "http://two.test:81/prefix",
                        "https://upstream.test/v2");
        Endpoint one = hosts.getFirst();
        assertThat(one.abilities()).containsExactly(Endpoint.Ability.PULL);
        assertThat(one.trust().authorities())
                .containsExactly(folder.resolve("a.test_5000_/x.crt"), Path.of("/abs.crt"));
        assertThat(one.trust().clientKeys().get(1).key())
                .isEqualTo(folder.resolve("a.test_5000_/both.pem"));
        assertThat(one.trust().connectTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(one.headers().all("X-One")).containsExactly("a", "b");
        assertThat(one.namespace()).isEqualTo("a.test:5000");
        assertThat(hosts.get(1).trust().skipVerify()).isTrue();
        write("_default", "hosts.toml", "[host.\"https://all.test\"]\n");
        assertThat(bases(hosts("b.test")))
                .containsExactly("https://all.test/v2", "https://b.test/v2");
    }

    @Test
    void shouldSayWhatIsWrongInAHostsFile() throws Exception {
        write("a.test", "hosts.toml", "server = \"https://a.test\"\nca = 5\n");
        assertThatThrownBy(() -> hosts("a.test"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageEndingWith("hosts.toml: ca: want a string or an array of strings");
        write("a.test", "hosts.toml", "[host.\"https://b.test\"]\ncapabilities = [\"fly\"]\n");
        assertThatThrownBy(() -> hosts("a.test"))
                .hasMessageContaining("want pull, resolve or push, got \"fly\"");
        write("a.test", "hosts.toml", "a = 1\nb = \n");
        assertThatThrownBy(() -> hosts("a.test")).hasMessageContaining("line 2: want a value");
    }

    @Test
    void shouldReadToml() {
        TomlTable table =
                TomlTable.parse(
                        "f",
                        """
                        a.b = 'lit\\eral'
                        "quoted key" = "\\u0041\\n"
                        n = 1_000
                        long = \"""
                        one \\
                           two\"""
                        list = [ 1, [ "x" ], # comment
                        ]
                        inline = { x = true, y = { z = 0x1F } }
                        [[many]]
                        v = "1"
                        [[many]]
                        v = "2"
                        [many.sub]
                        w = "3"
                        """);
        assertThat(Objects.requireNonNull(table.table("a")).text("b")).isEqualTo("lit\\eral");
        assertThat(table.text("quoted key")).isEqualTo("A\n");
        assertThat(table.integer("n")).isEqualTo(1000);
        assertThat(table.text("long")).isEqualTo("one two");
        assertThat(table.tables("many")).hasSize(2);
        assertThat(table.tables("many").get(1).table("sub")).isNotNull();
        for (String wrong :
                List.of(
                        "a = 1\na = 2",
                        "[a]\n[a]",
                        "a",
                        "a = ",
                        "a = \"",
                        "a = [1",
                        "a = {",
                        "a = 1 2",
                        "[a",
                        "a = tru",
                        "a = 1979-05-27",
                        "a = \"\\q\"",
                        "a = " + "[".repeat(100),
                        "a.b = 1\na = 2",
                        "a = 1\na.b = 2")) {
            assertThatThrownBy(() -> TomlTable.parse("f", wrong))
                    .as(wrong)
                    .isInstanceOf(Failure.Invalid.class);
        }
    }
}
