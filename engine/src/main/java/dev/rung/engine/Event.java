package dev.rung.engine;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened, as Docker tells it.
 *
 * @param type container, volume, ...
 * @param action such as start, or "exec_create: ls"
 * @param id of what it happened to
 * @param attributes of it, with its name
 */
public record Event(
        Instant time, String type, String action, String id, Map<String, String> attributes) {}
