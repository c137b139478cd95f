package dev.rung.image.archive;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came out of an archive: small documents, and what lies in the store by now. */
final class ArchiveFiles {
    private static final int MOST_LINKS = 8;
    private static final int MOST_FILES = 100_000;

    private final Map<String, byte[]> documents = new HashMap<>();
    private final Map<String, Stored> stored = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    /** Something in the store, with its size in bytes. */
    record Stored(Digest digest, long size) {}

    void document(String name, byte[] text) {
        check();
        documents.put(name, text);
    }

    void stored(String name, Digest digest, long size) {
        check();
        stored.put(name, new Stored(digest, size));
    }

    /** Old archives keep a layer once and link to it: ../ID/layer.tar beside the link. */
    void link(String name, String target, boolean symbolic) {
        check();
        int slash = name.lastIndexOf('/');
        String folder = symbolic && slash >= 0 ? name.substring(0, slash + 1) : "";
        if (symbolic && target.startsWith("../") && folder.indexOf('/') == folder.length() - 1) {
            links.put(name, target.substring(3));
        } else {
            links.put(name, folder + target);
        }
    }

    private void check() {
        if (documents.size() + stored.size() + links.size() >= MOST_FILES) {
            throw new Failure.Invalid("invalid image archive: more than " + MOST_FILES + " files");
        }
    }

    byte @Nullable [] document(String name) {
        return documents.get(resolve(name));
    }

    @Nullable Stored stored(String name) {
        return stored.get(resolve(name));
    }

    private String resolve(String name) {
        String at = name;
        for (int i = 0; i < MOST_LINKS && links.containsKey(at); i++) {
            at = links.getOrDefault(at, at);
        }
        return at;
    }
}
