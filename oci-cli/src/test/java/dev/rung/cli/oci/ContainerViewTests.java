package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The expected texts were printed by runc 1.1.5 for such a container. */
class ContainerViewTests {
    private static ContainerView view(@Nullable String owner, Map<String, String> annotations) {
        return new ContainerView(
                "1.0.2-dev",
                "rungcli1",
                29482,
                "paused",
                "/var/lib/bundles/b",
                "/var/lib/bundles/b/rootfs",
                "2026-11-23T17:01:13.80866648Z",
                annotations,
                owner);
    }

    @Test
    void shouldPrintStateAsRuncDoes() {
        assertThat(new String(view(null, Map.of()).json(), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {
                          "ociVersion": "1.0.2-dev",
                          "id": "rungcli1",
                          "pid": 29482,
                          "status": "paused",
                          "bundle": "/var/lib/bundles/b",
                          "rootfs": "/var/lib/bundles/b/rootfs",
                          "created": "2026-11-23T17:01:13.80866648Z",
                          "owner": ""
                        }\
                        """);
    }

    @Test
    void shouldPrintListsAsRuncDoes() {
        List<ContainerView> one = List.of(view("root", Map.of()));
        assertThat(new String(ContainerView.json(one), StandardCharsets.UTF_8))
                .isEqualTo(
                        "[{\"ociVersion\":\"1.0.2-dev\",\"id\":\"rungcli1\",\"pid\":29482,\"status\":\"paused\",\"bundle\":\"/var/lib/bundles/b\",\"rootfs\":\"/var/lib/bundles/b/rootfs\",\"created\":\"2026-11-23T17:01:13.80866648Z\",\"owner\":\"root\"}]\n");
        assertThat(ContainerView.table(one))
                .isEqualTo(
                        """
                        ID          PID         STATUS      BUNDLE               CREATED                         OWNER
                        rungcli1    29482       paused      /var/lib/bundles/b   2026-11-23T17:01:13.80866648Z   root
                        """);
    }

    @Test
    void shouldPrintEmptyListsAsRuncDoes() {
        assertThat(new String(ContainerView.json(List.of()), StandardCharsets.UTF_8))
                .isEqualTo("null\n");
        assertThat(ContainerView.table(List.of()))
                .isEqualTo("ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
    }

    @Test
    void shouldPrintAnnotationsBeforeTheOwner() {
        assertThat(new String(view("#7", Map.of("a", "<b>")).json(), StandardCharsets.UTF_8))
                .endsWith(
                        """
                          "annotations": {
                            "a": "\\u003cb\\u003e"
                          },
                          "owner": "#7"
                        }\
                        """);
    }
}
