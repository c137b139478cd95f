package dev.rung.tests.layers;

import dev.rung.testkit.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A tree of files as find, sha256sum and getfattr see it, for comparing two of them. */
final class Tree {
    private static final String LIST =
            """
            cd "$1"
            find . -type d -printf '%P %y %#m %U %G %T@\\n' \
                -o -type f -printf '%P %y %#m %U %G %T@ %n %s\\n' \
                -o -type l -printf '%P %y %U %G %T@ %l\\n' \
                -o -printf '%P %y %#m %U %G %T@\\n'
            find . \\( -type b -o -type c \\) -exec stat -c '%n %t:%T' {} +
            find . -type f -links +1 -printf '%i %P\\n' | sort | awk '{ if ($1 == last) print first, "is", $2; else first = $2; last = $1 }'
            find . -type f -print0 | xargs -0 -r sha256sum
            getfattr -R -P -h -d -m - -e hex . | sed '/^trusted.overlay/d'
            """;

    private Tree() {}

    /** A line a file and fact, sorted. */
    static List<String> lines(Path folder) {
        return shell(LIST, folder).lines().sorted().toList();
    }

    /** Runs the script in bash with $1 and so on; returns what it printed. */
    static String shell(String script, Object... arguments) {
        var words = new ArrayList<>(List.of("bash", "-euc", script, "bash"));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return Command.of(words).within(Duration.ofSeconds(50)).succeed().output();
    }
}
