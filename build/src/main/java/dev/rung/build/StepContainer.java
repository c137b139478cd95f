package dev.rung.build;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.NewContainer;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.Output;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The container of one RUN, while it runs and until what it changed is a layer. */
final class StepContainer {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Containers containers;
    private final ContainerId id;
    private final BuildListener listener;

    private StepContainer(Containers containers, ContainerId id, BuildListener listener) {
        this.containers = containers;
        this.id = id;
        this.listener = listener;
    }

    static StepContainer make(
            Containers containers, NewContainer request, ImageState state, BuildListener listener) {
        ContainerView made = shielded(() -> containers.createForBuild(request, state.image()));
        return new StepContainer(containers, made.record().id(), listener);
    }

    /**
     * Does work of the engine on another thread, to its end: an interrupt would close its channels
     * in the middle, and leave a container half made. Whoever was interrupted meanwhile is so
     * after.
     */
    private static <T> T shielded(Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread.ofPlatform().name("build step").start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new Failure.Unavailable("make a container for a build", e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    ContainerId id() {
        return id;
    }

    /** Runs it to its end; the exit code. InterruptedException ends it. */
    int run() throws InterruptedException {
        var follower = new Follower();
        boolean done = false;
        try {
            shielded(() -> containers.start(id.value(), follower::begin));
            int code = containers.ended(id.value()).get();
            follower.await();
            done = true;
            return code;
        } catch (ExecutionException e) {
            throw new Failure.Unavailable("wait for a step of a build", e);
        } finally {
            if (!done) {
                follower.end();
            }
        }
    }

    /** Removes it, whatever it does. */
    void remove() {
        containers.remove(id.value(), true, true);
    }

    /** Passes on what the container writes. */
    private final class Follower {
        private final Map<Output, CharsetDecoder> decoders = new EnumMap<>(Output.class);
        private volatile @Nullable Monitor monitor;
        private volatile @Nullable FutureTask<Void> following;

        /** Attaches before the container's process runs. */
        void begin(ContainerFolders folders) {
            Monitor connected = Monitor.connect(folders);
            monitor = connected;
            connected.attach(EnumSet.allOf(Output.class), PATIENCE);
            while (!(connected.next() instanceof MonitorEvent.Attached)) {
                // a notice, perhaps
            }
            var task =
                    new FutureTask<Void>(() -> {
                        follow(connected);
                        return null;
                    });
            following = task;
            Thread.ofVirtual().name("follow " + id).start(task);
        }

        private void follow(Monitor connected) {
            while (true) {
                switch (connected.next()) {
                    case MonitorEvent.Written(Output stream, ByteBuffer bytes) ->
                            tell(stream, text(stream, bytes));
                    case MonitorEvent.Ended _, MonitorEvent.Lost _ -> {
                        return;
                    }
                    default -> {}
                }
            }
        }

        private void tell(Output stream, String text) {
            Consumer<String> listening = stream == Output.STDOUT ? listener::text : listener::error;
            listening.accept(text);
        }

        /** A character whose bytes came in two pieces is one all the same. */
        private String text(Output stream, ByteBuffer bytes) {
            CharsetDecoder decoder =
                    decoders.computeIfAbsent(
                            stream,
                            absent ->
                                    StandardCharsets.UTF_8
                                            .newDecoder()
                                            .onMalformedInput(CodingErrorAction.REPLACE));
            byte[] rest = rests.getOrDefault(stream, new byte[0]);
            ByteBuffer all = ByteBuffer.allocate(rest.length + bytes.remaining());
            all.put(rest).put(bytes).flip();
            CharBuffer text = CharBuffer.allocate(all.remaining() + 1);
            decoder.decode(all, text, false);
            var left = new byte[all.remaining()];
            all.get(left);
            rests.put(stream, left);
            return text.flip().toString();
        }

        private final Map<Output, byte[]> rests = new EnumMap<>(Output.class);

        void await() throws InterruptedException, ExecutionException {
            FutureTask<Void> task = following;
            if (task != null) {
                task.get();
            }
            end();
        }

        void end() {
            Monitor connected = monitor;
            if (connected != null) {
                connected.close();
            }
        }
    }
}
