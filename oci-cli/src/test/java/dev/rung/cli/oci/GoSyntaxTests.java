package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoSyntaxTests {
    @Test
    void shouldReadIntegersInAnyBase() {
        assertThat(GoSyntax.integer("12")).isEqualTo(12);
        assertThat(GoSyntax.integer("-12")).isEqualTo(-12);
        assertThat(GoSyntax.integer("+0")).isZero();
        assertThat(GoSyntax.integer("0x1f")).isEqualTo(31);
        assertThat(GoSyntax.integer("-0b11")).isEqualTo(-3);
        assertThat(GoSyntax.integer("017")).isEqualTo(15);
        assertThat(GoSyntax.integer("0o17")).isEqualTo(15);
        for (String wrong : new String[] {"", "-", "0x", "x", "08", "--1", "0x-1", "1 ", "٣"}) {
            assertThat(GoSyntax.integer(wrong)).as(wrong).isNull();
        }
    }

    @Test
    void shouldReadDurations() {
        assertThat(GoSyntax.nanoseconds("0")).isZero();
        assertThat(GoSyntax.nanoseconds("1h1m1s1ms1us1ns")).isEqualTo(3_661_001_001_001L);
        assertThat(GoSyntax.nanoseconds("-.5s")).isEqualTo(-500_000_000L);
        for (String wrong : new String[] {"", "5", "s", "1x", "1s2", "-", "..s", "1 s"}) {
            assertThat(GoSyntax.nanoseconds(wrong)).as(wrong).isNull();
        }
    }

    @Test
    void shouldReadSizes() {
        assertThat(GoSyntax.bytes("4096")).isEqualTo(4096);
        assertThat(GoSyntax.bytes("64m")).isEqualTo(64L << 20);
        assertThat(GoSyntax.bytes("64MB")).isEqualTo(64L << 20);
        assertThat(GoSyntax.bytes("64 MiB")).isEqualTo(64L << 20);
        assertThat(GoSyntax.bytes("1.5g")).isEqualTo(3L << 29);
        assertThat(GoSyntax.bytes("12b")).isEqualTo(12);
        for (String wrong : new String[] {"", "m", "-1", "1x", "1mm", "1bb", "1 2"}) {
            assertThat(GoSyntax.bytes(wrong)).as(wrong).isNull();
        }
    }

    @Test
    void shouldQuote() {
        assertThat(GoSyntax.quoted("a\"\\\n\t\u0001\u007f\u00e9\u200b\ud83d\ude00"))
                .isEqualTo("\"a\\\"\\\\\\n\\t\\x01\\x7f\u00e9\\u200b\ud83d\ude00\"");
    }
}
