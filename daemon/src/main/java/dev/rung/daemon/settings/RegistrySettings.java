package dev.rung.daemon.settings;

import dev.rung.image.registry.TransferLimits;
import java.net.URI;
import java.util.List;

/**
 * How registries are spoken to.
 *
 * @param insecure hosts with an optional port, or ranges of addresses, that may speak plain http
 * @param mirrors of docker.io
 */
public record RegistrySettings(List<String> insecure, List<URI> mirrors, TransferLimits limits) {}
