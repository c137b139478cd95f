package dev.rung.oci.json;

/** A text, escapes already resolved; it may hold a NUL. */
public record JsonString(String value) implements Json {
    @Override
    public String kind() {
        return "a string";
    }
}
