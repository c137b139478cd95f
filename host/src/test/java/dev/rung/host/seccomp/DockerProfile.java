package dev.rung.host.seccomp;

import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Action;
import dev.rung.oci.Seccomp.Architecture;
import dev.rung.oci.Seccomp.Argument;
import dev.rung.oci.Seccomp.Operator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What dockerd asks for on x86_64 when nobody asks for anything, with the default capabilities. */
final class DockerProfile {
    private static final long NEW_NAMESPACES = 0x7e020000L;

    private DockerProfile() {}

    static Seccomp make() {
        var entries = new ArrayList<Seccomp.Syscall>();
        entries.add(new Seccomp.Syscall(allowed(), Action.SCMP_ACT_ALLOW, null, List.of()));
        entries.add(allow("socket", 40, Operator.SCMP_CMP_NE));
        for (long persona : new long[] {0x0, 0x8, 0x20000, 0x20008, 0xffffffffL}) {
            entries.add(allow("personality", persona, Operator.SCMP_CMP_EQ));
        }
        entries.add(allow("clone", NEW_NAMESPACES, Operator.SCMP_CMP_MASKED_EQ));
        entries.add(new Seccomp.Syscall(List.of("clone3"), Action.SCMP_ACT_ERRNO, 38L, List.of()));
        return new Seccomp(
                Action.SCMP_ACT_ERRNO,
                1L,
                List.of(
                        Architecture.SCMP_ARCH_X86_64,
                        Architecture.SCMP_ARCH_X86,
                        Architecture.SCMP_ARCH_X32),
                null,
                null,
                null,
                entries);
    }

    private static Seccomp.Syscall allow(String name, long value, Operator operator) {
        return new Seccomp.Syscall(
                List.of(name),
                Action.SCMP_ACT_ALLOW,
                null,
                List.of(new Argument(0, value, 0, operator)));
    }

    private static List<String> allowed() {
        try (var in = DockerProfile.class.getResourceAsStream("docker-default.txt")) {
            byte[] text = in == null ? new byte[0] : in.readAllBytes();
            return List.of(new String(text, StandardCharsets.US_ASCII).strip().split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
