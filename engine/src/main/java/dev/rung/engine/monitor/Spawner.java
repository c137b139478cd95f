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
import dev.rung.resident.Caller;
import dev.rung.resident.ConversationLost;
import dev.rung.resident.Ending;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The small child of this JVM that forks monitors, because forking a JVM is dear. Monitors are
 * init's children, so they outlive it and us. When it was killed, the next monitor gets another
 * one. One monitor is there ahead of the next order, and knows nothing before that; the one after
 * it is made when the order is carried out and its process is not just starting: both would want
 * the same processors.
 */
public final class Spawner implements AutoCloseable {
    private static final int LONGEST_EXECUTOR = 16 << 20;
    private static final int LONGEST_MESSAGE = 64 * 1024;
    private static final int BACKLOG = 64;
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(10);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final Duration TIME_TO_START = Duration.ofMillis(20);
    private static final KernelPath NAME = KernelPath.of("rung-spawner");

    /** The order that a call of a creator is served for. */
    private static final ScopedValue<MonitorOrder> SERVED = ScopedValue.newInstance();

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
    private final AtomicReference<@Nullable Waiting> ready = new AtomicReference<>();
    private final AtomicInteger orders = new AtomicInteger();
    private @Nullable Child child;
    private boolean closed;

    private Spawner(Fd executor, List<KernelPath> environment, Handler host, FrontEnds frontEnds) {
        this.executor = executor;
        this.environment = environment;
        this.handOver = new HandOver(caller -> serve(caller, host, frontEnds), executor);
    }

    /** The process and our end of its socket. */
    private record Child(int pid, Fd socket) {}

    /** A monitor without an order: where it takes it, and where its creator does. */
    private record Waiting(Fd orders, Fd creator) implements AutoCloseable {
        @Override
        public void close() {
            orders.close();
            creator.close();
        }
    }

