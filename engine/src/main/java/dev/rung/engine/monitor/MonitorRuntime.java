package dev.rung.engine.monitor;

import java.nio.file.Path;

/** Who creates a monitor's container. */
public sealed interface MonitorRuntime {
    /** This JVM, answering the monitor as rung-oci's resident answers its front ends. */
    record Host() implements MonitorRuntime {}

    /** The binary of any OCI runtime. */
    record External(Path binary) implements MonitorRuntime {}
}
