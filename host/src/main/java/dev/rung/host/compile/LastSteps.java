package dev.rung.host.compile;

import dev.rung.host.compile.ProcessSetup.Groups;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.LinuxConfig.MemoryPolicy;
import dev.rung.oci.LinuxConfig.Personality;
import dev.rung.oci.LinuxConfig.PersonalityDomain;
import dev.rung.program.Hole;
import dev.rung.program.ProcessStep;
import dev.rung.program.Slot;
import org.jspecify.annotations.Nullable;

/**
 * The last part of the way to the user's program, in an order that matters: what needs privileges
 * before they are dropped, and the filter of system calls as late as can be, so that few calls of
 * ours have to pass it.
 */
final class LastSteps {
    private final Script s;
    private final ProcessSetup setup;
    private final @Nullable Credentials credentials;
    private final ProcessImage image;
    private final @Nullable SeccompSteps seccomp;
    private final boolean unprivilegedFilter;
    private final boolean early;

    /**
     * For one process.
     *
     * @param hooked whether hooks run in between, which are to run with the final privileges
     */
    LastSteps(
            ContainerProcess process,
            Script s,
            @Nullable Credentials credentials,
            ProcessImage image,
            @Nullable SeccompSteps seccomp,
            boolean hooked) {
        this.s = s;
        this.setup = new ProcessSetup(process, s);
        this.credentials = credentials;
        this.image = image;
        this.seccomp = seccomp;
        this.unprivilegedFilter = process.noNewPrivileges();
        this.early = seccomp != null && (seccomp.listens() || (hooked && !unprivilegedFilter));
    }

    /** How and where the process runs. */
    void placement(LinuxConfig linux) {
        setup.noNewPrivileges();
        setup.scheduling();
        Personality personality = linux.personality();
        if (personality != null) {
            s.at("linux.personality", "unable to set personality");
            s.add(
                    new ProcessStep.Personality(
                            personality.domain() == PersonalityDomain.LINUX32
                                    ? ProcessStep.Personality.PER_LINUX32
                                    : ProcessStep.Personality.PER_LINUX));
        }
        MemoryPolicy policy = linux.memoryPolicy();
        if (policy != null) {
            s.at("linux.memoryPolicy", "unable to set memory policy");
            s.add(Scheduling.step(policy));
        }
    }

    /**
     * Waits until the front end has done its part.
     *
     * @param limited whether limits are a part of that
     */
    void await(boolean limited) {
        s.at("", "waiting for the runtime");
        if (limited) {
            s.post(0, Sync.READY);
        }
        s.waitFor(0, Sync.GO);
        if (!limited) {
            setup.limits();
        }
    }

    /** Becomes the user, and makes sure that the program is there. */
    void become(Slot cwd, Groups groups, Hole mayGroup, int preserved) {
        if (early && !unprivilegedFilter) {
            filter();
        }
        setup.closeRest(preserved);
        setup.user(cwd, credentials, keepsAdmin(), groups, mayGroup);
        image.probe(s);
        if (early && unprivilegedFilter) {
            filter();
        }
        setup.outliveParent();
    }

    /** Becomes the program. */
    void execute() {
        if (!early) {
            filter();
        }
        if (keepsAdmin()) {
            setup.drop(credentials);
        }
        image.execute(s);
    }

    /** Whether CAP_SYS_ADMIN outlives the change of the user because the filter needs it. */
    private boolean keepsAdmin() {
        return seccomp != null
                && !early
                && !unprivilegedFilter
                && credentials != null
                && !credentials.has(Capability.SYS_ADMIN);
    }

    private void filter() {
        if (seccomp != null) {
            seccomp.install(s);
        }
    }
}
