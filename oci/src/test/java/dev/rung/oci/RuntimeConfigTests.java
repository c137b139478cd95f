package dev.rung.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RuntimeConfigTests {
    static byte[] resource(String name) throws IOException {
        try (var in = RuntimeConfigTests.class.getResourceAsStream(name)) {
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    @Test
    void shouldReadWhatRuncWrites() throws IOException {
        RuntimeConfig config = RuntimeConfig.read("config.json", resource("runc-spec.json"));
        assertThat(config.process().args()).containsExactly("sh");
        assertThat(config.mounts()).hasSize(7);
        assertThat(config.linux().creates(LinuxConfig.NamespaceType.PID)).isTrue();
        assertThat(config.linux().resources().devices())
                .containsExactly(
                        new Resources.DeviceRule(
                                false, Resources.DeviceRuleType.ALL, -1, -1, "rwm"));
    }
}
