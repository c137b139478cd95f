package dev.rung.nri;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Has the machine's own plug-ins run as long as the engine does, and lets others in. */
public final class PluginHost implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("dev.rung.nri");
    private static final int LONGEST_CONFIGURATION = 1 << 20;

    private final List<PluginProcess> processes = new ArrayList<>();
    private final Plugins plugins;
    private final @Nullable PluginDoor door;

    private PluginHost(PluginSettings settings, Plugins plugins) {
        this.plugins = plugins;
        if (!settings.enabled()) {
            this.door = null;
            return;
        }
        for (Path file : files(settings.folder())) {
            try {
                start(settings, file);
            } catch (Failure e) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "NRI plug-in \"" + file + "\" is not started: " + e.getMessage());
            }
        }
        this.door = settings.connections() ? open(settings.socket(), plugins) : null;
    }

    /** Returns when all that were started have heard of what there is, or have not. */
    public static PluginHost start(PluginSettings settings, Plugins plugins) {
        return new PluginHost(settings, plugins);
    }

    /** Pods are made without plug-ins that connect, too. */
    private static @Nullable PluginDoor open(Path socket, Plugins plugins) {
        try {
            return PluginDoor.open(socket, plugins);
        } catch (Failure e) {
            LOGGER.log(System.Logger.Level.WARNING, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** Executables, in their order. */
    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "read NRI plug-ins in \"" + folder + "\": " + e.getMessage());
            return List.of();
        }
    }

    private void start(PluginSettings settings, Path file) {
        PluginName name = PluginName.ofFile(file.getFileName().toString());
        checkSafe(file.toAbsolutePath().getParent());
        checkSafe(file);
        String configuration = configuration(settings.configurations(), name);
        PluginProcess process = PluginProcess.start(file, name);
        if (plugins.join(process.channel(), name, configuration, process::close)) {
            processes.add(process);
        } else {
            process.close();
        }
    }

    /** Nobody else decides what runs with the engine's rights. */
    private static void checkSafe(@Nullable Path path) {
        if (path == null) {
            return;
        }
        try {
            var attributes = Files.readAttributes(path, PosixFileAttributes.class);
            var ours = Files.getOwner(Path.of("/proc/self"));
            Set<PosixFilePermission> mode = attributes.permissions();
            boolean others =
                    !Collections.disjoint(
                            mode,
                            Set.of(
                                    PosixFilePermission.GROUP_WRITE,
                                    PosixFilePermission.OTHERS_WRITE));
            if (others || !attributes.owner().equals(ours)) {
                throw new Failure.Denied(
                        "\"" + path + "\" is to be written to by the engine's user alone");
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("look at \"" + path + "\": " + e.getMessage(), e);
        }
    }

    private static String configuration(Path folder, PluginName name) {
        for (String file : List.of(name + ".conf", name.name() + ".conf")) {
            Path path = folder.resolve(file);
            if (!Files.exists(path)) {
                continue;
            }
            try {
                if (Files.size(path) > LONGEST_CONFIGURATION) {
                    throw new Failure.Invalid(
                            "\"" + path + "\" is longer than " + LONGEST_CONFIGURATION + " bytes");
                }
                return Files.readString(path);
            } catch (IOException e) {
                throw new Failure.HostRefused("read \"" + path + "\": " + e.getMessage(), e);
            }
        }
        return "";
    }

    @Override
    public void close() {
        if (door != null) {
            door.close();
        }
        plugins.close();
        for (PluginProcess process : processes) {
            process.close();
        }
    }
}
