package dev.rung.tests.monitor;

import dev.rung.testkit.Command;
import dev.rung.testkit.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another OCI runtime on a state folder. */
record ForeignRuntime(Path binary, Path root) {
    Outcome call(String... arguments) {
        var all = new ArrayList<>(List.of(binary.toString(), "--root", root.toString()));
        all.addAll(List.of(arguments));
        return Command.of(all).succeed();
    }
}
