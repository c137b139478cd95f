package dev.rung.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Digest;
import dev.rung.domain.ImageName;
import dev.rung.oci.image.ContentDescriptor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PinnedImagesTests {
    @ParameterizedTest
    @CsvSource({
        "pause:3.10, docker.io/library/pause:3.10, true",
        "pause, docker.io/library/pause:latest, true",
        "pause, docker.io/library/pause:3.10, false",
        "registry.example/a:1, registry.example/a:1, true",
        "registry.example/a*, registry.example/ab/c:2, true",
        "registry.example/a*, registry.example/b:2, false",
        "pau*, docker.io/library/pause:3.10, true",
        "*tools*, registry.example/my/tools-9:2, true",
        "*tools*, registry.example/my/tool:2, false",
    })
    void shouldFitNamesAsCrioDoes(String pattern, String name, boolean fits) {
        var digest = Digest.parse("sha256:" + "0".repeat(64));
        var other = new StoredImage(null, ContentDescriptor.of("text/plain", digest, 1));
        var named = new StoredImage(ImageName.parse(name), other.target());

        assertThat(new PinnedImages(List.of("nothing", pattern)).has(List.of(other, named)))
                .isEqualTo(fits);
        assertThat(PinnedImages.isPattern(pattern)).isTrue();
        assertThat(PinnedImages.NONE.has(List.of(named))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "**", "a*b", "*a", "a**"})
    void shouldTakeStarsAtEndsOnly(String pattern) {
        assertThat(PinnedImages.isPattern(pattern)).isFalse();
    }
}
