package dev.rung.docker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A method and a path, and what answers them. In the path {@code {}} is a name without a slash and
 * {@code {*}} one that may have some, as images have.
 */
record Route(String method, List<String> path, Action action) {
    private static final String NAME = "{}";
    private static final String LONG_NAME = "{*}";

    /** Answers a request. */
    interface Action {
        void answer(Call call) throws IOException, InterruptedException;
    }

    static Route of(String method, String path, Action action) {
        return new Route(method, List.of(path.substring(1).split("/")), action);
    }

    /** The names in a path that fits; null when it does not. */
    @Nullable List<String> names(List<String> parts) {
        int own = path.size();
        int place = path.indexOf(LONG_NAME);
        if (place < 0 ? parts.size() != own : parts.size() < own) {
            return null;
        }
        int more = parts.size() - own;
        var names = new ArrayList<String>();
        for (int i = 0; i < own; i++) {
            int at = place >= 0 && i > place ? i + more : i;
            String part = parts.get(at);
            if (i == place) {
                names.add(String.join("/", parts.subList(at, at + more + 1)));
            } else if (path.get(i).equals(NAME)) {
                names.add(part);
            } else if (!path.get(i).equals(part)) {
                return null;
            }
        }
        return names.contains("") ? null : names;
    }
}
