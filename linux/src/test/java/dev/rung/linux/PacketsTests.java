package dev.rung.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PacketsTests {
    private static final int O_CLOEXEC = 02000000;

    private final Packets packets = new Packets(1024);
    private List<Fd> ends = List.of();

    @BeforeEach
    void connect() throws Exception {
        ends = Sockets.pair();
    }

    @AfterEach
    void close() {
        ends.forEach(Fd::close);
        packets.close();
    }

    @Test
    void shouldKeepMessagesApart() throws Exception {
        send("one", List.of());
        send("", List.of());
        send("three", List.of());
        assertThat(receive()).isEqualTo("one");
        assertThat(receive()).isEmpty();
        assertThat(receive()).isEqualTo("three");
    }

    @Test
    void shouldPassDescriptors() throws Exception {
        for (int count : new int[] {1, 2, 3, Packets.MOST_DESCRIPTORS}) {
            var received = new ArrayList<Fd>();
            try (Fd file = Memfds.sealed(KernelPath.of("m"), new byte[] {7})) {
                send("x", Collections.nCopies(count, file));
                packets.receive(ends.getLast(), received);
                assertThat(received).hasSize(count);
                for (Fd fd : received) {
                    assertThat(fd.number()).isNotEqualTo(file.number());
                    assertThat(Descriptors.readAll(fd, 1)).containsExactly(7);
                    assertThat(flags(fd) & O_CLOEXEC).isNotZero();
                }
            }
            received.forEach(Fd::close);
        }
    }

    @Test
    void shouldRefuseAMessageThatIsTooLongAndCloseWhatCameWithIt() throws Exception {
        try (var big = new Packets(4096);
                Fd file = Memfds.sealed(KernelPath.of("m"), new byte[] {7})) {
            int before = openDescriptors();
            big.send(ends.getFirst(), 2000, List.of(file, file));
            var received = new ArrayList<Fd>();
            assertThatThrownBy(() -> packets.receive(ends.getLast(), received))
                    .isInstanceOfSatisfying(
                            ErrnoException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.EMSGSIZE));
            assertThat(received).isEmpty();
            assertThat(openDescriptors()).isEqualTo(before);
            assertThatThrownBy(() -> packets.send(ends.getFirst(), 1025, List.of()))
                    .hasMessageContaining("message too long");
        }
    }

    @Test
    void shouldTellAnEndThatIsGone() throws Exception {
        ends.getFirst().close();
        assertThat(receive()).isEmpty();
        ends.getLast().close();
        List<Fd> again = Sockets.pair();
        again.getFirst().close();
        assertThatThrownBy(() -> packets.send(again.getLast(), 1, List.of()))
                .hasMessageEndingWith("broken pipe");
        again.getLast().close();
    }

    @Test
    void shouldWaitNoLongerThanAllowed() throws Exception {
        Sockets.setReceiveTimeout(ends.getLast(), Duration.ofMillis(20));
        assertThatThrownBy(this::receive)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
    }

    @Test
    void shouldKnowItsPeer() throws Exception {
        PeerCredentials peer = Sockets.peer(ends.getFirst());
        assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(peer.uid()).isEqualTo(Identity.effectiveUid());
        assertThat(peer.uid()).isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    private void send(String text, List<Fd> descriptors) throws ErrnoException {
        byte[] bytes = text.getBytes(UTF_8);
        packets.toSend().put(0, bytes);
        packets.send(ends.getFirst(), bytes.length, descriptors);
    }

    private String receive() throws ErrnoException {
        ByteBuffer message = packets.receive(ends.getLast(), new ArrayList<>());
        return UTF_8.decode(message).toString();
    }

    private static int flags(Fd fd) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd.number()))) {
            if (line.startsWith("flags:")) {
                return Integer.parseInt(line.substring(6).strip(), 8);
            }
        }
        throw new AssertionError("no flags");
    }

    private static int openDescriptors() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }
}
