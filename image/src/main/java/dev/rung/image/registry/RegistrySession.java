package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpConnections;
import dev.rung.image.http.HttpRequest;
import dev.rung.image.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The connections and tokens of one job. */
final class RegistrySession implements AutoCloseable {
    private final ConfiguredHosts hosts;
    private final HttpConnections connections;
    private final CredentialSource credentials;
    private final Backoff backoff;
    private final TransferLimits limits;
    private final Map<URI, Endpoint> settled = new ConcurrentHashMap<>();
    private final Map<URI, Authorizer> authorizers = new ConcurrentHashMap<>();

    RegistrySession(
            ConfiguredHosts hosts,
            HttpConnections connections,
            CredentialSource credentials,
            Backoff backoff,
            TransferLimits limits) {
        this.hosts = hosts;
        this.connections = connections;
        this.credentials = credentials;
        this.backoff = backoff;
        this.limits = limits;
    }

    TransferLimits limits() {
        return limits;
    }

    Backoff backoff() {
        return backoff;
    }

    /** Of content that is fetched. */
    Backoff downloadBackoff() {
        return new Backoff(limits.attempts(), backoff.first(), backoff.longest());
    }

    HttpConnections connections() {
        return connections;
    }

    /** Finds out in which scheme a host answers that may use either. */
    private Endpoint settle(Endpoint endpoint) {
        URI otherwise = endpoint.otherwise();
        if (otherwise == null || answers(endpoint)) {
            return endpoint;
        }
        Endpoint other = endpoint.in(otherwise);
        return answers(other) ? other : endpoint;
    }

    /** 400 is what a server says that wants TLS. */
    private boolean answers(Endpoint endpoint) {
        var headers = new Headers().add("User-Agent", RegistryConnection.USER_AGENT);
        var request = new HttpRequest("GET", endpoint.at(""), headers, null);
        try (HttpResponse answer = connections.send(request, endpoint.trust())) {
            return answer.status() != 400;
        } catch (IOException e) {
            return false;
        }
    }

    /** What is asked of a repository at one endpoint after the other. */
    interface Question<T> {
        T ask(Repository repository) throws InterruptedException;
    }

    /** The repository at each endpoint that has the ability, in order; only the last is patient. */
    List<Repository> repositories(ImageName name, Endpoint.Ability ability) {
        var able = new ArrayList<ConfiguredHosts.Host>();
        for (ConfiguredHosts.Host host : hosts.of(name, ability == Endpoint.Ability.PUSH)) {
            Endpoint endpoint = host.endpoint();
            if (endpoint.abilities().contains(ability)) {
                able.add(
                        new ConfiguredHosts.Host(
                                settled.computeIfAbsent(endpoint.base(), base -> settle(endpoint)),
                                host.name()));
            }
        }
        if (able.isEmpty()) {
            throw new Failure.Unsupported(
                    "registry \"" + name.domain() + "\": its configuration names no host for this");
        }
        var repositories = new ArrayList<Repository>();
        for (ConfiguredHosts.Host host : able) {
            Endpoint endpoint = host.endpoint();
            boolean last = host.equals(able.getLast());
            var patience = last ? backoff : new Backoff(1, backoff.first(), backoff.longest());
            Authorizer authorizer =
                    authorizers.computeIfAbsent(
                            endpoint.base(),
                            base -> new Authorizer(endpoint, connections, credentials));
            repositories.add(
                    new Repository(
                            new RegistryConnection(endpoint, connections, authorizer, patience),
                            host.name()));
        }
        return repositories;
    }

    /** A registry's own host, no mirror, in the scheme in which it answers. */
    Endpoint own(String registry) {
        var anyRepository = new ImageName(registry, "search", null, null);
        return repositories(anyRepository, Endpoint.Ability.PUSH).getLast().connection().endpoint();
    }

    /** A connection to an endpoint that somebody found out himself; nothing is tried again. */
    RegistryConnection to(Endpoint endpoint) {
        return new RegistryConnection(
                endpoint,
                connections,
                new Authorizer(endpoint, connections, credentials),
                new Backoff(1, backoff.first(), backoff.longest()));
    }

    /** Asks for the API itself, which a registry answers to whom it knows. */
    void login(String registry) throws InterruptedException {
        var anyRepository = new ImageName(registry, "login", null, null);
        RegistryConnection connection =
                repositories(anyRepository, Endpoint.Ability.PUSH).getLast().connection();
        try (HttpResponse answer = connection.send(connection.call("GET", "", ""))) {
            if (answer.status() == 401 || answer.status() == 403) {
                throw new Failure.Denied(
                        "login attempt to %s failed with status: %d %s"
                                .formatted(
                                        connection.endpoint().at(""),
                                        answer.status(),
                                        answer.status() == 401 ? "Unauthorized" : "Forbidden"));
            }
            if (!answer.isSuccess()) {
                throw connection.failure(answer, registry, "login to registry " + registry);
            }
        }
    }

    /** The first good answer; else the failure that says most. */
    static <T> T first(List<Repository> repositories, Question<T> question)
            throws InterruptedException {
        Failure telling = null;
        for (Repository repository : repositories) {
            try {
                return question.ask(repository);
            } catch (Failure e) {
                telling = moreTelling(telling, e);
            }
        }
        throw telling == null ? new IllegalArgumentException("no repositories") : telling;
    }

    /** What a registry said tells more than that a host did not answer. */
    private static Failure moreTelling(@Nullable Failure before, Failure next) {
        boolean silent = next instanceof Failure.Unavailable && next.getCause() != null;
        return before != null && silent ? before : next;
    }

    @Override
    public void close() {
        connections.close();
    }
}
