package dev.rung.build;

import dev.rung.domain.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A digest of several texts, none of which can be taken for a part of another. */
final class StepKey {
    private final MessageDigest hash = Digest.Algorithm.SHA256.hash();

    StepKey add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    StepKey add(byte[] bytes) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(0, bytes.length));
        hash.update(bytes);
        return this;
    }

    StepKey add(long number) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
        return this;
    }

    Digest done() {
        return Digest.of(Digest.Algorithm.SHA256, hash);
    }
}
