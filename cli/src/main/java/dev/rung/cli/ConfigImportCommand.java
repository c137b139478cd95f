package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Reads another engine's configuration with the person's rights. */
final class ConfigImportCommand implements Command {
    private static final int LARGEST = 1 << 20;

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "config import",
                "containerd|crio FILE",
                "Show what a configuration of containerd or CRI-O comes to, as a rung.toml",
                WordCount.exactly(2));
    }

    @Override
    public List<String> examples() {
        return List.of(
                "config import containerd /etc/containerd/config.toml",
                "config import crio /etc/crio/crio.conf");
    }

    @Override
    public Ending run(Invocation call) {
        String engine = call.words().get(0);
        String file = call.words().get(1);
        var texts = new LinkedHashMap<String, String>();
        texts.put(file, read(call, file));
        if (engine.equals("crio")) {
            for (String name : dropIns(call, file + ".d")) {
                texts.put(file + ".d/" + name, read(call, file + ".d/" + name));
            }
        }
        call.out(call.services().control().imported(engine, texts));
        return DONE;
    }

    private static String read(Invocation call, String file) {
        Opened opened = call.caller().open(OpenRequest.reading(file));
        try (Fd fd = opened.orThrow(file)) {
            return new String(Descriptors.readAll(fd, LARGEST), StandardCharsets.UTF_8);
        } catch (ErrnoException e) {
            throw refused(file, e);
        }
    }

    /** The names in a folder in order; none when it is not there. */
    private static List<String> dropIns(Invocation call, String folder) {
        var request = new OpenRequest(null, KernelPath.of(folder), Paths.O_DIRECTORY, 0);
        Opened opened = call.caller().open(request);
        var names = new ArrayList<String>();
        if (opened.errno() == Errno.ENOENT) {
            return names;
        }
        try (Fd fd = opened.orThrow(folder)) {
            for (KernelPath name : Paths.list(fd)) {
                names.add(new String(name.toBytes(), StandardCharsets.UTF_8));
            }
        } catch (ErrnoException e) {
            throw refused(folder, e);
        }
        names.sort(null);
        return names;
    }

    private static Failure refused(String file, ErrnoException e) {
        return new Failure.HostRefused(
                "open " + Printable.of(file) + ": " + Errno.phrase(e.errno()), e);
    }
}
