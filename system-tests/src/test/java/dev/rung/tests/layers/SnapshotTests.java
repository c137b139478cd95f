package dev.rung.tests.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.LayerSink.Layer;
import dev.rung.image.layer.Change;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotKind;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.unpack.UnpackingHere;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.MediaTypes;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.SystemTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers become root file systems, what is written there becomes a layer, and so on. */
@SystemTest
@NeedsProgram({"tar", "getfattr"})
class SnapshotTests {
    private static final String LOWEST =
            """
            mkdir -p "$1" && cd "$1" && chmod 0751 .
            mkdir -p etc usr/bin var/log/old gone/deep; chmod 0700 var/log; chown 33:44 var/log
            echo base > etc/conf; echo keep > etc/keep; echo tool > usr/bin/tool; chmod 4755 usr/bin/tool
            echo old > var/log/old/a; echo x > gone/deep/x; ln usr/bin/tool usr/bin/alias
            touch -d @1500000000 var/log etc/conf; ln -s conf etc/link
            """;

    @TempDir Path work = Path.of("/");

    @ParameterizedTest
    @EnumSource(
            value = SnapshotKind.class,
            names = {"OVERLAY", "COPY"})
    void shouldTurnWhatAContainerWroteIntoALayer(SnapshotKind kind) throws Exception {
        var store =
                SnapshotStore.open(
                        Files.createDirectory(work.resolve("store")), kind, UnpackingHere::new);
        Tree.shell(LOWEST, work.resolve("lowest"));
        byte[] lowest = tar("lowest");
        List<Digest> one = List.of(Digest.sha256(lowest));
        take(store, one, lowest);
        Path first = mount(store, "first", one);
        try {
            assertThat(Tree.lines(first)).isEqualTo(Tree.lines(work.resolve("lowest")));
            Tree.shell(
                    """
                    cd "$1"
                    echo changed > etc/conf; rm etc/keep; rm -r gone; mkdir gone; echo new > gone/y
                    mkdir added; echo 1 > added/one; ln added/one added/two; mknod added/dev c 1 5
                    rm -r var/log/old; chmod 0711 usr; rm etc/link; mkdir etc/link; setfattr -n user.k -v v usr/bin/tool
                    """,
                    first);
            assertThat(store.changes("first").stream().map(SnapshotTests::line))
                    .containsExactlyElementsOf(changesSeen(kind == SnapshotKind.OVERLAY));
            var written = new ByteArrayOutputStream();
            store.writeLayer("first", written);
            byte[] upper = written.toByteArray();
            List<Digest> two = List.of(one.getFirst(), Digest.sha256(upper));
            take(store, two, upper);
            Path second = mount(store, "second", two);
            try {
                assertThat(belowRoot(second)).isEqualTo(belowRoot(first));
                assertThat(store.changes("second")).isEmpty();
            } finally {
                Rootfs.unmount(second);
            }
        } finally {
            Rootfs.unmount(first);
        }
        store.remove("second");
        store.collect(Set::of);
        assertThat(store.list()).isEqualTo(one);
        store.remove("first");
        store.collect(Set::of);
        assertThat(store.list()).isEmpty();
        assertThat(Tree.shell("find $1/store -mindepth 2", work)).isEmpty();
    }

    private static List<String> changesSeen(boolean overlay) {
        var seen =
                new ArrayList<>(
                        List.of(
                                "A /added",
                                "A /added/dev",
                                "A /added/one",
                                "A /added/two",
                                "C /etc",
                                "C /etc/conf",
                                "D /etc/keep",
                                "C /etc/link",
                                "C /gone",
                                "D /gone/deep",
                                "A /gone/y",
                                "C /usr",
                                "C /usr/bin",
                                "C /usr/bin/tool",
                                "C /var",
                                "C /var/log",
                                "D /var/log/old"));
        if (!overlay) {
            // folders above a change keep their times, and both names of a file are one
            seen.removeAll(List.of("C /usr/bin", "C /var"));
            seen.add(seen.indexOf("C /usr/bin/tool"), "C /usr/bin/alias");
        }
        return seen;
    }

