package dev.rung.tests.layers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.KernelPath;
import dev.rung.image.compression.Compression;
import dev.rung.image.layer.LayerUnpacker;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.layer.UnpackedLayer;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.SystemTest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What GNU tar packed, unpacked by us and by tar itself. */
@SystemTest
@NeedsProgram({"tar", "getfattr", "setfattr", "setcap"})
class LayerUnpackingTests {
    /** All that a file system can hold: $1 is the folder, made here. */
    private static final String ODD_TREE =
            """
            mkdir -p "$1" && cd "$1"
            mkdir -m 1777 tmp; mkdir -m 2755 group; mkdir -m 0000 closed; mkdir -p deep/er/est
            echo hello > plain; chmod 4711 plain; chown 1000:2000 plain
            echo read-only > deep/er/ro; chmod 0400 deep/er/ro; chown 4000000:5000000 deep/er/ro
            ln plain deep/er/est/hard; ln plain zz-hard
            ln -s plain soft; ln -s /etc/passwd absolute; ln -s ../../.. deep/er/up; chown -h 7:8 soft
            ln -s "$(printf 't%.0s' {1..250})" long-target
            mknod null c 1 3; chmod 0666 null; mknod loop b 7 300; mknod big c 300 70000; mkfifo -m 0620 pipe
            setfattr -n user.note -v 'two\\012lines' plain
            setfattr -n user.folder -v x deep
            setfattr -n system.posix_acl_access -v 0x0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000400ffffffff plain
            setfattr -n system.posix_acl_default -v 0x0200000001000700ffffffff02000700e803000004000500ffffffff10000700ffffffff20000500ffffffff deep
            cp /bin/true capable; setcap cap_net_raw,cap_net_bind_service+ep capable
            truncate -s 5M sparse; printf data | dd of=sparse bs=1 seek=1000000 conv=notrunc status=none
            printf tail | dd of=sparse bs=1 seek=4000000 conv=notrunc status=none
            truncate -s 64M hole
            : > empty
            printf raw > "$(printf 'not-utf8-\\377\\376')"; printf x > "$(printf 'new\\nline')"; printf y > 'é ü 漢'
            n=$(printf 'n%.0s' {1..120}); mkdir -p "$n/$n"; printf long > "$n/$n/$n"
            head -c 300000 /dev/urandom > random
            touch -d @1500000000.123456789 plain; touch -d @0.999999999 random
            find . -depth -type d -exec touch -h -d @1400000000 {} +
            find . -type l -exec touch -h -d @1300000000 {} +
            touch -d @0 empty
            """;

    @TempDir Path work = Path.of("/");

    @ParameterizedTest
    @ValueSource(strings = {"posix", "gnu"})
    void shouldUnpackAsTarDoes(String format) throws Exception {
        Tree.shell(ODD_TREE, work.resolve("source"));
        Tree.shell(
                """
                cd "$1"; tar -S $3 --numeric-owner --format=$2 -cf archive -C source .
                mkdir tar; tar -C tar $3 --numeric-owner --same-owner -xpf archive
                """,
                work,
                format,
                format.equals("posix") ? "--xattrs --xattrs-include=*" : "");
        UnpackedLayer layer = unpack(work.resolve("archive"), "ours");

        assertThat(Tree.lines(work.resolve("ours"))).isEqualTo(Tree.lines(work.resolve("tar")));
        assertThat(layer.impliedFolders()).isEmpty();
        String disk =
                Tree.shell("cd \"$1/ours\"; du -k sparse hole | cut -f1 | sort -n | tail -1", work);
        assertThat(Integer.parseInt(disk.strip())).isLessThan(100);
    }

    @Test
    void shouldUnpackAllSparseFormats() throws Exception {
        Tree.shell(ODD_TREE, work.resolve("source"));
        for (String version : new String[] {"0.0", "0.1", "1.0"}) {
            Path archive = work.resolve("archive-" + version);
            Tree.shell(
                    "tar -S --format=posix --sparse-version=$3 -cf $2 -C $1/source sparse hole",
                    work,
                    archive,
                    version);
            unpack(archive, "ours-" + version);
            assertThat(
                            Tree.shell(
                                    "cd $1; cmp source/sparse $2/sparse; stat -c %s $2/hole",
                                    work, "ours-" + version))
                    .isEqualTo("67108864\n");
        }
    }

    /** In memory, so that what is measured is not how busy the disk is. */
    @Test
    void shouldUnpackAHundredThousandFilesInNoMoreThanTwiceTarsTime() throws Exception {
        Tree.shell("mount -t tmpfs -o mode=755 tmpfs $1", work);
        try {
            Path archive = work.resolve("archive");
            try (var out = new BufferedOutputStream(Files.newOutputStream(archive))) {
                for (int i = 0; i < 100_000; i++) {
                    if (i % 100 == 0) {
                        out.write(header("d" + i / 100, '5', 0));
                    }
                    out.write(header("d" + i / 100 + "/file-" + i, '0', i % 700));
                    out.write(new byte[(i % 700 + 511) / 512 * 512]);
                }
                out.write(new byte[1024]);
            }
            long begin = System.nanoTime();
            UnpackedLayer layer = unpack(archive, "ours");
            long ours = System.nanoTime() - begin;
            begin = System.nanoTime();
            Tree.shell("mkdir $1/tar; tar -C $1/tar -xpf $1/archive", work);
            long tars = System.nanoTime() - begin;

            assertThat(layer.entries()).isEqualTo(101_000);
            assertThat(Tree.shell("find $1/ours -type f | wc -l", work)).isEqualTo("100000\n");
            assertThat(ours).as("ns, tar takes %d", tars).isLessThan(2 * tars + 1_000_000_000);
        } finally {
            Tree.shell("umount $1", work);
        }
    }

    private static byte[] header(String name, char type, int size) {
        String text =
                name
                        + "\0".repeat(100 - name.length())
                        + "0000755\0"
                        + "0000000\0".repeat(2)
                        + "%011o\0".formatted(size)
                        + "14000000000\0"
                        + "        "
                        + type
                        + "\0".repeat(100)
                        + "ustar\00000";
        byte[] header = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), 512);
        int sum = 0;
        for (byte b : header) {
            sum += b;
        }
        byte[] digits = "%06o\0".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, header, 148, digits.length);
        return header;
    }

    private UnpackedLayer unpack(Path archive, String name) throws IOException, ErrnoException {
        Path target = Files.createDirectory(work.resolve(name));
        try (InputStream in = Compression.undo(Files.newInputStream(archive));
                Fd folder =
                        Paths.open(
                                null, KernelPath.of(target.toString()), Paths.O_DIRECTORY, 0, 0)) {
            return LayerUnpacker.unpack(in, folder, UnpackLimits.USUAL, Ownership.RECORDED);
        }
    }
}
