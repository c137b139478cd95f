package dev.rung.image.unpack;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.unpack.Unpacking.Order;
import dev.rung.image.unpack.Unpacking.Unpacked;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Mounts;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Pipes;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Our side of the conversation with an unpacker, at the other end of a socket. What it is given to
 * unpack into is a mount in which no device opens and no program runs, because it may make both.
 */
record UnpackerLink(Fd socket) {
    private static final long FILES_ONLY =
            Mounts.NO_SETUID | Mounts.NO_DEVICES | Mounts.NO_EXECUTION;
    private static final int CHUNK = 256 * 1024;

    /** As {@link Unpacking#unpack} says, but for the end of a process. */
    Unpacked unpack(ReadableByteChannel packed, Fd folder, Order order) throws IOException {
        try (Exchange exchange = begin(folder, order)) {
            exchange.feed(packed);
            return exchange.report(order);
        } catch (EOFException e) {
            throw new Failure.Unavailable(
                    "the process that unpacks layers has ended before it was done", e);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("have a layer unpacked: " + e.getMessage(), e);
        }
    }

    private Exchange begin(Fd folder, Order order) throws IOException, ErrnoException {
        Pipes.Ends packed = Pipes.make();
        try (Fd in = packed.reading();
                Fd feeding = packed.writing()) {
            Pipes.Ends report = Pipes.make();
            try (Fd out = report.writing();
                    Fd reporting = report.reading();
                    Fd shown = shown(folder)) {
                send(order, List.of(shown, in, out));
                return new Exchange(
                        FileChannel.open(path(feeding), StandardOpenOption.WRITE),
                        FileChannel.open(path(reporting), StandardOpenOption.READ));
            }
        }
    }

    /** The JDK's own channel of a pipe, whose waiting ends with an interruption. */
    private static Path path(Fd pipe) {
        return Path.of("/proc/self/fd/" + pipe.number());
    }

    /** Where mounts cannot be made, devices and owners cannot either. */
    private static Fd shown(Fd folder) throws ErrnoException {
        Fd copy;
        try {
            copy = Mounts.copy(folder);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            KernelPath again = KernelPath.of("/proc/self/fd/" + folder.number());
            return Paths.open(null, again, Paths.O_DIRECTORY, 0, 0);
        }
        try {
            Mounts.set(copy, FILES_ONLY);
            return copy;
        } catch (ErrnoException e) {
            copy.close();
            throw e;
        }
    }

    private void send(Order order, List<Fd> descriptors) throws ErrnoException {
        try (var packets = new Packets(UnpackWire.ORDER_BYTES)) {
            UnpackWire.putOrder(packets.toSend(), order);
            packets.send(socket, UnpackWire.orderLength(), descriptors);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPIPE && e.errno() != Errno.ECONNRESET) {
                throw e;
            } // else its report will be missing, which says the same
        }
    }

    /** One layer on its way: our ends of its two pipes. */
    private record Exchange(FileChannel layer, FileChannel report) implements AutoCloseable {
        void feed(ReadableByteChannel packed) throws IOException {
            var chunk = ByteBuffer.allocateDirect(CHUNK);
            while (packed.read(chunk.clear()) >= 0) {
                if (!write(chunk.flip())) {
                    break; // it wants no more, and reports why
                }
            }
            layer.close();
        }

        private boolean write(ByteBuffer chunk) throws IOException {
            try {
                while (chunk.hasRemaining()) {
                    layer.write(chunk);
                }
                return true;
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                return false;
            }
        }

        Unpacked report(Order order) throws IOException {
            var in = new BufferedInputStream(Channels.newInputStream(report));
            return UnpackWire.report(new DataInputStream(in), order.algorithm());
        }

        /** Waits until nothing is written to the folder any more. */
        @Override
        public void close() throws IOException {
            layer.close();
            try (report) {
                var rest = ByteBuffer.allocate(CHUNK);
                while (report.read(rest.clear()) >= 0) {
                    // nobody wants to know
                }
            } catch (ClosedChannelException e) {
                // interrupted, now or before
            }
        }
    }
}
