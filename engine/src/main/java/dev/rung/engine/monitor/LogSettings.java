package dev.rung.engine.monitor;

import dev.rung.domain.Failure;
import dev.rung.domain.RawText;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a container's output is logged.
 *
 * @param name of the file in the durable folder; rotated ones get .1, .2 and so on
 * @param maxBytes when a file is rotated; 0 never
 * @param files how many there may be; a single one is emptied
 * @param attributes a JSON object that each line of {@link Format#JSON_FILE} carries as "attrs";
 *     empty for none
 * @param folder another than the durable one; null: that
 */
public record LogSettings(
        Format format,
        String name,
        long maxBytes,
        int files,
        String attributes,
        @Nullable Path folder) {
    /** What a monitor has room for in a line beside 16 KiB of output, each byte escaped. */
    private static final int LONGEST_ATTRIBUTES = 32_512;

    /** The form of a line. */
    public enum Format {
        /** No log at all. */
        NONE(0),
        /** As Docker's json-file driver. */
        JSON_FILE(1),
        /** As containers of the Kubernetes CRI. */
        CRI(2);

        private final int number;

        Format(int number) {
            this.number = number;
        }

        /** In a START frame. */
        int number() {
            return number;
        }
    }

    /** Invalid: the name is none in a folder, a number is negative, or attributes are too long. */
    public LogSettings {
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.startsWith(".")) {
            throw new Failure.Invalid("invalid name of a log file: \"" + name + "\"");
        } else if (maxBytes < 0 || files < 0) {
            throw new Failure.Invalid("the size and number of log files cannot be negative");
        }
        int length = RawText.encode(attributes).length;
        if (length > LONGEST_ATTRIBUTES) {
            throw new Failure.Invalid(
                    "the labels, variables and tag that each line of the log is to carry take "
                            + length
                            + " bytes: expected at most "
                            + LONGEST_ATTRIBUTES);
        }
    }

    /** In the durable folder. */
    public LogSettings(Format format, String name, long maxBytes, int files, String attributes) {
        this(format, name, maxBytes, files, attributes, null);
    }

    /** In that folder, as the Kubernetes CRI has it: who reads it has it rotated. */
    public static LogSettings cri(Path file) {
        String name = String.valueOf(file.getFileName());
        return new LogSettings(Format.CRI, name, 0, 1, "", file.getParent());
    }

    /** Nothing is logged. */
    public static LogSettings none() {
        return new LogSettings(Format.NONE, "none", 0, 1, "");
    }

    /** Docker's default: one file without a limit. */
    public static LogSettings json(String name) {
        return new LogSettings(Format.JSON_FILE, name, 0, 1, "");
    }
}
