package dev.rung.engine.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.json.JsonFields;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogTargetTests {
    private static final Instant TIME = Instant.parse("2026-03-04T05:06:07.123456789Z");
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final long PID = ProcessHandle.current().pid();

    private static JsonFields json(String text) {
        return JsonFields.read("test", text.getBytes(UTF_8));
    }

    private static ContainerRecord record(String log) {
        return new ContainerRecord(
                new ContainerId(ID),
                new ContainerName("web"),
                TIME,
                ContainerConfig.read(
                        json(
                                """
                                {"Image":"img:1","Cmd":["a","b"],"Labels":{"com.x-y":"l"},
                                 "Env":["A=1","_B=2\\n3"]}
                                """)),
                HostOptions.read(json("{\"LogConfig\":" + log + "}")),
                "sha256:" + "ef".repeat(32),
                List.of(),
                List.of(),
                null,
                false,
                0,
                "");
    }

    private static LogEntry entry(boolean error) {
        return new LogEntry("some words", error, TIME, null);
    }

    private static String message(Map<String, String> options, boolean error) {
        return new String(SyslogTarget.of(options, "tag").message(entry(error), "host"), UTF_8);
    }

    private static String local(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT)
                .format(TIME.atZone(ZoneId.systemDefault()));
    }

    @Test
    void shouldWriteMessagesAsDockerDoes() {
        String stamp = local("MMM ppd HH:mm:ss");

        assertThat(message(Map.of(), false))
                .isEqualTo("<30>" + stamp + " tag[" + PID + "]: some words\n");
        assertThat(message(Map.of("syslog-format", "rfc3164", "syslog-facility", "local7"), true))
                .isEqualTo("<187>" + stamp + " host tag[" + PID + "]: some words\n");
        assertThat(message(Map.of("syslog-format", "rfc5424", "syslog-facility", "0"), true))
                .isEqualTo(
                        "<3>1 %s host tag %d tag - some words\n"
                                .formatted(local("yyyy-MM-dd'T'HH:mm:ssXXX"), PID));
        String expected =
                "<30>1 %s host tag %d tag - some words\n"
                        .formatted(local("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"), PID);
        assertThat(message(Map.of("syslog-format", "rfc5424micro"), false)).isEqualTo(expected);
        assertThat(
                        message(
                                Map.of(
                                        "syslog-format",
                                        "rfc5424micro",
                                        "syslog-address",
                                        "tcp+tls://h:1"),
                                false))
                .isEqualTo(expected.length() + " " + expected);
    }

    @Test
    void shouldTellTheJournalOfTheContainer() {
        ContainerRecord record =
                record(
                        """
                        {"Type":"journald","Config":
                         {"tag":"{{.Name}}/{{.ImageName}}","labels":"com.x-y,none","env-regex":"^_"}}
                        """);
        String tag = LogTag.of(record, record.host().log().option("tag"));
        var target = new JournalTarget(JournalTarget.fields(record, tag));
        var part = new LogEntry.Part("p", 2, false);

        String datagram =
                new String(target.datagram(new LogEntry("a\nb", true, TIME, part), 7), UTF_8);

        assertThat(datagram)
                .startsWith("PRIORITY=3\nMESSAGE\n\3\0\0\0\0\0\0\0a\nb\n")
                .contains(
                        "\nCONTAINER_ID=0123456789ab\n",
                        "\nCONTAINER_ID_FULL=" + ID + "\n",
                        "\nCONTAINER_NAME=web\n",
                        "\nCONTAINER_TAG=web/img:1\n",
                        "\nSYSLOG_IDENTIFIER=web/img:1\n",
                        "\nIMAGE_NAME=img:1\n",
                        "\nCOM_X_Y=l\n",
                        "\nB\n\3\0\0\0\0\0\0\0" + "2\n3\n",
                        "\nCONTAINER_PARTIAL_MESSAGE=true\n",
                        "\nCONTAINER_PARTIAL_ID=p\n",
                        "\nCONTAINER_PARTIAL_ORDINAL=2\n",
                        "\nCONTAINER_PARTIAL_LAST=false\n",
                        "\nCONTAINER_LOG_ORDINAL=7\n",
                        "\nSYSLOG_TIMESTAMP=2026-03-04T05:06:07.123456789Z\n");
        assertThat(JournalTarget.key("__a.b-9Z")).isEqualTo("A_B_9Z");
    }

    @Test
    void shouldMakeTagsOfTemplates() {
        ContainerRecord record = record("{\"Type\":\"syslog\",\"Config\":{}}");

        assertThat(LogTag.of(record, "")).isEqualTo("0123456789ab");
        assertThat(LogTag.of(record, "{{.FullID}} {{.Command}}")).isEqualTo(ID + " a b");
        assertThat(LogTag.of(record, "{{upper .Name}}-{{.ImageID}}-{{.DaemonName}}"))
                .isEqualTo("WEB-sha256:efefe-docker");
        assertThatThrownBy(() -> LogTag.of(record, "{{.Nothing}}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("log-tag");
    }
}
