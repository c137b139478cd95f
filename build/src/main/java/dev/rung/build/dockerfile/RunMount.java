package dev.rung.build.dockerfile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.spec.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that is mounted for the time of a RUN.
 *
 * @param from a stage or an image, empty: the context; of a cache: what it begins with
 * @param source a path there, empty: all of it
 * @param target in the container, empty where a secret has none of its own
 * @param id of a cache or a secret
 * @param required whether a secret must be there
 * @param environment the variable a secret goes to, null: a file, empty: one named by its id
 * @param sizeLimit of a tmpfs in bytes, 0: none
 */
public record RunMount(
        Type type,
        String from,
        String source,
        String target,
        boolean readOnly,
        String id,
        Sharing sharing,
        boolean required,
        @Nullable String environment,
        @Nullable Integer mode,
        int uid,
        int gid,
        long sizeLimit) {

    /** What is mounted. */
    public enum Type {
        BIND,
        CACHE,
        TMPFS,
        SECRET,
        SSH
    }

    /** Who may use a cache at the same time. */
    public enum Sharing {
        SHARED,
        PRIVATE,
        LOCKED
    }

    /** Reads fields of key=value, separated by commas. Invalid for what Docker refuses. */
    public static RunMount parse(String text) {
        var reader = new Reader();
        for (String field : fields(text)) {
            reader.take(field);
        }
        return reader.done();
    }

    /** Fields may be quoted, as in CSV. */
    private static List<String> fields(String text) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    field.append(text.charAt(++i));
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    private static final class Reader {
        private Type type = Type.BIND;
        private String from = "";
        private String source = "";
        private String target = "";
        private @Nullable Boolean readOnly;
        private String id = "";
        private @Nullable Sharing sharing;
        private boolean required;
        private @Nullable String environment;
        private @Nullable Integer mode;
        private @Nullable Integer uid;
        private @Nullable Integer gid;
        private long sizeLimit;

        void take(String field) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "true" : field.substring(equals + 1);
            if (equals < 0) {
                switch (key) {
                    case "readonly", "ro", "readwrite", "rw", "required" -> {}
                    default ->
                            throw new Failure.Invalid(
                                    "invalid field '"
                                            + Printable.of(field)
                                            + "' must be a key=value pair");
                }
            }
            switch (key) {
                case "type" -> type = choice(Type.class, value, "unsupported mount type");
                case "from" -> from = value;
                case "source", "src" -> source = value;
                case "target", "dst", "destination" -> target = value;
                case "readonly", "ro" -> readOnly = flag(key, value);
                case "readwrite", "rw" -> readOnly = !flag(key, value);
                case "required" -> {
                    if (type != Type.SECRET && type != Type.SSH) {
                        throw unexpected(key);
                    }
                    required = flag(key, value);
                }
                case "size" -> {
                    if (type != Type.TMPFS) {
                        throw unexpected(key);
                    }
                    sizeLimit = ByteSize.parse(value);
                }
                case "id" -> id = value;
                case "sharing" ->
                        sharing = choice(Sharing.class, value, "unsupported sharing value");
                case "mode" -> mode = number(key, value, 8);
                case "uid" -> uid = number(key, value, 10);
                case "gid" -> gid = number(key, value, 10);
                case "env" -> environment = value;
                default ->
                        throw new Failure.Invalid(
                                "unexpected key '%s' in '%s'"
                                        .formatted(Printable.of(key), Printable.of(field)));
            }
        }

        private Failure.Invalid unexpected(String key) {
            return new Failure.Invalid(
                    "unexpected key '%s' for mount type '%s'".formatted(key, name(type)));
        }

        RunMount done() {
            boolean files = type == Type.SECRET || type == Type.SSH || type == Type.CACHE;
            checkAllowed(files, "mode", mode);
            checkAllowed(files, "uid", uid);
            checkAllowed(files, "gid", gid);
            if (type == Type.SECRET) {
                if (!from.isEmpty()) {
                    throw new Failure.Invalid("secret mount should not have a from");
                } else if (source.isEmpty() && target.isEmpty() && id.isEmpty()) {
                    throw new Failure.Invalid(
                            "invalid secret mount. one of source, target required");
                } else if (!source.isEmpty() && !id.isEmpty()) {
                    throw new Failure.Invalid("both source and id can't be set");
                }
            }
            if (sharing != null && type != Type.CACHE) {
                throw new Failure.Invalid("invalid cache sharing set for " + name(type) + " mount");
            }
            boolean needsTarget = type == Type.BIND || type == Type.CACHE || type == Type.TMPFS;
            if (needsTarget && target.isEmpty()) {
                throw new Failure.Invalid("mount of type " + name(type) + " needs a target");
            }
            return new RunMount(
                    type,
                    from,
                    source,
                    target,
                    readOnly != null ? readOnly : type != Type.CACHE && type != Type.TMPFS,
                    id,
                    sharing == null ? Sharing.SHARED : sharing,
                    required,
                    environment,
                    mode,
                    uid == null ? 0 : uid,
                    gid == null ? 0 : gid,
                    sizeLimit);
        }

        private void checkAllowed(boolean allowed, String key, @Nullable Integer value) {
            if (!allowed && value != null) {
                throw new Failure.Invalid(
                        "%s not allowed for \"%s\" type mounts".formatted(key, name(type)));
            }
        }
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <T extends Enum<T>> T choice(Class<T> type, String value, String refusal) {
        for (T each : type.getEnumConstants()) {
            if (name(each).equalsIgnoreCase(value)) {
                return each;
            }
        }
        throw new Failure.Invalid(refusal + " \"" + Printable.of(value) + "\"");
    }

    private static boolean flag(String key, String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "1", "t" -> true;
            case "false", "0", "f" -> false;
            default ->
                    throw new Failure.Invalid(
                            "invalid value for " + key + ": " + Printable.of(value));
        };
    }

    private static int number(String key, String value, int radix) {
        try {
            return Integer.parseUnsignedInt(value, radix);
        } catch (NumberFormatException e) {
            throw new Failure.Invalid("invalid value " + Printable.of(value) + " for " + key);
        }
    }
}
