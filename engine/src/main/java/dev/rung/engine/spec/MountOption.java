package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Something that is mounted in the container.
 *
 * @param source a folder or file of the host for {@link Type#BIND}; the name of a volume, empty for
 *     an anonymous one; empty for a tmpfs
 * @param target absolute, in the container
 * @param propagation such as rprivate; empty: the default of the type
 * @param options of a tmpfs, such as size=10m
 * @param makesSource whether a folder that a bind mount's source names is made when it is missing
 * @param copies whether a volume that is empty gets what the image has at the target
 */
public record MountOption(
        Type type,
        String source,
        String target,
        boolean readOnly,
        String propagation,
        List<String> options,
        boolean makesSource,
        boolean copies) {
    private static final Set<String> PROPAGATIONS =
            Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

    /** Prints as in Docker: bind, volume, tmpfs. */
    public enum Type {
        BIND("bind"),
        VOLUME("volume"),
        TMPFS("tmpfs");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public MountOption {
        if (!target.startsWith("/")) {
            throw new Failure.Invalid(
                    "invalid mount path: '"
                            + Printable.of(target)
                            + "' mount path must be absolute");
        }
        if (target.chars().allMatch(c -> c == '/')) {
            throw new Failure.Invalid("invalid specification: destination can't be '/'");
        }
        if (type == Type.BIND && !source.startsWith("/")) {
            throw new Failure.Invalid(
                    "invalid mount config for type \"bind\": invalid mount path: '"
                            + Printable.of(source)
                            + "' mount path must be absolute");
        }
        if (!propagation.isEmpty() && !PROPAGATIONS.contains(propagation)) {
            throw new Failure.Invalid("invalid propagation \"" + Printable.of(propagation) + "\"");
        }
    }

    /**
     * A mount as {@code --volume} writes it: [SOURCE:]TARGET[:OPTIONS]. A source with a slash at
     * its beginning is a path, any other the name of a volume.
     */
    public static MountOption volume(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length > 3 || text.isEmpty()) {
            throw invalid(text);
        }
        String source = parts.length == 1 ? "" : parts[0];
        String target = parts.length == 1 ? parts[0] : parts[1];
        if (parts.length > 1 && source.isEmpty() || target.isEmpty()) {
            throw invalid(text);
        }
        boolean readOnly = false;
        boolean copies = true;
        String propagation = "";
        for (String word : parts.length == 3 ? parts[2].split(",", -1) : new String[0]) {
            switch (word) {
                case "ro" -> readOnly = true;
                case "nocopy" -> copies = false;
                // labels for SELinux, and hints for file systems of other platforms: nothing to do
                case "rw", "z", "Z", "cached", "delegated", "consistent" -> {}
                default -> {
                    if (!PROPAGATIONS.contains(word)) {
                        throw new Failure.Invalid("invalid mode: " + Printable.of(parts[2]));
                    }
                    propagation = word;
                }
            }
        }
        boolean bind = source.startsWith("/");
        if (!bind && !source.isEmpty()) {
            VolumeName.check(source);
        }
        return new MountOption(
                bind ? Type.BIND : Type.VOLUME,
                source,
                target,
                readOnly,
                propagation,
                List.of(),
                true,
                copies);
    }

    /** A mount as {@code --tmpfs} writes it: TARGET[:OPTIONS]. */
    public static MountOption tmpfs(String text) {
        int colon = text.indexOf(':');
        String target = colon < 0 ? text : text.substring(0, colon);
        List<String> options =
                colon < 0 ? List.of() : List.of(text.substring(colon + 1).split(",", -1));
        return new MountOption(Type.TMPFS, "", target, false, "", options, false, false);
    }

    /** A mount as {@code --mount} writes it: fields of key=value, separated by commas. */
    public static MountOption fields(String text) {
        Type type = Type.VOLUME;
        String source = "";
        String target = "";
        String propagation = "";
        boolean readOnly = false;
        boolean copies = true;
        var options = new ArrayList<String>();
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? field : field.substring(0, equals);
            String value = equals < 0 ? "" : field.substring(equals + 1);
            switch (key) {
                case "type" -> type = type(value);
                case "source", "src" -> source = value;
                case "target", "dst", "destination" -> target = value;
                case "readonly", "ro" -> readOnly = flag(field, value);
                case "bind-propagation" -> propagation = value;
                case "volume-nocopy" -> copies = !flag(field, value);
                case "tmpfs-size" -> options.add("size=" + value);
                case "tmpfs-mode" -> options.add("mode=" + value);
                case "consistency" -> {}
                default ->
                        throw new Failure.Invalid(
                                "unexpected key '"
                                        + Printable.of(key)
                                        + "' in '"
                                        + Printable.of(field)
                                        + "'");
            }
        }
        if (target.isEmpty()) {
            throw new Failure.Invalid("target is required");
        }
        if (type == Type.VOLUME && !source.isEmpty()) {
            VolumeName.check(source);
        }
        return new MountOption(type, source, target, readOnly, propagation, options, false, copies);
    }

    private static boolean flag(String field, String value) {
        return switch (value) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                    throw new Failure.Invalid("invalid value in \"" + Printable.of(field) + "\"");
        };
    }

    private static Type type(String text) {
        for (Type type : Type.values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new Failure.Invalid("mount type unknown: \"" + Printable.of(text) + "\"");
    }

    private static Failure.Invalid invalid(String text) {
        return new Failure.Invalid("invalid volume specification: '" + Printable.of(text) + "'");
    }

    static MountOption read(JsonFields fields) {
        return new MountOption(
                type(fields.text("Type")),
                Texts.orEmpty(fields, "Source"),
                fields.text("Target"),
                fields.flag("ReadOnly"),
                Texts.orEmpty(fields, "Propagation"),
                fields.texts("Options"),
                fields.flag("CreateSource"),
                fields.flag("Copy"));
    }

    void write(JsonWriter to) {
        to.beginObject()
                .field("Type", type.toString())
                .field("Source", source)
                .field("Target", target)
                .field("ReadOnly", readOnly)
                .optional("Propagation", propagation)
                .optional("Options", options)
                .field("CreateSource", makesSource)
                .field("Copy", copies)
                .endObject();
    }

    /** The same with another source. */
    public MountOption from(String newSource) {
        return new MountOption(
                type, newSource, target, readOnly, propagation, options, makesSource, copies);
    }
}
