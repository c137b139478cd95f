package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The first two forms are what runc 1.1.5 writes for the same messages. */
class LogLineTests {
    private static final Instant TIME = Instant.parse("2026-11-23T16:56:20.123Z");

    private static LogLine line(String message, Map<String, String> fields) {
        return new LogLine(LogLine.Level.ERROR, TIME, message, new TreeMap<>(fields));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void shouldWriteTheTextForm() {
        assertThat(text(line("container does not exist", Map.of()).text()))
                .isEqualTo(
                        "time=\"2026-11-23T16:56:20Z\" level=error msg=\"container does not"
                                + " exist\"\n");
        assertThat(text(line("runc: \"create\" requires\n", Map.of()).text()))
                .endsWith("msg=\"runc: \\\"create\\\" requires\\n\"\n");
        assertThat(text(line("short", Map.of("step", "12", "key", "mounts[3]")).text()))
                .endsWith(" level=error msg=short key=\"mounts[3]\" step=12\n");
    }

    @Test
    void shouldWriteTheJsonForm() {
        assertThat(text(line("container does not exist", Map.of()).json()))
                .isEqualTo(
                        "{\"level\":\"error\",\"msg\":\"container does not"
                                + " exist\",\"time\":\"2026-11-23T16:56:20Z\"}\n");
        assertThat(text(line("x", Map.of("step", "12", "key", "mounts[3]")).json()))
                .isEqualTo(
                        "{\"key\":\"mounts[3]\",\"level\":\"error\",\"msg\":\"x\",\"step\":\"12\",\"time\":\"2026-11-23T16:56:20Z\"}\n");
    }

    @Test
    void shouldWriteForATerminal() {
        assertThat(text(line("no such thing", Map.of("key", "root.path")).terminal()))
                .isEqualTo(
                        "\u001b[31mERRO\u001b[0m[0000] no such thing"
                                + " \u001b[31mkey\u001b[0m=root.path\n");
    }
}
