package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.image.ContentStore;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.RequestBody;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one piece of content to a repository (distribution-spec "Pushing blobs"): not at all when
 * it is there, by a mount from another repository of the registry when that has it, else in one
 * stream that goes on where it broke.
 */
final class BlobUpload {
    private static final int CHUNK = 64 * 1024;
    private static final long TELL_EVERY_NS = 50_000_000;

    private final RegistryConnection connection;
    private final ImageName name;
    private final ContentStore content;
    private final ContentDescriptor descriptor;
    private final Consumer<Progress> progress;
    private final String push;
    private long toldAt;

    BlobUpload(
            RegistryConnection connection,
            ImageName name,
            ContentStore content,
            ContentDescriptor descriptor,
            Consumer<Progress> progress) {
        this.connection = connection;
        this.name = name;
        this.content = content;
        this.descriptor = descriptor;
        this.progress = progress;
        push = scope(name);
    }

    static String scope(ImageName name) {
        return "repository:" + name.path() + ":pull,push";
    }

    /** The path of another repository of the registry that may have it; null: none is known. */
    void run(@Nullable String otherRepository) throws InterruptedException {
        Digest digest = descriptor.digest();
        if (isThere()) {
            progress.accept(new Progress.Exists(digest));
            return;
        }
        URI location = null;
        if (otherRepository != null) {
            location = mount(otherRepository);
            if (location == null && isThere()) {
                progress.accept(new Progress.Mounted(digest, otherRepository));
                return;
            }
        }
        upload(location);
        progress.accept(new Progress.Complete(digest));
    }

    private boolean isThere() throws InterruptedException {
        var call = connection.call("HEAD", name.path() + "/blobs/" + descriptor.digest(), push);
        try (HttpResponse answer = connection.send(call)) {
            if (answer.isSuccess() || answer.status() == 404) {
                return answer.isSuccess();
            }
            throw failure(answer);
        }
    }

    private Failure failure(HttpResponse answer) {
        return connection.failure(
                answer, name.familiarRepository(), "push of content " + descriptor.digest());
    }

    /**
     * Asks for a mount, with a token for both repositories where the registry gives one. Null when
     * it was mounted or may not be; else where to upload, which a registry answers that will not.
     */
    private @Nullable URI mount(String from) throws InterruptedException {
        String scopes = push + " repository:" + from + ":pull";
        var call =
                connection.call(
                        "POST",
                        name.path()
                                + "/blobs/uploads/?mount="
                                + descriptor.digest()
                                + "&from="
                                + from,
                        scopes);
        try (HttpResponse answer = connection.send(call)) {
            return answer.status() == 202 ? location(answer) : null;
        } catch (IOException | Failure e) {
            return null; // then it is uploaded
        }
    }

    private static URI location(HttpResponse answer) throws IOException {
        String location = answer.headers().get("Location");
        if (location == null) {
            throw new IOException("does not say where to upload to");
        }
        return RegistryConnection.resolve(answer.uri(), location);
    }

    private void upload(@Nullable URI begun) throws InterruptedException {
        Backoff backoff = connection.backoff();
        URI location = begun;
        long offset = 0;
        boolean resumes = false;
        for (int attempt = 1; ; attempt++) {
            String trouble;
            try {
                if (location == null) {
                    location = begin();
                    offset = 0;
                }
                location = send(location, offset, resumes);
                finish(location);
                return;
            } catch (IOException e) {
                RegistryConnection.checkInterrupted();
                if (attempt == backoff.attempts()) {
                    throw RegistryAnswer.unreachable(connection.endpoint().host(), e);
                }
                trouble = RegistryAnswer.reason(e);
            }
            Duration pause = backoff.pause(attempt);
            progress.accept(new Progress.Retrying(descriptor.digest(), trouble, pause));
            Thread.sleep(pause);
            Resumed resumed = location == null ? null : ask(location);
            resumes = resumed != null;
            if (resumed == null) {
                location = null;
            } else {
                location = resumed.location();
                attempt = resumed.offset() > offset ? 0 : attempt;
                offset = resumed.offset();
            }
        }
    }

    private URI begin() throws IOException, InterruptedException {
        var call = connection.call("POST", name.path() + "/blobs/uploads/", push);
        try (HttpResponse answer = connection.send(call)) {
            if (answer.status() != 202) {
                throw failure(answer);
            }
            return location(answer);
        }
    }

    /**
     * Sends all from the offset on. Of what was sent before, some may reach the registry only after
     * it told how far it is: so it is told each time then where this belongs, and refuses (416).
     */
    private URI send(URI location, long offset, boolean resumes) throws IOException {
        if (offset == descriptor.size()) {
            return location;
        }
        var headers = new Headers().add("Content-Type", "application/octet-stream");
        if (resumes) {
            headers.add("Content-Range", offset + "-" + (descriptor.size() - 1));
        }
        var call = new RegistryConnection.Call("PATCH", location, headers, new Rest(offset), push);
        try (HttpResponse answer = connection.once(call)) {
            if (RegistryAnswer.isTemporary(answer.status()) || answer.status() == 416) {
                throw new IOException("answered " + answer.status());
            }
            if (!answer.isSuccess()) {
                throw failure(answer);
            }
            return location(answer);
        }
    }

    private void finish(URI location) throws IOException {
        String text = location.toString();
        URI whole =
                URI.create(
                        text
                                + (location.getRawQuery() == null ? "?" : "&")
                                + "digest="
                                + descriptor.digest().algorithm()
                                + "%3A"
                                + descriptor.digest().hex());
        var call = new RegistryConnection.Call("PUT", whole, new Headers(), null, push);
        try (HttpResponse answer = connection.once(call)) {
            if (RegistryAnswer.isTemporary(answer.status())) {
                throw new IOException("answered " + answer.status());
            }
            if (!answer.isSuccess()) {
                throw failure(answer);
            }
        }
    }

    private record Resumed(URI location, long offset) {}

    /** How far the registry is: Range: 0-LAST. Null when it knows nothing of the upload. */
    private @Nullable Resumed ask(URI location) throws InterruptedException {
        var call = new RegistryConnection.Call("GET", location, new Headers(), null, push);
        try (HttpResponse answer = connection.once(call)) {
            String range = answer.headers().get("Range");
            if (answer.status() != 204 || range == null || !range.contains("0-")) {
                return null;
            }
            long last = Long.parseLong(range.substring(range.indexOf('-') + 1).strip());
            long offset = last == 0 ? 0 : last + 1; // one byte or none look alike
            return offset > descriptor.size() ? null : new Resumed(location(answer), offset);
        } catch (IOException | NumberFormatException e) {
            RegistryConnection.checkInterrupted();
            return null;
        }
    }

    /** The content from an offset on, read anew each time it is sent. */
    private final class Rest implements RequestBody {
        private final long offset;

        Rest(long offset) {
            this.offset = offset;
        }

        @Override
        public long length() {
            return descriptor.size() - offset;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            var chunk = ByteBuffer.allocate(CHUNK);
            long at = offset;
            try (FileChannel file = content.open(descriptor.digest())) {
                while (at < descriptor.size()) {
                    int count = file.read(chunk.clear(), at);
                    if (count < 0) {
                        throw new IOException("the content is shorter than its descriptor says");
                    }
                    out.write(chunk.array(), 0, count);
                    at += count;
                    tell(at);
                }
            }
        }
    }

    private void tell(long at) {
        long now = System.nanoTime();
        if (at == descriptor.size() || now - toldAt >= TELL_EVERY_NS) {
            toldAt = now;
            progress.accept(new Progress.Moved(descriptor.digest(), at, descriptor.size()));
        }
    }
}
