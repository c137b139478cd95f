package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.engine.Health.Result;
import dev.rung.engine.Health.Status;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HealthTests {
    private static Result result(int code) {
        return new Result(Instant.EPOCH, Instant.EPOCH, code, "");
    }

    @Test
    void shouldBeUnwellAfterSoManyFailuresInARow() {
        Health once = Health.NEW.after(result(1), true, 2);
        assertThat(once.status()).isEqualTo(Status.STARTING);
        assertThat(once.after(result(1), true, 2).status()).isEqualTo(Status.UNHEALTHY);
        assertThat(once.after(result(0), true, 2).failures()).isZero();
    }

    @Test
    void shouldForgiveFailuresAtFirst() {
        Health early = Health.NEW.after(result(1), false, 1);
        assertThat(early.status()).isEqualTo(Status.STARTING);
        assertThat(early.failures()).isZero();
        Health well = early.after(result(0), false, 1);
        assertThat(well.status()).isEqualTo(Status.HEALTHY);
        assertThat(well.after(result(1), false, 1).status()).isEqualTo(Status.UNHEALTHY);
    }

    @Test
    void shouldKeepTheLastFiveResults() {
        Health health = Health.NEW;
        for (int i = 0; i < 9; i++) {
            health = health.after(result(i), true, 3);
        }
        assertThat(health.results()).extracting(Result::code).containsExactly(4, 5, 6, 7, 8);
    }
}
