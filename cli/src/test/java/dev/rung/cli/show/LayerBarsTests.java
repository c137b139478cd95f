package dev.rung.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LayerBarsTests {
    private final StringBuilder drawn = new StringBuilder();

    private String take() {
        String text = drawn.toString();
        drawn.setLength(0);
        return text;
    }

    @Test
    void shouldDrawEachLayerAnewInItsLine() {
        var bars = new LayerBars(120, drawn::append);
        bars.put("aa", "Waiting");
        bars.put("bb", "Waiting");
        assertThat(take()).isEqualTo("aa: Waiting\nbb: Waiting\n");
        bars.put("aa", "Downloading", 25_000_000, 100_000_000);
        assertThat(take())
                .isEqualTo(
                        "\033[2A\033[2K\raa: Downloading ["
                                + "=".repeat(12)
                                + ">"
                                + " ".repeat(38)
                                + "]     25MB/100MB\r\033[2B");
        bars.put("bb", "Pull complete");
        assertThat(take()).isEqualTo("\033[1A\033[2K\rbb: Pull complete\r\033[1B");
        bars.put("bb", "Pull complete");
        assertThat(take()).isEmpty();
    }

    @Test
    void shouldBeginAnewBelowOtherLines() {
        var bars = new LayerBars(80, drawn::append);
        bars.put("aa", "Pushed");
        bars.line("latest: done");
        bars.put("aa", "Preparing");
        assertThat(take()).isEqualTo("aa: Pushed\nlatest: done\naa: Preparing\n");
    }

    @Test
    void shouldNeverReachTheEndOfALine() {
        for (int width : new int[] {1, 20, 57, 58, 80, 200}) {
            var bars = new LayerBars(width, drawn::append);
            bars.put("0123456789ab", "Downloading", 999_000_000, 999_000_000);
            assertThat(take().strip().length()).isLessThan(Math.max(width, 2));
        }
    }
}
