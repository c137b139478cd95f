package dev.rung.engine;

import java.util.List;

/**
 * One number about a container, in cAdvisor's words without "container_".
 *
 * @param labels values of those labels that this number has beside the container's own
 */
public record Sample(String name, List<String> labels, long value) {
    public Sample {
        labels = List.copyOf(labels);
    }

    static Sample of(String name, long value) {
        return new Sample(name, List.of(), value);
    }
}
