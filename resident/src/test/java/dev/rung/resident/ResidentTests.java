package dev.rung.resident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Sockets;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server over a real listening socket. */
@Timeout(60)
class ResidentTests {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Handler ANSWERS =
            caller -> {
                caller.out(caller.request().arguments().getFirst());
                return new Ending.Exit(0);
            };

    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final AtomicInteger calls = new AtomicInteger();
    @TempDir Path folder;
    private final List<Fd> listeningSockets = new ArrayList<>();
    private final List<Fd> executors = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (Fd listening : listeningSockets) {
            try {
                Sockets.shutdown(listening);
            } catch (IllegalStateException e) {
                // this resident has left by itself
            }
        }
        pool.shutdownNow();
        for (int i = 0; i < 100 && conversationThreads() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(conversationThreads()).isZero();
        executors.forEach(Fd::close);
    }

    @Test
    void shouldServeABurstOfCallersAtOnce() throws Exception {
        Future<Void> resident = start(LONG, slowly(Duration.ofMillis(2)));
        var callers = new ArrayList<Future<Void>>();
        for (int caller = 0; caller < 20; caller++) {
            callers.add(
                    pool.submit(() -> {
                        for (int i = 0; i < 10; i++) {
                            call();
                        }
                        return null;
                    }));
        }
        for (Future<Void> caller : callers) {
            caller.get();
        }
        assertThat(calls).hasValue(200);
        assertThat(resident).isNotDone();
    }

    @Test
    void shouldLetCallersWaitWhenThereAreTooMany() throws Exception {
        var gate = new CountDownLatch(1);
        Future<Void> resident =
                start(
                        LONG,
                        caller -> {
                            await(gate);
                            return ANSWERS.serve(caller);
                        });
        var callers = new ArrayList<Future<Void>>();
        for (int i = 0; i < 200; i++) {
            callers.add(pool.submit(this::call));
        }
        for (int i = 0; i < 1000 && conversationThreads() < 128; i++) {
            TimeUnit.MILLISECONDS.sleep(20); // a busy machine takes its time to start them
        }
        TimeUnit.MILLISECONDS.sleep(300);
        assertThat(conversationThreads()).isEqualTo(128);
        gate.countDown();
        for (Future<Void> caller : callers) {
            caller.get();
        }
        assertThat(calls).hasValue(200);
        assertThat(resident).isNotDone();
        for (int i = 0; i < 100 && conversationThreads() > 10; i++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(conversationThreads()).isLessThanOrEqualTo(10);
    }

    @Test
    void shouldLeaveWhenNobodyCame() throws Exception {
        Future<Void> resident = start(SHORT, ANSWERS);
        call();
        resident.get();
        assertThat(folder.resolve("r.sock")).doesNotExist();
        assertThatThrownBy(() -> Sockets.connect(socket()))
                .hasMessageContaining("no such file or directory");
    }

    @Test
    void shouldStayWhileACallIsServed() throws Exception {
        var gate = new CountDownLatch(1);
        Future<Void> resident =
                start(
                        SHORT,
                        caller -> {
                            await(gate);
                            return ANSWERS.serve(caller);
                        });
        Future<Void> caller = pool.submit(this::call);
        TimeUnit.MILLISECONDS.sleep(4 * SHORT.toMillis());
        assertThat(resident).isNotDone();
        gate.countDown();
        caller.get();
        resident.get();
    }

    @Test
    void shouldStayWhileAFrontEndLooksForIt() throws Exception {
        Future<Void> resident;
        try (Fd lock =
                Paths.open(
                        null,
                        KernelPath.of(folder + "/resident.lock"),
                        Paths.O_RDWR | Paths.O_CREAT,
                        0600,
                        0)) {
            assertThat(Paths.tryLock(lock)).isTrue();
            resident = start(SHORT, ANSWERS);
            TimeUnit.MILLISECONDS.sleep(4 * SHORT.toMillis());
            assertThat(resident).isNotDone();
            call();
        }
        resident.get();
    }

    @Test
    void shouldNotRemoveTheSocketOfAnother() throws Exception {
        Future<Void> resident = start(SHORT, ANSWERS);
        Files.delete(folder.resolve("r.sock"));
        Files.createFile(folder.resolve("r.sock"));
        resident.get();
        assertThat(folder.resolve("r.sock")).exists();
    }

    /** A caller that got through to the socket is served, however late: none is lost in between. */
    @Test
    void shouldServeAllThatConnectedBeforeItLeft() throws Exception {
        for (int round = 0; round < 20; round++) {
            Future<Void> resident = start(Duration.ofMillis(20), ANSWERS);
            var callers = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 4; i++) {
                callers.add(pool.submit(this::callUntilGone));
            }
            for (Future<Integer> caller : callers) {
                assertThat(caller.get()).isNotNegative();
            }
            resident.get();
        }
    }

    /** How many calls were answered, until there was nobody to connect to. */
    private int callUntilGone() throws Exception {
        int answered = 0;
        while (true) {
            TimeUnit.MILLISECONDS.sleep(answered % 4 == 3 ? 25 : 5);
            Fd connection;
            try {
                connection = Sockets.connect(socket());
            } catch (ErrnoException e) {
                assertThat(e.errno()).isIn(Errno.ENOENT, Errno.ECONNREFUSED);
                return answered;
            }
            converse(connection);
            answered++;
        }
    }

    private Void call() throws Exception {
        converse(Sockets.connect(socket()));
        return null;
    }

    private void converse(Fd connection) {
        try (var packets = new Packets(Conversation.LONGEST_MESSAGE);
                var conversation = new Conversation(connection, packets)) {
            conversation.send(new Frame.Call(ScriptedFrontEnd.request("hello"), List.of()));
            assertThat(conversation.receive().frame()).isInstanceOf(Frame.Hello.class);
            assertThat(conversation.receive().frame()).isInstanceOf(Frame.Text.class);
            assertThat(conversation.receive().frame()).isEqualTo(new Frame.Exit(0));
            calls.incrementAndGet();
        }
    }

    private Future<Void> start(Duration idle, Handler handler) throws ErrnoException {
        var log = new ResidentLog(new ByteArrayOutputStream());
        Fd executor = ScriptedFrontEnd.executor();
        executors.add(executor);
        var reception = new Reception(handler, executor, Identity.effectiveUid(), log);
        Fd listening = Sockets.listen(socket(), 1024);
        listeningSockets.add(listening);
        var door = new Door(KernelPath.of(folder.toString()), KernelPath.of("r.sock"));
        return pool.submit(
                (Callable<Void>)
                        () -> {
                            new Resident(listening, reception, log).serve(idle, door);
                            return null;
                        });
    }

    private KernelPath socket() {
        return KernelPath.of(folder + "/r.sock");
    }

    private static Handler slowly(Duration pause) {
        return caller -> {
            await(new CountDownLatch(1), pause);
            return ANSWERS.serve(caller);
        };
    }

    private static void await(CountDownLatch gate) {
        await(gate, LONG);
    }

    private static void await(CountDownLatch gate, Duration limit) {
        try {
            gate.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static long conversationThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("conversation"))
                .count();
    }
}
