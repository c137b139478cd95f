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
        assertThat(WireStatus.of(new Failure.TimedOut("x", null)))
                .isEqualTo(new WireStatus(504, 4));
    }

    @Test
    void shouldTellADiskThatIsFullFromOtherRefusals() {
        assertThat(
                        WireStatus.of(
                                new Failure.HostRefused(
                                        "write \"f\": No space left on device", null)))
                .isEqualTo(new WireStatus(500, 8));
        assertThat(WireStatus.of(new Failure.HostRefused("write \"f\": x", null)))
                .isEqualTo(new WireStatus(500, 13));
    }

    @Test
    void shouldTakeEveryOtherExceptionForOurOwnFault() {
        assertThat(WireStatus.of(new IllegalStateException("x")))
                .isEqualTo(new WireStatus(500, 13));
    }
}
