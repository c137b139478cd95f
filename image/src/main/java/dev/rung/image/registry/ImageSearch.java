package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.Trust;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;

/** What an index knows under a term: the one thing that is left of the registry API's version 1. */
public final class ImageSearch {
    private static final String INDEX = "https://index.docker.io/v1";
    private static final String SCOPE = "registry:catalog:search";
    private static final int USUAL_LIMIT = 25;
    private static final int HIGHEST_LIMIT = 100;
    private static final int LARGEST_ANSWER = 4 << 20;

    private final Registries registries;

    public ImageSearch(Registries registries) {
        this.registries = registries;
    }

    /** A repository as an index describes it. */
    public record Found(String name, String description, long stars, boolean official) {}

    /**
     * Asks the index of docker.io, or of the registry that the term begins with.
     *
     * @param limit of what is found; 0: 25
     */
    public List<Found> find(String term, long limit, CredentialSource credentials)
            throws InterruptedException {
        if (term.contains("://")) {
            throw new Failure.Invalid(
                    "invalid repository name: repository name ("
                            + Printable.of(term)
                            + ") should not have a scheme");
        }
        int slash = term.indexOf('/');
        String first = slash < 0 ? "" : term.substring(0, slash);
        boolean named =
                first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        String registry = named && !first.equals("index.docker.io") ? first : ImageName.DOCKER_HUB;
        String wanted = named ? term.substring(slash + 1) : term;
        try (RegistrySession session = registries.open(credentials)) {
            if (registry.equals(ImageName.DOCKER_HUB)) {
                String plain =
                        wanted.startsWith("library/")
                                ? wanted.substring("library/".length())
                                : wanted;
                return ask(session.to(hub()), plain, limit);
            }
            return ask(session.to(index(session, registry)), wanted, limit);
        }
    }

    private static Endpoint hub() {
        return new Endpoint(
                URI.create(INDEX),
                ImageName.DOCKER_HUB,
                null,
                Endpoint.ALL,
                Trust.HOST,
                new Headers(),
                null);
    }

    /** The registry's own host, in the scheme in which it answers. */
    private static Endpoint index(RegistrySession session, String registry) {
        Endpoint own;
        try {
            own = session.own(registry);
        } catch (Failure.Invalid | IllegalArgumentException e) {
            throw new Failure.Invalid(
                    "invalid registry name " + Printable.of(registry) + ": " + e.getMessage());
        }
        String base = own.base().toString();
        return own.in(URI.create(base.substring(0, base.length() - "/v2".length()) + "/v1"));
    }

    private static List<Found> ask(RegistryConnection index, String term, long asked)
            throws InterruptedException {
        long limit = asked == 0 ? USUAL_LIMIT : asked;
        if (limit < 1 || limit > HIGHEST_LIMIT) {
            throw new Failure.Invalid(
                    "limit " + limit + " is outside the range of [1, " + HIGHEST_LIMIT + "]");
        }
        String query = "search?q=" + URLEncoder.encode(term, UTF_8) + "&n=" + limit;
        RegistryConnection.Call call = index.call("GET", query, SCOPE);
        call.headers().add("X-Docker-Token", "true");
        try (HttpResponse answer = index.once(call)) {
            if (answer.status() != 200) {
                throw new Failure.HostRefused("unexpected status code " + answer.status(), null);
            }
            return read(answer.readAll(LARGEST_ANSWER));
        } catch (IOException e) {
            RegistryConnection.checkInterrupted();
            throw new Failure.HostRefused("Get \"" + call.uri() + "\": " + e.getMessage(), e);
        }
    }

    private static List<Found> read(byte[] json) {
        var found = new ArrayList<Found>();
        try {
            for (JsonFields each : JsonFields.read("search", json).objects("results")) {
                String description = each.optionalText("description");
                found.add(
                        new Found(
                                each.text("name"),
                                description == null ? "" : description,
                                each.integerOr("star_count", 0, Integer.MAX_VALUE, 0),
                                each.flag("is_official")));
            }
        } catch (Failure.Invalid e) {
            throw new Failure.HostRefused(
                    "error decoding registry search results: " + e.getMessage(), e);
        }
        return List.copyOf(found);
    }
}
