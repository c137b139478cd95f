package dev.rung.engine;

import dev.rung.engine.spec.HealthCheck;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Tests one container from time to time as long as it runs. Where no test is, no thread is. */
final class HealthWatch implements AutoCloseable {
    private final Container container;
    private final HealthCheck check;
    private final HealthProbe probe;
    private final Events events;
    private final Clock clock;
    private final Thread thread;

    private HealthWatch(
            Container container, HealthCheck check, HealthProbe probe, Events events, Clock clock) {
        this.container = container;
        this.check = check;
        this.probe = probe;
        this.events = events;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("health " + container.id()).unstarted(this::watch);
    }

    /** Begins, if the container has a test. */
    static void begin(Container container, HealthProbe probe, Events events, Clock clock) {
        HealthCheck check = container.record().config().healthCheck();
        if (check != null && check.isOn()) {
            var watch = new HealthWatch(container, check, probe, events, clock);
            container.health(Health.NEW, watch);
            watch.thread.start();
        }
    }

    private void watch() {
        Instant began = clock.instant();
        try {
            while (true) {
                Health before = container.health();
                boolean early =
                        clock.instant().isBefore(began.plus(check.startPeriod()))
                                && before != null
                                && before.status() == Health.Status.STARTING;
                Thread.sleep(early ? shorter(check.startInterval()) : check.interval());
                if (container.phase() == Phase.RUNNING) {
                    test(began);
                }
            }
        } catch (InterruptedException _) {
            // the container has ended
        }
    }

    private Duration shorter(Duration interval) {
        return interval.compareTo(check.interval()) < 0 ? interval : check.interval();
    }

    private void test(Instant began) throws InterruptedException {
        Health.Result result = probe.run(container, check);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Health before = container.health();
        if (before == null) {
            return;
        }
        boolean counts = !result.start().isBefore(began.plus(check.startPeriod()));
        Health after = before.after(result, counts, check.effectiveRetries());
        container.health(after, this);
        if (after.status() != before.status()) {
            events.container(container.record(), "health_status: " + after.status());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
