package dev.rung.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DigestTests {
    private static final String EMPTY =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void shouldReadWhatItPrints() {
        Digest digest = Digest.parse("sha256:" + EMPTY);
        assertThat(digest).isEqualTo(Digest.sha256(new byte[0])).hasToString("sha256:" + EMPTY);
        assertThat(digest.shortHex()).isEqualTo("e3b0c44298fc");
        var hash = Digest.Algorithm.SHA512.hash();
        hash.update("a".getBytes(UTF_8));
        Digest longer = Digest.of(Digest.Algorithm.SHA512, hash);
        assertThat(Digest.parse(longer.toString())).isEqualTo(longer).isGreaterThan(digest);
    }

    @Test
    void shouldRefuseWhatCouldNameAnotherFile() {
        for (String text :
                new String[] {
                    "",
                    "sha256",
                    EMPTY,
                    "sha256:",
                    "sha256:" + EMPTY + "0",
                    "sha256:" + EMPTY.toUpperCase(java.util.Locale.ROOT),
                    "sha256:../" + EMPTY.substring(3),
                    "sha512:" + EMPTY,
                    "sha256:" + EMPTY + "\n"
                }) {
            assertThatThrownBy(() -> Digest.parse(text))
                    .as(text)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageStartingWith("invalid checksum digest format");
        }
        assertThatThrownBy(() -> Digest.parse("md5:0123"))
                .hasMessage("unsupported digest algorithm: \"md5:0123\": want sha256 or sha512");
    }
}
