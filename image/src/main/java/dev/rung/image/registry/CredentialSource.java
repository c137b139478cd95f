package dev.rung.image.registry;

/** Knows who we are to a registry. Asked only once the registry wants to know. */
public interface CredentialSource {
    /** Nobody anywhere. */
    CredentialSource NONE = registry -> Credentials.ANONYMOUS;

    /** The registry is a host with an optional port, such as docker.io. */
    Credentials find(String registry);
}
