package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The executor's header and {@link Format} draw the same bytes. */
class FormatTests {
    private static final Pattern DEFINE =
            Pattern.compile("(?m)^#define RUNG_(\\w+) +(?:\\()?([0-9a-fx]+)u?(?: << ([0-9]+)\\))?");
    private static final Pattern FIELD =
            Pattern.compile("uint(8|16|32|64)_t (\\w+)(?:\\[(\\w+)])?;");

    private static final Map<String, Long> defines = new HashMap<>();
    private static final Map<String, Integer> fields = new HashMap<>();

    @BeforeAll
    static void readHeader() throws Exception {
        String header = Files.readString(Path.of("src/main/c/program.h"));
        var define = DEFINE.matcher(header);
        while (define.find()) {
            long value = Long.decode(define.group(2));
            String shift = define.group(3);
            defines.put(define.group(1), shift == null ? value : value << Integer.parseInt(shift));
        }
        for (String struct : new String[] {"header", "step"}) {
            int begin = header.indexOf("struct rung_" + struct + " {");
            int at = 0;
            var field = FIELD.matcher(header.substring(begin, header.indexOf("};", begin)));
            while (field.find()) {
                fields.put(struct + "_" + field.group(2), at);
                String count = field.group(3);
                at += Integer.parseInt(field.group(1)) / 8 * (count == null ? 1 : count(count));
            }
            fields.put(struct, at);
        }
        assertThat(defines).hasSizeGreaterThan(40);
        assertThat(fields).hasSizeGreaterThan(25);
    }

    private static int count(String text) {
        return text.startsWith("RUNG_")
                ? Math.toIntExact(defines.getOrDefault(text.substring(5), 0L))
                : Integer.parseInt(text);
    }

    @Test
    void shouldHaveTheSameNumbers() {
        var java = new HashMap<String, Long>();
        java.put("MAGIC", (long) Format.MAGIC);
        java.put("VERSION", (long) Format.VERSION);
        java.put("MACHINE_X86_64", (long) Machine.X86_64.elf());
        java.put("MACHINE_AARCH64", (long) Machine.AARCH64.elf());
        java.put("MAX_SIZE", (long) Format.MAX_SIZE);
        java.put("MAX_STEPS", (long) Format.MAX_STEPS);
        java.put("MAX_SLOTS", (long) Format.MAX_SLOTS);
        java.put("MAX_STREAMS", (long) Format.MAX_STREAMS);
        java.put("MAX_TAGS", (long) Format.MAX_TAGS);
        java.put("NO_SLOT", (long) Format.NO_SLOT);
        java.put("OP_CALL", (long) Format.OP_CALL);
        java.put("OP_DECIMAL", (long) Format.OP_DECIMAL);
        java.put("OP_POKE", (long) Format.OP_POKE);
        java.put("OP_FORK", (long) Format.OP_FORK);
        java.put("OP_POST", (long) Format.OP_POST);
        java.put("OP_WAIT", (long) Format.OP_WAIT);
        java.put("OP_STARTTIME", (long) Format.OP_STARTTIME);
        java.put("OP_ENSURE", (long) Format.OP_ENSURE);
        java.put("OP_SPAWN", (long) Format.OP_SPAWN);
        java.put("OP_EXEC", (long) Format.OP_EXEC);
        java.put("OP_PHASE", (long) Format.OP_PHASE);
        java.put("OP_EXPECT", (long) Format.OP_EXPECT);
        java.put("OP_ADOPT", (long) Format.OP_ADOPT);
        java.put("OP_HEED", (long) Format.OP_HEED);
        java.put("OP_LISTENER", (long) Format.OP_LISTENER);
        java.put("OP_SIGNALS", (long) Format.OP_SIGNALS);
        java.put("OP_PAUSE", (long) Format.OP_PAUSE);
        java.put("OP_LOAD", (long) Format.OP_LOAD);
        java.put("OP_COPY", (long) Format.OP_COPY);
        java.put("OP_OUTPUT", (long) Format.OP_OUTPUT);
        java.put("OP_SHED", (long) Format.OP_SHED);
        java.put("OP_COUNT", (long) Format.OP_COUNT);
        java.put("FLAG_UNDO", (long) Format.FLAG_UNDO);
        java.put("FLAG_PATIENT", (long) Format.FLAG_PATIENT);
        java.put("FLAG_TOLERATE_ALL", (long) Format.FLAG_TOLERATE_ALL);
        java.put("FLAG_WARN", (long) Format.FLAG_WARN);
        java.put("FLAG_EXACT", (long) Format.FLAG_EXACT);
        java.put("FLAG_KNOWN", (long) Format.FLAG_KNOWN);
        java.put("KIND_LITERAL", (long) Format.KIND_LITERAL);
        java.put("KIND_DATA", (long) Format.KIND_DATA);
        java.put("KIND_SLOT", (long) Format.KIND_SLOT);
        java.put("KIND_SLOT_ADDRESS", (long) Format.KIND_SLOT_ADDRESS);
        java.put("ERROR_EXITED", (long) StepError.EXITED);
        java.put("ERROR_KILLED", (long) StepError.KILLED);
        java.put("ERROR_SAID", (long) StepError.SAID);
        assertThat(defines).isEqualTo(java);
    }

