package dev.rung.docker;

import java.util.List;

/** What Rung has not on purpose: Swarm, plugins, and BuildKit within the engine. */
final class AbsentRoutes {
    private static final String NO_MANAGER =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\""
                    + " to connect this node to swarm and try again.";
    static final String NO_BUILDKIT =
            "BuildKit is not part of this engine: set DOCKER_BUILDKIT=0 for the classic builder, or"
                    + " run \"docker buildx create --use\" for a BuildKit of its own";

    private AbsentRoutes() {}

    static void addTo(List<Route> routes) {
        for (String kind : List.of("services", "nodes", "tasks", "secrets", "configs")) {
            for (String method : List.of("GET", "POST", "DELETE")) {
                routes.add(Route.of(method, "/" + kind, AbsentRoutes::noManager));
                routes.add(Route.of(method, "/" + kind + "/{}", AbsentRoutes::noManager));
                routes.add(Route.of(method, "/" + kind + "/{}/{}", AbsentRoutes::noManager));
            }
        }
        routes.add(Route.of("GET", "/swarm", AbsentRoutes::noManager));
        routes.add(Route.of("GET", "/swarm/unlockkey", AbsentRoutes::noManager));
        routes.add(
                Route.of(
                        "POST",
                        "/swarm/leave",
                        _ -> {
                            throw new StatusFailure(503, "This node is not part of a swarm");
                        }));
        for (String act : List.of("init", "join", "update", "unlock")) {
            routes.add(Route.of("POST", "/swarm/" + act, AbsentRoutes::noManager));
        }
        routes.add(
                Route.of(
                        "GET",
                        "/plugins",
                        call ->
                                call.json(
                                        200,
                                        json -> {
                                            json.beginArray().endArray();
                                        })));
        routes.add(
                Route.of(
                        "GET",
                        "/plugins/{*}/json",
                        call -> {
                            throw new StatusFailure(
                                    404, "plugin \"" + call.name() + "\" not found");
                        }));
        for (String path : List.of("/plugins/pull", "/plugins/create")) {
            routes.add(
                    Route.of(
                            "POST",
                            path,
                            _ -> {
                                throw new StatusFailure(501, "plugins are not supported by Rung");
                            }));
        }
        for (String path : List.of("/session", "/grpc")) {
            routes.add(
                    Route.of(
                            "POST",
                            path,
                            _ -> {
                                throw new StatusFailure(501, NO_BUILDKIT);
                            }));
        }
    }

    private static void noManager(Call call) {
        throw new StatusFailure(503, NO_MANAGER);
    }
}
