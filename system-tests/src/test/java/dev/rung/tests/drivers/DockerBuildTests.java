package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What dockerd's classic builder makes of a context, rung build makes of it too. */
@SystemTest
@NeedsProgram({"dockerd", "docker", "containerd", "docker-init", "iptables", "busybox", "tar"})
class DockerBuildTests extends AgainstDockerd {
    /** Names, types, modes, owners, targets and contents, without what runtimes make. */
    private static final String LIST =
            """
            mkdir "$1" && tar -x -C "$1" && cd "$1" && rm -rf dev proc sys .dockerenv
            find . -mindepth 1 ! -path ./etc/hosts ! -path ./etc/hostname ! -path ./etc/resolv.conf \
                ! -path ./etc/mtab ! -path ./etc -printf '%P %y %m %U:%G %l\\n' | sort
            find . -type f ! -path './etc/host*' ! -path ./etc/resolv.conf -exec sha256sum {} + | sort -k 2
            """;

    private static final String MAKE_ROOT =
            """
            mkdir -p "$1/bin" "$1/etc" "$1/tmp" && cp /bin/busybox "$1/bin" && cd "$1/bin"
            for name in $(/bin/busybox --list); do [ $name = busybox ] || ln -s busybox $name; done
            cd .. && echo 'joe:x:1000:1001::/:/bin/sh' >etc/passwd && echo 'joe:x:1001:' >etc/group
            ln -s etc lead && mkdir there && chmod 750 there && chown 5:6 there
            tar -c . >"$1.tar" && rm -rf "$1"
            """;

