package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.Containers;
import dev.rung.engine.CopyFiles;
import dev.rung.engine.PathStatus;
import dev.rung.linux.FileStatus;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import dev.rung.rpc.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Files out of containers and into them, as tar archives. */
final class ArchiveRoutes {
    private static final String STATUS = "X-Docker-Container-Path-Stat";
    private static final String TAR = "application/x-tar";
    private static final int GZIP_FIRST = 0x1f;

    private final Containers containers;
    private final CopyFiles files;

    ArchiveRoutes(DockerServices services) {
        containers = services.containers();
        files = services.engine().files();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("HEAD", "/containers/{}/archive", this::status));
        routes.add(Route.of("GET", "/containers/{}/archive", this::out));
        routes.add(Route.of("PUT", "/containers/{}/archive", this::in));
    }

    private static String path(Call call) {
        String path = call.text("path");
        if (path.isEmpty()) {
            throw new Failure.Invalid("bad parameter: pathcannot be empty");
        } else if (path.indexOf('\0') >= 0) {
            throw new Failure.Invalid("invalid path \"" + Printable.of(path) + "\"");
        }
        return path;
    }

    private void status(Call call) throws IOException {
        HttpHeaders headers = call.headers().add(STATUS, encoded(found(call)));
        call.exchange().answer(200, headers, new byte[0]);
    }

    private PathStatus found(Call call) {
        String path = path(call);
        String id = containers.get(call.name()).record().id().value();
        try {
            return files.status(id, path);
        } catch (Failure.NotFound e) {
            throw absent(call, path);
        }
    }

    private static Failure.NotFound absent(Call call, String path) {
        return new Failure.NotFound(
                "Could not find the file "
                        + dev.rung.domain.Printable.of(path)
                        + " in container "
                        + call.name());
    }

    private void out(Call call) throws IOException {
        PathStatus status = found(call);
        HttpHeaders headers = call.headers(TAR).add(STATUS, encoded(status));
        try (BodyOutput out = call.exchange().stream(200, headers)) {
            files.archive(call.name(), path(call), false, out);
        }
    }

    private void in(Call call) throws IOException {
        String path = path(call);
        containers.get(call.name());
        try (InputStream body = plain(call.exchange().body())) {
            files.extract(call.name(), path, body);
        } catch (Failure.NotFound _) {
            throw absent(call, path);
        } catch (Failure.Invalid e) {
            boolean folder = String.valueOf(e.getMessage()).startsWith("destination ");
            throw folder ? new Failure.Invalid("extraction point is not a directory") : e;
        }
        call.empty(200);
    }

    /** Archives may come compressed. */
    static InputStream plain(InputStream body) throws IOException {
        var buffered = new java.io.BufferedInputStream(body, 64 * 1024);
        buffered.mark(2);
        boolean gzip = buffered.read() == GZIP_FIRST && buffered.read() == 0x8b;
        buffered.reset();
        return gzip ? new GZIPInputStream(buffered, 64 * 1024) : buffered;
    }

    private static String encoded(PathStatus status) {
        FileStatus file = status.file();
        var json = JsonWriter.compact();
        json.beginObject().field("name", status.name()).field("size", file.size());
        json.field("mode", GoMode.of(file));
        var modified = Instant.ofEpochSecond(file.modifiedSeconds(), file.modifiedNanos());
        json.field("mtime", modified.toString()).field("linkTarget", status.link()).endObject();
        return Base64.getEncoder().encodeToString(json.bytes());
    }
}
