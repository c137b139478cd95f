package dev.rung.cli.oci;

import dev.rung.host.compile.Abilities;
import dev.rung.oci.Features;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Seccomp;
import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

final class FeaturesCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(0);
        call.front().out(new String(features().json(), StandardCharsets.UTF_8));
        return DONE;
    }

    private static Features features() {
        return new Features(
                "1.0.0",
                RuntimeConfig.SPECIFICATION,
                List.of(
                        "prestart",
                        "createRuntime",
                        "createContainer",
                        "startContainer",
                        "poststart",
                        "poststop"),
                sorted(Abilities.mountOptions()),
                linux(),
                Map.of(
                        "dev.rung.version",
                        Version.number(),
                        "dev.rung.commit",
                        Version.commit(),
                        "org.opencontainers.runc.checkpoint.enabled",
                        "true"),
                List.of("run.oci.")); // crun's: supplementary groups, hooks' output, seccomp
    }

    private static Features.Linux linux() {
        List<String> flags = names(Seccomp.Flag.values());
        return new Features.Linux(
                sorted(names(LinuxConfig.NamespaceType.values())),
                Abilities.capabilities(),
                new Features.Cgroup(true, true, true, true, true),
                new Features.Filter(
                        true,
                        names(Seccomp.Action.values()),
                        names(Seccomp.Operator.values()),
                        names(Seccomp.Architecture.values()),
                        flags,
                        flags),
                true,
                true,
                new Features.Rdt(true, true, true),
                new Features.MemoryPolicies(
                        names(LinuxConfig.MemoryPolicyMode.values()),
                        names(LinuxConfig.MemoryPolicyFlag.values())),
                true,
                true);
    }

    private static List<String> names(Enum<?>[] values) {
        var names = new ArrayList<String>(values.length);
        for (Enum<?> value : values) {
            names.add(value.toString());
        }
        return names;
    }

    private static List<String> sorted(List<String> names) {
        var sorted = new ArrayList<>(names);
        sorted.sort(null);
        return sorted;
    }
}
