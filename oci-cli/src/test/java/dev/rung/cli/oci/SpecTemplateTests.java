package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.oci.RuntimeConfig;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SpecTemplateTests {
    @Test
    void shouldDescribeTheContainerOfRunc() {
        byte[] json = SpecTemplate.ofRoot(false);
        RuntimeConfig config = RuntimeConfig.read("config.json", json);
        assertThat(config.process().args()).containsExactly("sh");
        assertThat(config.process().terminal()).isTrue();
        assertThat(config.root().readonly()).isTrue();
        assertThat(config.mounts()).hasSize(7);
        assertThat(new String(json, StandardCharsets.UTF_8))
                .startsWith("{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n")
                .contains("\"network\"")
                .doesNotContain("\"user\"\n")
                .doesNotContain("\"type\": \"cgroup\"\n");
        assertThat(new String(SpecTemplate.ofRoot(true), StandardCharsets.UTF_8))
                .contains("\"type\": \"cgroup\"\n");
    }

    @Test
    void shouldMapOneIdWhenRootless() {
        String json = new String(SpecTemplate.rootless(false, 1000, 1001), StandardCharsets.UTF_8);
        RuntimeConfig.read("config.json", json.getBytes(StandardCharsets.UTF_8));
        assertThat(json)
                .contains("\"hostID\": 1000,")
                .contains("\"hostID\": 1001,")
                .contains("\"type\": \"user\"")
                .contains("\"rbind\"")
                .doesNotContain("gid=5")
                .doesNotContain("\"network\"")
                .doesNotContain("\"resources\"");
    }
}
