package dev.rung.cli;

import dev.rung.cli.oci.CommandLine;
import dev.rung.cli.oci.LentFront;
import dev.rung.domain.KernelPath;
import dev.rung.engine.ExecOrder;
import dev.rung.engine.ExecWords;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Memfds;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class ExecCommand implements Command {
    private static final int FAILED = 255;
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;

    private final LentFront oci = new LentFront(new CommandLine());

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "exec",
                "[OPTIONS] CONTAINER COMMAND [ARG...]",
                "Execute a command in a running container",
                WordCount.atLeast(2));
    }

    @Override
    public boolean endsOptions() {
        return true;
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-d --detach", "Detached mode: run command in the background"),
                Switch.text("--detach-keys", "string", "Keys that detach a terminal"),
                Switch.texts("-e --env", "list", "Set environment variables"),
                Switch.texts("--env-file", "list", "Read in a file of environment variables"),
                Switch.flag("-i --interactive", "Keep STDIN open even if not attached"),
                Switch.flag("--privileged", "Give extended privileges to the command"),
                Switch.flag("-t --tty", "Allocate a pseudo-TTY"),
                Switch.text("-u --user", "string", "Username or UID (format: name|uid[:group])"),
                Switch.text("-w --workdir", "string", "Working directory inside the container"));
    }

    @Override
    public List<String> examples() {
        return List.of("exec -it web sh", "exec -u 1000 -w /tmp web ls");
    }

    @Override
    public Ending run(Invocation call) {
        var env = new ArrayList<String>();
        for (String file : call.texts("--env-file")) {
            String text = new String(call.read(file), StandardCharsets.UTF_8);
            text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(env::add);
        }
        env.addAll(call.texts("--env"));
        boolean tty = call.flag("-t");
        boolean detached = call.flag("-d");
        if (tty && call.flag("-i") && !detached && !call.caller().request().terminals().in()) {
            call.err("the input device is not a TTY\n");
            return new Ending.Exit(1);
        }
        byte[] keys = Attachment.keys(call.text("--detach-keys"));
        call.caller().seal(); // it takes its time, while we think
        List<String> words = call.words();
        var order =
                new ExecOrder(
                        words.subList(1, words.size()),
                        ContainerOptions.complete(call, env),
                        call.text("--user"),
                        call.text("--workdir"),
                        tty,
                        detached,
                        call.flag("--privileged"));
        ExecWords line = call.services().containers().exec(words.getFirst(), order);
        if (tty && !detached) {
            call.caller().terminal(keys);
        } else {
            call.caller().streams(call.flag("-i") && !detached, detached);
        }
        return switch (line) {
            case ExecWords.Binary(List<String> all) -> new Ending.Become(all);
            case ExecWords.Own own -> {
                var errors = new StringBuilder();
                var files = new OwnFiles(own.process());
                Ending ending = oci.serve(call.caller(), own.words(), errors, files);
                yield ending instanceof Ending.Exit(int code) && code == FAILED
                        ? failed(call, errors.toString())
                        : ending;
            }
        };
    }

    /** The engine's own files, and those of the kernel that it alone names. */
    @SuppressWarnings("ArrayRecordComponent")
    private record OwnFiles(byte[] process) implements LentFront.OwnFiles {
        private static final KernelPath NAME = KernelPath.of("process");

        @Override
        public @Nullable Opened open(OpenRequest file) {
            if (file.folder() != null || !file.path().toString().equals(ExecWords.PROCESS)) {
                return OURS.open(file);
            }
            try {
                return new Opened(Memfds.sealed(NAME, process), 0);
            } catch (ErrnoException e) {
                return new Opened(null, e.errno());
            }
        }
    }

    private static Ending failed(Invocation call, String errors) {
        String line = errors.strip();
        int message = line.indexOf("msg=\"");
        if (message >= 0 && line.endsWith("\"")) {
            line = line.substring(message + 5, line.length() - 1).replace("\\\"", "\"");
        }
        call.err("OCI runtime exec failed: " + line + "\n");
        boolean missing =
                line.contains("executable file not found") || line.contains("no such file");
        return new Ending.Exit(
                missing ? NOT_FOUND : line.contains("permission denied") ? NOT_EXECUTABLE : FAILED);
    }
}
