package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hostile contexts, Dockerfiles and images get nothing of the host's, and builds leave nothing. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "tar", "python3"})
class BuildAttackTests extends BuildsImages {
    /** Archives that no tar would write. */
    private static final String MAKE_ARCHIVE =
            """
            import io, sys, tarfile
            out = tarfile.open(sys.argv[1], 'w')
            for line in sys.argv[2:]:
                kind, name, rest = line.split('|')
                entry = tarfile.TarInfo(name)
                if kind == 'file':
                    entry.size = len(rest)
                    out.addfile(entry, io.BytesIO(rest.encode()))
                else:
                    entry.type = {'link': tarfile.SYMTYPE, 'hard': tarfile.LNKTYPE, 'dev': tarfile.CHRTYPE}[kind]
                    entry.linkname = rest
                    entry.devmajor, entry.devminor = 1, 3
                    out.addfile(entry)
            out.close()
            """;

    @SuppressWarnings("NullAway.Init")
    private Path canary;

    @BeforeEach
    void makeCanary() throws IOException {
        canary = Files.createTempDirectory("rung-canary");
        Files.writeString(canary.resolve("file"), "of the host\n");
        Files.createDirectory(canary.resolve("empty"));
    }

    @AfterEach
    void lookAtCanary() throws IOException {
        assertThat(Command.of("ls", canary.toString()).succeed().output())
                .isEqualTo("empty\nfile\n");
        assertThat(Files.readString(canary.resolve("file"))).isEqualTo("of the host\n");
        Command.of("rm", "-rf", canary.toString()).succeed();
    }

    private Outcome buildOf(String... entries) {
        var words = new ArrayList<>(List.of("python3", "-c", MAKE_ARCHIVE, context + ".tar"));
        words.addAll(List.of(entries));
        Command.of(words).succeed();
        Outcome outcome =
                engine.shell("rung build --network none -t made - <" + context + ".tar").run();
        Command.of("rm", context + ".tar").succeed();
        return outcome;
    }

    @Test
    void shouldNotUnpackContextsElsewhere() {
        String up = "../../../../../../../.." + canary;
        assertThat(buildOf("file|Dockerfile|FROM base", "file|" + up + "/x|evil").errors())
                .contains("leads upwards");
        buildOf("file|Dockerfile|FROM base", "link|out|" + canary, "file|out/x|evil");
        buildOf("file|Dockerfile|FROM base", "link|out|" + up, "file|out/x|evil");
        buildOf("file|Dockerfile|FROM base", "hard|mine|" + canary + "/file", "file|mine|evil");
    }

    @Test
    void shouldNotReadBesideTheContext() {
        Outcome link =
                buildOf(
                        "file|Dockerfile|FROM base\nCOPY out /x\nRUN cat /x",
                        "link|out|" + canary + "/file");
        assertThat(link.status()).isNotZero();
        Outcome folder =
                buildOf(
                        "file|Dockerfile|FROM base\nCOPY out/file /x\nRUN cat /x",
                        "link|out|../../../../../../.." + canary);
        assertThat(folder.status()).isNotZero();
        assertThat(buildOf("link|Dockerfile|" + canary + "/file").errors())
                .contains("Cannot locate specified Dockerfile");
        Outcome mount =
                buildOf(
                        "file|Dockerfile|FROM base\nRUN --mount=source=out,target=/m cat /m/file",
                        "link|out|" + canary);
        assertThat(mount.status()).isNotZero();
        assertThat(link.output() + folder.output() + mount.output()).doesNotContain("of the host");
        buildOf("file|Dockerfile|FROM base\nCOPY null /null", "dev|null|");
    }

    @Test
    void shouldNotUnpackArchivesElsewhere() throws IOException {
        String up = "../../../../../../../.." + canary;
        for (String[] entries :
                List.of(
                        new String[] {"file|" + up + "/x|evil"},
                        new String[] {"link|out|" + canary, "file|out/x|evil"},
                        new String[] {"link|out|" + up, "file|out/x|evil"},
                        new String[] {"hard|mine|" + up + "/file", "file|mine|evil"})) {
            var words =
                    new ArrayList<>(List.of("python3", "-c", MAKE_ARCHIVE, context + "/evil.tar"));
            words.addAll(List.of(entries));
            Command.of(words).succeed();
            write("Dockerfile", "FROM base\nADD evil.tar /in/\n");
            build();
        }
    }

