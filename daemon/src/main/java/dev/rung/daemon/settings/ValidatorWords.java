package dev.rung.daemon.settings;

import dev.rung.nri.ValidatorSettings;
import dev.rung.nri.ValidatorSettings.Restriction;
import dev.rung.oci.json.JsonFields;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is written down of the validator of plug-ins: here, for containerd, and for CRI-O. */
final class ValidatorWords {
    private static final String ENABLE = "enable";
    private static final String REQUIRED = "required-plugins";
    private static final String TOLERATED = "tolerate-missing-plugins-annotation";

    private ValidatorWords() {}

    static ValidatorSettings read(JsonFields fields) {
        Set<String> known = new HashSet<>(Set.of(ENABLE, REQUIRED, TOLERATED));
        Set<Restriction> rejected = EnumSet.noneOf(Restriction.class);
        for (Restriction restriction : Restriction.values()) {
            known.add(restriction.key());
            if (Boolean.TRUE.equals(fields.optionalFlag(restriction.key()))) {
                rejected.add(restriction);
            }
        }
        for (int i = 0; i < fields.size(); i++) {
            if (!known.contains(fields.name(i))) {
                throw fields.invalid(fields.name(i), "no such setting");
            }
        }
        List<String> required = fields.optionalTexts(REQUIRED);
        String tolerated = fields.optionalText(TOLERATED);
        return new ValidatorSettings(
                Boolean.TRUE.equals(fields.optionalFlag(ENABLE)),
                rejected,
                required == null ? List.of() : required,
                tolerated == null ? "" : tolerated);
    }

    /**
     * Of another engine's table.
     *
     * @param enable the key that has it asked
     * @param before what its other keys begin with
     */
    static ValidatorSettings foreign(ForeignTable table, String enable, String before) {
        Set<Restriction> rejected = EnumSet.noneOf(Restriction.class);
        for (Restriction restriction : Restriction.values()) {
            if (table.flag(before + underlined(restriction.key()))) {
                rejected.add(restriction);
            }
        }
        var settings =
                new ValidatorSettings(
                        table.flag(enable),
                        rejected,
                        table.texts(before + underlined(REQUIRED)),
                        table.text(before + underlined(TOLERATED)));
        table.end();
        return settings;
    }

    private static String underlined(String key) {
        return key.replace('-', '_');
    }

    /** The settings by their names. */
    static Map<String, Object> written(ValidatorSettings settings) {
        var all = new LinkedHashMap<String, Object>();
        all.put(ENABLE, settings.enabled());
        for (Restriction restriction : Restriction.values()) {
            if (settings.rejected().contains(restriction)) {
                all.put(restriction.key(), true);
            }
        }
        if (!settings.required().isEmpty()) {
            all.put(REQUIRED, settings.required());
        }
        if (!settings.tolerated().isEmpty()) {
            all.put(TOLERATED, settings.tolerated());
        }
        return all;
    }
}
