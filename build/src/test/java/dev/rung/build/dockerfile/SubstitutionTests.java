package dev.rung.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTests {
    private static final Map<String, String> VARIABLES =
            Map.of("A", "one", "EMPTY", "", "P", "/usr/lib/x.tar.gz", "W", "80 443", "1", "first");

    private static String word(String text) {
        return new Substitution('\\', VARIABLES).word(text);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            delimiter = ';',
            textBlock =
                    """
                    $A;one
                    ${A}x;onex
                    x$A$A;xoneone
                    $NONE;~~
                    ${NONE:-usual};usual
                    ${EMPTY:-usual};usual
                    ${EMPTY-usual};~~
                    ${A:-usual};one
                    ${A:+other};other
                    ${NONE:+other};~~
                    ${NONE:-$A};one
                    ${NONE:-"a }"};~a }~
                    ${EMPTY+set};set
                    ${P#*/};usr/lib/x.tar.gz
                    ${P##*/};x.tar.gz
                    ${P%.*};/usr/lib/x.tar
                    ${P%%.*};/usr/lib/x
                    ${P/lib/LIB};/usr/LIB/x.tar.gz
                    ${P//r/R};/usR/lib/x.taR.gz
                    '$A';$A
                    "$A";one
                    "a 'b'";a 'b'
                    \\$A;$A
                    a\\ b;a b
                    "a\\"b\\n";~a"b\\n~
                    $1st;firstst
                    $;$
                    a$;a$
                    $(x);$(x)
                    ünicode$A;ünicodeone
                    """)
    void shouldReplaceVariables(String text, String expected) {
        assertThat(word(text)).isEqualTo(expected);
    }

    @Test
    void shouldSplitWhatStandsOutsideOfQuotes() {
        var substitution = new Substitution('\\', VARIABLES);
        assertThat(substitution.words("22 $W \"$W\" '' a\"b c\"d"))
                .containsExactly("22", "80", "443", "80 443", "ab cd");
    }

    @Test
    void shouldKnowAnotherEscape() {
        assertThat(new Substitution('`', VARIABLES).word("C:\\`$A\\$A")).isEqualTo("C:\\$A\\one");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    ${A;missing '}'
                    ${;missing '}'
                    ${};bad substitution
                    ${:x};bad substitution
                    ${A:x};unsupported modifier
                    ${A:#x};unsupported modifier
                    ${A@x};unsupported modifier
                    ${NONE:?not there};NONE: not there
                    ${NONE?};NONE: is not allowed to be unset
                    ${EMPTY:?};EMPTY: is not allowed to be empty
                    "a;double-quote
                    """)
    void shouldRefuseWhatIsNotClosed(String text, String why) {
        assertThatThrownBy(() -> word(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(why);
    }
}
