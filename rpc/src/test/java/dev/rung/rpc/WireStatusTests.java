package dev.rung.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Failure;
import org.junit.jupiter.api.Test;

class WireStatusTests {
    @Test
    void shouldTellTheCallerWhatToDo() {
        assertThat(WireStatus.of(new Failure.NotFound("x"))).isEqualTo(new WireStatus(404, 5));
        assertThat(WireStatus.of(new Failure.Invalid("x"))).isEqualTo(new WireStatus(400, 3));
        assertThat(WireStatus.of(new Failure.WrongState("x"))).isEqualTo(new WireStatus(409, 9));
        assertThat(WireStatus.of(new Failure.AlreadyExists("x"))).isEqualTo(new WireStatus(409, 6));
    }

    @Test
    void shouldTakeEveryOtherExceptionForOurOwnFault() {
        assertThat(WireStatus.of(new IllegalStateException("x")))
                .isEqualTo(new WireStatus(500, 13));
    }
}
