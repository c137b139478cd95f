package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ImageReader;
import dev.rung.image.http.HttpConnections;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.ImageManifest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How registries are reached: which hosts stand for them, through which proxies, with how much
 * patience. Holds nothing open between jobs.
 */
public final class Registries {
    private static final Duration STALL = Duration.ofSeconds(30);

    private final ConfiguredHosts hosts;
    private final Map<String, String> environment;
    private final Backoff backoff;
    private final Duration stall;
    private final Supplier<TransferLimits> limits;

    /**
     * The environment is looked at for proxies (HTTP_PROXY, …), unless a person's names some, and
     * certificates (SSL_CERT_FILE). The limits are asked for at the begin of each job.
     */
    public Registries(
            ConfiguredHosts hosts,
            Map<String, String> environment,
            Supplier<TransferLimits> limits) {
        this(hosts, environment, Backoff.USUAL, STALL, limits);
    }

    /** A connection on which nothing moves for so long is given up, and made anew. */
    public Registries(
            ConfiguredHosts hosts,
            Map<String, String> environment,
            Backoff backoff,
            Duration stall) {
        this(hosts, environment, backoff, stall, () -> TransferLimits.of(backoff));
    }

    private Registries(
            ConfiguredHosts hosts,
            Map<String, String> environment,
            Backoff backoff,
            Duration stall,
            Supplier<TransferLimits> limits) {
        this.hosts = hosts;
        this.environment = Map.copyOf(environment);
        this.backoff = backoff;
        this.stall = stall;
        this.limits = limits;
    }

    /** All tags of the repository, in the registry's order. */
    public List<String> tags(ImageName name, CredentialSource credentials)
            throws InterruptedException {
        try (RegistrySession session = open(credentials)) {
            return RegistrySession.first(
                    session.repositories(name, Endpoint.Ability.RESOLVE), Repository::tags);
        }
    }

    /**
     * What was attached to an image or another manifest, such as signatures (distribution-spec
     * "Listing Referrers").
     *
     * @param subject a name with a digest
     * @param artifactType only those of this type; null: all
     */
    public List<ContentDescriptor> referrers(
            ImageName subject, @Nullable String artifactType, CredentialSource credentials)
            throws InterruptedException {
        Digest digest = subject.digest();
        if (digest == null) {
            throw new Failure.Invalid(
                    "referrers of " + subject.familiar() + ": want a name with a digest");
        }
        try (RegistrySession session = open(credentials)) {
            return RegistrySession.first(
                    session.repositories(subject, Endpoint.Ability.RESOLVE),
                    repository -> repository.referrers(digest, artifactType));
        }
    }

    /** What a tag points at, without fetching it; null when the registry does not say. */
    public @Nullable Digest digest(ImageName name, CredentialSource credentials)
            throws InterruptedException {
        try (RegistrySession session = open(credentials)) {
            for (Repository repository :
                    session.repositories(name.withDefaultTag(), Endpoint.Ability.RESOLVE)) {
                Digest digest = repository.head(name.withDefaultTag());
                if (digest != null) {
                    return digest;
                }
            }
            return null;
        }
    }

    /**
     * What a registry has under a name.
     *
     * @param platforms for which there is an image
     */
    public record Found(ContentDescriptor target, List<Platform> platforms) {}

    /** Reads the manifest, and what it must of the image's configuration, without keeping them. */
    public Found look(ImageName name, CredentialSource credentials) throws InterruptedException {
        try (RegistrySession session = open(credentials)) {
            return RegistrySession.first(
                    session.repositories(name.withDefaultTag(), Endpoint.Ability.RESOLVE),
                    repository -> look(name.withDefaultTag(), session, repository));
        }
    }

    private static Found look(ImageName name, RegistrySession session, Repository repository)
            throws InterruptedException {
        Repository.Document document = repository.manifest(name);
        ContentDescriptor target = document.descriptor();
        String what = "manifest for " + name.familiar();
        var platforms = new ArrayList<Platform>();
        switch (ImageDocument.read(what, target.mediaType(), document.text())) {
            case ImageIndex index -> {
                for (ContentDescriptor manifest : index.manifests()) {
                    if (manifest.platform() != null) {
                        platforms.add(manifest.platform());
                    }
                }
            }
            case ImageManifest manifest -> {
                var config = new PulledContent(session, List.of(repository), manifest.config());
                platforms.add(
                        ImageConfig.read(what, config.read(ImageReader.LARGEST_CONFIG)).platform());
            }
        }
        return new Found(target, List.copyOf(platforms));
    }

    /** Denied when the registry does not take these credentials. */
    public void login(String registry, CredentialSource credentials) throws InterruptedException {
        try (RegistrySession session = open(credentials)) {
            session.login(registry);
        }
    }

    /** For one job; the caller closes it. */
    RegistrySession open(CredentialSource credentials) {
        Map<String, String> all = environment;
        Map<String, String> proxies = credentials.proxies();
        if (!proxies.isEmpty()) {
            all = new LinkedHashMap<>(environment);
            all.putAll(proxies);
        }
        return new RegistrySession(
                hosts, new HttpConnections(all, stall), credentials, backoff, limits.get());
    }
}
