package dev.rung.engine.record;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads what an engine finds when it starts: records of containers, pods, volumes and secrets. */
public final class RecordReading {
    private RecordReading() {}

    /** Understands one. */
    public interface Reader<T> {
        T read() throws IOException;
    }

    /**
     * What a record says. One that cannot be read keeps no engine from starting: it is logged, and
     * stays as it is.
     *
     * @return null for such a one
     * @throws NoSuchFileException when there is none
     */
    public static <T> @Nullable T orLogged(Path file, Reader<T> reader) throws NoSuchFileException {
        System.Logger log = System.getLogger("dev.rung.engine");
        return orTold(file, reader, text -> log.log(Level.WARNING, text));
    }

    static <T> @Nullable T orTold(Path file, Reader<T> reader, Consumer<String> told)
            throws NoSuchFileException {
        try {
            return reader.read();
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            told.accept("read \"" + file + "\": " + e.getMessage());
        } catch (Failure e) {
            told.accept(String.valueOf(e.getMessage()));
        }
        return null;
    }
}
