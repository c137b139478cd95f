package dev.rung.tests.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Json;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runtime as CRI-O calls it: created and entered by conmon, started and ended by itself. */
@SystemTest
@NeedsProgram({"conmon", "systemctl"})
class ConmonTests {
    private static final String RUNTIME = OciRuntime.binaryUnderTest().toString();

    private final SystemdMachine machine = new SystemdMachine(false, 1);

    @AfterEach
    void end() {
        machine.close();
    }

    private Command conmon(Path folder, Bundle bundle, boolean systemd, String... more) {
        var words = new ArrayList<>(List.of("conmon", "--cid", "c1", "--name", "c1"));
        words.addAll(List.of("--runtime", RUNTIME, "--runtime-arg", "--root=" + folder));
        words.addAll(List.of("--bundle", bundle.folder().toString()));
        words.addAll(List.of("--exit-dir", folder.resolve("exits").toString()));
        words.addAll(List.of("--socket-dir-path", folder.resolve("sockets").toString()));
        if (systemd) {
            words.add("--systemd-cgroup");
        }
        words.addAll(List.of(more));
        return machine.command(words.toArray(String[]::new));
    }

    private Command runtime(Path folder, boolean systemd, String... more) {
        var words = new ArrayList<>(List.of(RUNTIME, "--root", folder.toString()));
        if (systemd) {
            words.add("--systemd-cgroup");
        }
        words.addAll(List.of(more));
        return machine.command(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeConmonAsCrioCallsIt(boolean systemd, Sandbox sandbox) throws IOException {
        Path folder = Files.createDirectory(sandbox.folder().resolve("crio"));
        for (String name : List.of("exits", "sockets")) {
            Files.createDirectory(folder.resolve(name));
        }
        Bundle bundle =
                sandbox.bundle()
                        .args("/bin/sh", "-c", "echo out; echo err >&2; exec sleep 100")
                        .set("linux.cgroupsPath", systemd ? "pods.slice:crio:c1" : "/rung-crio")
                        .write();
        String log = folder.resolve("log").toString();
        Path pid = folder.resolve("pid");

        conmon(
                        folder,
                        bundle,
                        systemd,
                        "--cuuid",
                        "c1",
                        "--log-path",
                        log,
                        "--container-pidfile",
                        pid.toString())
                .succeed();
        await(pid);
        assertThat(runtime(folder, systemd, "state", "c1").succeed().output()).contains("created");
        runtime(folder, systemd, "start", "c1").succeed();
        Patience.await(() -> read(log).contains("stderr F err"), () -> read(log));

        assertThat(read(log)).contains("stdout F out");
        assertThat(machine.read("/proc/" + read(pid.toString()) + "/cgroup"))
                .contains(systemd ? ":/pods.slice/crio-c1.scope" : ":/rung-crio");
        Path process = folder.resolve("process.json");
        Files.writeString(
                process,
                Json.write(
                        Map.of(
                                "args", List.of("/bin/sh", "-c", "echo entered; exit 5"),
                                "cwd", "/",
                                "user", Map.of("uid", 0, "gid", 0),
                                "env", List.of("PATH=/bin"))));
        String entered = folder.resolve("entered").toString();
        conmon(
                        folder,
                        bundle,
                        systemd,
                        "--exec",
                        "--exec-process-spec",
                        process.toString(),
                        "--cuuid",
                        "x1",
                        "--log-path",
                        entered,
                        "--container-pidfile",
                        folder.resolve("pid2").toString())
                .succeed();
        Patience.await(() -> read(entered).contains("stdout F entered"), () -> read(entered));

        runtime(folder, systemd, "kill", "c1", "KILL").succeed();
        Path exit = folder.resolve("exits/c1");
        Patience.await(() -> read(exit.toString()).equals("137"), () -> read(exit.toString()));
        runtime(folder, systemd, "delete", "c1").succeed();

        assertThat(folder.resolve("c1")).doesNotExist();
        assertThat(machine.left("crio")).isEmpty();
    }

    private static void await(Path file) {
        Patience.await(() -> !read(file.toString()).isEmpty(), () -> "no " + file);
    }

    /** What a file holds; empty while it is not there. */
    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
