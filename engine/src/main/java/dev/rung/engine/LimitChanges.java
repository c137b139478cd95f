package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.config.ConfigJson;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.engine.spec.HostOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Changes what containers may use. It is recorded before the kernel is told, and a file beside what
 * runs says so meanwhile: by that the next engine knows that it has to tell the kernel what is
 * recorded, whichever of both that is. So an end in the midst leaves a change that was made, or
 * none.
 */
final class LimitChanges {
    private static final String RESOURCES = "resources.json";

    private final Registry registry;
    private final RecordFolder records;
    private final Bundles bundles;
    private final Lifecycle lifecycle;
    private final Events events;
    private final Step.Listener steps;

    LimitChanges(
            Registry registry,
            RecordFolder records,
            Bundles bundles,
            Lifecycle lifecycle,
            Events events,
            Step.Listener steps) {
        this.registry = registry;
        this.records = records;
        this.bundles = bundles;
        this.lifecycle = lifecycle;
        this.events = events;
        this.steps = steps;
    }

    /**
     * Changes what a container may use and when it is started again, at once where it runs.
     *
     * @param change makes the new options of the present ones
     */
    void update(String name, UnaryOperator<HostOptions> change) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            ContainerRecord before = container.record();
            ContainerRecord after = before.with(change.apply(before.host()));
            if (container.phase().runs() && !after.host().limits().equals(before.host().limits())) {
                bundles.needCgroups("limiting a container");
                limit(container, after);
            } else {
                records.write(after, true);
            }
            container.record(after);
            events.container(after, "update");
        } finally {
            container.lock.unlock();
        }
    }

    private void limit(Container container, ContainerRecord after) {
        Path resources = write(container, after);
        try {
            records.write(after, true);
            steps.done(Step.LIMITS_RECORDED, container.id());
            lifecycle.runtime(container).update(container.id(), resources);
            steps.done(Step.LIMITS_APPLIED, container.id());
        } catch (Failure e) {
            takeBack(container, e);
            throw e;
        }
        delete(resources);
    }

    private void takeBack(Container container, Failure why) {
        try {
            records.write(container.record(), true);
            delete(container.folders.running().resolve(RESOURCES));
        } catch (Failure e) {
            why.addSuppressed(e); // why it was refused is what counts
        }
    }

    /** What an engine was about to change in a container that runs is as it is recorded then. */
    void finish(Container container) {
        Path resources = container.folders.running().resolve(RESOURCES);
        if (!Files.exists(resources)) {
            return;
        }
        try {
            if (container.phase().runs()) {
                write(container, container.record());
                lifecycle.runtime(container).update(container.id(), resources);
            }
            delete(resources);
        } catch (Failure e) {
            System.getLogger("dev.rung.engine")
                    .log(
                            System.Logger.Level.WARNING,
                            "limit " + container.id() + " as it is recorded: " + e.getMessage());
        }
    }

    /** As the runtime's {@code --resources} takes it. */
    private static Path write(Container container, ContainerRecord record) {
        Path file = container.folders.running().resolve(RESOURCES);
        try {
            Files.write(file, ConfigJson.resources(record.host().limits()));
            return file;
        } catch (IOException e) {
            throw new Failure.HostRefused("write \"" + file + "\": " + e.getMessage(), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new Failure.HostRefused("remove \"" + file + "\": " + e.getMessage(), e);
        }
    }
}
