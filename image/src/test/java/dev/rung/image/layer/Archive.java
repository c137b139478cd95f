package dev.rung.image.layer;

import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Archives for tests, entry by entry. */
final class Archive {
    static final Time TIME = new Time(1_600_000_000, 123_456_789);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter writer = new TarWriter(bytes);

    Archive file(String name, String content) {
        return file(name, 0644, content);
    }

    Archive file(String name, int mode, String content, Attribute... attributes) {
        byte[] data = content.getBytes(StandardCharsets.UTF_8);
        return add(Kind.FILE, name, "", mode, TIME, 0, data, attributes);
    }

    Archive folder(String name) {
        return folder(name, 0755);
    }

    Archive folder(String name, int mode) {
        return add(Kind.FOLDER, name + "/", "", mode, TIME, 0, new byte[0]);
    }

    Archive link(String name, String target) {
        return add(Kind.SYMLINK, name, target, 0777, TIME, 0, new byte[0]);
    }

    Archive hardLink(String name, String target) {
        return add(Kind.HARD_LINK, name, target, 0644, TIME, 0, new byte[0]);
    }

    Archive node(String name, Kind kind, long device) {
        return add(kind, name, "", 0600, TIME, device, new byte[0]);
    }

    Archive at(String name, Time time) {
        return add(Kind.FILE, name, "", 0644, time, 0, new byte[0]);
    }

    private Archive add(
            Kind kind,
            String name,
            String link,
            int mode,
            Time time,
            long device,
            byte[] data,
            Attribute... attributes) {
        try {
            writer.begin(
                    new TarEntry(
                            kind,
                            KernelPath.of(name),
                            KernelPath.of(link),
                            mode,
                            0,
                            0,
                            data.length,
                            time,
                            device,
                            List.of(attributes),
                            null));
            writer.write(data, 0, data.length);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InputStream stream() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }
}
