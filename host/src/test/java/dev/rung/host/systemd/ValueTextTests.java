package dev.rung.host.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTextTests {
    @Test
    void shouldReadWhatGVariantPrints() {
        assertThat(ValueText.read("true")).isEqualTo(new Value.Flag(true));
        assertThat(ValueText.read("42")).isEqualTo(new Value.Whole('i', 42));
        assertThat(ValueText.read("uint64 18446744073709551615")).isEqualTo(Value.unsigned(-1));
        assertThat(ValueText.read("@t 7")).isEqualTo(Value.unsigned(7));
        assertThat(ValueText.read("byte 0x1f")).isEqualTo(new Value.Whole('y', 31));
        assertThat(ValueText.read("int16 -0x10")).isEqualTo(new Value.Whole('n', -16));
        assertThat(ValueText.read("2.5")).isEqualTo(new Value.Real(2.5));
        assertThat(ValueText.read("double 3")).isEqualTo(new Value.Real(3));
        assertThat(ValueText.read(" 'it\\'s' ")).isEqualTo(Value.text("it's"));
        assertThat(ValueText.read("objectpath \"/a\"")).isEqualTo(new Value.Words('o', "/a"));
        assertThat(ValueText.read("<1>")).isEqualTo(new Value.Boxed(new Value.Whole('i', 1)));
        assertThat(ValueText.read("b'a'")).isEqualTo(Value.bytes(new byte[] {'a', 0}));
        assertThat(ValueText.read("['a', 'b']"))
                .isEqualTo(new Value.Items("s", List.of(Value.text("a"), Value.text("b"))));
        assertThat(ValueText.read("@as []")).isEqualTo(new Value.Items("s", List.of()));
        assertThat(ValueText.read("@at [1, 2]").signature()).isEqualTo("at");
        assertThat(ValueText.read("[uint64 1, 2]").signature()).isEqualTo("at");
        assertThat(ValueText.read("{'k': <1>, 'l': <true>}").signature()).isEqualTo("a{sv}");
        assertThat(ValueText.read("@a{su} {}").signature()).isEqualTo("a{su}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "'open",
                "[1, 'a']",
                "[]",
                "[1",
                "{1}",
                "{1: 2",
                "uint64 -1",
                "byte 256",
                "uint64 'x'",
                "@q 1 2",
                "@ 1",
                "@( 1",
                "@aa{ 1",
                "1 2",
                "<1",
                "int32 0x",
                "'\0'",
                "boolean 1",
                "@b 1",
                "08",
                "@s",
                "<<<<<<<<<<<<<<<<<<<<<<<<1>>>>>>>>>>>>>>>>>>>>>>>>"
            })
    void shouldRefuseWhatIsNone(String text) {
        assertThatThrownBy(() -> ValueText.read(text)).isInstanceOf(Failure.Invalid.class);
    }
}
