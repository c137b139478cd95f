package dev.rung.tests.rootless;

import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where ordinary users live who have rung: mount and network namespaces with a private /etc that
 * knows them, a registry on the loopback interface, and a link to a world beyond, in which a web
 * server says "world".
 */
final class Town implements AutoCloseable {
    /** With busybox; /www says "hello" and belongs to user 1000, /other to 33:33. */
    static final String IMAGE = "127.0.0.1:5019/busybox:latest";

    static final String WORLD = "http://10.99.7.1/";

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Of each user that has subordinate ids. */
    private static final int FIRST_SUBORDINATE = 300_000;

    private static final int SUBORDINATES = 65_536;

    private static final String SCRIPT =
            """
            set -e
            folder=$1; shift
            mount -t tmpfs -o mode=755 tmpfs /run
            mkdir -p /run/.etc/upper /run/.etc/work
            mount -t overlay -o lowerdir=/etc,upperdir=/run/.etc/upper,workdir=/run/.etc/work overlay /etc
            : >/etc/subuid; : >/etc/subgid
            for user in "$@"; do
                name=${user%%:*} rest=${user#*:}; uid=${rest%%:*} first=${rest#*:}
                mkdir -p "/run/user/$uid" "$folder/$name"
                chmod 700 "/run/user/$uid" "$folder/$name"
                echo "$name:x:$uid:$uid::$folder/$name:/bin/sh" >>/etc/passwd
                echo "$name:x:$uid:" >>/etc/group
                [ "$first" = none ] || echo "$name:$first:65536" | tee -a /etc/subuid >>/etc/subgid
                chown "$uid:$uid" "/run/user/$uid" "$folder/$name"
            done
            ip link set lo up
            ip link add out type veth peer name in netns "$WORLD"
            ip addr add 10.99.7.2/24 dev out
            ip link set out up
            nsenter -t "$WORLD" --net sh -c 'ip link set lo up; ip addr add 10.99.7.1/24 dev in; ip link set in up'
            ip route add default via 10.99.7.1
            mount --make-rshared /
            echo ready
            exec sleep 1200
            """;

    private static final String MAKE_IMAGE =
            """
            set -e
            cd "$1"
            umoci init --layout layout
            umoci new --image layout:1
            umoci unpack --image layout:1 bundle
            root=bundle/rootfs
            mkdir -p $root/bin $root/etc $root/tmp $root/www $root/other
            cp /bin/busybox $root/bin/
            for name in $(/bin/busybox --list); do
                [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
            done
            printf 'root:x:0:0:root:/:/bin/sh\\njoe:x:1000:1001::/:/bin/sh\\n' >$root/etc/passwd
            printf 'root:x:0:\\njoe:x:1001:\\n' >$root/etc/group
            echo hello >$root/www/index.html
            chown -R 1000:1001 $root/www; chown 33:33 $root/other
            mknod $root/tmp/device c 1 3
            umoci repack --image layout:1 bundle
            umoci config --image layout:1 --config.cmd sh
            skopeo copy --dest-tls-verify=false oci:layout:1 "docker://$2"
            """;

    private final Path folder;
    private final Running world;
    private final Running holder;
    private final List<Running> servers = new ArrayList<>();

    /**
     * Somebody who lives here.
     *
     * @param subordinate whether there are subordinate ids for him
     * @param covered programs that he does not have
     */
    record Person(String name, int uid, boolean subordinate, List<String> covered) {
        int firstSubordinate() {
            return FIRST_SUBORDINATE + (uid - 7000) * SUBORDINATES;
        }

        private String entry() {
            return name + ":" + uid + ":" + (subordinate ? firstSubordinate() : "none");
        }

        private boolean is(int other) {
            return other == uid
                    || subordinate
                            && other >= firstSubordinate()
                            && other < firstSubordinate() + SUBORDINATES;
        }
    }

