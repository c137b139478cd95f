package dev.rung.engine.monitor;

import dev.rung.domain.ContainerId;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The processes that are at work for a container: front ends, and binaries of other runtimes. By
 * them the hooks are found that they wait for.
 */
public final class FrontEnds {
    private final Map<Long, ContainerId> atWork = new ConcurrentHashMap<>();

    /** None are at work. */
    public FrontEnds() {}

    /** This process does something for the container from now on. */
    public void begin(long pid, ContainerId container) {
        atWork.put(pid, container);
    }

    /** It has done it, or has ended. */
    public void end(long pid) {
        atWork.remove(pid);
    }

    /**
     * Ends the hooks that run for a container, with all that they have begun; false when there are
     * none. Who waits for them fails, as for any hook that was killed, and takes back what it did.
     *
     * @param init the container's first process, whose hooks they may be as well; 0: there is none
     */
    public boolean endHooks(ContainerId container, long init) {
        var hooks = new HashSet<ProcessHandle>();
        if (!atWork.containsValue(container)) {
            return false;
        }
        atWork.forEach((pid, each) -> {
            if (each.equals(container)) {
                ProcessHandle.of(pid).ifPresent(front -> hooks.addAll(hooks(front)));
            }
        });
        ProcessHandle.of(init)
                .filter(FrontEnds::isOfItsParentsProgram)
                .ifPresent(process -> hooks.addAll(otherProgramsBelow(process)));
        hooks.forEach(ProcessHandle::destroyForcibly);
        return !hooks.isEmpty();
    }

    /** Those below its monitor as well, which inherits what its children leave. */
    private static Set<ProcessHandle> hooks(ProcessHandle front) {
        boolean monitored = isOfItsParentsProgram(front);
        return otherProgramsBelow(monitored ? front.parent().orElse(front) : front);
    }

    /** Front ends of monitors are, and first processes that have become no other program yet. */
    private static boolean isOfItsParentsProgram(ProcessHandle process) {
        return process.parent().map(FrontEnds::program).orElse("").equals(program(process));
    }

    private static Set<ProcessHandle> otherProgramsBelow(ProcessHandle process) {
        String own = program(process);
        return own.isEmpty()
                ? Set.of() // it has ended
                : process.descendants()
                        .filter(each -> !program(each).isEmpty() && !program(each).equals(own))
                        .collect(Collectors.toSet());
    }

    /** Empty when it has ended. */
    private static String program(ProcessHandle process) {
        return process.info().command().orElse("");
    }
}
