package dev.rung.cli.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may stand after the name of a command.
 *
 * @param summary one line
 * @param words the words that follow the options, for the help
 * @param remark what more there is to say about the words, empty or lines
 * @param description empty or lines
 * @param mixed whether options may also stand behind words; not where the words are a command line
 *     themselves
 */
record Syntax(
        String name,
        String summary,
        String words,
        String remark,
        String description,
        List<Option> options,
        boolean mixed) {
    @Nullable Option option(String called) {
        for (Option option : options) {
            if (option.called(called)) {
                return option;
            }
        }
        return null;
    }
}
