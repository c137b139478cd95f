package dev.rung.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.cli.show.Listing.Column;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListingTests {
    private final Listing listing =
            new Listing(
                    List.of(
                            Column.usual("ID", "CONTAINER ID"),
                            Column.usual("Names", "NAMES"),
                            Column.other("State", "STATE")));

    @BeforeEach
    void fill() {
        listing.add("4d66e76b4f34", "web", "running");
        listing.add("x", "a_long_name_indeed", "exited");
    }

    /** Columns stand where docker's do, because scripts cut them. */
    @Test
    void shouldAlignColumns() {
        assertThat(listing.print(""))
                .isEqualTo(
                        """
                        CONTAINER ID   NAMES
                        4d66e76b4f34   web
                        x              a_long_name_indeed
                        """);
        assertThat(listing.print("table {{.Names}}\\t{{.State}}"))
                .isEqualTo(
                        """
                        NAMES                STATE
                        web                  running
                        a_long_name_indeed   exited
                        """);
    }

    @Test
    void shouldFollowATemplate() {
        assertThat(listing.print("{{.Names}}:{{.State}}"))
                .isEqualTo("web:running\na_long_name_indeed:exited\n");
        assertThat(listing.quiet("ID")).isEqualTo("4d66e76b4f34\nx\n");
    }

    @Test
    void shouldPrintJsonLines() {
        assertThat(listing.print("json"))
                .startsWith("{\"ID\":\"4d66e76b4f34\",\"Names\":\"web\",\"State\":\"running\"}\n");
    }

    @Test
    void shouldSayHowLong() {
        assertThat(Human.duration(Duration.ofMillis(400))).isEqualTo("Less than a second");
        assertThat(Human.duration(Duration.ofSeconds(1))).isEqualTo("1 second");
        assertThat(Human.duration(Duration.ofSeconds(59))).isEqualTo("59 seconds");
        assertThat(Human.duration(Duration.ofSeconds(80))).isEqualTo("About a minute");
        assertThat(Human.duration(Duration.ofMinutes(50))).isEqualTo("50 minutes");
        assertThat(Human.duration(Duration.ofMinutes(80))).isEqualTo("About an hour");
        assertThat(Human.duration(Duration.ofHours(47))).isEqualTo("47 hours");
        assertThat(Human.duration(Duration.ofDays(3))).isEqualTo("3 days");
        assertThat(Human.duration(Duration.ofDays(20))).isEqualTo("2 weeks");
        assertThat(Human.duration(Duration.ofDays(100))).isEqualTo("3 months");
        assertThat(Human.duration(Duration.ofDays(800))).isEqualTo("2 years");
    }

    @Test
    void shouldSayHowMuch() {
        assertThat(Human.size(0)).isEqualTo("0B");
        assertThat(Human.size(1_980_000)).isEqualTo("1.98MB");
        assertThat(Human.size(72_900_000)).isEqualTo("72.9MB");
        assertThat(Human.size(123_456)).isEqualTo("123kB");
        assertThat(Human.size(1_000_000_000)).isEqualTo("1GB");
    }
}
