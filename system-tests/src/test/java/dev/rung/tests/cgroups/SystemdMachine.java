package dev.rung.tests.cgroups;

import dev.rung.testkit.Command;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A systemd that is process 1 of namespaces of its own, with a /run and control groups of its own,
 * and the runtimes that talk to it.
 */
final class SystemdMachine implements AutoCloseable {
    private static final String BOOT =
            """
            set -e
            folder=$1 target=$2 version=$3
            mount -t tmpfs -o mode=755 tmpfs /run
            mkdir -p /run/lock
            if [ "$version" = 2 ] && [ -e /sys/fs/cgroup/unified ]; then
                mkdir /run/unified
                mount --bind /sys/fs/cgroup/unified /run/unified
                umount --recursive --lazy /sys/fs/cgroup
                mount --bind /run/unified /sys/fs/cgroup
                umount --lazy /run/unified
                rmdir /run/unified
            fi
            export container=rung SYSTEMD_UNIT_PATH="$folder/units"
            exec unshare --pid --mount --fork --mount-proc --propagation shared \\
                /lib/systemd/systemd --system --unit="$target" --log-target=console --show-status=no
            """;

    private static final Map<String, String> UNITS =
            Map.of(
                    "alone.target",
                    "[Unit]\nDescription=nothing but what a test needs\n",
                    "bus.target",
                    "[Unit]\nWants=dbus.service\nAfter=dbus.service\n",
                    "dbus.socket",
                    """
                    [Unit]
                    DefaultDependencies=no
                    [Socket]
                    ListenStream=/run/dbus/system_bus_socket
                    """,
                    "dbus.service",
                    """
                    [Unit]
                    DefaultDependencies=no
                    Requires=dbus.socket
                    [Service]
                    Type=notify
                    NotifyAccess=main
                    ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation
                    """);

    private final Path folder;
    private final Running booted;
    private final long systemd;

    /**
     * Boots it.
     *
     * @param bus whether it has a bus besides its own socket
     * @param version of cgroups: 1 for the layout of this machine, 2 for version 2 alone
     */
    SystemdMachine(boolean bus, int version) {
        try {
            folder = Files.createTempDirectory("rung-systemd");
            Path units = Files.createDirectory(folder.resolve("units"));
            for (Map.Entry<String, String> unit : UNITS.entrySet()) {
                Files.writeString(units.resolve(unit.getKey()), unit.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String isolated = Path.of("scripts/isolated").toAbsolutePath().toString();
        booted =
                Command.of(
                                isolated,
                                "sh",
                                "-c",
                                BOOT,
                                "-",
                                folder.toString(),
                                bus ? "bus.target" : "alone.target",
                                Integer.toString(version))
                        .start();
        var found = new ArrayList<Long>();
        Patience.await(
                () -> {
                    ProcessHandle.of(booted.pid())
                            .ifPresent(top ->
                                    top.descendants()
                                            .filter(SystemdMachine::isSystemd)
                                            .forEach(one -> found.add(one.pid())));
                    return !found.isEmpty();
                },
                () -> "no systemd: " + booted.errors());
        systemd = found.getFirst();
        String socket = bus ? "/run/dbus/system_bus_socket" : "/run/systemd/private";
        Path waited = Path.of("/proc/" + systemd + "/root" + socket);
        Patience.await(() -> Files.exists(waited), () -> "no " + socket + ": " + booted.errors());
        if (bus) {
            Patience.await(
                    () ->
                            command("busctl", "status", "org.freedesktop.systemd1").run().status()
                                    == 0,
                    () -> "systemd is not on the bus: " + booted.errors());
        }
    }

    private static boolean isSystemd(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/systemd");
    }

    /** A program on the machine. */
    Command command(String... arguments) {
        return Command.of(arguments)
                .under(
                        "nsenter",
                        "-t",
                        Long.toString(systemd),
                        "--pid",
                        "--mount",
                        "--cgroup",
                        "--");
    }

    /** A runtime's command, with systemd as the driver of cgroups. */
    Command runtime(Path binary, String... arguments) {
        var words = new ArrayList<String>();
        words.add(binary.toString());
        words.addAll(List.of("--root", "/run/" + binary.getFileName(), "--systemd-cgroup"));
        words.addAll(List.of(arguments));
        return command(words.toArray(String[]::new));
    }

    /** Values of a unit's properties, in their order, one a line. */
    String properties(String unit, String names) {
        return command("systemctl", "show", "--property", names, unit).succeed().output();
    }

    /** What a file on the machine holds, without the end of the last line. */
    String read(String path) {
        return command("cat", path).succeed().output().strip();
    }

    /** Units and cgroups whose names contain a text. */
    String left(String name) {
        Outcome units =
                command("systemctl", "list-units", "--all", "--plain", "--no-legend").succeed();
        String cgroups =
                command("find", "/sys/fs/cgroup", "-name", "*" + name + "*").succeed().output();
        return units.output()
                        .lines()
                        .filter(line -> line.contains(name))
                        .reduce("", (all, line) -> all + line + "\n")
                + cgroups;
    }

    @Override
    public void close() {
        Command.of("kill", "-KILL", Long.toString(systemd)).run();
        booted.await(Duration.ofSeconds(30));
        booted.close();
        Command.of("rm", "-r", folder.toString()).succeed();
    }
}
