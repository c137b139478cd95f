package dev.rung.tests.drivers;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.HostSnapshot;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the programs that drive a runtime live for a class of tests: mount and network namespaces
 * of their own, with a private /run, a private /etc that knows the user {@link #USER}, a fresh
 * /sys, a shared / and a loopback interface, and a folder. Other runtimes cannot be executed in it,
 * so nothing falls back to them unseen.
 */
final class Room implements AutoCloseable {
    /** An ordinary user with subordinate ids. */
    static final String USER = "tester";

    static final int UID = 7777;

    /** The first of the 65536 subordinate uids and gids of {@link #USER}. */
    static final int FIRST_SUBORDINATE = 200_000;

    /** An image reference, the same for all programs. */
    static final String IMAGE = "docker.io/library/rung-test:1";

    /** One that does nothing until it is stopped. */
    static final String PAUSE_IMAGE = "docker.io/library/rung-test:pause";

    private static final String SCRIPT =
            """
            set -e
            folder=$1 hidden=$2 runtime=$3 user=$4 uid=$5 subordinate=$6
            mkdir "$folder/cgroups"
            mount --rbind /sys/fs/cgroup "$folder/cgroups"
            mount -t sysfs sysfs /sys # of the new network namespace
            mount --rbind "$folder/cgroups" /sys/fs/cgroup
            umount --lazy "$folder/cgroups"
            rmdir "$folder/cgroups"
            mount -t tmpfs -o mode=755 tmpfs /run
            mkdir -p /run/.etc/upper /run/.etc/work "/run/user/$uid"
            chown "$uid:$uid" "/run/user/$uid"
            mount -t overlay -o lowerdir=/etc,upperdir=/run/.etc/upper,workdir=/run/.etc/work overlay /etc
            echo "$user:x:$uid:$uid::$folder/home:/bin/sh" >>/etc/passwd
            echo "$user:x:$uid:" >>/etc/group
            echo "$user:$subordinate:65536" | tee /etc/subuid >/etc/subgid
            # dockerd wants an executable runc, if only to ask for its version
            printf '#!/bin/sh\\nexit 97\\n' >/run/.hidden
            chmod 755 /run/.hidden
            for program in $hidden; do
                mount --bind /run/.hidden "$program"
            done
            if [ "$runtime" = crun ] && mountpoint -q /sys/fs/cgroup/unified; then
                umount /sys/fs/cgroup/unified # crun refuses this layout
            fi
            ip link set lo up
            mount --make-rshared /
            echo ready
            exec sleep infinity
            """;

    private final HostSnapshot before = HostSnapshot.now();
    private final Path folder;
    private final Running holder;
    private final Set<String> mountsBefore;
    private final List<Running> daemons = new ArrayList<>();

    Room() {
        try {
            folder = Files.createTempDirectory("rung-room");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectory(folder.resolve("home"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.of("chown", UID + ":" + UID, folder.resolve("home").toString()).succeed();
        List<String> enter =
                List.of("unshare", "--mount", "--net", "--propagation", "private", "sh", "-c");
        var words = new ArrayList<>(enter);
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        String hidden = String.join(" ", otherRuntimes());
        words.addAll(List.of(SCRIPT, "-", folder.toString(), hidden, runtime));
        words.addAll(List.of(USER, "" + UID, "" + FIRST_SUBORDINATE));
        holder = Command.of(words).start();
        holder.awaitOutput(output -> output.contains("ready"));
        mountsBefore = mounts();
    }

    /** Whether Rung's own runtime is judged, for the little that peers do otherwise. */
    static boolean isRung() {
        return OciRuntime.binaryUnderTest().getFileName().toString().equals("rung-oci");
    }

    Path folder() {
        return folder;
    }

    /** A file or folder in the room's folder. */
    Path path(String name) {
        return folder.resolve(name);
    }

    /** Writes a file in the room's folder, which any user may read. */
    Path write(String name, String text) {
        try {
            Path file = path(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A program in the room's namespaces. */
    Command command(List<String> arguments) {
        return Command.of(entering(arguments)).with("HOME", folder.toString());
    }

    /** The same by words. */
    Command command(String... arguments) {
        return command(List.of(arguments));
    }

    /** The words that run a program in the room's namespaces. */
    List<String> entering(List<String> arguments) {
        String pid = Long.toString(holder.pid());
        var words = new ArrayList<>(List.of("nsenter", "-t", pid, "--mount", "--net", "--"));
        words.addAll(arguments);
        return words;
    }

    /** A terminal with a program in it. */
    Terminal terminal(List<String> arguments) {
        return new Terminal(this, arguments);
    }

    /** Starts a daemon, and waits until its socket is there. */
    void daemon(Path socket, String... arguments) {
        Running daemon = command(arguments).start();
        daemons.add(daemon);
        Patience.await(
                () -> Files.exists(socket) || !daemon.isAlive(),
                () -> "no " + socket + " after a while: " + daemon.errors());
        if (!daemon.isAlive()) {
            throw new AssertionError(daemon.await(Duration.ZERO) + " ended at once");
        }
    }

    /** The process id of the last daemon started. */
    long daemonPid() {
        return daemons.getLast().pid();
    }

    /** What the daemons have logged. */
    String logs() {
        var logs = new StringBuilder();
        daemons.forEach(daemon -> logs.append(daemon.output()).append(daemon.errors()));
        return logs.toString();
    }

    /** A root file system of busybox and the observer, as the tar file that importers take. */
    Path rootfsArchive() {
        Path archive = path("rootfs.tar");
        String rootfs = rootfs().toString();
        Command.of("tar", "--create", "--file", archive.toString(), "-C", rootfs, ".").succeed();
        return archive;
    }

    /** The same as a folder. */
    Path rootfs() {
        Path bundle = path("image");
        return Files.exists(bundle) ? bundle.resolve("rootfs") : Bundle.in(bundle).rootfs();
    }

    /**
     * The same as an OCI image layout with an image tagged 1, whose command is {@code /observer},
     * and one tagged pause, whose command waits for SIGTERM.
     */
    Path imageLayout() {
        Path layout = path("layout");
        String image = layout + ":1";
        Command.of("umoci", "init", "--layout", layout.toString()).succeed();
        Command.of("umoci", "new", "--image", image).succeed();
        Command.of("umoci", "insert", "--image", image, rootfs().toString(), "/").succeed();
        String config = "umoci config --image " + image;
        Command.of(
                        Words.of(
                                config
                                        + " --config.env PATH=/bin:/usr/bin"
                                        + " --config.env ORIGIN=image --config.cmd /observer"))
                .succeed();
        Command.of(Words.of(config + " --tag pause --config.cmd /observer --config.cmd signals"))
                .succeed();
        Command.of("chmod", "--recursive", "a+rX", layout.toString()).succeed();
        return layout;
    }

    /** Ends the daemons, the last one first, by SIGTERM. */
    void endDaemons() {
        for (Running daemon : daemons.reversed()) {
            if (daemon.isAlive()) {
                daemon.signal("TERM");
                daemon.await(Duration.ofSeconds(30));
            }
            daemon.close();
        }
        daemons.clear();
    }

    /** Ends everything, then fails when something is left on the machine or was in the room. */
    @Override
    public void close() {
        endDaemons();
        killResidents();
        var left = new ArrayList<>(mounts());
        left.removeAll(mountsBefore);
        left.replaceAll(mount -> "mount " + mount);
        holder.close();
        left.addAll(before.waitForNothingLeft());
        if (!left.isEmpty()) {
            throw new AssertionError("left behind: " + String.join("; ", left));
        }
        Command.of("rm", "-rf", "--one-file-system", folder.toString()).succeed();
    }

    /**
     * Removes these cgroups in every hierarchy, as soon as what ends by itself has ended: a conmon
     * still cleans up behind a container that podman knows no more. Drivers make parents for the
     * cgroups of containers and leave them; one that still holds a container's is not removed, and
     * so found.
     */
    void removeCgroups(String... names) {
        for (String name : names) {
            try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
                for (Path hierarchy : hierarchies.toList()) {
                    Path cgroup = hierarchy.resolve(name);
                    Patience.await(() -> isRemoved(cgroup), () -> inside(cgroup));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static boolean isRemoved(Path cgroup) {
        try {
            Files.deleteIfExists(cgroup);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static String inside(Path cgroup) {
        String script = "find $0; for pid in $(cat $0/cgroup.procs); do ps -o args= -p $pid; done";
        return "not empty: " + Command.of("sh", "-c", script, cgroup.toString()).run().output();
    }

    /** Rung's own stays for the next caller; nobody will call it here again. */
    void killResidents() {
        for (String pid : processesInside()) {
            if (read(Path.of("/proc", pid, "cmdline")).contains("\0--listen\0")) {
                Command.of("kill", "-KILL", pid).run();
            }
        }
    }

    /** By the network, because rootless podman has a mount namespace of its own. */
    private List<String> processesInside() {
        String namespace = networkNamespace(Long.toString(holder.pid()));
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(process -> process.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .filter(pid -> networkNamespace(pid).equals(namespace))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String networkNamespace(String pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", pid, "ns/net")).toString();
        } catch (IOException _) {
            return "ended";
        }
    }

    private Set<String> mounts() {
        var mounts = new LinkedHashSet<String>();
        for (String line : read(Path.of("/proc/" + holder.pid() + "/mountinfo")).split("\n")) {
            mounts.add(line.split(" ")[4]);
        }
        return mounts;
    }

    private static List<String> otherRuntimes() {
        String own = real(OciRuntime.binaryUnderTest());
        return Stream.of("/usr/sbin/runc", "/usr/bin/runc", "/usr/bin/crun")
                .filter(program -> Files.exists(Path.of(program)))
                .filter(program -> !own.equals(real(Path.of(program))))
                .toList();
    }

    private static String real(Path file) {
        try {
            return file.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return ""; // the process has ended
        }
    }
}
