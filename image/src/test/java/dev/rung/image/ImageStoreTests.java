package dev.rung.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTests {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final ImageName ALPINE = ImageName.parse("alpine");
    private static final ImageName OTHER = ImageName.parse("localhost:5000/other:1");

    @TempDir private Path folder = Path.of("");
    private final TestImages made = new TestImages();

    private ContentStore content() throws InterruptedException {
        ContentStore store = ContentStore.open(folder.resolve("content"));
        made.fill(store);
        return store;
    }

    private ImageStore images(ContentStore content) {
        return ImageStore.open(folder.resolve("images"), content);
    }

    @Test
    void shouldRememberNames() throws Exception {
        ContentDescriptor one = made.image("linux/amd64", 1, 10);
        ContentDescriptor two = made.image("linux/amd64", 2, 10);
        ContentStore content = content();
        ImageStore images = images(content);
        assertThat(images.put(ALPINE, one)).isNull();
        images.tag(OTHER, one.digest());
        assertThat(images.put(ALPINE, two)).isEqualTo(one);
        assertThat(images(content).list())
                .containsExactly(new StoredImage(latest(), two), new StoredImage(OTHER, one));
        assertThat(images.untag(OTHER)).isEqualTo(one);
        assertThat(images(content).list()).containsExactly(new StoredImage(latest(), two));
        assertThatThrownBy(() -> images.untag(OTHER))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("No such image: localhost:5000/other:1");
        assertThatThrownBy(() -> images.tag(OTHER, one.digest()))
                .isInstanceOf(Failure.NotFound.class);
    }

    private static ImageName latest() {
        return ALPINE.withDefaultTag();
    }

    @Test
    void shouldKeepAnImageThatLostItsLastName() throws Exception {
        ContentDescriptor one = made.image("linux/amd64", 1, 10);
        ContentDescriptor two = made.image("linux/amd64", 2, 10);
        ContentStore content = content();
        ImageStore images = images(content);
        images.put(ALPINE, one);
        images.put(ALPINE, two);
        assertThat(images(content).list()).contains(new StoredImage(null, one));
        images.put(OTHER, one);
        assertThat(images.list()).doesNotContain(new StoredImage(null, one));
        images.remove(one.digest());
        assertThat(images.list()).containsExactly(new StoredImage(latest(), two));
    }

    @Test
    void shouldFindImagesAsPeopleNameThem() throws Exception {
        ContentDescriptor amd64 = made.image("linux/amd64", 1, 10);
        ContentDescriptor index =
                made.index(
                        TestImages.onPlatform(amd64, "linux/amd64"),
                        TestImages.onPlatform(made.image("linux/s390x", 2, 10), "linux/s390x"));
        ImageStore images = images(content());
        images.put(ALPINE, index);
        Image image = images.resolve("alpine", AMD64);
        assertThat(image.descriptor().digest()).isEqualTo(amd64.digest());
        assertThat(image.layers()).hasSize(1);
        for (Digest id : List.of(image.id(), amd64.digest(), index.digest())) {
            assertThat(images.resolve(id.toString(), AMD64).id()).isEqualTo(image.id());
            assertThat(images.resolve(id.shortHex(), AMD64).id()).isEqualTo(image.id());
        }
        assertThat(images.resolve("alpine@" + index.digest(), AMD64).id()).isEqualTo(image.id());
        assertThat(images.resolve("alpine", Platform.parse("linux/s390x")).id())
                .isNotEqualTo(image.id());
        assertThatThrownBy(() -> images.resolve("alpine:3", AMD64))
                .hasMessage("No such image: alpine:3");
        assertThatThrownBy(() -> images.resolve("alpine", Platform.parse("linux/arm64")))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("not here for platform linux/arm64");
    }

    @Test
    void shouldRefuseToRunArtifacts() throws Exception {
        ContentDescriptor artifact =
                made.add(
                        MediaTypes.OCI_MANIFEST,
                        new ImageManifest(
                                        MediaTypes.OCI_MANIFEST,
                                        "application/x",
                                        made.add(MediaTypes.EMPTY, "{}".getBytes(UTF_8)),
                                        List.of(),
                                        null,
                                        Map.of())
                                .json());
        ImageStore images = images(content());
        images.put(ALPINE, artifact);
        assertThatThrownBy(() -> images.resolve("alpine", AMD64))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageContaining("an artifact of type \"application/x\"");
        assertThat(images.lookUp(artifact.digest().shortHex(), AMD64).target()).isEqualTo(artifact);
    }

    @Test
    void shouldCollectWhatNothingNeeds() throws Exception {
        ContentDescriptor one = made.image("linux/amd64", 1, 10, 11);
        ContentDescriptor two = made.image("linux/amd64", 2, 10);
        ContentDescriptor leased = made.image("linux/amd64", 3, 10);
        ContentStore content = content();
        ImageStore images = images(content);
        images.put(ALPINE, one);
        images.put(OTHER, two);
        var collection = new GarbageCollection(content, images);
        images.untag(ALPINE);
        assertThat(
                        collection
                                .release(one, () -> new ImageReader(content).reachable(one))
                                .contents())
                .isEmpty();
        assertThat(collection.release(one, Set::of).contents()).hasSize(4);
        assertThat(content.contains(two.digest())).isTrue();
        Instant later = Instant.now().plus(Duration.ofHours(1));
        try (Lease lease = content.lease()) {
            new ImageReader(content).reachable(leased).forEach(lease::retain);
            assertThat(collection.sweep(later, Set::of).contents()).isEmpty();
        }
        assertThat(collection.sweep(Instant.EPOCH, Set::of).contents()).isEmpty();
        assertThat(collection.sweep(later, Set::of).contents()).hasSize(3);
        assertThat(images.resolve(OTHER.toString(), AMD64).layers()).hasSize(1);
    }

    @Test
    void shouldCollectPastStrayFilesAndDamagedDocuments() throws Exception {
        ContentDescriptor damaged = made.add(MediaTypes.OCI_MANIFEST, "{".getBytes(UTF_8));
        ContentStore content = content();
        ImageStore images = images(content);
        images.put(ALPINE, damaged);
        Files.createFile(folder.resolve("content/blobs/sha256/stray"));
        Files.createFile(folder.resolve("content/ingest/stray"));
        Instant later = Instant.now().plus(Duration.ofHours(1));
        assertThat(new GarbageCollection(content, images).sweep(later, Set::of).contents())
                .isEmpty();
        assertThat(content.contains(damaged.digest())).isTrue();
    }

    @Test
    void shouldSayWhenItsFileIsDamagedOrTooNew() throws Exception {
        ContentStore content = content();
        Path file = folder.resolve("images/images.json");
        images(content);
        Files.writeString(file, "{\"version\":1,\"images\":[{}]}");
        assertThatThrownBy(() -> images(content)).isInstanceOf(Failure.Corrupt.class);
        Files.writeString(file, "{\"version\":2}");
        assertThatThrownBy(() -> images(content))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageContaining("written by a newer rung");
    }
}
