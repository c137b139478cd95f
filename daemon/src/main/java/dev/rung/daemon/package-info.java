/**
 * The engine as a process: {@link dev.rung.daemon.DaemonMain} is what a front end starts, and
 * {@code Wiring} makes all that lives as long as it does, in the order in which it depends on each
 * other.
 */
package dev.rung.daemon;
