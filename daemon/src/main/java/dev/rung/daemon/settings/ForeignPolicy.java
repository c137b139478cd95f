package dev.rung.daemon.settings;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Where another engine has its policy.json.
 *
 * @param named whether its configuration says so; else it is where that engine looks for one, which
 *     need not be there
 */
public record ForeignPolicy(Path file, boolean named) {
    /** Whether images are to be judged by it now. */
    public boolean counts() {
        return named || isThere(file);
    }

    /** A link that leads nowhere counts as a file that cannot be read. */
    public static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
}
