package dev.rung.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuntimeFeaturesTests {
    @Test
    void shouldTellTheFewThatMatter() {
        String json =
                """
                {"ociVersionMin": "1.0.0", "ociVersionMax": "1.2.0", "hooks": [],
                 "linux": {"namespaces": ["user"], "cgroup": {"v1": true, "v2": true, "rdma": true},
                           "seccomp": {"enabled": true}, "apparmor": {"enabled": false},
                           "mountExtensions": {"idmap": {"enabled": true}}}}
                """;

        assertThat(RuntimeFeatures.summary(json))
                .isEqualTo("OCI 1.2.0, user namespaces, cgroup v1+v2, seccomp, id-mapped mounts");
    }

    @Test
    void shouldBearRuntimesThatDoNotTell() {
        assertThat(RuntimeFeatures.summary("")).isEqualTo("-");
        assertThat(RuntimeFeatures.summary("unknown command")).isEqualTo("-");
        assertThat(RuntimeFeatures.summary("{\"ociVersionMax\": \"1.0.0\"}"))
                .isEqualTo("OCI 1.0.0");
    }
}
