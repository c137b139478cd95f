package dev.rung.host.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.domain.Failure;
import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Profiles made at random, decided by our filter and by libseccomp's. Needs the library, not root.
 * Where they differ, ours must be as the rules say, and libseccomp's not.
 */
@Tag("system")
class LibseccompComparisonTests {
    private static final SeccompSupport ALL = SeccompSupport.ofRelease(6, 17);
    private static final int PROFILES = Integer.getInteger("rung.seccomp.profiles", 100);
    private static final Set<Integer> NONE = Set.of();

    @TempDir Path folder = Path.of("");

    private final SyscallTable table = SyscallTable.load();
    private final SeccompCompiler compiler = new SeccompCompiler(table);
    private Libseccomp library = Libseccomp.NONE;

    @BeforeEach
    void open() {
        library = Libseccomp.open();
        assumeTrue(library != Libseccomp.NONE, "libseccomp is not installed");
    }

    @Test
    void shouldKnowTheSameNumbers() {
        var differences = new ArrayList<String>();
        for (int row = 0; row < table.rows(); row++) {
            for (Architecture architecture : Architecture.values()) {
                Arch arch = Arch.of(architecture);
                String name = table.name(row);
                int theirs = library.number(name, architecture);
                boolean old = arch == Arch.PARISC64 && name.equals("_llseek");
                if (library.knows(architecture)
                        && theirs >= 0
                        && !old
                        && theirs != table.number(row, arch)) {
                    differences.add("%s %s: %s".formatted(arch, name, theirs));
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void shouldDecideLikeLibseccompWhereRulesHaveOneAction() throws IOException {
        assertThat(differences(1, Arch.X86_64, PROFILES)).isEmpty();
    }

    @Test
    void shouldDecideLikeLibseccompWhereRulesDisagree() throws IOException {
        assertThat(differences(3, Arch.X86_64, PROFILES)).isEmpty();
    }

    @Test
    void shouldDecideLikeLibseccompOnOtherMachines() throws IOException {
        for (Arch machine : Arch.values()) {
            if (machine != Arch.X32 && library.knows(architecture(machine))) {
                assertThat(differences(2, machine, PROFILES / 20)).isEmpty();
            }
        }
    }

    private List<String> differences(int actions, Arch machine, int profiles) throws IOException {
        var names = new ArrayList<String>();
        for (int row = 0; row < table.rows(); row++) {
            if (isKnownAlike(table.name(row))) {
                names.add(table.name(row));
            }
        }
        var differences = new ArrayList<String>();
        for (int seed = 0; seed < profiles; seed++) {
            var maker = new ProfileMaker(seed, table, names).actions(actions).likedByLibseccomp();
            Seccomp profile = maker.make(machine.byteOrder());
            profile.architectures().removeIf(one -> !library.knows(one));
            var theirs = RuncModel.of(profile, machine, library, folder.resolve("filter"));
            String difference = difference(maker, profile, machine, theirs);
            if (difference != null) {
                differences.add(machine + " " + seed + ": " + difference);
            }
        }
        return differences;
    }

    private @Nullable String difference(
            ProfileMaker maker, Seccomp profile, Arch machine, @Nullable RuncModel theirs) {
        FilterMachine ours;
        try {
            byte[] program = compiler.compile(profile, machine, ALL).program();
            ours = new FilterMachine(program, machine.byteOrder());
        } catch (Failure.Invalid e) {
            return theirs == null ? null : "only we refuse: " + e.getMessage();
        }
        if (theirs == null) {
            return "only libseccomp refuses";
        }
        var meaning = new ProfileMeaning(table, profile);
        for (long[] values : maker.argumentsFor(profile)) {
            for (Arch arch : Arch.values()) {
                for (int number : maker.numbers(profile, arch)) {
                    int our = ours.run(arch.audit(), number, values);
                    int their = theirs.run(arch.audit(), number, values);
                    Set<Integer> meant =
                            our == their ? NONE : meaning.actions(arch, number, values);
                    boolean theirFault = meant.contains(our) && !meant.contains(their);
                    boolean newer = theirs.refusesAsNewer(arch.audit(), number);
                    if (our != their && (newer || !theirFault)) {
                        return "%s call %d: %x instead of %x".formatted(arch, number, our, their);
                    }
                }
            }
        }
        return null;
    }

    /** Whether the library, which may be older than the table, has the same numbers for a call. */
    private boolean isKnownAlike(String name) {
        if (table.number(name, Arch.X86_64) == SyscallTable.NONE) {
            return false;
        }
        for (Architecture architecture : Architecture.values()) {
            Arch arch = Arch.of(architecture);
            int theirs = library.number(name, architecture);
            boolean multiplexed = arch.multiplexed() && Multiplexer.of(name) != null;
            if (library.knows(architecture)
                    && !multiplexed
                    && Math.max(theirs, SyscallTable.NONE) != table.number(name, arch)) {
                return false;
            }
        }
        return true;
    }

    private static Architecture architecture(Arch arch) {
        return Architecture.valueOf("SCMP_ARCH_" + arch);
    }
}
