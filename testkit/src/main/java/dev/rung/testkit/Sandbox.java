package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one test has to itself: a folder, a runtime with its own state folder, bundles and
 * containers. When the test ends, containers are deleted, and what is left on the machine beyond
 * what was there before fails it.
 */
public final class Sandbox {
    private final Path folder;
    private final OciRuntime runtime;
    private final HostSnapshot before = HostSnapshot.now();
    private final List<Running> creations = new ArrayList<>();
    private final List<Runnable> endings = new ArrayList<>();
    private int bundles;
    private int containers;

    Sandbox(Path home) {
        try {
            folder = Files.createTempDirectory("rung-sandbox");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        runtime = OciRuntime.underTest(folder.resolve("state"), home);
    }

    /** A folder that any user may enter, removed at the end. */
    public Path folder() {
        return folder;
    }

    public OciRuntime runtime() {
        return runtime;
    }

    /** Makes a bundle. */
    public Bundle bundle() {
        bundles++;
        return Bundle.in(folder.resolve("bundle" + bundles));
    }

    /** An id that no container of this sandbox has yet. */
    public String newId() {
        containers++;
        return folder.getFileName() + "-" + containers;
    }

    /** Runs a bundle to its end. */
    public Outcome run(Bundle bundle, String... options) {
        return call("run", bundle, newId(), options).run();
    }

    /** Runs the observer in a bundle and returns what it saw. */
    public Observation observe(Bundle bundle) {
        return run(bundle.act("see")).succeeded().observed();
    }

    /** Creates a container from a bundle and expects that it works. */
    public Container create(Bundle bundle, String... options) {
        String id = newId();
        Running creation = call("create", bundle, id, options).start();
        creations.add(creation);
        creation.await(Duration.ofSeconds(30)).succeeded();
        return new Container(runtime, id, creation);
    }

    /** Creates a container and starts it. */
    public Container start(Bundle bundle, String... options) {
        return create(bundle, options).start();
    }

    /** A call of {@code run} or {@code create}, its config.json written. */
    public Command call(String verb, Bundle bundle, String id, String... options) {
        var arguments = new ArrayList<String>();
        arguments.addAll(List.of(verb, "--bundle", bundle.write().folder().toString()));
        arguments.addAll(List.of(options));
        arguments.add(id);
        return runtime.command(arguments);
    }

    /**
     * The other end of {@code --console-socket} at this path, printing what the terminal prints.
     */
    public Running terminal(Path socket) {
        return listen("receive-terminal", socket);
    }

    /** A service manager whose NOTIFY_SOCKET this is, printing what it is told. */
    public Running serviceManager(Path socket) {
        return listen("receive-notifications", socket);
    }

    private Running listen(String act, Path socket) {
        Path observer = folder.resolve("observer");
        try {
            Bundle.extractObserver(observer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Running listener = Command.of(observer.toString(), act, socket.toString()).start();
        creations.add(listener);
        listener.awaitOutput(output -> output.contains("listening"));
        return listener;
    }

    /** Has this done when the test ends, before the check for what is left. */
    public void atTheEnd(Runnable ending) {
        endings.add(ending);
    }

    /** The values of a state's annotations. */
    public static Map<?, ?> annotations(Map<String, @Nullable Object> state) {
        return state.get("annotations") instanceof Map<?, ?> annotations ? annotations : Map.of();
    }

    /** Fails when there is anything beyond what was there when the test began. */
    public void expectNothingLeft() {
        List<String> left = left();
        if (!left.isEmpty()) {
            throw new AssertionError("left behind: " + String.join("; ", left));
        }
    }

    private List<String> left() {
        List<String> left = before.waitForNothingLeft();
        left.addAll(runtime.ids().stream().map(id -> "state of " + id).toList());
        return left;
    }

    /** Deletes everything, then fails when something is left. */
    void close() {
        for (String id : runtime.ids()) {
            runtime.command("delete", "--force", id).run();
        }
        creations.forEach(Running::close);
        endings.reversed().forEach(Runnable::run);
        List<String> left = left();
        if (left.isEmpty()) {
            Command.of("rm", "-rf", "--one-file-system", folder.toString()).succeed();
        } else {
            throw new AssertionError("left behind: " + String.join("; ", left));
        }
    }
}
