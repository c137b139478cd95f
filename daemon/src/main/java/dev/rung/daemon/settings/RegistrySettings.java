package dev.rung.daemon.settings;

import dev.rung.image.registry.TransferLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How registries are spoken to, and what is taken from them.
 *
 * @param insecure hosts with an optional port, or ranges of addresses, that may speak plain http
 * @param mirrors of docker.io
 * @param policy which images may come, null: as the file beside the configuration says
 * @param foreignPolicy that of another engine, which counts last; null: it has none
 */
public record RegistrySettings(
        List<String> insecure,
        List<URI> mirrors,
        TransferLimits limits,
        @Nullable Path policy,
        @Nullable ForeignPolicy foreignPolicy) {}
