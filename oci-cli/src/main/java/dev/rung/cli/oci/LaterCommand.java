package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.resident.Ending;

/** A command of runc that this build lacks. */
final class LaterCommand implements Verb {
    @Override
    public Ending run(Call call) {
        throw new Failure.Unsupported(
                call.arguments().syntax().name()
                        + " is not there yet: checkpoint and restore through criu come later");
    }
}
