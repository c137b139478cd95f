package dev.rung.tests.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.OciRuntime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tests of one class share an engine that serves CRI, and a kubelet that calls it. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class WithKubelet {
    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    CriClient kubelet;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = Engine.withCri();
        kubelet = new CriClient(engine.criSocket());
    }

    @AfterAll
    void end() {
        if (engine != null) {
            kubelet.close();
            engine.close();
        }
    }
}
