package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What files in the format of podman and CRI-O say of registries (containers-registries.conf(5),
 * version 2): where images of a prefix are really found, and what a name without a registry means.
 */
final class RegistriesConf {
    private final Map<String, Entry> entries = new LinkedHashMap<>(); // by prefix
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private List<String> search = List.of();

    /** Which pulls a mirror is for. */
    private enum Use {
        ALL,
        BY_DIGEST,
        BY_TAG;

        boolean suits(ImageName name) {
            return switch (this) {
                case ALL -> true;
                case BY_DIGEST -> name.digest() != null;
                case BY_TAG -> name.digest() == null;
            };
        }
    }

    private record Mirror(String location, boolean insecure, Use use) {}

    private record Entry(
            String prefix,
            String location,
            boolean insecure,
            boolean blocked,
            List<Mirror> mirrors) {}

    /**
     * Where an image may be found.
     *
     * @param name as that place calls it
     * @param insecure whether it may speak plain http or show any certificate
     * @param mirror whether it only stands for the true place
     */
    record Place(ImageName name, boolean insecure, boolean mirror) {}

    private RegistriesConf() {}

    /** Reads those of the files that are there; what a later one says of a prefix counts. */
    static RegistriesConf read(List<Path> files) {
        var conf = new RegistriesConf();
        for (Path file : files) {
            if (Files.exists(file)) {
                try {
                    conf.take(TomlTable.parse(file.toString(), Files.readString(file)));
                } catch (IOException e) {
                    throw new Failure.HostRefused("read " + file + ": " + e.getMessage(), e);
                }
            }
        }
        return conf;
    }

    private void take(TomlTable all) {
        List<String> names = all.texts("unqualified-search-registries");
        search = names == null ? search : names;
        TomlTable short_ = all.table("aliases");
        if (short_ != null) {
            for (String name : short_.names()) {
                String meant = short_.text(name);
                if (meant != null) {
                    aliases.put(name, meant);
                }
            }
        }
        for (TomlTable one : all.tables("registry")) {
            String location = one.text("location");
            String prefix = one.text("prefix");
            if (prefix == null || prefix.isEmpty()) {
                prefix = location;
            }
            if (prefix == null) {
                throw one.invalid("location", "want one, or a prefix");
            }
            boolean byDigest = Boolean.TRUE.equals(one.flag("mirror-by-digest-only"));
            var mirrors = new ArrayList<Mirror>();
            for (TomlTable mirror : one.tables("mirror")) {
                mirrors.add(mirror(mirror, byDigest));
            }
            entries.put(
                    prefix,
                    new Entry(
                            prefix,
                            location == null ? "" : location,
                            Boolean.TRUE.equals(one.flag("insecure")),
                            Boolean.TRUE.equals(one.flag("blocked")),
                            List.copyOf(mirrors)));
        }
    }

    private static Mirror mirror(TomlTable table, boolean byDigest) {
        String location = table.text("location");
        if (location == null || location.isEmpty()) {
            throw table.invalid("location", "want one");
        }
        String use = table.text("pull-from-mirror");
        return new Mirror(
                location,
                Boolean.TRUE.equals(table.flag("insecure")),
                switch (use == null ? byDigest ? "digest-only" : "all" : use) {
                    case "all" -> Use.ALL;
                    case "digest-only" -> Use.BY_DIGEST;
                    case "tag-only" -> Use.BY_TAG;
                    default ->
                            throw table.invalid(
                                    "pull-from-mirror", "want all, digest-only or tag-only");
                });
    }

    /** Mirrors first, the true place at last. Denied when the registry is blocked. */
    List<Place> places(ImageName wanted) {
        Entry entry = entry(wanted.repository());
        if (entry == null) {
            return List.of(new Place(wanted, false, false));
        }
        if (entry.blocked()) {
            throw new Failure.Denied(
                    "registry " + entry.prefix() + " is blocked in registries.conf");
        }
        var places = new ArrayList<Place>();
        for (Mirror mirror : entry.mirrors()) {
            if (mirror.use().suits(wanted)) {
                ImageName name = moved(wanted, entry, mirror.location());
                places.add(new Place(name, mirror.insecure(), true));
            }
        }
        ImageName own =
                entry.location().isEmpty() ? wanted : moved(wanted, entry, entry.location());
        places.add(new Place(own, entry.insecure(), false));
        return places;
    }

    /** The longest prefix counts, and *.example.com is any host below that. */
    private @Nullable Entry entry(String repository) {
        Entry best = null;
        for (Entry entry : entries.values()) {
            boolean longer = best == null || entry.prefix().length() > best.prefix().length();
            if (longer && matched(entry.prefix(), repository) >= 0) {
                best = entry;
            }
        }
        return best;
    }

    /** How much of the repository the prefix stands for; -1 when it does not. */
    private static int matched(String prefix, String repository) {
        int end = prefix.length();
        if (prefix.startsWith("*.")) {
            int slash = repository.indexOf('/');
            boolean below = repository.substring(0, slash).endsWith(prefix.substring(1));
            return below ? slash : -1;
        }
        boolean whole = repository.length() == end || repository.startsWith("/", end);
        return repository.startsWith(prefix) && whole ? end : -1;
    }

    private static ImageName moved(ImageName wanted, Entry entry, String location) {
        String repository = wanted.repository();
        String moved = location + repository.substring(matched(entry.prefix(), repository));
        int slash = moved.indexOf('/');
        if (slash <= 0) {
            throw new Failure.Invalid(
                    "registries.conf: location \"" + location + "\": want a host");
        }
        return new ImageName(
                moved.substring(0, slash),
                moved.substring(slash + 1),
                wanted.tag(),
                wanted.digest());
    }

    /**
     * What a person means by a name: itself when it says its registry, else its alias, else the
     * same in the first of the registries to be searched. A name without a registry is one of
     * Docker Hub where nothing is said.
     */
    ImageName meant(String text) {
        ImageName plain = ImageName.parse(text);
        int slash = text.indexOf('/');
        boolean saysRegistry = slash > 0 && plain.domain().equals(text.substring(0, slash));
        if (saysRegistry) {
            return plain;
        }
        String name = plain.familiarRepository();
        String alias = aliases.get(name);
        if (alias != null && text.startsWith(name)) {
            return ImageName.parse(alias + text.substring(name.length()));
        }
        boolean hub = search.isEmpty() || search.getFirst().equals(ImageName.DOCKER_HUB);
        return hub ? plain : ImageName.parse(search.getFirst() + "/" + text);
    }
}
