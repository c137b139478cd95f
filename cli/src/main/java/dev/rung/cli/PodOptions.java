package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.NewPod;
import dev.rung.engine.spec.ByteSize;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.CriOptions;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.LogOptions;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.RestartPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is asked of a pod: by "pod create", or by "run --pod new:NAME" beside its container. */
final class PodOptions {
    private static final String FRESH = "new:";
    private static final long SHM_BYTES = 64 << 20;

    private PodOptions() {}

    /** The pod that run is to make for its container; null: none. */
    static @Nullable NewPod ofRun(Invocation call) {
        String pod = call.text("--pod");
        if (!pod.startsWith(FRESH)) {
            return null;
        }
        var networks = new NetworkOptions(call);
        return new NewPod(
                new ContainerName(pod.substring(FRESH.length())),
                call.text("--hostname"),
                Map.of(),
                host(call, networks, Limits.NONE),
                networks.wishes(),
                null,
                NewPod.USUAL_SHARES,
                false);
    }

    /** Whether run makes a pod, which then has what it asks of networks. */
    static boolean isFresh(Invocation call) {
        return call.text("--pod").startsWith(FRESH);
    }

    /** The pod's name, empty for none. */
    static String name(Invocation call) {
        String pod = call.text("--pod");
        return isFresh(call) ? pod.substring(FRESH.length()) : pod;
    }

    /** The pod of "pod create". */
    static NewPod ofCreate(Invocation call, Map<String, String> labels) {
        String word = call.words().isEmpty() ? "" : call.words().getFirst();
        String name = call.has("--name") ? call.text("--name") : word;
        var networks = new NetworkOptions(call);
        Set<String> shares = shares(call);
        return new NewPod(
                name.isEmpty() ? null : new ContainerName(name),
                call.text("--hostname"),
                labels,
                host(call, networks, LimitOptions.over(Limits.NONE, call)),
                shares.contains("net") || call.has("--network") ? networks.wishes() : List.of(),
                null,
                shares,
                exitStops(call.text("--exit-policy")));
    }

    private static boolean exitStops(String policy) {
        return switch (policy) {
            case "", "continue" -> false;
            case "stop" -> true;
            default ->
                    throw new Failure.Invalid("invalid pod exit policy: " + Printable.of(policy));
        };
    }

    private static Set<String> shares(Invocation call) {
        if (!call.has("--share")) {
            return NewPod.USUAL_SHARES;
        }
        var shares = new HashSet<String>();
        String asked = call.text("--share");
        if (asked.startsWith("+")) {
            shares.addAll(NewPod.USUAL_SHARES);
            asked = asked.substring(1);
        }
        for (String kind : asked.split(",")) {
            if (!kind.isEmpty() && !kind.equals("none")) {
                shares.add(kind);
            }
        }
        return shares;
    }

    private static HostOptions host(Invocation call, NetworkOptions networks, Limits limits) {
        return new HostOptions(
                List.of(),
                List.of(),
                new LogOptions("", Map.of()),
                networks.mode(),
                networks.ports(),
                false,
                RestartPolicy.parse(""),
                false,
                List.of(),
                List.of(),
                NamespaceMode.DEFAULT,
                call.texts("--dns"),
                call.texts("--dns-option"),
                call.texts("--dns-search"),
                call.texts("--add-host"),
                List.of(),
                NamespaceMode.DEFAULT,
                NamespaceMode.DEFAULT,
                NamespaceMode.DEFAULT,
                "",
                0,
                false,
                false,
                List.of(),
                call.has("--shm-size") ? ByteSize.parse(call.text("--shm-size")) : SHM_BYTES,
                "",
                ContainerOptions.map(call.texts("--sysctl")),
                Map.of(),
                limits,
                List.of(),
                List.of(),
                List.of(),
                false,
                call.text("--cgroup-parent"),
                List.of(),
                "",
                List.of(),
                CriOptions.NONE);
    }
}
