package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpRequest;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.Trust;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/**
 * One piece of content at all the places where it may be had: the hosts of its registry, then the
 * addresses in its descriptor, to which no credentials ever go (CVE-2020-15157). A host that has it
 * not, or is not there, is asked no more.
 */
final class PulledContent implements BlobDownload.Source {
    private static final int MOST_REDIRECTS = 5;

    private final RegistrySession session;
    private final List<Repository> repositories;
    private final ContentDescriptor descriptor;
    private int place;

    PulledContent(
            RegistrySession session, List<Repository> repositories, ContentDescriptor descriptor) {
        this.session = session;
        this.repositories = repositories;
        this.descriptor = descriptor;
    }

    @Override
    public HttpResponse open(long offset) throws IOException {
        while (true) {
            try {
                HttpResponse answer = openHere(offset);
                if (!isLast() && isNoUse(answer.status())) {
                    answer.close();
                    place++;
                } else {
                    return answer;
                }
            } catch (IOException e) {
                if (isLast() || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                place++;
            }
        }
    }

    /**
     * All of it at once. Invalid where the registry has it not or gives something else, or more
     * than so many bytes.
     */
    byte[] read(int most) {
        Digest want = descriptor.digest();
        try (HttpResponse answer = open(0)) {
            byte[] text = answer.readAll(most);
            if (!answer.isSuccess() || !Repository.digestOf(want.algorithm(), text).equals(want)) {
                throw new Failure.Invalid(
                        "blob " + want + ": the registry has it not, or gives something else");
            }
            return text;
        } catch (IOException e) {
            throw new Failure.Unavailable("blob " + want + ": " + e.getMessage(), e);
        }
    }

    private static boolean isNoUse(int status) {
        return status == 401 || status == 403 || status == 404 || status >= 500;
    }

    private boolean isLast() {
        return place == repositories.size() + descriptor.urls().size() - 1;
    }

    private HttpResponse openHere(long offset) throws IOException {
        Digest digest = descriptor.digest();
        if (place < repositories.size()) {
            return repositories.get(place).blob(digest, offset);
        }
        return openForeign(descriptor.urls().get(place - repositories.size()), offset);
    }

    private HttpResponse openForeign(String address, long offset) throws IOException {
        URI uri = RegistryConnection.resolve(URI.create("http://localhost/"), address);
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            var headers = new Headers().add("User-Agent", RegistryConnection.USER_AGENT);
            if (offset > 0) {
                headers.add("Range", "bytes=" + offset + "-");
            }
            HttpResponse answer =
                    session.connections()
                            .send(new HttpRequest("GET", uri, headers, null), Trust.HOST);
            String location = answer.headers().get("Location");
            if (answer.status() / 100 != 3 || location == null) {
                return answer;
            }
            answer.close();
            uri = RegistryConnection.resolve(uri, location);
        }
        throw new IOException("more than " + MOST_REDIRECTS + " redirects");
    }

    @Override
    public Failure failure(HttpResponse answer) {
        return RegistryAnswer.failure(answer, host(), host(), "content " + descriptor.digest());
    }

    @Override
    public boolean isTemporary(IOException e) {
        return place < repositories.size()
                ? repositories.get(place).connection().isTemporary(e)
                : RegistryAnswer.isTemporary(e);
    }

    @Override
    public String host() {
        return place < repositories.size()
                ? repositories.get(place).connection().endpoint().host()
                : descriptor.urls().get(place - repositories.size());
    }
}
