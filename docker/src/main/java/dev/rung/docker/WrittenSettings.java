package dev.rung.docker;

import java.util.List;

/** What the person who runs the engine has written down, as {@code docker info} shows it. */
public interface WrittenSettings {
    /** Registries that need no encryption: hosts, and ranges of addresses. */
    List<String> insecureRegistries();

    /** Addresses of mirrors of Docker Hub. */
    List<String> mirrors();

    /** Labels of the engine, such as key=value. */
    List<String> labels();

    /** Whether each request is told in the log, with who sent it. */
    boolean debug();

    /** Whether there are checkpoints, as Docker has them only then. */
    boolean experimental();
}
