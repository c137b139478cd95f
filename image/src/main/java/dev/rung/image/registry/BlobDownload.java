package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.image.Ingest;
import dev.rung.image.http.HttpResponse;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Brings one piece of content from the socket to the store, whatever happens on the way: a
 * connection that breaks or stalls is made anew, and asked for the rest only.
 */
final class BlobDownload {
    private static final int CHUNK = 64 * 1024;
    private static final int HARDLY_ANY = 64 * 1024; // less is no progress
    private static final long TELL_EVERY_NS = 50_000_000;

    private final ContentDescriptor descriptor;
    private final Ingest ingest;
    private final Consumer<Progress> progress;
    private long toldAt = System.nanoTime();

    BlobDownload(ContentDescriptor descriptor, Ingest ingest, Consumer<Progress> progress) {
        this.descriptor = descriptor;
        this.ingest = ingest;
        this.progress = progress;
    }

    /** From where content can be had. */
    interface Source {
        /** Asks for the content from an offset in bytes, once. */
        HttpResponse open(long offset) throws IOException;

        Failure failure(HttpResponse answer);

        /** Whether asking again may help, when nothing has come yet. */
        boolean isTemporary(IOException e);

        /** For messages. */
        String host();
    }

    /** Comes back with the content in the store. */
    void run(Source source, Backoff backoff) throws InterruptedException {
        boolean resumed = ingest.offset() > 0;
        while (true) {
            fetch(source, backoff);
            try {
                ingest.commit();
                return;
            } catch (Failure.Invalid e) {
                if (!resumed) {
                    throw new Failure.Invalid(
                            "registry \"" + source.host() + "\": " + e.getMessage());
                }
                resumed = false; // what lay here from before was damaged
            }
        }
    }

    private void fetch(Source source, Backoff backoff) throws InterruptedException {
        int attempt = 0;
        while (ingest.offset() < descriptor.size() || attempt == 0 && descriptor.size() == 0) {
            RegistryConnection.checkInterrupted();
            long before = ingest.offset();
            String trouble;
            Duration asked = null;
            try (HttpResponse answer = source.open(before)) {
                if (RegistryAnswer.isTemporary(answer.status())) {
                    asked = RegistryAnswer.pause(answer, Duration.ZERO);
                    if (attempt + 1 >= backoff.attempts()
                            || asked.compareTo(backoff.longest()) > 0) {
                        throw source.failure(answer);
                    }
                    trouble = "answered " + answer.status();
                } else {
                    take(answer, source);
                    trouble = "the connection ended early";
                }
            } catch (IOException e) {
                RegistryConnection.checkInterrupted();
                trouble = RegistryAnswer.reason(e);
                boolean hopeless = ingest.offset() == 0 && !source.isTemporary(e);
                if (hopeless || attempt + 1 >= backoff.attempts()) {
                    throw RegistryAnswer.unreachable(source.host(), e);
                }
            }
            if (ingest.offset() == descriptor.size()) {
                break;
            }
            attempt = ingest.offset() - before >= HARDLY_ANY ? 1 : attempt + 1;
            if (attempt >= backoff.attempts()) {
                throw new Failure.Unavailable(
                        "registry \"%s\": content %s: %s"
                                .formatted(source.host(), descriptor.digest(), trouble),
                        null);
            }
            Duration pause = backoff.pause(attempt);
            if (asked != null && asked.compareTo(pause) > 0) {
                pause = asked;
            }
            progress.accept(new Progress.Retrying(descriptor.digest(), trouble, pause));
            Thread.sleep(pause);
        }
        tell(true);
    }

    private void take(HttpResponse answer, Source source) throws IOException, InterruptedException {
        long skip = 0;
        switch (answer.status()) {
            case 206 -> checkRange(answer, source);
            case 416 -> {
                ingest.restart(); // there is no such rest: what lies here is not the start of it
                return;
            }
            default -> {
                if (!answer.isSuccess()) {
                    throw source.failure(answer);
                }
                long length = answer.headers().number("Content-Length");
                if (length >= 0 && length != descriptor.size()) {
                    throw lie(source, "an answer of " + length + " bytes");
                }
                skip = ingest.offset(); // it gives all from the start: what is here is passed over
            }
        }
        InputStream body = answer.body();
        var chunk = new byte[CHUNK];
        int count;
        while ((count = body.read(chunk, 0, CHUNK)) >= 0) {
            int passed = (int) Math.min(skip, count);
            skip -= passed;
            if (count - passed > descriptor.size() - ingest.offset()) {
                throw lie(source, "more");
            }
            if (count > passed) {
                ingest.write(chunk, passed, count - passed);
                tell(false);
            }
            Thread.sleep(0); // lets others run: a socket that is never empty would not
        }
    }

    private Failure lie(Source source, String got) {
        ingest.restart(); // nothing that it gave is worth keeping
        return new Failure.Invalid(
                "registry \"%s\": content %s: want the %d bytes that its descriptor says, got %s"
                        .formatted(source.host(), descriptor.digest(), descriptor.size(), got));
    }

    /** Content-Range: bytes FIRST-LAST/SIZE (RFC 9110, section 14.4). */
    private void checkRange(HttpResponse answer, Source source) throws IOException {
        String range = String.valueOf(answer.headers().get("Content-Range"));
        if (!range.startsWith("bytes " + ingest.offset() + "-")) {
            throw new IOException("gives another range than the one asked for");
        }
        String size = range.substring(range.indexOf('/') + 1);
        if (!size.equals("*") && !size.equals(String.valueOf(descriptor.size()))) {
            throw lie(source, "content of " + size);
        }
    }

    private void tell(boolean always) {
        long now = System.nanoTime();
        if (always || now - toldAt >= TELL_EVERY_NS) {
            toldAt = now;
            progress.accept(
                    new Progress.Moved(descriptor.digest(), ingest.offset(), descriptor.size()));
        }
    }
}
