package dev.rung.cli.oci;

import dev.rung.resident.Caller;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.Request;
import dev.rung.resident.RunResult;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The front end as the commands see it: {@link Caller}, or a stand-in for it in tests. */
interface Front {
    Request request();

    List<Opened> open(List<OpenRequest> files);

    byte[] readInput(int limit);

    RunResult run(byte[] program, PhaseHandler phases);

    /** As {@link Caller#finish}. */
    @Nullable RunResult finish(byte[] program, Supplier<Ending> ending);

    void out(String text);

    void err(String text);

    void log(String path, String text);

    static Front of(Caller caller) {
        return of(caller, LentFront.OwnFiles.NONE);
    }

    /** The same, with files that the front end is not asked for. */
    static Front of(Caller caller, LentFront.OwnFiles own) {
        return new Front() {
            @Override
            public Request request() {
                return caller.request();
            }

            @Override
            public List<Opened> open(List<OpenRequest> files) {
                return own.open(caller, files);
            }

            @Override
            public byte[] readInput(int limit) {
                return caller.readInput(limit);
            }

            @Override
            public RunResult run(byte[] program, PhaseHandler phases) {
                return caller.run(program, phases);
            }

            @Override
            public @Nullable RunResult finish(byte[] program, Supplier<Ending> ending) {
                return caller.finish(program, ending);
            }

            @Override
            public void out(String text) {
                caller.out(text);
            }

            @Override
            public void err(String text) {
                caller.err(text);
            }

            @Override
            public void log(String path, String text) {
                caller.log(path, text);
            }
        };
    }
}
