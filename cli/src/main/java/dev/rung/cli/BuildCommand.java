package dev.rung.cli;

import dev.rung.build.BuildOrder;
import dev.rung.build.BuildOutcome;
import dev.rung.domain.Failure;
import dev.rung.domain.RawText;
import dev.rung.resident.Ending;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** "build". */
final class BuildCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "build",
                "[OPTIONS] PATH | URL | -",
                "Build an image from a Dockerfile",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return BuildOptions.all();
    }

    @Override
    public List<String> examples() {
        return List.of(
                "build -t web .",
                "build -t web:test --target test --build-arg VERSION=2 .",
                "build -t web -f Dockerfile.alpine --secret id=token,src=token.txt .");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        boolean quiet = call.flag("-q");
        var held = new ArrayList<BuildErrand.Tell>();
        BuildOutcome outcome;
        BuildOptions options = BuildOptions.read(call);
        try (BuildInput input = BuildInput.of(call)) {
            BuildOrder order = options.order(call, input);
            outcome =
                    new BuildErrands(call)
                            .run(
                                    order,
                                    input,
                                    told -> {
                                        if (quiet) {
                                            held.add(told);
                                        } else {
                                            tell(call, told);
                                        }
                                    });
        } catch (Failure e) {
            held.forEach(told -> call.err(told.text()));
            call.err(e.getMessage() + "\n");
            return new Ending.Exit(1);
        }
        return switch (outcome) {
            case BuildOutcome.Built built -> {
                String file = call.text("--iidfile");
                if (!file.isEmpty()) {
                    byte[] id = RawText.encode(built.id().toString());
                    Sink.write(call, file, out -> out.write(id));
                }
                if (quiet) {
                    call.out(built.id() + "\n");
                }
                yield DONE;
            }
            case BuildOutcome.CommandFailed failed -> {
                held.forEach(told -> call.err(told.text()));
                call.err(failed.message() + "\n");
                yield new Ending.Exit(failed.code());
            }
        };
    }

    /** Steps stand out on a terminal, as does what programs complain of. */
    private static void tell(Invocation call, BuildErrand.Tell told) {
        boolean terminal = call.caller().request().terminals().out();
        if (told.error()) {
            call.err(
                    call.caller().request().terminals().err()
                            ? "\u001b[91m" + told.text() + "\u001b[0m"
                            : told.text());
        } else if (terminal && told.text().startsWith("Step ")) {
            call.out("\u001b[1m" + told.text().stripTrailing() + "\u001b[0m\n");
        } else {
            call.out(told.text());
        }
    }
}
