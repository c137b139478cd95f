package dev.rung.host.compile;

import dev.rung.host.seccomp.Arch;
import dev.rung.host.seccomp.SeccompFilter;
import dev.rung.host.seccomp.SeccompSupport;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.ContainerState;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Seccomp;
import dev.rung.oci.json.JsonWriter;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.ControlStep.Listener;
import dev.rung.program.ControlStep.Load;
import dev.rung.program.ControlStep.Pause;
import dev.rung.program.CredentialStep;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdGetfd;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.SendDescriptors;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A filter of system calls: its installation by the process, and the way of its listener, if it has
 * one, to the agent that answers in the kernel's place (config-linux.md "Seccomp").
 */
final class SeccompSteps {
    /** As in crun; else unknown calls are passed over. */
    private static final String FAIL_UNKNOWN = "run.oci.seccomp_fail_unknown_syscall";

    private static final int FETCHED = 1;

    private final long flags;
    private final byte[] filter;
    private final @Nullable Agent agent;

    /**
     * Who answers.
     *
     * @param path its socket
     * @param metadata handed on to it
     * @param listener the descriptor in the process
     * @param fetched tells the process that it may go on
     */
    private record Agent(String path, @Nullable String metadata, Slot listener, Slot fetched) {}

    private SeccompSteps(long flags, byte[] filter, @Nullable Agent agent) {
        this.flags = flags;
        this.filter = filter;
        this.agent = agent;
    }

    /**
     * The filter of a config.
     *
     * @param annotations one of which makes unknown names an error
     * @param filters where it may be known already
     * @param s whose slots are used
     * @param warnings gets a line for each call that the host does not know
     * @return null when none is asked for
     */
    static @Nullable SeccompSteps of(
            @Nullable Seccomp profile,
            Map<String, String> annotations,
            HostDescription host,
            SeccompFilters filters,
            Script s,
            List<String> warnings) {
        if (profile == null) {
            return null;
        }
        Arch machine =
                switch (Compiled.machine(host)) {
                    case X86_64 -> Arch.X86_64;
                    case AARCH64 -> Arch.AARCH64;
                };
        SeccompFilter filter = filters.of(profile, machine, support(host));
        if (!annotations.getOrDefault(FAIL_UNKNOWN, "0").equals("0")
                && !filter.remarks().isEmpty()) {
            throw Checks.invalid(
                    "linux.seccomp.syscalls",
                    filter.remarks().getFirst() + ", but annotation " + FAIL_UNKNOWN + " is set");
        }
        warnings.addAll(filter.warnings());
        Agent agent = null;
        String path = profile.listenerPath();
        if (filter.hasListener()) {
            if (path == null) {
                throw Checks.invalid(
                        "linux.seccomp.listenerPath", "seccomp listenerPath is not set");
            }
            agent =
                    new Agent(
                            path,
                            profile.listenerMetadata(),
                            s.slot("listener"),
                            s.slot("listenerFetched"));
        }
        return new SeccompSteps(filter.flags(), filter.program(), agent);
    }

    /** What an unpatched kernel of the host's release can do. */
    private static SeccompSupport support(HostDescription host) {
        String release = host.kernelRelease();
        int dot = release.indexOf('.');
        return SeccompSupport.ofRelease(number(release, 0), number(release, dot + 1));
    }

    private static int number(String text, int from) {
        int value = 0;
        for (int i = from; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = 10 * value + digit;
        }
        return value;
    }

    boolean listens() {
        return agent != null;
    }

    /** Installs it. With a listener, no call is made until the front end has a copy of that. */
    void install(Script s) {
        s.at("linux.seccomp", "unable to init seccomp");
        s.add(new CredentialStep.Seccomp(flags, Bytes.of(filter)));
        Agent to = agent;
        if (to != null) {
            s.into(to.listener);
            s.add(new Pause(to.fetched, FETCHED));
            s.close(to.listener);
        }
    }

    /**
     * Fetches the listener and sends it to the agent: a step of the front end.
     *
     * @param pid the process, which is also the one of the state unless that has one already
     * @param state of the container
     */
    void hand(Script s, Operand pid, Slot pidfd, ContainerState state) {
        Agent to = agent;
        if (to == null) {
            return;
        }
        s.at("linux.seccomp.listenerPath", "unable to fetch the seccomp listener");
        s.add(new Listener(to.listener, pidfd));
        Slot copy = s.add("agentListener", new PidfdGetfd(pidfd, to.listener));
        Hole one = s.hole(Bytes.of(new byte[] {FETCHED}), 0);
        s.add(new Load(one)).into(to.fetched);
        s.at(
                "linux.seccomp.listenerPath",
                "failed to connect with seccomp agent specified in the seccomp profile");
        Slot socket = FrontSteps.connect(s, "agent", to.path);
        s.at("linux.seccomp.listenerPath", "cannot send seccomp fd to " + to.path);
        Hole message = message(s, to, state, pid);
        s.add(new SendDescriptors(socket, message, copy));
        s.close(socket);
        s.close(copy);
    }

    /** The container process state (config-linux.md "Container Process State"). */
    private static Hole message(Script s, Agent agent, ContainerState state, Operand pid) {
        var json = JsonWriter.compact();
        json.beginObject()
                .field("ociVersion", RuntimeConfig.SPECIFICATION)
                .field("fds", List.of("seccompFd"));
        int first = json.hole("pid", StateRecord.PID_WIDTH);
        json.optional("metadata", agent.metadata).name("state");
        int second = -1;
        if (state.pid() == 0 && state.status() != ContainerStatus.STOPPED) {
            second = state.writeWithoutPid(json, StateRecord.PID_WIDTH);
        } else {
            state.write(json);
        }
        json.endObject();
        Hole hole = s.hole(Bytes.of(json.bytes()), 0);
        s.add(Decimal.aligned(pid, hole.part(first, StateRecord.PID_WIDTH)));
        if (second >= 0) {
            s.add(Decimal.aligned(pid, hole.part(second, StateRecord.PID_WIDTH)));
        }
        return hole;
    }
}
