package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the executor refuses, and that it refuses before its first step. */
class ExecutorRefusalTests {
    private static final int FIRST_STEP = Format.HEADER_SIZE;

    @TempDir Path folder;

    /** A field of the sample program with a value that it must not have. */
    record Wrong(String field, int at, int width, long value, String said) {
        void put(ByteBuffer program) {
            switch (width) {
                case 1 -> program.put(at, (byte) value);
                case 2 -> program.putShort(at, (short) value);
                case 4 -> program.putInt(at, (int) value);
                default -> program.putLong(at, value);
            }
        }

        @Override
        public String toString() {
            return field + " = " + Long.toUnsignedString(value);
        }
    }

    @Test
    void shouldRunTheSampleUntilItsSecondStepFails() throws Exception {
        HostedCheck.Ended ended = run(sample().bytes());

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output()).isEqualTo("rung-exec: step 1: errno 5\n");
        assertThat(marker()).exists();
    }

    @Test
    void shouldRefuseEachFieldOutOfBounds() throws Exception {
        byte[] good = sample().bytes();
        var soft = new SoftAssertions();
        for (Wrong wrong : wrongFields(ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN))) {
            byte[] program = good.clone();
            wrong.put(ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN));

            HostedCheck.Ended ended = run(program);

            soft.assertThat(ended.output())
                    .as("%s", wrong)
                    .isEqualTo(
                            "rung-oci: not a good program, wrong is its \"" + wrong.said + "\"\n");
            soft.assertThat(ended.status()).as("%s", wrong).isEqualTo(1);
            soft.assertThat(marker()).doesNotExist();
        }
        soft.assertAll();
    }

    @Test
    void shouldRefuseEveryTruncation() throws Exception {
        byte[] whole = sample().bytes();

        for (int length : new int[] {0, 1, 79, 80, 81, 152, whole.length / 2, whole.length - 1}) {
            assertThat(run(Arrays.copyOf(whole, length)).status())
                    .as("%d bytes", length)
                    .isEqualTo(1);
            assertThat(marker()).doesNotExist();
        }
    }

    @Test
    void shouldRefuseWhatIsLongerThanAProgramMayBe() throws Exception {
        for (int length : new int[] {1 << 20, (1 << 20) + 1, 3 << 20}) {
            HostedCheck.Ended ended = run(Arrays.copyOf(sample().bytes(), length));

            assertThat(ended.status()).as("%d bytes", length).isEqualTo(1);
            assertThat(marker()).doesNotExist();
        }
    }

    @Test
    void shouldRefuseWhateverTheCheckRefusesBitByBit() throws Exception {
        Path driver = HostedCheck.build("variations", folder);
        Path program = Files.write(folder.resolve("program"), sample().bytes());

        HostedCheck.Ended ended =
                HostedCheck.run(
                        List.of(
                                driver.toString(),
                                HostedCheck.executor().toString(),
                                program.toString(),
                                marker().toString()));

        assertThat(ended.status()).as(ended.output()).isZero();
        assertThat(ended.output()).matches("\\d+ refused, \\d+ passed\n");
    }

    private static List<Wrong> wrongFields(ByteBuffer program) {
        var fields = new ArrayList<Wrong>();
        long most = 0xffffffffL;
        int dataAt = program.getInt(Format.HEADER_DATA_AT);
        int dataSize = program.getInt(Format.HEADER_DATA_SIZE);
        int slots = program.getInt(Format.HEADER_SLOTS);
        int steps = program.getInt(Format.HEADER_STEPS);
        int relocs = program.getInt(Format.HEADER_RELOCS_AT);

        add(fields, "magic", Format.HEADER_MAGIC, 4, "magic", 0, most, Format.MAGIC + 1);
        add(fields, "version", Format.HEADER_VERSION, 2, "version", 0, 2, 0xffff);
        add(fields, "machine", Format.HEADER_MACHINE, 2, "machine", 0, 3, 0xffff);
        add(
                fields,
                "size",
                Format.HEADER_LENGTH,
                4,
                "size in the header",
                0,
                program.capacity() + 4,
                most);
        add(fields, "steps", Format.HEADER_STEPS, 4, "steps", Format.MAX_STEPS + 1, most);
        add(fields, "steps", Format.HEADER_STEPS, 4, "data offset", 0, steps + 1);
        add(fields, "steps_at", Format.HEADER_STEPS_AT, 4, "steps", 0, 72, 88, most);
        add(fields, "data_at", Format.HEADER_DATA_AT, 4, "data offset", 0, dataAt + 8, most);
        add(
                fields,
                "data_size",
                Format.HEADER_DATA_SIZE,
                4,
                "data size",
                0,
                program.capacity(),
                most);
        add(fields, "slots", Format.HEADER_SLOTS, 4, "slots", Format.MAX_SLOTS + 1, most);
        add(fields, "slots", Format.HEADER_SLOTS, 4, "init slot", 0, 1);
        add(fields, "streams", Format.HEADER_STREAMS, 4, "streams", 0, 5, most);
        add(fields, "streams", Format.HEADER_STREAMS, 4, "stream", 1);
        add(fields, "first of stream 0", Format.HEADER_STREAM_AT, 4, "stream", 1, most);
        add(fields, "first of stream 1", Format.HEADER_STREAM_AT + 4, 4, "stream", steps + 1, most);
        add(fields, "first of stream 3", Format.HEADER_STREAM_AT + 12, 4, "stream", 1, most);
        add(
                fields,
                "relocs_at",
                Format.HEADER_RELOCS_AT,
                4,
                "relocations offset",
                0,
                relocs + 4,
                most);
        add(fields, "relocs", Format.HEADER_RELOCS, 4, "relocations", 0, 1000, most);
        add(fields, "init slot", Format.HEADER_INIT_SLOT, 4, "init slot", slots + 1, most);
        add(fields, "reserved", Format.HEADER_RESERVED, 8, "reserved field", 1, -1);
        add(fields, "reserved", Format.HEADER_RESERVED + 8, 8, "reserved field", 1, -1);
        add(
                fields,
                "first byte of the data",
                dataAt,
                1,
                "data that neither starts nor ends with NUL",
                1);
        add(
                fields,
                "last byte of the data",
                dataAt + dataSize - 1,
                1,
                "data that neither starts nor ends with NUL",
                1);
        add(fields, "relocation", relocs, 4, "relocation", dataSize, dataSize - 4, 1, most);
        add(fields, "relocation", relocs + 4, 4, "order of relocations", 0, program.getInt(relocs));
        add(
                fields,
                "relocated word",
                dataAt + program.getInt(relocs),
                8,
                "relocated offset",
                dataSize,
                Long.MAX_VALUE,
                -2);

        for (int step = 0; step < steps; step++) {
            int at = FIRST_STEP + step * Format.STEP_SIZE;
            String name = "steps[" + step + "].";
            kinds(fields, name, at, program, dataSize, slots);
            if (step % 8 == 0) { // the check treats these alike in every step
                common(fields, name, at, steps, dataSize, slots);
            }
        }
        literals(fields, program, dataSize, slots);
        return fields;
    }

    /** What every step has, whatever its op. */
    private static void common(
            List<Wrong> fields, String name, int at, int steps, int dataSize, int slots) {
        long most = 0xffffffffL;
        add(fields, name + "flags", at + Format.STEP_FLAGS, 1, "flags", 0x20, 0xff);
        add(fields, name + "result", at + Format.STEP_RESULT, 2, "result slot", slots, 0xfffe);
        add(fields, name + "skip", at + Format.STEP_SKIP, 2, "skip", steps, 0xffff);
        add(fields, name + "key", at + Format.STEP_KEY, 4, "label", dataSize, most);
        add(fields, name + "say", at + Format.STEP_SAY, 4, "label", dataSize, most);
        add(fields, name + "op", at + Format.STEP_OP, 1, "op", Format.OP_COUNT, 0xff);
        int kinds = at + Format.STEP_KINDS;
        add(fields, name + "kinds", kinds, 4, "kinds", 0x1000000, most);
        add(fields, name + "kinds", kinds, 4, "kind of an operand", 0x400000, 0xf00000);
    }

    /** For each operand that is an offset or a slot: one beyond the last. */
    private static void kinds(
            List<Wrong> fields, String name, int at, ByteBuffer program, int dataSize, int slots) {
        int kinds = program.getInt(at + Format.STEP_KINDS);
        for (int operand = 0; operand < Format.OPERANDS; operand++) {
            int place = at + Format.STEP_OPERAND + 8 * operand;
            switch (kinds >> (4 * operand) & 15) {
                case Format.KIND_DATA ->
                        add(
                                fields,
                                name + "operand " + operand,
                                place,
                                8,
                                "data operand",
                                dataSize,
                                -1,
                                Long.MIN_VALUE);
                case Format.KIND_SLOT, Format.KIND_SLOT_ADDRESS ->
                        add(
                                fields,
                                name + "operand " + operand,
                                place,
                                8,
                                "slot operand",
                                slots,
                                -1,
                                0x100000000L);
                default -> {}
            }
        }
    }

    /** Operands that are numbers, and mean an offset, a stream, a slot, a width or a length. */
    private static void literals(List<Wrong> fields, ByteBuffer program, int dataSize, int slots) {
        operand(
                fields,
                program,
                Format.OP_DECIMAL,
                1,
                "hole for a decimal",
                dataSize,
                dataSize - 21,
                -1);
        operand(fields, program, Format.OP_DECIMAL, 2, "hole for a decimal", 21, -1);
        operand(
                fields,
                program,
                Format.OP_POKE,
                1,
                "hole for a number",
                dataSize,
                dataSize - 8,
                -1);
        operand(fields, program, Format.OP_POKE, 2, "hole for a number", 0, 3, 5, 9, 16, -1);
        operand(fields, program, Format.OP_LOAD, 0, "number to load", dataSize, dataSize - 4, -1);
        operand(fields, program, Format.OP_LOAD, 1, "number to load", 0, 3, 16, -1);
        operand(fields, program, Format.OP_FORK, 1, "stream to fork", 0, 2, 4, -1);
        operand(fields, program, Format.OP_FORK, 3, "slot of a pidfd", slots, 0xfffe, 0x10000, -1);
        operand(fields, program, Format.OP_POST, 0, "peer", 0, 2, 4, -1);
        operand(fields, program, Format.OP_POST, 1, "tag", 0x100000000L, -1);
        operand(fields, program, Format.OP_WAIT, 0, "peer", 0, 2, 4, -1);
        operand(fields, program, Format.OP_WAIT, 1, "tag", 0x100000000L, -1);
        operand(fields, program, Format.OP_SPAWN, 4, "input", dataSize, -1);
        operand(fields, program, Format.OP_SPAWN, 5, "time limit", 0x100000000L, -1);
        operand(fields, program, Format.OP_ENSURE, 2, "kind or mode of a path", 2, -1);
        operand(fields, program, Format.OP_ENSURE, 3, "kind or mode of a path", 010000, -1);
        operand(fields, program, Format.OP_EXEC, 3, "program to execute", 2, -1);
        operand(fields, program, Format.OP_LISTENER, 0, "slot to watch", slots, -1);
        operand(fields, program, Format.OP_PAUSE, 0, "slot to watch", slots, -1);
        operand(fields, program, Format.OP_HEED, 1, "kind of peer", 2, -1);
        operand(fields, program, Format.OP_EXPECT, 4, "error of an expectation", 0, 4096, -1);
        operand(fields, program, Format.OP_EXPECT, 5, "error of an expectation", 2, -1);
    }

    private static void operand(
            List<Wrong> fields,
            ByteBuffer program,
            int op,
            int operand,
            String said,
            long... values) {
        int step = 0;
        while (program.get(FIRST_STEP + step * Format.STEP_SIZE) != op) {
            step++;
        }
        int at = FIRST_STEP + step * Format.STEP_SIZE + Format.STEP_OPERAND + 8 * operand;
        add(fields, "steps[" + step + "] operand " + operand, at, 8, said, values);
    }

    private static void add(
            List<Wrong> fields, String name, int at, int width, String said, long... values) {
        for (long value : values) {
            fields.add(new Wrong(name, at, width, value, said));
        }
    }

    private Program sample() {
        return SamplePrograms.everyOp(HostedCheck.machine(), marker().toString());
    }

    private Path marker() {
        return folder.resolve("marker");
    }

    private HostedCheck.Ended run(byte[] program) throws Exception {
        Path file = Files.write(folder.resolve("given"), program);
        return HostedCheck.run(List.of(HostedCheck.executor().toString(), file.toString()));
    }
}
