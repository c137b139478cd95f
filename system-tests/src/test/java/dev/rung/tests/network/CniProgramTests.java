package dev.rung.tests.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.network.MacAddress;
import dev.rung.network.cni.Attachment;
import dev.rung.network.cni.Capabilities;
import dev.rung.network.cni.CniResult;
import dev.rung.network.cni.NetworkConf;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Plugins that are programs, called as the specification says. */
@SystemTest
class CniProgramTests {
    private static final String CONF =
            """
            {"cniVersion": "0.4.0", "cniVersions": ["1.1.0", "9.9.9"], "name": "net", "plugins": [
              {"type": "other", "capabilities": {"mac": true}, "x": [1, {"y": null}]}]}
            """;
    private static final String ANSWER =
            "{\"cniVersion\": \"1.1.0\", \"ips\": [{\"address\": \"10.9.8.7/24\"}]}";

    private static Path program(CniSide side, String folder, String last) {
        try {
            Path programs = Files.createDirectories(side.folder.resolve(folder));
            Path program = programs.resolve("other");
            Files.writeString(
                    program,
                    """
                    #!/bin/sh
                    echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME $CNI_ARGS" >>%s/calls
                    cat >%s/stdin.$CNI_COMMAND
                    %s
                    """
                            .formatted(programs, programs, last));
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
            return programs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldBeAskedForWhatTheyAddedWhateverTheFolderSaysLater() {
        CniSide first = CniSide.own();
        Path one = program(first, "one", "echo '" + ANSWER + "'");
        Path two = program(first, "two", "echo '" + ANSWER + "'");
        CniSide side = first.again(one);
        NetworkConf network = side.network(CONF);
        Attachment attachment =
                Attachment.of("box", "/proc/self/ns/net", "eth0")
                        .withArguments(Map.of("IgnoreUnknown", "1"))
                        .withCapabilities(
                                Capabilities.none().withMac(MacAddress.parse("02:00:00:00:00:01")));
        CniResult result = side.networks.add(network, attachment);

        assertThat(network.version()).isEqualTo("1.1.0");
        assertThat(result.ips().getFirst()).hasToString("10.9.8.7/24");
        assertThat(read(one.resolve("calls"))).isEqualTo("ADD box eth0 IgnoreUnknown=1\n");
        assertThat(read(one.resolve("stdin.ADD")))
                .contains(
                        "\"x\":[1,{\"y\":null}]",
                        "\"runtimeConfig\":{\"mac\":\"02:00:00:00:00:01\"}",
                        "\"cniVersion\":\"1.1.0\"")
                .doesNotContain("capabilities", "prevResult");
        try (CniSide later = side.again(two)) {
            later.networks.check(network, attachment.key());
            later.networks.delete(network, attachment);

            assertThat(read(one.resolve("calls"))).contains("CHECK box", "DEL box");
            assertThat(read(one.resolve("stdin.DEL"))).contains("prevResult", "10.9.8.7/24");
            later.networks.collect(network, Set.of(new Attachment.Key("else", "eth1")));
            later.networks.status(network);
            assertThat(read(two.resolve("calls"))).contains("GC", "STATUS").doesNotContain("DEL");
            assertThat(read(two.resolve("stdin.GC")))
                    .contains(
                            "\"cni.dev/valid-attachments\":[{\"containerID\":\"else\","
                                    + "\"ifname\":\"eth1\"}]");
        }
    }

    @Test
    void shouldTellWhyOneRefuses() {
        CniSide first = CniSide.own();
        Path programs =
                program(
                        first,
                        "one",
                        "echo '{\"code\": 11, \"msg\": \"later\", \"details\": \"busy\"}'; exit 1");
        try (CniSide side = first.again(programs)) {
            NetworkConf network = side.network(CONF);
            Attachment attachment = Attachment.of("box", "/proc/self/ns/net", "eth0");

            assertThatThrownBy(() -> side.networks.add(network, attachment))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessage("plugin type=\"other\" failed (add): later; busy");
            assertThat(read(programs.resolve("calls"))).contains("ADD box", "DEL box");
        }
    }

    @Test
    void shouldTakeTheFirstNetworkOfTheFolder() {
        try (CniSide side = CniSide.own()) {
            assertThatThrownBy(side.networks::defaultNetwork)
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("no CNI network found");
            side.file("20-b.conflist", CONF);
            side.file("10-a.conf", "{\"name\": \"alone\", \"type\": \"loopback\"}");
            side.file("00-broken.conflist", "{");
            side.file("net/more.conf", "{\"type\": \"loopback\"}");

            assertThat(side.networks.defaultNetwork().name()).isEqualTo("alone");
            assertThat(side.networks.network("net").plugins()).hasSize(2);
            assertThat(side.networks.network("net").capabilities()).containsExactly("mac");
        }
    }
}
