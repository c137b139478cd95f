package dev.rung.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.engine.StartTrace;
import dev.rung.engine.StartTrace.Area;
import dev.rung.engine.StartTrace.Part;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaterfallTests {
    private static final StartTrace TRACE =
            new StartTrace(
                    Instant.EPOCH,
                    "host",
                    600,
                    0,
                    List.of(
                            new Part(Area.CREATION, "image", "busybox", 0, 1_000_000),
                            new Part(Area.START, "create", "host", 1_000_000, 3_000_000),
                            new Part(Area.RUNTIME, "compile", "600 steps", 1_000_000, 2_000_000),
                            new Part(Area.START, "exec", "echo <&>", 3_000_000, 4_000_000)));

    @Test
    void shouldDrawBarsBelowAScale() {
        String text = WaterfallText.of(new Waterfall("web", TRACE), 60, false);

        assertThat(text)
                .isEqualTo(
                        """
                        web
                                                0     1     2     3          4.00 ms
                        creation                ──────╴                      1.00 ms
                          image      busybox    ██████▎                      1.00 ms
                        start                         ──────────────────╴    3.00 ms
                          create     host             ────────────╴          2.00 ms
                            compile  600 steps        ██████▎                1.00 ms
                          exec       echo <&>                     ██████▎    1.00 ms
                        slowest: image 1.00 ms, compile 1.00 ms, exec 1.00 ms
                        """);
    }

    @Test
    void shouldColourTerminalsOnlyAndKeepToTheirWidth() {
        var waterfall = new Waterfall("web", TRACE);

        assertThat(WaterfallText.of(waterfall, 80, true)).contains("\033[34m", "\033[0m");
        assertThat(WaterfallText.of(waterfall, 80, false).lines().limit(8))
                .allMatch(line -> line.length() <= 80);
    }

    @Test
    void shouldDrawAPictureInWhichNothingIsMarkup() {
        String svg = WaterfallSvg.of(new Waterfall("<web>", TRACE));

        assertThat(svg).startsWith("<svg ").endsWith("</svg>\n");
        assertThat(svg).contains("&lt;web&gt;", "echo &lt;&amp;&gt;").doesNotContain("<web>");
    }
}
