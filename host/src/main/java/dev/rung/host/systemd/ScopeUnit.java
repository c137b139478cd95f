package dev.rung.host.systemd;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import org.jspecify.annotations.Nullable;

/**
 * The unit that a container is.
 *
 * @param slice that it belongs to, such as "machine.slice"
 * @param name of the unit itself, a scope unless the config names a slice
 * @param container the last part of the config's path, for the unit's description
 */
public record ScopeUnit(String slice, String name, String container) {
    private static final String SLICE = ".slice";
    private static final String SCOPE = ".scope";
    private static final int LONGEST = 255;
    private static final String LETTERS =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";

    public ScopeUnit {
        expand(slice);
        if (name.length() > LONGEST || !onlyLetters(name)) {
            throw new Failure.Invalid(
                    "config.json: linux.cgroupsPath: \""
                            + Printable.of(name)
                            + "\": want the name of a unit of systemd");
        }
    }

    /**
     * The unit that a config's cgroupsPath means, "slice:prefix:name"; without one a unit of the
     * container's own name.
     *
     * @param user whether the caller's own systemd is asked
     */
    public static ScopeUnit of(@Nullable String cgroupsPath, ContainerId id, boolean user) {
        String usual = user ? "user.slice" : "system.slice";
        if (cgroupsPath == null || cgroupsPath.isEmpty()) {
            return new ScopeUnit(usual, name("rung", id.value()), id.value());
        }
        String[] parts = cgroupsPath.split(":", -1);
        if (parts.length != 3) {
            throw new Failure.Invalid(
                    "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \""
                            + Printable.of(cgroupsPath)
                            + "\" instead");
        }
        return new ScopeUnit(
                parts[0].isEmpty() ? usual : parts[0], name(parts[1], parts[2]), parts[2]);
    }

    private static String name(String prefix, String name) {
        return name.endsWith(SLICE) ? name : prefix + "-" + name + SCOPE;
    }

    /** Whether it is a slice, which may have other units in it. */
    public boolean isSlice() {
        return name.endsWith(SLICE);
    }

    /** Its control group below that of systemd, such as "/machine.slice/libpod-1.scope". */
    public String cgroup() {
        String folder = expand(slice);
        return (folder.equals("/") ? "" : folder) + "/" + name;
    }

    /**
     * The folder of a slice: each part of its name, cut at "-", is a slice in the one before
     * (systemd.slice(5)).
     */
    static String expand(String slice) {
        String name = slice.endsWith(SLICE) ? slice.substring(0, slice.length() - 6) : "";
        if (name.equals("-")) {
            return "/";
        }
        var path = new StringBuilder();
        int at = 0;
        while (at <= name.length()) {
            int dash = name.indexOf('-', at);
            int end = dash < 0 ? name.length() : dash;
            if (end == at || !onlyLetters(slice) || slice.length() > LONGEST) {
                throw new Failure.Invalid("invalid slice name: " + Printable.of(slice));
            }
            path.append('/').append(name, 0, end).append(SLICE);
            at = end + 1;
        }
        return path.toString();
    }

    private static boolean onlyLetters(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (LETTERS.indexOf(name.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }
}
