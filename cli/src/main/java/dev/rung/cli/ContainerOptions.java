package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.engine.NewContainer;
import dev.rung.engine.spec.ByteSize;
import dev.rung.engine.spec.ClientStreams;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.CriOptions;
import dev.rung.engine.spec.DeviceOption;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.LogOptions;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.RestartPolicy;
import dev.rung.engine.spec.SecretOption;
import dev.rung.engine.spec.Ulimit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;

/** The options of run and create, and what is asked for by them. */
final class ContainerOptions {
    private final Invocation call;
    private final NetworkOptions networks;

    private ContainerOptions(Invocation call) {
        this.call = call;
        this.networks = new NetworkOptions(call);
    }

    static List<OptionSpec> all() {
        var options = new ArrayList<>(LimitOptions.all());
        options.addAll(LimitOptions.ofDevices());
        options.addAll(HealthOptions.all());
        options.addAll(NetworkOptions.all());
        options.addAll(
                List.of(
                        Switch.texts(
                                "--annotation", "map", "Add an annotation for the OCI runtime"),
                        Switch.texts("--cap-add", "list", "Add Linux capabilities"),
                        Switch.texts("--cap-drop", "list", "Drop Linux capabilities"),
                        Switch.text("--cgroup-parent", "string", "Parent cgroup of the container"),
                        Switch.text("--cgroupns", "string", "Cgroup namespace (host|private)"),
                        Switch.text("--cidfile", "string", "Write the container ID to the file"),
                        Switch.texts(
                                "--device",
                                "list",
                                "Add a host device, or one of CDI (vendor/class=name)"),
                        Switch.texts(
                                "--device-cgroup-rule", "list", "Allow devices by a cgroup rule"),
                        Switch.flag("--disable-content-trust", "Skip image verification (it is)"),
                        Switch.text("--domainname", "string", "Container NIS domain name"),
                        Switch.text("--entrypoint", "string", "Overwrite the image's ENTRYPOINT"),
                        Switch.texts("-e --env", "list", "Set environment variables"),
                        Switch.texts(
                                "--env-file", "list", "Read in a file of environment variables"),
                        Switch.text(
                                "--gpus", "gpu-request", "GPU devices to add ('all' to pass all)"),
                        Switch.texts("--group-add", "list", "Add additional groups to join"),
                        Switch.text("-h --hostname", "string", "Container host name"),
                        Switch.flag(
                                "--init", "Run an init that forwards signals and reaps processes"),
                        Switch.flag("-i --interactive", "Keep STDIN open"),
                        Switch.text("--ipc", "string", "IPC mode to use (host|private|none)"),
                        Switch.texts("-l --label", "list", "Set meta data on a container"),
                        Switch.texts(
                                "--label-file", "list", "Read in a line delimited file of labels"),
                        Switch.texts("--link", "list", "Add link to another container"),
                        Switch.text(
                                "--log-driver",
                                "string",
                                "json-file, local, syslog, journald or none"),
                        Switch.texts(
                                "--log-opt", "list", "Log driver options, such as max-size=10m"),
                        Switch.text("--memory-swappiness", "int", "Memory swappiness (0 to 100)"),
                        Switch.texts(
                                "--mount", "mount", "Attach a filesystem mount to the container"),
                        Switch.text("--name", "string", "Assign a name to the container"),
                        Switch.flag("--oom-kill-disable", "Disable OOM Killer"),
                        Switch.text("--oom-score-adj", "int", "Tune host's OOM preferences"),
                        Switch.text(
                                "--pid", "string", "PID namespace to use (host|container:NAME)"),
                        Switch.text("--platform", "string", "Platform of the image to pull"),
                        Switch.text(
                                "--pod",
                                "string",
                                "Run in a pod; new:NAME makes it, with the ports given here"),
                        Switch.flag("--privileged", "Give extended privileges to this container"),
                        Switch.text("--pull", "string", "Pull image before (always|missing|never)"),
                        Switch.flag("-q --quiet", "Suppress the pull output"),
                        Switch.flag("--read-only", "Mount the root filesystem as read only"),
                        Switch.text("--restart", "string", "Restart policy when a container exits"),
                        Switch.flag("--rm", "Remove the container when it exits"),
                        Switch.text("--runtime", "string", "Runtime to use for this container"),
                        Switch.texts(
                                "--secret",
                                "secret",
                                "Add a secret: NAME[,type=mount|env,target=,uid=,gid=,mode=]"),
                        Switch.texts("--security-opt", "list", "Security options"),
                        Switch.text("--shm-size", "bytes", "Size of /dev/shm"),
                        Switch.text("--stop-signal", "string", "Signal to stop the container"),
                        Switch.text("--stop-timeout", "int", "Seconds to wait before killing"),
                        Switch.texts("--sysctl", "map", "Sysctl options"),
                        Switch.texts("--tmpfs", "list", "Mount a tmpfs directory"),
                        Switch.flag("-t --tty", "Allocate a pseudo-TTY"),
                        Switch.texts("--ulimit", "ulimit", "Ulimit options"),
                        Switch.text(
                                "-u --user",
                                "string",
                                "Username or UID (format: name|uid[:group])"),
                        Switch.text("--userns", "string", "host: no user namespace of its own"),
                        Switch.text("--uts", "string", "UTS namespace to use (host)"),
                        Switch.texts("-v --volume", "list", "Bind mount a volume"),
                        Switch.text("--volume-driver", "string", "Volume driver; there is local"),
                        Switch.texts("--volumes-from", "list", "Mount volumes from containers"),
                        Switch.text(
                                "-w --workdir",
                                "string",
                                "Working directory inside the container")));
        options.sort(Comparator.comparing(OptionSpec::longestName));
        return options;
    }

