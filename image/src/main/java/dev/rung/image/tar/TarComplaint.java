package dev.rung.image.tar;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import org.jspecify.annotations.Nullable;

/**
 * Where in an archive something is wrong: the number of the entry, from 1, and its name if known.
 */
record TarComplaint(long entry, @Nullable KernelPath name) {

    /** Such as: invalid tar archive: entry 7 "usr/bin": the mode is no number. */
    Failure.Invalid because(String reason) {
        String where = name == null ? "entry " + entry : "entry " + entry + " \"" + name + "\"";
        return new Failure.Invalid("invalid tar archive: " + where + ": " + reason);
    }
}
