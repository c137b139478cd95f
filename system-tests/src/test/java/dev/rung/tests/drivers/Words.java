package dev.rung.tests.drivers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Command lines as tests write them down. */
final class Words {
    private Words() {}

    /** The words of a line, between its blanks, and more words as they are. */
    static List<String> of(String line, String... more) {
        var words = new ArrayList<String>();
        for (String word : line.split(" ")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        words.addAll(Arrays.asList(more));
        return words;
    }
}
