package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;

/** Names that users give: of volumes, and of containers. */
public final class VolumeName {
    private VolumeName() {}

    /** Throws Invalid unless it can name a volume. */
    public static String check(String name) {
        if (!fits(name)) {
            throw new Failure.Invalid(
                    "\""
                            + Printable.of(name)
                            + "\" includes invalid characters for a local volume name, only"
                            + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a"
                            + " host directory, use absolute path");
        }
        return name;
    }

    /** Two characters or more: letters, digits, and behind the first also _ . and -. */
    static boolean fits(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!plain && (i == 0 || "_.-".indexOf(c) < 0)) {
                return false;
            }
        }
        return name.length() > 1;
    }
}
