package dev.rung.resident;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.FdOutputStream;
import dev.rung.linux.Memfds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallerTests {
    private static final Ending DONE = new Ending.Exit(0);
    private static final FailureRecord FAILURE =
            new FailureRecord(1, 17, 2, -1, "mounts[3]", "error mounting \"proc\"", "no such file");

    @Test
    void shouldSeeWhoCalls() throws Exception {
        var seen = new CompletableFuture<Request>();
        Handler handler =
                caller -> {
                    seen.complete(caller.request());
                    return new Ending.Exit(7);
                };
        try (var front = new ScriptedFrontEnd(handler).call("rung-oci", "run", "\uDCFFé")) {
            assertThat(front.lines()).containsExactly("exit 7");
            assertThat(seen.join())
                    .isEqualTo(ScriptedFrontEnd.request("rung-oci", "run", "\uDCFFé"));
        }
    }

    @Test
    void shouldPrintOnBothStreams() throws Exception {
        String big = "0123456789abcde\n".repeat(10_000);
        Handler handler =
                caller -> {
                    caller.out("hello");
                    caller.err("oh\n");
                    caller.out("");
                    caller.out(big);
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            List<String> lines = front.lines();
            assertThat(lines).startsWith("1:hello", "2:oh\n").endsWith("exit 0").hasSize(6);
            assertThat(lines.subList(2, 5).stream().map(l -> l.substring(2)))
                    .satisfies(chunks -> assertThat(String.join("", chunks)).isEqualTo(big));
        }
    }

    @Test
    void shouldAppendToALog() throws Exception {
        Handler handler =
                caller -> {
                    caller.log("/tmp/x.log", "a line\n");
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            var log = front.expect(Frame.Log.class);
            assertThat(log.path()).isEqualTo(KernelPath.of("/tmp/x.log"));
            assertThat(new String(log.bytes(), UTF_8)).isEqualTo("a line\n");
        }
    }

    @Test
    void shouldUseFilesOpenedAheadOnceWithoutAsking() throws Exception {
        Handler handler =
                caller -> {
                    caller.out(content(caller, "./config.json"));
                    caller.out("" + caller.open(OpenRequest.reading("/missing")).errno());
                    caller.out("" + caller.open(OpenRequest.reading("./config.json")).errno());
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler)) {
            front.expect(Frame.Hello.class);
            front.send(
                    new Frame.Call(
                            ScriptedFrontEnd.request("rung-oci"),
                            List.of(
                                    new Frame.Prefetched(
                                            KernelPath.of("/missing"), 0, Errno.ENOENT),
                                    new Frame.Prefetched(KernelPath.of("./config.json"), 0, 0))),
                    memfd("{}"));
            assertText(front, "{}");
            assertText(front, "2");
            assertThat(front.expect(Frame.Open.class).files())
                    .containsExactly(new Frame.Wanted(-1, 0, 0, KernelPath.of("./config.json")));
            front.send(new Frame.Opened(List.of(Errno.EACCES)));
            assertText(front, "13");
        }
    }

    @Test
    void shouldTakeAFileOpenedAheadOnlyForTheSameWayOfOpening() throws Exception {
        var path = KernelPath.of("rootfs/etc/passwd");
        Handler handler =
                caller -> {
                    var strict = new OpenRequest(null, path, 0, 4);
                    caller.out("" + caller.open(List.of(strict)).getFirst().errno());
                    caller.open(OpenRequest.reading("rootfs/etc/passwd"));
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler)) {
            front.expect(Frame.Hello.class);
            front.send(
                    new Frame.Call(
                            ScriptedFrontEnd.request("rung-oci"),
                            List.of(new Frame.Prefetched(path, 4, Errno.ELOOP))));
            assertText(front, "" + Errno.ELOOP);
            assertThat(front.expect(Frame.Open.class).files())
                    .containsExactly(new Frame.Wanted(-1, 0, 0, path));
            front.send(new Frame.Opened(List.of(Errno.ENOENT)));
        }
    }

    @Test
    void shouldTellTheEndingAheadAndBeDoneWhenTheFrontEndLeaves() throws Exception {
        Handler handler =
                caller -> {
                    var result = caller.finish(new byte[] {1, 2}, () -> new Ending.Exit(7));
                    assertThat(result).isNull();
                    return new Ending.UnderWay();
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            assertThat(front.expect(Frame.Finish.class).program()).containsExactly(1, 2);
            assertThat(front.expect(Frame.Exit.class).code()).isEqualTo(7);
        }
    }

    @Test
    void shouldTellTheEndingAgainAfterAFailure() throws Exception {
        var failure = new FailureRecord(0, 1, Errno.EPERM, 0, "key", "say", "");
        Handler handler =
                caller -> {
                    assertThat(caller.finish(new byte[] {1}, () -> DONE))
                            .extracting(RunResult::failure)
                            .isEqualTo(failure);
                    return new Ending.Exit(3);
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            front.expect(Frame.Finish.class);
            front.expect(Frame.Exit.class);
            front.send(new Frame.Ended(failure, List.of()));
            assertThat(front.expect(Frame.Exit.class).code()).isEqualTo(3);
        }
    }

    @Test
    void shouldOpenBelowDescriptorsAndKeepTheOrder() throws Exception {
        Handler handler =
                caller -> {
                    Fd folder = caller.open(OpenRequest.reading("/a")).descriptor();
                    assertThat(folder).isNotNull();
                    var wanted = new ArrayList<OpenRequest>();
                    for (int i = 0; i < 100; i++) {
                        wanted.add(
                                new OpenRequest(
                                        i % 2 == 0 ? folder : null,
                                        KernelPath.of("f" + i),
                                        0x10000,
                                        8));
                    }
                    List<Opened> opened = caller.open(wanted);
                    for (int i = 0; i < 100; i++) {
                        Fd fd = opened.get(i).descriptor();
                        caller.out(fd == null ? "-" : contentOf(fd));
                    }
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            assertThat(front.expect(Frame.Open.class).files()).hasSize(1);
            front.send(new Frame.Opened(List.of(0)), memfd("folder"));
            int answered = 0;
            while (answered < 100) {
                Conversation.Received received = front.receive();
                var open = (Frame.Open) received.frame();
                assertThat(received.descriptors()).hasSize(1);
                var errnos = new ArrayList<Integer>();
                var fds = new ArrayList<Fd>();
                for (Frame.Wanted wanted : open.files()) {
                    assertThat(wanted.folder()).isEqualTo(answered % 2 == 0 ? 0 : -1);
                    assertThat(wanted.path()).isEqualTo(KernelPath.of("f" + answered));
                    assertThat(wanted.flags()).isEqualTo(0x10000);
                    assertThat(wanted.resolve()).isEqualTo(8);
                    errnos.add(answered % 3 == 0 ? Errno.ENOENT : 0);
                    if (answered % 3 != 0) {
                        fds.add(memfd("c" + answered));
                    }
                    answered++;
                }
                front.send(new Frame.Opened(errnos), fds.toArray(Fd[]::new));
            }
            for (int i = 0; i < 100; i++) {
                assertText(front, i % 3 == 0 ? "-" : "c" + i);
            }
        }
    }

    @Test
    void shouldReadStandardInputToItsEnd() throws Exception {
        Handler handler =
                caller -> {
                    caller.out(new String(caller.readInput(10), UTF_8));
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            for (String piece : List.of("abc", "defghij", "")) {
                front.expect(Frame.ReadInput.class);
                front.send(new Frame.Input(piece.getBytes(UTF_8)));
            }
            assertText(front, "abcdefghij");
        }
        try (var front = new ScriptedFrontEnd(handler).call()) {
            front.expect(Frame.ReadInput.class);
            front.send(new Frame.Input(new byte[11]));
            assertThat(front.lines())
                    .containsExactly(
                            "2:rung-oci: standard input is longer than 10 bytes\n", "exit 1");
        }
    }

    @Test
    void shouldRunAProgramAndHearOfWarningsAndFailure() throws Exception {
        var results = new ArrayList<RunResult>();
        Handler handler =
                caller -> {
                    results.add(caller.run(new byte[] {1, 2, 3}, PhaseHandler.NONE));
                    results.add(caller.run(new byte[] {4}, PhaseHandler.NONE));
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            assertThat(front.expect(Frame.Run.class).program()).containsExactly(1, 2, 3);
            front.send(new Frame.Warned(FAILURE));
            front.send(new Frame.Ended(null, List.of(5L, -1L)));
            assertThat(front.expect(Frame.Run.class).program()).containsExactly(4);
            front.send(new Frame.Ended(FAILURE, List.of()));
            assertThat(front.lines()).containsExactly("exit 0");
        }
        assertThat(results)
                .containsExactly(
                        new RunResult(null, List.of(FAILURE), List.of(5L, -1L)),
                        new RunResult(FAILURE, List.of(), List.of()));
        assertThat(results.getFirst().succeeded()).isTrue();
        assertThat(results.getFirst().slot(0)).isEqualTo(5);
        assertThat(results.getLast().succeeded()).isFalse();
    }

    @Test
    void shouldSendABigProgramInAFile() throws Exception {
        var program = new byte[1 << 20];
        Arrays.fill(program, (byte) 7);
        Handler handler =
                caller -> {
                    caller.run(program, PhaseHandler.NONE);
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            assertThat(front.expect(Frame.Run.class).program()).isEqualTo(program);
            front.send(new Frame.Ended(null, Collections.nCopies(1024, 1L)));
            assertThat(front.lines()).containsExactly("exit 0");
        }
    }

    @Test
    void shouldTakeABigCallFromAFile() throws Exception {
        String big = "x".repeat(100_000);
        Handler handler =
                caller -> {
                    List<String> arguments = caller.request().arguments();
                    caller.out(arguments.size() + " " + arguments.get(1).length());
                    caller.out(content(caller, "./config.json"));
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler)) {
            front.expect(Frame.Hello.class);
            front.send(
                    new Frame.Call(
                            ScriptedFrontEnd.request("rung-oci", big, big),
                            List.of(new Frame.Prefetched(KernelPath.of("./config.json"), 0, 0))),
                    memfd("{1}"));
            assertText(front, "3 100000");
            assertText(front, "{1}");
        }
    }

    @Test
    void shouldServePhases() throws Exception {
        PhaseHandler phases =
                (id, descriptors) ->
                        List.of(
                                new PhaseHandler.Patch(id, new byte[] {9}),
                                new PhaseHandler.Patch(
                                        80, contentOf(descriptors.getLast()).getBytes(UTF_8)));
        Handler handler =
                caller -> {
                    caller.run(new byte[1], phases);
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            front.expect(Frame.Run.class);
            front.send(new Frame.PhaseReached(3), memfd("one"), memfd("two"));
            var go = front.expect(Frame.Continue.class);
            assertThat(go.ok()).isTrue();
            assertThat(go.patches()).extracting(PhaseHandler.Patch::offset).containsExactly(3, 80);
            assertThat(go.patches().getFirst().bytes()).containsExactly(9);
            assertThat(go.patches().getLast().bytes()).isEqualTo("two".getBytes(UTF_8));
            front.send(new Frame.Ended(null, List.of()));
            assertThat(front.lines()).containsExactly("exit 0");
        }
    }

    @Test
    void shouldThrowWhatAPhaseThrewOnceTheProgramWasUndone() throws Exception {
        PhaseHandler phases =
                (_, _) -> {
                    throw new Failure.Invalid("no user \"eve\"");
                };
        Handler handler =
                caller -> {
                    caller.run(new byte[1], phases);
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            front.expect(Frame.Run.class);
            front.send(new Frame.PhaseReached(3));
            assertThat(front.expect(Frame.Continue.class).ok()).isFalse();
            front.send(new Frame.Ended(FAILURE, List.of()));
            assertThat(front.lines()).containsExactly("2:rung-oci: no user \"eve\"\n", "exit 1");
        }
    }

    @Test
    void shouldHandOverTheWait() throws Exception {
        var order =
                new Ending.Wait(3, 4, -1, null, new byte[] {1, 2}, List.of("rung-oci", "delete"));
        try (var front = new ScriptedFrontEnd(_ -> order).call()) {
            assertThat(front.expect(Frame.Wait.class).order())
                    .usingRecursiveComparison()
                    .isEqualTo(order);
            assertThatThrownBy(front::receive).isInstanceOf(ConversationLost.class);
        }
    }

    private static void assertText(ScriptedFrontEnd front, String text) {
        assertThat(new String(front.expect(Frame.Text.class).bytes(), UTF_8)).isEqualTo(text);
    }

    private static Fd memfd(String content) throws ErrnoException {
        return Memfds.sealed(KernelPath.of("test"), content.getBytes(UTF_8));
    }

    private static String content(Caller caller, String path) {
        try {
            return contentOf(caller.open(OpenRequest.reading(path)).orThrow(path));
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private static String contentOf(Fd fd) {
        try {
            return new String(Descriptors.readAll(fd, 1000), UTF_8);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldTakeInAllOfStdin() throws Exception {
        var seen = new CompletableFuture<String>();
        Handler handler =
                caller -> {
                    try (Passage passage = caller.input();
                            var in = new FdInputStream(passage.pipe(), "standard input")) {
                        seen.complete(new String(in.readAllBytes(), UTF_8));
                        passage.finish();
                    } catch (IOException e) {
                        seen.completeExceptionally(e);
                    }
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            Conversation.Received order = front.receive();
            assertThat(order.frame()).isEqualTo(new Frame.Pump(Frame.Pump.FROM_INPUT));
            try (Fd pipe = order.descriptors().getFirst();
                    var out = new FdOutputStream(pipe, "pipe")) {
                out.write("to and fro".getBytes(UTF_8));
            }
            front.send(new Frame.Pumped(0));
            assertThat(front.lines()).containsExactly("exit 0");
            assertThat(seen.join()).isEqualTo("to and fro");
        }
    }

    @Test
    void shouldTellWhyStdoutTookNotAll() throws Exception {
        Handler handler =
                caller -> {
                    try (Passage passage = caller.output()) {
                        passage.finish();
                    } catch (Failure e) {
                        caller.err(String.valueOf(e.getMessage()));
                    }
                    return DONE;
                };
        try (var front = new ScriptedFrontEnd(handler).call()) {
            Conversation.Received order = front.receive();
            assertThat(order.frame()).isEqualTo(new Frame.Pump(Frame.Pump.TO_OUTPUT));
            order.descriptors().getFirst().close();
            front.send(new Frame.Pumped(Errno.ENOSPC));
            assertThat(front.lines())
                    .containsExactly(
                            "2:write to standard output: no space left on device", "exit 0");
        }
    }
}
