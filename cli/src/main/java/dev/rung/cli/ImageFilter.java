package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.image.Image;
import dev.rung.image.StoredImage;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which images are meant: of filters with the same name one must fit, of all others all. */
final class ImageFilter {
    static final Set<String> LIST =
            Set.of("dangling", "label", "before", "since", "reference", "until");
    static final Set<String> PRUNE = Set.of("dangling", "label", "label!", "until");

    private final Invocation call;
    private final Map<String, List<String>> wanted = new LinkedHashMap<>();

    ImageFilter(Invocation call, List<String> filters, Set<String> names) {
        this.call = call;
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String name = equals < 0 ? filter : filter.substring(0, equals);
            if (equals < 0 || !names.contains(name)) {
                throw new Failure.Invalid("invalid filter '" + Printable.of(filter) + "'");
            }
            wanted.computeIfAbsent(name, _ -> new ArrayList<>()).add(filter.substring(equals + 1));
        }
    }

    boolean takes(StoredImage stored) {
        for (Map.Entry<String, List<String>> filter : wanted.entrySet()) {
            boolean fits = false;
            for (String value : filter.getValue()) {
                fits |= fits(stored, filter.getKey(), value);
            }
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private boolean fits(StoredImage stored, String name, String value) {
        return switch (name) {
            case "dangling" -> truth(value) == (stored.name() == null);
            case "label" -> hasLabel(stored, value);
            case "label!" -> !hasLabel(stored, value);
            case "reference" -> isNamed(stored, value);
            case "before" -> created(stored).isBefore(created(value));
            case "since" -> created(stored).isAfter(created(value));
            default -> {
                Instant moment = LogsCommand.moment(value);
                yield moment == null || created(stored).isBefore(moment);
            }
        };
    }

    private static boolean truth(String value) {
        return switch (value) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                    throw new Failure.Invalid(
                            "invalid filter 'dangling=" + Printable.of(value) + "'");
        };
    }

    private boolean hasLabel(StoredImage stored, String value) {
        Image image = read(stored);
        if (image == null) {
            return false;
        }
        int equals = value.indexOf('=');
        Map<String, String> labels = image.config().config().labels();
        String label = labels.get(equals < 0 ? value : value.substring(0, equals));
        return label != null && (equals < 0 || label.equals(value.substring(equals + 1)));
    }

    /** Patterns as of a shell, of which * goes no further than a slash. */
    private static boolean isNamed(StoredImage stored, String pattern) {
        ImageName name = stored.name();
        if (name == null) {
            return false;
        }
        var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        return matcher.matches(Path.of(name.familiar()))
                || matcher.matches(Path.of(name.familiarRepository()))
                || matcher.matches(Path.of(name.toString()))
                || matcher.matches(Path.of(name.repository()));
    }

    private Instant created(String reference) {
        return created(call.services().images().lookUp(reference, Platform.host()));
    }

    /** Long ago, for one that does not say. */
    private Instant created(StoredImage stored) {
        Image image = read(stored);
        String created = image == null ? null : image.config().created();
        try {
            return created == null ? Instant.EPOCH : OffsetDateTime.parse(created).toInstant();
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    /** Null for one of another platform, or none that can be run. */
    private @Nullable Image read(StoredImage stored) {
        return call.services().images().runnable(stored);
    }
}
