package dev.rung.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the observer said from inside a container: a value for each key, in its order. */
public record Observation(Map<String, String> values) {

    static Observation of(String output) {
        var values = new LinkedHashMap<String, String>();
        output.lines()
                .forEach(line -> {
                    String[] parts = line.split(" ", 2);
                    values.put(parts[0], parts.length > 1 ? parts[1] : "");
                });
        return new Observation(values);
    }

    /** The value of one key, such as {@code cwd} or {@code rlimit[nofile]}. */
    public String of(String key, Object... index) {
        String whole = index.length == 0 ? key : key + "[" + index[0] + "]";
        String value = values.get(whole);
        if (value == null) {
            throw new AssertionError("the observer did not say " + whole + ", only " + values);
        }
        return value;
    }

    /** Whether the key was said at all. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The values of {@code name[0]}, {@code name[1]} and so on, such as of {@code argv}. */
    public List<String> list(String name) {
        return List.copyOf(map(name).values());
    }

    /** The values of {@code name[KEY]} by KEY, such as of {@code rlimit}. */
    public Map<String, String> map(String name) {
        var found = new LinkedHashMap<String, String>();
        values.forEach((key, value) -> {
            if (key.startsWith(name + "[") && key.endsWith("]")) {
                found.put(key.substring(name.length() + 1, key.length() - 1), value);
            }
        });
        return found;
    }

    /** What is mounted, bottom first. */
    public List<MountLine> mounts() {
        var mounts = new ArrayList<MountLine>();
        for (String line : list("mountinfo")) {
            mounts.add(MountLine.of(line));
        }
        return mounts;
    }

    /** The topmost mount at exactly this place. */
    public MountLine mountAt(String place) {
        return mounts().reversed().stream()
                .filter(mount -> mount.place().equals(place))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing mounted at " + place));
    }
}
