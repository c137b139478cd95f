package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Dockerfiles are built as docker build does it. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "tar"})
class BuildTests extends BuildsImages {
    @Test
    void shouldBuildWithTheWordsOfDockersBuilder() throws IOException {
        write("a.txt", "one\n");
        write("sub/b.txt", "two\n");
        String told =
                made(
                        """
                        FROM base
                        ENV WHO=you
                        WORKDIR /app
                        COPY a.txt sub ./
                        RUN cat a.txt b.txt >both && echo for $WHO
                        CMD cat both
                        """);
        assertThat(told)
                .contains("Step 1/6 : FROM base\n ---> ")
                .contains(
                        "Step 5/6 : RUN cat a.txt b.txt >both && echo for $WHO\n ---> Running in ")
                .contains("\nfor you\nRemoving intermediate container ")
                .containsPattern(
                        "Successfully built [0-9a-f]{12}\nSuccessfully tagged made:latest\n$");
        assertThat(engine.rung("run", "--rm", "--network", "none", "made").succeed().output())
                .isEqualTo("one\ntwo\n");
        assertThat(engine.rung("ps", "-aq").succeed().output()).isEmpty();
    }

    @Test
    void shouldTakeWhatIsUnchangedFromTheCache() throws IOException {
        write("a.txt", "one\n");
        write("b.txt", "two\n");
        String dockerfile =
                """
                FROM base
                COPY a.txt /a
                RUN cat /a >/ran
                COPY b.txt /b
                RUN echo $RANDOM-$(cat /proc/uptime) >/when
                """;
        made(dockerfile);
        String when = shell("cat /when");
        String again = made(dockerfile);
        assertThat(again.split("Using cache", -1)).hasSize(5);
        assertThat(shell("cat /when")).isEqualTo(when);

        Command.of("touch", context.resolve("b.txt").toString()).succeed();
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(5);
        write("b.txt", "three\n");
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(3);
        assertThat(shell("cat /b; cat /when")).startsWith("three\n").doesNotContain(when);

        Command.of("chmod", "755", context.resolve("a.txt").toString()).succeed();
        assertThat(made(dockerfile)).doesNotContain("Using cache");
        assertThat(made(dockerfile, "--no-cache")).doesNotContain("Using cache");
    }

