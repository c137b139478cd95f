package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.Digest;
import dev.rung.domain.Platform;
import dev.rung.image.Image;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.image.ImageConfig.HistoryEntry;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class HistoryCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final int SHORT_WORDS = 45;
    private static final String MISSING = "<missing>";
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("ID", "IMAGE"),
                    Column.usual("CreatedSince", "CREATED"),
                    Column.usual("CreatedBy", "CREATED BY"),
                    Column.usual("Size", "SIZE"),
                    Column.usual("Comment", "COMMENT"),
                    Column.other("CreatedAt", "CREATED AT"));
    private static final List<Column> PRECISE_COLUMNS =
            List.of(
                    Column.usual("ID", "IMAGE"),
                    Column.other("CreatedSince", "CREATED"),
                    Column.usual("CreatedAt", "CREATED AT"),
                    Column.usual("CreatedBy", "CREATED BY"),
                    Column.usual("Size", "SIZE"),
                    Column.usual("Comment", "COMMENT"));

    /** How a layer came about; the layer is -1 when there is none. */
    private record Row(HistoryEntry entry, int layer) {}

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "history", "[OPTIONS] IMAGE", "Show the history of an image", WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("-H --human", "Print sizes and dates for people (default)"),
                Switch.flag("--no-human", "Print bytes and moments"),
                Switch.flag("--no-trunc", "Don't truncate output"),
                Switch.text("--platform", "string", "Show the history for this platform"),
                Switch.flag("-q --quiet", "Only show image IDs"));
    }

    @Override
    public List<String> examples() {
        return List.of("history --no-trunc --format '{{.Size}}\\t{{.CreatedBy}}' web");
    }

    @Override
    public Ending run(Invocation call) {
        Platform platform =
                call.has("--platform") ? Platform.parse(call.text("--platform")) : Platform.host();
        Image image = call.services().images().resolve(call.words().getFirst(), platform);
        boolean human = !call.flag("--no-human");
        boolean whole = call.flag("--no-trunc");
        var listing = new Listing(human ? COLUMNS : PRECISE_COLUMNS);
        String id = whole ? image.id().toString() : image.id().hex().substring(0, SHORT_ID);
        for (Row row : rows(image).reversed()) {
            HistoryEntry entry = row.entry();
            String by = orEmpty(entry.createdBy()).replace('\t', ' ');
            long size = row.layer() < 0 ? 0 : size(call.services().snapshots(), image, row.layer());
            String since = ImagesCommand.since(entry.created());
            String at = orEmpty(entry.created());
            String words =
                    whole || by.length() <= SHORT_WORDS
                            ? by
                            : by.substring(0, SHORT_WORDS - 1) + "…";
            String bytes = human ? Human.size(size) : Long.toString(size);
            String comment = orEmpty(entry.comment());
            if (human) {
                listing.add(id, since, words, bytes, comment, at);
            } else {
                listing.add(id, since, at, words, bytes, comment);
            }
            id = MISSING;
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }

    /** The oldest first. */
    private static List<Row> rows(Image image) {
        var rows = new ArrayList<Row>();
        int layer = 0;
        for (HistoryEntry entry : image.config().history()) {
            rows.add(new Row(entry, entry.emptyLayer() ? -1 : layer++));
        }
        while (layer < image.manifest().layers().size()) {
            rows.add(new Row(new HistoryEntry(null, null, null, null, false), layer++));
        }
        return rows;
    }

    /** On the disk, or as it came where it is not unpacked. */
    private static long size(SnapshotStore snapshots, Image image, int layer) {
        List<Digest> diffIds = image.config().diffIds();
        if (layer >= diffIds.size()) {
            return 0;
        }
        Digest chainId = SnapshotStore.chain(diffIds).get(layer);
        return snapshots.contains(chainId)
                ? snapshots.usage(chainId).bytes()
                : image.manifest().layers().get(layer).size();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
