package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;

/** The name that a person calls a container by. */
public record ContainerName(String value) {
    public ContainerName {
        if (!VolumeName.fits(value)) {
            throw new Failure.Invalid(
                    "Invalid container name ("
                            + Printable.of(value)
                            + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