    Town(List<Person> people) {
        try {
            folder = Files.createTempDirectory("rung-town");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            world = Command.of("unshare", "--net", "sleep", "1200").start();
            Patience.await(
                    () -> !namespace(world.pid()).equals(namespace(own())), () -> "no world");
            var words =
                    new ArrayList<>(
                            List.of("unshare", "--mount", "--net", "--propagation", "private"));
            words.addAll(List.of("bash", "-c", SCRIPT, "-", folder.toString()));
            people.forEach(person -> words.add(person.entry()));
            holder = Command.of(words).with("WORLD", "" + world.pid()).start();
            holder.awaitOutput(output -> output.contains("ready"));
            startServers();
            inside("bash", "-c", MAKE_IMAGE, "-", folder.toString(), IMAGE).succeed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void startServers() throws IOException {
        Path config = folder.resolve("registry.yml");
        Files.writeString(
                config,
                "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: "
                        + folder.resolve("registry")
                        + "\nhttp:\n  addr: 127.0.0.1:5019\n");
        Path web = Files.createDirectory(folder.resolve("web"));
        Files.writeString(web.resolve("index.html"), "world\n");
        servers.add(inside("docker-registry", "serve", config.toString()).start());
        servers.add(
                Command.of(
                                List.of(
                                        "nsenter",
                                        "-t",
                                        "" + world.pid(),
                                        "--net",
                                        "busybox",
                                        "httpd",
                                        "-f",
                                        "-h",
                                        web.toString()))
                        .start());
        Patience.await(
                () -> fetch("http://127.0.0.1:5019/v2/").equals("{}"),
                () -> "the registry does not listen");
        Patience.await(() -> fetch(WORLD).equals("world\n"), () -> "no world to be seen");
    }

    /**
     * What there is to be read at an address by the town's own network; empty when nobody answers.
     */
    String fetch(String address) {
        return inside("curl", "--silent", "--max-time", "5", address).run().output();
    }

    private static long own() {
        return ProcessHandle.current().pid();
    }

    private static String namespace(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString();
        } catch (IOException _) {
            return "";
        }
    }

    /** A program as root. */
    Command inside(String... words) {
        var all =
                new ArrayList<>(
                        List.of("nsenter", "-t", "" + holder.pid(), "--mount", "--net", "--"));
        all.addAll(Arrays.asList(words));
        return Command.of(all).within(PATIENCE);
    }

    /** A program as somebody, in his home, with rung in his PATH. */
    Command as(Person person, List<String> words) {
        var all = new ArrayList<String>();
        if (!person.covered().isEmpty()) {
            var script = new StringBuilder("set -e; ");
            person.covered()
                    .forEach(
                            program -> script.append("mount --bind /etc/passwd " + program + "; "));
            all.addAll(List.of("unshare", "--mount", "--propagation", "slave"));
            all.addAll(List.of("sh", "-c", script + "exec \"$@\"", "-"));
        }
        all.addAll(personally(person, words));
        return inside(all.toArray(new String[0]));
    }

    private List<String> personally(Person person, List<String> words) {
        Path bin = OciRuntime.binaryUnderTest().toAbsolutePath().getParent();
        var all = new ArrayList<String>();
        String id = "" + person.uid();
        all.addAll(List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups"));
        all.addAll(List.of("env", "-i", "-C", home(person).toString()));
        all.add("PATH=" + bin + ":/usr/sbin:/usr/bin:/sbin:/bin");
        all.addAll(List.of("HOME=" + home(person), "XDG_RUNTIME_DIR=/run/user/" + id));
        all.addAll(words);
        return all;
    }

    /**
     * Shows version 2 of control groups alone, as far as this machine has it, and gives somebody a
     * cgroup of it, as systemd does for a unit with {@code Delegate=yes}.
     *
     * @return its folder
     */
    Path delegate(Person person) {
        Path cgroup = Path.of("/sys/fs/cgroup", person.name());
        String script =
                """
                umount --recursive --lazy /sys/fs/cgroup
                mount -t cgroup2 cgroup2 /sys/fs/cgroup
                mkdir "$1"
                chown "$2" "$1" "$1/cgroup.procs" "$1/cgroup.subtree_control"
                """;
        inside("sh", "-ec", script, "-", cgroup.toString(), "" + person.uid()).succeed();
        return cgroup;
    }

    /** A program as somebody, in a cgroup. */
    Command within(Path cgroup, Person person, String... words) {
        var all = new ArrayList<>(List.of("sh", "-ec", "echo 0 >$0/cgroup.procs; exec \"$@\""));
        all.add(cgroup.toString());
        all.addAll(personally(person, List.of(words)));
        return inside(all.toArray(new String[0]));
    }

    /** A call of rung. */
    Command rung(Person person, String... words) {
        var all = new ArrayList<>(List.of("rung"));
        all.addAll(Arrays.asList(words));
        return as(person, all);
    }

    /** The same in one line of words without blanks. */
    Command rung(Person person, String line) {
        return rung(person, line.split(" "));
    }

    Path home(Person person) {
        return folder.resolve(person.name());
    }

    /** A file in somebody's home, which is his. */
    Path write(Person person, String name, String text) {
        try {
            Path file = Files.writeString(home(person).resolve(name), text);
            String id = "" + person.uid();
            Command.of("chown", id + ":" + id, file.toString()).succeed();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The processes of somebody and of his subordinates, as number and command line. */
    List<String> processes(Person person) {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(path -> Character.isDigit(path.getFileName().toString().charAt(0)))
                    .filter(process -> isOf(person, process))
                    .map(process -> process.getFileName() + " " + text(process.resolve("cmdline")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOf(Person person, Path process) {
        String status = text(process.resolve("status"));
        int uid = status.indexOf("\nUid:\t");
        return uid >= 0
                && !status.contains("\nState:\tZ")
                && person.is(Integer.parseInt(status.substring(uid + 6).split("\t", 2)[0]));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).replace('\0', ' ').strip();
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    /** Removes somebody's containers and ends his engine; what is left of both then. */
    List<String> farewell(Person person) {
        for (String id : rung(person, "ps --all --quiet").succeed().output().lines().toList()) {
            rung(person, "rm --force " + id).succeed();
        }
        rung(person, "system shutdown").succeed();
        return left(person);
    }

    /** What is left once his engine has ended. */
    List<String> left(Person person) {
        var left = new ArrayList<String>();
        try {
            Patience.await(() -> processes(person).isEmpty(), () -> "somebody is left");
        } catch (AssertionError e) {
            left.addAll(processes(person));
        }
        for (String line : text(Path.of("/proc/" + holder.pid() + "/mountinfo")).split("\n")) {
            if (line.contains(home(person).toString()) || line.contains("/run/user/")) {
                left.add(line);
            }
        }
        return left;
    }

    @Override
    public void close() {
        servers.forEach(Running::close);
        holder.close();
        world.close();
        Command.of("rm", "-rf", "--one-file-system", folder.toString()).run();
    }
}
