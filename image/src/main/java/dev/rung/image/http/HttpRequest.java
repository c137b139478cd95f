package dev.rung.image.http;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** One request to an absolute http or https address. */
public record HttpRequest(String method, URI uri, Headers headers, @Nullable RequestBody body) {}
