package dev.rung.resident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.KernelPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameTests {
    private static final FailureRecord FAILURE =
            new FailureRecord(0, 5, 0x1001, 77, "hooks.prestart[0]", "hook failed", "oh\nno");
    private static final List<Frame> ALL =
            List.of(
                    new Frame.Call(
                            ScriptedFrontEnd.request("rung-oci", "run", "x"),
                            List.of(
                                    new Frame.Prefetched(KernelPath.of("/a"), 0, 0),
                                    new Frame.Prefetched(KernelPath.of("/b"), 0, 13))),
                    new Frame.Opened(List.of(0, 2, 0)),
                    new Frame.Ended(null, List.of(1L, -1L)),
                    new Frame.Ended(FAILURE, List.of()),
                    new Frame.Warned(FAILURE),
                    new Frame.PhaseReached(9),
                    new Frame.Input(new byte[] {1, 2}),
                    new Frame.Hello(1),
                    new Frame.Open(List.of(new Frame.Wanted(-1, 1, 2, KernelPath.of("/x")))),
                    new Frame.Run(new byte[] {3}),
                    new Frame.Continue(true, List.of(new PhaseHandler.Patch(8, new byte[] {4, 5}))),
                    new Frame.Text(2, new byte[] {6}),
                    new Frame.Log(KernelPath.of("/l"), new byte[] {7}),
                    new Frame.ReadInput(100),
                    new Frame.Exit(255),
                    new Frame.Wait(
                            new Ending.Wait(
                                    1,
                                    2,
                                    -1,
                                    new Ending.Notify(5, 6),
                                    new byte[] {8},
                                    List.of("delete", "x"))),
                    new Frame.Ready(new Ending.Ready(1, 2, new Ending.Notify(3, 4))),
                    new Frame.Finish(new byte[] {9}));

    @Test
    void shouldReadWhatItWrote() {
        for (Frame frame : ALL) {
            Frame read = Frame.read(frame.type(), reader(written(frame)));
            assertThat(read).isInstanceOf(frame.getClass());
            assertThat(written(read)).isEqualTo(written(frame));
        }
    }

    @Test
    void shouldTakeNothingButWholeFrames() {
        for (Frame frame : ALL) {
            byte[] bytes = written(frame);
            for (int length = 0; length < bytes.length; length++) {
                readOrRefuse(frame.type(), Arrays.copyOf(bytes, length));
            }
        }
    }

    @Test
    void shouldRefuseOrReadAnyBytes() {
        var random = new Random(3);
        for (int round = 0; round < 50_000; round++) {
            Frame frame = ALL.get(random.nextInt(ALL.size()));
            byte[] bytes = written(frame);
            for (int i = random.nextInt(5); i >= 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] =
                        random.nextBoolean() ? (byte) -1 : (byte) random.nextInt();
            }
            readOrRefuse(frame.type(), bytes);
            var noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            readOrRefuse(random.nextInt(80), noise);
        }
    }

    @Test
    void shouldHaveTheNumbersOfTheProtocol() {
        // both ends must agree, so these stand here a second time
        assertThat(ALL)
                .extracting(Frame::type)
                .containsExactly(1, 2, 3, 3, 4, 5, 6, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74);
    }

    /** What was read is never longer when written again: variables without a name are left out. */
    private static void readOrRefuse(int type, byte[] bytes) {
        try {
            Frame frame = Frame.read(type, reader(bytes));
            assertThat(written(frame).length).isLessThanOrEqualTo(bytes.length);
        } catch (ConversationLost e) {
            assertThat(e).hasMessageMatching("bad frame: .*|a front end of version .*");
        }
    }

    private static FrameReader reader(byte[] bytes) {
        return new FrameReader(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static byte[] written(Frame frame) {
        var writer = new FrameWriter();
        frame.write(writer);
        return writer.toBytes();
    }
}
