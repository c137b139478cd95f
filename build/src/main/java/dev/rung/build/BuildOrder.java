package dev.rung.build;

import dev.rung.domain.ImageName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to be built, as Docker's POST /build asks for it.
 *
 * @param dockerfile its path in the context; empty: Dockerfile
 * @param text the Dockerfile itself, in place of a file of the context
 * @param remote an address that the context is fetched from; empty: it comes as a stream
 * @param names of the image
 * @param arguments values for ARG, empty for those that a client named without a value
 * @param caches images whose layers may be used as if they had been built here
 * @param pulls whether base images are fetched even if they are here
 * @param removes whether the containers of RUN go when they have ended well
 * @param alwaysRemoves whether they go in any case
 * @param target a stage, empty: the last one
 * @param platform as os/architecture[/variant], empty: this machine's
 * @param secrets by id, for RUN --mount=type=secret
 */
public record BuildOrder(
        String dockerfile,
        @Nullable String text,
        String remote,
        List<ImageName> names,
        Map<String, Optional<String>> arguments,
        boolean noCache,
        List<String> caches,
        boolean pulls,
        boolean removes,
        boolean alwaysRemoves,
        Map<String, String> labels,
        String target,
        String platform,
        RunSettings run,
        Map<String, byte[]> secrets) {}
