package dev.rung.program;

import dev.rung.domain.Failure;

/**
 * Where a step comes from and what to say when it fails.
 *
 * @param key the key of config.json, such as mounts[3]; "" for none
 * @param say what could not be done, in runc's words, such as: error mounting "proc" to rootfs at
 *     "/proc"; "" for none
 */
public record Label(String key, String say) {
    public static final Label NONE = new Label("", "");

    public Label {
        if (key.indexOf('\0') >= 0 || say.indexOf('\0') >= 0) {
            throw new Failure.Invalid("a NUL byte inside a name that config.json gives");
        }
    }

    /** The same place, another thing to say. */
    public Label saying(String words) {
        return new Label(key, words);
    }
}