    /**
     * Starts the child.
     *
     * @param executor rung-oci's binary, of which a sealed copy in memory is run
     * @param environment of other runtimes' binaries, and of hooks that have none of their own
     * @param host answers as {@link MonitorRuntime.Host}
     * @param frontEnds is told of those that create containers
     */
    public static Spawner start(
            Path executor, Map<String, String> environment, Handler host, FrontEnds frontEnds) {
        var variables = new ArrayList<KernelPath>();
        environment.forEach((name, value) -> variables.add(KernelPath.of(name + "=" + value)));
        try (Fd file = Paths.open(null, KernelPath.of(executor.toString()), 0, 0, 0)) {
            byte[] binary = Descriptors.readAll(file, LONGEST_EXECUTOR);
            Fd sealed = Memfds.sealed(NAME, binary);
            var spawner = new Spawner(sealed, variables, host, frontEnds);
            spawner.begin();
            spawner.makers.execute(spawner::makeReady);
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
        var created = new CompletableFuture<Monitor>();
        // it waits in native calls, which hold a virtual thread's carrier
        makers.execute(() -> make(order, created));
        try {
            return created.get();
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
        closed = true;
        makers.shutdown();
        Waiting unused = ready.getAndSet(null);
        if (unused != null) {
            unused.close();
        }
        end();
        executor.close();
    }

    private static Ending serve(Caller caller, Handler host, FrontEnds frontEnds) {
        MonitorOrder order = SERVED.get();
        if (order.verb() instanceof MonitorVerb.Exec) {
            return host.serve(caller);
        }
        int pid = caller.request().pid();
        frontEnds.begin(pid, order.id());
        try {
            return host.serve(caller);
        } finally {
            frontEnds.end(pid);
        }
    }

    private void make(MonitorOrder order, CompletableFuture<Monitor> created) {
        orders.incrementAndGet();
        Monitor monitor = null;
        try {
            prepare(order.folders());
            SocketChannel channel = order(order);
            monitor = Monitor.created(order.folders(), channel);
            created.complete(monitor);
        } catch (ErrnoException | IOException | RuntimeException e) {
            created.completeExceptionally(e);
        }
        orders.decrementAndGet();
        if (monitor != null) {
            monitor.awaitClosed(TIME_TO_START);
        }
        if (orders.get() == 0) { // else who carries out the last one does it
            makeReady();
        }
    }

    /** Has a monitor do it, and answers its creator; who returns is connected to the monitor. */
    private SocketChannel order(MonitorOrder order) throws ErrnoException, IOException {
        try (var door = new MonitorDoor(order.folders());
                Fd durable = MonitorDoor.open(order.folders().durable());
                Fd listening =
                        Sockets.listenForStreams(KernelPath.of(door.path().toString()), BACKLOG)) {
            SocketChannel channel = Monitor.connect(door.path());
            var descriptors = new ArrayList<Fd>(List.of(listening, durable, door.folder()));
            Path logs = order.log().folder();
            try (Fd log = logs == null ? null : MonitorDoor.open(logs)) {
                attach(channel, order);
                if (log != null) {
                    descriptors.add(log);
                }
                Fd creator = give(order, descriptors);
                if (creator != null) {
                    ScopedValue.where(SERVED, order)
                            .run(() -> handOver.serve(creator, order.arguments()));
                }
                return channel;
            } catch (ErrnoException | IOException | RuntimeException e) {
                channel.close();
                throw e;
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

    /** Gives an order to a monitor; null when nobody is to be answered for it any more. */
    private @Nullable Fd give(MonitorOrder order, List<Fd> descriptors) throws ErrnoException {
        Waiting first = next();
        try {
            return give(first, order, descriptors);
        } catch (ErrnoException | ConversationLost _) {
            // somebody has killed it meanwhile
            return give(fresh(), order, descriptors);
        }
    }

    /** The one that waits, if it is only about to; a fresh one where there is none. */
    private Waiting next() throws ErrnoException {
        Waiting first = ready.getAndSet(null);
        if (first != null) {
            return first;
        }
        synchronized (this) {
            first = ready.getAndSet(null);
            return first != null ? first : fresh();
        }
    }

    /** What waits is used up. */
    private @Nullable Fd give(Waiting monitor, MonitorOrder order, List<Fd> descriptors)
            throws ErrnoException {
        boolean host = order.runtime() instanceof MonitorRuntime.Host;
        boolean ahead = host && order.streams() instanceof Streams.Pipes(boolean input) && !input;
        try (Fd orders = monitor.orders) {
            if (ahead) {
                handOver.greet(monitor.creator);
                send(orders, MonitorWire.start(order, true), descriptors);
                return monitor.creator;
            }
            monitor.creator.close();
            if (!host) {
                send(orders, MonitorWire.start(order, false), descriptors);
                return null;
            }
            List<Fd> pair = Sockets.pair();
            try (Fd theirs = pair.getLast()) {
                var all = new ArrayList<>(descriptors);
                all.add(3, theirs);
                send(orders, MonitorWire.start(order, false), all);
            } catch (ErrnoException | RuntimeException e) {
                pair.getFirst().close();
                throw e;
            }
            ScopedValue.where(SERVED, order).run(() -> handOver.serve(pair.getFirst()));
            return null;
        } catch (ErrnoException | RuntimeException e) {
            monitor.close();
            throw e;
        }
    }

    private static void send(Fd orders, ByteBuffer message, List<Fd> descriptors)
            throws ErrnoException {
        if (message.remaining() > LONGEST_MESSAGE) {
            throw new Failure.Invalid("the arguments of a runtime are longer than 64 KiB");
        }
        try (var packets = new Packets((message.remaining() + 7) / 8 * 8)) {
            packets.toSend().put(message.duplicate());
            packets.send(orders, message.remaining(), descriptors);
        }
    }

    /** Has a monitor wait for the next order, where none does; one that cannot be is none. */
    private synchronized void makeReady() {
        if (closed || ready.get() != null) {
            return;
        }
        try {
            ready.set(fresh());
        } catch (ErrnoException _) {
            // the next order tells
        }
    }

    /** Has the child fork a monitor; one that was killed meanwhile is replaced, once. */
    private synchronized Waiting fresh() throws ErrnoException {
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt();
            } catch (ErrnoException e) {
                if (e.call().equals("fork") || attempt == 2) {
                    throw e;
                }
                end();
            }
        }
    }

    private Waiting attempt() throws ErrnoException {
        Child running = child == null ? begin() : child;
        var sockets = new ArrayList<Fd>();
        try (var packets = new Packets(Long.BYTES)) {
            packets.send(running.socket(), Integer.BYTES, List.of());
            ByteBuffer answer = packets.receive(running.socket(), sockets);
            if (answer.remaining() != Integer.BYTES) {
                throw new ErrnoException("recvmsg", NAME, Errno.ECONNRESET);
            }
            int errno = answer.getInt();
            if (errno != 0) {
                throw new ErrnoException("fork", "a monitor", errno);
            }
            return new Waiting(sockets.getFirst(), sockets.getLast());
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
