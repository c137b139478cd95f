package dev.rung.host.compile;

import static dev.rung.domain.Errno.EACCES;
import static dev.rung.domain.Errno.EBADF;
import static dev.rung.domain.Errno.EINVAL;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.domain.Errno.EROFS;
import static dev.rung.program.FileStep.AT_EMPTY_PATH;
import static dev.rung.program.FileStep.CLOSE_RANGE_CLOEXEC;
import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.FileStep.O_WRONLY;

import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerProcess.IoPriority;
import dev.rung.oci.ContainerProcess.Rlimit;
import dev.rung.oci.ContainerProcess.Scheduler;
import dev.rung.program.CredentialStep.Capset;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.CredentialStep.Setgroups;
import dev.rung.program.CredentialStep.Setresgid;
import dev.rung.program.CredentialStep.Setresuid;
import dev.rung.program.FileStep.CloseRange;
import dev.rung.program.FileStep.Fchdir;
import dev.rung.program.FileStep.Fchownat;
import dev.rung.program.FileStep.Read;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.Prlimit64;
import dev.rung.program.ProcessStep.Umask;
import dev.rung.program.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns our process into what the config wants the user's to be, just before it becomes that: the
 * same for a container's first process and for one that enters later.
 */
final class ProcessSetup {
    private static final String KEEP_GROUPS = "run.oci.keep_original_groups";

    private final ContainerProcess process;
    private final Script s;

    ProcessSetup(ContainerProcess process, Script s) {
        this.process = process;
        this.s = s;
    }

    void noNewPrivileges() {
        if (process.noNewPrivileges()) {
            s.at("process.noNewPrivileges", "prctl(SET_NO_NEW_PRIVS)");
            s.add(Prctl.noNewPrivileges());
        }
    }

    /** How the kernel schedules it. */
    void scheduling() {
        Scheduler scheduler = process.scheduler();
        if (scheduler != null) {
            s.at("process.scheduler", "error setting scheduler");
            s.add(Scheduling.step(scheduler));
        }
        IoPriority priority = process.ioPriority();
        if (priority != null) {
            s.at("process.ioPriority", "failed to set io priority");
            s.add(Scheduling.step(priority));
        }
    }

    /** Limits set by the process itself, which may raise them while it has the capability. */
    void limits() {
        List<Rlimit> limits = process.rlimits();
        for (int i = 0; i < limits.size(); i++) {
            limit(s, i, limits.get(i), Operand.SELF);
        }
    }

    /**
     * One limit.
     *
     * @param pid whose
     */
    static void limit(Script s, int index, Rlimit limit, Operand pid) {
        int number = Scheduling.limit(limit.type());
        s.at("process.rlimits[" + index + "]", "error setting rlimit type " + number);
        s.add(new Prlimit64(pid, number, limit.soft(), limit.hard()));
    }

    /**
     * Security modules: what the next execve(2) changes to.
     *
     * @param proc the host's /proc
     * @param appArmor whether profiles can be set here
     */
    void labels(Slot proc, boolean appArmor) {
        String profile = process.apparmorProfile();
        if (profile != null && appArmor) {
            s.at("process.apparmorProfile", "unable to apply apparmor profile");
            Slot file = s.slot("apparmor");
            Mark found = s.mark();
            s.openBelow(file, proc, "self/attr/apparmor/exec", O_WRONLY).tolerating(ENOENT);
            s.skipIfGood(file, found);
            s.openBelow(file, proc, "self/attr/exec", O_WRONLY);
            s.place(found);
            s.write(file, "exec " + profile);
            s.close(file);
        }
        String label = process.selinuxLabel();
        if (label != null) {
            s.at("process.selinuxLabel", "can't set process label");
            Slot file = s.slot("selinux");
            s.openBelow(file, proc, "self/attr/exec", O_WRONLY);
            s.write(file, label);
            s.close(file);
        }
    }

    /** Whatever else may be open stays behind at the execve(2). */
    void closeRest(int preserved) {
        s.at("", "error closing exec fds");
        s.add(new CloseRange(3 + preserved, CLOSE_RANGE_CLOEXEC));
    }

    /**
     * Goes to the working directory, then becomes the user.
     *
     * @param cwd the directory, opened inside the root without magic links, so that it cannot be
     *     outside (CVE-2024-21626)
     * @param capabilities null: left as they are
     * @param keepAdmin keep CAP_SYS_ADMIN until a seccomp filter is installed, see {@link #drop}
     * @param groups whether supplementary groups may be set
     * @param mayGroup the answer, when that was asked
     */
    void user(
            Slot cwd,
            @Nullable Credentials capabilities,
            boolean keepAdmin,
            Groups groups,
            Hole mayGroup) {
        Slot moved = s.slot("cwd");
        enter(cwd, moved);
        if (capabilities != null) {
            bound(capabilities);
        }
        boolean keep = capabilities != null && process.user().uid() != 0;
        if (keep) {
            s.at("process.capabilities", "unable to set keep caps");
            s.add(Prctl.keepCapabilities(true));
        }
        ownStdio();
        ids(groups, mayGroup);
        enterAsUser(cwd, moved);
        if (keep) {
            s.at("process.capabilities", "unable to clear keep caps");
            s.add(Prctl.keepCapabilities(false));
        }
        if (capabilities != null) {
            long admin = keepAdmin ? Capability.bit(Capability.SYS_ADMIN) : 0;
            s.at("process.capabilities", "unable to apply caps");
            s.add(
                    new Capset(
                            capabilities.effective() | admin,
                            capabilities.permitted() | admin,
                            capabilities.inheritable()));
            ambient(capabilities);
        }
        s.at("process.user.umask", "unable to set umask");
        Integer umask = process.user().umask();
        s.add(new Umask(umask == null ? 022 : umask));
    }

