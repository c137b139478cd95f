package dev.rung.image.registry;

import java.util.Map;

/** Knows who we are to a registry. Asked only once the registry wants to know. */
public interface CredentialSource {
    /** Nobody anywhere. */
    CredentialSource NONE = registry -> Credentials.ANONYMOUS;

    /** Which proxies lead outside for this one, by the variables that name them (HTTP_PROXY, …). */
    default Map<String, String> proxies() {
        return Map.of();
    }

    /** The registry is a host with an optional port, such as docker.io. */
    Credentials find(String registry);
}
