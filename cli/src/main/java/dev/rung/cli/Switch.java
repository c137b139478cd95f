package dev.rung.cli;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Options of commands, as docker writes them. */
final class Switch {
    private Switch() {}

    /** On or off; also --name=false. */
    static OptionSpec flag(String names, String about) {
        return OptionSpec.builder(names.split(" "))
                .type(Boolean.class)
                .arity("0")
                .description(about)
                .build();
    }

    /** With one value; given twice, the last one counts. */
    static OptionSpec text(String names, String kind, String about) {
        return OptionSpec.builder(names.split(" "))
                .type(String.class)
                .arity("1")
                .paramLabel(kind)
                .description(about)
                .build();
    }

    /** Can be given any number of times. */
    static OptionSpec texts(String names, String kind, String about) {
        return OptionSpec.builder(names.split(" "))
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(kind)
                .description(about)
                .build();
    }
}
