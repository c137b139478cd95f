package dev.rung.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlatformTests {
    @Test
    void shouldHaveOneSpelling() {
        assertThat(Platform.parse("linux/x86_64")).hasToString("linux/amd64");
        assertThat(Platform.parse("aarch64")).hasToString("linux/arm64");
        assertThat(Platform.parse("linux/arm64/v8")).hasToString("linux/arm64");
        assertThat(Platform.parse("linux/arm")).hasToString("linux/arm/v7");
        assertThat(Platform.parse("Linux/armhf/6")).hasToString("linux/arm/v6");
        assertThat(Platform.parse("linux")).isEqualTo(Platform.host());
        for (String text : new String[] {"", "a/b/c/d", "linux/", "linux/../x", "linux/a b"}) {
            assertThatThrownBy(() -> Platform.parse(text))
                    .as(text)
                    .isInstanceOf(Failure.Invalid.class);
        }
    }

    @Test
    void shouldKnowWhatElseRuns() {
        assertThat(Platform.parse("linux/amd64").compatible())
                .map(Platform::toString)
                .containsExactly("linux/amd64", "linux/386");
        assertThat(Platform.parse("linux/amd64/v3").compatible())
                .map(Platform::toString)
                .containsExactly("linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "linux/386");
        assertThat(Platform.parse("linux/arm/v7").compatible())
                .map(Platform::toString)
                .containsExactly("linux/arm/v7", "linux/arm/v6", "linux/arm/v5");
        assertThat(Platform.parse("linux/arm64").compatible())
                .map(Platform::toString)
                .startsWith("linux/arm64", "linux/arm/v8");
        assertThat(Platform.parse("linux/s390x").compatible()).hasSize(1);
    }
}
