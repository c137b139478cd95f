package dev.rung.image.unpack;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.unpack.Unpacking.Order;
import dev.rung.image.unpack.Unpacking.Unpacked;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.FdOutputStream;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that unpacks: started by the engine through unpacker.c, which takes its rights away.
 * It is told what to unpack through its socket, and ends with it.
 */
public final class UnpackerMain {
    private UnpackerMain() {}

    /**
     * Without arguments it serves the engine. With the names of a packed layer and a folder it
     * serves itself, for one layer: nothing is given up then, and all is done that an engine has it
     * do.
     */
    public static void main(String[] arguments)
            throws ErrnoException, IOException, InterruptedException {
        if (arguments.length == 0) {
            serve(new Fd(Processes.CHILD_SOCKET));
            return;
        }
        List<Fd> pair = Sockets.pair();
        Thread serving = Thread.ofPlatform().start(() -> serveAlone(pair.getLast()));
        var order = new Order(UnpackLimits.USUAL, Ownership.CALLER, Digest.Algorithm.SHA256);
        try (Fd ours = pair.getFirst();
                Fd folder = Paths.open(null, KernelPath.of(arguments[1]), Paths.O_DIRECTORY, 0, 0);
                FileChannel packed = FileChannel.open(Path.of(arguments[0]))) {
            new UnpackerLink(ours).unpack(packed, folder, order);
        }
        serving.join();
    }

    private static void serveAlone(Fd engine) {
        try (engine) {
            serve(engine);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("serve: " + e.getMessage(), e);
        }
    }

    /** Until the other end is closed; each layer is unpacked by a thread of its own. */
    static void serve(Fd engine) throws ErrnoException {
        try (var packets = new Packets(UnpackWire.ORDER_BYTES)) {
            while (true) {
                var descriptors = new ArrayList<Fd>();
                ByteBuffer message = packets.receive(engine, descriptors);
                if (descriptors.size() != UnpackWire.DESCRIPTORS) {
                    return;
                }
                Order order = UnpackWire.order(message);
                Thread.ofPlatform()
                        .daemon() // of what is still unpacked at the end nobody wants to know
                        .name("unpack")
                        .start(() -> unpack(order, descriptors));
            }
        }
    }

    private static void unpack(Order order, List<Fd> descriptors) {
        try (Fd folder = descriptors.get(UnpackWire.FOLDER);
                Fd packed = descriptors.get(UnpackWire.PACKED);
                Fd report = descriptors.get(UnpackWire.REPORT);
                var out =
                        new DataOutputStream(
                                new BufferedOutputStream(
                                        new FdOutputStream(report, "the report")))) {
            try {
                UnpackWire.putReport(out, unpack(packed, folder, order));
            } catch (IOException | Failure e) {
                UnpackWire.putFailure(out, e);
            }
        } catch (IOException e) {
            // the engine has gone
        }
    }

    private static Unpacked unpack(Fd packed, Fd folder, Order order) throws IOException {
        // its end comes before the report: the engine may still be writing
        try (packed;
                var in = new FdInputStream(packed, "the layer")) {
            return UnpackingHere.unpack(in, folder, order);
        }
    }
}
