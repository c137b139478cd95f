package dev.rung.cri;

import com.google.protobuf.ByteString;
import dev.rung.cri.v1.ExecSyncRequest;
import dev.rung.cri.v1.ExecSyncResponse;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerProcesses;
import dev.rung.engine.ContainerProcesses.Running;
import dev.rung.engine.ExecOrder;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.Streams;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A command in a container whose output is the answer. */
final class ExecSync {
    /** What is kept of each stream; the rest is read and forgotten (CVE-2022-31030). */
    private static final int MOST_OUTPUT = 16 << 20;

    /**
     * From here on only one command at a time goes on; the others' write to pipes that are full.
     */
    private static final int MUCH_OUTPUT = 1 << 20;

    private final ContainerProcesses processes;
    private final PodContainers ours;
    private final Semaphore much = new Semaphore(1);

    ExecSync(ContainerProcesses processes, PodContainers ours) {
        this.processes = processes;
        this.ours = ours;
    }

    /**
     * TimedOut, by which a kubelet knows that a probe hangs, when the time is over; all that the
     * command began has ended then.
     */
    ExecSyncResponse run(ExecSyncRequest request) {
        List<String> command = command(request.getCmdList());
        String id = ours.find(request.getContainerId()).record().id().value();
        var order = new ExecOrder(command, List.of(), "", "", false, false, false);
        try (Running running = processes.start(id, order, new Streams.Pipes(false))) {
            var late = new AtomicBoolean();
            Thread timer = timer(running, Duration.ofSeconds(request.getTimeout()), late);
            try {
                ExecSyncResponse answer = read(running);
                if (late.get()) {
                    throw new Failure.TimedOut(
                            "command timed out after " + request.getTimeout() + " seconds", null);
                }
                return answer;
            } finally {
                timer.interrupt();
            }
        }
    }

    static List<String> command(List<String> words) {
        if (words.isEmpty()) {
            throw new Failure.Invalid("cmd is missing");
        }
        return List.copyOf(words);
    }

    /** No time at all is as much as it takes. */
    private static Thread timer(Running running, Duration time, AtomicBoolean late) {
        Thread timer =
                Thread.ofVirtual()
                        .name("exec timer")
                        .unstarted(() -> {
                            try {
                                Thread.sleep(time);
                                late.set(true);
                                running.kill();
                            } catch (InterruptedException _) {
                                // it has ended in time
                            }
                        });
        if (time.isPositive()) {
            timer.start();
        }
        return timer;
    }

    private ExecSyncResponse read(Running running) {
        var stdout = ByteString.newOutput();
        var stderr = ByteString.newOutput();
        boolean holds = false;
        try {
            while (true) {
                if (!holds && stdout.size() + stderr.size() > MUCH_OUTPUT) {
                    much.acquireUninterruptibly();
                    holds = true;
                }
                ExecSyncResponse answer = next(running, stdout, stderr);
                if (answer != null) {
                    return answer;
                }
            }
        } finally {
            if (holds) {
                much.release();
            }
        }
    }

    /** Null as long as it has not ended. */
    private static @Nullable ExecSyncResponse next(
            Running running, ByteString.Output stdout, ByteString.Output stderr) {
        return switch (running.next()) {
            case MonitorEvent.Written(Output stream, ByteBuffer bytes) -> {
                keep(stream == Output.STDOUT ? stdout : stderr, bytes);
                yield null;
            }
            case MonitorEvent.Ended ended ->
                    ExecSyncResponse.newBuilder()
                            .setStdout(stdout.toByteString())
                            .setStderr(stderr.toByteString())
                            .setExitCode(ended.exit().exit().code())
                            .build();
            case MonitorEvent.Lost() ->
                    throw new Failure.Unavailable("the command's monitor was killed", null);
            default -> null;
        };
    }

    private static void keep(ByteString.Output to, ByteBuffer bytes) {
        int length = Math.min(bytes.remaining(), MOST_OUTPUT - to.size());
        byte[] part = new byte[length];
        bytes.get(part);
        to.write(part, 0, length);
    }
}
