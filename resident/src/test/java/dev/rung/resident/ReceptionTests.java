package dev.rung.resident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Memfds;
import dev.rung.linux.Sockets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Front ends that lie, vanish or are not ours, and commands that break. */
class ReceptionTests {
    private static final Handler OPENS_AND_RUNS =
            caller -> {
                caller.open(List.of(OpenRequest.reading("/a"), OpenRequest.reading("/b")));
                caller.readInput(100);
                caller.run(new byte[80], (_, _) -> List.of());
                caller.out("done");
                return new Ending.Exit(0);
            };

    @Test
    void shouldRefuseAnotherUid() throws Exception {
        try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS, Identity.effectiveUid() + 1)) {
            assertThatThrownBy(front::receive).isInstanceOf(ConversationLost.class);
            assertThat(front.log()).contains("refused a front end of uid ");
        }
    }

    @Test
    void shouldTurnAFailureIntoOneLineAndExitCodeOne() throws Exception {
        Handler handler =
                _ -> {
                    throw new Failure.NotFound("container \"x\" does not exist");
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            assertThat(front.lines())
                    .containsExactly("2:rung-oci: container \"x\" does not exist\n", "exit 1");
        }
    }

    @Test
    void shouldSurviveFaultsOfTheCommand() throws Exception {
        List<Throwable> faults =
                List.of(
                        new NullPointerException("a\nb"),
                        new StackOverflowError(),
                        new OutOfMemoryError("heap"));
        for (Throwable fault : faults) {
            Handler handler =
                    _ -> {
                        switch (fault) {
                            case RuntimeException e -> throw e;
                            case Error e -> throw e;
                            default -> throw new AssertionError(fault);
                        }
                    };
            try (var front = new ScriptedFrontEnd(handler).call()) {
                assertThat(front.lines())
                        .satisfiesExactly(
                                line ->
                                        assertThat(line)
                                                .startsWith(
                                                        "2:rung-oci: internal error: java.lang.")
                                                .endsWith("\n")
                                                .containsOnlyOnce("\n"),
                                line -> assertThat(line).isEqualTo("exit 1"));
                assertThat(front.log()).contains(fault.getClass().getName()).contains("\tat ");
            }
        }
    }

    @Test
    void shouldLeaveNoDescriptorBehindWhereverTheFrontEndVanishes() throws Exception {
        for (int point = 0; point < 7; point++) {
            int before = openDescriptors();
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS)) {
                converseUpTo(front, point);
                front.vanish();
                String log = front.log();
                assertThat(log).as("point " + point).contains("conversation lost");
                assertThat(log).doesNotContain("internal error");
            }
            assertThat(openDescriptors()).as("point " + point).isEqualTo(before);
        }
    }

    private static void converseUpTo(ScriptedFrontEnd front, int point) throws Exception {
        try (Fd file = ScriptedFrontEnd.executor()) {
            converseUpTo(front, point, file);
        }
    }

    private static void converseUpTo(ScriptedFrontEnd front, int point, Fd file) {
        if (point > 0) {
            front.expect(Frame.Hello.class);
        }
        if (point > 1) {
            front.send(
                    new Frame.Call(
                            ScriptedFrontEnd.request("rung-oci"),
                            List.of(new Frame.Prefetched(KernelPath.of("/c"), 0, 0))),
                    file);
        }
        if (point > 2) {
            front.expect(Frame.Open.class);
        }
        if (point > 3) {
            front.send(new Frame.Opened(List.of(0, 2)), file);
            front.expect(Frame.ReadInput.class);
        }
        if (point > 4) {
            front.send(new Frame.Input(new byte[0]));
            front.expect(Frame.Run.class);
        }
        if (point > 5) {
            front.send(new Frame.PhaseReached(1), file);
            front.expect(Frame.Continue.class);
        }
    }

    @Test
    void shouldEndTheConversationAtNonsense() throws Exception {
        byte[] call = message(new Frame.Call(ScriptedFrontEnd.request("a"), List.of()));
        var nonsense = new ArrayList<byte[]>();
        nonsense.add(new byte[] {1});
        nonsense.add(new byte[7]);
        nonsense.add(new byte[8]);
        nonsense.add(message(77, 0, new byte[0]));
        nonsense.add(message(1, 4, new byte[3]));
        nonsense.add(message(1, -1, new byte[0]));
        nonsense.add(message(1 | 1 << 31, 100, new byte[0]));
        nonsense.add(message(new Frame.Opened(List.of())));
        nonsense.add(message(new Frame.Hello(1)));
        nonsense.add(longer(call));
        for (int length = 8; length < call.length; length++) {
            byte[] cut = Arrays.copyOf(call, length);
            ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(4, length - 8);
            nonsense.add(cut);
        }
        for (byte[] message : nonsense) {
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS)) {
                front.expect(Frame.Hello.class);
                front.sendRaw(message);
                assertThat(front.log()).contains("conversation lost").doesNotContain("internal");
            }
        }
    }

    @Test
    void shouldEndTheConversationAtAnAnswerToSomethingElse() throws Exception {
        List<Frame> wrong =
                List.of(
                        new Frame.Ended(null, List.of()),
                        new Frame.Input(new byte[0]),
                        new Frame.Opened(List.of(2)),
                        new Frame.Opened(List.of(2, 2, 2)),
                        new Frame.PhaseReached(1),
                        new Frame.Exit(0));
        for (Frame frame : wrong) {
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS).call()) {
                front.expect(Frame.Open.class);
                front.send(frame);
                assertThat(front.log()).contains("conversation lost").doesNotContain("internal");
            }
        }
    }

    @Test
    void shouldCloseDescriptorsByTheHundred() throws Exception {
        int before = openDescriptors();
        Fd[] many = new Fd[250];
        Arrays.fill(many, ScriptedFrontEnd.executor());
        for (int round = 0; round < 5; round++) {
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS)) {
                front.expect(Frame.Hello.class);
                front.send(new Frame.Call(ScriptedFrontEnd.request("a"), List.of()), many);
                assertThat(front.log()).contains("bad frame: descriptors by the count of 250");
            }
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS).call()) {
                front.expect(Frame.Open.class);
                front.send(new Frame.Opened(List.of(0, 0)), many[0]);
                assertThat(front.log()).contains("bad frame: descriptors by the count of 1");
            }
        }
        many[0].close();
        assertThat(openDescriptors()).isEqualTo(before);
    }

    @Test
    void shouldReadBigFramesOnlyFromFilesInMemory() throws Exception {
        byte[] payload = new byte[200_000];
        try (Fd memfd = Memfds.sealed(KernelPath.of("frame"), payload);
                Fd socket = Sockets.pair().getFirst()) {
            for (int length : new int[] {payload.length - 1, payload.length + 1, -1, 1 << 30}) {
                try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS)) {
                    front.expect(Frame.Hello.class);
                    front.sendRaw(message(6 | 1 << 31, length, new byte[0]), memfd);
                    assertThat(front.log()).contains("conversation lost");
                }
            }
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS)) {
                front.expect(Frame.Hello.class);
                front.sendRaw(message(6 | 1 << 31, 10, new byte[0]), socket);
                assertThat(front.log()).contains("invalid argument");
            }
        }
    }

    @Test
    void shouldSurviveAnyBytes() throws Exception {
        var random = new Random(5);
        byte[] call = message(new Frame.Call(ScriptedFrontEnd.request("a", "b"), List.of()));
        for (int round = 0; round < 300; round++) {
            byte[] message = call.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            try (var front = new ScriptedFrontEnd(OPENS_AND_RUNS)) {
                front.expect(Frame.Hello.class);
                front.sendRaw(message);
                front.vanish();
                assertThat(front.log()).contains("conversation lost").doesNotContain("internal");
            }
        }
    }

    private static byte[] longer(byte[] message) {
        byte[] longer = Arrays.copyOf(message, message.length + 1);
        ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN).putInt(4, longer.length - 8);
        return longer;
    }

    private static byte[] message(Frame frame) {
        var writer = new FrameWriter();
        frame.write(writer);
        return message(frame.type(), writer.length(), writer.toBytes());
    }

    private static byte[] message(int type, int length, byte[] payload) {
        return ByteBuffer.allocate(8 + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(length)
                .put(payload)
                .array();
    }

    private static int openDescriptors() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }
}
