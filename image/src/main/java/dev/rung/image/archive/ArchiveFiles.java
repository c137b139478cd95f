package dev.rung.image.archive;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.layer.UnpackLimits;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came out of an archive: small documents, and what lies in the store by now. An archive is
 * whatever a stranger packed, so all that is counted or kept for it has a limit.
 */
final class ArchiveFiles {
    private static final int MOST_LINKS = 8;
    private static final int MOST_FILES = 100_000;
    private static final long MOST_BYTES = UnpackLimits.USUAL.bytes();
    private static final int MOST_HELD = 32 << 20; // bytes of documents and names, in memory
    private static final int HEADER = 512;

    private final Map<String, byte[]> documents = new HashMap<>();
    private final Map<String, Stored> stored = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private long bytes;
    private long held;

    /** Something in the store, with its size in bytes. */
    record Stored(Digest digest, long size) {}

    /** Something of so many bytes is to come next, whatever is made of it. */
    void coming(long size) {
        if (size > MOST_BYTES - bytes) {
            throw new Failure.Invalid("invalid image archive: more than " + MOST_BYTES + " bytes");
        }
        bytes += size + HEADER;
    }

    /** To be asked before so much text is read. */
    void checkDocument(String name, long size) {
        hold(name.length() + size);
    }

    void document(String name, byte[] text) {
        check();
        documents.put(name, text);
    }

    void stored(String name, Digest digest, long size) {
        check();
        hold(name.length());
        stored.put(name, new Stored(digest, size));
    }

    /** Old archives keep a layer once and link to it: ../ID/layer.tar beside the link. */
    void link(String name, String target, boolean symbolic) {
        check();
        hold(name.length() + target.length());
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

    private void hold(long size) {
        held += size;
        if (held > MOST_HELD) {
            throw new Failure.Invalid(
                    "invalid image archive: more than "
                            + MOST_HELD
                            + " bytes of documents and names");
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
