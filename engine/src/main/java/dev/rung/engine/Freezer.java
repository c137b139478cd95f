package dev.rung.engine;

import dev.rung.domain.Failure;

/** Freezes the processes of containers, and lets them go on. */
final class Freezer {
    private final Registry registry;
    private final Bundles bundles;
    private final Lifecycle lifecycle;
    private final Events events;

    Freezer(Registry registry, Bundles bundles, Lifecycle lifecycle, Events events) {
        this.registry = registry;
        this.bundles = bundles;
        this.lifecycle = lifecycle;
        this.events = events;
    }

    /** Freezes all of its processes. */
    void pause(String name) {
        pause(name, Pauses.Reason.PERSON);
    }

    /** The same; an engine that takes over lets it go on. */
    void pauseForCommit(String name) {
        pause(name, Pauses.Reason.COMMIT);
    }

    private void pause(String name, Pauses.Reason reason) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            if (container.phase() == Phase.PAUSED) {
                throw new Failure.WrongState("Container " + container.id() + " is already paused");
            } else if (container.phase() != Phase.RUNNING) {
                throw new Failure.WrongState("container " + container.id() + " is not running");
            }
            bundles.needCgroups("pausing a container");
            Pauses.note(container, reason);
            lifecycle.runtime(container).pause(container.id());
            container.phase(Phase.PAUSED);
            events.container(container.record(), "pause");
        } finally {
            container.lock.unlock();
        }
    }

    void unpause(String name) {
        Container container = registry.find(name);
        if (container.phase() != Phase.PAUSED) {
            throw new Failure.WrongState("Container " + container.id() + " is not paused");
        }
        resume(container);
    }

    void resume(Container container) {
        container.lock.lock();
        try {
            lifecycle.runtime(container).resume(container.id());
            Pauses.forget(container);
            container.phase(Phase.RUNNING);
            events.container(container.record(), "unpause");
        } finally {
            container.lock.unlock();
        }
    }
}
