package dev.rung.engine.monitor;

import java.nio.ByteBuffer;

/** What a monitor tells. */
public sealed interface MonitorEvent {
    /** The container wrote; only for those who are attached to that stream. */
    record Written(Output stream, ByteBuffer bytes) implements MonitorEvent {}

    /**
     * One is attached from here on: all that is written later comes as events.
     *
     * @param logBytes how much had been written before
     */
    record Attached(long logBytes) implements MonitorEvent {}

    /** The kernel killed processes of the container for want of memory, so many up to now. */
    record OomKilled(long kills) implements MonitorEvent {}

    /** Something that the container's owner should hear, once. */
    record Notice(String text) implements MonitorEvent {}

    /** The container has ended, and that is written down. Nothing comes afterwards. */
    record Ended(ExitRecord exit) implements MonitorEvent {}

    /**
     * The connection is cut and there is no exit record: the monitor was killed, or had no patience
     * with us any more. {@link MonitorFinding#of} tells which. Nothing comes afterwards.
     */
    record Lost() implements MonitorEvent {}
}
