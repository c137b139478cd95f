package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Something that is mounted in the container.
 *
 * @param source a folder or file of the host for {@link Type#BIND}; the name of a volume, empty for
 *     an anonymous one; the name of an image; empty for a tmpfs
 * @param target absolute, in the container
 * @param propagation such as rprivate; empty: the default of the type
 * @param options of a tmpfs, such as size=10m
 * @param makesSource whether a folder that a bind mount's source names is made when it is missing
 * @param copies whether a volume that is empty gets what the image has at the target
 * @param recursion of a bind mount: whether mounts below come along, and are read-only too
 * @param subpath what of a volume or an image is mounted; empty: all of it
 * @param labels of a volume that is made
 * @param driverOptions of a volume that is made
 */
public record MountOption(
        Type type,
        String source,
        String target,
        boolean readOnly,
        String propagation,
        List<String> options,
        boolean makesSource,
        boolean copies,
        Recursion recursion,
        String subpath,
        Map<String, String> labels,
        Map<String, String> driverOptions) {
    private static final Set<String> PROPAGATIONS =
            Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

    /** What becomes of mounts below a bind mount's source; prints as in Docker. */
    public enum Recursion {
        /** They come along, read-only as far as the kernel can. */
        ENABLED("enabled"),
        /** They do not come along. */
        DISABLED("disabled"),
        /** They come along, writable even where the bind mount is not. */
        WRITABLE("writable"),
        /** They come along, read-only or not at all. */
        READ_ONLY("readonly");

        private final String text;

        Recursion(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }

        /** Empty: the usual one. */
        public static Recursion parse(String text) {
            if (text.isEmpty()) {
                return ENABLED;
            }
            for (Recursion each : values()) {
                if (each.text.equals(text)) {
                    return each;
                }
            }
            throw new Failure.Invalid(
                    "invalid value for bind-recursive: "
                            + Printable.of(text)
                            + ": must be one of \"enabled\", \"disabled\", \"writable\","
                            + " \"readonly\"");
        }
    }

    /** Prints as in Docker: bind, volume, tmpfs, image. */
    public enum Type {
        BIND("bind"),
        VOLUME("volume"),
        TMPFS("tmpfs"),
        IMAGE("image");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** NotFound, in Docker's words, for any driver of volumes but "local", the one that is here. */
    public static void checkDriver(String name) {
        if (!name.isEmpty() && !name.equals("local")) {
            throw new Failure.NotFound(
                    "error looking up volume plugin "
                            + Printable.of(name)
                            + ": plugin \""
                            + Printable.of(name)
                            + "\" not found");
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
        if (type == Type.IMAGE && source.isEmpty()) {
            throw new Failure.Invalid(
                    "invalid mount config for type \"image\": field Source must not be empty");
        }
        if (recursion == Recursion.READ_ONLY && (!readOnly || !propagation.equals("rprivate"))) {
            throw new Failure.Invalid(
                    readOnly
                            ? "option 'bind-recursive=readonly' requires"
                                    + " 'bind-propagation=rprivate' to be specified in conjunction"
                            : "option 'bind-recursive=readonly' requires 'readonly' to be"
                                    + " specified in conjunction");
        }
        if (subpath.startsWith("/") || hasUpwards(subpath)) {
            throw new Failure.Invalid(
                    "subpath must be a relative path within the volume: \""
                            + Printable.of(subpath)
                            + "\"");
        }
        if (!propagation.isEmpty() && !PROPAGATIONS.contains(propagation)) {
            throw new Failure.Invalid("invalid propagation \"" + Printable.of(propagation) + "\"");
        }
    }

    private static boolean hasUpwards(String path) {
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** The same as if it had been asked for with nothing unusual. */
    private static MountOption plain(
            Type type,
            String source,
            String target,
            boolean readOnly,
            String propagation,
            List<String> options,
            boolean makesSource,
            boolean copies) {
        return new MountOption(
                type,
                source,
                target,
                readOnly,
                propagation,
                options,
                makesSource,
                copies,
                Recursion.ENABLED,
                "",
                Map.of(),
                Map.of());
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
        return plain(
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
        return plain(Type.TMPFS, "", target, false, "", options, false, false);
    }

    /** A mount as {@code --mount} writes it: fields of key=value, separated by commas. */
    public static MountOption fields(String text) {
        return new MountFields().read(text);
    }

    static boolean flag(String field, String value) {
        return switch (value) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                    throw new Failure.Invalid("invalid value in \"" + Printable.of(field) + "\"");
        };
    }

    static Type type(String text) {
        for (Type type : Type.values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new Failure.Invalid(
                "invalid mount config for type \"" + Printable.of(text) + "\": mount type unknown");
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
                fields.flag("Copy"),
                Recursion.parse(Texts.orEmpty(fields, "Recursive")),
                Texts.orEmpty(fields, "Subpath"),
                fields.textMap("Labels"),
                fields.textMap("DriverOptions"));
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
                .optional("Recursive", recursion == Recursion.ENABLED ? null : recursion.text)
                .optional("Subpath", subpath);
        if (!labels.isEmpty()) {
            to.optional("Labels", labels);
        }
        if (!driverOptions.isEmpty()) {
            to.optional("DriverOptions", driverOptions);
        }
        to.endObject();
    }
}
