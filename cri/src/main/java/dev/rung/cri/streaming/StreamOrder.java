package dev.rung.cri.streaming;

import java.util.List;

/** What a client will get when it comes. */
public sealed interface StreamOrder {
    /** A part of the address, for people who read logs. */
    String verb();

    /** Which streams of a process; a terminal has no stderr. */
    record Wanted(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}

    /** A new process in a container. */
    record Exec(String container, List<String> command, Wanted wanted) implements StreamOrder {
        @Override
        public String verb() {
            return "exec";
        }
    }

    /** The streams of a container's own process. */
    record Attach(String container, Wanted wanted) implements StreamOrder {
        @Override
        public String verb() {
            return "attach";
        }
    }

    /**
     * Ports of a pod.
     *
     * @param ports those that the old WebSocket protocol opens at once; others are asked for later
     */
    record Forward(String pod, List<Integer> ports) implements StreamOrder {
        @Override
        public String verb() {
            return "portforward";
        }
    }
}
