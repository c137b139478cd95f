package dev.rung.rpc.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request.
 *
 * @param path without escapes, beginning with a slash
 * @param rawPath as it came
 * @param parameters of the query, in their order
 * @param isOld whether it is HTTP/1.0
 */
public record HttpRequest(
        String method,
        String path,
        String rawPath,
        List<Parameter> parameters,
        HttpHeaders headers,
        boolean isOld) {

    /** A part of the query. */
    public record Parameter(String name, String value) {}

    /** The first parameter of that name. */
    public @Nullable String parameter(String name) {
        for (Parameter each : parameters) {
            if (each.name.equals(name)) {
                return each.value;
            }
        }
        return null;
    }

    public List<String> parameters(String name) {
        var all = new ArrayList<String>();
        for (Parameter each : parameters) {
            if (each.name.equals(name)) {
                all.add(each.value);
            }
        }
        return all;
    }

    /** Whether the connection can take another request (RFC 9112, section 9.3). */
    boolean keepsConnection() {
        return isOld
                ? headers.has("Connection", "keep-alive")
                : !headers.has("Connection", "close");
    }
}
