package dev.rung.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.image.TestImages;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.image.tar.TarWriter;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.LayerPacking;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageArchiveTests {
    private static final Platform PLATFORM = Platform.parse("linux/amd64");

    @TempDir Path work = Path.of("/");
    private ContentStore content;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(bytes);
    private final TestImages made = new TestImages();

    @BeforeEach
    void openStore() {
        content = ContentStore.open(work.resolve("content"));
    }

    @Test
    void shouldLoadWhatWasSaved() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, 1000, 70_000);
        ContentDescriptor other = made.image("linux/arm64", 2, 500);
        ContentDescriptor index =
                made.index(
                        TestImages.onPlatform(image, "linux/amd64"),
                        TestImages.onPlatform(other, "linux/arm64"));
        made.fill(content);
        var named = new StoredImage(ImageName.parse("example.org/a/b:1"), index);
        var brief = new StoredImage(ImageName.parse("busybox:latest"), image);
        var bare = new StoredImage(null, other);
        var saver = new ImageSaver(content);
        saver.save(List.of(named, brief, bare), PLATFORM, bytes);
        byte[] archive = bytes.toByteArray();
        bytes.reset();
        saver.save(List.of(named, brief, bare), PLATFORM, bytes);
        assertThat(bytes.toByteArray()).isEqualTo(archive);

        var elsewhere = ContentStore.open(work.resolve("elsewhere"));
        ImageStore images = images(elsewhere);
        List<LoadedImage> loaded = load(elsewhere, images, archive);
        assertThat(loaded)
                .containsExactly(
                        new LoadedImage(List.of(ImageName.parse("example.org/a/b:1")), index),
                        new LoadedImage(List.of(ImageName.parse("busybox:latest")), image),
                        new LoadedImage(List.of(), other));
        assertThat(elsewhere.list()).containsExactlyInAnyOrderElementsOf(content.list());
        assertThat(images.resolve("example.org/a/b:1", PLATFORM).descriptor().digest())
                .isEqualTo(image.digest());
    }

    @Test
    void shouldLoadArchivesOfOldDocker() throws Exception {
        byte[] layer = "layer".getBytes(UTF_8);
        byte[] config = config(Digest.sha256(layer), Digest.sha256(layer));
        String name = Digest.sha256(config).hex() + ".json";
        file("one/layer.tar", layer);
        entry(Kind.SYMLINK, "two/layer.tar", "../one/layer.tar", new byte[0]);
        file("one/VERSION", "1.0".getBytes(UTF_8));
        file(name, config);
        file(
                "manifest.json",
                ("[{\"Config\":\"%s\",\"RepoTags\":[\"busybox:1\",\"other:2\"],"
                                + "\"Layers\":[\"one/layer.tar\",\"two/layer.tar\"]}]")
                        .formatted(name)
                        .getBytes(UTF_8));
        ImageStore images = images(content);
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(closed());
        }
        List<LoadedImage> loaded = load(content, images, packed.toByteArray());
        assertThat(loaded.getFirst().names())
                .containsExactly(ImageName.parse("busybox:1"), ImageName.parse("other:2"));
        Image image = images.resolve("other:2", PLATFORM);
        assertThat(image.id()).isEqualTo(Digest.sha256(config));
        assertThat(image.manifest().layers())
                .extracting(ContentDescriptor::digest)
                .containsExactly(Digest.sha256(layer), Digest.sha256(layer));
    }

    @Test
    void shouldRefuseContentThatIsNotWhatItsNameSays() throws Exception {
        Digest digest = Digest.sha256("right".getBytes(UTF_8));
        file("blobs/sha256/" + digest.hex(), "wrong".getBytes(UTF_8));
        refused(digest.toString());
        assertThat(content.list()).isEmpty();
    }

    @Test
    void shouldRefuseArchivesThatLackSomething() throws Exception {
        ContentDescriptor image = made.image("linux/amd64", 1, 1000);
        byte[] manifest = made.contents.getOrDefault(image.digest(), new byte[0]);
        file("blobs/sha256/" + image.digest().hex(), manifest);
        file("index.json", made.contents.getOrDefault(made.index(image).digest(), new byte[0]));
        refused("invalid image archive: it lacks sha256:");
    }

    @Test
    void shouldRefuseOtherArchives() throws Exception {
        file("etc/passwd", "root".getBytes(UTF_8));
        refused("want index.json or manifest.json");
    }

    @Test
    void shouldNotReadWhatLinksPointAtOutside() throws Exception {
        entry(Kind.SYMLINK, "config.json", "/etc/hostname", new byte[0]);
        entry(Kind.SYMLINK, "x/layer.tar", "../../../../etc/passwd", new byte[0]);
        file(
                "manifest.json",
                "[{\"Config\":\"config.json\",\"RepoTags\":[],\"Layers\":[\"x/layer.tar\"]}]"
                        .getBytes(UTF_8));
        refused("it lacks \"config.json\"");
    }

    @Test
    void shouldRefuseABombBeforeItFillsTheDisk() throws Exception {
        announce("x/layer.tar", 1L << 46);
        assertThatThrownBy(() -> load(content, images(content), bytes.toByteArray()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid image archive: more than 137438953472 bytes");
        long room = Files.getFileStore(work).getUsableSpace();
        for (String name : List.of("x/layer.tar", "blobs/sha256/" + "0".repeat(64))) {
            bytes.reset();
            announce(name, Math.min(room + (1L << 30), (1L << 37) - (1 << 20)));
            assertThatThrownBy(() -> load(content, images(content), bytes.toByteArray()))
                    .isInstanceOf(Failure.HostRefused.class)
                    .hasMessageStartingWith("load \"" + name + "\" of ")
                    .hasMessageEndingWith(" bytes: no space left on device");
        }
        try (var left = Files.list(work.resolve("content/ingest"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldKeepNoMoreOfAnArchiveInMemoryThanFits() throws Exception {
        for (int i = 0; i < 5; i++) {
            file(i + ".json", new byte[7 << 20]);
        }
        refused("more than 33554432 bytes of documents and names");
    }

    @Test
    void shouldKeepNothingOfAnArchiveThatIsRefused() throws Exception {
        byte[] layer = "a layer".getBytes(UTF_8);
        file("blobs/sha256/" + Digest.sha256(layer).hex(), layer);
        file("x/layer.tar", "another".getBytes(UTF_8));
        refused("want index.json or manifest.json");
    }

    /** A header alone. */
    private void announce(String name, long size) throws IOException {
        new TarWriter(bytes)
                .begin(
                        new TarEntry(
                                Kind.FILE,
                                KernelPath.of(name),
                                KernelPath.of(""),
                                0644,
                                0,
                                0,
                                size,
                                Time.EPOCH,
                                0,
                                List.of(),
                                null));
    }

    @Test
    void shouldImportFileSystems() throws Exception {
        file("bin/sh", "#!".getBytes(UTF_8));
        byte[] archive = closed();
        ImageStore images = images(content);
        var importer = new FileSystemImporter(content, images, work);
        ContentDescriptor target =
                importer.importArchive(
                        new ByteArrayInputStream(archive),
                        LayerPacking.GZIP,
                        new FileSystemImporter.Description(
                                PLATFORM, ContainerDefaults.none(), Instant.EPOCH, "imported"));
        Image image = images.resolve(target.digest().toString(), PLATFORM);
        assertThat(image.config().diffIds()).containsExactly(Digest.sha256(archive));
        assertThat(image.config().history().getFirst().comment()).isEqualTo("imported");
        assertThatThrownBy(() ->
                        importer.importArchive(
                                new ByteArrayInputStream("no archive".getBytes(UTF_8)),
                                LayerPacking.PLAIN,
                                new FileSystemImporter.Description(
                                        PLATFORM, ContainerDefaults.none(), Instant.EPOCH, "")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("invalid tar archive: ");
    }

    private static byte[] config(Digest... diffIds) {
        return new ImageConfig(
                        null, null, PLATFORM, ContainerDefaults.none(), List.of(diffIds), List.of())
                .json();
    }

    private ImageStore images(ContentStore store) throws IOException {
        return ImageStore.open(Files.createTempDirectory(work, "images"), store);
    }

    private List<LoadedImage> load(ContentStore store, ImageStore images, byte[] archive)
            throws Exception {
        return new ImageLoader(store, images, work, Set::of)
                .load(new ByteArrayInputStream(archive));
    }

    private void refused(String words) throws IOException {
        byte[] archive = closed();
        ImageStore images = images(content);
        assertThatThrownBy(() -> load(content, images, archive))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
        assertThat(images.list()).isEmpty();
        assertThat(content.list()).isEmpty();
    }

    private byte[] closed() throws IOException {
        tar.close();
        return bytes.toByteArray();
    }

    private void file(String name, byte[] data) throws IOException {
        entry(Kind.FILE, name, "", data);
    }

    private void entry(Kind kind, String name, String link, byte[] data) throws IOException {
        tar.begin(
                new TarEntry(
                        kind,
                        KernelPath.of(name),
                        KernelPath.of(link),
                        0644,
                        0,
                        0,
                        data.length,
                        Time.EPOCH,
                        0,
                        List.of(),
                        null));
        tar.write(data, 0, data.length);
    }
}
