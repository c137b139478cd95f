package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of the host that no container may change: what happens to it is an escape. It holds a
 * file "secret" and a folder "inside".
 */
final class Canary {
    private final Path folder;
    private final Map<String, String> before;

    private Canary(Path folder) {
        this.folder = folder;
        before = describe(folder);
    }

    static Canary in(Path parent) {
        try {
            Path folder = Files.createDirectory(parent.resolve("canary"));
            Files.writeString(folder.resolve("secret"), "of the host\n");
            Files.createDirectory(folder.resolve("inside"));
            return new Canary(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder or file that is there already. */
    static Canary of(Path existing) {
        return new Canary(existing);
    }

    Path folder() {
        return folder;
    }

    void assertUntouched() {
        assertThat(describe(folder)).isEqualTo(before);
    }

    private static Map<String, String> describe(Path folder) {
        var found = new TreeMap<String, String>();
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.forEach(path -> found.put(path.toString(), describeOne(path)));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String describeOne(Path path) {
        try {
            String all =
                    Files.readAttributes(
                                    path,
                                    "unix:mode,uid,gid,ino,rdev,size",
                                    LinkOption.NOFOLLOW_LINKS)
                            .toString();
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.size(path) < 4096) {
                all += new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
            }
            return all + Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
