package dev.rung.engine.monitor;

import dev.rung.domain.Errno;
import dev.rung.domain.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one line of what a runtime printed that says why it failed. */
final class RuntimeWords {
    private static final String MESSAGE = " msg=\"";

    /** How what has no table of texts ends its line: the monitor, and the executor. */
    private static final Pattern NUMBER = Pattern.compile("(rung-.*: )errno (\\d{1,4})");

    private RuntimeWords() {}

    /**
     * The last line that says something: of a log line as runc prints it, the message; without a
     * line, the exit status.
     */
    static String of(String printed, int status) {
        String[] lines = printed.strip().split("\n");
        String last = lines[lines.length - 1].strip();
        if (last.isEmpty()) {
            return "the runtime failed with exit status " + status + " and said nothing";
        }
        int at = last.indexOf(MESSAGE);
        return Printable.of(at < 0 ? phrased(last) : quoted(last, at + MESSAGE.length()));
    }

    private static String phrased(String line) {
        Matcher number = NUMBER.matcher(line);
        return number.matches()
                ? number.group(1) + Errno.phrase(Integer.parseInt(number.group(2)))
                : line;
    }

    /** What stands up to the next quote, with Go's escapes of quotes and backslashes undone. */
    private static String quoted(String line, int from) {
        var text = new StringBuilder();
        for (int i = from; i < line.length() && line.charAt(i) != '"'; i++) {
            if (line.charAt(i) == '\\' && i + 1 < line.length()) {
                i++;
                text.append(line.charAt(i) == 'n' ? ' ' : line.charAt(i));
            } else {
                text.append(line.charAt(i));
            }
        }
        return text.toString().strip();
    }
}
