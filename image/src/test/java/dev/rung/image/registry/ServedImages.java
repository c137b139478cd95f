package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Digest;
import dev.rung.image.TestImages;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A well-behaved registry of test images, for tests to spoil. */
final class ServedImages {
    final TestImages images = new TestImages();
    private final Map<String, ContentDescriptor> manifests = new HashMap<>();

    /** Lets /v2/NAME/manifests/REFERENCE be this, by digest too. */
    void serve(String name, String reference, ContentDescriptor manifest) {
        manifests.put("/v2/" + name + "/manifests/" + reference, manifest);
        manifests.put("/v2/" + name + "/manifests/" + manifest.digest(), manifest);
    }

    byte[] bytes(Digest digest) {
        return images.contents.getOrDefault(digest, new byte[0]);
    }

    /** Answers as a registry does, Range included. */
    void answer(TestServer.Request request, TestServer.Answer answer) throws IOException {
        ContentDescriptor manifest = manifests.get(request.path());
        if (manifest != null) {
            answer.send(
                    200,
                    request.method().equals("HEAD") ? new byte[0] : bytes(manifest.digest()),
                    "Content-Type",
                    manifest.mediaType(),
                    "Docker-Content-Digest",
                    manifest.digest().toString());
            return;
        }
        int blob = request.path().indexOf("/blobs/sha256:");
        byte[] bytes =
                blob < 0 ? null : images.contents.get(digest(request.path().substring(blob + 7)));
        if (bytes == null) {
            answer.send(
                    404,
                    "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
                            .getBytes(UTF_8));
            return;
        }
        String range = request.header("range");
        if (range.isEmpty()) {
            answer.send(200, bytes);
            return;
        }
        int from = Integer.parseInt(range.substring(6, range.length() - 1));
        answer.send(
                206,
                Arrays.copyOfRange(bytes, from, bytes.length),
                "Content-Range",
                "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    }

    static Digest digest(String text) {
        return Digest.parse(text);
    }
}