    /** What is asked for; the first word is the image, the others are the command. */
    static NewContainer read(Invocation call) {
        return new ContainerOptions(call).read();
    }

    private NewContainer read() {
        String name = call.text("--name");
        HostOptions host = host();
        if (!host.limits().equals(Limits.NONE) && !call.services().containers().hasCgroups()) {
            call.err(
                    "WARNING: limits are discarded: without root they take control groups of"
                            + " version 2 that are delegated to the user\n");
        }
        return new NewContainer(
                name.isEmpty() ? null : new ContainerName(name),
                call.has("--platform") ? Platform.parse(call.text("--platform")) : null,
                config(),
                host,
                ofPod(call) ? List.of() : networks.wishes());
    }

    /** Whether nothing is asked of networks but what a pod, there or made now, has. */
    private static boolean ofPod(Invocation call) {
        return PodOptions.isFresh(call) || call.has("--pod") && !call.has("--network");
    }

    private ContainerConfig config() {
        List<String> words = call.words();
        boolean interactive = call.flag("-i");
        String stopTimeout = call.text("--stop-timeout");
        return new ContainerConfig(
                call.text("--hostname"),
                call.text("--domainname"),
                call.text("--user"),
                call.flag("-t"),
                interactive,
                interactive,
                environment(),
                words.subList(1, words.size()),
                call.has("--entrypoint") ? List.of(call.text("--entrypoint")) : null,
                words.getFirst(),
                call.text("--workdir"),
                labels(),
                networks.exposed(),
                anonymousVolumes(),
                call.text("--stop-signal"),
                stopTimeout.isEmpty() ? null : Long.valueOf(call.number("--stop-timeout", 0)),
                HealthOptions.read(call),
                new ClientStreams(interactive, interactive, interactive, 0, 0));
    }

    private HostOptions host() {
        return new HostOptions(
                mounts(),
                call.texts("--volumes-from"),
                log(),
                PodOptions.isFresh(call) ? NamespaceMode.DEFAULT : networks.mode(),
                PodOptions.isFresh(call) ? List.of() : networks.ports(),
                call.flag("-P"),
                RestartPolicy.parse(call.text("--restart")),
                call.flag("--rm"),
                call.texts("--cap-add"),
                call.texts("--cap-drop"),
                mode("cgroupns"),
                call.texts("--dns"),
                call.texts("--dns-option"),
                call.texts("--dns-search"),
                call.texts("--add-host"),
                call.texts("--group-add"),
                mode("ipc"),
                mode("pid"),
                mode("uts"),
                call.text("--userns"),
                (int) call.number("--oom-score-adj", 0),
                call.flag("--privileged"),
                call.flag("--read-only"),
                securityOptions(),
                size("--shm-size"),
                call.text("--runtime"),
                pairs("--sysctl"),
                pairs("--annotation"),
                LimitOptions.over(Limits.NONE, call),
                devices(),
                call.texts("--device-cgroup-rule"),
                call.texts("--ulimit").stream().map(Ulimit::parse).toList(),
                call.flag("--init"),
                call.text("--cgroup-parent"),
                call.texts("--secret").stream().map(SecretOption::parse).toList(),
                PodOptions.name(call),
                call.texts("--link"),
                CriOptions.NONE);
    }

