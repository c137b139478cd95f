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
 * @param ignored keys of daemon.json that mean something to dockerd alone
 */
public record Configuration(
        @Nullable Path dataRoot,
        @Nullable Path execRoot,
        EngineOptions engine,
        RegistrySettings registries,
        NetworkDefaults networks,
        boolean packetRules,
        @Nullable Path criSocket,
        List<String> ignored) {}