    /** Whether a process may set its supplementary groups. */
    enum Groups {
        ALLOWED,
        DENIED,
        /** /proc/PID/setgroups says so. */
        ASK,
        /** Those of the caller stay, as an annotation of crun's asks. */
        KEPT;

        /**
         * What holds for a caller.
         *
         * @param annotations of the container
         * @param joined whether the user namespace is one that somebody else has mapped
         */
        static Groups of(HostDescription host, Map<String, String> annotations, boolean joined) {
            if (!annotations.getOrDefault(KEEP_GROUPS, "0").equals("0")) {
                return KEPT;
            }
            if (!Checks.mayMap(host)) {
                return DENIED;
            }
            return joined || !host.caller().initialUserNamespace() ? ASK : ALLOWED;
        }
    }

    /** Takes away what {@link #user} kept. */
    void drop(@Nullable Credentials capabilities) {
        if (capabilities != null) {
            s.at("process.capabilities", "unable to apply caps");
            s.add(
                    new Capset(
                            capabilities.effective(),
                            capabilities.permitted(),
                            capabilities.inheritable()));
        }
    }

    private void enter(Slot cwd, Slot moved) {
        s.at(
                "process.cwd",
                "chdir to cwd (" + Quoted.of(process.cwd()) + ") set in config.json failed");
        // Perhaps only the user itself is allowed in: tried again as the user.
        s.add(new Fchdir(cwd)).into(moved).tolerating(EACCES, EPERM);
    }

    private void enterAsUser(Slot cwd, Slot moved) {
        Mark inside = s.mark();
        s.skipIf(moved, 0, inside);
        s.add(new Fchdir(cwd));
        s.place(inside);
        s.close(cwd);
    }

    private void bound(Credentials capabilities) {
        s.at("process.capabilities.bounding", "unable to apply bounding set");
        for (int i = 0; i <= capabilities.last(); i++) {
            if ((capabilities.bounding() & Capability.bit(i)) == 0) {
                s.add(Prctl.dropFromBoundingSet(i));
            }
        }
    }

    private void ambient(Credentials capabilities) {
        s.at("process.capabilities.ambient", "unable to apply caps");
        s.add(Prctl.clearAmbientSet()).tolerating(EINVAL);
        for (int i = 0; i <= capabilities.last(); i++) {
            if ((capabilities.ambient() & Capability.bit(i)) != 0) {
                s.at(
                        "process.capabilities.ambient",
                        "can't raise ambient capability " + Capability.names(Capability.bit(i)));
                s.add(Prctl.raiseInAmbientSet(i)).toleratingAll().warning();
            }
        }
    }

    /**
     * The user gets 0, 1 and 2, which somebody else may have opened: of a terminal only the user,
     * for its group is that of all terminals; nothing of the null device.
     */
    private void ownStdio() {
        long uid = process.user().uid();
        s.at("process.user", "unable to setup user");
        for (int fd = 0; fd < 3; fd++) {
            Operand file = Operand.of(fd);
            Mark next = s.mark();
            Mark plain = s.mark();
            Mark device = s.mark();
            s.statx(file).orElse(next, EBADF);
            s.skipUnlessCharacterDevice(plain);
            s.skipIfOwnedBy(uid, next);
            s.skipUnlessNullDevice(device);
            s.jump(next);
            s.place(device);
            s.add(new Fchownat(file, "", uid, -1, AT_EMPTY_PATH));
            s.tolerating(EPERM, EROFS, EINVAL).jump(next);
            s.place(plain);
            s.add(new Fchownat(file, "", uid, process.user().gid(), AT_EMPTY_PATH));
            s.tolerating(EPERM, EROFS, EINVAL);
            s.place(next);
        }
    }

    /** A place for the answer of {@link #askWhetherGroupsMayBeSet}. */
    static Hole answer(Script s) {
        return s.hole(8);
    }

    /**
     * Reads what a process' user namespace allows. {@code proc} is the host's /proc, {@code
     * process} a name in it.
     */
    void askWhetherGroupsMayBeSet(Slot proc, String process, Hole answer) {
        s.at("process.user.additionalGids", "unable to setup user: setgroups");
        Slot file = s.slot("setgroups");
        s.openBelow(file, proc, process + "/setgroups", O_RDONLY);
        s.add(new Read(file, answer));
        s.close(file);
    }

    private void ids(Groups groups, Hole mayGroup) {
        Mark denied = s.mark();
        s.at("process.user.additionalGids", "unable to setup user: setgroups");
        if (groups == Groups.ASK) {
            s.skipIf(mayGroup.part(0, 1), 'd', denied);
        }
        if (groups == Groups.ALLOWED || groups == Groups.ASK) {
            List<Long> ids = process.user().additionalGids();
            var numbers = new ArrayList<Integer>(ids.size());
            for (int i = 0; i < ids.size(); i++) {
                numbers.add(ids.get(i).intValue());
            }
            s.add(Setgroups.of(numbers));
        }
        s.place(denied);
        s.at("process.user.gid", "unable to setup user: setgid");
        s.add(new Setresgid(process.user().gid()));
        s.at("process.user.uid", "unable to setup user: setuid");
        s.add(new Setresuid(process.user().uid()));
    }

    /** Our own end no longer follows from that of whoever made us. */
    void outliveParent() {
        s.at("", "can't restore pdeath signal");
        s.add(Prctl.parentDeathSignal(0));
    }
}
