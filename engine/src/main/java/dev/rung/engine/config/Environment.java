package dev.rung.engine.config;

import java.util.ArrayList;
import java.util.List;

/** The variables of a container's process. */
final class Environment {
    private static final String PATH =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Environment() {}

    /** Docker's own, then those of the config, which replace the former where they stand. */
    static List<String> of(Blueprint container) {
        var all = new ArrayList<String>();
        all.add(PATH);
        String hostname = container.hostname();
        all.add("HOSTNAME=" + (hostname.isEmpty() ? container.config().hostname() : hostname));
        if (container.config().tty()) {
            all.add("TERM=xterm");
        }
        for (String variable : container.config().env()) {
            put(all, variable);
        }
        return List.copyOf(all);
    }

    /** One without "=" takes the variable away. */
    private static void put(List<String> all, String variable) {
        int equals = variable.indexOf('=');
        String name = equals < 0 ? variable : variable.substring(0, equals);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).startsWith(name + "=")) {
                if (equals < 0) {
                    all.remove(i);
                } else {
                    all.set(i, variable);
                }
                return;
            }
        }
        if (equals >= 0) {
            all.add(variable);
        }
    }
}
