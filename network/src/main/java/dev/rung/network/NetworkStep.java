package dev.rung.network;

/** A step that changed something and has just been done: places at which tests end the engine. */
public enum NetworkStep {
    NETWORK_RECORDED,
    BRIDGE_MADE,
    NETWORK_MADE,
    ENDPOINT_RECORDED,
    LINKS_MADE,
    PORTS_PUBLISHED,
    PORTS_WITHDRAWN,
    LINKS_REMOVED,
    GATEWAY_RECORDED,
    BRIDGE_REMOVED,
    NETWORK_FORGOTTEN;

    /** Is told of each. */
    public interface Listener {
        /** Nobody wants to know. */
        Listener NONE = step -> {};

        void done(NetworkStep step);
    }
}
