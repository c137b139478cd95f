package dev.rung.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A container that was created, and the call of {@code create} whose stdout its process kept. */
public final class Container {
    private final OciRuntime runtime;
    private final String id;
    private final Running creation;

    Container(OciRuntime runtime, String id, Running creation) {
        this.runtime = runtime;
        this.id = id;
        this.creation = creation;
    }

    public String id() {
        return id;
    }

    /** What its process printed up to now. */
    public String output() {
        return creation.output();
    }

    /** What its process and {@code create} printed on stderr up to now. */
    public String errors() {
        return creation.errors();
    }

    /** Waits until the process has printed these words. */
    public Container awaitOutput(String words) {
        creation.awaitOutput(output -> output.contains(words));
        return this;
    }

    /** Calls {@code start} and expects that it works. */
    public Container start() {
        runtime.command("start", id).succeed();
        return this;
    }

    /** What {@code state} prints. */
    public Map<String, @Nullable Object> state() {
        return Json.readObject(runtime.command("state", id).succeed().output());
    }

    /** The status in {@code state}: created, running, paused or stopped. */
    public String status() {
        return String.valueOf(state().get("status"));
    }

    /** The process's id in the host's view. */
    public long pid() {
        return state().get("pid") instanceof Long pid ? pid : 0;
    }

    /** Waits until it is in this status. */
    public Container await(String status) {
        Patience.await(() -> status().equals(status), () -> id + " is " + state());
        return this;
    }

    /** Calls {@code kill} with a signal such as KILL, and expects that it works. */
    public Container kill(String signal) {
        runtime.command("kill", id, signal).succeed();
        return this;
    }

    /** Calls a verb on it; the options stand before its id. */
    public Outcome call(String verb, String... options) {
        return call(verb, List.of(options), List.of());
    }

    /** Calls a verb on it with words after its id. */
    public Outcome call(String verb, List<String> options, List<String> words) {
        var arguments = new ArrayList<String>();
        arguments.add(verb);
        arguments.addAll(options);
        arguments.add(id);
        arguments.addAll(words);
        return runtime.command(arguments).run();
    }

    /** Runs a program in it. */
    public Outcome exec(String... arguments) {
        return call("exec", List.of(), List.of(arguments));
    }

    /** Calls {@code delete} and expects that it works. */
    public void delete() {
        runtime.command("delete", id).succeed();
    }
}
