package dev.rung.program;

/** Whether a listing shows values of the environment, and what {@link Assembly#hide} was told. */
public enum Secrets {
    HIDDEN,
    SHOWN
}
