package dev.rung.daemon.settings;

import dev.rung.engine.EngineOptions;
import dev.rung.network.NetworkDefaults;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is written down.
 *
 * @param dataRoot for what survives a boot, null: the usual place
 * @param execRoot for what need not, null: the usual place
 * @param criSocket where a kubelet is served, null: nowhere
 * @param packetRules whether there are any of ours
 * @param labels of the engine, such as key=value
 * @param debug whether each request is told in the log
 * @param experimental whether what Docker has only then is there
 * @param docker where Docker's API is served
 * @param plugins of the node resource interface
 * @param mountsFiles the first that is there names mounts of all containers of a kubelet
 * @param ignored keys of daemon.json that mean something to dockerd alone
 */
public record Configuration(
        @Nullable Path dataRoot,
        @Nullable Path execRoot,
        EngineOptions engine,
        RegistrySettings registries,
        NetworkDefaults networks,
        boolean packetRules,
        List<String> labels,
        boolean debug,
        boolean experimental,
        DockerDoors docker,
        @Nullable Path criSocket,
        PluginWishes plugins,
        List<Path> mountsFiles,
        List<String> ignored) {}
