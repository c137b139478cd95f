package dev.rung.cli;

import dev.rung.domain.Digest;
import dev.rung.engine.ImageRemoval;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.resident.Ending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;

final class ImagePruneCommand implements Command {
    private static final String DANGLING = "WARNING! This will remove all dangling images.";
    private static final String UNUSED =
            "WARNING! This will remove all images without at least one container associated to"
                    + " them.";

    @Override
    public Synopsis synopsis() {
        return new Synopsis("image prune", "[OPTIONS]", "Remove unused images", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Remove all unused images, not just dangling ones"),
                Switch.texts(
                        "--filter", "filter", "Only those that fit: until=…, label=…, label!=…"),
                Switch.flag("-f --force", "Do not prompt for confirmation"));
    }

    @Override
    public List<String> examples() {
        return List.of("image prune -f", "image prune -a --filter until=240h");
    }

    @Override
    public Ending run(Invocation call) {
        boolean all = call.flag("--all");
        var filter = new ImageFilter(call, call.texts("--filter"), ImageFilter.PRUNE);
        if (!call.flag("--force") && !call.confirms(all ? UNUSED : DANGLING)) {
            return call.cancelled(name());
        }
        var deleted = new StringBuilder();
        long bytes = prune(call, all, filter, deleted);
        call.out(deleted + ContainerPruneCommand.reclaimed(bytes));
        return DONE;
    }

    /** Removes them; what was, goes into the text, and how many bytes that was is returned. */
    static long prune(Invocation call, boolean all, ImageFilter filter, StringBuilder deleted) {
        Instant start = Instant.now();
        ImageStore images = call.services().images();
        var text = new StringBuilder();
        for (List<StoredImage> names : byTarget(images).values()) {
            StoredImage image = names.getFirst();
            boolean wanted = image.name() == null || all;
            if (!wanted || !filter.takes(image)) {
                continue;
            }
            for (ImageRemoval.Deed deed : call.services().removal().removeUnused(image)) {
                text.append(deed.what().toLowerCase(Locale.ROOT)).append(": ");
                text.append(deed.name()).append('\n');
            }
        }
        call.services().builder().forgetUnneeded();
        long freed = call.services().reclaim().sweep(start);
        if (!text.isEmpty()) {
            deleted.append("Deleted Images:\n").append(text).append('\n');
        }
        return freed;
    }

    private static Map<Digest, List<StoredImage>> byTarget(ImageStore images) {
        var all = new LinkedHashMap<Digest, List<StoredImage>>();
        for (StoredImage image : images.list()) {
            all.computeIfAbsent(image.target().digest(), _ -> new ArrayList<>()).add(image);
        }
        return all;
    }
}
