package dev.rung.docker;

import dev.rung.docker.shape.ContainerJson;
import dev.rung.docker.shape.ImageJson;
import dev.rung.docker.shape.VolumeJson;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.engine.CgroupAbilities;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.MachineFacts;
import dev.rung.engine.Phase;
import dev.rung.engine.Volume;
import dev.rung.engine.spec.LogOptions;
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
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** The engine itself. */
final class SystemRoutes {
    private static final Set<String> TYPES = Set.of("image", "container", "volume", "build-cache");
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
        routes.add(Route.of("GET", "/distribution/{*}/json", this::distribution));
        routes.add(Route.of("GET", "/events", new EventStream(services.engine().events())::answer));
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
                    json.field("Experimental", Boolean.toString(call.experimental()))
                            .field("GitCommit", "");
                    json.field("GoVersion", "").field("KernelVersion", MachineFacts.kernel());
                    json.field("MinAPIVersion", ApiVersion.OLDEST.toString());
                    json.field("Os", "linux").endObject().endObject().endArray();
                    json.field("Version", services.version());
                    json.field("ApiVersion", ApiVersion.NEWEST.toString());
                    json.field("MinAPIVersion", ApiVersion.OLDEST.toString());
                    json.field("GitCommit", "").field("GoVersion", "").field("Os", "linux");
                    json.field("Arch", architecture());
                    json.field("KernelVersion", MachineFacts.kernel());
                    if (call.experimental()) {
                        json.field("Experimental", true);
                    }
                    json.field("BuildTime", "").endObject();
                });
    }

    /** What a registry has under a name. */
    private void distribution(Call call) throws IOException, InterruptedException {
        ImageName name = services.registries().meant(call.name());
        RegistryExchange.Distributed found;
        try {
            found = services.registries().look(name.withDefaultTag(), RegistryAuth.of(call));
        } catch (Failure.Unavailable e) {
            throw new StatusFailure(500, String.valueOf(e.getMessage()));
        }
        call.json(
                200,
                json -> {
                    json.beginObject().name("Descriptor").beginObject();
                    json.field("mediaType", found.target().mediaType());
                    json.field("digest", found.target().digest().toString());
                    json.field("size", found.target().size()).endObject();
                    json.name("Platforms").beginArray();
                    for (Platform platform : found.platforms()) {
                        json.beginObject().field("architecture", platform.architecture());
                        json.field("os", platform.os());
                        String variant = platform.variant();
                        boolean none = variant == null || variant.isEmpty();
                        json.optional("variant", none ? null : variant).endObject();
                    }
                    json.endArray().endObject();
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
                    json.beginObject().field("ID", id());
                    json.field("Containers", all.size()).field("ContainersRunning", running);
                    json.field("ContainersPaused", paused);
                    json.field("ContainersStopped", all.size() - running - paused);
                    json.field("Images", images()).field("Driver", "overlay2");
                    json.name("DriverStatus").beginArray();
                    for (List<String> row : services.snapshots().facts()) {
                        json.beginArray();
                        row.forEach(json::value);
                        json.endArray();
                    }
                    json.endArray();
                    json.name("Plugins").beginObject().field("Volume", List.of("local"));
                    json.field("Network", List.of("bridge", "host", "null"));
                    json.name("Authorization").value(JsonNull.NULL);
                    json.field("Log", LogOptions.DRIVERS).endObject();
                    abilities(json);
                    older(json, call.version());
                    json.field("Debug", services.settings().debug());
                    json.field("NFd", MachineFacts.descriptors());
                    json.field("NGoroutines", Thread.activeCount());
                    json.field("SystemTime", Instant.now().toString());
                    json.field("LoggingDriver", containers.defaultLogDriver());
                    json.field("CgroupDriver", services.engine().runtimes().cgroups().toString());
                    json.field("CgroupVersion", MachineFacts.hasUnifiedCgroups() ? "2" : "1");
                    json.field("NEventsListener", services.engine().events().listeners());
                    machine(json, call.version());
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
                    json.field("SecurityOptions", securityOptions());
                    json.field("CDISpecDirs", List.of("/etc/cdi", "/var/run/cdi"));
                    if (!call.version().isBefore(49)) {
                        json.name("FirewallBackend").beginObject().field("Driver", "nftables");
                        json.endObject();
                    }
                    json.name("Warnings").value(JsonNull.NULL).endObject();
                });
    }

    /** The same for the same engine of a machine. */
    private String id() {
        String of = MachineFacts.machineId() + " " + services.home();
        return UUID.nameUUIDFromBytes(of.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static List<String> securityOptions() {
        var options = new ArrayList<>(List.of("name=seccomp,profile=builtin"));
        if (MachineFacts.isRootless()) {
            options.add("name=rootless");
        }
        if (MachineFacts.hasUnifiedCgroups()) {
            options.add("name=cgroupns");
        }
        return options;
    }

    private static void abilities(JsonWriter json) {
        CgroupAbilities here = CgroupAbilities.now();
        json.field("MemoryLimit", here.memory()).field("SwapLimit", here.swap());
        if (here.kernelMemoryTcp()) {
            json.field("KernelMemoryTCP", true);
        }
        json.field("CpuCfsPeriod", here.cpuQuota()).field("CpuCfsQuota", here.cpuQuota());
        json.field("CPUShares", here.cpuShares()).field("CPUSet", here.cpuset());
        json.field("PidsLimit", here.pids()).field("IPv4Forwarding", MachineFacts.forwards());
        json.field("OomKillDisable", here.oomKillDisable());
    }

    /** What is not told any more. */
    private static void older(JsonWriter json, ApiVersion version) {
        if (version.isBefore(42)) {
            json.field("KernelMemory", true);
        }
        if (version.isBefore(50)) {
            json.field("BridgeNfIptables", false).field("BridgeNfIp6tables", false);
        }
    }

    private void machine(JsonWriter json, ApiVersion version) {
        boolean arm = architecture().equals("arm64");
        json.field("KernelVersion", MachineFacts.kernel());
        json.field("OperatingSystem", MachineFacts.system())
                .field("OSVersion", MachineFacts.systemVersion());
        json.field("OSType", "linux").field("Architecture", arm ? "aarch64" : "x86_64");
        json.field("IndexServerAddress", HUB).name("RegistryConfig").beginObject();
        registries(json);
        if (version.isBefore(47)) {
            json.name("AllowNondistributableArtifactsCIDRs").value(JsonNull.NULL);
            json.name("AllowNondistributableArtifactsHostnames").value(JsonNull.NULL);
        }
        json.endObject();
        json.field("NCPU", Runtime.getRuntime().availableProcessors());
        json.field("MemTotal", MachineFacts.memory());
        json.name("GenericResources").value(JsonNull.NULL);
        json.field("DockerRootDir", services.home());
        json.field("HttpProxy", proxy("HTTP_PROXY")).field("HttpsProxy", proxy("HTTPS_PROXY"));
        json.field("NoProxy", proxy("NO_PROXY"));
        json.field("Name", MachineFacts.hostname());
        json.field("Labels", services.settings().labels());
        json.field("ExperimentalBuild", services.settings().experimental());
    }

    /** Loopback is always trusted; what is written down besides counts as ranges or as hosts. */
    private void registries(JsonWriter json) {
        var ranges = new ArrayList<>(List.of("::1/128", "127.0.0.0/8"));
        var hosts = new ArrayList<String>();
        for (String each : services.settings().insecureRegistries()) {
            (each.indexOf('/') >= 0 ? ranges : hosts).add(each);
        }
        List<String> mirrors = services.settings().mirrors();
        json.field("InsecureRegistryCIDRs", ranges).name("IndexConfigs").beginObject();
        index(json, "docker.io", mirrors, true);
        hosts.forEach(host -> index(json, host, List.of(), false));
        json.endObject().name("Mirrors");
        if (mirrors.isEmpty()) {
            json.value(JsonNull.NULL);
        } else {
            json.beginArray();
            mirrors.forEach(json::value);
            json.endArray();
        }
    }

    private static void index(JsonWriter json, String name, List<String> mirrors, boolean hub) {
        json.name(name).beginObject().field("Name", name).field("Mirrors", mirrors);
        json.field("Secure", hub).field("Official", hub).endObject();
    }

    /** Without a password that may be in it. */
    private static String proxy(String name) {
        String lower = System.getenv(name.toLowerCase(Locale.ROOT));
        String value = lower == null ? System.getenv(name) : lower;
        return value == null ? "" : value.replaceFirst("//[^/@]*@", "//xxxxx:xxxxx@");
    }

    private void runtimes(JsonWriter json) {
        json.name("Runtimes").beginObject();
        services.engine()
                .runtimes()
                .all()
                .forEach((name, path) ->
                        json.name(name).beginObject().field("path", path).endObject());
        json.endObject().field("DefaultRuntime", services.engine().runtimes().usual());
    }

    private void login(Call call) throws IOException {
        var body = call.body();
        String server = NetworkRoutes.orEmpty(body, "serveraddress");
        String host = server.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        boolean hub = host.isEmpty() || host.endsWith("docker.io");
        Credentials credentials = RegistryAuth.read(body);
        try {
            services.registries().login(hub ? "docker.io" : host, _ -> credentials);
        } catch (Failure.Denied | Failure.Unavailable e) {
            throw new StatusFailure(500, String.valueOf(e.getMessage()));
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
        for (String type : types) {
            if (!TYPES.contains(type)) {
                throw new Failure.Invalid("unknown object type: " + Printable.of(type));
            }
        }
        ApiVersion version = call.version();
        call.json(
                200,
                json -> {
                    json.beginObject();
                    if (isAsked(types, "image")) {
                        json.field("LayersSize", layers());
                    }
                    part(json, types, "image", "Images", to -> usedImages(to, version));
                    part(json, types, "container", "Containers", this::usedContainers);
                    part(json, types, "volume", "Volumes", this::usedVolumes);
                    part(
                            json,
                            types,
                            "build-cache",
                            "BuildCache",
                            to -> BuildRoutes.write(to, services.builder()));
                    json.endObject();
                });
    }

    /** Null where it was not asked for. */
    private static void part(
            JsonWriter json,
            List<String> types,
            String type,
            String name,
            Consumer<JsonWriter> content) {
        json.name(name);
        if (isAsked(types, type)) {
            content.accept(json);
        } else {
            json.value(JsonNull.NULL);
        }
    }

    private void usedImages(JsonWriter json, ApiVersion version) {
        var images = new ImageJson(services.images(), services.snapshots());
        List<ContainerView> all = containers.list();
        json.beginArray();
        hereImages()
                .forEach(image ->
                        images.summary(
                                json, image, users(all, image), true, version.hasVirtualSizes()));
        json.endArray();
    }

    private void usedContainers(JsonWriter json) {
        var shape = new ContainerJson(services.engine(), services.snapshots());
        json.beginArray();
        shape.summaries(json, containers.list());
        json.endArray();
    }

    private void usedVolumes(JsonWriter json) {
        json.beginArray();
        for (Volume volume : services.engine().volumes().list()) {
            int users = services.engine().volumes().users(volume.name()).size();
            VolumeJson.write(json, volume, services.engine().volumes().size(volume), users);
        }
        json.endArray();
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
        var byTarget = new LinkedHashMap<Digest, Image>();
        for (StoredImage stored : services.images().list()) {
            Image image = services.images().runnable(stored);
            if (image != null) {
                byTarget.putIfAbsent(stored.target().digest(), image);
            }
        }
        return new ArrayList<>(byTarget.values());
    }
}
