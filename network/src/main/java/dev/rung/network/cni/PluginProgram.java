package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A plugin that is a program: the request goes to its stdin and environment, the answer comes from
 * its stdout (CNI specification, section 2 "Overview").
 */
final class PluginProgram implements Plugin {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_WORDS = 4096; // of what it says to stderr
    private static final Duration OF_STATUS = Duration.ofSeconds(10);
    private static final String ANSWER = "answer of plugin";

    private final Path program;
    private final Duration patience;
    private final PluginCalls calls;

    /**
     * One of these.
     *
     * @param patience with all that changes something. A kubelet asks for the status every few
     *     seconds and waits for the answer, so that this gets less
     */
    PluginProgram(Path program, Duration patience, PluginCalls calls) {
        this.program = program;
        this.patience = patience;
        this.calls = calls;
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        byte[] answer = call("ADD", request);
        return ResultJson.read(JsonFields.read(ANSWER, answer), request.version());
    }

    @Override
    public void delete(Request request) throws PluginError {
        call("DEL", request);
    }

    @Override
    public void check(Request request) throws PluginError {
        call("CHECK", request);
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) throws PluginError {
        if (request.version().atLeast(CniVersion.V1_1_0)) {
            call("GC", request);
        }
    }

    @Override
    public void status(Request request) throws PluginError {
        if (request.version().atLeast(CniVersion.V1_1_0)) {
            call("STATUS", request);
        }
    }

    /** The versions of the specification that it says it knows. */
    List<String> versions() throws PluginError {
        JsonObject question =
                JsonObject.empty().with("cniVersion", new JsonString(CniVersion.V1_1_0.toString()));
        byte[] answer = call("VERSION", question, Map.of());
        return JsonFields.read(ANSWER, answer).texts("supportedVersions");
    }

    private byte[] call(String command, Request request) throws PluginError {
        String path =
                request.plugins().path().stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(":"));
        return call(
                command,
                request.conf().json(),
                Map.of(
                        "CNI_CONTAINERID", request.container(),
                        "CNI_NETNS", request.namespace(),
                        "CNI_IFNAME", request.link(),
                        "CNI_ARGS", request.arguments(),
                        "CNI_PATH", path));
    }

    private byte[] call(String command, JsonObject conf, Map<String, String> variables)
            throws PluginError {
        var builder = new ProcessBuilder(program.toString());
        builder.environment().putAll(variables);
        builder.environment().put("CNI_COMMAND", command);
        String container = variables.getOrDefault("CNI_CONTAINERID", "");
        boolean adds = command.equals("ADD");
        Process process = null;
        try {
            process = builder.start();
            if (adds) {
                calls.began(container, process);
            }
            CompletableFuture<byte[]> answer = reading(process.getInputStream(), MOST_BYTES);
            CompletableFuture<byte[]> words = reading(process.getErrorStream(), MOST_WORDS);
            try (OutputStream input = process.getOutputStream()) {
                input.write(JsonWriter.compact().value(conf).bytes());
            } catch (IOException e) {
                // it ended before it read all; what it said counts
            }
            Duration longest = longest(command);
            if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PluginError(
                        PluginError.TRY_AGAIN,
                        "no answer in %d seconds".formatted(longest.toSeconds()),
                        "");
            }
            if (process.exitValue() != 0) {
                throw refusal(said(answer), said(words));
            }
            return said(answer);
        } catch (IOException e) {
            throw new PluginError(
                    PluginError.INPUT_OUTPUT, "execute " + program, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginError(PluginError.TRY_AGAIN, "interrupted", "");
        } finally {
            if (process != null) {
                if (process.isAlive()) {
                    PluginCalls.kill(process);
                }
                calls.ended(container, process);
            }
        }
    }

    private Duration longest(String command) {
        boolean asks = command.equals("STATUS") && patience.compareTo(OF_STATUS) > 0;
        return asks ? OF_STATUS : patience;
    }

    /** Others may hold the pipe, and it may never end. */
    private static byte[] said(CompletableFuture<byte[]> stream) {
        return stream.completeOnTimeout(new byte[0], 1, TimeUnit.SECONDS).join();
    }

    /** A virtual thread would keep its carrier from all others for as long as the plugin runs. */
    private static CompletableFuture<byte[]> reading(InputStream stream, int most) {
        var said = new CompletableFuture<byte[]>();
        Thread.ofPlatform()
                .daemon()
                .name("words of plugin")
                .start(() -> {
                    try (stream) {
                        said.complete(stream.readNBytes(most));
                        stream.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException _) {
                        said.complete(new byte[0]);
                    }
                });
        return said;
    }

    private static PluginError refusal(byte[] answer, byte[] words) {
        String said = Printable.of(new String(words, StandardCharsets.UTF_8).strip());
        if (answer.length == 0) {
            return new PluginError("netplugin failed with no error message: \"" + said + "\"");
        }
        try {
            JsonFields error = JsonFields.read(ANSWER, answer);
            return new PluginError(
                    (int) error.integerOr("code", 0, Integer.MAX_VALUE, PluginError.INTERNAL),
                    Printable.of(ResultJson.text(error, "msg")),
                    Printable.of(ResultJson.text(error, "details")));
        } catch (Failure.Invalid e) {
            return new PluginError("netplugin failed: " + e.getMessage() + ": \"" + said + "\"");
        }
    }
}
