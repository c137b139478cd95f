package dev.rung.cli.oci;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Paths;
import dev.rung.resident.Caller;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.Request;
import dev.rung.resident.RunResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A front end that called something else, and on which commands of rung-oci are run all the same:
 * it opens files and executes programs, but did not say the words.
 */
public final class LentFront {
    private final CommandLine commands;

    public LentFront(CommandLine commands) {
        this.commands = commands;
    }

    /**
     * What a command said.
     *
     * @param code that rung-oci would exit with; 0 also when something is to be waited for
     */
    public record Said(int code, String out, String err) {}

    /**
     * Files that who lends the front end opens by himself: those that are his own, which the caller
     * did not name.
     */
    public interface OwnFiles {
        /** None are. */
        OwnFiles NONE = _ -> null;

        /**
         * All with a path that does not depend on who opens it, for front ends that have no other
         * rights and no other files than we.
         */
        OwnFiles OURS = OwnFiles::ours;

        private static @Nullable Opened ours(OpenRequest file) {
            String path = file.path().toString();
            if (file.folder() != null || path.startsWith("/proc/self/") || !path.startsWith("/")) {
                return null;
            }
            int flags = file.flags();
            if ((flags & Paths.O_PATH) == 0) {
                flags |= Paths.O_NOCTTY; // as the front end does
            }
            try {
                return new Opened(Paths.open(null, file.path(), flags, 0, file.resolve()), 0);
            } catch (ErrnoException e) {
                return new Opened(null, e.errno());
            }
        }

        /** Null for one that the front end is to open. */
        @Nullable Opened open(OpenRequest file);

        /** All of them, by whom they are to be opened; answers in the same order. */
        default List<Opened> open(Caller caller, List<OpenRequest> files) {
            var opened = new ArrayList<@Nullable Opened>(files.size());
            var asked = new ArrayList<OpenRequest>(files.size());
            for (OpenRequest file : files) {
                Opened known = open(file);
                opened.add(known);
                if (known == null) {
                    asked.add(file);
                }
            }
            Iterator<Opened> answers = caller.open(asked).iterator();
            var all = new ArrayList<Opened>(files.size());
            for (Opened known : opened) {
                all.add(known == null ? answers.next() : known);
            }
            return all;
        }
    }

    /**
     * Runs a command that ends by itself, on a front end of our own; what it prints is kept from
     * the front end.
     */
    public Said run(Caller caller, List<String> arguments) {
        var out = new StringBuilder();
        var err = new StringBuilder();
        Ending ending = commands.serve(front(caller, arguments, out, err, OwnFiles.OURS));
        int code = ending instanceof Ending.Exit(int exit) ? exit : 0;
        return new Said(code, out.toString(), err.toString());
    }

    /**
     * Runs a command that may leave something for the front end to do at the end; its errors are
     * kept from the front end.
     */
    public Ending serve(Caller caller, List<String> arguments, StringBuilder errors) {
        return serve(caller, arguments, errors, OwnFiles.NONE);
    }

    /** The same, with files that the front end is not asked for. */
    public Ending serve(
            Caller caller, List<String> arguments, StringBuilder errors, OwnFiles files) {
        return commands.serve(front(caller, arguments, null, errors, files));
    }

    private static Front front(
            Caller caller,
            List<String> arguments,
            @Nullable StringBuilder out,
            StringBuilder err,
            OwnFiles own) {
        Request request = caller.request().with(arguments);
        return new Front() {
            @Override
            public Request request() {
                return request;
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
                if (out == null) {
                    return caller.finish(program, ending);
                }
                // this front end goes on to serve, so it is not told to leave
                RunResult result = caller.run(program, PhaseHandler.NONE);
                return result.succeeded() && result.warnings().isEmpty() ? null : result;
            }

            @Override
            public void out(String text) {
                if (out == null) {
                    caller.out(text);
                } else {
                    out.append(text);
                }
            }

            @Override
            public void err(String text) {
                err.append(text);
            }

            @Override
            public void log(String path, String text) {
                err.append(text);
            }
        };
    }
}
