package dev.rung.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.engine.spec.ContainerConfig;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImageSettingsTests {
    @Test
    void shouldTakeTheImagesCommand() {
        assertThat(argv("{}", List.of("/entry"), List.of("cmd"))).containsExactly("/entry", "cmd");
        assertThat(argv("{\"Cmd\":[\"mine\"]}", List.of("/entry"), List.of("cmd")))
                .containsExactly("/entry", "mine");
        assertThat(argv("{\"Entrypoint\":[\"/own\"]}", List.of("/entry"), List.of("cmd")))
                .containsExactly("/own");
        assertThat(argv("{\"Entrypoint\":[\"\"],\"Cmd\":[\"mine\"]}", List.of("/entry"), List.of()))
                .containsExactly("mine");
    }

    @Test
    void shouldRefuseNoCommandAtAll() {
        assertThatThrownBy(() -> argv("{}", null, List.of())).hasMessage("no command specified");
    }

    @Test
    void shouldPreferWhatWasAskedFor() {
        ContainerConfig complete =
                settings(null, List.of("c"))
                        .complete(
                                config(
                                        "{\"Env\":[\"A=mine\"],\"Labels\":{\"l\":\"mine\"},"
                                                + "\"WorkingDir\":\"/mine\",\"User\":\"me\"}"));
        assertThat(complete.env()).containsExactly("A=mine", "B=image");
        assertThat(complete.labels()).isEqualTo(Map.of("l", "mine", "m", "image"));
        assertThat(complete.workingDir()).isEqualTo("/mine");
        assertThat(complete.user()).isEqualTo("me");
        assertThat(complete.stopSignal()).isEqualTo("SIGINT");
        assertThat(complete.volumes()).containsExactly("/data");
    }

    private static List<String> argv(
            String asked, @Nullable List<String> entrypoint, List<String> cmd) {
        return settings(entrypoint, cmd).complete(config(asked)).argv();
    }

    private static ImageSettings settings(@Nullable List<String> entrypoint, List<String> cmd) {
        return new ImageSettings(
                "image",
                List.of("80/tcp"),
                List.of("A=image", "B=image"),
                entrypoint,
                cmd,
                List.of("/data"),
                "/image",
                Map.of("l", "image", "m", "image"),
                "SIGINT",
                null);
    }

    private static ContainerConfig config(String json) {
        return ContainerConfig.read(JsonFields.read("test", json.getBytes(StandardCharsets.UTF_8)));
    }
}
