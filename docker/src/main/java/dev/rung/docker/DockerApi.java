package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.WireStatus;
import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpHandler;
import dev.rung.rpc.http.HttpHeaders;
import dev.rung.rpc.http.HttpRefusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Finds the route of a request, and tells failures as Docker does. */
public final class DockerApi implements HttpHandler {
    private static final System.Logger.Level LEVEL = System.Logger.Level.ERROR;

    private final List<Route> routes = new ArrayList<>();
    private final WrittenSettings settings;
    private final String server;

    public DockerApi(DockerServices services) {
        settings = services.settings();
        server = "Rung/" + services.version() + " (linux)";
        new SystemRoutes(services).addTo(routes);
        new ContainerRoutes(services).addTo(routes);
        new LifeRoutes(services).addTo(routes);
        new CheckpointRoutes(services).addTo(routes);
        new StreamRoutes(services).addTo(routes);
        new ExecRoutes(services).addTo(routes);
        new ArchiveRoutes(services).addTo(routes);
        new SearchRoutes(services).addTo(routes);
        new ImageRoutes(services).addTo(routes);
        new ImageTransferRoutes(services).addTo(routes);
        new BuildRoutes(services).addTo(routes);
        new NetworkRoutes(services).addTo(routes);
        new VolumeRoutes(services).addTo(routes);
        AbsentRoutes.addTo(routes);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String path = exchange.request().path();
        if (settings.debug()) {
            tell(exchange);
        }
        if (!isClean(path)) {
            redirect(exchange, path);
            return;
        }
        var call = call(exchange, ApiVersion.NEWEST, List.of());
        try {
            var parts = new ArrayList<>(List.of(path.substring(1).split("/", -1)));
            ApiVersion version = ApiVersion.NEWEST;
            if (parts.size() > 1 && ApiVersion.isVersion(parts.getFirst())) {
                version = ApiVersion.parse(parts.getFirst().substring(1));
                parts.removeFirst();
            }
            dispatch(exchange, version, parts);
        } catch (HttpRefusal e) {
            if (e.status() != 413 || exchange.isAnswered()) {
                throw e;
            }
            fail(call, e.status(), e.getMessage());
        } catch (StatusFailure e) {
            fail(call, e.status(), e.getMessage());
        } catch (Failure e) {
            fail(call, WireStatus.of(e).http(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (RuntimeException e) {
            System.getLogger("dev.rung.docker").log(LEVEL, exchange.request().rawPath(), e);
            fail(call, WireStatus.of(e).http(), String.valueOf(e));
        }
    }

    private Call call(HttpExchange exchange, ApiVersion version, List<String> names) {
        return new Call(exchange, version, names, server, settings.experimental());
    }

    /** Without its parameters, which may hold what is secret. */
    private static void tell(HttpExchange exchange) {
        System.getLogger("dev.rung.docker")
                .log(
                        System.Logger.Level.INFO,
                        "Calling "
                                + Printable.of(exchange.request().method())
                                + " "
                                + Printable.of(exchange.request().path())
                                + " for "
                                + exchange.peer());
    }

    private void dispatch(HttpExchange exchange, ApiVersion version, List<String> parts)
            throws IOException, InterruptedException {
        for (Route route : routes) {
            if (route.method().equals(exchange.request().method())) {
                List<String> names = route.names(parts);
                if (names != null) {
                    route.action().answer(call(exchange, version, names));
                    return;
                }
            }
        }
        throw new Failure.NotFound("page not found");
    }

    /** Nothing can be told once an answer has begun, but that it is not whole. */
    private static void fail(Call call, int status, @org.jspecify.annotations.Nullable String why)
            throws IOException {
        if (call.exchange().isAnswered()) {
            throw new IOException("failed in the middle of an answer: " + why);
        }
        call.json(status, json -> message(json, String.valueOf(why)));
    }

    static void message(JsonWriter json, String text) {
        json.beginObject().field("message", text).endObject();
    }

    /** Without empty parts, "." and "..". */
    private static boolean isClean(String path) {
        for (String part : path.substring(1).split("/", -1)) {
            if (part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return !path.contains("//");
    }

    /** As Docker's router does; only within this server, whatever the path is. */
    private static void redirect(HttpExchange exchange, String path) throws IOException {
        var clean = new ArrayList<String>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                if (!clean.isEmpty()) {
                    clean.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                clean.add(part);
            }
        }
        var location = new StringBuilder();
        for (String part : clean) {
            String escaped =
                    java.net.URLEncoder.encode(part, java.nio.charset.StandardCharsets.UTF_8);
            location.append('/').append(escaped.replace("+", "%20"));
        }
        exchange.answer(
                301,
                HttpHeaders.of("Location", location.isEmpty() ? "/" : location.toString()),
                new byte[0]);
    }
}
