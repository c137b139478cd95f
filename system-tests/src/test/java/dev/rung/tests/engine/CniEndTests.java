package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kill -9 of the engine while plugins of CNI add and delete a pod. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "ip", "nft"})
@TestInstance(Lifecycle.PER_CLASS)
class CniEndTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    private String before = "";

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        before = NetworkEndTests.traces();
        engine = Engine.withCni();
    }

    @AfterEach
    void deleteBridge() {
        Command.of("ip", "link", "delete", "cniend0").run();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    /** A plugin of the chain kills who called it: after none, one, and two others have added. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldTakeBackWhatPluginsAdded(int place) {
        killedBy("ADD", place);
    }

    /** The same while a pod leaves. */
    @Test
    void shouldTakeBackTheRestOfWhatPluginsDeleted() {
        killedBy("DEL", 1);
    }

    private void killedBy(String command, int place) {
        var plugins =
                new ArrayList<>(
                        List.of(
                                "{\"type\": \"bridge\", \"bridge\": \"cniend0\", \"isGateway\":"
                                        + " true, \"ipMasq\": true, \"ipam\": {\"type\":"
                                        + " \"host-local\", \"dataDir\": \"DATA\", \"subnet\":"
                                        + " \"10.78.0.0/24\"}}",
                                "{\"type\": \"portmap\", \"capabilities\": {\"portMappings\":"
                                        + " true}}"));
        plugins.add(place, "{\"type\": \"killer\"}");
        String data = engine.home().resolve("addresses").toString();
        engine.write(
                "net.d/10-end.conflist",
                "{\"cniVersion\": \"1.0.0\", \"name\": \"end\", \"plugins\": ["
                        + String.join(", ", plugins).replace("DATA", data)
                        + "]}");
        engine.write(
                "plugins/killer",
                """
                #!/bin/sh
                # passes on what others made; once, it ends its caller with the named command
                if [ "$CNI_COMMAND" = %s ] && rm %s/kill 2>/dev/null; then kill -9 $PPID; fi
                [ "$CNI_COMMAND" = ADD ] || exit 0
                made=$(awk '{ at = index($0, "\\"prevResult\\":"); if (!at) exit; text = substr($0, at + 13)
                    for (i = 1; i <= length(text); i++) {
                        c = substr(text, i, 1); if (c == "{") depth++
                        if (c == "}" && --depth == 0) { print substr(text, 1, i); exit }
                    } }')
                [ -n "$made" ] || made='{"cniVersion": "1.0.0"}'
                echo "$made"
                """
                        .formatted(command, engine.home()));
        Command.of("chmod", "755", engine.home().resolve("plugins/killer").toString()).succeed();
        engine.rung("ps").succeed();
        engine.write("kill", "");
        try (var kubelet = new CriClient(engine.criSocket())) {
            String pod = kubelet.run(CriClient.pod("web"));
            kubelet.end(pod);
        } catch (StatusRuntimeException e) {
            // it died
        }
        assertThat(engine.home().resolve("kill")).doesNotExist();

        engine.rung("pod", "rm", "--force", "--all").run();
        Command.of("ip", "link", "delete", "cniend0").run(); // which nobody removes
        Patience.await(
                () -> engine.left().isEmpty() && NetworkEndTests.traces().equals(before),
                () ->
                        "left: "
                                + engine.left()
                                + " of\n"
                                + before
                                + "\nand\n"
                                + NetworkEndTests.traces());
        assertThat(engine.files("addresses/end")).noneMatch(name -> name.startsWith("10.78"));
        try (var kubelet = new CriClient(engine.criSocket())) {
            String pod = kubelet.run(CriClient.pod("web"));
            kubelet.end(pod);
        }
        Command.of("ip", "link", "delete", "cniend0").succeed();
        Patience.await(() -> NetworkEndTests.traces().equals(before), NetworkEndTests::traces);
    }
}
