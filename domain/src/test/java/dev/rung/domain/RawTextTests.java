package dev.rung.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawTextTests {
    @Test
    void shouldReadUtf8AsItIs() {
        String text = "plain, é, 日本, 😀, \uFFFD";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(RawText.decode(bytes)).isEqualTo(text);
        assertThat(RawText.encode(text)).isEqualTo(bytes);
    }

    @Test
    void shouldKeepBytesThatAreNotUtf8() {
        byte[] bytes = {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xf0, (byte) 0x9f};
        assertThat(RawText.decode(bytes)).isEqualTo("a\uDCFF\uDCC3b\uDCF0\uDC9F");
    }

    @Test
    void shouldBringAnyBytesBack() {
        var random = new Random(1);
        for (int round = 0; round < 5_000; round++) {
            var bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            assertThat(RawText.encode(RawText.decode(bytes))).isEqualTo(bytes);
        }
    }
}
