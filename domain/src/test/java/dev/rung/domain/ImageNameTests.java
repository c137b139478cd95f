package dev.rung.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ImageNameTests {
    private static final String DIGEST =
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void shouldFillInWhatPeopleLeaveOut() {
        assertNames("alpine", "docker.io/library/alpine", "alpine");
        assertNames("alpine:3.19", "docker.io/library/alpine:3.19", "alpine:3.19");
        assertNames("docker.io/alpine", "docker.io/library/alpine", "alpine");
        assertNames("index.docker.io/library/alpine", "docker.io/library/alpine", "alpine");
        assertNames("library/alpine", "docker.io/library/alpine", "alpine");
        assertNames("user/tool:v1", "docker.io/user/tool:v1", "user/tool:v1");
        assertNames("library/a/b", "docker.io/library/a/b", "library/a/b");
        assertNames("localhost/x", "localhost/x", "localhost/x");
        assertNames("localhost:5000/x:y", "localhost:5000/x:y", "localhost:5000/x:y");
        assertNames("quay.io/a/b__c-d.e", "quay.io/a/b__c-d.e", "quay.io/a/b__c-d.e");
        assertNames("[::1]:5000/x", "[::1]:5000/x", "[::1]:5000/x");
        assertNames("HOST/x", "HOST/x", "HOST/x");
        assertNames("a@" + DIGEST, "docker.io/library/a@" + DIGEST, "a@" + DIGEST);
        assertNames("a:t@" + DIGEST, "docker.io/library/a:t@" + DIGEST, "a:t@" + DIGEST);
    }

    private static void assertNames(String text, String canonical, String familiar) {
        ImageName name = ImageName.parse(text);
        assertThat(name).hasToString(canonical);
        assertThat(name.familiar()).isEqualTo(familiar);
        assertThat(ImageName.parse(canonical)).isEqualTo(name);
        assertThat(ImageName.parse(familiar)).isEqualTo(name);
    }

    @Test
    void shouldChangeTagAndDigest() {
        ImageName name = ImageName.parse("alpine");
        assertThat(name.withDefaultTag()).hasToString("docker.io/library/alpine:latest");
        assertThat(name.withTag("3").withDefaultTag().familiar()).isEqualTo("alpine:3");
        ImageName pinned = name.withTag("3").withDigest(Digest.parse(DIGEST));
        assertThat(pinned.withDefaultTag().familiar()).isEqualTo("alpine@" + DIGEST);
        assertThat(pinned.repository()).isEqualTo("docker.io/library/alpine");
        assertThat(ImageName.isQualified("alpine")).isFalse();
        assertThat(ImageName.isQualified("quay.io/alpine")).isTrue();
    }

    @Test
    void shouldRefuseOthersInDockersWords() {
        assertThatThrownBy(() -> ImageName.parse(DIGEST.substring(7)))
                .hasMessageContaining("cannot specify 64-byte hexadecimal strings");
        assertThatThrownBy(() -> ImageName.parse("Alpine"))
                .hasMessage(
                        "invalid reference format: repository name (library/Alpine) must be"
                                + " lowercase");
        assertThatThrownBy(() -> ImageName.parse("a".repeat(256)))
                .hasMessage("repository name must not be more than 255 characters");
        for (String text :
                new String[] {
                    "",
                    ":",
                    "a:",
                    "a/",
                    "/a",
                    "a//b",
                    "a..b",
                    "a___b",
                    "-a",
                    "a-",
                    "a:-x",
                    "a b",
                    "a@sha256:12",
                    "a@",
                    "a:t:u",
                    "x.y:/a",
                    "x.y:z/a",
                    "-.com/a",
                    "a\n",
                    "a:" + "t".repeat(129),
                    "[::1/x",
                    "é/x",
                    "a:b/c"
                }) {
            assertThatThrownBy(() -> ImageName.parse(text))
                    .as(text)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageStartingWith("invalid reference format");
        }
    }
}