    /** Twenty steps, for each of which dockerd makes a container. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Path folder;

    DockerBuildTests() throws IOException {
        super(Map.of("bridge", "none", "iptables", false));
        folder = Files.createTempDirectory("rung-build");
    }

    @BeforeAll
    void begin() throws IOException {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        Files.createDirectory(
                folder.resolve("home"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String root = folder.resolve("root").toString();
        Command.of("sh", "-ec", MAKE_ROOT, "-", root).succeed();
        rung("import", "-c", "CMD sh", root + ".tar", "base").succeed();
        docker.docker("import -c", "CMD sh", root + ".tar", "base").succeed();
    }

    @AfterAll
    void remove() throws IOException {
        Path pid = folder.resolve("home/run/rungd.pid");
        if (Files.exists(pid)) {
            Command.of(
                            "sh",
                            "-c",
                            "kill $0; timeout 20 tail --pid=$0 -f /dev/null",
                            Files.readString(pid).strip())
                    .run();
        }
        Command.of("rm", "-rf", folder.toString()).succeed();
        docker.room().removeCgroups("rung"); // where the engine had its containers
    }

    private Command rung(String... words) {
        var all = new ArrayList<String>();
        all.add(OciRuntime.binaryUnderTest().resolveSibling("rung").toString());
        all.addAll(Arrays.asList(words));
        return Command.of(all).with("RUNG_HOME", folder.resolve("home").toString());
    }

    private Path context(String name, String dockerfile, String script) throws IOException {
        Path context = Files.createDirectory(folder.resolve(name));
        Command.of("sh", "-ec", "cd $0;" + script, context.toString()).succeed();
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        return context;
    }

    private void compare(Path context) {
        String path = context.toString();
        rung("build", "--network", "none", "-t", "made", path).within(LIMIT).succeed();
        docker.docker("build --network none --tag made", path)
                .with("DOCKER_BUILDKIT", "0")
                .within(LIMIT)
                .succeed();
        for (String template :
                List.of(
                        "Cmd",
                        "Entrypoint",
                        "Env",
                        "WorkingDir",
                        "User",
                        "Labels",
                        "ExposedPorts",
                        "Volumes",
                        "StopSignal",
                        "Healthcheck",
                        "OnBuild",
                        "Shell")) {
            String format = "{{json .Config." + template + "}}";
            assertThat(rung("inspect", "--format", format, "made").run().output())
                    .as(template)
                    .isEqualTo(
                            docker.docker("image inspect --format", format, "made").run().output());
        }
        assertThat(history(rung("history", "--no-trunc", "--format", "{{.CreatedBy}}", "made")))
                .isEqualTo(
                        history(
                                docker.docker(
                                        "history --no-trunc --format", "{{.CreatedBy}}", "made")));
        assertThat(files("rung", rung("create", "--network", "none", "made", "/x")))
                .isEqualTo(files("docker", docker.docker("create --network none made /x")));
    }

    /** What a source is known by is each builder's own. */
    private static List<String> history(Command command) {
        return command.succeed()
                .output()
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.replaceAll("(file|dir|multi):[0-9a-f]{64}", "SOURCE").strip())
                .toList();
    }

    private String files(String tool, Command create) {
        String id = create.succeed().output().strip();
        String root = folder.resolve(tool + "-files").toString();
        String archive = folder.resolve(tool + ".tar").toString();
        Command export =
                tool.equals("rung")
                        ? rung("export", "-o", archive, id)
                        : docker.docker("export --output", archive, id);
        export.succeed();
        String list =
                Command.of("sh", "-ec", "exec <$2;" + LIST, "-", root, archive).succeed().output();
        Command.of("rm", "-rf", root, archive).succeed();
        if (tool.equals("rung")) {
            rung("rm", id).succeed();
        }
        return list;
    }

    @Test
    @Timeout(300)
    void shouldMakeTheSameImageOfAllInstructions() throws IOException {
        compare(
                context(
                        "all",
                        """
                        ARG BASE=base
                        FROM $BASE
                        MAINTAINER somebody
                        ARG VERSION=1
                        ENV A=b C="d e" D=$VERSION
                        ENV OLD a  b
                        LABEL one=two "three"='four five'
                        WORKDIR /app
                        WORKDIR sub/$A
                        RUN echo $A $VERSION >ran && mkdir -m 700 -p made/deep && ln -s ran link
                        RUN true
                        RUN rm -r /there && touch /tmp/gone && rm /tmp/gone && chmod 4755 ran
                        EXPOSE 80 443/tcp 53/udp
                        VOLUME /data /cache
                        USER joe
                        STOPSIGNAL SIGINT
                        SHELL ["/bin/sh", "-ec"]
                        ONBUILD RUN echo built
                        ENTRYPOINT ["sh", "-c"]
                        CMD echo $A
                        """,
                        "true"));
    }

    @Test
    @Timeout(300)
    void shouldCopyTheSameFiles() throws IOException {
        compare(
                context(
                        "copies",
                        """
                        FROM base AS first
                        COPY tree /out/
                        RUN chown -R 7:8 /out
                        FROM base
                        COPY one two* /several/
                        COPY one /named
                        COPY one /there
                        COPY tree /there
                        COPY tree/ /new/deep
                        COPY tree/sub/.. /dots/
                        COPY --chown=joe tree /owned/
                        COPY --chown=3:4 one /owned/one
                        COPY one /lead/in
                        COPY link /followed
                        COPY --from=first /out /kept
                        COPY --from=0 /out/exe /kept2/
                        COPY ["with space", "/spaced/"]
                        COPY tree/sub /file
                        ADD archive.tar.gz /unpacked/
                        ADD one /added/
                        WORKDIR /w
                        COPY one .
                        COPY one relative/
                        """,
                        """
                        echo 1 >one; echo 2 >two; echo 3 >two.b; echo s >'with space'; ln -s one link
                        mkdir -p tree/sub/deeper tree/empty; echo e >tree/exe; chmod 755 tree/exe
                        chmod 711 tree/empty; ln -s ../exe tree/sub/rel; ln -s /etc/passwd tree/sub/abs
                        echo d >tree/sub/deeper/f; chmod 640 tree/sub/deeper/f; tar -czf archive.tar.gz tree
                        """));
    }
}
