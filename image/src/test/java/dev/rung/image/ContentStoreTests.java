package dev.rung.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoreTests {
    private static final byte[] CONTENT = "some content".getBytes(UTF_8);
    private static final ContentDescriptor DESCRIPTOR =
            ContentDescriptor.of("t", Digest.sha256(CONTENT), CONTENT.length);

    @TempDir private Path folder = Path.of("");
    private ContentStore store = ContentStore.open(Path.of(System.getProperty("java.io.tmpdir")));

    @BeforeEach
    void open() {
        store = ContentStore.open(folder.resolve("content"));
    }

    private Ingest begin() throws InterruptedException {
        Ingest ingest = store.begin(DESCRIPTOR);
        assertThat(ingest).isNotNull();
        return Objects.requireNonNull(ingest);
    }

    @Test
    void shouldKeepContentOnlyOnceItIsWhole() throws Exception {
        try (Ingest ingest = begin()) {
            ingest.write(CONTENT, 0, 5);
            assertThatThrownBy(ingest::commit)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageEndingWith("want 12 bytes, got 5");
            assertThat(store.contains(DESCRIPTOR.digest())).isFalse();
            ingest.write(CONTENT, 5, 7);
            ingest.commit();
        }
        assertThat(store.read(DESCRIPTOR.digest(), 100)).isEqualTo(CONTENT);
        assertThat(store.size(DESCRIPTOR.digest())).isEqualTo(12);
        assertThat(store.begin(DESCRIPTOR)).isNull();
        assertThat(store.list()).containsExactly(DESCRIPTOR.digest());
        assertThat(folder.resolve("content/ingest")).isEmptyDirectory();
        assertThat(store.delete(DESCRIPTOR.digest())).isTrue();
        assertThatThrownBy(() -> store.open(DESCRIPTOR.digest()))
                .isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void shouldGoOnWhereItWasLeft() throws Exception {
        try (Ingest ingest = begin()) {
            ingest.write(CONTENT, 0, 5);
        }
        store = ContentStore.open(folder.resolve("content")); // as after a kill
        try (Ingest ingest = begin()) {
            assertThat(ingest.offset()).isEqualTo(5);
            ingest.write(CONTENT, 5, 7);
            ingest.commit();
        }
        assertThat(store.read(DESCRIPTOR.digest(), 100)).isEqualTo(CONTENT);
    }

    @Test
    void shouldRefuseLiesAboutSizeAndDigest() throws Exception {
        try (Ingest ingest = begin()) {
            assertThatThrownBy(() -> ingest.write(new byte[13], 0, 13))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("more than the 12 bytes");
            ingest.write(new byte[12], 0, 12);
            assertThatThrownBy(ingest::commit)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("wrong digest, got sha256:");
            assertThat(ingest.offset()).isZero();
        }
        assertThat(store.contains(DESCRIPTOR.digest())).isFalse();
        assertThat(folder.resolve("content/ingest")).isEmptyDirectory();
    }

    @Test
    void shouldLetOneThreadAfterAnotherTakeTheSameIn() throws Exception {
        Ingest first = begin();
        CompletableFuture<Boolean> second =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return store.begin(DESCRIPTOR) == null;
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        first.write(CONTENT, 0, 12);
        assertThat(second).isNotDone();
        first.commit();
        first.close();
        assertThat(second.get(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldLetOthersReadWhatIsStillComing() throws Exception {
        try (Ingest ingest = begin()) {
            ContentReader reader = ingest.follow();
            CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> readAll(reader));
            ingest.write(CONTENT, 0, 5);
            ingest.write(CONTENT, 5, 7);
            Thread.sleep(5);
            assertThat(read).isNotDone();
            ingest.commit();
            assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
        }
        assertThat(readAll(ContentReader.ofWhole(store.open(DESCRIPTOR.digest()))))
                .isEqualTo(CONTENT);
    }

    @Test
    void shouldTellReadersWhenItBeginsAnewOrEnds() throws Exception {
        Ingest ingest = begin();
        ContentReader reader = ingest.follow();
        ingest.write(CONTENT, 0, 5);
        ingest.restart();
        assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(9)))
                .isInstanceOf(IOException.class);
        assertThat(reader.mustRestart()).isTrue();
        ContentReader next = ingest.follow();
        ingest.close();
        assertThatThrownBy(() -> next.read(ByteBuffer.allocate(9)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended before");
        assertThat(next.mustRestart()).isFalse();
    }

    @Test
    void shouldNotTakeTheEndOfWhatWasDroppedForTheEnd() throws Exception {
        try (Ingest ingest = begin()) {
            ingest.write(CONTENT, 0, 5);
            ContentReader reader = ingest.follow();
            Path partial = folder.resolve("content/ingest/sha256-" + DESCRIPTOR.digest().hex());
            Files.write(partial, new byte[0]); // as in the middle of a beginning anew
            assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(9)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void shouldNotBelieveAPartialFileThatIsTooLong() throws Exception {
        Path partial = folder.resolve("content/ingest/sha256-" + DESCRIPTOR.digest().hex());
        Files.write(partial, new byte[100]);
        try (Ingest ingest = begin()) {
            assertThat(ingest.offset()).isZero();
        }
    }

    private static byte[] readAll(ContentReader reader) {
        try (reader) {
            var all = ByteBuffer.allocate(1000);
            while (reader.read(all) >= 0) {
                // goes on
            }
            var bytes = new byte[all.position()];
            all.get(0, bytes);
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
