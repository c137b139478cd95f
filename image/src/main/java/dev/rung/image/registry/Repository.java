package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.image.ImageReader;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpResponse;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.MediaTypes;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be read from one repository at one endpoint (distribution-spec "Pull", "Listing"). */
final class Repository {
    private static final int MOST_PAGES = 10_000;
    private static final int LARGEST_PAGE = 8 << 20;
    private static final List<String> ACCEPTED =
            List.of(
                    MediaTypes.OCI_INDEX,
                    MediaTypes.DOCKER_INDEX,
                    MediaTypes.OCI_MANIFEST,
                    MediaTypes.DOCKER_MANIFEST);

    private final RegistryConnection connection;
    private final ImageName name;
    private final String pull;

    /** The name's tag and digest do not matter. */
    Repository(RegistryConnection connection, ImageName name) {
        this.connection = connection;
        this.name = name;
        pull = "repository:" + name.path() + ":pull";
    }

    RegistryConnection connection() {
        return connection;
    }

    /** A manifest or an index as it came, whose digest is that of its text. */
    record Document(ContentDescriptor descriptor, byte[] text) {}

    /** By tag, or by digest, which is then compared. */
    Document manifest(ImageName wanted) throws InterruptedException {
        Digest digest = wanted.digest();
        String reference = digest == null ? String.valueOf(wanted.tag()) : digest.toString();
        String what = "manifest for " + wanted.familiar();
        try (HttpResponse answer = ask("GET", reference)) {
            if (!answer.isSuccess()) {
                throw connection.failure(answer, name.familiarRepository(), what);
            }
            byte[] text = answer.readAll(ImageReader.LARGEST_DOCUMENT);
            Digest got = digest == null ? Digest.sha256(text) : digestOf(digest.algorithm(), text);
            checkDigest(what, digest, got);
            String header = answer.headers().get("Docker-Content-Digest");
            if (header != null && digest == null && header.startsWith("sha256:")) {
                checkDigest(what, Digest.parse(header.strip()), got);
            }
            String type = mediaType(answer, what, text);
            return new Document(ContentDescriptor.of(type, got, text.length), text);
        } catch (IOException e) {
            throw RegistryAnswer.unreachable(connection.endpoint().host(), e);
        }
    }

    static Digest digestOf(Digest.Algorithm algorithm, byte[] text) {
        var hash = algorithm.hash();
        hash.update(text);
        return Digest.of(algorithm, hash);
    }

    private void checkDigest(String what, @Nullable Digest want, Digest got) {
        if (want != null && !want.equals(got)) {
            throw new Failure.Invalid(
                    "registry \"%s\": %s: want digest %s, got %s"
                            .formatted(connection.endpoint().host(), what, want, got));
        }
    }

    /** What a tag points at without fetching it, which rate limits do not count; null: unknown. */
    @Nullable Digest head(ImageName wanted) throws InterruptedException {
        try (HttpResponse answer = ask("HEAD", String.valueOf(wanted.tag()))) {
            String digest = answer.headers().get("Docker-Content-Digest");
            return answer.isSuccess() && digest != null ? Digest.parse(digest.strip()) : null;
        } catch (Failure.Invalid e) {
            return null;
        }
    }

    private HttpResponse ask(String method, String reference) throws InterruptedException {
        var call = connection.call(method, name.path() + "/manifests/" + reference, pull);
        for (String type : ACCEPTED) {
            call.headers().add("Accept", type);
        }
        return connection.send(call);
    }

    /** As the registry says it; as the document says it where the registry's word says nothing. */
    private static String mediaType(HttpResponse answer, String what, byte[] text) {
        String type = answer.headers().get("Content-Type");
        int end = type == null ? -1 : type.indexOf(';');
        type = type == null ? "" : (end < 0 ? type : type.substring(0, end)).strip();
        if (ACCEPTED.contains(type) || MediaTypes.isSchema1(type)) {
            return type;
        }
        String own = JsonFields.read(what, text).optionalText("mediaType");
        if (own == null || !ACCEPTED.contains(own)) {
            throw new Failure.Unsupported(
                    "%s: media type \"%s\": want an image's manifest or index"
                            .formatted(what, Printable.of(type)));
        }
        return own;
    }

