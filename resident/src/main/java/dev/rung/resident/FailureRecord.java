package dev.rung.resident;

/**
 * A step of a program that failed, or whose tolerated error is worth a warning.
 *
 * @param error an errno; 0x1000 and an exit status, or 0x2000 and a signal, of a helper it ran
 * @param key the key of config.json that asked for the step, such as "mounts[3]"; may be empty
 * @param say what to say of it, in runc's words; may be empty
 * @param text what the helper said, or the path that was tried; may be empty
 */
public record FailureRecord(
        int stream, int step, int error, long aux, String key, String say, String text) {}
