package dev.rung.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordCountTests {
    @Test
    void shouldSayHowManyAreWanted() {
        assertThat(WordCount.NONE.complaint(1)).isEqualTo("accepts no arguments");
        assertThat(WordCount.exactly(1).complaint(0)).isEqualTo("requires 1 argument");
        assertThat(WordCount.exactly(2).complaint(3)).isEqualTo("requires 2 arguments");
        assertThat(WordCount.atLeast(1).complaint(0)).isEqualTo("requires at least 1 argument");
        assertThat(WordCount.between(1, 2).complaint(3)).isEqualTo("requires at most 2 arguments");
    }

    @Test
    void shouldTakeWhatFits() {
        assertThat(WordCount.atLeast(1).fits(1_000)).isTrue();
        assertThat(WordCount.atLeast(1).fits(0)).isFalse();
        assertThat(WordCount.between(1, 2).fits(2)).isTrue();
        assertThat(WordCount.NONE.fits(1)).isFalse();
    }
}
