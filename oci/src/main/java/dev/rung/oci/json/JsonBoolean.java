package dev.rung.oci.json;

/** The literals true and false. */
public enum JsonBoolean implements Json {
    FALSE,
    TRUE;

    public static JsonBoolean of(boolean value) {
        return value ? TRUE : FALSE;
    }

    public boolean value() {
        return this == TRUE;
    }

    @Override
    public String kind() {
        return "a boolean";
    }
}
