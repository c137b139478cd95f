package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.monitor.MonitorRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The binary of any OCI runtime: runc, crun, runsc, kata-runtime. */
final class ExternalRuntime implements ContainerRuntime {
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final int MOST_WORDS = 64 << 10;

    private final Path binary;
    private final List<String> globals;

    ExternalRuntime(Path binary, List<String> options, String root) {
        this.binary = binary;
        var all = new ArrayList<String>(List.of("--root", root));
        all.addAll(options);
        this.globals = List.copyOf(all);
    }

    @Override
    public MonitorRuntime creator() {
        return new MonitorRuntime.External(binary);
    }

    @Override
    public List<String> globals() {
        return globals;
    }

    @Override
    public void start(ContainerId id) {
        run("start", id.value());
    }

    @Override
    public String status(ContainerId id) {
        try {
            return ContainerRuntime.status(said(List.of("state", id.value()), false));
        } catch (Failure.HostRefused | Failure.WrongState e) {
            return "";
        }
    }

    @Override
    public void kill(ContainerId id, int signal) {
        run("kill", id.value(), Integer.toString(signal));
    }

    @Override
    public void pause(ContainerId id) {
        run("pause", id.value());
    }

    @Override
    public void resume(ContainerId id) {
        run("resume", id.value());
    }

    @Override
    public void update(ContainerId id, Path resources) {
        run("update", "--resources", resources.toString(), id.value());
    }

    @Override
    public void checkpoint(ContainerId id, Path images, Path work, boolean goesOn) {
        run(
                "checkpoint",
                goesOn ? "--leave-running" : "--leave-running=false",
                "--image-path=" + images,
                "--work-path=" + work,
                id.value());
    }

    @Override
    public void delete(ContainerId id) {
        run("delete", "--force", id.value());
    }

    @Override
    public String explain(ContainerId id, Path bundle, List<String> options) {
        throw new Failure.Unsupported(
                "what \"" + binary + "\" does is its own; only the runtime host is explained");
    }

    @Override
    public String features() {
        try {
            return said(List.of("features"), false);
        } catch (Failure.HostRefused | Failure.WrongState e) {
            return "";
        }
    }

    private void run(String... words) {
        said(List.of(words), true);
    }

    /** What it wrote; to stderr too, when that is wanted. */
    private String said(List<String> words, boolean errors) {
        var line = new ArrayList<String>();
        line.add(binary.toString());
        line.addAll(globals);
        line.addAll(words);
        var builder = new ProcessBuilder(line);
        if (errors) {
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        }
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            var said = new CompletableFuture<byte[]>();
            Thread.ofVirtual().start(() -> said.complete(output(process)));
            int status = process.waitFor();
            if (status == 0 && errors) {
                return ""; // nobody asked
            }
            // hooks may have left others that hold the pipe, and it may never end
            byte[] last = said.completeOnTimeout(new byte[0], 1, TimeUnit.SECONDS).join();
            String text = new String(last, StandardCharsets.UTF_8);
            if (status != 0) {
                throw HostRuntime.failure(text);
            }
            return text;
        } catch (IOException e) {
            throw new Failure.HostRefused("execute \"" + binary + "\": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private static byte[] output(Process process) {
        try (InputStream stream = process.getInputStream()) {
            byte[] words = stream.readNBytes(MOST_WORDS);
            stream.transferTo(OutputStream.nullOutputStream());
            return words;
        } catch (IOException _) {
            return new byte[0];
        }
    }
}
