package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.LogLines;
import dev.rung.resident.Ending;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class LogsCommand implements Command {
    private static final int CHUNK = 32 * 1024;

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "logs",
                "[OPTIONS] CONTAINER",
                "Fetch the logs of a container",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("--details", "Show extra details provided to logs"),
                Switch.flag("-f --follow", "Follow log output"),
                Switch.text("--since", "string", "Show logs since a time, or a duration ago (42m)"),
                Switch.text("--until", "string", "Show logs before a time, or a duration ago"),
                Switch.text("-n --tail", "string", "Number of lines to show from the end"),
                Switch.flag("-t --timestamps", "Show timestamps"));
    }

    @Override
    public List<String> examples() {
        return List.of("logs -f --tail 100 web", "logs --since 10m --until 5m -t web");
    }

    @Override
    public Ending run(Invocation call) {
        var containers = call.services().containers();
        ContainerView container = containers.get(call.words().getFirst());
        if (!container.record().host().log().isReadable()) {
            throw new Failure.Unsupported("configured logging driver does not support reading");
        }
        var out = new StringBuilder();
        var err = new StringBuilder();
        boolean stamps = call.flag("-t");
        boolean details = call.flag("--details");
        LogLines.Sink sink =
                line -> {
                    StringBuilder to = line.error() ? err : out;
                    if (!(line.error() ? out : err).isEmpty()) {
                        flush(call, out, err); // both may be one terminal, where order counts
                    }
                    if (stamps) {
                        to.append(line.time()).append(' ');
                    }
                    if (details) {
                        to.append(line.attributes()).append(' ');
                    }
                    to.append(line.text());
                    if (out.length() + err.length() > CHUNK) {
                        flush(call, out, err);
                    }
                };
        var wanted =
                new LogLines.Wanted(
                        tail(call.text("--tail")),
                        moment(call.text("--since")),
                        moment(call.text("--until")));
        String id = container.record().id().value();
        try (var lines = new LogLines(container.log(), wanted)) {
            lines.all(sink);
            flush(call, out, err);
            while (call.flag("-f")) {
                boolean runs = containers.get(id).phase().runs();
                boolean more = lines.more(sink);
                flush(call, out, err);
                boolean over = wanted.until() != null && Instant.now().isAfter(wanted.until());
                if (over || !runs && !more) {
                    break;
                }
            }
        }
        return DONE;
    }

    private static void flush(Invocation call, StringBuilder out, StringBuilder err) {
        if (!out.isEmpty()) {
            call.out(out.toString());
            out.setLength(0);
        }
        if (!err.isEmpty()) {
            call.err(err.toString());
            err.setLength(0);
        }
    }

    private static long tail(String text) {
        if (text.isEmpty() || text.equals("all")) {
            return Long.MAX_VALUE;
        }
        try {
            long count = Long.parseLong(text);
            return count < 0 ? Long.MAX_VALUE : count;
        } catch (NumberFormatException _) {
            return Long.MAX_VALUE; // as docker
        }
    }

    /** A time, seconds since 1970, or a duration before now; null when empty. */
    static @Nullable Instant moment(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            int point = text.indexOf('.');
            if (text.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.') && point != 0) {
                return Instant.ofEpochSecond(
                        Long.parseLong(point < 0 ? text : text.substring(0, point)));
            } else if (text.indexOf('-') < 0) {
                String upper = text.toUpperCase(Locale.ROOT);
                return Instant.now().minus(Duration.parse("PT" + upper));
            } else if (text.indexOf('T') < 0) {
                return LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
            }
            return text.endsWith("Z")
                            || text.lastIndexOf('-') > text.indexOf('T')
                            || text.indexOf('+') > 0
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException | NumberFormatException _) {
            throw new Failure.Invalid(
                    "invalid value for \"since\": failed to parse value as time or duration: \""
                            + Printable.of(text)
                            + "\"");
        }
    }
}
