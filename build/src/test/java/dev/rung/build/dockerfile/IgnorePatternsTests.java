package dev.rung.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnorePatternsTests {
    private static boolean ignores(String patterns, String path) {
        byte[] file = patterns.replace("|", "\n").getBytes(StandardCharsets.UTF_8);
        return IgnorePatterns.parse(file).ignores(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    *.md;a.md;true
                    *.md;d/a.md;false
                    **/*.md;d/e/a.md;true
                    **/*.md;a.md;true
                    docs;docs/deep/a;true
                    /docs/;docs/a;true
                    ./docs;docs;true
                    docs;mydocs;false
                    temp?;temps;true
                    temp?;temp/;false
                    */temp*;a/temporary;true
                    */temp*;a/b/temporary;false
                    [a-c].txt;b.txt;true
                    [^a-c].txt;b.txt;false
                    *|!keep;keep;false
                    *|!keep;other;true
                    docs|!docs/README.md;docs/README.md;false
                    docs|!docs/README.md;docs/other;true
                    *.md|!README*.md|README-secret.md;README-secret.md;true
                    *.md|!README*.md;README.md;false
                    # comment;# comment;false
                    a\\*b;a*b;true
                    a\\*b;axb;false
                    **;anything/at/all;true
                    a/**/b;a/b;true
                    a/**/b;a/x/y/b;true
                    ../x;x;true
                    a.b;axb;false
                    """)
    void shouldDecideAsGoDoes(String patterns, String path, boolean ignored) {
        assertThat(ignores(patterns, path)).isEqualTo(ignored);
    }

    @Test
    void shouldRefusePatternsThatMakeNoSense() {
        assertThatThrownBy(() -> ignores("a[", "x")).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> ignores("!", "x")).isInstanceOf(Failure.Invalid.class);
    }
}
