package dev.rung.bench;

import static dev.rung.bench.EngineRoom.BUSYBOX;
import static dev.rung.bench.EngineRoom.DOCKER;
import static dev.rung.bench.EngineRoom.RUNG;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Docker's API of Rung beside dockerd's: through docker's own command line, and without it. */
final class DockerBench {
    private static final int MANY = 200;
    private static final int RUNS = 1000;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 1024;
    private static final int SERVICES = 5;

    private final Workshop workshop;
    private final EngineRoom room;
    private final Report report;
    private final int rounds;
    private final Map<String, Path> sockets = new LinkedHashMap<>();
    private final Turns turns;

    DockerBench(Workshop workshop, EngineRoom room, Report report, int rounds) {
        this.workshop = workshop;
        this.room = room;
        this.report = report;
        this.rounds = rounds;
        sockets.put(RUNG, workshop.home().resolve("run/docker.sock"));
        if (room.engines().stream().anyMatch(engine -> engine.name().equals(DOCKER))) {
            sockets.put(DOCKER, workshop.path("docker.sock"));
        }
        turns = new Turns(sockets, report);
    }

    /**
     * @param rest how many seconds the daemons rest before their sizes are taken
     */
    void all(int rest) throws InterruptedException {
        commands();
        compose();
        turns.measure("create, start, wait, remove by API", "run", 0.1, rounds, DockerBench::run);
        exec();
        list();
        new DockerBuildBench(workshop, turns, rounds).all();
        attach();
        attachByCommand();
        memory(rest);
    }

    private void commands() {
        var lines = new ArrayList<String>();
        sockets.forEach((name, socket) -> {
            var docker = new Contestant(name, "-", List.of("docker", "--host", "unix://" + socket));
            lines.add(docker.line("run", "run", "--rm", BUSYBOX, "true"));
            lines.add(
                    docker.line(
                            "-start", "run", "--detach", "--name", "{id}", BUSYBOX, "sleep", "99"));
            lines.add(docker.line("exec", "exec", "{id}", "true"));
            lines.add(docker.line("-rm", "rm", "--force", "{id}"));
        });
        report.head("by docker's command line");
        List<Timing> timings = workshop.race(rounds, 2, lines);
        report.timings(timings);
        report.ratio(timings, "run", DOCKER, 0.2);
        report.ratio(timings, "exec", DOCKER, 0.45);
    }

    private static String create(ApiClient client, String command, String more) {
        String body = "{\"Image\":\"" + BUSYBOX + "\",\"Cmd\":[" + command + "]" + more + "}";
        return id(client.ask("POST", "/containers/create", body));
    }

    private static String id(String answer) {
        int begin = answer.indexOf("\"Id\":\"") + 6;
        return answer.substring(begin, answer.indexOf('"', begin));
    }

    private static void run(ApiClient client) {
        String path = "/containers/" + create(client, "\"true\"", "");
        client.ask("POST", path + "/start", "");
        client.ask("POST", path + "/wait", "");
        client.ask("DELETE", path, "");
    }

    private void exec() {
        var ids = new LinkedHashMap<ApiClient, String>();
        for (Path socket : sockets.values()) {
            var client = new ApiClient(socket);
            String id = create(client, "\"sleep\",\"999\"", "");
            client.ask("POST", "/containers/" + id + "/start", "");
            client.ask("POST", "/containers/" + id + "/rename?name=bench-exec", "");
            ids.put(client, id);
        }
        turns.measure(
                "exec of true by API",
                "exec",
                0.15,
                rounds,
                client -> {
                    String order = "{\"Cmd\":[\"true\"],\"AttachStdout\":true}";
                    String id = id(client.ask("POST", "/containers/bench-exec/exec", order));
                    client.ask("POST", "/exec/" + id + "/start", "{}");
                    client.ask("GET", "/exec/" + id + "/json", "");
                });
        ids.forEach((client, id) -> client.ask("DELETE", "/containers/" + id + "?force=1", ""));
    }

    private void list() {
        var made = new LinkedHashMap<ApiClient, List<String>>();
        for (Path socket : sockets.values()) {
            var client = new ApiClient(socket);
            var ids = new ArrayList<String>();
            for (int i = 0; i < MANY; i++) {
                ids.add(create(client, "\"true\"", ""));
            }
            made.put(client, ids);
        }
        turns.measure(
                "list of " + MANY + " containers by API",
                "list",
                0.3,
                rounds,
                client -> client.ask("GET", "/containers/json?all=1", ""));
        made.forEach(
                (client, ids) -> ids.forEach(id -> client.ask("DELETE", "/containers/" + id, "")));
    }

