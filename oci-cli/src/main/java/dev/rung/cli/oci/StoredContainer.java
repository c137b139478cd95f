package dev.rung.cli.oci;

import dev.rung.host.compile.HostMounts;
import dev.rung.host.compile.ResctrlGroup;
import dev.rung.host.systemd.SystemdAddress;
import dev.rung.oci.json.JsonFields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What state.json says, written by create before it does anything else.
 *
 * @param pid of the first process; 0 until there is one
 * @param startTime of that process as in /proc/PID/stat, so that another one with its number is not
 *     taken for it
 * @param cgroups absolute folders by controller, "" for version 2
 * @param rootlessCgroups whether cgroups that may not be made or joined are done without
 * @param unit of systemd that it is, null: none
 * @param resctrl groups that it is in, null: none
 * @param noNewKeyring whether it shares the session keyring of its maker
 * @param plain whether it has no hooks for its start and end, no devices of its own and its own pid
 *     namespace: then start and delete find all that they need here
 * @param hostMounts where the mounts are that outlive it, null: there are none
 */
record StoredContainer(
        String id,
        String ociVersion,
        String bundle,
        String rootfs,
        String created,
        String owner,
        int pid,
        long startTime,
        Map<String, String> cgroups,
        @Nullable Unit unit,
        @Nullable ResctrlGroup resctrl,
        boolean rootlessCgroups,
        boolean noNewKeyring,
        boolean plain,
        @Nullable HostMounts hostMounts,
        Map<String, String> annotations) {
    private static final long FORMAT = 1;

    static StoredContainer read(String file, byte[] json) {
        JsonFields fields = JsonFields.read(file, json);
        fields.integer("format", FORMAT, FORMAT);
        return new StoredContainer(
                fields.text("id"),
                fields.text("ociVersion"),
                fields.text("bundle"),
                fields.text("rootfs"),
                fields.text("created"),
                textOrEmpty(fields, "owner"),
                (int) fields.integer("pid", 0, Integer.MAX_VALUE),
                fields.unsigned("startTime"),
                fields.textMap("cgroups"),
                unit(fields.optionalObject("unit")),
                resctrl(fields.optionalObject("resctrl")),
                fields.flag("rootlessCgroups"),
                fields.flag("noNewKeyring"),
                fields.flag("plain"),
                hostMounts(fields.optionalObject("hostMounts")),
                fields.freeTexts("annotations"));
    }

    /** A unit by its name, and the systemd that knows it. */
    record Unit(String name, SystemdAddress systemd) {}

    private static @Nullable Unit unit(@Nullable JsonFields fields) {
        return fields == null
                ? null
                : new Unit(
                        fields.text("name"),
                        new SystemdAddress(
                                fields.flag("user"), fields.text("bus"), fields.text("direct")));
    }

    private static @Nullable ResctrlGroup resctrl(@Nullable JsonFields fields) {
        return fields == null
                ? null
                : new ResctrlGroup(
                        fields.text("group"),
                        fields.integer("own", 0, 1) == 1,
                        fields.optionalText("monitoring"));
    }

    private static @Nullable HostMounts hostMounts(@Nullable JsonFields fields) {
        return fields == null
                ? null
                : new HostMounts(fields.text("root"), fields.unsigned32s("before"));
    }

    private static String textOrEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }
}
