package dev.rung.resident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Failure;
import org.junit.jupiter.api.Test;

class CallerTests {
    @Test
    void shouldPrintAndExit() throws Exception {
        Handler handler =
                caller -> {
                    caller.out("hello " + caller.request().arguments().get(1));
                    caller.err("oh\n");
                    return new Ending.Exit(7);
                };
        try (var front = ScriptedFrontEnd.of(handler).call("rung-oci", "world")) {
            assertThat(front.lines()).containsExactly("1:hello world", "2:oh\n", "exit 7");
        }
    }

    @Test
    void shouldTurnAFailureIntoOneLineAndExitCodeOne() throws Exception {
        Handler handler =
                caller -> {
                    throw new Failure.NotFound("container \"x\" does not exist");
                };
        try (var front = ScriptedFrontEnd.of(handler).call("rung-oci")) {
            assertThat(front.lines())
                    .containsExactly("2:rung-oci: container \"x\" does not exist\n", "exit 1");
        }
    }
}
