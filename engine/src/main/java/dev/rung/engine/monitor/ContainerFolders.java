package dev.rung.engine.monitor;

import java.nio.file.Path;

/**
 * Where a monitor keeps its container's files.
 *
 * @param durable holds the log and the exit record; survives a boot
 * @param running holds the socket, the pid file and the record of what runs; need not survive one
 */
public record ContainerFolders(Path durable, Path running) {
    Path socket() {
        return running.resolve("monitor.sock");
    }

    Path pidFile() {
        return running.resolve("pid");
    }

    Path runningRecord() {
        return running.resolve("running");
    }

    Path exitRecord() {
        return durable.resolve("exit");
    }
}
