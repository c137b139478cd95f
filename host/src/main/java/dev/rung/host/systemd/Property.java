package dev.rung.host.systemd;

import java.util.ArrayList;
import java.util.List;

/** A property of a unit, as systemd's own interface names it. */
public record Property(String name, Value value) {
    /** Properties as the argument a(sv). */
    static Value all(List<Property> properties) {
        var entries = new ArrayList<Value>(properties.size());
        for (Property property : properties) {
            entries.add(
                    new Value.Fields(
                            List.of(Value.text(property.name), new Value.Boxed(property.value))));
        }
        return new Value.Items("(sv)", entries);
    }
}
