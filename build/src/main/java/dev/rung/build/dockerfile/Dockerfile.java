package dev.rung.build.dockerfile;

import dev.rung.build.dockerfile.Instruction.Arg;
import dev.rung.build.dockerfile.Instruction.From;
import dev.rung.domain.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be built.
 *
 * @param escape the character that continues lines and takes the meaning of the next
 * @param globals what stands before the first stage
 * @param warnings for the person who wrote it
 */
public record Dockerfile(
        char escape, List<Arg> globals, List<Stage> stages, List<String> warnings) {
    /** Of a whole Dockerfile, in bytes. */
    public static final int LARGEST = 8 << 20;

    /** An image that is made, for another stage or as the result. */
    public record Stage(From from, List<Instruction> instructions) {
        public Stage {
            instructions = List.copyOf(instructions);
        }

        /** The same with more to do at its end. */
        public Stage with(List<Instruction> more) {
            var all = new ArrayList<>(instructions);
            all.addAll(more);
            return new Stage(from, all);
        }
    }

    /** Reads one. Invalid, in Docker's words, for the first thing that is wrong. */
    public static Dockerfile parse(byte[] text) {
        LogicalLines lines = LogicalLines.read(text);
        if (lines.lines().isEmpty()) {
            throw new Failure.Invalid("the Dockerfile (Dockerfile) cannot be empty");
        }
        var globals = new ArrayList<Arg>();
        var stages = new ArrayList<Stage>();
        var from = new ArrayList<From>(); // of the last stage, one at most
        var instructions = new ArrayList<Instruction>();
        for (LogicalLines.Line line : lines.lines()) {
            switch (read(line, lines.escape())) {
                case From next -> {
                    if (!from.isEmpty()) {
                        stages.add(new Stage(from.removeFirst(), instructions));
                        instructions.clear();
                    }
                    from.add(next);
                }
                case Arg arg when from.isEmpty() -> globals.add(arg);
                case Instruction other when from.isEmpty() ->
                        throw parseError(
                                other.source().line(), "no build stage in current context");
                case Instruction other -> instructions.add(other);
            }
        }
        if (from.isEmpty()) {
            throw new Failure.Invalid("no build stage in current context");
        }
        stages.add(new Stage(from.getFirst(), instructions));
        return new Dockerfile(
                lines.escape(), List.copyOf(globals), List.copyOf(stages), lines.warnings());
    }

    /** Reads the one instruction that an image has for those built from it. */
    public static Instruction trigger(String text, char escape) {
        List<Instruction> all = instructions(text, escape);
        if (all.size() != 1) {
            throw new Failure.Invalid("onbuild trigger should be a single expression");
        }
        return all.getFirst();
    }

    /** Reads instructions that are of no stage; there may be none. */
    public static List<Instruction> instructions(String text, char escape) {
        LogicalLines lines = LogicalLines.read(text.getBytes(StandardCharsets.UTF_8), escape);
        return lines.lines().stream().map(line -> read(line, escape)).toList();
    }

    private static Instruction read(LogicalLines.Line line, char escape) {
        try {
            return InstructionReader.read(line, escape);
        } catch (Failure.Invalid e) {
            throw parseError(line.number(), String.valueOf(e.getMessage()));
        }
    }

    static Failure.Invalid parseError(int line, String why) {
        return new Failure.Invalid("dockerfile parse error on line " + line + ": " + why);
    }
}