    /** Asks for content from an offset in bytes, once; the caller judges the answer. */
    HttpResponse blob(Digest digest, long offset) throws IOException {
        var call = connection.call("GET", name.path() + "/blobs/" + digest, pull);
        if (offset > 0) {
            call.headers().add("Range", "bytes=" + offset + "-");
        }
        return connection.once(call);
    }

    /** All tags, in the registry's order. */
    List<String> tags() throws InterruptedException {
        var tags = new ArrayList<String>();
        URI next = connection.endpoint().at(name.path() + "/tags/list?n=1000");
        for (int page = 0; next != null && page < MOST_PAGES; page++) {
            var call = new RegistryConnection.Call("GET", next, new Headers(), null, pull);
            try (HttpResponse answer = connection.send(call)) {
                if (!answer.isSuccess()) {
                    throw connection.failure(
                            answer, name.familiarRepository(), "tags of " + name.familiar());
                }
                JsonFields fields = JsonFields.read("tags", answer.readAll(LARGEST_PAGE));
                List<String> more = fields.texts("tags");
                tags.addAll(more);
                next = more.isEmpty() ? null : nextPage(answer);
            } catch (IOException e) {
                throw RegistryAnswer.unreachable(connection.endpoint().host(), e);
            }
        }
        return List.copyOf(tags);
    }

    /** Link: <address>; rel="next", at the same host only. */
    private static @Nullable URI nextPage(HttpResponse answer) throws IOException {
        String link = answer.headers().get("Link");
        if (link == null || !link.contains("rel=\"next\"") && !link.contains("rel=next")) {
            return null;
        }
        int from = link.indexOf('<');
        int to = link.indexOf('>');
        if (from < 0 || to < from) {
            return null;
        }
        URI next = RegistryConnection.resolve(answer.uri(), link.substring(from + 1, to));
        boolean same =
                String.valueOf(next.getRawAuthority()).equals(answer.uri().getRawAuthority());
        return same ? next : null;
    }

    /**
     * The manifests about this one (distribution-spec "Listing Referrers"), by the API or, where a
     * registry has none, by the tag that stands for it.
     *
     * @param artifactType only those of this type; null: all
     */
    List<ContentDescriptor> referrers(Digest subject, @Nullable String artifactType)
            throws InterruptedException {
        var call = connection.call("GET", name.path() + "/referrers/" + subject, pull);
        String what = "referrers of " + subject;
        @Nullable ImageIndex index;
        try (HttpResponse answer = connection.send(call)) {
            if (answer.isSuccess()) {
                byte[] text = answer.readAll(ImageReader.LARGEST_DOCUMENT);
                index = (ImageIndex) ImageDocument.read(what, MediaTypes.OCI_INDEX, text);
            } else if (answer.status() == 404 || answer.status() == 400) {
                index = byTag(subject, what);
            } else {
                throw connection.failure(answer, name.familiarRepository(), what);
            }
        } catch (IOException e) {
            throw RegistryAnswer.unreachable(connection.endpoint().host(), e);
        }
        if (index == null) {
            return List.of();
        }
        if (artifactType == null) {
            return index.manifests();
        }
        return index.manifests().stream()
                .filter(one -> artifactType.equals(one.artifactType()))
                .toList();
    }

    /** The tag that stands for the referrers of a manifest. */
    static String referrersTag(Digest subject) {
        String tag = subject.algorithm() + "-" + subject.hex();
        return tag.substring(0, Math.min(tag.length(), 128));
    }

    /** The index under that tag; null when there is none. */
    @Nullable ImageIndex byTag(Digest subject, String what) throws InterruptedException {
        try {
            Document document = manifest(name.withTag(referrersTag(subject)));
            return ImageDocument.read(what, document.descriptor().mediaType(), document.text())
                            instanceof ImageIndex index
                    ? index
                    : null;
        } catch (Failure.NotFound e) {
            return null;
        }
    }
}
