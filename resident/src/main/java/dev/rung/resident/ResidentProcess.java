package dev.rung.resident;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Memfds;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The main program of the warm JVM, less its command line. Its arguments, of which the front end
 * adds the mode at the end:
 *
 * <pre>
 * --executor FILE            the executor's binary, of which each front end gets a sealed copy;
 *                            bin/rung-oci below the working directory by default
 * --idle SECONDS             how long to stay without a call, 300 by default
 * --docker-socket PATH       where else the engine is to be called, which is its own matter
 * --cri-socket PATH          where a kubelet is to call it, likewise; empty: at the usual place
 * --listen 3 FOLDER NAME     serve a listening socket, bound to that name in that folder
 * --once 3                   serve one connection
 * </pre>
 */
public final class ResidentProcess {
    private static final int LONGEST_EXECUTOR = 16 << 20;

    private String executor = "bin/rung-oci";
    private Duration idle = Duration.ofMinutes(5);
    private final BiFunction<Path, AskedSockets, Handler> maker;
    private final ResidentLog log = new ResidentLog();

    private @Nullable Leaving leaving;

    private AskedSockets sockets = AskedSockets.NONE;

    private ResidentProcess(BiFunction<Path, AskedSockets, Handler> maker) {
        this.maker = maker;
    }

    /**
     * The same for one that leaves only when it is told to, and that is made for the folder of its
     * socket: absolute.
     */
    public static int runAlways(List<String> arguments, Maker maker) {
        var leaving = new Leaving();
        var process =
                new ResidentProcess((folder, asked) -> maker.make(folder, asked, leaving::begin));
        process.leaving = leaving;
        return process.runGuarded(arguments);
    }

    /** Makes what answers. */
    public interface Maker {
        /**
         * Makes it, once.
         *
         * @param folder of the socket
         * @param sockets where else it is to serve
         * @param leave has the process serve nobody any more who has not connected yet, and end
         *     when the others are served; does not wait
         */
        Handler make(Path folder, AskedSockets sockets, Runnable leave);
    }

    /** Serves as the arguments say, to the end; returns the exit code of this process. */
    public static int run(List<String> arguments, Handler handler) {
        return new ResidentProcess((_, _) -> handler).runGuarded(arguments);
    }

    private int runGuarded(List<String> arguments) {
        try {
            run(arguments);
            return 0;
        } catch (Failure | ErrnoException e) {
            log.say(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            log.say("interrupted");
        }
        return 1;
    }

    private void run(List<String> words) throws ErrnoException, InterruptedException {
        int at = 0;
        while (at < words.size()) {
            String option = words.get(at);
            switch (option) {
                case "--executor" -> executor = word(words, at + 1);
                case "--docker-socket" -> sockets = sockets.withDocker(word(words, at + 1));
                case "--cri-socket" -> sockets = sockets.withCri(word(words, at + 1));
                case "--idle" -> idle = Duration.ofSeconds(number(words, at + 1));
                case "--listen" -> {
                    var listening = new Fd(number(words, at + 1));
                    var folder = KernelPath.of(word(words, at + 2));
                    var name = KernelPath.of(word(words, at + 3));
                    Reception reception = reception(Path.of(word(words, at + 2)));
                    var resident = new Resident(listening, reception, log);
                    Leaving told = leaving;
                    if (told != null) {
                        resident.serve(told);
                    } else {
                        resident.serve(idle, new Door(folder, name));
                    }
                    return;
                }
                case "--once" -> {
                    serveOnce(new Fd(number(words, at + 1)));
                    return;
                }
                default -> throw new Failure.Invalid("unknown argument \"" + option + "\"");
            }
            at += 2;
        }
        throw new Failure.Invalid("neither --listen nor --once is given");
    }

    private Reception reception(Path folder) throws ErrnoException {
        try (Fd file = Paths.open(null, KernelPath.of(executor), Paths.O_RDONLY, 0, 0)) {
            byte[] binary = Descriptors.readAll(file, LONGEST_EXECUTOR);
            Fd sealed = Memfds.sealed(KernelPath.of("rung-exec"), binary);
            return new Reception(
                    maker.apply(folder, sockets), sealed, Identity.effectiveUid(), log);
        }
    }

    private void serveOnce(Fd connection) throws ErrnoException {
        try (var packets = new Packets(Conversation.LONGEST_MESSAGE)) {
            reception(Path.of("/")).serve(connection, packets);
        }
    }

    private static String word(List<String> words, int at) {
        if (at >= words.size()) {
            throw new Failure.Invalid("a word is missing after \"" + words.getLast() + "\"");
        }
        return words.get(at);
    }

    private static int number(List<String> words, int at) {
        try {
            return Integer.parseInt(word(words, at));
        } catch (NumberFormatException e) {
            throw new Failure.Invalid("\"" + words.get(at) + "\" is no number");
        }
    }
}
