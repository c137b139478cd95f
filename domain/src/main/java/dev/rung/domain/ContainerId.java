package dev.rung.domain;

import java.util.regex.Pattern;

/**
 * Names a container and one directory under the state root, so it can hold no '/' and does not
 * begin with a dot.
 */
public record ContainerId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[\\w+-][\\w+.-]{0,1023}");

    public ContainerId {
        if (!SHAPE.matcher(value).matches()) {
            throw new Failure.Invalid(
                    "invalid container id format: \"%s\"".formatted(Printable.of(value)));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
