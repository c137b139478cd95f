package dev.rung.build;

import dev.rung.build.BuildCache.Holds;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.ContainerFiles;
import dev.rung.engine.Containers;
import dev.rung.engine.NewContainer;
import dev.rung.engine.spec.ClientStreams;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HealthCheck;
import dev.rung.image.archive.Spool.Layer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One RUN: a container, and the layer of what it changed. */
final class RunStep {
    private static final int SHORT = 12;

    private final BuildParts parts;
    private final BuildOrder order;
    private final BuildListener listener;

    RunStep(BuildParts parts, BuildOrder order, BuildListener listener) {
        this.parts = parts;
        this.order = order;
        this.listener = listener;
    }

    /**
     * What a container is made of.
     *
     * @param command program and arguments
     * @param environment beside the image's
     * @param network the instruction's own, or empty
     */
    record Command(
            ImageState before, List<String> command, List<String> environment, String network) {}

    /** Runs it; null when no file was changed. CommandFailure for another exit code than 0. */
    @Nullable Layer run(Command step, StepMounts mounts, Holds holds)
            throws IOException, InterruptedException, CommandFailure {
        StepContainer container =
                StepContainer.make(
                        parts.containers(), request(step, mounts), step.before, listener);
        String id = container.id().value();
        boolean keeps = !order.alwaysRemoves(); // what fails, as Docker does
        try {
            listener.text(" ---> Running in " + id.substring(0, SHORT) + "\n");
            int code = container.run();
            if (code != 0) {
                throw new CommandFailure(
                        "The command '%s' returned a non-zero code: %d"
                                .formatted(String.join(" ", step.command), code),
                        code);
            }
            Layer layer = parts.commits().commit(id, marks(mounts), step.before, holds);
            keeps = !order.removes() && !order.alwaysRemoves();
            return layer;
        } catch (InterruptedException e) {
            keeps = false;
            throw e;
        } finally {
            end(container, keeps);
        }
    }

    /** Of what a person cancels nothing is kept. */
    private void end(StepContainer container, boolean keeps) {
        boolean cancelled = Thread.interrupted();
        String id = container.id().value();
        try {
            if (keeps && !cancelled) {
                parts.containers().keepAfterBuild(id);
            } else {
                listener.text("Removing intermediate container " + id.substring(0, SHORT) + "\n");
                container.remove();
            }
        } finally {
            if (cancelled) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Set<KernelPath> marks(StepMounts mounts) {
        var marks = new HashSet<>(mounts.marks());
        marks.addAll(ContainerFiles.MARKS);
        return marks;
    }

    private NewContainer request(Command step, StepMounts mounts) {
        var environment = new ArrayList<>(step.environment);
        environment.addAll(mounts.environment());
        Digest id = step.before.id();
        var config =
                new ContainerConfig(
                        "",
                        "",
                        "",
                        false,
                        false,
                        false,
                        List.copyOf(environment),
                        step.command,
                        List.of(""), // not the image's
                        id.toString(),
                        "",
                        Map.of(),
                        List.of(),
                        List.of(),
                        "",
                        null,
                        new HealthCheck(List.of("NONE"), 0, 0, 0, 0, 0),
                        ClientStreams.NONE);
        if (step.command.isEmpty()) {
            throw new Failure.Invalid("RUN requires at least one argument");
        }
        return new NewContainer(
                null,
                null,
                config,
                order.run()
                        .host(
                                step.network,
                                mounts.options(),
                                Map.of(Containers.BUILD_MARK, "step")),
                List.of());
    }
}
