package dev.rung.host.compile;

import java.util.List;

/**
 * Which criu is run, and what it finds.
 *
 * @param program a path, or a name to look for
 * @param path of folders to look for it in, with colons between them, which it gets as PATH for the
 *     programs that it runs itself; it gets nothing else of the caller's environment
 * @param inheritedFds how many descriptors from 3 on the front end has of its caller
 */
public record CriuCommand(String program, String path, int inheritedFds) {
    List<String> environment() {
        return List.of("PATH=" + path);
    }
}
