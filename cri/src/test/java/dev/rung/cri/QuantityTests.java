package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTests {
    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "10M, 10000000",
        "1.5Mi, 1572864",
        "2e6, 2000000",
        "1500m, 2",
        ".5k, 500",
        "+1G, 1000000000",
        "9999999999E, 9223372036854775807",
    })
    void shouldReadAmountsAsKubernetesWritesThem(String text, long amount) {
        assertThat(Quantity.parse("field", text)).isEqualTo(amount);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "1 M", "1MB", "-1", "0x10", "1e999", "NaN", "1,5"})
    void shouldRefuseOthersWithTheField(String text) {
        assertThatThrownBy(() -> Quantity.parse("field", text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("field: ");
    }

    @Test
    void shouldNotTakeLongForLongOnes() {
        assertThatThrownBy(() -> Quantity.parse("field", "1".repeat(1_000_000) + "x"))
                .isInstanceOf(Failure.Invalid.class);
    }
}
