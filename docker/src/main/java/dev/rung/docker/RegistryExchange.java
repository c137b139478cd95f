package dev.rung.docker;

import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.ImageSearch;
import dev.rung.image.registry.Progress;
import dev.rung.oci.image.ContentDescriptor;
import java.util.List;
import java.util.function.Consumer;

/** Images on their way from registries and to them. Progress is told from several threads. */
public interface RegistryExchange {
    /**
     * What came of a pull.
     *
     * @param changed whether the name points at something else than before
     */
    record Pulled(ImageName name, ContentDescriptor target, boolean changed) {}

    /** The whole name that is meant by one as a person wrote it. */
    ImageName meant(String name);

    /** Pulls an image and unpacks it. */
    Pulled pull(
            ImageName name,
            Platform platform,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException;

    /** Pushes what is kept under the name; what the registry's name points at now. */
    ContentDescriptor push(
            ImageName name,
            Platform platform,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException;

    /**
     * What a registry has under a name.
     *
     * @param platforms for which there is an image
     */
    record Distributed(ContentDescriptor target, List<Platform> platforms) {}

    /** Looks without fetching more than it must. */
    Distributed look(ImageName name, CredentialSource credentials) throws InterruptedException;

    /**
     * What the index of docker.io, or of the registry that the term begins with, has under it.
     *
     * @param limit 0: the usual one
     */
    List<ImageSearch.Found> search(String term, long limit, CredentialSource credentials)
            throws InterruptedException;

    /** Denied when the registry does not take these credentials. */
    void login(String registry, CredentialSource credentials);
}
