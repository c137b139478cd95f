package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.ImageName;
import dev.rung.image.Image;
import dev.rung.image.StoredImage;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.resident.Ending;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class ImagesCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final String NONE = "<none>";
    private static final List<Column> COLUMNS = columns(false);
    private static final List<Column> WITH_DIGESTS = columns(true);

    private static List<Column> columns(boolean digests) {
        return List.of(
                Column.usual("Repository", "REPOSITORY"),
                Column.usual("Tag", "TAG"),
                new Column("Digest", "DIGEST", digests),
                Column.usual("ID", "IMAGE ID"),
                Column.usual("CreatedSince", "CREATED"),
                Column.usual("Size", "SIZE"),
                Column.other("CreatedAt", "CREATED AT"));
    }

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images", WordCount.between(0, 1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Show all images"),
                Switch.flag("--digests", "Show digests"),
                Switch.texts("-f --filter", "filter", "Filter output, such as dangling=true"),
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("--no-trunc", "Don't truncate output"),
                Switch.flag("-q --quiet", "Only show image IDs"));
    }

    @Override
    public List<String> examples() {
        return List.of("images", "images --filter dangling=true -q");
    }

    @Override
    public Ending run(Invocation call) {
        var filter = new ImageFilter(call, call.texts("--filter"), ImageFilter.LIST);
        var listing = new Listing(call.flag("--digests") ? WITH_DIGESTS : COLUMNS);
        String wanted = call.words().isEmpty() ? "" : call.words().getFirst();
        for (StoredImage stored : latestFirst(call)) {
            ImageName name = stored.name();
            String familiar = name == null ? "" : name.familiar();
            boolean fits =
                    wanted.isEmpty()
                            || familiar.equals(wanted)
                            || familiar.startsWith(wanted + ":");
            if (fits && filter.takes(stored)) {
                add(call, listing, stored);
            }
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }

    private static List<StoredImage> latestFirst(Invocation call) {
        Map<StoredImage, Instant> created = new HashMap<>();
        var all = new ArrayList<StoredImage>(call.services().images().list());
        for (StoredImage stored : all) {
            Image image = call.services().images().runnable(stored);
            created.put(stored, moment(image == null ? null : image.config().created()));
        }
        all.sort(
                Comparator.comparing(
                        (StoredImage stored) -> created.getOrDefault(stored, Instant.MIN),
                        Comparator.reverseOrder()));
        return all;
    }

    /** The beginning of all time where it is not known. */
    private static Instant moment(@Nullable String created) {
        try {
            return created == null ? Instant.MIN : OffsetDateTime.parse(created).toInstant();
        } catch (DateTimeException _) {
            return Instant.MIN;
        }
    }

    private static void add(Invocation call, Listing listing, StoredImage stored) {
        Image image = call.services().images().runnable(stored);
        String id = (image == null ? stored.target().digest() : image.id()).toString();
        long size = 0;
        if (image != null) {
            for (ContentDescriptor layer : image.manifest().layers()) {
                size += layer.size();
            }
        }
        String created = image == null ? null : image.config().created();
        ImageName name = stored.name();
        listing.add(
                name == null ? NONE : name.familiarRepository(),
                name == null || name.tag() == null ? NONE : name.tag(),
                stored.target().digest().toString(),
                call.flag("--no-trunc") ? id : id.substring(7, 7 + SHORT_ID),
                since(created),
                Human.size(size),
                created == null ? "N/A" : created);
    }

    static String since(@Nullable String created) {
        Instant moment = moment(created);
        return moment.equals(Instant.MIN)
                ? "N/A"
                : Human.duration(Duration.between(moment, Instant.now())) + " ago";
    }
}
