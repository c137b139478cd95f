package dev.rung.engine.monitor;

import dev.rung.domain.Printable;

/** The one line of what a runtime printed that says why it failed. */
final class RuntimeWords {
    private static final String MESSAGE = " msg=\"";

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
        return Printable.of(at < 0 ? last : quoted(last, at + MESSAGE.length()));
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
