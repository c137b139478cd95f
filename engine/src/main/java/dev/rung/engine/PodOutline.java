package dev.rung.engine;

import dev.rung.engine.record.PodRecord;

/**
 * What there is to know of a pod without looking at what is in it.
 *
 * @param ready whether what its containers share is there
 */
public record PodOutline(PodRecord record, boolean ready) {}
