package dev.rung.cli;

import dev.rung.build.ImageChanges;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.engine.ContainerCommit;
import dev.rung.resident.Ending;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class CommitCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "commit",
                "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
                "Create a new image from a container's changes",
                WordCount.between(1, 2));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-a --author", "string", "Author, such as \"Joe <joe@example.com>\""),
                Switch.texts("-c --change", "list", "Apply Dockerfile instruction to the image"),
                Switch.text("-m --message", "string", "Commit message"),
                Switch.flag("-p --pause", "Pause container during commit (default)"),
                Switch.flag("--no-pause", "Let the container run during commit"));
    }

    @Override
    public List<String> examples() {
        return List.of("commit -m 'with tools' -c 'CMD [\"serve\"]' web web:tools");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        List<String> words = call.words();
        ImageName name = words.size() == 1 ? null : ImageName.parse(words.get(1)).withDefaultTag();
        if (name != null && name.digest() != null) {
            throw new Failure.Invalid("cannot commit to digest reference");
        }
        var order =
                new ContainerCommit.Order(
                        name,
                        call.text("--author"),
                        call.text("--message"),
                        ImageChanges.of(call.texts("--change")),
                        !call.flag("--no-pause"));
        try {
            call.out(call.services().commits().commit(words.getFirst(), order) + "\n");
            return DONE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }
}
