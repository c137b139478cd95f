package dev.rung.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdMapTests {
    private static final String MINE =
            """
                     0       1000          1
                     1     100000      65536
            """;

    @Test
    void shouldKnowThatOfTheWholeMachine() {
        assertThat(IdMap.parse("         0          0 4294967295\n").isWhole()).isTrue();
        assertThat(IdMap.parse(MINE).isWhole()).isFalse();
    }

    @Test
    void shouldTranslate() {
        IdMap map = IdMap.parse(MINE);

        assertThat(map.count()).isEqualTo(65537);
        assertThat(map.outside(0)).isEqualTo(1000);
        assertThat(map.outside(1)).isEqualTo(100_000);
        assertThat(map.outside(65536)).isEqualTo(165_535);
        assertThat(map.outside(65537)).isEqualTo(-1);
        assertThat(map.has(65536)).isTrue();
        assertThat(map.has(65537)).isFalse();
    }
}