    @Test
    void shouldGiveFoldersThatAreOnlyPassedTheLooksOfLowerOnes() throws Exception {
        var store =
                SnapshotStore.open(
                        Files.createDirectory(work.resolve("store")),
                        SnapshotKind.OVERLAY,
                        UnpackingHere::new);
        Tree.shell(LOWEST, work.resolve("lowest"));
        byte[] lowest = tar("lowest");
        Tree.shell("cd $1; mkdir -p top/var/log; echo n > top/var/log/new", work);
        Tree.shell("cd $1/top; tar --format=posix -cf ../top.tar var/log/new", work);
        byte[] top = Files.readAllBytes(work.resolve("top.tar"));
        List<Digest> two = List.of(Digest.sha256(lowest), Digest.sha256(top));
        take(store, two.subList(0, 1), lowest);
        take(store, two, top);
        Path merged = mount(store, "c", two);
        try {
            assertThat(Tree.shell("cd $1; stat -c '%a %u:%g %Y' var/log; stat -c %a .", merged))
                    .isEqualTo("700 33:44 1500000000\n751\n");
            assertThat(merged.resolve("var/log/new")).hasContent("n");
            assertThat(merged.resolve("var/log/old/a")).hasContent("old");
        } finally {
            Rootfs.unmount(merged);
        }
    }

    @Test
    void shouldLinkToFilesOfLowerLayersAsTheKernelWould() throws Exception {
        var store =
                SnapshotStore.open(
                        Files.createDirectory(work.resolve("store")),
                        SnapshotKind.OVERLAY,
                        UnpackingHere::new);
        Tree.shell(LOWEST, work.resolve("lowest"));
        byte[] lowest = tar("lowest");
        Tree.shell(
                "cd $1; cp -a lowest top; cd top; ln usr/bin/tool linked; tar --format=posix -cf"
                        + " all usr/bin/tool linked; tar --delete -f all usr/bin/tool; mv all"
                        + " ../top.tar",
                work);
        byte[] top = Files.readAllBytes(work.resolve("top.tar"));
        List<Digest> two = List.of(Digest.sha256(lowest), Digest.sha256(top));
        take(store, two.subList(0, 1), lowest);
        take(store, two, top);
        Path merged = mount(store, "c", two);
        try {
            assertThat(Tree.shell("cd $1; stat -c '%a %h' linked; cat linked", merged))
                    .isEqualTo("4755 2\ntool\n");
        } finally {
            Rootfs.unmount(merged);
        }
    }

    @Test
    void shouldShowNothingOfLayersThatAreNotWhatTheyShouldBe() throws Exception {
        var store =
                SnapshotStore.open(
                        Files.createDirectory(work.resolve("store")),
                        SnapshotKind.OVERLAY,
                        UnpackingHere::new);
        Tree.shell(LOWEST, work.resolve("lowest"));
        byte[] lowest = tar("lowest");
        Digest other = Digest.sha256(new byte[] {1});
        assertThatThrownBy(() -> take(store, List.of(other), lowest))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("but the image's config says " + other);
        assertThat(store.list()).isEmpty();
        assertThatThrownBy(() -> store.prepare("c", List.of(other)))
                .isInstanceOf(Failure.NotFound.class);
        assertThat(Tree.shell("find $1/store -mindepth 2", work)).isEmpty();
    }

    @Test
    void shouldStackAHundredLayers() throws Exception {
        var store =
                SnapshotStore.open(
                        Files.createDirectory(work.resolve("store")),
                        SnapshotKind.OVERLAY,
                        UnpackingHere::new);
        var diffIds = new ArrayList<Digest>();
        var archives = new ArrayList<byte[]>();
        for (int i = 0; i < 100; i++) {
            Tree.shell("mkdir $1/l$2; echo $2 > $1/l$2/f$2; echo $2 > $1/l$2/last", work, i);
            archives.add(tar("l" + i));
            diffIds.add(Digest.sha256(archives.getLast()));
        }
        try (LayerIntake intake = store.intake(UnpackLimits.USUAL)) {
            for (int i = 99; i >= 0; i--) {
                intake.take(layer(diffIds.subList(0, i + 1)), channel(archives.get(i)));
            }
            intake.commit(diffIds);
        }
        Path merged = mount(store, "c", diffIds);
        try {
            assertThat(Tree.shell("cd $1; ls | wc -l; cat last", merged)).isEqualTo("101\n99\n");
        } finally {
            Rootfs.unmount(merged);
        }
        // the same as older kernels take it
        var overlay = (Rootfs.Overlay) store.prepare("old", diffIds);
        overlay.mountByName(merged);
        try {
            assertThat(Tree.shell("cd $1; ls | wc -l; cat last", merged)).isEqualTo("101\n99\n");
            Tree.shell("echo written > $1/last", merged);
        } finally {
            Rootfs.unmount(merged);
        }
        assertThat(overlay.upper().resolve("last")).hasContent("written\n");
    }

