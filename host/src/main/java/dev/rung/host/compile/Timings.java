package dev.rung.host.compile;

/**
 * How long the parts of a create take is to be told.
 *
 * @param file where to, absolute
 * @param askedNanos when the call came, by System.nanoTime
 */
public record Timings(String file, long askedNanos) {}
