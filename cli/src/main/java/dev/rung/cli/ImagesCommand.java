package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.Image;
import dev.rung.image.StoredImage;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.resident.Ending;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class ImagesCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final String NONE = "<none>";
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("Repository", "REPOSITORY"),
                    Column.usual("Tag", "TAG"),
                    Column.usual("ID", "IMAGE ID"),
                    Column.usual("CreatedSince", "CREATED"),
                    Column.usual("Size", "SIZE"),
                    Column.other("Digest", "DIGEST"),
                    Column.other("CreatedAt", "CREATED AT"));

    @Override
    public String name() {
        return "images";
    }

    @Override
    public String words() {
        return "[OPTIONS] [REPOSITORY[:TAG]]";
    }

    @Override
    public String about() {
        return "List images";
    }

    @Override
    public int least() {
        return 0;
    }

    @Override
    public int most() {
        return 1;
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Show all images"),
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("--no-trunc", "Don't truncate output"),
                Switch.flag("-q --quiet", "Only show image IDs"));
    }

    @Override
    public Ending run(Invocation call) {
        var listing = new Listing(COLUMNS);
        String wanted = call.words().isEmpty() ? "" : call.words().getFirst();
        for (StoredImage stored : call.services().images().list()) {
            ImageName name = stored.name();
            String familiar = name == null ? "" : name.familiar();
            boolean fits =
                    wanted.isEmpty()
                            || familiar.equals(wanted)
                            || familiar.startsWith(wanted + ":");
            if (fits) {
                add(call, listing, stored, familiar);
            }
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }

    private static void add(Invocation call, Listing listing, StoredImage stored, String familiar) {
        Image image = read(call, stored);
        String id = (image == null ? stored.target().digest() : image.id()).toString();
        long size = 0;
        if (image != null) {
            for (ContentDescriptor layer : image.manifest().layers()) {
                size += layer.size();
            }
        }
        String created = image == null ? null : image.config().created();
        int tag = familiar.lastIndexOf(':');
        boolean tagged = tag > familiar.lastIndexOf('/') && familiar.indexOf('@') < 0;
        listing.add(
                familiar.isEmpty() ? NONE : tagged ? familiar.substring(0, tag) : familiar,
                tagged ? familiar.substring(tag + 1) : NONE,
                call.flag("--no-trunc") ? id : id.substring(7, 7 + SHORT_ID),
                since(created),
                Human.size(size),
                stored.target().digest().toString(),
                created == null ? "N/A" : created);
    }

    /** Null for one of another platform, or none that can be run. */
    private static @Nullable Image read(Invocation call, StoredImage stored) {
        try {
            ImageName name = stored.name();
            String text = name == null ? stored.target().digest().toString() : name.toString();
            return call.services().images().resolve(text, Platform.host());
        } catch (Failure e) {
            return null;
        }
    }

    private static String since(@Nullable String created) {
        try {
            return created == null
                    ? "N/A"
                    : Human.duration(
                                    Duration.between(
                                            OffsetDateTime.parse(created).toInstant(),
                                            Instant.now()))
                            + " ago";
        } catch (DateTimeException _) {
            return "N/A";
        }
    }
}
