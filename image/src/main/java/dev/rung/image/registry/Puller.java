package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageReader;
import dev.rung.image.ImageStore;
import dev.rung.image.LayerSink;
import dev.rung.image.Lease;
import dev.rung.image.signature.ImageRequirements;
import dev.rung.image.signature.SignaturePolicy;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.ImageManifest;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Pulls images: resolves the name, chooses the platform, brings all content in with several
 * downloads at once, and gives it its name at the very end. Interrupted or killed at any point it
 * leaves what has come so far, and the next pull goes on from there.
 */
public final class Puller {
    private static final int DEEPEST_INDEX = 4;

    private final Registries registries;
    private final ContentStore content;
    private final ImageStore images;
    private final Supplier<SignaturePolicy> policy;

    /** One that takes every image. */
    public Puller(Registries registries, ContentStore content, ImageStore images) {
        this(registries, content, images, () -> SignaturePolicy.NONE);
    }

    /**
     * One that takes what a policy accepts.
     *
     * @param policy asked at each pull, which fails where this does
     */
    public Puller(
            Registries registries,
            ContentStore content,
            ImageStore images,
            Supplier<SignaturePolicy> policy) {
        this.registries = registries;
        this.content = content;
        this.images = images;
        this.policy = policy;
    }

    /**
     * What was pulled.
     *
     * @param target what the name points at now
     * @param changed false when it did before, and nothing had to be fetched but the manifest
     * @param image false for an artifact of another kind, which is kept but cannot be run
     */
    public record Pulled(
            ImageName name, ContentDescriptor target, boolean changed, boolean image) {}

    /**
     * Pulls the image for a platform, or an artifact of another kind whole. A name with neither tag
     * nor digest means the tag latest. The sink takes the layers of an image while they come, and
     * those that are here already too.
     *
     * <p>Failures: NotFound (no such repository, manifest or platform), Denied (by the registry, or
     * by the policy: {@link SignaturePolicy#REJECTED}), Unavailable (the registry does not answer,
     * or limits us), Invalid (it lied about sizes or digests, or what it gave is no image),
     * Unsupported (manifests of schema 1), HostRefused (the disk is full).
     */
    public Pulled pull(
            ImageName name,
            Platform platform,
            CredentialSource credentials,
            LayerSink sink,
            Consumer<Progress> progress)
            throws InterruptedException {
        ImageName wanted = name.withDefaultTag();
        ImageRequirements required = policy.get().of(wanted);
        required.admitName();
        try (RegistrySession session = registries.open(credentials);
                Lease lease = content.lease()) {
            Repository.Document root =
                    RegistrySession.first(
                            session.repositories(
                                    wanted,
                                    wanted.digest() == null
                                            ? Endpoint.Ability.RESOLVE
                                            : Endpoint.Ability.PULL),
                            repository -> repository.manifest(wanted));
            progress.accept(new Progress.Resolved(wanted, root.descriptor()));
            ContentDescriptor before = images.find(wanted);
            boolean changed = before == null || !before.digest().equals(root.descriptor().digest());
            List<Repository> sources = session.repositories(wanted, Endpoint.Ability.PULL);
            Chosen chosen = chosen(root, wanted, platform, sources, lease);
            if (required.wantSignatures()) {
                Repository.Document document = chosen.document();
                required.admit(
                        document.text(),
                        AttachedSignatures.of(session, wanted, document.descriptor().digest()));
            }
            ImageManifest manifest = chosen.manifest();
            var layers = new LayerPull(session, sources, content, lease, sink, progress);
            changed |= layers.run(manifest);
            images.put(wanted, root.descriptor());
            return new Pulled(wanted, root.descriptor(), changed, manifest.isImage());
        }
    }

    /** The one manifest for a platform, and its text. */
    private record Chosen(ImageManifest manifest, Repository.Document document) {}

    /** Stores the documents on the way to it. */
    private Chosen chosen(
            Repository.Document root,
            ImageName name,
            Platform platform,
            List<Repository> sources,
            Lease lease)
            throws InterruptedException {
        Repository.Document document = root;
        for (int depth = 0; depth <= DEEPEST_INDEX; depth++) {
            ContentDescriptor descriptor = document.descriptor();
            ImageDocument read =
                    ImageDocument.read(
                            "manifest for " + name.familiar(),
                            descriptor.mediaType(),
                            document.text());
            lease.retain(descriptor.digest());
            content.put(descriptor, document.text());
            switch (read) {
                case ImageManifest manifest -> {
                    return new Chosen(manifest, document);
                }
                case ImageIndex index -> document = child(index, name, platform, sources, lease);
            }
        }
        throw new Failure.Invalid(
                "manifest for " + name.familiar() + ": indexes nested too deeply");
    }

    private Repository.Document child(
            ImageIndex index,
            ImageName name,
            Platform platform,
            List<Repository> sources,
            Lease lease)
            throws InterruptedException {
        List<ContentDescriptor> matching = index.matching(platform);
        if (matching.isEmpty()) {
            throw new Failure.NotFound(
                    "no matching manifest for %s in the manifest list entries of %s"
                            .formatted(platform, name.familiar()));
        }
        ContentDescriptor chosen = matching.getFirst();
        Digest digest = chosen.digest();
        lease.retain(digest);
        if (content.contains(digest)) {
            return new Repository.Document(
                    chosen, content.read(digest, ImageReader.LARGEST_DOCUMENT));
        }
        Repository.Document fetched =
                RegistrySession.first(
                        sources, repository -> repository.manifest(name.withDigest(digest)));
        ContentDescriptor got = fetched.descriptor();
        if (got.size() != chosen.size() || !got.mediaType().equals(chosen.mediaType())) {
            throw new Failure.Invalid(
                    "manifest %s: want %s of %d bytes, as its index says, got %s of %d"
                            .formatted(
                                    digest,
                                    chosen.mediaType(),
                                    chosen.size(),
                                    got.mediaType(),
                                    got.size()));
        }
        return fetched;
    }
}