    /** What compose itself takes is in both. */
    private void compose() {
        String title = "docker compose up of " + SERVICES + " services";
        String program = System.getenv("RUNG_TEST_COMPOSE");
        if (program == null) {
            report.skipped(title, "RUNG_TEST_COMPOSE names no docker compose 2");
            return;
        }
        var file = new StringBuilder("services:\n");
        for (int i = 0; i < SERVICES; i++) {
            file.append("  s%d: {image: \"%s\", command: sleep 999}\n".formatted(i, BUSYBOX));
        }
        Path written = workshop.write("compose.yaml", file.toString());
        var lines = new ArrayList<String>();
        sockets.forEach((name, socket) -> {
            var compose =
                    new Contestant(
                            name,
                            "-",
                            List.of(
                                    "env",
                                    "DOCKER_HOST=unix://" + socket,
                                    program,
                                    "--progress=quiet",
                                    "--file=" + written,
                                    "--project-name={id}"));
            lines.add(compose.line("compose", "up", "--detach"));
            lines.add(compose.line("-down", "down", "--timeout=0"));
        });
        report.head(title);
        List<Timing> timings = workshop.race(Math.max(3, rounds / 4), 1, lines);
        report.timings(timings);
        report.ratio(timings, "compose", DOCKER, 0.4);
    }

    private void attachByCommand() {
        var lines = new ArrayList<String>();
        sockets.forEach((name, socket) -> {
            String run =
                    "head -c %d /dev/zero | docker --host unix://%s run --rm --interactive --network none --log-driver none %s cat"
                            .formatted((long) PIECES * PIECE, socket, BUSYBOX);
            lines.add(
                    new Contestant(name, "-", List.of()).plain("attach", List.of("sh", "-c", run)));
        });
        report.head(PIECES + " MiB in and out of cat, by docker run, no log");
        List<Timing> timings = workshop.race(Math.max(3, rounds / 20), 1, lines);
        report.timings(timings);
        report.ratio(timings, "attach", DOCKER, 0.83);
    }

    /** A gigabyte in and out of cat. */
    private void attach() {
        String streams =
                ",\"OpenStdin\":true,\"StdinOnce\":true,\"AttachStdin\":true,\"AttachStdout\":true,"
                        + "\"HostConfig\":{\"LogConfig\":{\"Type\":\"none\"}}";
        turns.measure(
                PIECES + " MiB in and out of cat, attached by API, no log",
                "attach",
                0.5,
                Math.max(3, rounds / 20),
                client -> {
                    String path = "/containers/" + create(client, "\"cat\"", streams);
                    String how = "/attach?stream=1&stdin=1&stdout=1";
                    try (SocketChannel channel = client.upgraded(path + how)) {
                        client.ask("POST", path + "/start", "");
                        through(channel);
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    client.ask("DELETE", path + "?force=1", "");
                });
    }

    private static void through(SocketChannel channel) throws IOException, InterruptedException {
        Thread writing =
                Thread.ofPlatform()
                        .start(() -> {
                            var piece = ByteBuffer.allocateDirect(PIECE);
                            try {
                                for (int i = 0; i < PIECES; i++) {
                                    piece.clear();
                                    while (piece.hasRemaining()) {
                                        channel.write(piece);
                                    }
                                }
                                channel.shutdownOutput();
                            } catch (IOException _) {
                                // the reader tells
                            }
                        });
        var got = ByteBuffer.allocateDirect(PIECE);
        long bytes = 0;
        for (int read = 0; read >= 0; read = channel.read(got.clear())) {
            bytes += read;
        }
        writing.join();
        if (bytes < (long) PIECES * PIECE) {
            throw new IllegalStateException("only " + bytes + " bytes came back");
        }
    }

    private void memory(int rest) throws InterruptedException {
        var rung = new ApiClient(sockets.values().iterator().next());
        for (int i = 0; i < RUNS; i++) {
            run(rung);
        }
        Thread.sleep(1000L * rest);
        report.head("memory after " + RUNS + " runs and " + rest + " s of rest");
        report.size("rungd", (double) Workshop.pss(room.rungDaemons()), 130 * 1024);
        if (sockets.containsKey(DOCKER)) {
            report.size(
                    "dockerd and containerd, after fewer",
                    (double) Workshop.pss(room.dockerDaemons()));
        }
    }
}
