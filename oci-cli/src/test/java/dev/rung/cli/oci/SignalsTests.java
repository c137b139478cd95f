package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SignalsTests {
    @Test
    void shouldKnowNamesAndNumbers() {
        assertThat(Signals.number("9")).isEqualTo(9);
        assertThat(Signals.number("0")).isZero();
        assertThat(Signals.number("KILL")).isEqualTo(9);
        assertThat(Signals.number("SIGKILL")).isEqualTo(9);
        assertThat(Signals.number("sigterm")).isEqualTo(15);
        assertThat(Signals.number("winch")).isEqualTo(28);
        assertThat(Signals.number("RTMIN")).isEqualTo(34);
        assertThat(Signals.number("SIGRTMIN+3")).isEqualTo(37);
        assertThat(Signals.number("rtmax-2")).isEqualTo(62);
    }

    @Test
    void shouldRefuseOthers() {
        for (String wrong :
                new String[] {"", "SIG", "FOO", "65", "-1", "RTMIN-1", "RTMIN+31", "RTMAX+1"}) {
            assertThatThrownBy(() -> Signals.number(wrong))
                    .as(wrong)
                    .hasMessage("unknown signal \"" + wrong + "\"");
        }
    }
}
