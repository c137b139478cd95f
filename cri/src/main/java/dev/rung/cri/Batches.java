package dev.rung.cri;

import java.util.List;
import java.util.function.Predicate;

/** Long lists in several answers. */
final class Batches {
    private Batches() {}

    /** Hands the list over in parts, until somebody wants no more. */
    static <T> void send(List<T> all, int most, Predicate<List<T>> taker) {
        for (int from = 0; from < all.size(); from += most) {
            if (!taker.test(all.subList(from, Math.min(from + most, all.size())))) {
                return;
            }
        }
    }
}
