package dev.rung.rpc.http;

import java.io.IOException;

/** Answers requests, each on the thread of its connection. */
@FunctionalInterface
public interface HttpHandler {
    /**
     * Answers one request. An IOException ends the connection; so does an HttpRefusal, which the
     * peer is told of if nothing was answered yet.
     */
    void handle(HttpExchange exchange) throws IOException;
}
