package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CgroupDriverTests {
    private static final ContainerId ID = new ContainerId("c1");

    private static HostOptions below(String parent) {
        byte[] json = ("{\"CgroupParent\": \"" + parent + "\"}").getBytes(StandardCharsets.UTF_8);
        return HostOptions.read(JsonFields.read("test", json));
    }

    @Test
    void shouldNamePathsForFolders() {
        CgroupDriver driver = CgroupDriver.CGROUPFS;

        assertThat(driver.path("/user", driver.parent(below("")), ID)).isEqualTo("/user/rung/c1");
        assertThat(driver.path("", driver.ofPod(below("/a"), ID), ID)).isEqualTo("/a/pod-c1/c1");
    }

    @Test
    void shouldNameUnitsInSlicesForSystemd() {
        CgroupDriver driver = CgroupDriver.SYSTEMD;

        assertThat(driver.path("", driver.parent(below("")), ID)).isEqualTo("system.slice:rung:c1");
        assertThat(driver.parent(below("/kube.slice/kube-pods.slice")))
                .isEqualTo("kube-pods.slice");
        assertThat(driver.ofPod(below("a.slice"), ID)).isEqualTo("a.slice");
        assertThatThrownBy(() -> driver.parent(below("/rung")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("should be a valid slice named as \"xxx.slice\"");
    }
}
