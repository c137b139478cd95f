package dev.rung.image.registry;

import dev.rung.domain.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry that takes what is pushed, by the letter of the distribution specification. */
final class TakingRegistry {
    /** By repository/digest. */
    final Map<String, byte[]> blobs = new ConcurrentHashMap<>();

    /** By repository/reference. */
    final Map<String, byte[]> manifests = new ConcurrentHashMap<>();

    private final AtomicInteger ids = new AtomicInteger();
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();

    void answer(TestServer.Request request, TestServer.Answer answer) throws IOException {
        String path = request.path();
        int blob = path.indexOf("/blobs/sha256:");
        int upload = path.indexOf("/blobs/uploads/");
        int manifest = path.indexOf("/manifests/");
        if (upload > 0) {
            upload(path.substring(4, upload), path.substring(upload + 15), request, answer);
        } else if (blob > 0) {
            byte[] bytes = blobs.get(path.substring(4, blob) + "/" + path.substring(blob + 7));
            answer.head(bytes == null ? 404 : 200, 0);
        } else if (manifest > 0) {
            String key = path.substring(4, manifest) + "/" + path.substring(manifest + 11);
            if (request.method().equals("PUT")) {
                manifests.put(key, request.body());
                answer.send(
                        201,
                        new byte[0],
                        "Docker-Content-Digest",
                        Digest.sha256(request.body()).toString());
            } else {
                byte[] bytes = manifests.get(key);
                answer.send(bytes == null ? 404 : 200, bytes == null ? new byte[0] : bytes);
            }
        } else {
            answer.send(path.equals("/v2/") ? 200 : 404, new byte[0]);
        }
    }

    private void upload(
            String repository, String id, TestServer.Request request, TestServer.Answer answer)
            throws IOException {
        String location = "/v2/" + repository + "/blobs/uploads/" + (id.isEmpty() ? newId() : id);
        ByteArrayOutputStream bytes = uploads.computeIfAbsent(location, key -> empty());
        switch (request.method()) {
            case "POST" -> {
                String target = request.target();
                int from = target.indexOf("&from=");
                if (from > 0) {
                    String digest = target.substring(target.indexOf("mount=") + 6, from);
                    byte[] other = blobs.get(target.substring(from + 6) + "/" + digest);
                    if (other != null) {
                        blobs.put(repository + "/" + digest, other);
                        answer.send(201, new byte[0]);
                        return;
                    }
                }
                answer.send(202, new byte[0], "Location", location);
            }
            case "PATCH" -> {
                String range = request.header("content-range");
                if (!range.isEmpty() && !range.startsWith(bytes.size() + "-")) {
                    answer.send(416, new byte[0]);
                    return;
                }
                bytes.writeBytes(request.body());
                answer.send(202, new byte[0], "Location", location + "?state=2");
            }
            case "GET" ->
                    answer.raw(
                            "HTTP/1.1 204 x\r\nLocation: "
                                    + location
                                    + "\r\nRange: 0-"
                                    + Math.max(0, bytes.size() - 1)
                                    + "\r\n\r\n");
            default -> {
                String target = request.target();
                String digest = target.substring(target.indexOf("digest=") + 7).replace("%3A", ":");
                boolean right = Digest.sha256(bytes.toByteArray()).toString().equals(digest);
                if (right) {
                    blobs.put(repository + "/" + digest, bytes.toByteArray());
                }
                answer.send(right ? 201 : 400, new byte[0]);
            }
        }
    }

    /** What came of an upload before its connection broke. */
    void received(String location, byte[] bytes) {
        uploads.computeIfAbsent(location, key -> empty()).writeBytes(bytes);
    }

    private static ByteArrayOutputStream empty() {
        return new ByteArrayOutputStream();
    }

    /** Several may begin at once. */
    private String newId() {
        return "u" + ids.incrementAndGet();
    }
}
