package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_TRUNC;
import static dev.rung.program.FileStep.O_WRONLY;

import dev.rung.program.Assembly;
import dev.rung.program.FileStep.Write;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.ClockGettime;
import dev.rung.program.Slot;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where the clock is read on the way of a create, if somebody asked how long its parts take: a step
 * for each part, all streams into one place, and a file of it in the end. The file is a head of 512
 * bytes, lines of a key and a value, then for each of its "parts" when it was over: seconds and
 * nanoseconds of CLOCK_MONOTONIC, 8 bytes each in the machine's order.
 */
final class TimeMarks {
    private static final int HEAD = 512;
    private static final int MOST = 16;
    private static final Label LABEL = new Label("", "unable to read the clock");

    private final Assembly assembly;
    private final @Nullable Timings asked;
    private final @Nullable Hole content;
    private final StringBuilder parts = new StringBuilder();
    private int count;

    TimeMarks(@Nullable Timings asked, Assembly assembly) {
        this.assembly = assembly;
        this.asked = asked;
        this.content = asked == null ? null : assembly.hole(HEAD + MOST * ClockGettime.SIZE);
    }

    /** A part is over there, the first of all: what was before the program. */
    void over(Script s, String part) {
        if (content == null || count == MOST) {
            return;
        }
        Hole into = content.part(HEAD + count * ClockGettime.SIZE, ClockGettime.SIZE);
        s.stream().add(new ClockGettime(ClockGettime.MONOTONIC, into), LABEL);
        parts.append(' ').append(part);
        count++;
    }

    /** Writes the file; a container without it is one all the same. */
    void write(Script s) {
        if (asked == null || content == null) {
            return;
        }
        Mark failed = s.mark();
        s.at("", "unable to write " + Quoted.of(asked.file()));
        Slot file =
                s.openat("timings", Operand.CWD, asked.file(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        s.toleratingAll().orElse(failed);
        s.add(new Write(file, content)).toleratingAll();
        s.close(file);
        s.place(failed);
    }

    /** All steps are there. */
    void finish() {
        if (asked == null || content == null) {
            return;
        }
        var head = new StringBuilder(HEAD);
        head.append("format 1\nasked ").append(asked.askedNanos());
        head.append("\nsteps ").append(assembly.steps());
        head.append("\nparts").append(parts).append('\n');
        head.repeat('\n', HEAD - head.length());
        assembly.fill(content, head.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
