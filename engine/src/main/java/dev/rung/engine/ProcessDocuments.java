package dev.rung.engine;

import dev.rung.cli.oci.LentFront;
import dev.rung.domain.KernelPath;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Memfds;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The processes of execs as an OCI runtime reads them: in a file for other runtimes, and in memory
 * for our own, which asks here for the files that it reads.
 */
final class ProcessDocuments implements LentFront.OwnFiles {
    private static final KernelPath NAME = KernelPath.of("process");

    private final Bundles bundles;
    private final Map<String, byte[]> inMemory = new ConcurrentHashMap<>();
    private final AtomicLong names = new AtomicLong();

    ProcessDocuments(Bundles bundles) {
        this.bundles = bundles;
    }

    /** One that is there until it is closed. */
    final class Document implements AutoCloseable {
        private final Path path;

        private Document(Path path) {
            this.path = path;
        }

        Path path() {
            return path;
        }

        @Override
        public void close() {
            if (inMemory.remove(path.toString()) != null) {
                return;
            }
            try {
                Files.deleteIfExists(path);
            } catch (IOException _) {
                // it goes with the container
            }
        }
    }

    /** Of a process beside that container's own, whose root is seen at that path. */
    Document of(ContainerRuntime runtime, ContainerRecord container, ExecOrder order, Path root) {
        if (runtime.creator() instanceof MonitorRuntime.External) {
            return new Document(bundles.writeProcess(container, order, root));
        }
        // no such file is there
        Path path = Path.of(ExecWords.PROCESS + "-" + names.incrementAndGet());
        inMemory.put(path.toString(), bundles.process(container, order, root));
        return new Document(path);
    }

    @Override
    public @Nullable Opened open(OpenRequest file) {
        byte[] json = file.folder() == null ? inMemory.get(file.path().toString()) : null;
        if (json == null) {
            return OURS.open(file);
        }
        try {
            return new Opened(Memfds.sealed(NAME, json), 0);
        } catch (ErrnoException e) {
            return new Opened(null, e.errno());
        }
    }
}
