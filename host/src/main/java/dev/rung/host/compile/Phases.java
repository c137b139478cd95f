package dev.rung.host.compile;

import java.util.ArrayList;
import java.util.List;

/** The phases of one program, numbered in the order in which they were added. */
final class Phases {
    private final List<Phase> list = new ArrayList<>(0);

    int add(Phase phase) {
        list.add(phase);
        return list.size() - 1;
    }

    List<Phase> list() {
        return List.copyOf(list);
    }
}
