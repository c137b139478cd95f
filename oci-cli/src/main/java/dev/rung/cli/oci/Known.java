package dev.rung.cli.oci;

import dev.rung.resident.Ending;
import java.util.function.Supplier;

/** An ending that is known beforehand. A cold JVM would have to make the classes of a lambda. */
record Known(Ending get) implements Supplier<Ending> {}
