package dev.rung.host.systemd;

import java.util.ArrayList;
import java.util.List;

/** A value of D-Bus with its type (D-Bus specification, "Type System"). */
public sealed interface Value {
    /** The type's signature. */
    String signature();

    /** BOOLEAN. */
    record Flag(boolean value) implements Value {
        @Override
        public String signature() {
            return "b";
        }
    }

    /**
     * A whole number.
     *
     * @param type y, n, q, i, u, x or t
     * @param value for t with all 64 bits
     */
    record Whole(char type, long value) implements Value {
        @Override
        public String signature() {
            return String.valueOf(type);
        }

        /** How many bytes it takes, which it is aligned to as well. */
        int size() {
            return switch (type) {
                case 'y' -> 1;
                case 'n', 'q' -> 2;
                case 'i', 'u' -> 4;
                default -> 8;
            };
        }
    }

    /** DOUBLE. */
    record Real(double value) implements Value {
        @Override
        public String signature() {
            return "d";
        }
    }

    /**
     * A text.
     *
     * @param type s for a string, o for an object's path, g for a signature
     */
    record Words(char type, String value) implements Value {
        @Override
        public String signature() {
            return String.valueOf(type);
        }
    }

    /**
     * ARRAY.
     *
     * @param element the signature of each
     */
    record Items(String element, List<Value> values) implements Value {
        public Items {
            values = List.copyOf(values);
        }

        @Override
        public String signature() {
            return "a" + element;
        }
    }

    /** STRUCT. */
    record Fields(List<Value> values) implements Value {
        public Fields {
            values = List.copyOf(values);
        }

        @Override
        public String signature() {
            return "(" + Value.signature(values) + ")";
        }
    }

    /** DICT_ENTRY, which stands in arrays only. */
    record Entry(Value key, Value value) implements Value {
        @Override
        public String signature() {
            return "{" + key.signature() + value.signature() + "}";
        }
    }

    /** VARIANT. */
    record Boxed(Value value) implements Value {
        @Override
        public String signature() {
            return "v";
        }
    }

    static Value text(String value) {
        return new Words('s', value);
    }

    /** An unsigned number of 64 bits. */
    static Value unsigned(long value) {
        return new Whole('t', value);
    }

    /** An array of bytes. */
    static Value bytes(byte[] bytes) {
        var values = new ArrayList<Value>(bytes.length);
        for (byte one : bytes) {
            values.add(new Whole('y', one & 0xff));
        }
        return new Items("y", values);
    }

    static String signature(List<Value> values) {
        var all = new StringBuilder();
        for (Value value : values) {
            all.append(value.signature());
        }
        return all.toString();
    }
}
