package dev.rung.engine;

import dev.rung.domain.ContainerId;

/** A state-changing step that has just been done: places at which tests end the engine. */
public enum Step {
    ROOT_PREPARED,
    RECORD_WRITTEN,
    ROOT_MOUNTED,
    BUNDLE_WRITTEN,
    CREATED,
    NETWORK_JOINED,
    STARTED,
    START_RECORDED,
    END_SEEN,
    RUNTIME_CLEARED,
    NETWORK_LEFT,
    ROOT_UNMOUNTED,
    STOP_RECORDED,
    LIMITS_RECORDED,
    LIMITS_APPLIED,
    RECORD_FORGOTTEN,
    ROOT_REMOVED,
    POD_RECORDED,
    NAMESPACES_HELD,
    POD_JOINED,
    POD_READY,
    POD_LIMITS_RECORDED,
    POD_LEFT,
    POD_FORGOTTEN;

    /** Is told of each. */
    public interface Listener {
        /** Nobody wants to know. */
        Listener NONE = (step, id) -> {};

        void done(Step step, ContainerId id);
    }
}