    @Test
    void shouldSayHowACommandFailed() throws IOException {
        write("Dockerfile", "FROM base\nRUN echo before; exit 7\n");
        Outcome outcome = build("--force-rm");
        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).contains("\nbefore\n");
        assertThat(outcome.errors())
                .isEqualTo(
                        "The command '/bin/sh -c echo before; exit 7' returned a non-zero code:"
                                + " 7\n");
        assertThat(engine.rung("ps", "-aq").succeed().output()).isEmpty();
    }

    @Test
    void shouldBuildStagesAtTheSameTimeAndOnlyThoseThatAreNeeded() throws IOException {
        String told =
                made(
                        """
                        ARG TAG=latest
                        FROM base:$TAG AS one
                        RUN sleep 1; echo one >/one
                        FROM base AS never
                        RUN false
                        FROM base AS two
                        RUN echo two >/two
                        FROM one
                        COPY --from=2 /two /
                        COPY --from=base /files/plain /copied
                        """);
        assertThat(told)
                .contains("Step 1/8 : ARG TAG=latest\nStep 2/8 : FROM base:$TAG AS one")
                .containsSubsequence("RUN sleep", "AS two", "RUN echo two", "FROM one")
                .doesNotContain("never");
        assertThat(shell("cat /one /two /copied")).isEqualTo("one\ntwo\ncontent\n");
        made("FROM base AS first\nRUN echo 1 >/1\nFROM base\nRUN false\n", "--target", "first");
        assertThat(shell("cat /1")).isEqualTo("1\n");
    }

    @Test
    void shouldReadHeredocs() throws IOException {
        made(
                """
                FROM base
                ARG WHO=world
                RUN <<EOF
                echo hello $WHO >/1
                echo two >>/1
                EOF
                RUN cat <<A >/2 && cat <<-'B' >>/2
                first $WHO
                A
                \tsecond $WHO
                B
                RUN <<EOF
                #!/bin/cat
                itself
                EOF
                COPY --chown=joe --chmod=600 <<"raw" <<two /d/
                key=$WHO
                raw
                is $WHO
                two
                """);
        assertThat(shell("cat /1 /2 /d/raw /d/two; stat -c %u:%g:%a /d/two"))
                .isEqualTo(
                        """
                        hello world
                        two
                        first world
                        second $WHO
                        key=$WHO
                        is world
                        1000:1001:600
                        """);
    }

    @Test
    void shouldMountForOneRun() throws IOException {
        write("ctx/f", "in context\n");
        Files.writeString(context.resolveSibling(context.getFileName() + ".s"), "secret!");
        String told =
                made(
                        """
                        FROM base AS src
                        RUN mkdir -p /data/deep && echo deep >/data/deep/f
                        FROM base
                        RUN --mount=type=cache,target=/c/x echo first >>/c/x/log
                        RUN --mount=type=cache,target=/c/x cat /c/x/log
                        RUN --mount=source=ctx,target=/mnt/c cat /mnt/c/f; touch /mnt/c/new || echo refused
                        RUN --mount=source=ctx,target=/mnt/c,rw touch /mnt/c/new && ls /mnt/c
                        RUN --mount=from=src,source=/data,target=/mnt/d cat /mnt/d/deep/f
                        RUN --mount=type=tmpfs,target=/t touch /t/x
                        RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=E echo $(cat /run/secrets/s) $E
                        RUN ls -d /c /mnt /t /run 2>/dev/null; ls -d /etc
                        """,
                        "--secret",
                        "id=s,src=" + context + ".s");
        assertThat(told)
                .contains("\nfirst\n", "\nin context\nrefused\n", "\nf\nnew\n", "\ndeep\n")
                .contains("\nsecret! secret!\n", "\n/etc\n")
                .doesNotContain("\n/c\n", "\n/mnt\n", "\n/t\n", "\n/run\n");
        String history = engine.rung("history", "--no-trunc", "made").succeed().output();
        assertThat(history).doesNotContain("secret!");
        Files.delete(context.resolveSibling(context.getFileName() + ".s"));
    }

    @Test
    void shouldTakeContextsOfSeveralKinds() throws IOException {
        write("Dockerfile", "FROM base\nCOPY . /all\n");
        write("a/keep.md", "k");
        write("a/drop.md", "d");
        write(".dockerignore", "**/*.md\n!**/keep.md\n.dockerignore\n");
        assertThat(build().status()).isZero();
        assertThat(shell("cd /all; find . -type f | sort"))
                .isEqualTo("./Dockerfile\n./a/keep.md\n");
        write("other/df", "FROM base\nCOPY a /only\n");
        write("other/df.dockerignore", "a/keep.md");
        assertThat(build("--file", context + "/other/df").status()).isZero();
        assertThat(shell("ls /only")).isEqualTo("drop.md\n");
        String tar = "tar -C " + context + " -czf - . | rung build --network none -t made -";
        engine.shell(tar).succeed();
        assertThat(shell("ls -A /all/a")).isEqualTo("drop.md\nkeep.md\n");
        engine.shell("echo FROM base | rung build -t made - >/dev/null").succeed();
        engine.shell("printf 'FROM base\\nCOPY a /in' | rung build -t made -f - " + context)
                .succeed();
        assertThat(shell("ls /in")).isEqualTo("keep.md\n");
        String quiet = "; rung build -q --iidfile id . >told; (cat id; echo) | cmp - told";
        engine.shell("cd " + context + quiet).succeed();
    }

    @Test
    void shouldTellArgumentsApart() throws IOException {
        String dockerfile = "FROM base\nARG A=usual\nRUN echo $A $HTTP_PROXY >/a\n";
        made(dockerfile);
        assertThat(shell("cat /a")).isEqualTo("usual\n");
        assertThat(made(dockerfile, "--build-arg", "A=mine", "--build-arg", "B=x"))
                .contains("build-args [B] were not consumed");
        assertThat(shell("cat /a")).isEqualTo("mine\n");
        assertThat(made(dockerfile, "--build-arg", "A=mine").split("Using cache", -1)).hasSize(3);
        assertThat(made(dockerfile, "--build-arg", "A=mine", "--build-arg", "HTTP_PROXY=http://p"))
                .contains("Using cache\n ---> ");
        assertThat(shell("cat /a")).isEqualTo("mine\n");
        assertThat(engine.rung("history", "--no-trunc", "made").succeed().output())
                .contains("|1 A=mine /bin/sh -c echo $A $HTTP_PROXY >/a");
    }

    @Test
    void shouldKeepTheCacheAsLongAsItIsOfUse() throws IOException {
        String dockerfile = "FROM base\nRUN date +%s%N >/when\nRUN echo x >/x\n";
        made(dockerfile);
        engine.kill();
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(3);
        engine.rung("builder", "prune", "--force").succeed();
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(3);
        String name = "kept";
        engine.rung("tag", "made", name).succeed();
        engine.rung("rmi", "made").succeed();
        engine.rung("save", "-o", context + ".tar", name).succeed();
        engine.rung("rmi", name).succeed();
        assertThat(made(dockerfile).split("Using cache", -1)).hasSize(3);
        engine.rung("rmi", "made").succeed();
        engine.rung("builder", "prune", "--force").succeed();
        assertThat(made(dockerfile)).doesNotContain("Using cache");
        engine.rung("builder", "prune", "--all", "--force").succeed();
        assertThat(made(dockerfile)).doesNotContain("Using cache");
        engine.rung("rmi", "made").succeed();
        engine.rung("builder", "prune", "--all", "--force").succeed();
        engine.rung("load", "-i", context + ".tar").succeed();
        assertThat(made(dockerfile, "--cache-from", name).split("Using cache", -1)).hasSize(3);
        engine.rung("rmi", "made", name).succeed();
        Files.delete(Path.of(context + ".tar"));
    }

    @Test
    void shouldTriggerWhatABaseImageSays() throws IOException {
        write("src", "source\n");
        write("Dockerfile", "FROM base\nONBUILD COPY src /src\nONBUILD RUN cat /src >/built\n");
        assertThat(build("--tag", "onbuild").status()).isZero();
        assertThat(made("FROM onbuild\n")).contains("# Executing 2 build triggers\n");
        assertThat(shell("cat /built")).isEqualTo("source\n");
        assertThat(engine.inspect("made", "json .Config.OnBuild")).isEqualTo("null");
    }
}
