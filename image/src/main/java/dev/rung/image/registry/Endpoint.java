package dev.rung.image.registry;

import dev.rung.image.http.Headers;
import dev.rung.image.http.Trust;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A host that answers for a registry: itself or a mirror.
 *
 * @param base where the API begins, such as https://registry-1.docker.io/v2
 * @param registry whose credentials it gets: the registry's own name, or the mirror's host
 * @param namespace what a mirror is told to answer for; null for the registry itself
 * @param headers to send along, to this host only
 * @param otherwise the same API in the other scheme, for a host that may speak either; else null
 */
record Endpoint(
        URI base,
        String registry,
        @Nullable String namespace,
        Set<Ability> abilities,
        Trust trust,
        Headers headers,
        @Nullable URI otherwise) {
    /** What a host is trusted to do. */
    enum Ability {
        /** To give content by digest. */
        PULL,
        /** To say what a tag points at. */
        RESOLVE,
        PUSH
    }

    static final Set<Ability> ALL = Set.of(Ability.values());

    /** The same in the other scheme. */
    Endpoint in(URI otherBase) {
        return new Endpoint(otherBase, registry, namespace, abilities, trust, headers, null);
    }

    /** The host with its port, for messages. */
    String host() {
        return String.valueOf(base.getRawAuthority());
    }

    URI at(String path) {
        String query =
                namespace == null ? "" : (path.indexOf('?') < 0 ? "?" : "&") + "ns=" + namespace;
        return URI.create(base + "/" + path + query);
    }
}
