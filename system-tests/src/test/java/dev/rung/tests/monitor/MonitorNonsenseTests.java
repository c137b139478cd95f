package dev.rung.tests.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Monitor;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.monitor.MonitorRoom.Watched;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Clients that speak nonsense, or are too many, harm nobody but themselves. */
@SystemTest
class MonitorNonsenseTests {
    private static final int STATE_BYTES = 8;

    @Test
    void shouldSurviveWhatMakesNoSense(Sandbox sandbox) throws Exception {
        var room = new MonitorRoom(sandbox);
        Watched watched =
                room.watch(
                        room.order(
                                sandbox.bundle().args("sh", "-c", "while read a; do echo $a; done"),
                                MonitorRoom.INPUT,
                                LogSettings.json(MonitorRoom.LOG)));
        Listener listener = watched.run();
        long seed = Long.getLong("rung.seed", 20260);
        System.out.println("nonsense: seed " + seed + " (-Drung.seed=N for another)");
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            say(watched, nonsense(random, round));
        }
        watched.monitor().input(ByteBuffer.wrap("\nstill here\n".getBytes(StandardCharsets.UTF_8)));
        listener.awaitOutput(output -> output.endsWith("still here\n"));
        watched.monitor().closeInput();
        assertThat(listener.ended().exit().code()).isZero();
    }

    @Test
    void shouldServeNoMoreThanItCan(Sandbox sandbox) throws Exception {
        Watched watched = new MonitorRoom(sandbox).shell("exec sleep 100");
        watched.start();
        var all = new ArrayList<SocketChannel>();
        int refused = 0;
        for (int i = 0; i < 40; i++) {
            SocketChannel channel = connect(watched);
            all.add(channel);
            ByteBuffer state = ByteBuffer.allocate(STATE_BYTES);
            refused += isRefused(channel, state) ? 1 : 0;
        }
        assertThat(refused).isEqualTo(40 - 31); // one place is the daemon's
        for (SocketChannel channel : all) {
            channel.close();
        }
        try (Monitor later = Monitor.connect(watched.folders())) {
            assertThat(later.running()).isEqualTo(watched.monitor().running());
        }
    }

    private static boolean isRefused(SocketChannel channel, ByteBuffer state) {
        try {
            return channel.read(state) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** Random bytes, frames of random types and lengths, and frames cut short. */
    private static byte[] nonsense(Random random, int round) {
        var bytes = new byte[random.nextInt(1, 3000)];
        random.nextBytes(bytes);
        if (round % 3 == 0) {
            return bytes;
        }
        List<Integer> types = List.of(0, 1, 16, 19, 20, 64, 67, 200, 255);
        int type = types.get(random.nextInt(types.size()));
        int length = round % 3 == 1 ? random.nextInt(40) : random.nextInt();
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put((byte) type)
                .putShort((short) 0)
                .putInt(length)
                .put(bytes)
                .array();
    }

    private static void say(Watched watched, byte[] bytes) throws IOException {
        try (SocketChannel channel = connect(watched)) {
            channel.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            // it was cut while it spoke
        }
    }

    private static SocketChannel connect(Watched watched) throws IOException {
        Path socket = watched.folders().running().resolve("monitor.sock");
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }
}
