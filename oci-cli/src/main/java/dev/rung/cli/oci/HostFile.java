package dev.rung.cli.oci;

import dev.rung.isolation.HostDescription;
import dev.rung.isolation.HostDescription.Caller;
import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import dev.rung.isolation.HostDescription.Layout;
import dev.rung.isolation.HostDescription.Resctrl;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A host description as JSON, so that a bundle can be explained for another host. */
final class HostFile {
    private HostFile() {}

    static byte[] write(HostDescription host) {
        var writer = JsonWriter.indented("  ");
        Caller caller = host.caller();
        writer.beginObject()
                .field("machine", host.machine())
                .field("kernelRelease", host.kernelRelease());
        writer.name("caller")
                .beginObject()
                .field("uid", caller.uid())
                .field("gid", caller.gid())
                .field("effective", Long.toHexString(caller.effective()))
                .field("bounding", Long.toHexString(caller.bounding()))
                .field("initialUserNamespace", caller.initialUserNamespace())
                .endObject();
        writer.name("cgroups")
                .beginObject()
                .field("layout", host.cgroups().layout().name().toLowerCase(Locale.ROOT));
        writer.name("hierarchies").beginArray();
        for (Hierarchy hierarchy : host.cgroups().hierarchies()) {
            writer.beginObject()
                    .field("mountPoint", hierarchy.mountPoint())
                    .field("root", hierarchy.root())
                    .field("own", hierarchy.own())
                    .field("controllers", hierarchy.controllers())
                    .field("unified", hierarchy.unified())
                    .endObject();
        }
        writer.endArray().endObject();
        writer.field("lastCapability", host.lastCapability())
                .field("appArmor", host.appArmor())
                .field("seLinux", host.seLinux())
                .field("timeNamespaces", host.timeNamespaces())
                .field("kcore", host.kcore());
        Resctrl resctrl = host.resctrl();
        if (resctrl != null) {
            writer.name("resctrl")
                    .beginObject()
                    .field("mountPoint", resctrl.mountPoint())
                    .field("cache", resctrl.cache())
                    .field("bandwidth", resctrl.bandwidth())
                    .endObject();
        }
        return writer.endObject().bytes();
    }

    /** Reads what {@link #write} wrote, perhaps changed by a person. */
    static HostDescription read(String file, byte[] json) {
        JsonFields fields = JsonFields.read(file, json);
        JsonFields caller = fields.object("caller");
        JsonFields cgroups = fields.object("cgroups");
        var hierarchies = new ArrayList<Hierarchy>();
        for (JsonFields hierarchy : cgroups.objects("hierarchies")) {
            hierarchies.add(
                    new Hierarchy(
                            hierarchy.text("mountPoint"),
                            hierarchy.text("root"),
                            hierarchy.text("own"),
                            hierarchy.texts("controllers"),
                            hierarchy.flag("unified")));
        }
        return new HostDescription(
                fields.text("machine"),
                fields.text("kernelRelease"),
                new Caller(
                        caller.integer("uid", 0, JsonFields.MAX_UINT32),
                        caller.integer("gid", 0, JsonFields.MAX_UINT32),
                        mask(caller, "effective"),
                        mask(caller, "bounding"),
                        caller.flag("initialUserNamespace")),
                new Cgroups(layout(cgroups), List.copyOf(hierarchies)),
                (int) fields.integer("lastCapability", 0, 63),
                fields.flag("appArmor"),
                fields.flag("seLinux"),
                resctrl(fields.optionalObject("resctrl")),
                fields.flag("timeNamespaces"),
                fields.flag("kcore"));
    }

    private static @Nullable Resctrl resctrl(@Nullable JsonFields fields) {
        return fields == null
                ? null
                : new Resctrl(
                        fields.text("mountPoint"), fields.flag("cache"), fields.flag("bandwidth"));
    }

    private static long mask(JsonFields fields, String name) {
        try {
            return Long.parseUnsignedLong(fields.text(name), 16);
        } catch (NumberFormatException _) {
            throw fields.invalid(name, "want hexadecimal digits, as in /proc/PID/status");
        }
    }

    private static Layout layout(JsonFields fields) {
        String text = fields.text("layout");
        for (Layout layout : Layout.values()) {
            if (layout.name().toLowerCase(Locale.ROOT).equals(text)) {
                return layout;
            }
        }
        throw fields.invalid("layout", "want none, legacy or unified, got \"" + text + "\"");
    }
}
