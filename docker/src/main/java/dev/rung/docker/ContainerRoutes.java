package dev.rung.docker;

import dev.rung.docker.shape.ContainerJson;
import dev.rung.docker.shape.ContainerList;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Observation;
import dev.rung.engine.Phase;
import dev.rung.image.layer.Change;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Containers to be made, shown, looked into and swept away. */
final class ContainerRoutes {
    private static final int KERNEL_MEMORY_ENDS = 42;
    private static final long LEAST_KERNEL_MEMORY = 6 << 20;

    private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!", "until");

    private final DockerServices services;
    private final Containers containers;
    private final ContainerJson shape;
    private final ContainerList list;

    ContainerRoutes(DockerServices services) {
        this.services = services;
        containers = services.containers();
        shape = new ContainerJson(services.engine(), services.snapshots());
        list = new ContainerList(services.engine(), services.snapshots());
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("GET", "/containers/json", this::list));
        routes.add(Route.of("POST", "/containers/create", this::create));
        routes.add(Route.of("POST", "/containers/prune", this::prune));
        routes.add(Route.of("GET", "/containers/{}/json", this::inspect));
        routes.add(Route.of("GET", "/containers/{}/top", this::top));
        routes.add(Route.of("GET", "/containers/{}/changes", this::changes));
        routes.add(Route.of("GET", "/containers/{}/export", this::export));
        var stats = new ContainerStats(services.engine());
        routes.add(Route.of("GET", "/containers/{}/stats", stats::answer));
    }

    private void list(Call call) throws IOException {
        var filter = new ContainerFilter(call.filters(), containers);
        Long limit = call.number("limit");
        long most = limit == null || limit <= 0 ? Long.MAX_VALUE : limit;
        boolean all = call.flag("all") || most < Long.MAX_VALUE || filter.namesState();
        boolean sizes = call.flag("size");
        var wanted = new ArrayList<ContainerView>();
        List<ContainerView> present = containers.list();
        list.keep(present);
        for (ContainerView container : present) {
            boolean shown =
                    all || container.phase().runs() || container.phase() == Phase.RESTARTING;
            if (shown && filter.takes(container) && wanted.size() < most) {
                wanted.add(container);
            }
        }
        boolean annotated = call.version().listsAnnotations();
        call.answer(200, Call.JSON, list.json(wanted, sizes, annotated, Instant.now()));
    }

    private void create(Call call) throws IOException {
        JsonFields body = call.body();
        if (call.version().isBefore(KERNEL_MEMORY_ENDS)) {
            checkKernelMemory(body.optionalObject("HostConfig"));
        }
        var request = ContainerRequest.read(call.text("name"), call.text("platform"), body);
        String runtime = request.host().runtime();
        if (!runtime.isEmpty() && !services.engine().runtimes().all().containsKey(runtime)) {
            throw new Failure.Invalid(
                    "unknown or invalid runtime name: " + dev.rung.domain.Printable.of(runtime));
        }
        ContainerView made = containers.create(request);
        call.json(
                201,
                json ->
                        json.beginObject()
                                .field("Id", made.record().id().value())
                                .field("Warnings", List.of())
                                .endObject());
    }

    /** It limits nothing any more, but was checked as long as it was there. */
    private static void checkKernelMemory(@Nullable JsonFields host) {
        Long bytes = host == null ? null : host.optionalInteger("KernelMemory", 0, Long.MAX_VALUE);
        if (bytes != null && bytes > 0 && bytes < LEAST_KERNEL_MEMORY) {
            throw new Failure.Invalid("Minimum kernel memory limit allowed is 6MB");
        }
    }

    private void inspect(Call call) throws IOException {
        ContainerView container = containers.get(call.name());
        boolean sizes = call.flag("size");
        call.json(200, json -> shape.whole(json, container, sizes));
    }

    private void top(Call call) throws IOException {
        String options = call.text("ps_args").strip();
        List<String> words = options.isEmpty() ? List.of() : List.of(options.split("\\s+"));
        Observation.Table table = services.engine().observation().processes(call.name(), words);
        List<List<String>> lines = table.lines();
        call.json(
                200,
                json -> {
                    json.beginObject().field("Titles", lines.getFirst());
                    json.name("Processes").beginArray();
                    for (List<String> line : lines.subList(1, lines.size())) {
                        json.beginArray();
                        line.forEach(json::value);
                        json.endArray();
                    }
                    json.endArray().endObject();
                });
    }

    private void changes(Call call) throws IOException {
        List<Change> changes = services.files().changes(call.name());
        call.json(
                200,
                json -> {
                    if (changes.isEmpty()) {
                        json.value(JsonNull.NULL);
                        return;
                    }
                    json.beginArray();
                    for (Change change : changes) {
                        json.beginObject().field("Path", change.path().toString());
                        json.field("Kind", number(change.kind())).endObject();
                    }
                    json.endArray();
                });
    }

    private static int number(Change.Kind kind) {
        return switch (kind) {
            case CHANGED -> 0;
            case ADDED -> 1;
            case DELETED -> 2;
        };
    }

    private void export(Call call) throws IOException {
        containers.get(call.name());
        try (BodyOutput out = call.stream("application/octet-stream")) {
            services.files().export(call.name(), out);
        }
    }

    private void prune(Call call) throws IOException {
        Filters filters = call.filters().check(PRUNE_FILTERS);
        Instant until = Until.of(filters);
        var deleted = new ArrayList<String>();
        long bytes = 0;
        for (ContainerView container : containers.list()) {
            var record = container.record();
            boolean ended = container.phase() == Phase.EXITED || container.phase() == Phase.CREATED;
            if (!ended
                    || !filters.fitsLabels(record.config().labels())
                    || record.created().isAfter(until)) {
                continue;
            }
            String id = record.id().value();
            long size = services.snapshots().usage(id).bytes();
            try {
                containers.remove(id, false, false);
                deleted.add(id);
                bytes += size;
            } catch (Failure e) {
                // it runs by now, or has gone
            }
        }
        long reclaimed = bytes;
        call.json(200, json -> Pruned.write(json, "ContainersDeleted", deleted, reclaimed));
    }
}
