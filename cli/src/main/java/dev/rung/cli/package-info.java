/**
 * The commands of rung. They run in the engine's JVM for a front end that a person called: what
 * they print, read and open goes through {@link dev.rung.resident.Caller}, with that person's
 * rights. Picocli reads the words; what is wrong with them is said as docker says it.
 */
package dev.rung.cli;
