package dev.rung.tests.docker;

import dev.rung.testkit.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Archives that clients send. */
final class ImageArchive {
    private static final String ROOT =
            """
            set -e
            mkdir -p "$1/bin" "$1/tmp" "$1/etc"
            cp /bin/busybox "$1/bin/"
            for name in $(/bin/busybox --list); do
                [ "$name" = busybox ] || ln -s busybox "$1/bin/$name"
            done
            echo root:x:0:0:root:/root:/bin/sh >"$1/etc/passwd"
            chmod 1777 "$1/tmp"
            tar -C "$1" -cf "$1.tar" .
            """;

    private static final String DOCKERFILE =
            """
            FROM rec:one
            ARG X=1
            ENV Y=$X
            COPY put /put
            RUN echo $Y >/y
            CMD ["sh"]
            """;

    private ImageArchive() {}

    /** A root file system of busybox, made in the folder. */
    static byte[] busybox(Path folder) {
        Path root = folder.resolve("busybox");
        Command.of("sh", "-c", ROOT, "-", root.toString()).succeed();
        return read(folder.resolve("busybox.tar"));
    }

    /** Files by name. */
    static byte[] of(Path folder, String name, Map<String, String> files) {
        try {
            Path content = Files.createDirectories(folder.resolve(name));
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(content.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String tar = folder.resolve(name + ".tar").toString();
        Command.of("tar", "-C", folder.resolve(name).toString(), "-cf", tar, ".").succeed();
        return read(Path.of(tar));
    }

    /** Those that requests.txt names. */
    static Map<String, byte[]> all(Path folder) {
        return Map.of(
                "image",
                busybox(folder),
                "layer",
                of(folder, "layer", Map.of("put", "x")),
                "nonsense",
                text("nonsense".repeat(200)),
                "context",
                of(
                        folder,
                        "context",
                        Map.of(
                                "Dockerfile",
                                DOCKERFILE,
                                "put",
                                "x",
                                "Failing",
                                "FROM rec:one\nRUN exit 3\n",
                                "Wrong",
                                "FROM rec:one\nNOSUCH x\n")));
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
