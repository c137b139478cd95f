package dev.rung.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackedLayer.MissingLink;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacks as somebody without rights, into a folder beside one that must not be touched. */
class LayerUnpackerTests {
    @TempDir Path work = Path.of("/");
    private Path root = Path.of("/");
    private Path outside = Path.of("/");
    private UnpackLimits limits = UnpackLimits.USUAL;

    @BeforeEach
    void makeFolders() throws IOException {
        root = Files.createDirectory(work.resolve("root"));
        outside = Files.createDirectory(work.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
    }

    @Test
    void shouldKeepContentModesTimesAndLinks() throws Exception {
        unpack(
                new Archive()
                        .folder("d", 0555)
                        .file("d/f", 04751, "content")
                        .hardLink("h", "d/f")
                        .link("l", "d/f")
                        .node("p", Kind.FIFO, 0));
        assertThat(root.resolve("h")).hasContent("content");
        assertThat(status("h").links()).isEqualTo(2);
        assertThat(status("d/f").permissions()).isEqualTo(04751);
        assertThat(status("d").permissions()).isEqualTo(0555);
        assertThat(Files.readSymbolicLink(root.resolve("l"))).isEqualTo(Path.of("d/f"));
        assertThat(status("p").is(FileStatus.Type.FIFO)).isTrue();
        for (String name : new String[] {"d", "d/f", "l", "p"}) {
            assertThat(Files.getLastModifiedTime(root.resolve(name), LinkOption.NOFOLLOW_LINKS))
                    .as(name)
                    .isEqualTo(
                            FileTime.from(
                                    Instant.ofEpochSecond(
                                            Archive.TIME.seconds(), Archive.TIME.nanos())));
        }
    }

    @Test
    void shouldTakeUsersAttributesButNotTheOverlaysOwn() throws Exception {
        unpack(
                new Archive()
                        .file(
                                "f",
                                0644,
                                "",
                                attribute("user.mine"),
                                attribute("user.overlay.opaque"),
                                attribute("trusted.overlay.redirect"),
                                attribute("security.selinux")));
        var view =
                Files.getFileAttributeView(root.resolve("f"), UserDefinedFileAttributeView.class);
        assertThat(view.list()).containsExactly("mine");
    }

    @Test
    void shouldTakeAbsoluteNamesFromTheRootOfTheLayer() throws Exception {
        unpack(new Archive().file("/etc/../f", "x").file("./g", "y"));
        assertThat(root.resolve("f")).hasContent("x");
        assertThat(root.resolve("g")).hasContent("y");
    }

    @Test
    void shouldRefuseNamesThatLeadOut() {
        refused(new Archive().file("../outside/secret", "x"), "\"../outside/secret\" leads out");
        refused(new Archive().file("a/../../outside/secret", "x"), "leads out of it");
        refused(new Archive().hardLink("h", "../outside/secret"), "leads out of it");
        refused(new Archive().file("a/..", "x"), "is its root, but no folder");
    }

    @Test
    void shouldFollowLinksOnlyWithinTheLayer() throws Exception {
        unpack(
                new Archive()
                        .link("abs", outside.toString())
                        .link("up", "../../../../../../.." + outside)
                        .folder("real")
                        .link("real/back", "../real")
                        .file("real/back/f", "inside"));
        assertThat(root.resolve("real/f")).hasContent("inside");
        // what the absolute link names is missing within the layer
        refused(new Archive().link("abs", outside.toString()).file("abs/secret", "x"), "no folder");
        refused(new Archive().link("u", "../outside").file("u/secret", "x"), "no folder");
    }

    @Test
    void shouldNotLinkToFilesOutside() throws Exception {
        UnpackedLayer layer =
                unpack(new Archive().link("o", outside.toString()).hardLink("h", "o/secret"));
        assertThat(root.resolve("h")).doesNotExist();
        assertThat(layer.missingLinks())
                .containsExactly(new MissingLink(KernelPath.of("o/secret"), KernelPath.of("h")));
    }

    @Test
    void shouldReplaceLinksInsteadOfWritingThroughThem() throws Exception {
        String secret = outside.resolve("secret").toString();
        unpack(
                new Archive()
                        .link("f", secret)
                        .file("f", "mine")
                        .link("d", outside.toString())
                        .folder("d", 0700)
                        .link("x", secret)
                        .hardLink("y", "x")
                        .file("y", "new"));
        assertThat(root.resolve("f")).isRegularFile().hasContent("mine");
        assertThat(status("d").is(FileStatus.Type.DIRECTORY)).isTrue();
        assertThat(outside.resolve("secret")).hasContent("secret");
    }

    @Test
    void shouldLetTheLastOfSeveralEntriesWin() throws Exception {
        unpack(
                new Archive()
                        .file("a", "1")
                        .file("a", "2")
                        .folder("b")
                        .file("b/c/d", "x")
                        .file("b", "file")
                        .file("c", "file")
                        .folder("c")
                        .file("c/d", "y"));
        assertThat(root.resolve("a")).hasContent("2");
        assertThat(root.resolve("b")).isRegularFile();
        assertThat(root.resolve("c/d")).hasContent("y");
    }

    @Test
    void shouldNoticeFoldersThatAreOnlyPassed() throws Exception {
        UnpackedLayer layer = unpack(new Archive().file("a/b/f", "x").folder("a"));
        assertThat(layer.impliedFolders()).containsExactly(KernelPath.of(""), KernelPath.of("a/b"));
    }

    @Test
    void shouldMakeWhiteouts() throws Exception {
        UnpackedLayer layer =
                unpack(
                        new Archive()
                                .file(".wh.gone", "")
                                .folder("o")
                                .file("o/.wh..wh..opq", "")
                                .file("again/.wh.x", "")
                                .file("again/x/f", "new")
                                .file(".wh..wh.plnk", "")
                                .file("kept", "kept")
                                .file(".wh.kept", ""));
        assertThat(Whiteouts.isWhiteout(status("gone"))).isTrue();
        assertThat(root.resolve("again/x/f")).hasContent("new");
        assertThat(root.resolve("kept")).hasContent("kept");
        assertThat(root.resolve(".wh..wh.plnk")).doesNotExist();
        assertThat(layer.opaqueFolders())
                .containsExactly(KernelPath.of("again/x"), KernelPath.of("o"));
    }

    @Test
    void shouldRefuseWhiteoutsOfFoldersThemselves() {
        refused(new Archive().file("d/.wh..", ""), "a whiteout \".wh..\" of nothing");
        refused(new Archive().file("d/.wh...", ""), "of nothing");
        refused(new Archive().file("d/.wh.", ""), "of nothing");
    }

    @Test
    void shouldRefuseHardLinksToFolders() {
        refused(new Archive().folder("d").hardLink("h", "d"), "is to a folder");
        refused(new Archive().hardLink("h", "./h"), "is to no file");
    }

    @Test
    void shouldRefuseFilesBelowFiles() {
        refused(new Archive().file("f", "x").file("f/g", "y"), "which is no folder");
    }

    @Test
    void shouldLimitWhatALayerTakes() {
        limits = new UnpackLimits(10, 3);
        refused(new Archive().file("a", "123456").file("b", "12345"), "limit of 10 bytes");
        refused(
                new Archive().folder("1").folder("2").folder("3").folder("4"),
                "more than 3 entries");
    }

    @Test
    void shouldRefuseNamesThatTheKernelCannotHave() {
        refused(new Archive().file("n".repeat(256), "x"), "file name too long");
        refused(new Archive().file("n/".repeat(3000) + "f", "x"), "file name too long");
    }

    @Test
    void shouldContainTimesThatCannotBe() throws Exception {
        unpack(new Archive().at("before", new Time(-5, 0)).at("after", new Time(1L << 50, 0)));
        assertThat(status("before").modifiedSeconds()).isZero();
        assertThat(status("after").modifiedSeconds()).isZero();
    }

    @Test
    void shouldKeepNamesThatAreNotUtf8() throws Exception {
        String name = RawText.decode(new byte[] {'n', (byte) 0xff, (byte) 0xfe});
        unpack(new Archive().file(name, "x").link("l", name));
        try (Fd folder = open()) {
            assertThat(Paths.list(folder)).contains(KernelPath.of(name));
            assertThat(Paths.readLink(folder, KernelPath.of("l"))).isEqualTo(KernelPath.of(name));
        }
    }

    @Test
    void shouldRemoveTreesDeeperThanPathsCanBe() throws Exception {
        // each link leads to the end of the chain before it, so the whole is longer than PATH_MAX
        String folders = ("/" + "d".repeat(200)).repeat(15);
        var archive = new Archive().folder("t" + folders).link("l1", "t" + folders);
        for (int i = 1; i < 8; i++) {
            archive.folder("l" + i + folders).link("l" + (i + 1), "l" + i + folders);
        }
        unpack(archive);
        try (var calls = new FileCalls();
                Fd folder = open()) {
            for (KernelPath name : Paths.list(folder)) {
                Removal.remove(calls, folder, name);
            }
            assertThat(Paths.list(folder)).isEmpty();
        }
    }

    private static Attribute attribute(String name) {
        return new Attribute(KernelPath.of(name), "y".getBytes(StandardCharsets.US_ASCII));
    }

    private UnpackedLayer unpack(Archive archive) throws IOException {
        try (Fd target = open()) {
            return LayerUnpacker.unpack(archive.stream(), target, limits, Ownership.CALLER);
        }
    }

    private void refused(Archive archive, String words) {
        assertThatThrownBy(
                        () -> {
                            try (var calls = new FileCalls();
                                    Fd folder = open()) {
                                for (KernelPath name : Paths.list(folder)) {
                                    Removal.remove(calls, folder, name);
                                }
                            }
                            unpack(archive);
                        })
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        assertThat(outside.resolve("secret")).hasContent("secret");
        assertThat(outside).isDirectoryContaining(path -> path.endsWith("secret"));
    }

    private Fd open() {
        try {
            return Paths.open(null, KernelPath.of(root.toString()), Paths.O_DIRECTORY, 0, 0);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private FileStatus status(String name) throws ErrnoException {
        try (Fd folder = open()) {
            return Paths.status(folder, KernelPath.of(name));
        }
    }
}
