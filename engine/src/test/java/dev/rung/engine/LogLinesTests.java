package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLinesTests {
    private final List<String> seen = new ArrayList<>();

    @TempDir private Path folder;
    private Path log = Path.of("");

    @BeforeEach
    void begin() {
        log = folder.resolve("x.log");
    }

    private void write(String... lines) throws IOException {
        for (String line : lines) {
            Files.writeString(
                    log,
                    "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05Z\"}\n"
                            .formatted(line),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    private void rotate(int files) throws IOException {
        for (int i = files - 1; i > 0; i--) {
            Path from = folder.resolve(i == 1 ? "x.log" : "x.log." + (i - 1));
            if (Files.exists(from)) {
                Files.move(from, folder.resolve("x.log." + i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private LogLines lines(long tail) {
        return new LogLines(log, new LogLines.Wanted(tail, null, null));
    }

    private void take(LogLines.Line line) {
        seen.add(line.text().strip());
    }

    @Test
    void shouldTakeTheLastOnesOutOfSeveralFiles() throws IOException {
        write("a", "b", "c");
        rotate(5);
        write("d", "e");
        rotate(5);
        write("f");
        for (int tail = 0; tail <= 7; tail++) {
            seen.clear();
            try (LogLines lines = lines(tail)) {
                lines.all(this::take);
            }
            List<String> all = List.of("a", "b", "c", "d", "e", "f");
            assertThat(seen).isEqualTo(all.subList(Math.max(0, 6 - tail), 6));
        }
    }

    @Test
    void shouldTakeNoMoreThanTheLastOnesOfAFileThatGrows() throws IOException {
        String[] many = new String[3000];
        Arrays.fill(many, "a line of a file that is read in more than one piece");
        write(many);
        try (LogLines lines = lines(2000)) {
            lines.all(line -> {
                take(line);
                if (seen.size() == 1) {
                    written("late");
                }
            });
            assertThat(seen).hasSize(2000);

            lines.now(this::take);
            assertThat(seen).hasSize(2001).endsWith("late");
        }
    }

    private void written(String line) {
        try {
            write(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldMissNothingThatIsRotatedBetweenTwoLooks() throws IOException {
        write("a");
        try (LogLines lines = lines(Long.MAX_VALUE)) {
            lines.all(this::take);
            write("b"); // to the file that goes by another name soon
            rotate(5);
            write("c");
            rotate(5);
            write("d");
            rotate(5);
            write("e");
            while (lines.more(this::take)) {
                // there may be more
            }
            write("f");
            lines.more(this::take);
        }
        assertThat(seen).containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void shouldGoOnInAFileThatWasEmptied() throws IOException {
        write("a", "b");
        try (LogLines lines = lines(0)) {
            lines.all(this::take);
            Files.write(log, new byte[0]);
            write("c");
            while (lines.more(this::take)) {
                // there may be more
            }
        }
        assertThat(seen).containsExactly("c");
    }

    @Test
    void shouldWaitForAFileThatIsNotThereYet() throws IOException {
        try (LogLines lines = lines(5)) {
            lines.all(this::take);
            assertThat(lines.more(this::take)).isFalse();
            write("a");
            while (lines.more(this::take)) {
                // there may be more
            }
        }
        assertThat(seen).containsExactly("a");
    }

    @Test
    void shouldGoOnWhereSomebodyWas() throws IOException {
        write("a", "b");
        LogLines.Place place;
        try (LogLines lines = lines(Long.MAX_VALUE)) {
            lines.allAfter(null, this::take);
            place = lines.place();
        }
        write("c");
        rotate(3);
        write("d");
        rotate(3);
        write("e");
        try (LogLines lines = lines(Long.MAX_VALUE)) {
            lines.allAfter(place, this::take);
            write("f");
            lines.now(this::take);
            assertThat(lines.missed()).isFalse();
        }
        assertThat(seen).containsExactly("a", "b", "c", "d", "e", "f");

        rotate(3); // the file of that place goes
        try (LogLines lines = lines(Long.MAX_VALUE)) {
            lines.allAfter(place, this::take);
            assertThat(lines.missed()).isTrue();
            assertThat(lines.missed()).isFalse();
        }
        assertThat(seen).endsWith("f", "d", "e", "f");
    }

    @Test
    void shouldTellOfFilesThatWentUnread() throws IOException {
        write("a");
        try (LogLines lines = lines(Long.MAX_VALUE)) {
            lines.all(this::take);
            for (String line : List.of("b", "c", "d")) {
                rotate(3);
                write(line);
            }
            while (lines.more(this::take)) {
                // there may be more
            }
            assertThat(lines.missed()).isTrue();
        }
    }

    @Test
    void shouldSkipWhatAPowerCutLeft() throws IOException {
        write("a");
        Files.writeString(log, "\0\0{\"log\":\n", StandardOpenOption.APPEND);
        write("b");
        try (LogLines lines = lines(Long.MAX_VALUE)) {
            lines.all(this::take);
        }
        assertThat(seen).containsExactly("a", "b");
    }
}
