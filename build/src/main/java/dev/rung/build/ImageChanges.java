package dev.rung.build;

import dev.rung.build.dockerfile.Dockerfile;
import dev.rung.build.dockerfile.Instruction;
import dev.rung.build.dockerfile.Substitution;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.image.ContainerDefaults;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Instructions of a Dockerfile that change what an image says of its containers, as commit and
 * import take them.
 */
public final class ImageChanges implements UnaryOperator<ContainerDefaults> {
    private static final char ESCAPE = '\\';

    private final List<Instruction> instructions;

    private ImageChanges(List<Instruction> instructions) {
        this.instructions = instructions;
    }

    /** Reads them. Invalid for what is no instruction, or one that changes more than settings. */
    public static ImageChanges of(List<String> lines) {
        List<Instruction> all = Dockerfile.instructions(String.join("\n", lines), ESCAPE);
        for (Instruction instruction : all) {
            boolean taken =
                    instruction instanceof Instruction.Workdir
                            || instruction instanceof Instruction.Setting
                                    && !(instruction instanceof Instruction.Shell);
            if (!taken) {
                String word = instruction.source().text().split("\\s", 2)[0];
                throw new Failure.Invalid(Printable.of(word) + " is not a valid change command");
            }
        }
        return new ImageChanges(all);
    }

    /** The settings with all of them done, in order. */
    @Override
    public ContainerDefaults apply(ContainerDefaults before) {
        var settings = new Settings(before);
        for (Instruction instruction : instructions) {
            var words = new Substitution(ESCAPE, settings.environment());
            if (instruction instanceof Instruction.Setting setting) {
                SettingChange.apply(setting, settings, words);
            } else if (instruction instanceof Instruction.Workdir workdir) {
                settings.workingDir(words.word(workdir.path()));
            }
        }
        return settings.done();
    }
}
