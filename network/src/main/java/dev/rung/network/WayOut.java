package dev.rung.network;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Routes;
import dev.rung.linux.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The program that connects a user's own network namespace with the machine's network: pasta(1) or
 * slirp4netns(1), whichever is installed and works. It is started by who holds the engine's
 * namespaces (holder.c), and so outlives this engine. Safe for threads.
 */
final class WayOut {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final int HELP = 2;
    private static final int HEAD_BYTES = 8;
    private static final int LONGEST_ORDER = 16 * 1024;
    private static final int O_WRONLY = 1;
    private static final int O_APPEND = 0x400;
    private static final List<String> FOLDERS = List.of("/usr/bin/", "/usr/local/bin/", "/bin/");

    private final Path namespace;
    private final Path holder;
    private boolean open;
    private Program program = Program.NONE;

    WayOut(Path namespace, Path holder) {
        this.namespace = namespace;
        this.holder = holder;
    }

    /** A program that leads out. */
    private enum Program {
        PASTA("pasta"),
        SLIRP4NETNS("slirp4netns"),
        NONE("");

        private final String name;

        Program(String name) {
            this.name = name;
        }

        /** Where it answers for names. */
        private byte[] nameServer() {
            return switch (this) {
                case PASTA -> new byte[] {(byte) 169, (byte) 254, 1, 1};
                case SLIRP4NETNS -> new byte[] {10, 0, 2, 3};
                case NONE -> new byte[] {};
            };
        }

        @Nullable Path file() {
            for (String folder : FOLDERS) {
                Path file = Path.of(folder + name);
                if (!name.isEmpty() && Files.isExecutable(file)) {
                    return file;
                }
            }
            return null;
        }

        /** Neither the machine's loopback addresses nor its ports are to be reached through it. */
        List<String> words(Path file, Path namespace) {
            return switch (this) {
                case PASTA ->
                        List.of(
                                file.toString(),
                                "--foreground",
                                "--quiet",
                                "--config-net",
                                "--no-map-gw",
                                "--dns-forward",
                                "169.254.1.1",
                                "--tcp-ports=none",
                                "--udp-ports=none",
                                "--tcp-ns=none",
                                "--udp-ns=none",
                                "--netns",
                                namespace.toString());
                case SLIRP4NETNS ->
                        List.of(
                                file.toString(),
                                "--configure",
                                "--mtu=65520",
                                "--disable-host-loopback",
                                "--enable-sandbox",
                                "--enable-seccomp",
                                "--netns-type=path",
                                namespace.toString(),
                                "tap0");
                case NONE -> List.of();
            };
        }
    }

    @Nullable InetAddress nameServer() {
        for (Program each : List.of(Program.PASTA, Program.SLIRP4NETNS)) {
            if (each == program || program == Program.NONE && each.file() != null) {
                return Prefix.of(each.nameServer());
            }
        }
        return null;
    }

    /** Opens it unless it is open. */
    synchronized void open(Ground ground) {
        if (open && leadsOut(ground)) {
            return;
        }
        String tried = "";
        for (Program each : List.of(Program.PASTA, Program.SLIRP4NETNS)) {
            Path file = each.file();
            if (file != null) {
                if (start(ground, each.words(file, namespace))) {
                    program = each;
                    open = true;
                    return;
                }
                tried = "; " + file + " was tried, see rungd.log";
            }
        }
        throw new Failure.Unavailable(
                "without root, networks need pasta (Debian: passt) or slirp4netns, which lead to the"
                        + " machine's network; install one, or use --network none or host"
                        + tried,
                null);
    }

    /** Whether it leads out in the end. */
    private boolean start(Ground ground, List<String> words) {
        int pid = help(words);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!leadsOut(ground)) {
            if (hasEnded(pid) || System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return true;
    }

    private static boolean leadsOut(Ground ground) {
        try (var socket = ground.route()) {
            return new Routes(socket).list().stream().anyMatch(route -> route.length() == 0);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("look at the engine's network: " + e.getMessage(), e);
        }
    }

    /** It stays a zombie until another is started. */
    private static boolean hasEnded(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException _) {
            return true;
        }
    }

    /** The process that waits for the program. */
    private int help(List<String> words) {
        byte[] text = (String.join("\0", words) + "\0").getBytes(StandardCharsets.UTF_8);
        KernelPath log = KernelPath.of(holder.resolveSibling("rungd.log").toString());
        try (Fd connection = Sockets.connect(KernelPath.of(holder.toString()));
                Fd input = Paths.open(null, KernelPath.of("/dev/null"), Paths.O_RDONLY, 0, 0);
                Fd output = Paths.open(null, log, O_WRONLY | O_APPEND, 0, 0);
                var packets = new Packets(LONGEST_ORDER)) {
            if (Sockets.peer(connection).uid() != Identity.effectiveUid()) {
                throw new ErrnoException("connect", holder.toString(), Errno.EPERM);
            }
            Sockets.setReceiveTimeout(connection, PATIENCE);
            var namespaces = new ArrayList<Fd>();
            packets.receive(connection, namespaces);
            namespaces.forEach(Fd::close);
            packets.toSend().putInt(HELP).putInt(0).put(text);
            packets.send(connection, HEAD_BYTES + text.length, List.of(input, output));
            ByteBuffer answer = packets.receive(connection, namespaces);
            long pid = answer.remaining() < Long.BYTES ? -Errno.ECONNRESET : answer.getLong();
            if (pid <= 0) {
                throw new ErrnoException("start", words.getFirst(), (int) -pid);
            }
            return (int) pid;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "start " + words.getFirst() + " for the engine's network: " + e.getMessage(),
                    e);
        }
    }
}