    @Test
    void shouldHaveTheSameFields() {
        var java = new HashMap<String, Integer>();
        java.put("header", Format.HEADER_SIZE);
        java.put("header_magic", Format.HEADER_MAGIC);
        java.put("header_version", Format.HEADER_VERSION);
        java.put("header_machine", Format.HEADER_MACHINE);
        java.put("header_size", Format.HEADER_LENGTH);
        java.put("header_steps", Format.HEADER_STEPS);
        java.put("header_steps_at", Format.HEADER_STEPS_AT);
        java.put("header_data_at", Format.HEADER_DATA_AT);
        java.put("header_data_size", Format.HEADER_DATA_SIZE);
        java.put("header_slots", Format.HEADER_SLOTS);
        java.put("header_streams", Format.HEADER_STREAMS);
        java.put("header_stream_at", Format.HEADER_STREAM_AT);
        java.put("header_relocs_at", Format.HEADER_RELOCS_AT);
        java.put("header_relocs", Format.HEADER_RELOCS);
        java.put("header_init_slot", Format.HEADER_INIT_SLOT);
        java.put("header_reserved", Format.HEADER_RESERVED);
        java.put("step", Format.STEP_SIZE);
        java.put("step_op", Format.STEP_OP);
        java.put("step_flags", Format.STEP_FLAGS);
        java.put("step_nr", Format.STEP_NR);
        java.put("step_result", Format.STEP_RESULT);
        java.put("step_skip", Format.STEP_SKIP);
        java.put("step_tolerate", Format.STEP_TOLERATE);
        java.put("step_kinds", Format.STEP_KINDS);
        java.put("step_operand", Format.STEP_OPERAND);
        java.put("step_key", Format.STEP_KEY);
        java.put("step_say", Format.STEP_SAY);
        assertThat(fields).isEqualTo(java);
    }

    @Test
    void shouldTranslateFlagsOfOpenForOtherMachines() {
        // x86-64: O_DIRECT 040000, O_DIRECTORY 0200000, O_NOFOLLOW 0400000; arm64: 0200000, 040000,
        // 0100000
        assertThat(Machine.AARCH64.openFlags(FileStep.O_DIRECTORY)).isEqualTo(040000);
        assertThat(Machine.AARCH64.openFlags(FileStep.O_NOFOLLOW)).isEqualTo(0100000);
        assertThat(Machine.AARCH64.openFlags(040000)).isEqualTo(0200000);
        assertThat(Machine.AARCH64.openFlags(FileStep.O_PATH | FileStep.O_CLOEXEC))
                .isEqualTo(FileStep.O_PATH | FileStep.O_CLOEXEC);
        for (long bits = 0; bits < 1 << 22; bits += 0x4000) {
            assertThat(Machine.AARCH64.openFlags(Machine.AARCH64.openFlags(bits))).isEqualTo(bits);
            assertThat(Machine.X86_64.openFlags(bits)).isEqualTo(bits);
        }
    }

    @Test
    void shouldNameCallsAsTheKernelDoes() {
        for (Call call : Call.values()) {
            assertThat(call.label()).isEqualTo(call.name().toLowerCase(Locale.ROOT));
            for (Machine machine : Machine.values()) {
                assertThat(machine.call(machine.number(call))).isEqualTo(call);
            }
        }
    }
}
