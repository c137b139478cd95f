package dev.rung.host.compile;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemataTests {
    private static final String FILE = "    MB:0= 20;1= 70\n    L3:0=007f0;1=0001f\n";

    @Test
    void shouldFindTheSameHoweverItIsWritten() {
        assertThatCode(() -> check("L3:1=1F;0=7f0", "MB:0=20;1=70", "L3:0=7f0"))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseWhatIsDifferentOrNotThere() {
        for (String wanted : List.of("L3:0=7f1", "L3:2=7f0", "L2:0=f", "MB:0=2")) {
            assertThatThrownBy(() -> check(wanted))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessage(
                            "intelrdt: \"%s\" does not match the schemata of the existing /g (config.json: linux.intelRdt)",
                            wanted);
        }
    }

    private static void check(String... wanted) {
        Schemata.check("/g", List.of(wanted), FILE);
    }
}
