package dev.rung.host.compile;

import dev.rung.host.seccomp.Arch;
import dev.rung.host.seccomp.SeccompCompiler;
import dev.rung.host.seccomp.SeccompFilter;
import dev.rung.host.seccomp.SeccompSupport;
import dev.rung.host.seccomp.SyscallTable;
import dev.rung.oci.Seccomp;
import java.util.LinkedHashMap;

/**
 * Filters of profiles, each compiled once while it is asked for: most containers of a machine, and
 * all that is executed in one, have the same profile. Any thread may ask.
 */
public final class SeccompFilters {
    private static final int MOST = 16;

    private final LinkedHashMap<Wish, SeccompFilter> known = new LinkedHashMap<>(MOST, 0.75f, true);

    private record Wish(Seccomp profile, Arch machine, SeccompSupport kernel) {}

    public SeccompFilters() {}

    /** As {@link SeccompCompiler#compile}, which throws; a failure is not remembered. */
    SeccompFilter of(Seccomp profile, Arch machine, SeccompSupport kernel) {
        var wish = new Wish(profile, machine, kernel);
        synchronized (known) {
            SeccompFilter filter = known.get(wish);
            if (filter != null) {
                return filter;
            }
        }
        SeccompFilter made = new SeccompCompiler(Calls.TABLE).compile(profile, machine, kernel);
        synchronized (known) {
            known.put(wish, made);
            if (known.size() > MOST) {
                known.pollFirstEntry();
            }
        }
        return made;
    }

    /** Read when the first container wants it. */
    private static final class Calls {
        static final SyscallTable TABLE = SyscallTable.load();
    }
}
