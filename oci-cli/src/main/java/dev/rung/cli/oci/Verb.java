package dev.rung.cli.oci;

import dev.rung.resident.Ending;

/** What one command does. A Failure that it throws is logged as an error. */
interface Verb {
    Ending.Exit DONE = new Ending.Exit(0);

    Ending run(Call call);
}
