package dev.rung.cli;

import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.registry.CredentialSource;
import dev.rung.oci.image.ContentDescriptor;

/**
 * Images on their way from registries and to them. Who the person is to a registry is asked on the
 * thread that calls, and progress is told there.
 */
public interface ImageTransfer {
    /**
     * Pulls an image and unpacks it.
     *
     * @param name as a person wrote it
     * @param platform as os/architecture[/variant], empty: this machine's
     * @return the digest of what the name points at now
     */
    String pull(
            String name, String platform, CredentialSource credentials, TransferDisplay display);

    /** Pushes what is kept under the name; what the registry's name points at now. */
    ContentDescriptor push(
            ImageName name,
            Platform platform,
            boolean alone,
            CredentialSource credentials,
            TransferDisplay display);

    /** Denied when the registry does not take these credentials. */
    void login(String registry, CredentialSource credentials);
}
