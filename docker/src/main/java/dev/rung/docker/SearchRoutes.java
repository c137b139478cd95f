package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.ImageSearch.Found;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** {@code GET /images/search}: what an index knows, narrowed down here. */
final class SearchRoutes {
    private static final Set<String> FILTERS = Set.of("is-automated", "is-official", "stars");

    private final RegistryExchange registries;

    SearchRoutes(DockerServices services) {
        registries = services.registries();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("GET", "/images/search", this::search));
    }

    private void search(Call call) throws IOException, InterruptedException {
        long limit = limit(call.text("limit"));
        Filters filters = call.filters().check(FILTERS);
        boolean automated = filters.flag("is-automated", false);
        boolean official = filters.flag("is-official", false);
        long stars = 0;
        for (String least : filters.all("stars")) {
            stars = Math.max(stars, number(least, "invalid filter 'stars=%s'"));
        }
        long leastStars = stars;
        // none is any more, as Docker says
        List<Found> all =
                automated
                        ? List.of()
                        : registries.search(call.text("term"), limit, credentials(call));
        call.json(
                200,
                json -> {
                    json.beginArray();
                    for (Found each : all) {
                        if (filters.has("is-official") && each.official() != official
                                || each.stars() < leastStars) {
                            continue;
                        }
                        json.beginObject().field("star_count", each.stars());
                        json.field("is_official", each.official()).field("name", each.name());
                        json.field("is_automated", false);
                        json.field("description", each.description()).endObject();
                    }
                    json.endArray();
                });
    }

    /** Who says nothing that can be read is nobody. */
    private static CredentialSource credentials(Call call) {
        try {
            return RegistryAuth.of(call);
        } catch (Failure.Invalid _) {
            return CredentialSource.NONE;
        }
    }

    private static long limit(String text) {
        long limit = text.isEmpty() ? 0 : number(text, "invalid limit specified");
        if (limit < 0) {
            throw new Failure.Invalid("invalid limit specified");
        }
        return limit;
    }

    private static long number(String text, String doing) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            String shown = Printable.of(text);
            throw new Failure.Invalid(
                    doing.formatted(shown)
                            + ": strconv.Atoi: parsing \""
                            + shown
                            + "\": invalid syntax");
        }
    }
}
