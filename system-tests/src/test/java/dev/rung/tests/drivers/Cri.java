package dev.rung.tests.drivers;

import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A client of containerd's CRI. Requests are {@link Message}s whose field numbers are those of
 * Kubernetes' cri-api, pkg/apis/runtime/v1/api.proto.
 */
final class Cri implements AutoCloseable {
    /** Fields of ContainerStatus. */
    static final int STATE = 3;

    static final int EXIT_CODE = 7;
    static final int REASON = 10;

    /** A value of {@link #STATE}. */
    static final int EXITED = 2;

    private final Containerd containerd;
    private int calls;
    private int pods;
    private Message podConfig = new Message();

    Cri(Containerd containerd) {
        this.containerd = containerd;
    }

    Room room() {
        return containerd.room();
    }

    /**
     * Runs a pod with the given LinuxPodSandboxConfig, all below a cgroup of ours; gives its id.
     */
    String runPod(Message linux) {
        return runPod("pod", linux);
    }

    /** The same with a host name, which must be empty if the pod stays in the host's network. */
    String runPod(String hostname, Message linux) {
        pods++;
        Message metadata =
                new Message().with(1, "pod").with(2, "uid" + pods).with(3, "tests").with(4, 0);
        podConfig =
                new Message()
                        .with(1, metadata)
                        .with(2, hostname)
                        .with(3, room().path("logs").toString())
                        .with(8, linux.with(1, "/rung-pods"));
        return call("RunPodSandbox", new Message().with(1, podConfig)).text(1);
    }

    /** The ContainerConfig of a container that runs this, and logs to a file of its name. */
    Message container(String name, String... command) {
        return new Message()
                .with(1, new Message().with(1, name))
                .with(2, new Message().with(1, Room.IMAGE))
                .with(3, List.of(command))
                .with(11, name + ".log");
    }

    /** Creates a container in the pod made last. */
    String create(String pod, Message container) {
        Message request = new Message().with(1, pod).with(2, container).with(3, podConfig);
        return call("CreateContainer", request).text(1);
    }

    /** Creates a container in the pod made last and starts it; gives its id. */
    String start(String pod, Message container) {
        String id = create(pod, container);
        call("StartContainer", new Message().with(1, id));
        return id;
    }

    /** The ExecSyncResponse: stdout, stderr, status. */
    Message exec(String id, String... command) {
        return call("ExecSync", new Message().with(1, id).with(2, List.of(command)).with(3, 20));
    }

    /** What the observer sees in a container beside its first process. */
    Observation observe(String id) {
        String output = exec(id, "/observer", "see").text(1);
        return new Outcome(List.of(), 0, output, "").observed();
    }

    /** What the observer sees in a container with this LinuxContainerSecurityContext. */
    Observation observeWith(Message security) {
        Message linux = new Message().with(2, security);
        return observe(
                start(runPod(new Message()), container("c", "sleep", "1000").with(15, linux)));
    }

    /** The ContainerStatus. */
    Message status(String id) {
        return call("ContainerStatus", new Message().with(1, id)).message(1);
    }

    /** The same, after the container has ended. */
    Message awaitExit(String id) {
        Patience.await(() -> status(id).number(STATE) == EXITED, () -> "the container did not end");
        return status(id);
    }

    /** What a container has logged, with the time, stream and tag before each line. */
    String log(String name) {
        try {
            return Files.readString(room().path("logs").resolve(name + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a container has logged these words. */
    void awaitLog(String name, String words) {
        Patience.await(() -> log(name).contains(words), () -> "logged: " + log(name));
    }

    /** The daemon's own namespace of a type. */
    String namespace(String type) {
        try {
            Path link = Path.of("/proc/" + containerd.pid() + "/ns/" + type);
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops and removes all pods with their containers. */
    void removeAll() {
        for (Message pod : call("ListPodSandbox", new Message()).messages(1)) {
            call("StopPodSandbox", new Message().with(1, pod.text(1)));
            call("RemovePodSandbox", new Message().with(1, pod.text(1)));
        }
        for (String log : List.of("c", "one", "two")) {
            room().path("logs/" + log + ".log").toFile().delete();
        }
    }

    /** Calls a method of the RuntimeService and expects that it works. */
    Message call(String method, Message request) {
        Outcome outcome = send(method, request);
        if (!header(outcome, "grpc-status").equals("0")) {
            throw new AssertionError(method + " failed: " + header(outcome, "grpc-message"));
        }
        try {
            byte[] framed = Files.readAllBytes(room().path("response" + calls));
            return Message.read(Arrays.copyOfRange(framed, 5, framed.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls a method that must fail, and gives what it says. */
    String failure(String method, Message request) {
        Outcome outcome = send(method, request);
        if (header(outcome, "grpc-status").equals("0")) {
            throw new AssertionError(method + " did not fail");
        }
        return header(outcome, "grpc-message");
    }

    /**
     * A unary gRPC call: HTTP/2, which curl speaks, and five bytes before each message: 0 for "not
     * compressed", and the length.
     */
    private Outcome send(String method, Message message) {
        calls++;
        byte[] bytes = message.bytes();
        ByteBuffer framed = ByteBuffer.allocate(5 + bytes.length);
        framed.put((byte) 0).putInt(bytes.length).put(bytes);
        Path request = room().path("request" + calls);
        try {
            Files.write(request, framed.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String line =
                "curl --silent --show-error --http2-prior-knowledge --dump-header - --output %s"
                                .formatted(room().path("response" + calls))
                        + " --unix-socket %s --data-binary @%s"
                                .formatted(containerd.socket(), request);
        List<String> words =
                Words.of(
                        line,
                        "--header",
                        "content-type: application/grpc",
                        "--header",
                        "te: trailers",
                        "http://localhost/runtime.v1.RuntimeService/" + method);
        return room().command(words).succeed();
    }

    private static String header(Outcome outcome, String name) {
        String value =
                outcome.output()
                        .lines()
                        .filter(line -> line.startsWith(name + ":"))
                        .map(line -> line.substring(name.length() + 1).strip())
                        .findFirst()
                        .orElse("");
        return java.net.URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        containerd.close();
    }
}
