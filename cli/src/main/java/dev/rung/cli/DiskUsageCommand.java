package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Volume;
import dev.rung.engine.Volumes;
import dev.rung.image.Image;
import dev.rung.image.StoredImage;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

final class DiskUsageCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("Type", "TYPE"),
                    Column.usual("TotalCount", "TOTAL"),
                    Column.usual("Active", "ACTIVE"),
                    Column.usual("Size", "SIZE"),
                    Column.usual("Reclaimable", "RECLAIMABLE"));
    private static final List<Column> IMAGES =
            List.of(
                    Column.usual("Repository", "IMAGE"),
                    Column.usual("ID", "IMAGE ID"),
                    Column.usual("Size", "SIZE"),
                    Column.usual("Containers", "CONTAINERS"));
    private static final List<Column> CONTAINERS =
            List.of(
                    Column.usual("ID", "CONTAINER ID"),
                    Column.usual("Image", "IMAGE"),
                    Column.usual("LocalVolumes", "LOCAL VOLUMES"),
                    Column.usual("Size", "SIZE"),
                    Column.usual("RunningFor", "CREATED"),
                    Column.usual("Status", "STATUS"),
                    Column.usual("Names", "NAMES"));
    private static final List<Column> VOLUMES =
            List.of(
                    Column.usual("Name", "VOLUME NAME"),
                    Column.usual("Links", "LINKS"),
                    Column.usual("Size", "SIZE"));

    @Override
    public Synopsis synopsis() {
        return new Synopsis("system df", "[OPTIONS]", "Show disk usage", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("-v --verbose", "Show detailed information on space usage"));
    }

    @Override
    public List<String> examples() {
        return List.of("system df", "system df -v");
    }

    @Override
    public Ending run(Invocation call) {
        var survey = new Survey(call);
        if (call.flag("-v")) {
            call.out(
                    "Images space usage:\n\n"
                            + survey.images.print("")
                            + "\nContainers space usage:\n\n"
                            + survey.containers.print("")
                            + "\nLocal Volumes space usage:\n\n"
                            + survey.volumes.print(""));
            return DONE;
        }
        call.out(survey.sums.print(call.text("--format")));
        return DONE;
    }

    /** What there is, measured once. */
    private static final class Survey {
        private final Listing images = new Listing(IMAGES);
        private final Listing containers = new Listing(CONTAINERS);
        private final Listing volumes = new Listing(VOLUMES);
        private final Listing sums = new Listing(COLUMNS);
        private final SnapshotStore snapshots;
        private final Map<Digest, Long> layers = new HashMap<>();

        Survey(Invocation call) {
            snapshots = call.services().snapshots();
            List<ContainerView> all = call.services().containers().list();
            images(call, all);
            containers(all);
            volumes(call.services().engine().volumes());
        }

        private void images(Invocation call, List<ContainerView> all) {
            var users = new HashMap<String, Integer>();
            for (ContainerView container : all) {
                users.merge(container.record().image(), 1, Integer::sum);
            }
            var known = new LinkedHashMap<String, Image>();
            for (StoredImage stored : call.services().images().list()) {
                ImageName name = stored.name();
                String text = name == null ? stored.target().digest().toString() : name.toString();
                try {
                    Image image = call.services().images().resolve(text, Platform.host());
                    known.put(image.id().toString(), image);
                    images.add(
                            name == null ? "<none>" : name.familiar(),
                            image.id().hex().substring(0, SHORT_ID),
                            Human.size(sum(layersOf(image))),
                            Integer.toString(users.getOrDefault(image.id().toString(), 0)));
                } catch (Failure _) {
                    // of another platform, or nothing that runs
                }
            }
            var whole = new HashSet<Digest>();
            var used = new HashSet<Digest>();
            int active = 0;
            for (Map.Entry<String, Image> entry : known.entrySet()) {
                Set<Digest> own = layersOf(entry.getValue());
                whole.addAll(own);
                if (users.containsKey(entry.getKey())) {
                    active++;
                    used.addAll(own);
                }
            }
            long total = sum(whole);
            sums("Images", known.size(), active, total, total - sum(used));
        }

        private static Set<Digest> layersOf(Image image) {
            return Set.copyOf(SnapshotStore.chain(image.config().diffIds()));
        }

        private long sum(Set<Digest> chain) {
            long bytes = 0;
            for (Digest layer : chain) {
                bytes +=
                        layers.computeIfAbsent(
                                layer,
                                id -> snapshots.contains(id) ? snapshots.usage(id).bytes() : 0);
            }
            return bytes;
        }

        private void containers(List<ContainerView> all) {
            Instant now = Instant.now();
            int active = 0;
            long total = 0;
            long idle = 0;
            for (ContainerView container : all) {
                String id = container.record().id().value();
                long size;
                try {
                    size = snapshots.usage(id).bytes();
                } catch (Failure _) {
                    continue; // removed meanwhile
                }
                total += size;
                active += container.phase().runs() ? 1 : 0;
                idle += container.phase().runs() ? 0 : size;
                long mounted =
                        container.record().mounts().stream()
                                .filter(mount -> mount.type().equals("volume"))
                                .count();
                containers.add(
                        id.substring(0, SHORT_ID),
                        container.record().config().image(),
                        Long.toString(mounted),
                        Human.size(size),
                        Human.duration(Duration.between(container.record().created(), now))
                                + " ago",
                        PsCommand.status(container, now),
                        container.record().name().value());
            }
            sums("Containers", all.size(), active, total, idle);
        }

        private void volumes(Volumes all) {
            int count = 0;
            int active = 0;
            long total = 0;
            long idle = 0;
            for (Volume volume : all.list()) {
                int users = all.users(volume.name()).size();
                long size = all.size(volume);
                count++;
                total += size;
                active += users == 0 ? 0 : 1;
                idle += users == 0 ? size : 0;
                volumes.add(volume.name(), Integer.toString(users), Human.size(size));
            }
            sums("Local Volumes", count, active, total, idle);
        }

        private void sums(String type, int count, int active, long size, long reclaimable) {
            String share = size == 0 ? "" : " (" + 100 * reclaimable / size + "%)";
            sums.add(
                    type,
                    Integer.toString(count),
                    Integer.toString(active),
                    Human.size(size),
                    Human.size(reclaimable) + share);
        }
    }
}
