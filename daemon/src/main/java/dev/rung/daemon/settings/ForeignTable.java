package dev.rung.daemon.settings;

import dev.rung.daemon.settings.ForeignSettings.Remark;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.registry.TomlTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A table of another engine's configuration that is read to its end: whatever is not asked for is
 * remarked upon.
 */
final class ForeignTable {
    private final TomlTable table;
    private final String place;
    private final List<Remark> remarks;
    private final Set<String> used = new HashSet<>();

    ForeignTable(TomlTable table, String place, List<Remark> remarks) {
        this.table = table;
        this.place = place;
        this.remarks = remarks;
    }

    Set<String> names() {
        return table.names();
    }

    /** Empty when absent. */
    String text(String name) {
        used.add(name);
        String text = table.text(name);
        return text == null ? "" : text;
    }

    /** Empty when absent. */
    List<String> texts(String name) {
        used.add(name);
        List<String> texts = table.texts(name);
        return texts == null ? List.of() : texts;
    }

    /** Those of its keys that name absolute paths; the others are remarked upon. */
    List<Path> paths(String name) {
        return absolute(name, texts(name));
    }

    /** The same of one; null when absent. */
    @Nullable Path path(String name) {
        String text = text(name);
        List<Path> path = text.isEmpty() ? List.of() : absolute(name, List.of(text));
        return path.isEmpty() ? null : path.getFirst();
    }

    private List<Path> absolute(String name, List<String> texts) {
        var paths = new ArrayList<Path>();
        for (String text : texts) {
            if (text.startsWith("/")) {
                paths.add(Path.of(text).normalize());
            } else if (!text.isEmpty()) {
                remark(name, "\"" + Printable.of(text) + "\" is no absolute path");
            }
        }
        return paths;
    }

    boolean flag(String name) {
        used.add(name);
        Boolean flag = table.flag(name);
        return flag != null && flag;
    }

    /** Null when absent. */
    @Nullable Boolean optionalFlag(String name) {
        used.add(name);
        return table.flag(name);
    }

    /** Whether a thing is not switched off by a key that says so; null when absent. */
    @Nullable Boolean optionalDenial(String name) {
        Boolean flag = optionalFlag(name);
        return flag == null ? null : (Boolean) !flag;
    }

    /** Null when absent or empty; one that cannot be read is remarked upon. */
    @Nullable Duration time(String name) {
        String text = text(name);
        try {
            return PluginWishes.time(key(name), text);
        } catch (Failure.Invalid _) {
            remark(name, "\"" + Printable.of(text) + "\" is no time such as 500ms or 5s");
            return null;
        }
    }

    /** Null when absent. */
    @Nullable Long integer(String name) {
        used.add(name);
        return table.integer(name);
    }

    /** Null when absent. */
    @Nullable ForeignTable table(String name) {
        used.add(name);
        TomlTable inner = table.table(name);
        return inner == null ? null : new ForeignTable(inner, key(name), remarks);
    }

    /** Gives each table in it with its name. */
    void eachTable(BiConsumer<String, ForeignTable> taker) {
        for (String name : table.names()) {
            TomlTable inner = table.isTable(name) ? table.table(name) : null;
            if (inner != null) {
                used.add(name);
                taker.accept(name, new ForeignTable(inner, key(name), remarks));
            }
        }
    }

    private String key(String name) {
        boolean bare = name.matches("[A-Za-z0-9_-]+");
        String shown = bare ? name : "\"" + Printable.of(name) + "\"";
        return place.isEmpty() ? shown : place + "." + shown;
    }

    /** Remarks upon a key, which counts as asked for. */
    void remark(String name, String why) {
        used.add(name);
        remarks.add(new Remark(key(name), why));
    }

    /** Remarks upon the table itself. */
    void remark(String why) {
        remarks.add(new Remark(place, why));
    }

    /** Those asked for since, and what is left: with the reason of its name, or the usual one. */
    void end(Map<String, String> reasons, String usual) {
        for (String name : table.names()) {
            if (!used.contains(name) && !table.isIdle(name)) {
                remark(name, reasons.getOrDefault(name, usual));
            }
        }
    }

    /** The same, the usual reason being that there is nothing like it here. */
    void end(Map<String, String> reasons) {
        end(reasons, "Rung has no such setting");
    }

    /** The same with nothing that has a reason of its own. */
    void end() {
        end(Map.of());
    }
}
