package dev.rung.oci;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fields whose text is one of a closed list: enums that print as the specification's text. */
final class Choice {
    private Choice() {}

    static <E extends Enum<E>> E required(JsonFields fields, String name, E[] all) {
        E found = optional(fields, name, all);
        if (found == null) {
            throw fields.invalid(name, "want " + oneOf(all) + ", it is required");
        }
        return found;
    }

    /** Null when absent or empty. */
    static <E extends Enum<E>> @Nullable E optional(JsonFields fields, String name, E[] all) {
        String text = fields.optionalText(name);
        if (text == null) {
            return null;
        }
        E found = find(text, all);
        if (found == null) {
            throw fields.invalid(name, wrong(text, all));
        }
        return found;
    }

    /** Null when absent; an empty array gives an empty list. */
    static <E extends Enum<E>> @Nullable List<E> list(JsonFields fields, String name, E[] all) {
        List<String> texts = fields.optionalTexts(name);
        if (texts == null) {
            return null;
        }
        var list = new ArrayList<E>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            E found = find(texts.get(i), all);
            if (found == null) {
                throw invalid(fields, name, i, texts.get(i), all);
            }
            list.add(found);
        }
        return List.copyOf(list);
    }

    /** Empty when absent. */
    static <E extends Enum<E>> List<E> listOrEmpty(JsonFields fields, String name, E[] all) {
        List<E> list = list(fields, name, all);
        return list == null ? List.of() : list;
    }

    private static <E extends Enum<E>> @Nullable E find(String text, E[] all) {
        for (E one : all) {
            if (one.toString().equals(text)) {
                return one;
            }
        }
        return null;
    }

    private static <E extends Enum<E>> Failure.Invalid invalid(
            JsonFields fields, String name, int index, String got, E[] all) {
        return fields.invalid(name, index, wrong(got, all));
    }

    private static <E extends Enum<E>> String wrong(String got, E[] all) {
        return "want " + oneOf(all) + ", got \"" + Printable.of(got) + "\"";
    }

    private static <E extends Enum<E>> String oneOf(E[] all) {
        var words = new StringBuilder("one of ");
        for (int i = 0; i < all.length; i++) {
            words.append(i == 0 ? "" : ", ").append(all[i]);
        }
        return words.toString();
    }
}
