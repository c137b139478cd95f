package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.network.machine.StateFile;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of an administrator's networks, as other runtimes read it: files that end in
 * .conflist, .conf or .json, in the order of their names; plugins of the folder that is called like
 * a network are added to it.
 */
final class ConfFolder {
    private static final int LARGEST = 1 << 20;
    private static final String LIST = ".conflist";

    private final Path folder;

    ConfFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * What is there now.
     *
     * @param problems of files that hold no network
     */
    record Found(List<NetworkConf> networks, List<String> problems) {}

    Found read() {
        var networks = new ArrayList<NetworkConf>();
        var problems = new ArrayList<String>();
        for (Path file : files(folder, List.of(LIST, ".conf", ".json"))) {
            try {
                networks.add(read(file));
            } catch (Failure e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        return new Found(networks, problems);
    }

    private NetworkConf read(Path file) {
        JsonFields fields = fields(file);
        if (!file.toString().endsWith(LIST)) {
            return NetworkConf.parseSingle(fields);
        }
        var others = new ArrayList<JsonObject>();
        if (!NetworkConf.onlyInlined(fields)) {
            Path own = folder.resolve(NetworkConf.name(fields));
            for (Path plugin : files(own, List.of(".conf"))) {
                others.add(NetworkConf.checked(fields(plugin)));
            }
        }
        return NetworkConf.parse(fields, others);
    }

    private static JsonFields fields(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new Failure.Invalid(file + ": longer than 1 MiB");
            }
            return JsonFields.read(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }

    private static List<Path> files(Path folder, List<String> endings) {
        try (var entries = Files.newDirectoryStream(folder)) {
            var files = new ArrayList<Path>();
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (endings.stream().anyMatch(name::endsWith) && !Files.isDirectory(entry)) {
                    files.add(entry);
                }
            }
            files.sort((one, other) -> one.toString().compareTo(other.toString()));
            return files;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw StateFile.refused(folder, e);
        }
    }
}
