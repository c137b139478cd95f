package dev.rung.resident;

import java.util.List;
import java.util.Map;

/**
 * What a front end says of its caller, first of all. Texts are {@link dev.rung.domain.RawText}:
 * what was not UTF-8 survives the way back to the kernel.
 *
 * @param arguments argv, the name of the program first
 * @param environment only what means something to a command: RUNG_*, XDG_RUNTIME_DIR,
 *     NOTIFY_SOCKET, LISTEN_*, HOME, PATH, TERM, DBUS_SESSION_BUS_ADDRESS
 * @param workingDirectory empty when it is gone or out of sight
 * @param inheritedDescriptors how many are open from 3 on without a gap
 */
public record Request(
        List<String> arguments,
        Map<String, String> environment,
        String workingDirectory,
        int pid,
        int uid,
        int gid,
        int umask,
        Terminals terminals,
        Capabilities capabilities,
        int inheritedDescriptors) {

    /** The same with other words. */
    public Request with(List<String> words) {
        return new Request(
                words,
                environment,
                workingDirectory,
                pid,
                uid,
                gid,
                umask,
                terminals,
                capabilities,
                inheritedDescriptors);
    }

    /** Which of the caller's standard descriptors are terminals. */
    public record Terminals(boolean in, boolean out, boolean err) {}

    /** The caller's capability sets, a bit for each number of capabilities(7). */
    public record Capabilities(long effective, long permitted, long bounding, long inheritable) {}
}
