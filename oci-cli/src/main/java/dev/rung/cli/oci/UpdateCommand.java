package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.ResctrlGroup;
import dev.rung.host.systemd.UnitProperties;
import dev.rung.isolation.HostDescription.Resctrl;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Resources;
import dev.rung.oci.Validation;
import dev.rung.oci.json.Json;
import dev.rung.resident.Ending;
import org.jspecify.annotations.Nullable;

final class UpdateCommand implements Verb {
    private final Kernel kernel;

    UpdateCommand(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.exactly(1);
        Containers.Found found = call.containers().get(call.id());
        Resources resources = resources(call);
        for (String warning : Validation.checkResources("resources", resources)) {
            call.journal().warn(warning);
        }
        if (found.status() == ContainerStatus.STOPPED) {
            throw Lifecycle.notRunning();
        }
        ContainerCgroups cgroups = StoredCgroups.of(found.stored());
        var files = new CallerCgroups(call.front(), call.files(), found.stored().cgroups());
        resources = withBandwidth(resources, files);
        StoredContainer.Unit unit = found.stored().unit();
        if (unit != null) {
            new UnitWork(call, unit).limit(resources, cgroups.isUnified());
            resources = UnitProperties.rounded(resources);
        }
        var acts = new Acts();
        cgroups.update(acts.front(), resources);
        schemata(call, found.stored(), acts);
        new Execution(call).run(acts.build());
        return DONE;
    }

    /** Quota and period go together: the one that is not given stays what it is. */
    private static Resources withBandwidth(Resources resources, ControllerFiles files) {
        Resources.Cpu cpu = resources.cpu();
        boolean quota = cpu.quota() != null && cpu.quota() != 0;
        boolean period = cpu.period() != null && cpu.period() != 0;
        if (quota == period) {
            return resources;
        }
        Bandwidth now = Bandwidth.of(files);
        return resources.with(
                cpu.with(quota ? cpu.quota() : now.quota(), period ? cpu.period() : now.period()));
    }

    /**
     * What the cgroup has now, in µs; null: unknown.
     *
     * @param quota -1: none
     */
    private record Bandwidth(@Nullable Long quota, @Nullable Long period) {
        static Bandwidth of(ControllerFiles files) {
            if (!files.unified()) {
                return new Bandwidth(
                        number(files.read("cpu", "cpu.cfs_quota_us")),
                        number(files.read("cpu", "cpu.cfs_period_us")));
            }
            String both = files.read("cpu", "cpu.max");
            int blank = both == null ? -1 : both.indexOf(' ');
            return both == null || blank < 0
                    ? new Bandwidth(null, null)
                    : new Bandwidth(
                            both.startsWith("max")
                                    ? Long.valueOf(-1)
                                    : number(both.substring(0, blank)),
                            number(both.substring(blank)));
        }

        private static @Nullable Long number(@Nullable String text) {
            try {
                return text == null ? null : Long.valueOf(text.strip());
            } catch (NumberFormatException _) {
                return null;
            }
        }
    }

    /** New lines for the container's resctrl group. */
    private void schemata(Call call, StoredContainer stored, Acts acts) {
        String cache = call.arguments().text("l3-cache-schema");
        String bandwidth = call.arguments().text("mem-bw-schema");
        if (cache.isEmpty() && bandwidth.isEmpty()) {
            return;
        }
        Resctrl resctrl =
                new HostReader(call.files(), kernel).read(call.front().request()).resctrl();
        if (!cache.isEmpty() && (resctrl == null || !resctrl.cache())) {
            throw new Failure.Unsupported("Intel RDT/CAT: l3 cache schema is not enabled");
        }
        if (!bandwidth.isEmpty() && (resctrl == null || !resctrl.bandwidth())) {
            throw new Failure.Unsupported("Intel RDT/MBA: memory bandwidth schema is not enabled");
        }
        ResctrlGroup group = stored.resctrl();
        if (group == null) {
            throw new Failure.Unsupported(
                    "updating a non-existent Intel RDT configuration is not supported");
        }
        acts.writeSchemata(group, line(cache) + line(bandwidth));
    }

    private static String line(String schema) {
        return schema.isEmpty() ? "" : schema + "\n";
    }

    private static Resources resources(Call call) {
        String file = call.arguments().text("resources");
        if (file.isEmpty()) {
            return UpdateOptions.resources(call.arguments());
        }
        if (file.equals("-")) {
            return Resources.read("standard input", call.front().readInput(Json.LARGEST));
        }
        Files.Content content = call.files().read(call.absolute(file), Json.LARGEST);
        if (!content.there()) {
            throw new Failure.Invalid(content.error());
        }
        return Resources.read(file, content.bytes());
    }
}
