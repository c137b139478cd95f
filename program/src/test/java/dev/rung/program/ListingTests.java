package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ListingTests {
    private static final Path GOLDEN = Path.of("src/test/golden/all-steps.program");

    @Test
    void shouldListEachStepAsStraceWould() throws Exception {
        String listing = AllSteps.assemble(Machine.X86_64).listing();
        if (Boolean.getBoolean("rung.golden")) {
            Files.writeString(GOLDEN, listing);
        }
        assertThat(listing).isEqualTo(Files.readString(GOLDEN));
    }

    @Test
    void shouldListTheSameForBothMachines() {
        assertThat(AllSteps.assemble(Machine.AARCH64).listing())
                .isEqualTo(AllSteps.assemble(Machine.X86_64).listing());
    }

    @Test
    void shouldListStoredProgramsAsFreshOnesButForTheNamesOfSlots() {
        Program fresh = AllSteps.assemble(Machine.X86_64);
        String stored = Program.read(fresh.bytes()).listing(Secrets.SHOWN);
        assertThat(stored).hasLineCount((int) fresh.listing(Secrets.SHOWN).lines().count());
        assertThat(stored).contains("mkdirat(slot3, \"proc\", 0755)  [EEXIST: go on]");
    }

    @Test
    void shouldHideSecretsUnlessAskedFor() {
        Program program = AllSteps.assemble(Machine.X86_64);
        assertThat(program.listing()).doesNotContain("secret", "hunter2").contains("TOKEN");
        assertThat(program.listing(Secrets.SHOWN)).contains("\"TOKEN=secret\"", "hunter2");
    }

    @Test
    void shouldGiveEntriesTheNumbersOfFailureReports() {
        var entries = AllSteps.assemble(Machine.X86_64).entries(Secrets.HIDDEN);
        for (int i = 0; i < entries.size(); i++) {
            assertThat(entries.get(i).index()).isEqualTo(i);
        }
        assertThat(entries.getFirst().key()).isEqualTo("root.path");
        assertThat(entries.getFirst().say()).isEqualTo("error opening rootfs \"/b/rootfs\"");
        assertThat(entries.getLast().stream()).isEqualTo(1);
    }
}
