package dev.rung.tests.docker;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CopyOnWriteArrayList;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A person's tests with Testcontainers, as a program of its own, because the library settles once
 * in a JVM which engine it uses, by the environment.
 */
final class ContainersProgram {
    private static final String PAGE =
            "mkdir /www; echo hello >/www/index.html; echo serving; exec httpd -f -p 80 -h /www";

    private ContainersProgram() {}

    public static void main(String[] arguments) throws Exception {
        DockerImageName image = DockerImageName.parse(arguments[1]);
        switch (arguments[0]) {
            case "all" -> all(image);
            case "reuse" -> reuse(image);
            case "leave" -> leave(image);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void check(String what, Object is, Object wanted) {
        if (!is.equals(wanted)) {
            throw new AssertionError(what + ": " + is + " instead of " + wanted);
        }
        System.out.println(what);
    }

    private static void all(DockerImageName image) throws Exception {
        var lines = new CopyOnWriteArrayList<String>();
        try (Network network = Network.newNetwork();
                GenericContainer<?> web =
                        new GenericContainer<>(image)
                                .withCommand("sh", "-c", PAGE)
                                .withExposedPorts(80)
                                .withEnv("A", "b")
                                .withNetwork(network)
                                .withNetworkAliases("web")
                                .withCopyToContainer(Transferable.of("before"), "/before")
                                .withLogConsumer(frame -> lines.add(frame.getUtf8String().strip()))
                                .waitingFor(Wait.forHttp("/index.html"));
                GenericContainer<?> other =
                        new GenericContainer<>(image)
                                .withCommand("sh", "-c", "echo up; sleep 300")
                                .withNetwork(network)
                                .waitingFor(Wait.forLogMessage("up\\n", 1));
                GenericContainer<?> port =
                        new GenericContainer<>(image)
                                .withCommand("sh", "-c", PAGE)
                                .withExposedPorts(80)
                                .waitingFor(Wait.forListeningPort());
                GenericContainer<?> healthy =
                        new GenericContainer<>(image)
                                .withCommand("sleep", "300")
                                .withCreateContainerCmdModifier(command ->
                                        command.withHealthcheck(
                                                new com.github.dockerjava.api.model.HealthCheck()
                                                        .withTest(java.util.List.of("CMD", "true"))
                                                        .withInterval(200_000_000L)))
                                .waitingFor(Wait.forHealthcheck())) {
            web.start();
            other.start();
            port.start();
            healthy.start();
            String address =
                    "http://" + web.getHost() + ":" + web.getMappedPort(80) + "/index.html";
            try (HttpClient client = HttpClient.newHttpClient()) {
                var request = HttpRequest.newBuilder(URI.create(address)).build();
                String body = client.send(request, BodyHandlers.ofString()).body();
                check("published port", body, "hello\n");
            }
            var exec = web.execInContainer("sh", "-c", "echo $A; echo err >&2; exit 3");
            check("exec", exec.getStdout() + exec.getStderr() + exec.getExitCode(), "b\nerr\n3");
            check("copied before", web.execInContainer("cat", "/before").getStdout(), "before");
            web.copyFileToContainer(Transferable.of("content"), "/tmp/deep/file");
            String copied =
                    web.copyFileFromContainer(
                            "/tmp/deep/file",
                            in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
            check("copied both ways", copied, "content");
            var got = other.execInContainer("wget", "-qO-", "http://web/index.html");
            check("network alias", got.getStdout(), "hello\n");
            check("log consumer", lines.contains("serving"), true);
            check("logs", other.getLogs(), "up\n");
            check("wait for health", healthy.isHealthy(), true);
        }
    }

    /** The second call is to find the container of the first. */
    private static void reuse(DockerImageName image) {
        @SuppressWarnings("resource") // it is to stay
        GenericContainer<?> kept =
                new GenericContainer<>(image).withCommand("sleep", "300").withReuse(true);
        kept.start();
        System.out.println("id " + kept.getContainerId());
    }

    /** Somebody else is to remove it. */
    private static void leave(DockerImageName image) {
        @SuppressWarnings("resource") // Ryuk closes it
        GenericContainer<?> left =
                new GenericContainer<>(image).withCommand("sleep", "300").withLabel("left", "here");
        left.start();
        System.out.println("id " + left.getContainerId());
        Runtime.getRuntime().halt(0);
    }
}
