package dev.rung.engine.monitor;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Memfds;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import dev.rung.resident.HandOver;
import dev.rung.resident.Handler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The small child of this JVM that forks monitors, because forking a JVM is dear. Monitors are
 * init's children, so they outlive it and us. When it was killed, the next monitor gets another
 * one.
 */
public final class Spawner implements AutoCloseable {
    private static final int LONGEST_EXECUTOR = 16 << 20;
    private static final int LONGEST_MESSAGE = 64 * 1024;
    private static final int BACKLOG = 64;
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(10);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final KernelPath NAME = KernelPath.of("rung-spawner");

    /** Leaves room in what ps shows, for the name of a monitor. */
    private static final KernelPath ROOM_FOR_NAME = KernelPath.of(" ".repeat(100));

    private final Fd executor;
    private final List<KernelPath> environment;
    private final HandOver handOver;
    private final ThreadPoolExecutor makers =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    REST.toSeconds(),
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name("create ", 1).factory());
    private @Nullable Child child;

    private Spawner(Fd executor, List<KernelPath> environment, HandOver handOver) {
        this.executor = executor;
        this.environment = environment;
        this.handOver = handOver;
    }

    /** The process and our end of its socket. */
    private record Child(int pid, Fd socket) {}

    /**
     * Starts the child.
     *
     * @param executor rung-oci's binary, of which a sealed copy in memory is run
     * @param environment of other runtimes' binaries, and of hooks that have none of their own
     * @param host answers as {@link MonitorRuntime.Host}
     */
    public static Spawner start(Path executor, Map<String, String> environment, Handler host) {
        var variables = new ArrayList<KernelPath>();
        environment.forEach((name, value) -> variables.add(KernelPath.of(name + "=" + value)));
        try (Fd file = Paths.open(null, KernelPath.of(executor.toString()), 0, 0, 0)) {
            byte[] binary = Descriptors.readAll(file, LONGEST_EXECUTOR);
            Fd sealed = Memfds.sealed(NAME, binary);
            var spawner = new Spawner(sealed, variables, new HandOver(host, sealed));
            spawner.begin();
            return spawner;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("start the spawner of monitors", e);
        }
    }

    /**
     * Makes a monitor and waits until it has created its container. HostRefused, in the runtime's
     * words, when that failed; nothing of the monitor is left then. What an earlier run of the
     * container left in its folders is removed first, but for the log.
     */
    public Monitor create(MonitorOrder order) {
        var prepared = new CompletableFuture<SocketChannel>();
        // native calls wait in it, and the hand-over does all through the creation
        makers.execute(() -> make(order, prepared));
        try {
            return Monitor.created(order.folders(), prepared.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new Failure.HostRefused(
                    "make a monitor for \"" + order.id() + "\"", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while a container was created", e);
        }
    }

    /** Ends the child; monitors stay. */
    @Override
    public synchronized void close() {
        makers.shutdown();
        end();
        executor.close();
    }

    private void make(MonitorOrder order, CompletableFuture<SocketChannel> prepared) {
        Fd answering = null;
        try {
            prepare(order.folders());
            try (var door = new MonitorDoor(order.folders());
                    Fd durable = MonitorDoor.open(order.folders().durable());
                    Fd listening =
                            Sockets.listenForStreams(
                                    KernelPath.of(door.path().toString()), BACKLOG)) {
                SocketChannel channel = Monitor.connect(door.path());
                var descriptors = new ArrayList<Fd>(List.of(listening, durable, door.folder()));
                try {
                    attach(channel, order);
                    if (order.runtime() instanceof MonitorRuntime.Host) {
                        List<Fd> pair = Sockets.pair();
                        answering = pair.getFirst();
                        descriptors.add(pair.getLast());
                    }
                    Path logs = order.log().folder();
                    if (logs != null) {
                        descriptors.add(MonitorDoor.open(logs));
                    }
                    order(MonitorWire.start(order), descriptors);
                } catch (ErrnoException | IOException | RuntimeException e) {
                    channel.close();
                    throw e;
                } finally {
                    descriptors.subList(3, descriptors.size()).forEach(Fd::close);
                }
                prepared.complete(channel);
            }
            if (answering != null) {
                handOver.serve(answering);
            }
        } catch (ErrnoException | IOException | RuntimeException e) {
            prepared.completeExceptionally(e);
            if (answering != null) {
                answering.close();
            }
        }
    }

    /** What is said this early the monitor hears before the container writes anything. */
    private static void attach(SocketChannel channel, MonitorOrder order) throws IOException {
        if (!order.attached().isEmpty()) {
            ByteBuffer frame = Monitor.attachment(order.attached(), LONGEST_PATIENCE).flip();
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }
    }

    private static void prepare(ContainerFolders folders) throws IOException {
        var ours =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(folders.durable(), ours);
        Files.createDirectories(folders.running(), ours);
        for (Path old :
                List.of(
                        folders.exitRecord(),
                        folders.runningRecord(),
                        folders.pidFile(),
                        folders.socket())) {
            Files.deleteIfExists(old);
        }
    }

    /** Has the child fork a monitor; one that was killed meanwhile is replaced, once. */
    private synchronized void order(ByteBuffer message, List<Fd> descriptors)
            throws ErrnoException {
        if (message.remaining() > LONGEST_MESSAGE) {
            throw new Failure.Invalid("the arguments of a runtime are longer than 64 KiB");
        }
        for (int attempt = 1; ; attempt++) {
            try {
                int errno = attempt(message, descriptors);
                if (errno != 0) {
                    throw new ErrnoException("fork", "a monitor", errno);
                }
                return;
            } catch (ErrnoException e) {
                if (e.call().equals("fork") || attempt == 2) {
                    throw e;
                }
                end();
            }
        }
    }

    private int attempt(ByteBuffer message, List<Fd> descriptors) throws ErrnoException {
        Child running = child == null ? begin() : child;
        try (var packets = new Packets(LONGEST_MESSAGE)) {
            packets.toSend().put(message.duplicate());
            packets.send(running.socket(), message.remaining(), descriptors);
            ByteBuffer answer = packets.receive(running.socket(), new ArrayList<>());
            if (answer.remaining() != Integer.BYTES) {
                throw new ErrnoException("recvmsg", NAME, Errno.ECONNRESET);
            }
            return answer.getInt();
        }
    }

    private synchronized Child begin() throws ErrnoException {
        List<Fd> pair = Sockets.pair();
        try (Fd theirs = pair.getLast()) {
            int pid = Processes.spawn(executor, List.of(NAME, ROOM_FOR_NAME), environment, theirs);
            var started = new Child(pid, pair.getFirst());
            child = started;
            return started;
        } catch (ErrnoException e) {
            pair.getFirst().close();
            throw e;
        }
    }

    private synchronized void end() {
        Child old = child;
        child = null;
        if (old == null) {
            return;
        }
        old.socket().close();
        try {
            Processes.await(old.pid());
        } catch (ErrnoException e) {
            // somebody else has waited for it
        }
    }
}
