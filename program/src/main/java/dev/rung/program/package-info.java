/**
 * Programs of system calls: their steps, their bytes, their listing, and the executor that runs
 * them.
 */
package dev.rung.program;
