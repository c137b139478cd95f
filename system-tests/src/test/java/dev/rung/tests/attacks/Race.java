package dev.rung.tests.attacks;

import dev.rung.testkit.Outcome;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Rounds of an attack that depends on timing. In each the container ran, and what it saw is judged,
 * or was refused in order.
 */
final class Race {
    private static final int FEWEST = 20;

    private int contained;
    private int refused;

    /**
     * Plays so many rounds, or as many as the time allows.
     *
     * @param judge looks at what a container that ran has printed
     */
    static Race rounds(
            int rounds, Duration limit, Supplier<Outcome> round, Consumer<Outcome> judge) {
        var race = new Race();
        long end = System.nanoTime() + limit.toNanos();
        for (int i = 0; i < rounds && (i < FEWEST || System.nanoTime() < end); i++) {
            Outcome outcome = round.get();
            if (outcome.status() == 0) {
                judge.accept(outcome);
                race.contained++;
            } else {
                outcome.refused();
                race.refused++;
            }
        }
        return race;
    }

    @Override
    public String toString() {
        return contained + " contained, " + refused + " refused";
    }
}
