package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request while it is answered, in the terms of Docker's API.
 *
 * @param names those in the path, in their order
 * @param experimental whether the daemon says of itself that it is
 */
record Call(
        HttpExchange exchange,
        ApiVersion version,
        List<String> names,
        String server,
        boolean experimental) {
    static final String JSON = "application/json";

    private static final int LONGEST_BODY = 4 << 20;

    String name() {
        return names.getFirst();
    }

    /** A parameter of the query; empty when it is not given. */
    String text(String parameter) {
        String text = exchange.request().parameter(parameter);
        return text == null ? "" : text;
    }

    /** As Docker reads it: whatever is not a word for no. */
    boolean flag(String parameter) {
        return flag(parameter, false);
    }

    boolean flag(String parameter, boolean absent) {
        String text = exchange.request().parameter(parameter);
        if (text == null) {
            return absent;
        }
        return switch (text.strip().toLowerCase(java.util.Locale.ROOT)) {
            case "", "0", "no", "false", "none" -> false;
            default -> true;
        };
    }

    /** Null when it is not given. */
    @Nullable Long number(String parameter) {
        String text = text(parameter);
        try {
            return text.isEmpty() ? null : Long.valueOf(text);
        } catch (NumberFormatException _) {
            throw new Failure.Invalid("strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }

    Filters filters() {
        return Filters.parse(text("filters"));
    }

    /** The body, which must be a JSON object. */
    JsonFields body() throws IOException {
        JsonFields fields = optionalBody();
        if (fields == null) {
            throw new Failure.Invalid("invalid JSON: got EOF while reading request body");
        }
        return fields;
    }

    /** Null when there is no body. */
    @Nullable JsonFields optionalBody() throws IOException {
        byte[] body = exchange.bodyUpTo(LONGEST_BODY);
        if (body.length == 0) {
            return null;
        }
        String type = exchange.request().headers().get("Content-Type");
        String bare = type == null ? "" : type.split(";", 2)[0].strip();
        if (!bare.equals(JSON)) {
            throw new Failure.Invalid(
                    "unsupported Content-Type header ("
                            + dev.rung.domain.Printable.of(bare)
                            + "): must be 'application/json'");
        }
        return JsonFields.read("invalid JSON", body);
    }

    HttpHeaders headers(String contentType) {
        var headers = headers();
        return contentType.isEmpty() ? headers : headers.add("Content-Type", contentType);
    }

    /** Those of every answer. */
    HttpHeaders headers() {
        return new HttpHeaders()
                .add("Api-Version", ApiVersion.NEWEST.toString())
                .add("Docker-Experimental", Boolean.toString(experimental))
                .add("Ostype", "linux")
                .add("Server", server);
    }

    void empty(int status) throws IOException {
        exchange.answer(status, headers(), new byte[0]);
    }

    void json(int status, Consumer<JsonWriter> content) throws IOException {
        var writer = JsonWriter.compact();
        content.accept(writer);
        answer(status, JSON, writer.asLine());
    }

    void answer(int status, String contentType, String content) throws IOException {
        answer(status, contentType, content.getBytes(StandardCharsets.UTF_8));
    }

    void answer(int status, String contentType, byte[] content) throws IOException {
        exchange.answer(status, headers(contentType), content);
    }

    BodyOutput stream(String contentType) {
        return exchange.stream(200, headers(contentType));
    }
}
