package dev.rung.image.unpack;

import dev.rung.domain.KernelPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the process that unpacks sees of the machine: its own code, and that of the C library. */
final class UnpackerOutlook {
    private static final String LAUNCH = "lib/launch-unpacker";

    /** The linker's own folders, of those that a machine has. */
    private static final List<String> LIBRARIES =
            List.of("/lib", "/lib64", "/usr/lib", "/usr/lib64");

    private UnpackerOutlook() {}

    /** The command line that unpacker.c wants. */
    static List<KernelPath> arguments(KernelPath name, Path installation) {
        var words = new ArrayList<KernelPath>();
        words.add(name);
        words.add(KernelPath.of(installation.resolve(LAUNCH).toString()));
        words.add(KernelPath.of(installation.toString()));
        for (Path shown : shown(installation)) {
            words.add(KernelPath.of(shown.toString()));
        }
        return words;
    }

    private static Set<Path> shown(Path installation) {
        var shown = new LinkedHashSet<Path>();
        LIBRARIES.forEach(library -> shown.add(Path.of(library)));
        shown.add(installation.resolve("lib"));
        Path java = Path.of(System.getProperty("java.home"));
        shown.add(java);
        try {
            shown.add(java.toRealPath());
            shown.add(java.resolve("conf").toRealPath()); // in /etc, with some JDKs
        } catch (IOException e) {
            // one without such a folder says itself what it misses
        }
        shown.removeIf(path -> !Files.isDirectory(path));
        return shown;
    }
}
