/**
 * Programs of system calls. {@link dev.rung.program.Assembly} puts {@link dev.rung.program.Step
 * steps} together, {@link dev.rung.program.Program} holds the bytes and prints them; the executor
 * that runs them is src/main/c. The format is drawn in docs/formats/program.md. Nothing here
 * touches the machine or knows of containers.
 */
package dev.rung.program;
