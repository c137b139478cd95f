package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_NONBLOCK;
import static dev.rung.program.FileStep.O_RDONLY;

import dev.rung.oci.ContainerProcess;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Exec;
import dev.rung.program.ControlStep.Probe;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user's program: where it is looked for, its arguments and its environment. A container that
 * has none waits for a start that is always refused.
 */
final class ProcessImage {
    private static final int HOME_ROOM = 1024;

    private final ContainerProcess process;
    private final Environment environment;
    private final List<Text> variables;
    private final @Nullable Hole home;
    private @Nullable Slot choice;

    private ProcessImage(
            ContainerProcess process,
            Environment environment,
            List<Text> variables,
            @Nullable Hole home) {
        this.process = process;
        this.environment = environment;
        this.variables = variables;
        this.home = home;
    }

    /**
     * @param knownHome HOME of a user whose environment has none; null: to be asked for while the
     *     program runs
     */
    static ProcessImage of(
            ContainerProcess process,
            Environment environment,
            @Nullable String knownHome,
            Script s) {
        var variables = new ArrayList<Text>(environment.entries().size() + 1);
        for (String entry : environment.entries()) {
            variables.add(Text.of(entry));
        }
        Hole home = null;
        if (!environment.hasHome()) {
            if (knownHome != null) {
                variables.add(Text.of("HOME=" + knownHome));
            } else {
                home = s.hole(Bytes.of("HOME=/"), HOME_ROOM);
                variables.add(home);
            }
        }
        return new ProcessImage(process, environment, variables, home);
    }

    /** The environment as far as it is known, for hooks that have none of their own. */
    List<String> environment() {
        return environment.entries();
    }

    /** Looks for the program, so that one that is not there is told of before the start. */
    void probe(Script s) {
        if (process.args().isEmpty()) {
            return;
        }
        String program = process.args().getFirst();
        boolean searched = Environment.isSearched(program);
        s.at(
                "process.args[0]",
                "exec: "
                        + Quoted.of(program)
                        + (searched ? ": executable file not found in $PATH" : ""));
        choice =
                s.add(
                        "program",
                        new Probe(Script.texts(environment.candidates(program)), searched));
    }

    /** Becomes the program. */
    void execute(Script s) {
        Slot chosen = choice;
        if (chosen == null) {
            return;
        }
        s.at("process.args", "exec " + Quoted.of(process.args().getFirst()));
        s.add(
                new Exec(
                        Script.texts(environment.candidates(process.args().getFirst())),
                        Script.texts(process.args()),
                        variables,
                        chosen));
    }

    /** Asks for HOME if it must; the container's /etc/passwd lies below the root. */
    void findHome(Script s, Operand root) {
        Hole hole = home;
        if (hole != null) {
            s.at("process.env", "unable to find the home of the user");
            Slot file = s.openInside("passwd", root, "/etc/passwd", O_RDONLY | O_NONBLOCK);
            s.toleratingAll();
            s.phase(new Phase.Home(process.user().uid(), hole.at(), hole.size()), file);
            Mark missing = s.mark();
            s.skipUnlessGood(file, missing);
            s.close(file);
            s.place(missing);
        }
    }
}
