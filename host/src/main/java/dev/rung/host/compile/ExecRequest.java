package dev.rung.host.compile;

import dev.rung.domain.ContainerId;
import dev.rung.oci.ContainerProcess;
import org.jspecify.annotations.Nullable;

/**
 * One call of exec: another process for a container that runs.
 *
 * @param pid the container's first process
 * @param startTime when that was started, so that another one with its number is not entered
 * @param process what to run, with what the container's config adds already in it
 * @param consoleSocket where to send the terminal to; null with a terminal: to the caller itself
 * @param callerTerminal without a console socket: which of the caller's streams is its terminal;
 *     -1: its controlling terminal must be
 * @param pidFile absolute, null: none
 * @param pidfdSocket where to send a descriptor of the process to, null: nowhere
 * @param preserveFds how many descriptors from 3 on the process gets
 * @param listenFds how many of them are of socket activation
 * @param noNewKeyring stay in the caller's session keyring
 * @param resctrl groups that the container is in, null: none
 * @param home HOME of the process when its environment has none; null: not known before the
 *     container's passwd can be read
 */
public record ExecRequest(
        ContainerId id,
        int pid,
        long startTime,
        String bundle,
        ContainerProcess process,
        @Nullable String consoleSocket,
        int callerTerminal,
        @Nullable String pidFile,
        @Nullable String pidfdSocket,
        int preserveFds,
        int listenFds,
        boolean noNewKeyring,
        @Nullable ResctrlGroup resctrl,
        @Nullable String home) {}
