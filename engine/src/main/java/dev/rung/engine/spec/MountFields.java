package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.spec.MountOption.Recursion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of {@code --mount}, while they are read. */
final class MountFields {
    private MountOption.Type type = MountOption.Type.VOLUME;
    private String source = "";
    private String target = "";
    private String propagation = "";
    private boolean readOnly;
    private boolean makesSource;
    private boolean copies = true;
    private Recursion recursion = Recursion.ENABLED;
    private String subpath = "";
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final Map<String, String> driverOptions = new LinkedHashMap<>();

    MountOption read(String text) {
        var used = new ArrayList<String>();
        for (String field : split(text)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? field : field.substring(0, equals);
            take(field, key, equals < 0 ? "" : field.substring(equals + 1));
            used.add(key);
        }
        if (target.isEmpty()) {
            throw new Failure.Invalid("target is required");
        }
        for (String key : used) {
            int dash = key.indexOf('-');
            String kind = dash < 0 ? "" : key.substring(0, dash);
            if (!kind.isEmpty() && !kind.equals(type.toString())) {
                throw new Failure.Invalid(
                        "cannot mix '" + kind + "-*' options with mount type '" + type + "'");
            }
        }
        if (type == MountOption.Type.VOLUME && !source.isEmpty()) {
            VolumeName.check(source);
        }
        return new MountOption(
                type,
                source,
                target,
                readOnly,
                propagation,
                List.copyOf(options),
                makesSource,
                copies,
                recursion,
                subpath,
                Map.copyOf(labels),
                Map.copyOf(driverOptions));
    }

    private void take(String field, String key, String value) {
        switch (key) {
            case "type" -> type = MountOption.type(value);
            case "source", "src" -> source = value;
            case "target", "dst", "destination" -> target = value;
            case "readonly", "ro" -> readOnly = MountOption.flag(field, value);
            case "bind-propagation" -> propagation = value;
            case "bind-recursive" -> recursion = Recursion.parse(value);
            case "bind-nonrecursive" ->
                    recursion =
                            MountOption.flag(field, value) ? Recursion.DISABLED : Recursion.ENABLED;
            case "bind-create-src" -> makesSource = MountOption.flag(field, value);
            case "volume-nocopy" -> copies = !MountOption.flag(field, value);
            case "volume-subpath", "image-subpath" -> subpath = value;
            case "volume-label" -> put(labels, value);
            case "volume-opt" -> put(driverOptions, value);
            case "volume-driver" -> MountOption.checkDriver(value);
            case "tmpfs-size" -> options.add("size=" + ByteSize.parse(value));
            case "tmpfs-mode" -> options.add("mode=" + octal(value));
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

    private static void put(Map<String, String> map, String pair) {
        int equals = pair.indexOf('=');
        map.put(
                equals < 0 ? pair : pair.substring(0, equals),
                equals < 0 ? "" : pair.substring(equals + 1));
    }

    private static String octal(String text) {
        try {
            return Integer.toOctalString(Integer.parseInt(text, 8) & 07777);
        } catch (NumberFormatException _) {
            throw new Failure.Invalid("invalid value for tmpfs-mode: " + Printable.of(text));
        }
    }

    /** At commas, but not at those in double quotes, which hold a field that has some. */
    private static List<String> split(String text) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                boolean twice = quoted && i + 1 < text.length() && text.charAt(i + 1) == '"';
                if (twice) {
                    field.append('"');
                    i++;
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
}