    private List<DeviceOption> devices() {
        var devices = new ArrayList<DeviceOption>();
        for (String text : call.texts("--device")) {
            devices.add(DeviceOption.parse(text));
        }
        for (String name : Gpus.names(call.text("--gpus"))) {
            devices.add(DeviceOption.cdi("nvidia.com/gpu=" + name));
        }
        return List.copyOf(devices);
    }

    private NamespaceMode mode(String option) {
        NamespaceMode mode = NamespaceMode.parse(option, call.text("--" + option));
        if (option.equals("ipc") && mode.kind() == NamespaceMode.Kind.CONTAINER) {
            throw new Failure.Unsupported(
                    "--ipc=container: is not there: containers share no /dev/shm");
        }
        return mode;
    }

    private long size(String name) {
        return call.has(name) ? ByteSize.parse(call.text(name)) : 0;
    }

    /** A profile is a file of the person's, so its content travels, not its name. */
    private List<String> securityOptions() {
        var options = new ArrayList<String>();
        for (String option : call.texts("--security-opt")) {
            boolean profile = option.startsWith("seccomp=") || option.startsWith("seccomp:");
            String value = profile ? option.substring("seccomp=".length()) : "";
            if (profile && !value.equals("unconfined") && !value.equals("builtin")) {
                value = new String(call.read(value), StandardCharsets.UTF_8);
                options.add("seccomp=" + value);
            } else {
                options.add(option);
            }
        }
        return List.copyOf(options);
    }

    private List<MountOption> mounts() {
        MountOption.checkDriver(call.text("--volume-driver"));
        var mounts = new ArrayList<MountOption>();
        for (String text : call.texts("--volume")) {
            if (text.indexOf(':') >= 0) {
                String whole = text.startsWith(".") ? call.absolute(text) : text;
                mounts.add(MountOption.volume(whole));
            }
        }
        for (String text : call.texts("--mount")) {
            mounts.add(MountOption.fields(text));
        }
        for (String text : call.texts("--tmpfs")) {
            mounts.add(MountOption.tmpfs(text));
        }
        return List.copyOf(mounts);
    }

    private List<String> anonymousVolumes() {
        var volumes = new ArrayList<String>();
        for (String text : call.texts("--volume")) {
            if (text.indexOf(':') < 0) {
                volumes.add(text);
            }
        }
        return List.copyOf(volumes);
    }

    private LogOptions log() {
        return new LogOptions(call.text("--log-driver"), pairs("--log-opt"));
    }

    private Map<String, String> pairs(String name) {
        return map(call.texts(name));
    }

    static Map<String, String> map(List<String> texts) {
        var map = new LinkedHashMap<String, String>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            map.put(
                    equals < 0 ? text : text.substring(0, equals),
                    equals < 0 ? "" : text.substring(equals + 1));
        }
        return map;
    }

    private Map<String, String> labels() {
        var all = new ArrayList<String>();
        for (String file : call.texts("--label-file")) {
            all.addAll(lines(file));
        }
        all.addAll(call.texts("--label"));
        return map(all);
    }

    /** Those of files first; a name alone takes the person's own value. */
    private List<String> environment() {
        var all = new ArrayList<String>();
        for (String file : call.texts("--env-file")) {
            all.addAll(lines(file));
        }
        all.addAll(call.texts("--env"));
        return complete(call, all);
    }

    static List<String> complete(Invocation call, List<String> given) {
        var all = new ArrayList<String>();
        Map<String, String> own = null;
        for (String variable : given) {
            if (variable.indexOf('=') >= 0) {
                all.add(variable);
                continue;
            }
            if (own == null) {
                own = call.environment();
            }
            String value = own.get(variable);
            if (value != null) {
                all.add(variable + "=" + value);
            }
        }
        return List.copyOf(all);
    }

    private List<String> lines(String file) {
        var lines = new ArrayList<String>();
        String text = new String(call.read(file), StandardCharsets.UTF_8);
        for (String line : text.split("\n")) {
            String stripped = line.stripLeading();
            if (!stripped.isEmpty() && !stripped.startsWith("#")) {
                lines.add(
                        stripped.endsWith("\r")
                                ? stripped.substring(0, stripped.length() - 1)
                                : stripped);
            }
        }
        return lines;
    }
}