    @Test
    void shouldSweepWhatAnEndInTheMiddleLeft() throws Exception {
        Path folder = Files.createDirectory(work.resolve("store"));
        SnapshotStore.open(folder, SnapshotKind.OVERLAY, UnpackingHere::new);
        Tree.shell("mkdir -p $1/layers/new-1/deep/er $1/containers/new-c/upper", folder);
        SnapshotStore.open(folder, SnapshotKind.OVERLAY, UnpackingHere::new);
        assertThat(Tree.shell("find $1 -mindepth 2", folder)).isEmpty();
    }

    @Test
    void shouldCollectBesideIntakes() throws Exception {
        var store =
                SnapshotStore.open(
                        Files.createDirectory(work.resolve("store")),
                        SnapshotKind.OVERLAY,
                        UnpackingHere::new);
        Tree.shell(LOWEST, work.resolve("lowest"));
        byte[] archive = tar("lowest");
        List<Digest> diffIds = List.of(Digest.sha256(archive));
        var done = new AtomicBoolean();
        Thread collector =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!done.get()) {
                                store.collect(Set::of);
                            }
                        });
        try {
            for (int i = 0; i < 100; i++) {
                try (LayerIntake intake = store.intake(UnpackLimits.USUAL)) {
                    if (intake.wants(layer(diffIds))) {
                        intake.take(layer(diffIds), channel(archive));
                    }
                    intake.commit(diffIds);
                    store.prepare("container" + i, diffIds);
                }
                assertThat(store.list()).isEqualTo(diffIds); // the container stands on it
                store.remove("container" + i);
            }
        } finally {
            done.set(true);
            collector.join();
        }
        store.collect(Set::of);
        assertThat(Tree.shell("find $1/store -mindepth 2", work)).isEmpty();
    }

    @Test
    void shouldKnowWhatIsPossible() {
        assertThat(SnapshotKind.possibleIn(work)).isEqualTo(SnapshotKind.OVERLAY);
        assertThat(Tree.shell("cd $1; find * -type f; cat kind", work)).isEqualTo("kind\nOVERLAY");
    }

    @Test
    void shouldKnowWhatIsPossibleWithoutRoomForANote() {
        Tree.shell("mkdir $1/kind", work);

        assertThat(SnapshotKind.possibleIn(work)).isEqualTo(SnapshotKind.OVERLAY);
    }

    /** A layer tells nothing of the root itself. */
    private static List<String> belowRoot(Path folder) {
        return Tree.lines(folder).stream().filter(line -> !line.startsWith(" d ")).toList();
    }

    private Path mount(SnapshotStore store, String key, List<Digest> diffIds) throws IOException {
        return switch (store.prepare(key, diffIds)) {
            case Rootfs.Copy copy -> copy.folder();
            case Rootfs.Overlay overlay -> {
                Path target = Files.createDirectory(work.resolve("merged-" + key));
                overlay.mountOn(target);
                yield target;
            }
        };
    }

    private static void take(SnapshotStore store, List<Digest> diffIds, byte[] archive)
            throws IOException {
        try (LayerIntake intake = store.intake(UnpackLimits.USUAL)) {
            intake.take(layer(diffIds), channel(archive));
            intake.commit(diffIds);
        }
    }

    private static Layer layer(List<Digest> diffIds) {
        return new Layer(ContentDescriptor.of(MediaTypes.OCI_LAYER, diffIds.getLast(), 1), diffIds);
    }

    private static ReadableByteChannel channel(byte[] archive) {
        return Channels.newChannel(new ByteArrayInputStream(archive));
    }

    private byte[] tar(String name) throws IOException {
        Tree.shell(
                "cd $1; tar --xattrs --xattrs-include='*' --numeric-owner --format=posix -cf $2.tar"
                        + " -C $2 .",
                work,
                name);
        return Files.readAllBytes(work.resolve(name + ".tar"));
    }

    private static String line(Change change) {
        return change.kind().letter() + " " + change.path();
    }
}
