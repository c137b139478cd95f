package dev.rung.rpc.http;

import java.time.Duration;

/**
 * What a peer may cost.
 *
 * @param headBytes of a request's first line and header fields together
 * @param fields header fields of a request
 * @param headTime from the first byte of a request to the last of its head
 * @param bodyStall without a byte of a body
 * @param writeStall without a byte of an answer taken
 * @param connections at once
 */
public record HttpLimits(
        int headBytes,
        int fields,
        Duration headTime,
        Duration bodyStall,
        Duration writeStall,
        int connections) {
    /** Heads hold credentials for all registries of a person, base64. */
    public static final HttpLimits USUAL =
            new HttpLimits(
                    256 * 1024,
                    256,
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(10),
                    4096);
}
