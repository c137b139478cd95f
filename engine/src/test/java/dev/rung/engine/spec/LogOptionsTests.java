package dev.rung.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.SyslogOptions.Address;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogOptionsTests {
    private static void check(String driver, String... options) {
        var all = new HashMap<String, String>();
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        assertThat(new LogOptions(driver, all).checked().options()).isEqualTo(all);
    }

    private static void refuse(String words, String driver, String... options) {
        assertThatThrownBy(() -> check(driver, options))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    @Test
    void shouldTakeTheOptionsOfEachDriver() {
        assertThatCode(
                        () -> {
                            check("json-file", "max-size", "1m", "tag", "x", "compress", "false");
                            check("local", "max-file", "3", "labels-regex", "^a");
                            check("none", "whatever", "1");
                            check("journald", "env", "A", "mode", "non-blocking");
                            check("syslog", "syslog-address", "udp://h", "cache-disabled", "true");
                            check("syslog", "mode", "non-blocking", "max-buffer-size", "4m");
                        })
                .doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseInDockersWords() {
        refuse("logger: no log driver named 'x' is registered", "x");
        refuse("unknown log opt 'max-size' for syslog log driver", "syslog", "max-size", "1");
        refuse("unknown log opt 'a' for log driver local", "local", "a", "1");
        refuse("logger: logging mode not supported: x", "json-file", "mode", "x");
        refuse("only supported with 'mode=non-blocking'", "local", "max-buffer-size", "1m");
        refuse("invalid value for option cache-disabled: x", "syslog", "cache-disabled", "x");
        refuse("invalid syslog facility", "syslog", "syslog-facility", "24");
        refuse("Invalid syslog format", "syslog", "syslog-format", "rfc1");
        refuse("unsupported scheme: 'http'", "syslog", "syslog-address", "http://h");
        refuse("unsupported scheme: 'h'", "syslog", "syslog-address", "h:514");
        refuse(
                "parse \"1.2.3.4:5\": first path segment in URL cannot contain colon",
                "syslog",
                "syslog-address",
                "1.2.3.4:5");
        refuse("too many colons in address", "syslog", "syslog-address", "udp://::1");
        refuse(
                "stat /none/there: no such file or directory",
                "syslog",
                "syslog-address",
                "unixgram:///none/there");
    }

    @Test
    void shouldReadAddresses() {
        assertThat(address("udp://h")).isEqualTo(new Address.Server("udp", "h", 514));
        assertThat(address("tcp://[::1]:5")).isEqualTo(new Address.Server("tcp", "::1", 5));
        assertThat(address("tcp+tls://h.x:6514"))
                .isEqualTo(new Address.Server("tcp+tls", "h.x", 6514));
        assertThat(address("unix:///dev/log")).isEqualTo(new Address.Socket(false, "/dev/log"));
        assertThat(address("")).isEqualTo(new Address.Local());
    }

    private static Address address(String text) {
        return SyslogOptions.read(Map.of("syslog-address", text)).address();
    }

    @Test
    void shouldKeepSoMuchOfWhatIsSentElsewhere() {
        var usual = new LogOptions("syslog", Map.of());
        var own =
                new LogOptions(
                        "journald",
                        Map.of(
                                "cache-max-size",
                                "1k",
                                "cache-max-file",
                                "2",
                                "cache-disabled",
                                "1"));

        assertThat(usual.mostBytes()).isEqualTo(20 << 20);
        assertThat(usual.mostFiles()).isEqualTo(5);
        assertThat(usual.isReadable()).isTrue();
        assertThat(own.mostBytes()).isEqualTo(1024);
        assertThat(own.mostFiles()).isEqualTo(2);
        assertThat(own.isReadable()).isFalse();
    }
}
