package dev.rung.cri;

import dev.rung.image.registry.CredentialSource;

/** Gets images from registries, and unpacks them. */
public interface ImagePuller {
    /**
     * Waits until it is there. NotFound, Denied or Unavailable where a registry does not give it.
     */
    void pull(String name, CredentialSource credentials);
}
