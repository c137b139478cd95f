/**
 * config.json in, a {@link dev.rung.program.Program} out: a pure function, tested without root.
 * Must not touch files, the clock, dev.rung.linux or threads; what it needs to know of the host
 * arrives as a value.
 *
 * <p>Source: OCI runtime-spec 1.3 config.md, config-linux.md and runtime.md. Where the order of
 * acts or the words of an error are not in the specification, they are runc's.
 */
@NullMarked
package dev.rung.host.compile;

import org.jspecify.annotations.NullMarked;
