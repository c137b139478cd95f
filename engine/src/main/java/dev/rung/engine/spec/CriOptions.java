package dev.rung.engine.spec;

import dev.rung.oci.IdMapping;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the Kubernetes CRI asks of the machine and Docker has no words for.
 *
 * @param log the file that it is logged to in the form of CRI; empty: the engine's own log
 * @param maskedPaths null: the usual ones
 * @param readonlyPaths null: the usual ones
 * @param strictGroups whether it has no groups but those that were asked for, whatever the image's
 *     /etc/group says
 * @param ambient capabilities that programs without privileges of their own keep, too
 * @param flat whether containers' cgroups lie in the parent as it is, which is somebody else's
 * @param hugePages limits in bytes by size, such as 2MB
 * @param unified values of files of cgroup version 2 by their names
 * @param uids users of a pod's own user namespace; none: it is the host's
 * @param gids groups of it
 * @param patch changes of config.json, as ConfigPatch has them; empty: none
 * @param annotations by which hooks are chosen; no runtime sees them
 * @param notes of whoever had it made, which mean nothing here
 */
public record CriOptions(
        String log,
        @Nullable List<String> maskedPaths,
        @Nullable List<String> readonlyPaths,
        boolean strictGroups,
        List<String> ambient,
        boolean flat,
        Map<String, String> hugePages,
        Map<String, String> unified,
        List<IdMapping> uids,
        List<IdMapping> gids,
        String patch,
        Map<String, String> annotations,
        Map<String, String> notes) {
    /** Nothing asked for. */
    public static final CriOptions NONE =
            new CriOptions(
                    "", null, null, false, List.of(), false, Map.of(), Map.of(), List.of(),
                    List.of(), "", Map.of(), Map.of());

    /** The users, which are the groups as well, of a pod's own user namespace; null without. */
    public @Nullable IdMapping userNamespace() {
        return uids.isEmpty() ? null : uids.getFirst();
    }

    /** The same with other limits, and changes of config.json. */
    public CriOptions amended(
            Map<String, String> newHugePages, Map<String, String> newUnified, String newPatch) {
        return new CriOptions(
                log,
                maskedPaths,
                readonlyPaths,
                strictGroups,
                ambient,
                flat,
                Map.copyOf(newHugePages),
                Map.copyOf(newUnified),
                uids,
                gids,
                newPatch,
                annotations,
                notes);
    }

    static CriOptions read(@Nullable JsonFields fields) {
        if (fields == null) {
            return NONE;
        }
        return new CriOptions(
                Texts.orEmpty(fields, "Log"),
                fields.optionalTexts("MaskedPaths"),
                fields.optionalTexts("ReadonlyPaths"),
                fields.flag("StrictGroups"),
                fields.texts("Ambient"),
                fields.flag("Flat"),
                fields.textMap("HugePages"),
                fields.textMap("Unified"),
                mappings(fields, "Uids"),
                mappings(fields, "Gids"),
                Texts.orEmpty(fields, "Patch"),
                fields.textMap("Annotations"),
                fields.textMap("Notes"));
    }

    private static List<IdMapping> mappings(JsonFields fields, String name) {
        var all = new ArrayList<IdMapping>();
        for (JsonFields each : fields.objects(name)) {
            all.add(
                    new IdMapping(
                            each.integer("Inside", 0, JsonFields.MAX_UINT32),
                            each.integer("Outside", 0, JsonFields.MAX_UINT32),
                            each.integer("Size", 1, JsonFields.MAX_UINT32)));
        }
        return List.copyOf(all);
    }

    /** Nothing where nothing was asked for. */
    public void write(JsonWriter to) {
        if (equals(NONE)) {
            return;
        }
        to.name("Cri").beginObject().optional("Log", log);
        if (maskedPaths != null) {
            to.field("MaskedPaths", maskedPaths);
        }
        if (readonlyPaths != null) {
            to.field("ReadonlyPaths", readonlyPaths);
        }
        if (strictGroups) {
            to.field("StrictGroups", true);
        }
        to.optional("Ambient", ambient);
        if (flat) {
            to.field("Flat", true);
        }
        to.optional("HugePages", hugePages).optional("Unified", unified);
        write(to, "Uids", uids);
        write(to, "Gids", gids);
        to.optional("Patch", patch).optional("Annotations", annotations);
        to.optional("Notes", notes).endObject();
    }

    private static void write(JsonWriter to, String name, List<IdMapping> mappings) {
        if (mappings.isEmpty()) {
            return;
        }
        to.name(name).beginArray();
        for (IdMapping each : mappings) {
            to.beginObject().field("Inside", each.containerId());
            to.field("Outside", each.hostId()).field("Size", each.size()).endObject();
        }
        to.endArray();
    }
}
