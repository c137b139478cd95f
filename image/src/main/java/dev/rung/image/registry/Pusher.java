package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageReader;
import dev.rung.image.ImageStore;
import dev.rung.image.Lease;
import dev.rung.image.StoredImage;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.RequestBody;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Pushes images: content first, several pieces at once, then manifests, the named one at last. */
public final class Pusher {
    private final Registries registries;
    private final ContentStore content;
    private final ImageStore images;
    private final ImageReader reader;

    public Pusher(Registries registries, ContentStore content, ImageStore images) {
        this.registries = registries;
        this.content = content;
        this.images = images;
        reader = new ImageReader(content);
    }

    /**
     * Pushes what is kept under the name. Of an index of which not all is here, or when the
     * platform is to be pushed alone, only the image for the platform is pushed.
     *
     * <p>Failures: NotFound (no such image), Denied, Unavailable, Invalid (a name with a digest, or
     * an answer that does not fit).
     *
     * @return what the name points at in the registry now
     */
    public ContentDescriptor push(
            ImageName name,
            Platform platform,
            boolean alone,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException {
        ImageName wanted = name.withDefaultTag();
        if (wanted.tag() == null || wanted.digest() != null) {
            throw new Failure.Invalid("cannot push a digest reference");
        }
        StoredImage stored = here(wanted, platform);
        try (RegistrySession session = registries.open(credentials);
                Lease lease = content.lease()) {
            reader.reachable(stored.target()).forEach(lease::retain);
            ContentDescriptor root = root(stored, platform, alone);
            progress.accept(new Progress.Resolved(wanted, root));
            RegistryConnection connection =
                    session.repositories(wanted, Endpoint.Ability.PUSH).getLast().connection();
            var documents = new LinkedHashMap<Digest, ContentDescriptor>();
            var blobs = new LinkedHashMap<Digest, ContentDescriptor>();
            collect(root, documents, blobs);
            Map<Digest, String> elsewhere = elsewhere(wanted);
            var slots = new Semaphore(session.limits().uploads(), true);
            var jobs = new Parallel();
            Set<Digest> configs = configs(documents.values());
            for (ContentDescriptor blob : blobs.values()) {
                // people are told of layers
                Consumer<Progress> told = configs.contains(blob.digest()) ? _ -> {} : progress;
                jobs.add(
                        "push " + blob.digest().shortHex(),
                        () -> {
                            told.accept(new Progress.Waiting(blob.digest(), blob.size()));
                            slots.acquire();
                            try {
                                new BlobUpload(connection, wanted, content, blob, told)
                                        .run(elsewhere.get(blob.digest()));
                            } finally {
                                slots.release();
                            }
                        });
            }
            jobs.join();
            for (ContentDescriptor document : documents.values()) {
                boolean last = document.digest().equals(root.digest());
                put(connection, wanted, document, last);
            }
            return root;
        }
    }

    private StoredImage here(ImageName name, Platform platform) {
        try {
            return images.lookUp(name.toString(), platform);
        } catch (Failure.NotFound e) {
            throw new Failure.NotFound(
                    "An image does not exist locally with the tag: " + name.familiarRepository());
        }
    }

    private ContentDescriptor root(StoredImage stored, Platform platform, boolean alone) {
        if (!alone
                && (!MediaTypes.isIndex(stored.target().mediaType()) || isWhole(stored.target()))) {
            return stored.target();
        }
        Image image = reader.read(stored, platform);
        return image.descriptor();
    }

    private boolean isWhole(ContentDescriptor root) {
        if (!content.contains(root.digest())) {
            return MediaTypes.isForeign(root.mediaType());
        }
        boolean document =
                MediaTypes.isIndex(root.mediaType()) || MediaTypes.isManifest(root.mediaType());
        return !document || reader.document(root).children().stream().allMatch(this::isWhole);
    }

    /** Children before what points at them. Foreign layers stay where they are. */
    private void collect(
            ContentDescriptor root,
            Map<Digest, ContentDescriptor> documents,
            Map<Digest, ContentDescriptor> blobs) {
        switch (reader.document(root)) {
            case ImageIndex index -> {
                for (ContentDescriptor child : index.manifests()) {
                    if (!documents.containsKey(child.digest())) {
                        collect(child, documents, blobs);
                    }
                }
            }
            case ImageManifest manifest -> {
                for (ContentDescriptor child : manifest.children()) {
                    if (!MediaTypes.isForeign(child.mediaType())) {
                        blobs.put(child.digest(), child);
                    }
                }
            }
        }
        documents.put(root.digest(), root);
    }

    private Set<Digest> configs(Collection<ContentDescriptor> documents) {
        var found = new HashSet<Digest>();
        for (ContentDescriptor document : documents) {
            if (reader.document(document) instanceof ImageManifest manifest) {
                found.add(manifest.config().digest());
            }
        }
        return found;
    }

    /** Which other repository of the same registry has what, as far as our own names tell. */
    private Map<Digest, String> elsewhere(ImageName name) {
        var found = new HashMap<Digest, String>();
        for (StoredImage image : images.list()) {
            ImageName other = image.name();
            if (other != null
                    && other.domain().equals(name.domain())
                    && !other.path().equals(name.path())) {
                for (Digest digest : reader.reachable(image.target())) {
                    found.put(digest, other.path());
                }
            }
        }
        return found;
    }

    private void put(
            RegistryConnection connection,
            ImageName name,
            ContentDescriptor document,
            boolean tagged)
            throws InterruptedException {
        byte[] text = content.read(document.digest(), ImageReader.LARGEST_DOCUMENT);
        String reference = tagged ? String.valueOf(name.tag()) : document.digest().toString();
        boolean linked = put(connection, name, reference, document.mediaType(), text);
        ImageDocument read = reader.document(document);
        ContentDescriptor subject = read.subject();
        if (subject != null && !linked) {
            linkByTag(connection, name, document, read, subject);
        }
    }

    /** Whether the registry says that it keeps track of the manifest's subject. */
    private static boolean put(
            RegistryConnection connection,
            ImageName name,
            String reference,
            String mediaType,
            byte[] text)
            throws InterruptedException {
        String path = name.path() + "/manifests/" + reference;
        var plain = connection.call("PUT", path, BlobUpload.scope(name));
        plain.headers().add("Content-Type", mediaType);
        var call =
                new RegistryConnection.Call(
                        "PUT", plain.uri(), plain.headers(), RequestBody.of(text), plain.scope());
        try (HttpResponse answer = connection.send(call)) {
            if (!answer.isSuccess()) {
                throw connection.failure(
                        answer, name.familiarRepository(), "push of manifest " + reference);
            }
            String got = answer.headers().get("Docker-Content-Digest");
            if (got != null
                    && !got.strip().equals(Digest.sha256(text).toString())
                    && got.startsWith("sha256:")) {
                throw new Failure.Invalid(
                        "registry \"%s\": manifest %s: took it for %s"
                                .formatted(connection.endpoint().host(), reference, got.strip()));
            }
            return answer.headers().get("OCI-Subject") != null;
        }
    }

    /** Adds the manifest to the index under the tag that stands for its subject's referrers. */
    private static void linkByTag(
            RegistryConnection connection,
            ImageName name,
            ContentDescriptor document,
            ImageDocument read,
            ContentDescriptor subject)
            throws InterruptedException {
        ImageIndex before =
                new Repository(connection, name)
                        .byTag(subject.digest(), "referrers of " + subject.digest());
        var manifests = new ArrayList<ContentDescriptor>();
        if (before != null) {
            for (ContentDescriptor one : before.manifests()) {
                if (one.digest().equals(document.digest())) {
                    return;
                }
                manifests.add(one);
            }
        }
        String type = read.artifactType();
        if (type == null && read instanceof ImageManifest manifest) {
            type = manifest.config().mediaType();
        }
        manifests.add(
                new ContentDescriptor(
                        document.mediaType(),
                        document.digest(),
                        document.size(),
                        List.of(),
                        read.annotations(),
                        null,
                        type));
        byte[] text = new ImageIndex(MediaTypes.OCI_INDEX, null, manifests, null, Map.of()).json();
        put(
                connection,
                name,
                Repository.referrersTag(subject.digest()),
                MediaTypes.OCI_INDEX,
                text);
    }
}
