package dev.rung.oci;

/** Where a container is in its life (runtime.md "State"); prints as in the specification. */
public enum ContainerStatus {
    CREATING("creating"),
    CREATED("created"),
    RUNNING("running"),
    /** Not of the specification: runc's word for a frozen container. */
    PAUSED("paused"),
    STOPPED("stopped");

    private final String text;

    ContainerStatus(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
