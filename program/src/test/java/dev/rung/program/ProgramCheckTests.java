package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramCheckTests {
    private final byte[] good = AllSteps.assemble(Machine.X86_64).bytes();

    @Test
    void shouldAcceptWhatTheAssemblyMakes() {
        assertThat(Program.read(good).bytes()).isEqualTo(good);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, magic",
        "4, 2, version",
        "6, 3, machine",
        "8, 81, size",
        "12, 8193, steps",
        "16, 81, steps_at",
        "20, 90, data_at",
        "24, 0, data_size",
        "24, 1048577, data_size",
        "28, 1025, slots",
        "32, 0, streams",
        "32, 5, streams",
        "36, 1, first step of stream 0",
        "40, 9000, first step of stream 1",
        "44, 1, first step of stream 2",
        "52, 80, relocs_at",
        "56, 1, size",
        "60, 1024, init slot",
        "64, 1, reserved",
        "76, 1, reserved",
    })
    void shouldNameTheFieldOfTheHeader(int at, int value, String field) {
        byte[] bad = good.clone();
        if (at == 4 || at == 6) {
            ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putShort(at, (short) value);
        } else {
            ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        }
        assertThatThrownBy(() -> Program.read(bad))
                .isInstanceOf(Failure.Corrupt.class)
                .hasMessageStartingWith("program: " + field + " is ");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 21, op",
        "1, 32, flags",
        "4, 200, result slot",
        "7, 255, skip",
        "12, 4, kind of operand 0",
        "12, 2, operand 0",
        "15, 1, kinds",
        "30, 255, operand 1",
        "67, 255, label",
        "71, 255, label",
    })
    void shouldNameTheFieldOfAStep(int at, int value, String field) {
        byte[] bad = good.clone();
        bad[Format.HEADER_SIZE + at] = (byte) value;
        assertThatThrownBy(() -> Program.read(bad))
                .isInstanceOf(Failure.Corrupt.class)
                .hasMessageStartingWith("program: step 0: " + field + " is ");
    }

    @Test
    void shouldRefuseWhatIsCutShort() {
        for (int length = 0; length < good.length; length++) {
            byte[] bad = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> Program.read(bad)).isInstanceOf(Failure.Corrupt.class);
        }
    }

    /** Damage of any kind is refused or can be printed, never anything else. */
    @Test
    void shouldSurviveDamage() {
        var random = new SplittableRandom(20261101);
        int accepted = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                int limit = random.nextInt(3) == 0 ? Format.HEADER_SIZE : bad.length;
                int at = random.nextInt(limit);
                bad[at] =
                        switch (random.nextInt(3)) {
                            case 0 -> (byte) random.nextInt(256);
                            case 1 -> (byte) (bad[at] ^ 1 << random.nextInt(8));
                            default -> (byte) (random.nextBoolean() ? 0xff : 0);
                        };
            }
            try {
                Program program = Program.read(bad);
                accepted++;
                if (round % 16 == 0) {
                    assertThat(program.listing(Secrets.SHOWN)).isNotEmpty();
                }
            } catch (Failure.Corrupt refused) {
                assertThat(refused.getMessage()).startsWith("program: ");
            }
        }
        assertThat(accepted).isBetween(1_000, 19_000);
    }
}
