package dev.rung.host.compile;

import dev.rung.program.ControlStep.Output;
import dev.rung.program.FileStep;
import dev.rung.program.Label;
import dev.rung.program.Operand;
import dev.rung.program.StepStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files that take what hooks print, named by the annotations that crun has for that. */
public final class HookOutput {
    private static final String STDOUT = "run.oci.hooks.stdout";
    private static final String STDERR = "run.oci.hooks.stderr";
    private static final long APPENDING =
            FileStep.O_WRONLY
                    | FileStep.O_CREAT
                    | FileStep.O_APPEND
                    | FileStep.O_NOCTTY
                    | FileStep.O_CLOEXEC;

    private HookOutput() {}

    /** Opens the files, if any is named, for the hooks of this stream and those that it forks. */
    public static void redirect(StepStream stream, Map<String, String> annotations) {
        String out = annotations.get(STDOUT);
        String err = annotations.get(STDERR);
        if (out != null || err != null) {
            Operand first = file(stream, STDOUT, out);
            stream.add(new Output(first, file(stream, STDERR, err)), Label.NONE);
        }
    }

    private static Operand file(StepStream stream, String annotation, @Nullable String path) {
        if (path == null) {
            return Operand.NONE;
        }
        return stream.add(
                        new FileStep.Openat(Operand.CWD, path, APPENDING, 0600),
                        new Label("annotations[" + Quoted.of(annotation) + "]", "open " + path))
                .into("hookOutput");
    }
}
