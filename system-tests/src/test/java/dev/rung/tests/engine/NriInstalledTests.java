package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.KeyValue;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Plug-ins of the node resource interface that are started with the engine. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "python3"})
class NriInstalledTests {
    /** Passes on, to a socket of the test, all that it is told, and first its environment. */
    private static final String RELAY =
            """
            #!/usr/bin/python3
            import os, select, socket
            open("PLACE.env", "w").write("\\n".join(sorted(map("=".join, os.environ.items()))))
            open("PLACE.fds", "w").write(" ".join(sorted(os.listdir("/proc/self/fd"))))
            ours = socket.socket(fileno=int(os.environ["NRI_PLUGIN_SOCKET"]))
            theirs = socket.socket(socket.AF_UNIX)
            theirs.connect("PLACE")
            while True:
                for side in select.select([ours, theirs], [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        raise SystemExit
                    (theirs if side is ours else ours).sendall(data)
            """;

    private static void install(Path folder, String name, String text, String mode)
            throws IOException {
        Path file = Files.createDirectories(folder).resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void shouldRunWithTheEngineAndMissNoPod() throws Exception {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        try (var engine = Engine.withCri();
                var kubelet = new CriClient(engine.criSocket())) {
            Path home = engine.home();
            Path socket = home.resolve("plugin.sock");
            String settings = engine.configuration("rung.toml");
            engine.configure(
                    "rung.toml", settings + "[nri]\nplugin-registration-timeout = \"25s\"\n");
            engine.write("etc/nri/conf.d/relay.conf", "what it is told");
            Path folder = home.resolve("lib/nri/plugins");
            String relay = RELAY.replace("PLACE", socket.toString());
            install(folder, "10-relay", relay, "rwxr-xr-x");
            install(folder, "30-open", "#!/bin/sh\ntouch " + home + "/open\n", "rwxrwxrwx");
            install(folder, "40-text", "no program", "rw-r--r--");
            install(folder, "nameless", "#!/bin/sh\ntouch " + home + "/nameless\n", "rwxr-xr-x");
            PodSandboxConfig.Builder config = CriClient.pod("installed");
            try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(socket));
                CompletableFuture<NriPlugin> joining =
                        CompletableFuture.supplyAsync(() -> join(server));
                engine.rung("system", "shutdown").succeed();
                engine.rung("version").succeed();

                String pod = kubelet.run(config);
                try (NriPlugin plugin = joining.get(30, TimeUnit.SECONDS)) {
                    assertThat(plugin.of("installed")).containsExactly("RunPodSandbox");
                    assertThat(plugin.of("rung")).containsExactly("Configure what it is told");
                    String id =
                            kubelet.launch(
                                    pod, config, CriClient.container("main", "sleep", "1000"));
                    assertThat(kubelet.output(id, "env")).contains("GIVEN=yes");
                    assertThat(Files.readString(Path.of(socket + ".env")).lines())
                            .contains(
                                    "NRI_PLUGIN_IDX=10",
                                    "NRI_PLUGIN_NAME=relay",
                                    "NRI_PLUGIN_SOCKET=3");
                    // 0 to 2, the socket, the file that this is written to, and the folder
                    List<String> descriptors =
                            List.of(Files.readString(Path.of(socket + ".fds")).split(" "));
                    assertThat(descriptors).contains("3").hasSizeLessThanOrEqualTo(6);
                    kubelet.end(pod);
                }
                assertThat(home.resolve("open")).doesNotExist();
                assertThat(home.resolve("nameless")).doesNotExist();
                Patience.await(
                        () -> running(folder).isEmpty(), () -> "it runs on: " + running(folder));
            }
        }
    }

    /** What runs of the programs in that folder. */
    private static List<String> running(Path folder) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(folder.toString()))
                .toList();
    }

    private static NriPlugin join(ServerSocketChannel server) {
        try {
            var given =
                    ContainerAdjustment.newBuilder()
                            .addEnv(KeyValue.newBuilder().setKey("GIVEN").setValue("yes"))
                            .build();
            return new NriPlugin(server.accept()).adjusting(_ -> given).join("99", "other");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
