package dev.rung.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.BlockRates.Rate;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockRatesTests {
    @Test
    void shouldReadDockersWords() {
        assertThat(Rate.bytes("/dev/sda:1mb")).isEqualTo(new Rate("/dev/sda", 1 << 20));
        assertThat(Rate.count("/dev/sda:100")).isEqualTo(new Rate("/dev/sda", 100));
        assertThat(Rate.weight("/dev/sda:500")).isEqualTo(new Rate("/dev/sda", 500));
        assertThatThrownBy(() -> Rate.bytes("sda:1mb"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("bad format for device path: sda:1mb");
        assertThatThrownBy(() -> Rate.weight("/dev/sda:5")).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> Rate.count("/dev/sda:x"))
                .hasMessageStartingWith("invalid rate for device: /dev/sda:x");
    }

    @Test
    void shouldBeReadAsTheyWereWritten() {
        var rates =
                new BlockRates(
                        List.of(new Rate("/dev/sda", 500)),
                        List.of(new Rate("/dev/sda", 1), new Rate("/dev/sdb", 2)),
                        List.of(),
                        List.of(),
                        List.of(new Rate("/dev/sda", 3)));
        var to = JsonWriter.compact().beginObject();
        rates.write(to);

        assertThat(BlockRates.read(JsonFields.read("rates", to.endObject().bytes())))
                .isEqualTo(rates);
    }
}
