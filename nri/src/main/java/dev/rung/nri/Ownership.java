package dev.rung.nri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.nri.v1alpha1.CompoundFieldOwners;
import dev.rung.nri.v1alpha1.Field;
import dev.rung.nri.v1alpha1.FieldOwners;
import dev.rung.nri.v1alpha1.OwningPlugins;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which plug-in has set what of which container: each thing is set by one plug-in alone, unless
 * that takes away first what another has set.
 */
final class Ownership {
    /** A plug-in that has taken something away, and may set it, is noted so. */
    private static final String TAKEN = "-";

    /**
     * One thing.
     *
     * @param entry of a field that has many, such as an annotation's name; null of others
     */
    private record Thing(String container, Field field, @Nullable String entry) {}

    private final Map<Thing, String> owners = new LinkedHashMap<>();

    /** WrongState when another plug-in has it. */
    void claim(String container, Field field, @Nullable String entry, String plugin) {
        var thing = new Thing(container, field, entry);
        String owner = owners.get(thing);
        if (owner == null || owner.equals(TAKEN + plugin)) {
            owners.put(thing, plugin);
            return;
        }
        String other = owner.startsWith(TAKEN) ? owner.substring(TAKEN.length()) : owner;
        throw new Failure.WrongState(
                "NRI plug-ins \""
                        + plugin
                        + "\" and \""
                        + other
                        + "\" both tried to set "
                        + field.name()
                        + (entry == null ? "" : " " + Printable.of(entry)));
    }

    void claim(String container, Field field, String plugin) {
        claim(container, field, null, plugin);
    }

    /** Takes it away from whoever has it. */
    void clear(String container, Field field, @Nullable String entry, String plugin) {
        owners.put(new Thing(container, field, entry), TAKEN + plugin);
    }

    /** Of what several may add to. */
    void share(String container, Field field, String plugin) {
        owners.merge(new Thing(container, field, null), plugin, (some, more) -> some + "," + more);
    }

    OwningPlugins told() {
        var simple = new LinkedHashMap<String, FieldOwners.Builder>();
        var compound = new LinkedHashMap<String, Map<Integer, CompoundFieldOwners.Builder>>();
        owners.forEach((thing, owner) -> {
            String id = thing.container();
            int number = thing.field().getNumber();
            FieldOwners.Builder fields = simple.computeIfAbsent(id, _ -> FieldOwners.newBuilder());
            if (thing.entry() == null) {
                fields.putSimple(number, owner);
            } else {
                compound.computeIfAbsent(id, _ -> new LinkedHashMap<>())
                        .computeIfAbsent(number, _ -> CompoundFieldOwners.newBuilder())
                        .putOwners(thing.entry(), owner);
            }
        });
        var all = OwningPlugins.newBuilder();
        simple.forEach((id, fields) -> {
            compound.getOrDefault(id, Map.of())
                    .forEach((number, many) -> fields.putCompound(number, many.build()));
            all.putOwners(id, fields.build());
        });
        return all.build();
    }
}
