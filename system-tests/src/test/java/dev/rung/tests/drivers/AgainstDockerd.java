package dev.rung.tests.drivers;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tests of one class share a dockerd, and leave it no containers. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AgainstDockerd {
    final Dockerd docker;

    AgainstDockerd(Map<String, Object> settings) {
        docker = new Dockerd(settings);
    }

    @AfterEach
    void removeContainers() {
        docker.removeAll();
    }

    @AfterAll
    void end() {
        docker.close();
    }
}
