package dev.rung.daemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of the files that may say which images may come, one counts. */
class RegistrySettingsTests {
    @TempDir Path folder;

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text.replace("HERE", folder.toString()));
    }

    /** A policy that takes nothing, to be known by its file's name in the refusal. */
    private void policy(String file) throws IOException {
        write(file, "{\"default\": [{\"type\": \"reject\"}]}");
    }

    private void pull() {
        ConfigurationFiles.read(folder)
                .registries()
                .policy(folder)
                .of(ImageName.parse("busybox"))
                .admitName();
    }

    private void assertRefusedBy(String file) {
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.Denied.class)
                .hasMessageEndingWith("(" + folder.resolve(file) + ": default)");
    }

    @Test
    void shouldGoByThePolicyThatCountsFirst() throws IOException {
        pull();
        write("crio.conf", "[crio.image]\nsignature_policy = \"HERE/theirs.json\"\n");
        write("rung.toml", "crio-config = \"HERE/crio.conf\"\n");
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining("theirs.json");
        policy("theirs.json");
        assertRefusedBy("theirs.json");
        policy("policy.json");
        assertRefusedBy("policy.json");
        write(
                "rung.toml",
                "crio-config = \"HERE/crio.conf\"\nsignature-policy = \"HERE/named.json\"\n");
        policy("named.json");
        assertRefusedBy("named.json");
        Files.delete(folder.resolve("named.json"));
        assertThatThrownBy(this::pull).isInstanceOf(Failure.HostRefused.class);
        write("rung.toml", "signature-policy = \"policy.json\"\n");
        assertThatThrownBy(this::pull).hasMessageContaining("want an absolute path");
    }

    @Test
    void shouldRefuseALinkThatLeadsNowhere() throws IOException {
        Path link = folder.resolve("policy.json");
        Files.createSymbolicLink(link, folder.resolve("gone.json"));
        assertThatThrownBy(this::pull)
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining(link.toString());
        assertThat(new ForeignPolicy(folder.resolve("none"), false).counts()).isFalse();
    }
}
