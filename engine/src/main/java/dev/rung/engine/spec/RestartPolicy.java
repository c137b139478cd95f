package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * When a container that ended is started again.
 *
 * @param attempts how often after a failure, 0: without end; counts for {@link When#ON_FAILURE}
 */
public record RestartPolicy(When when, int attempts) {
    public static final RestartPolicy NEVER = new RestartPolicy(When.NO, 0);

    /** Prints as in Docker: no, always, ... */
    public enum When {
        NO("no"),
        ALWAYS("always"),
        UNLESS_STOPPED("unless-stopped"),
        ON_FAILURE("on-failure");

        private final String text;

        When(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public RestartPolicy {
        if (attempts < 0) {
            throw new Failure.Invalid("maximum retry count cannot be negative");
        }
        if (attempts > 0 && when != When.ON_FAILURE) {
            throw new Failure.Invalid(
                    "maximum retry count cannot be used with restart policy '" + when + "'");
        }
    }

    /** A policy as on the command line: NAME, or on-failure:ATTEMPTS. */
    public static RestartPolicy parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        int attempts = 0;
        if (colon >= 0) {
            try {
                attempts = Integer.parseInt(text.substring(colon + 1));
            } catch (NumberFormatException _) {
                throw new Failure.Invalid(
                        "invalid restart policy format: maximum retry count must be an integer");
            }
        }
        return new RestartPolicy(named(name), attempts);
    }

    static RestartPolicy read(@Nullable JsonFields fields) {
        if (fields == null) {
            return NEVER;
        }
        String name = fields.optionalText("Name");
        int attempts = (int) fields.integerOr("MaximumRetryCount", 0, Integer.MAX_VALUE, 0);
        return new RestartPolicy(named(name == null ? "" : name), attempts);
    }

    private static When named(String name) {
        if (name.isEmpty()) {
            return When.NO;
        }
        for (When when : When.values()) {
            if (when.text.equals(name)) {
                return when;
            }
        }
        throw new Failure.Invalid(
                "invalid restart policy: unknown policy '"
                        + Printable.of(name)
                        + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
    }

    void write(JsonWriter to) {
        to.beginObject()
                .field("Name", when.toString())
                .field("MaximumRetryCount", attempts)
                .endObject();
    }

    /**
     * Whether a container that ended by itself is to be started again.
     *
     * @param failures how often in a row it was started again already
     */
    public boolean restarts(int exitCode, int failures) {
        return switch (when) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE -> exitCode != 0 && (attempts == 0 || failures < attempts);
        };
    }
}
