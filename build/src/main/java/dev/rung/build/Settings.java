package dev.rung.build;

import dev.rung.build.dockerfile.Instruction.CommandLine;
import dev.rung.build.dockerfile.Instruction.Variable;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContainerDefaults.Healthcheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an image says of its containers, while instructions change it. */
final class Settings {
    private static final List<String> SHELL = List.of("/bin/sh", "-c");
    private static final String PATH =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final ContainerDefaults before;
    private @Nullable String user;
    private final Set<String> ports;
    private final List<String> env;
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> cmd;
    private boolean cmdSet;
    private final Set<String> volumes;
    private @Nullable String workingDir;
    private final Map<String, String> labels;
    private @Nullable String stopSignal;
    private @Nullable Healthcheck healthcheck;
    private final List<String> onBuild;
    private @Nullable List<String> shell;

    Settings(ContainerDefaults before) {
        this.before = before;
        user = before.user();
        ports = new LinkedHashSet<>(before.exposedPorts());
        env = new ArrayList<>(before.env());
        entrypoint = before.entrypoint();
        cmd = before.cmd();
        volumes = new LinkedHashSet<>(before.volumes());
        workingDir = before.workingDir();
        labels = new LinkedHashMap<>(before.labels());
        stopSignal = before.stopSignal();
        healthcheck = before.healthcheck();
        onBuild = new ArrayList<>(before.onBuild());
        shell = before.shell();
    }

    ContainerDefaults done() {
        return new ContainerDefaults(
                user,
                List.copyOf(ports),
                List.copyOf(env),
                entrypoint,
                cmd,
                List.copyOf(volumes),
                workingDir,
                labels,
                stopSignal,
                before.stopTimeoutSeconds(),
                healthcheck,
                List.copyOf(onBuild),
                shell,
                before.argsEscaped());
    }

    /** Programs are found even in images that say nothing. */
    void completePath() {
        if (!environment().containsKey("PATH")) {
            env.add(PATH);
        }
    }

    /** The triggers, which the image then has no more. */
    List<String> takeTriggers() {
        List<String> triggers = List.copyOf(onBuild);
        onBuild.clear();
        return triggers;
    }

    Map<String, String> environment() {
        var map = new LinkedHashMap<String, String>();
        for (String variable : env) {
            int equals = variable.indexOf('=');
            map.put(
                    equals < 0 ? variable : variable.substring(0, equals),
                    equals < 0 ? "" : variable.substring(equals + 1));
        }
        return map;
    }

    void set(Variable variable) {
        for (int i = 0; i < env.size(); i++) {
            if (env.get(i).startsWith(variable.name() + "=")) {
                env.set(i, variable.toString());
                return;
            }
        }
        env.add(variable.toString());
    }

    void label(Variable label) {
        labels.put(label.name(), label.value() == null ? "" : label.value());
    }

    /** A line for the shell with the shell before it. */
    List<String> complete(CommandLine command) {
        if (!command.shell() || command.words().isEmpty()) {
            return command.words();
        }
        var whole = new ArrayList<>(shell());
        whole.addAll(command.words());
        return List.copyOf(whole);
    }

    List<String> shell() {
        return shell == null || shell.isEmpty() ? SHELL : shell;
    }

    void cmd(List<String> command) {
        cmd = command;
        cmdSet = !command.isEmpty();
    }

    void entrypoint(List<String> command) {
        entrypoint = command.isEmpty() ? null : command;
        cmd = cmdSet ? cmd : null; // the base image's was meant for another program
    }

    void shell(List<String> words) {
        shell = words;
    }

    void user(String name) {
        user = name;
    }

    String workingDir() {
        return workingDir == null || workingDir.isEmpty() ? "/" : workingDir;
    }

    void workingDir(String path) {
        workingDir = DestinationPath.join(workingDir(), path);
    }

    void volume(String path) {
        volumes.add(path);
    }

    void stopSignal(String signal) {
        stopSignal = signal;
    }

    @Nullable Healthcheck healthcheck() {
        return healthcheck;
    }

    void healthcheck(Healthcheck check) {
        healthcheck = check;
    }

    void trigger(String instruction) {
        onBuild.add(instruction);
    }

    /** 80, 80/udp or 8000-8010/tcp. */
    void expose(String text) {
        int slash = text.indexOf('/');
        String numbers = slash < 0 ? text : text.substring(0, slash);
        String protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
        if (!protocol.equals("tcp") && !protocol.equals("udp") && !protocol.equals("sctp")) {
            throw new Failure.Invalid("invalid proto: " + Printable.of(protocol));
        }
        int dash = numbers.indexOf('-');
        try {
            int from = Integer.parseInt(dash < 0 ? numbers : numbers.substring(0, dash));
            int to = dash < 0 ? from : Integer.parseInt(numbers.substring(dash + 1));
            if (from >= 0 && to >= from && to <= 65535) {
                for (int port = from; port <= to; port++) {
                    ports.add(port + "/" + protocol);
                }
                return;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Failure.Invalid("invalid containerPort: " + Printable.of(numbers));
    }
}
