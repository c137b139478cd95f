package dev.rung.cli.oci;

import org.jspecify.annotations.Nullable;

/** Values as programs written in Go read and write them, and so the callers of runc too. */
final class GoSyntax {
    private GoSyntax() {}

    /** A boolean; null when it is none. */
    static @Nullable Boolean flag(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> Boolean.TRUE;
            case "0", "f", "F", "false", "FALSE", "False" -> Boolean.FALSE;
            default -> null;
        };
    }

    /** A decimal, 0x, 0o, 0b or 0 (octal) integer of 64 bits with a sign; null when it is none. */
    static @Nullable Long integer(String text) {
        int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        String sign = text.startsWith("-") ? "-" : "";
        int radix = 10;
        if (text.length() > start + 1 && text.charAt(start) == '0') {
            switch (text.charAt(start + 1)) {
                case 'x', 'X' -> {
                    radix = 16;
                    start += 2;
                }
                case 'o', 'O' -> {
                    radix = 8;
                    start += 2;
                }
                case 'b', 'B' -> {
                    radix = 2;
                    start += 2;
                }
                default -> {
                    radix = 8;
                    start++;
                }
            }
        }
        if (start == text.length() || Character.digit(text.charAt(start), radix) < 0) {
            return null;
        }
        return parsed(sign + text.substring(start), radix);
    }

    /** A decimal integer of 64 bits with a sign, as strconv.ParseInt(text, 10, 64) reads it. */
    static @Nullable Long decimal(String text) {
        return parsed(text, 10);
    }

    private static @Nullable Long parsed(String text, int radix) {
        try {
            return ascii(text) ? Long.valueOf(Long.parseLong(text, radix)) : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }

    /** A decimal integer of 64 bits without a sign; null when it is none. */
    static @Nullable Long unsigned(String text) {
        try {
            return ascii(text) && !text.startsWith("+")
                    ? Long.valueOf(Long.parseUnsignedLong(text))
                    : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static boolean ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** A duration such as "1m30s", "1.5h" or "0" in nanoseconds; null when it is none. */
    static @Nullable Long nanoseconds(String text) {
        boolean negative = text.startsWith("-");
        int at = negative || text.startsWith("+") ? 1 : 0;
        if (text.substring(at).equals("0")) {
            return 0L;
        }
        if (at == text.length()) {
            return null;
        }
        double sum = 0;
        while (at < text.length()) {
            int unitAt = at;
            while (unitAt < text.length() && isNumber(text.charAt(unitAt))) {
                unitAt++;
            }
            int end = unitAt;
            while (end < text.length() && !isNumber(text.charAt(end))) {
                end++;
            }
            double unit = unit(text.substring(unitAt, end));
            if (unit == 0) {
                return null;
            }
            try {
                sum += Double.parseDouble(text.substring(at, unitAt)) * unit;
            } catch (NumberFormatException _) {
                return null;
            }
            at = end;
        }
        return sum < Long.MAX_VALUE ? Long.valueOf(negative ? -(long) sum : (long) sum) : null;
    }

    private static boolean isNumber(char c) {
        return c >= '0' && c <= '9' || c == '.';
    }

    private static double unit(String name) {
        return switch (name) {
            case "ns" -> 1;
            case "us", "\u00b5s", "\u03bcs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            case "h" -> 3600e9;
            default -> 0;
        };
    }

    /**
     * A size such as "64m", "1.5GiB" or "4096" in bytes, with powers of 1024; null when it is none.
     */
    static @Nullable Long bytes(String text) {
        int end = text.length();
        while (end > 0 && !isNumber(text.charAt(end - 1))) {
            end--;
        }
        String number = text.substring(0, end);
        String suffix = text.substring(end).strip();
        if (number.isEmpty() || number.charAt(0) == '-') {
            return null;
        }
        int power =
                suffix.isEmpty() ? 0 : "bkmgtp".indexOf(Character.toLowerCase(suffix.charAt(0)));
        if (power < 0) {
            return null;
        }
        String rest = suffix.length() < 2 ? "" : suffix.substring(1);
        boolean known =
                rest.isEmpty()
                        || power > 0 && (rest.equalsIgnoreCase("b") || rest.equalsIgnoreCase("ib"));
        if (!known) {
            return null;
        }
        try {
            return (long) (Double.parseDouble(number.strip()) * Math.pow(1024, power));
        } catch (NumberFormatException _) {
            return null;
        }
    }

    /** The text as %q writes it. */
    static String quoted(String text) {
        var out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 0x07 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case 0x0b -> out.append("\\v");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append("\\x").append(hex(c, 2));
                    } else if (c >= 0x80 && !printable(c)) {
                        out.append(c < 0x10000 ? "\\u" + hex(c, 4) : "\\U" + hex(c, 8));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    private static String hex(int value, int width) {
        String digits = Integer.toHexString(value);
        return "0".repeat(width - digits.length()) + digits;
    }
}
