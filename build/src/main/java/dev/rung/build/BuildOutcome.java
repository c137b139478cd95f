package dev.rung.build;

import dev.rung.domain.Digest;

/** What became of a build that was well asked for. */
public sealed interface BuildOutcome {
    /** The image's id. */
    record Built(Digest id) implements BuildOutcome {}

    /**
     * The command of a RUN failed.
     *
     * @param message in Docker's words, which name the command and the code
     * @param code from 1 to 255
     */
    record CommandFailed(String message, int code) implements BuildOutcome {}
}
