package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.NewPod;
import dev.rung.engine.Pods;
import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

final class PodCreateCommand implements Command {
    private static final Set<String> NETWORK =
            Set.of(
                    "--add-host",
                    "--dns",
                    "--dns-option",
                    "--dns-search",
                    "--ip",
                    "--ip6",
                    "--mac-address",
                    "--network",
                    "--network-alias",
                    "--publish");
    private static final Set<String> LIMITS =
            Set.of(
                    "--cpu-period",
                    "--cpu-quota",
                    "--cpu-shares",
                    "--cpus",
                    "--memory",
                    "--pids-limit");

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "pod create",
                "[OPTIONS] [NAME]",
                "Create a new empty pod",
                WordCount.between(0, 1));
    }

    @Override
    public List<OptionSpec> options() {
        var options = new ArrayList<OptionSpec>();
        for (OptionSpec option : NetworkOptions.all()) {
            if (NETWORK.contains(option.longestName())) {
                options.add(option);
            }
        }
        for (OptionSpec option : LimitOptions.all()) {
            if (LIMITS.contains(option.longestName())) {
                options.add(option);
            }
        }
        options.addAll(
                List.of(
                        Switch.text("--cgroup-parent", "string", "Parent cgroup of the pod's own"),
                        Switch.text(
                                "--exit-policy",
                                "string",
                                "When its last container ends: continue, or stop"),
                        Switch.text("-h --hostname", "string", "Host name of its containers"),
                        Switch.texts("-l --label", "list", "Set meta data on the pod"),
                        Switch.texts(
                                "--label-file", "list", "Read in a line delimited file of labels"),
                        Switch.text("-n --name", "string", "Assign a name to the pod"),
                        Switch.text("--pod-id-file", "string", "Write the pod ID to the file"),
                        Switch.flag("--replace", "Replace a pod that has the name"),
                        Switch.text(
                                "--share",
                                "string",
                                "Namespaces to share: of net, ipc, uts and pid (net,ipc,uts)"),
                        Switch.text("--shm-size", "bytes", "Size of the shared /dev/shm"),
                        Switch.texts("--sysctl", "map", "Sysctls of the pod's network")));
        return options;
    }

    @Override
    public List<String> examples() {
        return List.of("pod create --name shop -p 8080:80", "run -d --pod shop nginx");
    }

    @Override
    public Ending run(Invocation call) {
        var labels = new ArrayList<String>();
        for (String file : call.texts("--label-file")) {
            new String(call.read(file), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(labels::add);
        }
        labels.addAll(call.texts("--label"));
        NewPod request = PodOptions.ofCreate(call, ContainerOptions.map(labels));
        Pods pods = call.services().engine().pods();
        if (call.flag("--replace")) {
            if (request.name() == null) {
                throw new UsageError("cannot replace pod without --name being set");
            }
            try {
                pods.remove(request.name().value(), true);
            } catch (Failure.NotFound _) {
                // there is none to be replaced
            }
        }
        String id = pods.create(request).record().id().value();
        if (call.has("--pod-id-file")) {
            call.caller().log(call.absolute(call.text("--pod-id-file")), id);
        }
        call.out(id + "\n");
        return DONE;
    }
}
