package dev.rung.nri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.regex.Pattern;

/**
 * What a plug-in is called, and when: those with lower numbers first.
 *
 * @param index two digits
 */
record PluginName(String index, String name) implements Comparable<PluginName> {
    private static final int INDEX_LENGTH = 2;
    private static final int LONGEST = 255;
    private static final Pattern INDEX = Pattern.compile("[0-9]{2}");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.+-]{1," + LONGEST + "}");

    PluginName {
        if (!INDEX.matcher(index).matches()) {
            throw new Failure.Invalid(
                    "invalid plugin index \"" + Printable.of(index) + "\", must be 2 digits");
        }
        if (!NAME.matcher(name).matches()) {
            throw new Failure.Invalid(
                    "invalid plugin name \"" + Printable.of(name) + "\", want " + NAME);
        }
    }

    /** Of a file, such as 10-logger. */
    static PluginName ofFile(String file) {
        if (file.indexOf('-') != INDEX_LENGTH) {
            throw new Failure.Invalid(
                    "invalid plugin name \"" + Printable.of(file) + "\", want NN-NAME");
        }
        return new PluginName(file.substring(0, INDEX_LENGTH), file.substring(INDEX_LENGTH + 1));
    }

    @Override
    public int compareTo(PluginName other) {
        return index.compareTo(other.index);
    }

    @Override
    public String toString() {
        return index + "-" + name;
    }
}
