package dev.rung.domain;

/** Text that somebody else chose, made safe for one line of a terminal or a log. */
public final class Printable {
    private static final int LONGEST = 256;

    private Printable() {}

    /** The text with control characters escaped as in Java source, cut after 256 characters. */
    public static String of(String text) {
        var line = new StringBuilder(Math.min(text.length(), LONGEST) + 8);
        for (int i = 0; i < text.length(); i++) {
            if (i == LONGEST) {
                return line.append("...").toString();
            }
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\t' -> line.append("\\t");
                case '\r' -> line.append("\\r");
                default -> {
                    if (Character.isISOControl(c) || Character.isSurrogate(c) && !paired(text, i)) {
                        line.append("\\u%04x".formatted((int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        return line.toString();
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
