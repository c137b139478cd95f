package dev.rung.tests.rootless;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.rootless.Town.Person;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** rung as ordinary users have it: with subordinate ids, without; with a way out, without. */
@SystemTest
@NeedsProgram({
    "newuidmap",
    "pasta",
    "slirp4netns",
    "docker-registry",
    "umoci",
    "skopeo",
    "setpriv",
    "curl"
})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RootlessTests {
    private static final String PASTA = "/usr/bin/pasta";
    private static final String SLIRP = "/usr/bin/slirp4netns";
    private static final Person ANN = new Person("ann", 7001, true, List.of());
    private static final Person BEN = new Person("ben", 7002, true, List.of(PASTA));
    private static final Person CLO = new Person("clo", 7003, false, List.of(PASTA, SLIRP));

    private Town town;

    @BeforeAll
    void build() {
        town = new Town(List.of(ANN, BEN, CLO));
        for (Person person : List.of(ANN, BEN)) {
            town.rung(person, "pull --quiet " + Town.IMAGE).succeed();
        }
    }

    @AfterAll
    void leave() {
        try {
            for (Person person : List.of(ANN, BEN, CLO)) {
                assertThat(town.farewell(person)).isEmpty();
            }
        } finally {
            town.close();
        }
    }

    private Outcome run(Person person, String network, String... words) {
        String[] all = {"run", "--rm", "--network", network, Town.IMAGE, "sh", "-c", words[0]};
        return town.rung(person, all).run();
    }

    @Test
    void shouldBeRootOnlyInside() throws Exception {
        Path file = town.home(ANN).resolve("shared");
        String script = "id -u; cat /proc/self/uid_map; echo x >/b/mine; chown 1000 /b/mine";
        town.as(ANN, List.of("mkdir", "shared")).succeed();

        Outcome seen =
                town.rung(ANN, "run", "--rm", "-v", file + ":/b", Town.IMAGE, "sh", "-c", script)
                        .succeed();

        List<String> lines = seen.output().lines().map(line -> line.strip()).toList();
        assertThat(lines.get(0)).isEqualTo("0");
        assertThat(lines.get(1).split(" +")).containsExactly("0", "7001", "1");
        assertThat(lines.get(2).split(" +"))
                .containsExactly("1", "" + ANN.firstSubordinate(), "65536");
        assertThat(Files.getAttribute(file.resolve("mine"), "unix:uid"))
                .isEqualTo(ANN.firstSubordinate() + 999);
    }

    @Test
    void shouldReadOnlyWhatThePersonMayRead() {
        Outcome seen =
                town.rung(
                                ANN,
                                "run --rm --network none -v /etc:/e "
                                        + Town.IMAGE
                                        + " cat /e/shadow")
                        .run();

        assertThat(seen.status()).isEqualTo(1);
        assertThat(seen.errors()).contains("Permission denied");
    }

    @Test
    void shouldPublishPortsAndFindNames() {
        town.rung(ANN, "network create --subnet 10.88.1.0/24 back").succeed();
        town.rung(
                        ANN,
                        "run -d --name web --network back -p 127.0.0.1:8081:80 "
                                + Town.IMAGE
                                + " httpd -f -h /www")
                .succeed();

        assertThat(town.fetch("http://127.0.0.1:8081/")).isEqualTo("hello\n");
        assertThat(run(ANN, "back", "wget -q -O - http://web/").output()).isEqualTo("hello\n");
        assertThat(town.rung(ANN, "port web").succeed().output()).contains("127.0.0.1:8081");
        assertThat(town.rung(ANN, "exec -u joe web id").succeed().output())
                .startsWith("uid=1000(joe) gid=1001(joe)");
        town.rung(ANN, "rm --force web").succeed();
        assertThat(town.fetch("http://127.0.0.1:8081/")).isEmpty();
    }

    @Test
    void shouldReachTheWorldButNotTheLoopbackOfTheMachine() {
        for (Person person : List.of(ANN, BEN)) {
            assertThat(run(person, "bridge", "wget -q -O - " + Town.WORLD).output())
                    .isEqualTo("world\n");
            assertThat(run(person, "host", "wget -q -O - http://127.0.0.1:5019/v2/").output())
                    .isEqualTo("{}");
            for (String host : List.of("127.0.0.1", "10.0.2.2", "172.17.0.1")) {
                assertThat(
                                run(
                                        person,
                                        "bridge",
                                        "timeout 2 wget -q -O - http://"
                                                + host
                                                + ":5019/v2/; true"))
                        .extracting(Outcome::output)
                        .isEqualTo("");
            }
        }
        assertThat(town.processes(ANN)).anyMatch(process -> process.contains(PASTA));
        assertThat(town.processes(BEN)).anyMatch(process -> process.contains(SLIRP));
    }

    @Test
    void shouldGoOnAfterTheEngineWasKilled() {
        town.rung(BEN, "run -d --name web -p 8082:80 " + Town.IMAGE + " httpd -f -h /www")
                .succeed();

        // it is started again, for the port, also when it had lived but a moment
        String engine = engine(BEN);
        for (int kill = 0; kill < 2; kill++) {
            engine = engine(BEN);
            Command.of("kill", "-9", engine).succeed();
            Patience.await(
                    () -> town.fetch("http://127.0.0.1:8082/").equals("hello\n"),
                    () -> "the port is dead");
        }
        assertThat(town.rung(BEN, "exec web cat /www/index.html").succeed().output())
                .isEqualTo("hello\n");
        assertThat(engine(BEN)).isNotEqualTo(engine);
        assertThat(run(BEN, "bridge", "wget -q -O - " + Town.WORLD).output()).isEqualTo("world\n");
        town.rung(BEN, "stop --time 1 web").succeed();
        town.rung(BEN, "start web").succeed();
        assertThat(town.fetch("http://127.0.0.1:8082/")).isEqualTo("hello\n");
        town.rung(BEN, "rm --force web").succeed();
    }

    private String engine(Person person) {
        return town.as(person, List.of("cat", "/run/user/" + person.uid() + "/rung/rungd.pid"))
                .succeed()
                .output()
                .strip();
    }

    @Test
    void shouldKeepVolumesCopyAndCommit() {
        town.rung(ANN, "volume create data").succeed();
        town.write(ANN, "note", "by hand\n");

        town.rung(
                        ANN,
                        "create --name copy --network none -v data:/data "
                                + Town.IMAGE
                                + " cat /data/note /tmp/note")
                .succeed();
        town.rung(ANN, "cp note copy:/data/note").succeed();
        town.rung(ANN, "cp note copy:/tmp/note").succeed();
        assertThat(town.rung(ANN, "start --attach copy").succeed().output())
                .isEqualTo("by hand\nby hand\n");
        town.rung(ANN, "commit copy kept").succeed();
        assertThat(town.rung(ANN, "run --rm --network none kept cat /tmp/note").succeed().output())
                .isEqualTo("by hand\n");
        town.rung(ANN, "cp copy:/tmp/note back").succeed();
        assertThat(town.home(ANN).resolve("back")).hasContent("by hand\n");
        town.rung(ANN, "rm copy").succeed();
        town.rung(ANN, "volume rm data").succeed();
    }

    @Test
    void shouldRunPods() {
        town.rung(ANN, "pod create --name shop -p 8083:80").succeed();
        town.rung(ANN, "run -d --pod shop --name till " + Town.IMAGE + " httpd -f -h /www")
                .succeed();

        assertThat(town.fetch("http://127.0.0.1:8083/")).isEqualTo("hello\n");
        town.rung(ANN, "pod rm --force shop").succeed();
    }

    @Test
    void shouldSayWhatTakesRoot() {
        assertThat(town.rung(ANN, "run --rm -p 80:80 " + Town.IMAGE + " true").run().errors())
                .contains("cannot expose privileged port 80 without root");
        assertThat(town.rung(ANN, "info").succeed().output()).contains("rootless");
    }

    @Test
    void shouldDoWithoutSubordinateIds() {
        town.rung(CLO, "pull --quiet " + Town.IMAGE).succeed();

        Outcome seen = run(CLO, "none", "id -u; cat /proc/self/uid_map; stat -c %u /other");

        assertThat(seen.output().lines().map(line -> line.strip().replaceAll(" +", " ")))
                .containsExactly("0", "0 7003 1", "0");
        assertThat(run(CLO, "host", "wget -q -O - " + Town.WORLD).output()).isEqualTo("world\n");
    }

    @Test
    void shouldSayThatNothingLeadsOut() {
        town.rung(CLO, "pull --quiet " + Town.IMAGE).succeed();

        Outcome refused = run(CLO, "bridge", "true");

        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.errors())
                .contains("without root, networks need pasta (Debian: passt) or slirp4netns")
                .contains("--network none or host");
    }

    @Test
    void shouldLeaveNothingOfAKilledEngine() {
        assertThat(town.farewell(CLO)).isEmpty();
        town.rung(CLO, "version").succeed();

        Command.of("kill", "-9", engine(CLO)).succeed();

        assertThat(town.left(CLO)).isEmpty();
    }

    @Test
    void shouldUseNobodyElsesSockets() {
        String hers = "/run/user/" + ANN.uid();
        town.rung(ANN, "version").succeed();
        town.inside("chmod", "755", hers, hers + "/rung").succeed();
        try {
            Outcome refused =
                    town.as(BEN, List.of("env", "XDG_RUNTIME_DIR=" + hers, "rung", "ps")).run();

            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.errors()).contains("must be the user's own");
        } finally {
            town.inside("chmod", "700", hers, hers + "/rung").succeed();
        }
    }

    @Test
    void shouldCollectExitCodesWithoutAnEngineAndThenLeaveNothing() {
        town.rung(BEN, "run -d --name last --network none " + Town.IMAGE + " sleep 2").succeed();
        town.rung(BEN, "system shutdown").succeed();

        assertThat(town.left(BEN)).isEmpty();
        assertThat(town.rung(BEN, "inspect --format {{.State.ExitCode}} last").succeed().output())
                .isEqualTo("0\n");
        town.rung(BEN, "rm last").succeed();
    }
}
