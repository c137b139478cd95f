package dev.rung.engine;

import java.util.List;

/**
 * A process beside a container's own.
 *
 * @param user empty: the container's
 * @param workingDir empty: the container's
 */
public record ExecOrder(
        List<String> command,
        List<String> env,
        String user,
        String workingDir,
        boolean tty,
        boolean detached,
        boolean privileged) {}
