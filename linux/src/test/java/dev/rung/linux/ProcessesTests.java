package dev.rung.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProcessesTests {
    @Test
    void shouldStartAChildWithASocket() throws Exception {
        List<Fd> pair = Sockets.pair();
        try (Fd ours = pair.getFirst();
                Fd theirs = pair.getLast();
                Fd shell = Paths.open(null, KernelPath.of("/bin/sh"), Paths.O_RDONLY, 0, 0);
                var packets = new Packets(64)) {
            int child =
                    Processes.spawn(
                            shell,
                            words("sh", "-c", "echo $A $1 >&3", "-", "b c"),
                            words("A=a"),
                            theirs);
            var said = packets.receive(ours, new ArrayList<>());
            assertThat(StandardCharsets.UTF_8.decode(said).toString()).isEqualTo("a b c\n");
            Processes.await(child);
            assertThatThrownBy(() -> Processes.await(child))
                    .isInstanceOfSatisfying(
                            ErrnoException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ECHILD));
        }
    }

    @Test
    void shouldSayWhyNothingWasStarted() throws Exception {
        List<Fd> pair = Sockets.pair();
        try (Fd ours = pair.getFirst();
                Fd theirs = pair.getLast()) {
            assertThatThrownBy(() -> Processes.spawn(ours, words("x"), List.of(), theirs))
                    .isInstanceOf(ErrnoException.class)
                    .hasMessageStartingWith("posix_spawn ");
        }
    }

    @Test
    void shouldWaitForAProcessThatIsOpen() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "100").start();
        try (Fd open = Processes.open((int) sleep.pid())) {
            sleep.destroyForcibly();
            Processes.await(open);
            assertThat(sleep.waitFor()).isEqualTo(137);
        }
        assertThatThrownBy(() -> Processes.open((int) sleep.pid()))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
    }

    private static List<KernelPath> words(String... words) {
        return Stream.of(words).map(KernelPath::of).toList();
    }
}
