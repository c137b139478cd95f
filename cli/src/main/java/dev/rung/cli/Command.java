package dev.rung.cli;

import dev.rung.resident.Ending;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** One command of rung. */
interface Command {
    Ending.Exit DONE = new Ending.Exit(0);

    Synopsis synopsis();

    default String name() {
        return synopsis().name();
    }

    /** Whether all behind the first word are words, as where they are a command line. */
    default boolean endsOptions() {
        return false;
    }

    /** Made anew for each call. */
    default List<OptionSpec> options() {
        return List.of();
    }

    /** Lines that show how it is used; each without the name of the program. */
    default List<String> examples() {
        return List.of();
    }

    Ending run(Invocation call) throws IOException;
}
