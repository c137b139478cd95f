package dev.rung.docker;

import dev.rung.docker.shape.ContainerJson;
import dev.rung.docker.shape.ImageJson;
import dev.rung.docker.shape.VolumeJson;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.MachineFacts;
import dev.rung.engine.Phase;
import dev.rung.engine.Volume;
import dev.rung.image.Image;
import dev.rung.image.StoredImage;
import dev.rung.image.registry.Credentials;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.HttpHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;

/** The engine itself. */
final class SystemRoutes {
    private static final String HUB = "https://index.docker.io/v1/";

    private final DockerServices services;
    private final Containers containers;

    SystemRoutes(DockerServices services) {
        this.services = services;
        containers = services.containers();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("HEAD", "/_ping", this::ping));
        routes.add(Route.of("GET", "/_ping", this::ping));
        routes.add(Route.of("GET", "/version", this::version));
        routes.add(Route.of("GET", "/info", this::info));
        routes.add(Route.of("GET", "/system/df", this::usage));
        routes.add(Route.of("POST", "/auth", this::login));
        routes.add(Route.of("GET", "/events", new EventStream(containers)::answer));
    }

    private void ping(Call call) throws IOException {
        HttpHeaders headers =
                call.headers("text/plain; charset=utf-8")
                        .add("Builder-Version", "1")
                        .add("Cache-Control", "no-cache, no-store, must-revalidate")
                        .add("Pragma", "no-cache")
                        .add("Swarm", "inactive");
        boolean head = call.exchange().request().method().equals("HEAD");
        byte[] content = head ? new byte[0] : "OK".getBytes(StandardCharsets.UTF_8);
        call.exchange().answer(200, headers, content);
    }

    private static String architecture() {
        return Platform.host().architecture();
    }

    private void version(Call call) throws IOException {
        call.json(
                200,
                json -> {
                    json.beginObject().name("Platform").beginObject().field("Name", "Rung");
                    json.endObject().name("Components").beginArray();
                    json.beginObject().field("Name", "Engine").field("Version", services.version());
                    json.name("Details").beginObject();
                    json.field("ApiVersion", ApiVersion.NEWEST.toString());
                    json.field("Arch", architecture()).field("BuildTime", "");
                    json.field("Experimental", "false").field("GitCommit", "");
                    json.field("GoVersion", "").field("KernelVersion", MachineFacts.kernel());
                    json.field("MinAPIVersion", ApiVersion.OLDEST.toString());
                    json.field("Os", "linux").endObject().endObject().endArray();
                    json.field("Version", services.version());
                    json.field("ApiVersion", ApiVersion.NEWEST.toString());
                    json.field("MinAPIVersion", ApiVersion.OLDEST.toString());
                    json.field("GitCommit", "").field("GoVersion", "").field("Os", "linux");
                    json.field("Arch", architecture());
                    json.field("KernelVersion", MachineFacts.kernel());
                    json.field("BuildTime", "").endObject();
                });
    }

    private int images() {
        return (int)
                services.images().list().stream()
                        .map(image -> image.target().digest())
                        .distinct()
                        .count();
    }

    private void info(Call call) throws IOException {
        var counts = new HashMap<Phase, Integer>();
        List<ContainerView> all = containers.list();
        for (ContainerView container : all) {
            counts.merge(container.phase(), 1, Integer::sum);
        }
        int running = counts.getOrDefault(Phase.RUNNING, 0);
        int paused = counts.getOrDefault(Phase.PAUSED, 0);
        call.json(
                200,
                json -> {
                    json.beginObject().field("ID", MachineFacts.hostname());
                    json.field("Containers", all.size()).field("ContainersRunning", running);
                    json.field("ContainersPaused", paused);
                    json.field("ContainersStopped", all.size() - running - paused);
                    json.field("Images", images()).field("Driver", "overlay2");
                    json.name("DriverStatus").beginArray().endArray();
                    json.name("Plugins").beginObject().field("Volume", List.of("local"));
                    json.field("Network", List.of("bridge", "host", "null"));
                    json.name("Authorization").value(JsonNull.NULL);
                    json.field("Log", List.of("json-file", "none")).endObject();
                    abilities(json);
                    json.field("NFd", 0).field("NGoroutines", 0);
                    json.field("SystemTime", Instant.now().toString());
                    json.field("LoggingDriver", "json-file").field("CgroupDriver", "cgroupfs");
                    json.field("CgroupVersion", MachineFacts.hasUnifiedCgroups() ? "2" : "1");
                    json.field("NEventsListener", 0);
                    machine(json);
                    json.field("ServerVersion", services.version());
                    runtimes(json);
                    json.name("Swarm").beginObject().field("NodeID", "").field("NodeAddr", "");
                    json.field("LocalNodeState", "inactive").field("ControlAvailable", false);
                    json.field("Error", "").name("RemoteManagers").value(JsonNull.NULL);
                    json.endObject().field("LiveRestoreEnabled", true).field("Isolation", "");
                    json.field("InitBinary", "rung-exec");
                    for (String commit : List.of("ContainerdCommit", "RuncCommit", "InitCommit")) {
                        json.name(commit).beginObject().field("ID", "").endObject();
                    }
                    json.field("SecurityOptions", List.of("name=seccomp,profile=builtin"));
                    json.field("CDISpecDirs", List.of("/etc/cdi", "/var/run/cdi"));
                    json.name("Warnings").value(JsonNull.NULL).endObject();
                });
    }

    private static void abilities(JsonWriter json) {
        for (String ability :
                List.of(
                        "MemoryLimit",
                        "SwapLimit",
                        "CpuCfsPeriod",
                        "CpuCfsQuota",
                        "CPUShares",
                        "CPUSet",
                        "PidsLimit",
                        "IPv4Forwarding",
                        "OomKillDisable")) {
            json.field(ability, true);
        }
        json.field("Debug", false);
    }

    private void machine(JsonWriter json) {
        boolean arm = architecture().equals("arm64");
        json.field("KernelVersion", MachineFacts.kernel());
        json.field("OperatingSystem", MachineFacts.system()).field("OSVersion", "");
        json.field("OSType", "linux").field("Architecture", arm ? "aarch64" : "x86_64");
        json.field("IndexServerAddress", HUB).name("RegistryConfig").beginObject();
        json.name("InsecureRegistryCIDRs").beginArray().value("::1/128").value("127.0.0.0/8");
        json.endArray().name("IndexConfigs").beginObject().name("docker.io").beginObject();
        json.field("Name", "docker.io").name("Mirrors").beginArray().endArray();
        json.field("Secure", true).field("Official", true).endObject().endObject();
        json.name("Mirrors").beginArray().endArray().endObject();
        json.field("NCPU", Runtime.getRuntime().availableProcessors());
        json.field("MemTotal", MachineFacts.memory());
        json.name("GenericResources").value(JsonNull.NULL);
        json.field("DockerRootDir", services.home()).field("HttpProxy", "");
        json.field("HttpsProxy", "").field("NoProxy", "");
        json.field("Name", MachineFacts.hostname()).name("Labels").beginArray().endArray();
        json.field("ExperimentalBuild", false);
    }

    private void runtimes(JsonWriter json) {
        json.name("Runtimes").beginObject();
        containers
                .runtimes()
                .all()
                .forEach((name, path) ->
                        json.name(name).beginObject().field("path", path).endObject());
        json.endObject().field("DefaultRuntime", containers.runtimes().usual());
    }

    private void login(Call call) throws IOException {
        var body = call.body();
        String server = NetworkRoutes.orEmpty(body, "serveraddress");
        String host = server.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        boolean hub = host.isEmpty() || host.endsWith("docker.io");
        Credentials credentials = RegistryAuth.read(body);
        try {
            services.registries().login(hub ? "docker.io" : host, _ -> credentials);
        } catch (Failure.Denied e) {
            throw new StatusFailure(401, String.valueOf(e.getMessage()));
        }
        call.json(
                200,
                json ->
                        json.beginObject()
                                .field("IdentityToken", "")
                                .field("Status", "Login Succeeded")
                                .endObject());
    }

    private void usage(Call call) throws IOException {
        List<String> types = call.exchange().request().parameters("type");
        var images = new ImageJson(services.images(), services.snapshots());
        var shape = new ContainerJson(containers, services.snapshots());
        List<ContainerView> all = containers.list();
        call.json(
                200,
                json -> {
                    json.beginObject();
                    if (isAsked(types, "image")) {
                        json.field("LayersSize", layers()).name("Images").beginArray();
                        hereImages()
                                .forEach(image ->
                                        images.summary(json, image, users(all, image), true));
                        json.endArray();
                    }
                    if (isAsked(types, "container")) {
                        json.name("Containers").beginArray();
                        all.forEach(each -> shape.summary(json, each, true, Instant.now()));
                        json.endArray();
                    }
                    if (isAsked(types, "volume")) {
                        json.name("Volumes").beginArray();
                        for (Volume volume : containers.volumes().list()) {
                            int users = containers.volumes().users(volume.name()).size();
                            long size = containers.volumes().size(volume);
                            VolumeJson.write(json, volume, size, users);
                        }
                        json.endArray();
                    }
                    if (isAsked(types, "build-cache")) {
                        BuildRoutes.write(json.name("BuildCache"), services.builder());
                    }
                    json.field("BuilderSize", 0).endObject();
                });
    }

    private static boolean isAsked(List<String> types, String type) {
        return types.isEmpty() || types.contains(type);
    }

    private long layers() {
        long bytes = 0;
        for (var chain : services.snapshots().list()) {
            bytes += services.snapshots().usage(chain).bytes();
        }
        return bytes;
    }

    private static long users(List<ContainerView> all, Image image) {
        String id = image.id().toString();
        return all.stream().filter(each -> each.record().image().equals(id)).count();
    }

    private List<Image> hereImages() {
        var removal = new ImageRemoval(services);
        var byTarget = new LinkedHashMap<Digest, Image>();
        for (StoredImage stored : services.images().list()) {
            Image image = removal.read(stored);
            if (image != null) {
                byTarget.putIfAbsent(stored.target().digest(), image);
            }
        }
        return new ArrayList<>(byTarget.values());
    }
}
