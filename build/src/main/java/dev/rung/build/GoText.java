package dev.rung.build;

import dev.rung.oci.image.ContainerDefaults.Healthcheck;
import java.util.List;

/** Values as Go's %q writes them, which Docker puts into the history of images. */
final class GoText {
    private GoText() {}

    static String quoted(List<String> words) {
        return "[" + String.join(" ", words.stream().map(GoText::quoted).toList()) + "]";
    }

    static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        quoted.append("\\x%02x".formatted((int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    static String of(Healthcheck check) {
        return "&{"
                + quoted(check.test())
                + " "
                + duration(check.intervalNs())
                + " "
                + duration(check.timeoutNs())
                + " "
                + duration(check.startPeriodNs())
                + " "
                + duration(check.startIntervalNs())
                + " '\\x%02x'}".formatted(check.retries());
    }

    private static String duration(long nanos) {
        if (nanos == 0) {
            return "\"0s\"";
        } else if (nanos % 1_000_000_000 != 0) {
            return "\"" + nanos / 1e6 + "ms\"";
        }
        long seconds = nanos / 1_000_000_000;
        long hours = seconds / 3600;
        long minutes = seconds / 60 % 60;
        String text = seconds % 60 + "s";
        if (hours > 0 || minutes > 0) {
            text = minutes + "m" + text;
        }
        return "\"" + (hours > 0 ? hours + "h" : "") + text + "\"";
    }
}
