package dev.rung.engine.config;

import dev.rung.domain.Failure;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HealthCheck;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ImageConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an image says of its containers (image-spec config.md); empty or null where it does not. */
public record ImageSettings(
        String user,
        List<String> exposedPorts,
        List<String> env,
        @Nullable List<String> entrypoint,
        List<String> cmd,
        List<String> volumes,
        String workingDir,
        Map<String, String> labels,
        String stopSignal,
        @Nullable HealthCheck healthCheck) {

    /** Those of an image. */
    public static ImageSettings of(ImageConfig image) {
        ContainerDefaults said = image.config();
        return new ImageSettings(
                orEmpty(said.user()),
                said.exposedPorts(),
                said.env(),
                said.entrypoint(),
                said.cmd() == null ? List.of() : said.cmd(),
                said.volumes(),
                orEmpty(said.workingDir()),
                said.labels(),
                orEmpty(said.stopSignal()),
                healthCheck(said.healthcheck()));
    }

    /** Null when there is none, or none that makes sense: Docker does without it too. */
    private static @Nullable HealthCheck healthCheck(ContainerDefaults.@Nullable Healthcheck said) {
        if (said == null || said.test().isEmpty()) {
            return null;
        }
        try {
            return new HealthCheck(
                    said.test(),
                    said.intervalNs(),
                    said.timeoutNs(),
                    said.startPeriodNs(),
                    said.startIntervalNs(),
                    said.retries());
        } catch (Failure.Invalid _) {
            return null;
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** What was asked for, completed by what the image says, as Docker does it. */
    public ContainerConfig complete(ContainerConfig asked) {
        List<String> askedEntrypoint = asked.entrypoint();
        List<String> command = asked.cmd();
        if (command.isEmpty() && (askedEntrypoint == null || askedEntrypoint.isEmpty())) {
            command = cmd;
        }
        if (askedEntrypoint == null) {
            askedEntrypoint = entrypoint;
        } else if (askedEntrypoint.equals(List.of(""))) {
            askedEntrypoint = List.of(); // takes the image's away
            command = asked.cmd();
        }
        var complete =
                new ContainerConfig(
                        asked.hostname(),
                        asked.domainname(),
                        asked.user().isEmpty() ? user : asked.user(),
                        asked.tty(),
                        asked.openStdin(),
                        asked.stdinOnce(),
                        environment(asked.env()),
                        command,
                        askedEntrypoint,
                        asked.image(),
                        asked.workingDir().isEmpty() ? workingDir : asked.workingDir(),
                        labels(asked.labels()),
                        union(asked.exposedPorts(), exposedPorts),
                        union(asked.volumes(), volumes),
                        asked.stopSignal().isEmpty() ? stopSignal : asked.stopSignal(),
                        asked.stopTimeoutSeconds(),
                        HealthCheck.merged(asked.healthCheck(), healthCheck),
                        asked.client());
        if (complete.argv().isEmpty()) {
            throw new Failure.Invalid("no command specified");
        }
        return complete;
    }

    private List<String> environment(List<String> asked) {
        var all = new ArrayList<>(asked);
        for (String variable : env) {
            String name = name(variable);
            boolean given = false;
            for (String other : asked) {
                given |= name(other).equals(name);
            }
            if (!given) {
                all.add(variable);
            }
        }
        return List.copyOf(all);
    }

    private static String name(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    private Map<String, String> labels(Map<String, String> asked) {
        var all = new LinkedHashMap<>(labels);
        all.putAll(asked);
        return Map.copyOf(all);
    }

    private static List<String> union(List<String> asked, List<String> image) {
        var all = new LinkedHashSet<>(asked);
        all.addAll(image);
        return List.copyOf(all);
    }
}
