package dev.rung.tests.layers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.LayerSink.Layer;
import dev.rung.image.archive.ImageLoader;
import dev.rung.image.archive.ImageSaver;
import dev.rung.image.archive.LoadedImage;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotKind;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.unpack.UnpackingHere;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.SystemTest;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that umoci made, carried by skopeo's archives, and ours read by skopeo. */
@SystemTest
@NeedsProgram({"umoci", "skopeo", "tar", "getfattr"})
class ImageExchangeTests {
    /** An image of three layers with all that layers can say, and umoci's own view of it. */
    private static final String MAKE =
            """
            cd "$1"; umoci init --layout layout; umoci new --image layout:tag
            umoci unpack --image layout:tag bundle; cd bundle/rootfs
            mkdir -p etc usr/bin var/log/old gone/deep opaque/a; echo base > etc/conf; echo tool > usr/bin/tool
            chmod 4755 usr/bin/tool; ln usr/bin/tool usr/bin/alias; chown 33:44 var/log; ln -s conf etc/link
            echo x > gone/deep/x; echo y > opaque/a/y; mknod null c 1 3; touch -d @1500000000 etc/conf var/log
            printf raw > "$(printf 'not-utf8-\\377')"; mkfifo pipe; setfattr -n user.note -v v etc/conf
            cd ../..; umoci repack --refresh-bundle --image layout:tag bundle; cd bundle/rootfs
            rm -r gone var/log/old; rm -r opaque; mkdir opaque; echo z > opaque/z; chmod 0700 usr; echo more >> etc/conf
            cd ../..; umoci repack --refresh-bundle --image layout:tag bundle; cd bundle/rootfs
            rm etc/link; mkdir etc/link; echo in > etc/link/in; ln usr/bin/tool linked; echo again > gone
            cd ../..; umoci repack --image layout:tag bundle; rm -r bundle; umoci unpack --image layout:tag bundle
            skopeo copy -q oci:layout:tag oci-archive:oci.tar:example.org/x/y:tag
            skopeo copy -q oci:layout:tag docker-archive:docker.tar:example.org/x/y:tag
            """;

    @TempDir Path work = Path.of("/");
    private ContentStore content;
    private ImageStore images;

    @BeforeEach
    void makeImage() {
        Tree.shell(MAKE, work);
        content = ContentStore.open(work.resolve("content"));
        images = ImageStore.open(work.resolve("images"), content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci.tar", "docker.tar"})
    void shouldShowWhatUmociUnpacks(String archive) throws Exception {
        Image image = load(archive);
        var store =
                SnapshotStore.open(
                        work.resolve("snapshots"), SnapshotKind.OVERLAY, UnpackingHere::new);
        try (LayerIntake intake = store.intake(UnpackLimits.USUAL)) {
            for (Layer layer : image.layers()) {
                if (intake.wants(layer)) {
                    intake.take(layer, content.open(layer.descriptor().digest()));
                }
            }
            intake.commit(image.config().diffIds());
        }
        if (!(store.prepare("c", image.config().diffIds()) instanceof Rootfs.Overlay overlay)) {
            throw new AssertionError("want an overlay");
        }
        Path merged = Files.createDirectory(work.resolve("merged"));
        overlay.mountOn(merged);
        try {
            assertThat(comparable(merged)).isEqualTo(comparable(work.resolve("bundle/rootfs")));
        } finally {
            Rootfs.unmount(merged);
        }
    }

    @Test
    void shouldSaveWhatOthersRead() throws Exception {
        Image image = load("oci.tar");
        try (OutputStream out = Files.newOutputStream(work.resolve("saved.tar"))) {
            new ImageSaver(content).save(images.list(), Platform.host(), out);
        }
        String id = image.id().hex();
        assertThat(
                        Tree.shell(
                                "skopeo inspect --config --raw oci-archive:$1/saved.tar |"
                                        + " sha256sum",
                                work))
                .startsWith(id);
        assertThat(
                        Tree.shell(
                                "skopeo inspect --config --raw"
                                        + " docker-archive:$1/saved.tar:example.org/x/y:tag |"
                                        + " sha256sum",
                                work))
                .startsWith(id);
        // docker and podman unpack the layers that manifest.json names
        Tree.shell(
                "cd $1; skopeo copy -q docker-archive:saved.tar:example.org/x/y:tag oci:again:tag;"
                        + " umoci unpack --image again:tag other",
                work);
        assertThat(comparable(work.resolve("other/rootfs")))
                .isEqualTo(comparable(work.resolve("bundle/rootfs")));
    }

    private Image load(String archive) throws Exception {
        try (InputStream in = Files.newInputStream(work.resolve(archive))) {
            List<LoadedImage> loaded =
                    new ImageLoader(
                                    content,
                                    images,
                                    Files.createDirectory(work.resolve("spools")),
                                    Set::of)
                            .load(in);
            assertThat(loaded).hasSize(1);
        }
        return images.resolve("example.org/x/y:tag", Platform.host());
    }

    /** Without the times of folders that a layer changed the content of, which umoci leaves. */
    private static List<String> comparable(Path folder) {
        Predicate<String> root = line -> line.startsWith(" d ");
        return Tree.lines(folder).stream().filter(root.negate()).toList();
    }
}
