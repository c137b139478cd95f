package dev.rung.oci.json;

/** The literal null. */
public enum JsonNull implements Json {
    NULL;

    @Override
    public String kind() {
        return "null";
    }
}