    @Test
    void shouldWriteThroughLinksOfAnImageIntoTheImageOnly() throws IOException {
        write("x", "evil\n");
        made(
                """
                FROM base
                RUN ln -s %s /out && ln -s ../../../../../../..%s /up && ln -s loop /loop
                COPY x /out/copied
                COPY x /up/copied
                WORKDIR /out/work
                COPY x /trap/copied
                """
                        .formatted(canary, canary));
        assertThat(shell("cat /etc/copied " + canary + "/copied")).isEqualTo("evil\nevil\n");
        write("Dockerfile", "FROM made\nCOPY x /loop/y\n");
        assertThat(build().errors()).containsIgnoringCase("too many levels of symbolic links");
    }

    /** CVE-2024-23652: what was only there to mount on is cleared away, but not through links. */
    @Test
    void shouldRemoveNothingThroughMountPoints() throws IOException {
        made(
                """
                FROM base
                RUN --mount=type=tmpfs,target=/stub/empty --mount=type=tmpfs,target=/stub/file \
                    mv /stub /old 2>/dev/null; ln -s %s /stub2; umount /stub/empty; \
                    rmdir /stub/empty /stub 2>/dev/null; ln -s %s /stub; true
                """
                        .formatted(canary, canary));
        made("FROM base\nRUN --mount=type=tmpfs,target=/trap/stub touch /trap/stub/x\n");
        assertThat(shell("ls -d /etc/stub 2>&1; true")).contains("/etc/stub");
    }

    /** CVE-2024-23651: a folder of a cache that another step turns into a link meanwhile. */
    @Test
    void shouldMountNothingOutsideOfACache() throws IOException {
        write(
                "Dockerfile",
                """
                FROM base AS race
                RUN --mount=type=cache,id=race,target=/c mkdir -p /c/real; i=0; \
                    while [ $i -lt 300 ]; do ln -sfn %s /c/new; mv -T /c/new /c/sub; \
                    rm /c/sub; mkdir /c/sub; rmdir /c/sub; i=$((i+1)); done
                FROM base
                RUN --mount=type=cache,id=race,target=/c rm -rf /c/sub; ln -s %s /c/sub
                RUN --mount=type=cache,id=race,source=sub,target=/s cat /s/file
                """
                        .formatted(canary, canary));
        Outcome outcome = build();
        assertThat(outcome.status()).isNotZero();
        assertThat(outcome.output()).doesNotContain("of the host");
        Outcome besides = build("--target", "race");
        assertThat(besides.status()).as(besides.errors()).isZero();
    }

    /** CVE-2024-23653: rights that nobody gave to the Dockerfile. */
    @Test
    void shouldGiveNoRightsThatADockerfileAsksFor() throws IOException {
        write("Dockerfile", "FROM base\nRUN --security=insecure id\n");
        assertThat(build().errors()).contains("gives no such rights");
    }

    @Test
    void shouldLeaveNothingWhenTheEngineIsKilled() throws IOException {
        write("f", "x");
        write(
                "Dockerfile",
                """
                FROM base AS other
                RUN sleep 4242
                FROM base
                COPY f /f
                RUN --mount=type=secret,id=s --mount=source=f,target=/g,rw echo up; sleep 4242
                COPY --from=other / /
                """);
        Running build =
                engine.rung(
                                "build",
                                "--network",
                                "none",
                                "--secret",
                                "id=s,src=" + canary + "/file",
                                context.toString())
                        .start();
        awaitContainers("2");
        engine.kill();
        build.close();
        awaitContainers("0");
        engine.leavesNothing();
        Patience.await(
                () ->
                        engine.files("lib/builds/contexts").isEmpty()
                                && engine.files("run/builds").isEmpty(),
                () -> "a context or a mount is left");
    }

    @Test
    void shouldEndWithItsClient() throws IOException {
        write("Dockerfile", "FROM base\nRUN sleep 4242\n");
        Running build = engine.rung("build", "--network", "none", context.toString()).start();
        awaitContainers("1");
        build.close();
        awaitContainers("0");
        engine.leavesNothing();
        Patience.await(
                () -> engine.files("lib/builds/contexts").isEmpty(), () -> "a context is left");
    }

    private void awaitContainers(String count) {
        Patience.await(
                () -> engine.shell("rung ps -aq | wc -l").succeed().output().strip().equals(count),
                () -> "containers: " + engine.rung("ps", "-a").run().output());
    }
}
