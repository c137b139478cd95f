package dev.rung.engine;

import java.time.Instant;
import java.util.Map;

/**
 * What is told of a secret; its value is not.
 *
 * @param id 25 hexadecimal digits
 * @param driver there is one: file
 */
public record Secret(
        String id,
        String name,
        Instant created,
        Instant updated,
        String driver,
        Map<String, String> labels) {}
