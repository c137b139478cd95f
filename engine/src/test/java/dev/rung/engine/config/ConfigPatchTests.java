package dev.rung.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConfigPatchTests {
    private static String apply(String config, String patch) {
        byte[] changed = ConfigPatch.apply(config.getBytes(StandardCharsets.UTF_8), patch);
        return new String(changed, StandardCharsets.UTF_8);
    }

    @Test
    void shouldMergeFields() {
        assertThat(
                        apply(
                                "{\"a\":{\"b\":1,\"c\":2},\"d\":[1,2]}",
                                "{\"a\":{\"c\":3,\"e\":4},\"d\":[5],\"f\":null}"))
                .isEqualTo("{\"a\":{\"b\":1,\"c\":3,\"e\":4},\"d\":[5]}");
        assertThat(apply("{\"a\":1,\"b\":2}", "{\"a\":null}")).isEqualTo("{\"b\":2}");
    }

    @Test
    void shouldReplaceAndTakeAwayMountsByTheirPlaceAndMountDeeperOnesLater() {
        String config =
                "{\"mounts\":[{\"destination\":\"/a/b\",\"type\":\"x\"},{\"destination\":\"/c\"}]}";

        assertThat(
                        apply(
                                config,
                                "{\"mounts\":[{\"destination\":\"/c\",\"remove\":true},"
                                        + "{\"destination\":\"/a\"},"
                                        + "{\"destination\":\"/a/b\",\"type\":\"y\"}]}"))
                .isEqualTo(
                        "{\"mounts\":[{\"destination\":\"/a\"},"
                                + "{\"destination\":\"/a/b\",\"type\":\"y\"}]}");
    }

    @Test
    void shouldAddHooksAndRulesForDevicesToThoseThatThereAre() {
        assertThat(
                        apply(
                                "{\"hooks\":{\"poststop\":[1]},"
                                        + "\"linux\":{\"resources\":{\"devices\":[1]},\"devices\":[]}}",
                                "{\"hooks\":{\"poststop\":[2],\"prestart\":[3]},"
                                        + "\"linux\":{\"resources\":{\"devices\":[2]}}}"))
                .isEqualTo(
                        "{\"hooks\":{\"poststop\":[1,2],\"prestart\":[3]},"
                                + "\"linux\":{\"resources\":{\"devices\":[1,2]},\"devices\":[]}}");
    }

    @Test
    void shouldReplaceAsAWholeWhatHasOneMeaning() {
        assertThat(
                        apply(
                                "{\"linux\":{\"seccomp\":{\"defaultAction\":\"A\",\"syscalls\":[1]}}}",
                                "{\"linux\":{\"seccomp\":{\"defaultAction\":\"B\"}}}"))
                .isEqualTo("{\"linux\":{\"seccomp\":{\"defaultAction\":\"B\"}}}");
    }

    @Test
    void shouldChangeNamespacesByTheirKind() {
        assertThat(
                        apply(
                                "{\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\"}]}}",
                                "{\"linux\":{\"namespaces\":[{\"type\":\"ipc\",\"remove\":true},"
                                        + "{\"type\":\"pid\",\"path\":\"/p\"}]}}"))
                .isEqualTo("{\"linux\":{\"namespaces\":[{\"type\":\"pid\",\"path\":\"/p\"}]}}");
    }
}
