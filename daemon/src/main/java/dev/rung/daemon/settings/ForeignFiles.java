package dev.rung.daemon.settings;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The configuration of containerd and of CRI-O, from files of this machine or of a person's. */
public final class ForeignFiles {
    private static final List<Path> FOLDERS =
            List.of(
                    Path.of("/usr/local/sbin"),
                    Path.of("/usr/local/bin"),
                    Path.of("/usr/sbin"),
                    Path.of("/usr/bin"));

    private ForeignFiles() {}

    /** containerd's config.toml. */
    static ForeignSettings containerd(Path file) {
        return ContainerdConfiguration.read(file.toString(), read(file), FOLDERS);
    }

    /** crio.conf, and what lies in the folder crio.conf.d beside it, in the order of names. */
    static ForeignSettings crio(Path file) {
        var texts = new LinkedHashMap<String, String>();
        texts.put(file.toString(), read(file));
        var more = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(file + ".d"))) {
            files.forEach(more::add);
        } catch (NoSuchFileException _) {
            // there are none
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        more.sort(null);
        more.forEach(one -> texts.put(one.toString(), read(one)));
        return CrioConfiguration.read(texts, FOLDERS);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static Failure unreadable(Path file, IOException e) {
        return new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
    }

    /**
     * What a person's files come to, as a rung.toml with remarks.
     *
     * @param engine containerd or crio
     * @param texts by their names, the first one first
     */
    public static String toml(String engine, Map<String, String> texts) {
        String first = texts.keySet().iterator().next();
        ForeignSettings settings =
                switch (engine) {
                    case "containerd" ->
                            ContainerdConfiguration.read(
                                    first, String.valueOf(texts.get(first)), FOLDERS);
                    case "crio" -> CrioConfiguration.read(texts, FOLDERS);
                    default ->
                            throw new Failure.Invalid(
                                    "unknown engine \"" + engine + "\": want containerd or crio");
                };
        return settings.toml(Path.of(first));
    }
}
