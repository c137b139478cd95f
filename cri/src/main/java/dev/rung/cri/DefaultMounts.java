package dev.rung.cri;

import dev.rung.cri.v1.Mount;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Mounts that each container has, whatever a kubelet asks for: the lines of a mounts.conf
 * (containers-mounts.conf(5)), SOURCE:TARGET, or a path that is both. Differs: CRI-O copies what is
 * there, here it is bound, read-only.
 */
final class DefaultMounts {
    private static final System.Logger LOGGER = System.getLogger("dev.rung.cri");
    private static final int LONGEST = 1 << 16;

    private final List<Path> files;

    /**
     * Of the first that is there, read for each container.
     *
     * @param files each may be missing
     */
    DefaultMounts(List<Path> files) {
        this.files = List.copyOf(files);
    }

    /** What was asked for, and those that are neither there already nor without a source. */
    List<Mount> with(List<Mount> asked) {
        Path file = files.stream().filter(Files::exists).findFirst().orElse(null);
        if (file == null) {
            return asked;
        }
        var all = new ArrayList<>(asked);
        Set<String> taken = new HashSet<>();
        asked.forEach(mount -> taken.add(MountWords.target(mount)));
        for (String line : lines(file)) {
            Mount mount = mount(file, line);
            if (!Files.exists(Path.of(mount.getHostPath()))) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        file + ": there is no \"" + Printable.of(mount.getHostPath()) + "\"");
            } else if (taken.add(mount.getContainerPath())) {
                all.add(mount);
            }
        }
        return all;
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.size(file) > LONGEST) {
                throw new Failure.Invalid("\"" + file + "\" is longer than " + LONGEST + " bytes");
            }
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
        }
    }

    private static Mount mount(Path file, String line) {
        String[] parts = line.split(":", 2);
        String target = parts.length == 1 ? line : parts[1];
        if (!parts[0].startsWith("/") || !target.startsWith("/")) {
            throw new Failure.Invalid(
                    file + ": \"" + Printable.of(line) + "\": want /SOURCE:/TARGET");
        }
        return Mount.newBuilder()
                .setHostPath(parts[0])
                .setContainerPath(target)
                .setReadonly(true)
                .build();
    }
}
