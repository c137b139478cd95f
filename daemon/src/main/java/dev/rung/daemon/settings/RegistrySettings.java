package dev.rung.daemon.settings;

import dev.rung.image.registry.TransferLimits;
import dev.rung.image.signature.SignaturePolicy;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How registries are spoken to, and what is taken from them.
 *
 * @param insecure hosts with an optional port, or ranges of addresses, that may speak plain http
 * @param mirrors of docker.io
 * @param policyFile says which images may come, null: that beside the configuration does
 * @param foreignPolicy that of another engine, which counts last; null: it has none
 */
public record RegistrySettings(
        List<String> insecure,
        List<URI> mirrors,
        TransferLimits limits,
        @Nullable Path policyFile,
        @Nullable ForeignPolicy foreignPolicy) {
    /**
     * Which images may come, as the first of these says now: the file that the configuration names,
     * the policy.json beside it, that of another engine. Fails where the one that counts cannot be
     * read; any image may come where there is none.
     *
     * @param folder of the configuration
     */
    public SignaturePolicy policy(Path folder) {
        if (policyFile != null) {
            return SignaturePolicy.read(policyFile);
        }
        Path own = folder.resolve("policy.json");
        if (ForeignPolicy.isThere(own)) {
            return SignaturePolicy.read(own);
        }
        return foreignPolicy != null && foreignPolicy.counts()
                ? SignaturePolicy.read(foreignPolicy.file())
                : SignaturePolicy.NONE;
    }
}
