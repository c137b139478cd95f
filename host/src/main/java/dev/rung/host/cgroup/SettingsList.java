package dev.rung.host.cgroup;

import dev.rung.oci.Resources;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings in the order in which they are written. A number that config.json gives as 0 counts as
 * not given, as in runc, where nothing else is said.
 */
final class SettingsList {
    private final List<Setting> settings = new ArrayList<>();

    List<Setting> toList() {
        return List.copyOf(settings);
    }

    void add(Setting setting) {
        settings.add(setting);
    }

    void add(String controller, String file, String value, String key) {
        settings.add(Setting.of(controller, file, value, key));
    }

    void addGiven(String controller, String file, @Nullable Long value, String key) {
        if (value != null && value != 0) {
            add(controller, file, value.toString(), key);
        }
    }

    void addUnsigned(String controller, String file, @Nullable Long value, String key) {
        if (value != null && value != 0) {
            add(controller, file, Long.toUnsignedString(value), key);
        }
    }

    void addText(String controller, String file, @Nullable String value, String key) {
        if (value != null && !value.isEmpty()) {
            add(controller, file, value, key);
        }
    }

    void addThrottles(
            String file, String prefix, List<Resources.ThrottleDevice> devices, String key) {
        for (int i = 0; i < devices.size(); i++) {
            var device = devices.get(i);
            add(
                    "blkio",
                    file,
                    device.major()
                            + ":"
                            + device.minor()
                            + " "
                            + prefix
                            + Long.toUnsignedString(device.rate()),
                    key + "[" + i + "]");
        }
    }

    static boolean given(@Nullable Long value) {
        return value != null && value != 0;
    }

    static long orZero(@Nullable Long value) {
        return value == null ? 0 : value;
    }

    /** "max" for a negative limit. */
    static String limit(long value) {
        return value < 0 ? "max" : Long.toString(value);
    }
}
