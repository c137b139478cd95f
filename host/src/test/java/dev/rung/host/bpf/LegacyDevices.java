package dev.rung.host.bpf;

import java.util.ArrayList;
import java.util.List;

/** The devices controller of cgroup v1, as security/device_cgroup.c: a cgroup below the root. */
final class LegacyDevices {
    private boolean allowing = true;
    private final List<Entry> exceptions = new ArrayList<>();

    private record Entry(char type, long major, long minor, int access) {
        boolean isSameDevice(Entry other) {
            return type == other.type && major == other.major && minor == other.minor;
        }

        boolean isAbout(char what, long itsMajor, long itsMinor) {
            return type == what
                    && (major < 0 || major == itsMajor)
                    && (minor < 0 || minor == itsMinor);
        }
    }

    /** Writes a line such as "c 1:3 rwm" to devices.allow or devices.deny. */
    void write(boolean allow, String line) {
        if (line.startsWith("a")) {
            allowing = allow;
            exceptions.clear();
            return;
        }
        String[] words = line.split("[ :]");
        var rule =
                new Entry(
                        words[0].charAt(0),
                        number(words[1]),
                        number(words[2]),
                        Access.of(words[3]));
        if (allow == allowing) {
            remove(rule);
        } else {
            add(rule);
        }
    }

    /** Whether the access asked for is granted, all of it. */
    boolean grants(char type, long major, long minor, int access) {
        for (Entry exception : exceptions) {
            if (exception.isAbout(type, major, minor)) {
                if (allowing && (access & exception.access) != 0) {
                    return false;
                }
                if (!allowing && (access & ~exception.access) == 0) {
                    return true;
                }
            }
        }
        return allowing;
    }

    /** The content of devices.list. */
    String list() {
        if (allowing) {
            return "a *:* rwm\n";
        }
        var text = new StringBuilder();
        for (Entry one : exceptions) {
            var devices = new Devices(one.type == 'b', one.major, one.minor);
            text.append(devices.line(one.access)).append('\n');
        }
        return text.toString();
    }

    private void add(Entry rule) {
        for (int i = 0; i < exceptions.size(); i++) {
            Entry present = exceptions.get(i);
            if (present.isSameDevice(rule)) {
                exceptions.set(
                        i,
                        new Entry(rule.type, rule.major, rule.minor, present.access | rule.access));
                return;
            }
        }
        exceptions.add(rule);
    }

    private void remove(Entry rule) {
        for (int i = 0; i < exceptions.size(); i++) {
            Entry present = exceptions.get(i);
            if (present.isSameDevice(rule)) {
                int left = present.access & ~rule.access;
                exceptions.set(i, new Entry(rule.type, rule.major, rule.minor, left));
                if (left == 0) {
                    exceptions.remove(i);
                }
                return;
            }
        }
    }

    private static long number(String text) {
        return text.equals("*") ? -1 : Long.parseLong(text);
    }
}
