package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;

/** What {@code --gpus} asks for: all, a number of them, or device=NAME[,NAME...]. */
final class Gpus {
    private static final int MOST = 128;

    private Gpus() {}

    /** The names of devices; "all" is one. */
    static List<String> names(String text) {
        var names = new ArrayList<String>();
        boolean named = false;
        int count = 0;
        for (String field :
                text.isEmpty() ? new String[0] : text.replace("\"", "").split(",", -1)) {
            if (field.equals("all") || field.equals("count=all") || field.equals("count=-1")) {
                names.add("all");
            } else if (field.startsWith("device=")) {
                named = true;
                names.add(field.substring("device=".length()));
            } else if (named && field.indexOf('=') < 0) {
                names.add(field);
            } else if (field.startsWith("count=") || field.indexOf('=') < 0) {
                count += number(text, field.substring(field.indexOf('=') + 1));
            } else if (!field.startsWith("driver=") && !field.startsWith("capabilities=")) {
                throw invalid(text);
            }
        }
        for (int i = 0; i < count; i++) {
            names.add(Integer.toString(i));
        }
        return names;
    }

    private static int number(String text, String number) {
        try {
            int count = Integer.parseInt(number);
            if (count > 0 && count <= MOST) {
                return count;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw invalid(text);
    }

    private static Failure.Invalid invalid(String text) {
        return new Failure.Invalid(
                "invalid argument \"" + Printable.of(text) + "\" for \"--gpus\" flag");
    }
}
