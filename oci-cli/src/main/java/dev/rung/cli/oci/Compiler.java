package dev.rung.cli.oci;

import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.isolation.HostDescription;

/** Makes the program of a new container. */
interface Compiler {
    /** Whether the process is told where to say that it is ready. */
    boolean notifies();

    Compiled compile(Call call, Bundle bundle, HostDescription host, ContainerRequest request);
}
