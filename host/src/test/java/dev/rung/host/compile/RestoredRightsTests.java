package dev.rung.host.compile;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.host.criu.CriuCgroups;
import dev.rung.host.criu.CriuCgroups.Folder;
import dev.rung.host.criu.CriuCgroups.Hierarchy;
import dev.rung.host.criu.CriuCgroups.Member;
import dev.rung.host.criu.CriuImages;
import dev.rung.host.criu.CriuImages.Mount;
import dev.rung.host.criu.CriuImages.Namespaces;
import dev.rung.host.criu.CriuImages.Rights;
import dev.rung.oci.RuntimeConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestoredRightsTests {
    private static final String IMAGE = "mountpoints-1.img";
    private static final int RDONLY = 1;
    private static final long CHOWN = 1;
    private static final Namespaces OUTSIDE = new Namespaces("inventory.img", 1, 2, 3, 4, 5, 6);
    private static final Namespaces INSIDE = new Namespaces("ids-1.img", 11, 12, 13, 14, 15, 6);

    private static final String CONFIG =
            """
            {"ociVersion": "1.2.0", "root": {"path": "root", "readonly": true},
             "process": {"cwd": "/", "args": ["sh"], "user": {"uid": UID, "gid": 20, "additionalGids": [30]},
               "noNewPrivileges": NNP, "capabilities": {"bounding": [CAPS]}},
             "mounts": [
               {"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]},
               {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]},
               {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
               {"destination": "/etc/hosts", "type": "bind", "source": "/h", "options": ["rbind"]},
               {"destination": "/var/run/token", "type": "bind", "source": "/t", "options": ["rbind", "ro"]}],
             "linux": {SECCOMP "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "mount"}, {"type": "ipc"}],
               "maskedPaths": ["/proc/kcore", "/sys/firmware"], "readonlyPaths": ["/proc/sys"]}}
            """;

    private String text = CONFIG;
    private List<Namespaces> namespaces = List.of(INSIDE);
    private Rights rights = rights(0, CHOWN, CHOWN, false, false);
    private final List<Mount> mounts = new ArrayList<>();
    private List<Hierarchy> hierarchies = List.of(hierarchy("pods/old", "cpu", "cpuacct"));
    private Member member = new Member("cpu,cpuacct", "/pods/old", 0);

    RestoredRightsTests() {
        config("0", "false", "\"CAP_CHOWN\"", "");
        add(1, 99, 17, RDONLY, "/", "/", "");
        add(2, 1, Mount.PROC, 0, "/", "/proc", "");
        add(3, 1, Mount.SYSFS, RDONLY, "/", "/sys", "");
        add(4, 3, Mount.TMPFS, RDONLY, "/", "/sys/fs/cgroup", "");
        add(5, 4, Mount.CGROUP, RDONLY, "/x", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu");
        add(6, 1, Mount.TMPFS, 0, "/", "/dev", "");
        add(7, 1, 0, 0, "/h", "/etc/hosts", "/etc/hosts");
        add(8, 1, 0, RDONLY, "/t", "/run/token", "/run/token");
        add(9, 2, 0, RDONLY, "/null", "/proc/kcore", "/dev/null");
        add(10, 3, Mount.TMPFS, RDONLY, "/", "/sys/firmware", "");
        add(11, 2, Mount.PROC, RDONLY, "/sys", "/proc/sys", "");
    }

    private void config(String uid, String noNewPrivileges, String capabilities, String seccomp) {
        text =
                CONFIG.replace("UID", uid)
                        .replace("NNP", noNewPrivileges)
                        .replace("CAPS", capabilities)
                        .replace("SECCOMP", seccomp);
    }

    private void add(
            long id, long parent, int kind, long flags, String root, String place, String key) {
        mounts.add(new Mount(IMAGE, id, parent, kind, flags, root, place, key));
    }

    private static Rights rights(
            long user, long effective, long bounding, boolean noNewPrivileges, boolean filtered) {
        return new Rights(
                List.of(user, user, user, user),
                List.of(20L, 20L, 20L, 20L),
                List.of(30L),
                0,
                effective,
                effective,
                bounding,
                0,
                noNewPrivileges,
                filtered);
    }

    private void check() {
        RestoredRights.check(
                RuntimeConfig.read("config.json", text.getBytes(StandardCharsets.UTF_8)),
                new CriuImages(
                        OUTSIDE,
                        namespaces,
                        List.of(
                                new CriuImages.Task("core-1.img", rights),
                                new CriuImages.Task("core-2.img", null)),
                        mounts,
                        new CriuCgroups(hierarchies, List.of(member))),
                path -> !path.equals("/proc/absent"));
    }

    private void denied(String words) {
        assertThatThrownBy(this::check)
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining(words);
    }

    @Test
    void shouldLetThroughWhatTheConfigHasItself() {
        check();
        rights = rights(33, 0, 0, true, true);
        check();
    }

    @Test
    void shouldRefuseMoreCapabilities() {
        rights = rights(0, CHOWN, CHOWN | 1L << 21, false, false);
        denied("core-1.img has CAP_SYS_ADMIN, which this container is not to have");
        rights = rights(0, -1, CHOWN, false, false);
        denied("CAP_DAC_OVERRIDE");
        rights = rights(0, 1L << 60, CHOWN, false, false);
        denied("unknown capabilities");
    }

    @Test
    void shouldRefuseAWayToPrivileges() {
        config("10", "true", "\"CAP_CHOWN\"", "");
        rights = rights(10, 0, CHOWN, false, false);
        denied("no_new_privs is not set");
        rights = rights(10, 0, CHOWN, true, false);
        check();
        rights = rights(10, CHOWN, CHOWN, true, false);
        denied("CAP_CHOWN");
        rights = rights(0, 0, CHOWN, true, false);
        denied("user 0");
        config("10", "true", "\"CAP_CHOWN\"", "");
        text = text.replace("[30]", "[31]");
        rights = rights(10, 0, CHOWN, true, false);
        denied("group 30");
    }

    @Test
    void shouldRefuseCallsWithoutAFilter() {
        config(
                "0",
                "false",
                "\"CAP_CHOWN\"",
                "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\"},");
        denied("without a seccomp filter");
        rights = rights(0, CHOWN, CHOWN, false, true);
        check();
    }

    @Test
    void shouldRefuseTheHostsNamespaces() {
        namespaces = List.of(INSIDE, new Namespaces("ids-2.img", 1, 12, 13, 14, 15, 6));
        denied("ids-2.img has the host's pid namespace");
        namespaces = List.of(new Namespaces("ids-2.img", 11, 12, 13, 14, 5, 6));
        denied("the host's mount namespace");
        namespaces = List.of(new Namespaces("ids-2.img", 11, 12, 13, 4, 15, 7));
        denied("a user namespace");
        namespaces = List.of(new Namespaces("ids-2.img", 11, 12, 13, 4, 15, 6));
        check(); // the config shares that of host names
    }

    private void replaced(int id, long parent, int kind, long flags, String root, String place) {
        Mount before = mounts.get(id - 1);
        mounts.set(id - 1, new Mount(IMAGE, id, parent, kind, flags, root, place, before.key()));
    }

    @Test
    void shouldRefuseWhatIsWritableThere() {
        replaced(1, 99, 17, 0, "/", "/");
        denied("a root that can be written");
        replaced(1, 99, 17, RDONLY, "/", "/");
        replaced(3, 1, Mount.SYSFS, 0, "/", "/sys");
        denied("a writable mount at \"/sys\"");
        replaced(3, 1, Mount.SYSFS, RDONLY, "/", "/sys");
        replaced(5, 4, Mount.CGROUP, 0, "/x", "/sys/fs/cgroup/cpu");
        denied("a writable mount at \"/sys/fs/cgroup/cpu\"");
        replaced(5, 4, Mount.CGROUP, RDONLY, "/x", "/sys/fs/cgroup/cpu");
        replaced(8, 1, 0, 0, "/t", "/run/token");
        denied("a writable mount at \"/run/token\"");
        replaced(8, 1, 0, RDONLY, "/t", "/run/token");
        replaced(11, 2, Mount.PROC, 0, "/sys", "/proc/sys");
        denied("a writable mount at \"/proc/sys\"");
        replaced(11, 2, Mount.PROC, RDONLY, "/", "/proc/sys");
        denied("the file system proc at \"/proc/sys\"");
    }

    @Test
    void shouldRefuseWhatIsNotCovered() {
        mounts.remove(8);
        denied("\"/proc/kcore\" not masked");
        text = text.replace("/proc/kcore", "/proc/absent");
        check();
        mounts.removeLast();
        denied("\"/proc/sys\" not read-only");
    }

    @Test
    void shouldRefuseFileSystemsOfTheKernelElsewhere() {
        add(12, 1, Mount.SYSFS, RDONLY, "/", "/mine", "");
        denied("the file system sysfs at \"/mine\"");
        mounts.removeLast();
        add(12, 7, Mount.PROC, RDONLY, "/", "/etc/hosts", "");
        denied("a mount over another");
        mounts.removeLast();
        add(12, 1, 3, 0, "/", "/mine", "");
        denied("a mount of another kind");
        mounts.removeLast();
        add(12, 1, Mount.CGROUP2, RDONLY, "/", "/mine", "");
        denied("the file system cgroup");
        mounts.removeLast();
        add(12, 1, Mount.TMPFS, 0, "/", "/mine", "");
        check();
    }

    @Test
    void shouldRefuseWhatHidesItsPlace() {
        replaced(11, 1, Mount.PROC, RDONLY, "/sys", "/proc/sys");
        denied("a mount on another at \"/proc/sys\"");
        replaced(11, 2, Mount.PROC, RDONLY, "/sys", "/dev/../proc/sys");
        denied("an unclear mount");
        replaced(11, 2, Mount.PROC, RDONLY, "/sys", "/proc/sys");
        mounts.add(new Mount("mountpoints-2.img", 1, 99, 17, RDONLY, "/", "/", ""));
        denied("2 mount namespaces");
        mounts.clear();
        denied("0 mount namespaces");
    }

    private static Hierarchy hierarchy(String folder, String... controllers) {
        return new Hierarchy(
                List.of(controllers), List.of(new Folder(folder, true, List.of("cpu.shares"))));
    }

    @Test
    void shouldRefuseOtherCgroups() {
        for (Member other :
                List.of(
                        new Member("cpu,cpuacct", "/", 0),
                        new Member("cpu,cpuacct", "/pods/older", 0),
                        new Member("cpu,cpuacct", "/pods/old/..", 0),
                        new Member("cpu,cpuacct", "/pods/old", 3),
                        new Member("cpu", "/pods/old", 0),
                        new Member("memory", "/pods/old", 0))) {
            member = other;
            denied("cgroup.img has a cgroup that is not the container's: " + other.path());
        }
        member = new Member("cpu,cpuacct", "/pods/old", 9);
        check();
        member = new Member("", "/", 0);
        for (List<Hierarchy> others :
                List.of(
                        List.of(hierarchy("", ""), hierarchy("x", "")),
                        List.of(hierarchy("", ""), hierarchy("../x", "cpu")),
                        List.of(hierarchy("", ""), hierarchy("x", "../cpu")),
                        List.of(
                                hierarchy("", ""),
                                new Hierarchy(
                                        List.of("cpu"),
                                        List.of(
                                                new Folder("a", true, List.of()),
                                                new Folder("", true, List.of())))),
                        List.of(
                                new Hierarchy(
                                        List.of(""), List.of(new Folder("", false, List.of())))),
                        List.of(
                                new Hierarchy(
                                        List.of(""),
                                        List.of(new Folder("", true, List.of("../x"))))))) {
            hierarchies = others;
            denied("cgroup.img has a cgroup that is not the container's: ");
        }
        hierarchies = List.of(hierarchy("", ""));
        check();
    }

    @Test
    void shouldLeaveMountsToWhoMayMount() {
        config("0", "false", "\"CAP_SYS_ADMIN\"", "");
        rights = rights(0, 1L << 21, 1L << 21, false, false);
        mounts.clear();
        member = new Member("", "/", 0);
        check();
    }
}
