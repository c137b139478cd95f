package dev.rung.build;

import dev.rung.build.dockerfile.Dockerfile.Stage;
import dev.rung.build.dockerfile.Instruction;
import dev.rung.domain.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What names mean among stages, and which stages others need. */
final class StageNames {
    private StageNames() {}

    /** The stage before a place that has this name; null when none has. */
    static @Nullable Integer named(List<Stage> stages, int before, String name) {
        for (int i = Math.min(before, stages.size()) - 1; i >= 0; i--) {
            if (name.toLowerCase(Locale.ROOT).equals(stages.get(i).from().name())) {
                return i;
            }
        }
        return null;
    }

    /** The same, by its number too. Invalid for a number that no stage before has. */
    static @Nullable Integer find(List<Stage> stages, int before, String name) {
        Integer named = named(stages, before, name);
        if (named != null || !name.matches("\\d{1,9}")) {
            return named;
        }
        int number = Integer.parseInt(name);
        if (number == before) {
            throw new Failure.Invalid(
                    "invalid from flag value " + name + ": refers to current build stage");
        } else if (number > before) {
            throw new Failure.Invalid("invalid from flag value " + name + ": index out of bounds");
        }
        return number;
    }

    /** The target and all that it needs, in the order of the Dockerfile. */
    static List<Integer> needed(List<Stage> stages, int target, Function<Stage, String> base) {
        var names = new ArrayList<String>();
        for (int i = 0; i <= target; i++) {
            String name = stages.get(i).from().name();
            if (name != null && names.contains(name)) {
                throw new Failure.Invalid(
                        "duplicate name " + name + ": " + name + " stage name already used");
            } else if (name != null) {
                names.add(name);
            }
        }
        var needed = new TreeSet<Integer>();
        add(stages, target, base, needed);
        return List.copyOf(needed);
    }

    private static void add(
            List<Stage> stages, int stage, Function<Stage, String> base, Set<Integer> needed) {
        if (!needed.add(stage)) {
            return;
        }
        Integer from = named(stages, stage, base.apply(stages.get(stage)));
        if (from != null) {
            add(stages, from, base, needed);
        }
        for (Instruction instruction : stages.get(stage).instructions()) {
            for (String source : sources(instruction)) {
                Integer other = find(stages, stage, source);
                if (other != null) {
                    add(stages, other, base, needed);
                }
            }
        }
    }

    private static List<String> sources(Instruction instruction) {
        return switch (instruction) {
            case Instruction.Copy copy when !copy.flags().from().isEmpty() ->
                    List.of(copy.flags().from());
            case Instruction.Run run -> mounted(run);
            default -> List.of();
        };
    }

    /** Variables stand in no names of stages, and what else is wrong is told when it is run. */
    private static List<String> mounted(Instruction.Run run) {
        var sources = new ArrayList<String>();
        for (String mount : run.mounts()) {
            for (String field : mount.split(",")) {
                if (field.startsWith("from=")) {
                    sources.add(field.substring("from=".length()));
                }
            }
        }
        return sources;
    }
}
