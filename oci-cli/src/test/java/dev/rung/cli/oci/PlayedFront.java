package dev.rung.cli.oci;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Paths;
import dev.rung.resident.Ending;
import dev.rung.resident.FailureRecord;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.Request;
import dev.rung.resident.RunResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A front end in this process: files are opened here, programs are kept and said to succeed. */
final class PlayedFront implements Front {
    private final Request request;
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder err = new StringBuilder();
    private final StringBuilder log = new StringBuilder();
    final List<byte[]> programs = new ArrayList<>();
    @Nullable FailureRecord failure;

    private PlayedFront(Request request) {
        this.request = request;
    }

    static PlayedFront of(String... words) {
        var argv = new ArrayList<String>();
        argv.add("/usr/bin/rung-oci");
        argv.addAll(Arrays.asList(words));
        return new PlayedFront(
                new Request(
                        argv,
                        Map.of(),
                        "/",
                        1,
                        0,
                        0,
                        022,
                        new Request.Terminals(false, false, false),
                        new Request.Capabilities(0, 0, 0, 0),
                        0));
    }

    int exitCode() {
        return switch (new CommandLine().serve(this)) {
            case Ending.Exit(int code) -> code;
            case Ending.Wait _, Ending.Ready _, Ending.UnderWay _, Ending.Become _ -> -1;
        };
    }

    String out() {
        return out.toString();
    }

    /** What stands on standard error, without the times. */
    String err() {
        return err.toString().replaceAll("time=\"[^\"]*\" ", "");
    }

    String log() {
        return log.toString();
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public List<Opened> open(List<OpenRequest> files) {
        var answers = new ArrayList<Opened>();
        for (OpenRequest file : files) {
            try {
                var fd = Paths.open(file.folder(), file.path(), file.flags(), 0, file.resolve());
                answers.add(new Opened(fd, 0));
            } catch (ErrnoException e) {
                answers.add(new Opened(null, e.errno()));
            }
        }
        return answers;
    }

    @Override
    public byte[] readInput(int limit) {
        return new byte[0];
    }

    @Override
    public RunResult finish(byte[] program, Supplier<Ending> ending) {
        return run(program, PhaseHandler.NONE);
    }

    @Override
    public RunResult run(byte[] program, PhaseHandler phases) {
        programs.add(program);
        return new RunResult(failure, List.of(), Collections.nCopies(1024, 1000L));
    }

    @Override
    public void out(String text) {
        out.append(text);
    }

    @Override
    public void err(String text) {
        err.append(text);
    }

    @Override
    public void log(String path, String text) {
        log.append(text);
    }
}
