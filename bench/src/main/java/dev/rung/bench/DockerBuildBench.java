package dev.rung.bench;

import static dev.rung.bench.EngineRoom.BUSYBOX;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Builds of a Dockerfile of ten steps, four of which run something, by Docker's API. */
final class DockerBuildBench {
    private static final String CONTEXT =
            """
            set -e
            mkdir "$1"
            cd "$1"
            echo one >one
            echo two >two
            printf '%s\\n' "FROM $2" 'ENV A=b' 'WORKDIR /app' 'COPY one /app/' 'RUN echo 1 >1' 'RUN echo 2 >2' \
                'COPY two /app/' 'RUN echo 3 >3' 'RUN echo 4 >4' 'CMD sh' >Dockerfile
            tar -cf "$1.tar" .
            """;

    private static final String BUILD = "/build?t=bench-build&networkmode=none&rm=1";

    private final Workshop workshop;
    private final Turns turns;
    private final int rounds;

    DockerBuildBench(Workshop workshop, Turns turns, int rounds) {
        this.workshop = workshop;
        this.turns = turns;
        this.rounds = rounds;
    }

    void all() {
        Path folder = workshop.path("build-context");
        workshop.run(List.of("sh", "-c", CONTEXT, "-", folder.toString(), BUSYBOX));
        byte[] context = read(workshop.path("build-context.tar"));
        int times = Math.max(3, rounds / 4);
        turns.measure(
                "build of ten steps by API, with its RUN steps",
                "build",
                0.4,
                times,
                client -> build(client, BUILD + "&nocache=1", context));
        turns.measure(
                "the same again, from the cache",
                "cached",
                0.3,
                times,
                client -> build(client, BUILD, context));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void build(ApiClient client, String path, byte[] context) {
        String said = client.send("POST", path, "application/x-tar", context);
        if (!said.contains("Successfully built")) {
            throw new IllegalStateException("a build came to nothing: " + said);
        }
    }
}
