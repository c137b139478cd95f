package dev.rung.domain;

import java.util.regex.Pattern;

/**
 * Names a container and one directory under the state root, so it can hold no '/' and be neither
 * "." nor "..".
 */
public record ContainerId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[\\w+.-]{1,1024}");

    public ContainerId {
        if (!SHAPE.matcher(value).matches() || value.equals(".") || value.equals("..")) {
            throw new Failure.Invalid(
                    "invalid container id format: \"%s\"".formatted(Printable.of(value)));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
