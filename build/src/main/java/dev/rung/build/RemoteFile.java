package dev.rung.build;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpConnections;
import dev.rung.image.http.HttpRequest;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.Trust;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Files that are fetched from an address, for ADD and for contexts. */
final class RemoteFile {
    private static final int MOST_REDIRECTS = 10;
    private static final int CHUNK = 64 * 1024;
    private static final Pattern FILE_NAME = Pattern.compile("(?i)filename=\"?([^\";]+)\"?");

    private RemoteFile() {}

    /** Its name, empty where nothing says one, and its type as the server says it. */
    record Fetched(String name, Path file, String type) {}

    /**
     * Puts what is at an address into a folder of the build's own.
     *
     * @param checksum as sha256:HEX, empty: anything goes
     */
    static Fetched fetch(String address, Path folder, String checksum, BuildListener listener)
            throws IOException {
        try (var connections = new HttpConnections(System.getenv())) {
            URI at = uri(address);
            for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
                var request = new HttpRequest("GET", at, new Headers().add("Accept", "*/*"), null);
                try (HttpResponse answer = connections.send(request, Trust.HOST)) {
                    String next = answer.headers().get("Location");
                    if (answer.status() / 100 == 3 && next != null) {
                        at = at.resolve(uri(next));
                        checkScheme(at);
                    } else if (answer.isSuccess()) {
                        return save(at, answer, folder, checksum, listener);
                    } else {
                        throw new Failure.Invalid(
                                "failed to GET %s with status %d"
                                        .formatted(Printable.of(address), answer.status()));
                    }
                }
            }
            throw new Failure.Invalid(
                    "failed to GET " + Printable.of(address) + ": too many redirects");
        } catch (IOException e) {
            throw new Failure.Unavailable(
                    "Get \"" + Printable.of(address) + "\": " + e.getMessage(), e);
        }
    }

    private static URI uri(String text) {
        try {
            var uri = new URI(text);
            return uri.getRawPath() != null && uri.getRawPath().isEmpty() ? uri.resolve("/") : uri;
        } catch (URISyntaxException e) {
            throw new Failure.Invalid("invalid address \"" + Printable.of(text) + "\"");
        }
    }

    private static void checkScheme(URI at) {
        String scheme = String.valueOf(at.getScheme());
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new Failure.Invalid(
                    "redirected to \"" + Printable.of(at.toString()) + "\": want http or https");
        }
    }

    private static Fetched save(
            URI at, HttpResponse answer, Path folder, String checksum, BuildListener listener)
            throws IOException {
        String name = name(at, answer.headers().get("Content-Disposition"));
        Path file = folder.resolve(name.isEmpty() ? "unnamed" : name);
        MessageDigest hash = Digest.Algorithm.SHA256.hash();
        try (OutputStream out =
                new DigestOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), hash)) {
            var chunk = new byte[CHUNK];
            for (int count = answer.body().read(chunk);
                    count >= 0;
                    count = answer.body().read(chunk)) {
                out.write(chunk, 0, count);
            }
        }
        listener.text("\n"); // where Docker's progress ends
        Digest got = Digest.of(Digest.Algorithm.SHA256, hash);
        if (!checksum.isEmpty() && !Digest.parse(checksum).equals(got)) {
            throw new Failure.Invalid(
                    "digest mismatch for "
                            + Printable.of(at.toString())
                            + ": "
                            + got
                            + " (expected: "
                            + Printable.of(checksum)
                            + ")");
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setLastModifiedTime(
                file, FileTime.from(modified(answer.headers().get("Last-Modified"))));
        String type = answer.headers().get("Content-Type");
        return new Fetched(name, file, type == null ? "" : type);
    }

    private static Instant modified(@Nullable String text) {
        try {
            return text == null
                    ? Instant.EPOCH
                    : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    /** The last one of its path, else what the server calls it; never a path. */
    private static String name(URI at, @Nullable String disposition) {
        String path = at.getPath() == null ? "" : at.getPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (last.isEmpty() && disposition != null) {
            Matcher found = FILE_NAME.matcher(disposition);
            last = found.find() ? found.group(1) : "";
            last = last.substring(last.lastIndexOf('/') + 1);
        }
        return last.equals(".") || last.equals("..") || last.indexOf(0) >= 0 ? "" : last;
    }
}
