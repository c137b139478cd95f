package dev.rung.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.build.BaseImages;
import dev.rung.build.BuildCache;
import dev.rung.build.BuildListener;
import dev.rung.build.BuildOrder;
import dev.rung.build.BuildOutcome;
import dev.rung.build.Builder;
import dev.rung.build.RunSettings;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.spec.Limits;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.Credentials;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Images made of Dockerfiles, with the parameters of Docker's classic builder. */
final class BuildRoutes {
    private static final String REGISTRIES = "X-Registry-Config";
    private static final String RED = "\u001b[91m";
    private static final String PLAIN = "\u001b[0m";

    private final DockerServices services;
    private final Builder builder;

    BuildRoutes(DockerServices services) {
        this.services = services;
        builder = services.builder();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("POST", "/build", this::build));
        routes.add(Route.of("POST", "/build/prune", this::prune));
        routes.add(Route.of("POST", "/build/cancel", call -> call.empty(204)));
    }

    private void build(Call call) throws IOException, InterruptedException {
        if (call.text("version").equals("2")) {
            throw new StatusFailure(501, AbsentRoutes.NO_BUILDKIT);
        }
        BuildOrder order = order(call);
        CredentialSource credentials = credentials(call);
        try (var lines = new ProgressLines(call, false)) {
            BaseImages bases =
                    (name, platform, line) ->
                            services.registries()
                                    .pull(
                                            services.registries().meant(name).withDefaultTag(),
                                            platform.isEmpty()
                                                    ? Platform.host()
                                                    : Platform.parse(platform),
                                            credentials,
                                            lines::tell);
            var last = new AtomicReference<@Nullable Digest>();
            try {
                BuildOutcome outcome =
                        builder.build(
                                order,
                                order.remote().isEmpty() ? call.exchange().body() : null,
                                bases,
                                listener(call, lines, last));
                Digest id = last.get();
                if (call.flag("q") && id != null) {
                    lines.line(json -> json.field("stream", id + "\n"));
                }
                if (outcome instanceof BuildOutcome.CommandFailed(String why, int code)) {
                    lines.line(json -> {
                        json.name("errorDetail").beginObject().field("code", code);
                        json.field("message", why).endObject().field("error", why);
                    });
                }
            } catch (Failure e) {
                String why = String.valueOf(e.getMessage());
                boolean missing = why.startsWith("Cannot locate specified Dockerfile");
                lines.failed(missing ? new Failure.HostRefused(why, e) : e);
            }
        }
    }

    /** Ends the build when the client goes, which is seen once all of the context has come. */
    private static BuildListener listener(
            Call call, ProgressLines lines, AtomicReference<@Nullable Digest> last) {
        boolean quiet = call.flag("q");
        Thread building = Thread.currentThread();
        var watched = new AtomicBoolean();
        return new BuildListener() {
            @Override
            public void text(String text) {
                if (watched.compareAndSet(false, true)) {
                    call.exchange().whenGone(building::interrupt);
                }
                if (!quiet) {
                    lines.line(json -> json.field("stream", text));
                }
            }

            @Override
            public void error(String text) {
                if (!quiet) {
                    lines.line(json -> json.field("stream", RED + text + PLAIN));
                }
            }

            @Override
            public void made(Digest id) {
                last.set(id);
                if (quiet) {
                    return;
                }
                lines.line(json ->
                        json.name("aux").beginObject().field("ID", id.toString()).endObject());
            }
        };
    }

    private static BuildOrder order(Call call) {
        var names = new ArrayList<ImageName>();
        for (String name : call.exchange().request().parameters("t")) {
            if (!name.isEmpty()) {
                names.add(ImageName.parse(name));
            }
        }
        return new BuildOrder(
                call.text("dockerfile"),
                null,
                call.text("remote"),
                names,
                arguments(call.text("buildargs")),
                call.flag("nocache"),
                texts(call.text("cachefrom")),
                call.flag("pull"),
                call.flag("rm", true),
                call.flag("forcerm"),
                call.text("labels").isEmpty() ? Map.of() : json(call, "labels").textMap("labels"),
                call.text("target"),
                call.text("platform"),
                settings(call),
                Map.of());
    }

    /** A parameter that holds JSON, as the one field of an object. */
    private static JsonFields json(Call call, String parameter) {
        return wrapped(parameter, call.text(parameter));
    }

    private static JsonFields wrapped(String name, String text) {
        return JsonFields.read(name, ("{\"" + name + "\":" + text + "}").getBytes(UTF_8));
    }

    private static List<String> texts(String text) {
        return text.isEmpty() ? List.of() : wrapped("cachefrom", text).texts("cachefrom");
    }

    /** One without a value takes that of the Dockerfile. */
    private static Map<String, Optional<String>> arguments(String text) {
        var arguments = new LinkedHashMap<String, Optional<String>>();
        JsonFields given =
                text.isEmpty() ? null : wrapped("buildargs", text).optionalObject("buildargs");
        for (int i = 0; given != null && i < given.size(); i++) {
            String name = given.name(i);
            String value = given.freeText(name);
            boolean empty = value == null && !isNull(given, name);
            arguments.put(name, empty ? Optional.of("") : Optional.ofNullable(value));
        }
        return arguments;
    }

    private static boolean isNull(JsonFields fields, String name) {
        return !fields.has(name);
    }

    private static RunSettings settings(Call call) {
        String mode = call.text("networkmode");
        Long shm = call.number("shmsize");
        String hosts = call.text("extrahosts");
        return new RunSettings(
                mode.equals("default") ? "" : mode,
                limits(call),
                shm == null ? 0 : shm,
                hosts.isEmpty() ? List.of() : List.of(hosts.split(",")),
                List.of(),
                call.text("cgroupparent"),
                List.of(),
                "",
                "host");
    }

    private static Limits limits(Call call) {
        var json = JsonWriter.compact().beginObject();
        number(json, call, "memory", "Memory");
        number(json, call, "memswap", "MemorySwap");
        number(json, call, "cpushares", "CpuShares");
        number(json, call, "cpuperiod", "CpuPeriod");
        number(json, call, "cpuquota", "CpuQuota");
        json.field("CpusetCpus", call.text("cpusetcpus"));
        json.field("CpusetMems", call.text("cpusetmems")).endObject();
        return Limits.read(JsonFields.read("build", json.bytes()));
    }

    private static void number(JsonWriter json, Call call, String parameter, String name) {
        Long number = call.number(parameter);
        if (number != null) {
            json.field(name, number);
        }
    }

    /** Who the client is to each registry. */
    private static CredentialSource credentials(Call call) {
        String header = call.exchange().request().headers().get(REGISTRIES);
        if (header == null || header.isEmpty()) {
            return CredentialSource.NONE;
        }
        try {
            byte[] text = Base64.getUrlDecoder().decode(header.strip().replaceAll("=+$", ""));
            JsonFields all = JsonFields.read(REGISTRIES, text);
            var known = new LinkedHashMap<String, Credentials>();
            for (int i = 0; i < all.size(); i++) {
                JsonFields one = all.optionalObject(all.name(i));
                String host = all.name(i).replaceFirst("^https?://", "").replaceFirst("/.*$", "");
                if (one != null) {
                    boolean hub = host.equals("index.docker.io");
                    known.put(hub ? ImageName.DOCKER_HUB : host, RegistryAuth.read(one));
                }
            }
            return registry -> known.getOrDefault(registry, Credentials.ANONYMOUS);
        } catch (IllegalArgumentException e) {
            throw new Failure.Invalid("invalid X-Registry-Config header: " + e.getMessage());
        }
    }

    private void prune(Call call) throws IOException {
        Filters filters = call.filters();
        Instant before = filters.has("until") ? Until.of(filters) : Instant.MAX;
        Builder.Pruned pruned = builder.prune(call.flag("all"), before);
        var ids = new ArrayList<String>();
        pruned.entries().forEach(entry -> ids.add(entry.toString()));
        call.json(200, json -> Pruned.write(json, "CachesDeleted", ids, pruned.bytes()));
    }

    /** As system df shows it. */
    static void write(JsonWriter json, Builder builder) {
        json.beginArray();
        for (BuildCache.Shown entry : builder.cache()) {
            json.beginObject().field("ID", entry.key().toString()).field("Type", "regular");
            json.field("Description", entry.description()).field("InUse", false);
            json.field("Shared", false).field("Size", entry.bytes());
            json.field("CreatedAt", entry.created().toString());
            json.field("LastUsedAt", entry.used().toString()).field("UsageCount", 1).endObject();
        }
        json.endArray();
    }
}
