package dev.rung.cli;

import dev.rung.build.BuildOutcome;
import java.util.concurrent.FutureTask;

/** Something that a build wants of the thread that speaks to the person's front end. */
sealed interface BuildErrand {
    /** Text to be shown; error: what a program wrote to stderr. */
    record Tell(String text, boolean error) implements BuildErrand {}

    /** Something to be asked of the person, such as who they are to a registry. */
    record Ask(FutureTask<Boolean> question) implements BuildErrand {}

    /** The build has ended. */
    record Done(FutureTask<BuildOutcome> build) implements BuildErrand {}
}
