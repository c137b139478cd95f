package dev.rung.tests.monitor;

import dev.rung.cli.oci.CommandLine;
import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.FrontEnds;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.monitor.Spawner;
import java.nio.file.Path;
import java.util.List;

/** A daemon to be killed: makes one monitor, says so, and waits. */
final class DaemonMain {
    private DaemonMain() {}

    /** Arguments: the id, the runtime's root, the bundle, the durable and the running folder. */
    public static void main(String[] arguments) throws InterruptedException {
        Spawner spawner =
                Spawner.start(
                        MonitorRoom.EXECUTOR,
                        MonitorRoom.ENVIRONMENT,
                        new CommandLine(),
                        new FrontEnds());
        System.out.println("begins");
        spawner.create(
                new MonitorOrder(
                        new ContainerId(arguments[0]),
                        new ContainerFolders(Path.of(arguments[3]), Path.of(arguments[4])),
                        new MonitorRuntime.Host(),
                        List.of("--root", arguments[1]),
                        List.of("--bundle", arguments[2]),
                        MonitorRoom.INPUT,
                        LogSettings.json(MonitorRoom.LOG),
                        false));
        System.out.println("created");
        Thread.sleep(Long.MAX_VALUE);
    }
}
