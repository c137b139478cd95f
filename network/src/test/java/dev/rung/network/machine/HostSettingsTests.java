package dev.rung.network.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HostSettingsTests {
    /** The kernel gives numbers only to who takes them at once. */
    @Test
    void shouldReadAllDigitsAndAllNumbers() throws IOException {
        for (String name : new String[] {"core/somaxconn", "ipv4/ip_local_port_range"}) {
            String asCatSays = cat("/proc/sys/net/" + name);

            assertThat(HostSettings.value(name)).isEqualTo(asCatSays).hasSizeGreaterThan(1);
            assertThat(HostSettings.numbers(name)).isEqualTo(asCatSays.split("\\s+"));
        }
    }

    @Test
    void shouldSeeWhatIsOnAndWhatIsNotThere() {
        assertThat(HostSettings.isOn("core/somaxconn")).isTrue();
        assertThat(HostSettings.isOn("core/none")).isFalse();
    }

    private static String cat(String file) throws IOException {
        Process cat = new ProcessBuilder("cat", file).start();
        return new String(cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    }
}
