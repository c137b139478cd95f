package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.domain.Digest;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.MachineFacts;
import dev.rung.engine.Phase;
import dev.rung.image.StoredImage;
import dev.rung.oci.json.JsonObject;
import dev.rung.resident.Ending;
import java.util.HashSet;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** "info" and "system info". */
final class InfoCommand implements Command {
    private final String name;

    InfoCommand(String name) {
        this.name = name;
    }

    @Override
    public Synopsis synopsis() {
        return new Synopsis(name, "[OPTIONS]", "Display system-wide information", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-f --format", "string", "Format output by a Go template or json"));
    }

    @Override
    public List<String> examples() {
        return List.of(name, name + " --format '{{.ContainersRunning}}'");
    }

    /** Containers by what they do. */
    private record Counts(int all, int running, int paused) {
        static Counts of(Containers containers) {
            int all = 0;
            int running = 0;
            int paused = 0;
            for (ContainerView each : containers.list()) {
                all++;
                running += each.phase() == Phase.RUNNING ? 1 : 0;
                paused += each.phase() == Phase.PAUSED ? 1 : 0;
            }
            return new Counts(all, running, paused);
        }

        int stopped() {
            return all - running - paused;
        }
    }

    @Override
    public Ending run(Invocation call) {
        String format = call.text("--format");
        call.out(format.isEmpty() ? text(call) : Document.formatted(document(call), format));
        return DONE;
    }

    private static int images(Invocation call) {
        var digests = new HashSet<Digest>();
        for (StoredImage image : call.services().images().list()) {
            digests.add(image.target().digest());
        }
        return digests.size();
    }

    private static String machine() {
        return System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x86_64";
    }

    private static String cgroups() {
        return MachineFacts.hasUnifiedCgroups() ? "2" : "1";
    }

    /** As dockerd says it without root. */
    private static List<String> security() {
        return MachineFacts.isRootless() ? List.of("name=rootless") : List.of();
    }

    private static String cgroupDriver(Invocation call) {
        if (!call.services().containers().hasCgroups()) {
            return "none";
        }
        return call.services().engine().runtimes().cgroups().toString();
    }

    private static JsonObject document(Invocation call) {
        Counts counts = Counts.of(call.services().containers());
        return Document.of(json -> {
            json.beginObject().field("Containers", counts.all);
            json.field("ContainersRunning", counts.running);
            json.field("ContainersPaused", counts.paused);
            json.field("ContainersStopped", counts.stopped()).field("Images", images(call));
            json.field("Driver", "overlay2").field("CgroupDriver", cgroupDriver(call));
            json.field("CgroupVersion", cgroups());
            json.field("LoggingDriver", call.services().containers().defaultLogDriver());
            json.field("KernelVersion", MachineFacts.kernel());
            json.field("OperatingSystem", MachineFacts.system()).field("OSType", "linux");
            json.field("Architecture", machine());
            json.field("NCPU", Runtime.getRuntime().availableProcessors());
            json.field("MemTotal", MachineFacts.memory());
            json.field("DockerRootDir", call.services().home());
            json.field("Name", MachineFacts.hostname());
            json.field("ServerVersion", VersionCommand.VERSION);
            json.field("SecurityOptions", security());
            json.field("DefaultRuntime", "host").name("Runtimes").beginObject();
            call.services()
                    .engine()
                    .runtimes()
                    .all()
                    .forEach((runtime, path) ->
                            json.name(runtime).beginObject().field("path", path).endObject());
            json.endObject().endObject();
        });
    }

    private static String text(Invocation call) {
        Counts counts = Counts.of(call.services().containers());
        String runtimes = String.join(" ", call.services().engine().runtimes().all().keySet());
        return "Containers: "
                + counts.all
                + "\n Running: "
                + counts.running
                + "\n Paused: "
                + counts.paused
                + "\n Stopped: "
                + counts.stopped()
                + "\nImages: "
                + images(call)
                + "\nServer Version: "
                + VersionCommand.VERSION
                + "\nLogging Driver: "
                + call.services().containers().defaultLogDriver()
                + "\nCgroup Driver: "
                + cgroupDriver(call)
                + "\nCgroup Version: "
                + cgroups()
                + "\nRuntimes: "
                + runtimes
                + "\nDefault Runtime: host"
                + (MachineFacts.isRootless() ? "\nSecurity Options:\n rootless" : "")
                + "\nKernel Version: "
                + MachineFacts.kernel()
                + "\nOperating System: "
                + MachineFacts.system()
                + "\nOSType: linux\nArchitecture: "
                + machine()
                + "\nCPUs: "
                + Runtime.getRuntime().availableProcessors()
                + "\nTotal Memory: "
                + Human.binarySize(MachineFacts.memory())
                + "\nName: "
                + MachineFacts.hostname()
                + "\nRoot Dir: "
                + call.services().home()
                + "\n";
    }
}
