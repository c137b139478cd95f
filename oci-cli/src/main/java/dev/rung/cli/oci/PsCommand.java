package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.oci.json.JsonWriter;
import dev.rung.program.ControlStep;
import dev.rung.program.FileStep;
import dev.rung.program.Hole;
import dev.rung.program.Label;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep;
import dev.rung.program.Slot;
import dev.rung.program.StepStream;
import dev.rung.program.Text;
import dev.rung.resident.Ending;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;

final class PsCommand implements Verb {
    private static final int CHILD = 1;
    private static final int LONGEST_OUTPUT = 16 << 20;
    private static final long TEMPORARY_FILE = 020200000 | FileStep.O_RDWR | FileStep.O_CLOEXEC;

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.atLeast(1);
        Containers.Found found = call.containers().get(call.id());
        List<Integer> pids = new Lifecycle(call, found).pids();
        String format = arguments.text("format");
        if (format.equals("json")) {
            call.front().out(json(pids));
        } else if (format.equals("table")) {
            List<String> words = arguments.words();
            List<String> options =
                    words.size() > 1 ? words.subList(1, words.size()) : List.of("-ef");
            call.front().out(table(output(call, options), new HashSet<>(pids)));
        } else {
            throw new Failure.Invalid("invalid format option");
        }
        return DONE;
    }

    private static String json(List<Integer> pids) {
        if (pids.isEmpty()) {
            return "null\n";
        }
        var writer = JsonWriter.compact().beginArray();
        for (int pid : pids) {
            writer.value(pid);
        }
        return new String(writer.endArray().bytes(), StandardCharsets.UTF_8) + "\n";
    }

    /** The lines of the processes, below the heading. */
    static String table(String output, Set<Integer> pids) {
        List<String> lines = output.lines().toList();
        int column = lines.isEmpty() ? -1 : words(lines.getFirst()).indexOf("PID");
        if (column < 0) {
            throw new Failure.Invalid("couldn't find PID field in ps output");
        }
        var table = new StringBuilder(lines.getFirst()).append('\n');
        for (String line : lines.subList(1, lines.size())) {
            List<String> words = words(line);
            if (words.isEmpty()) {
                continue;
            }
            Long pid = column < words.size() ? GoSyntax.decimal(words.get(column)) : null;
            if (pid == null) {
                throw new Failure.Invalid("unable to parse pid: " + line);
            }
            if (pids.contains(pid.intValue())) {
                table.append(line).append('\n');
            }
        }
        return table.toString();
    }

    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        var each = new StringTokenizer(line);
        while (each.hasMoreTokens()) {
            words.add(each.nextToken());
        }
        return words;
    }

    /** What the caller's ps prints, into a file without a name in the folder of our state. */
    private static String output(Call call, List<String> options) {
        var acts = new Acts();
        StepStream front = acts.front();
        var label = new Label("", "unable to run ps");
        Slot file =
                front.add(
                                new FileStep.Openat(
                                        Operand.CWD, call.globals().root(), TEMPORARY_FILE, 0600),
                                label)
                        .into("output");
        Slot pid = front.add(new ControlStep.Fork(0, CHILD), label).into("ps");
        front.add(new ControlStep.HeedStream(CHILD), label);
        Hole info = acts.assembly().hole(ProcessStep.Waitid.SIZE);
        front.add(new ProcessStep.Waitid(ProcessStep.P_PID, pid, info, ProcessStep.WEXITED), label);
        Slot status = front.add(new ControlStep.Load(info.part(24, 4)), label).into("status");
        front.add(new ControlStep.Phase(0, file), label);
        child(call, acts.assembly().stream(CHILD), file, options, label);

        var text = new StringBuilder();
        PhaseHandler read =
                (_, descriptors) -> {
                    try {
                        byte[] bytes = Descriptors.readAll(descriptors.getFirst(), LONGEST_OUTPUT);
                        text.append(new String(bytes, StandardCharsets.UTF_8));
                        return List.of();
                    } catch (ErrnoException e) {
                        throw new Failure.HostRefused(String.valueOf(e.getMessage()), e);
                    }
                };
        RunResult result = new Execution(call).run(acts.build(), read, "");
        if (result.slot(status.index()) != 0) {
            throw new Failure.Invalid(
                    "exit status " + result.slot(status.index()) + ": " + text.toString().strip());
        }
        return text.toString();
    }

    private static void child(
            Call call, StepStream child, Slot file, List<String> options, Label label) {
        String path = call.front().request().environment().getOrDefault("PATH", "/usr/bin:/bin");
        var candidates = new ArrayList<Text>();
        for (String folder : path.split(":", -1)) {
            if (folder.startsWith("/")) {
                candidates.add(Text.of(folder + "/ps"));
            }
        }
        var argv = new ArrayList<Text>();
        argv.add(Text.of("ps"));
        for (String option : options) {
            argv.add(Text.of(option));
        }
        child.add(new FileStep.Dup3(file, Operand.of(1), 0), label);
        child.add(new FileStep.Dup3(file, Operand.of(2), 0), label);
        var search = new Label("", "exec: \"ps\": executable file not found in $PATH");
        Slot chosen = child.add(new ControlStep.Probe(candidates, true), search).into("chosen");
        List<Text> env = List.of(Text.of("PATH=" + path));
        child.add(new ControlStep.Exec(candidates, argv, env, chosen), label);
    }
}
