package dev.rung.host.seccomp;

import dev.rung.oci.Seccomp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What runc's filter decides: libseccomp's own filter, run on an interpreter, behind runc's stub,
 * which gives ENOSYS to calls newer than the newest that the profile names.
 */
final class RuncModel {
    private static final int ENOSYS = 0x00050000 | 38;
    private static final Set<Seccomp.Action> PERMISSIVE =
            Set.of(
                    Seccomp.Action.SCMP_ACT_ALLOW,
                    Seccomp.Action.SCMP_ACT_LOG,
                    Seccomp.Action.SCMP_ACT_TRACE);

    private final FilterMachine inner;
    private final List<Stub> stubs;

    private record Stub(Arch arch, int newest) {}

    private RuncModel(FilterMachine inner, List<Stub> stubs) {
        this.inner = inner;
        this.stubs = stubs;
    }

    /** Null when libseccomp refuses the profile. */
    static @Nullable RuncModel of(Seccomp profile, Arch machine, Libseccomp library, Path scratch)
            throws IOException {
        Libseccomp.Result result = library.compile(profile, machine, scratch);
        if (result.error() != 0) {
            return null;
        }
        var stubs = new ArrayList<Stub>();
        if (!PERMISSIVE.contains(profile.defaultAction())) {
            for (Arch arch : Arch.values()) {
                var architecture = Seccomp.Architecture.valueOf("SCMP_ARCH_" + arch);
                if (arch == machine || profile.architectures().contains(architecture)) {
                    int newest = newest(profile, architecture, library);
                    if (newest > 0) {
                        stubs.add(new Stub(arch, newest));
                    }
                }
            }
        }
        return new RuncModel(new FilterMachine(result.program(), machine.byteOrder()), stubs);
    }

    int run(int architecture, int number, long... arguments) {
        return refusesAsNewer(architecture, number)
                ? ENOSYS
                : inner.run(architecture, number, arguments);
    }

    /** Instructions of libseccomp's part. */
    int length() {
        return inner.length();
    }

    /** Instructions of libseccomp's part in the last run. */
    int steps() {
        return inner.steps();
    }

    /** Whether runc's stub decides, so that libseccomp's filter is not asked. */
    boolean refusesAsNewer(int architecture, int number) {
        boolean x32 = (number & 1 << 30) != 0;
        for (Stub stub : stubs) {
            if (stub.arch.audit() == architecture) {
                boolean other = stub.arch == Arch.X86_64 && x32 || stub.arch == Arch.X32 && !x32;
                boolean setup = (stub.arch == Arch.S390 || stub.arch == Arch.S390X) && number == 0;
                if (!other && (setup || Integer.compareUnsigned(number, stub.newest) > 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int newest(
            Seccomp profile, Seccomp.Architecture architecture, Libseccomp library) {
        int newest = 0;
        for (Seccomp.Syscall entry : profile.syscalls()) {
            for (String name : entry.names()) {
                newest = Math.max(newest, library.number(name, architecture));
            }
        }
        return newest;
    }
}
