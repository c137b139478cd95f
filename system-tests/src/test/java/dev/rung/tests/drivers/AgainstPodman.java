package dev.rung.tests.drivers;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tests of one class share a podman, and leave it no containers. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AgainstPodman {
    final Podman podman;

    AgainstPodman(boolean rootless) {
        podman = new Podman(rootless);
    }

    @AfterEach
    void removeContainers() {
        podman.removeAll();
    }

    @AfterAll
    void end() {
        podman.close();
    }
}
