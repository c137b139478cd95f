package dev.rung.program;

/**
 * The bytes of a program, version 1: where what lies. Drawn in docs/formats/program.md; the
 * executor's program.h says the same, which a test compares.
 */
final class Format {
    static final int MAGIC = 0x474e5552;
    static final int VERSION = 1;
    static final int MAX_SIZE = 1 << 20;
    static final int MAX_STEPS = 8192;
    static final int MAX_SLOTS = 1024;
    static final int MAX_STREAMS = 4;
    static final int MAX_TAGS = 64;
    static final int NO_SLOT = 0xffff;

    static final int HEADER_SIZE = 80;
    static final int HEADER_MAGIC = 0;
    static final int HEADER_VERSION = 4;
    static final int HEADER_MACHINE = 6;
    static final int HEADER_LENGTH = 8;
    static final int HEADER_STEPS = 12;
    static final int HEADER_STEPS_AT = 16;
    static final int HEADER_DATA_AT = 20;
    static final int HEADER_DATA_SIZE = 24;
    static final int HEADER_SLOTS = 28;
    static final int HEADER_STREAMS = 32;
    static final int HEADER_STREAM_AT = 36;
    static final int HEADER_RELOCS_AT = 52;
    static final int HEADER_RELOCS = 56;
    static final int HEADER_INIT_SLOT = 60;
    static final int HEADER_RESERVED = 64;

    static final int STEP_SIZE = 72;
    static final int STEP_OP = 0;
    static final int STEP_FLAGS = 1;
    static final int STEP_NR = 2;
    static final int STEP_RESULT = 4;
    static final int STEP_SKIP = 6;
    static final int STEP_TOLERATE = 8;
    static final int STEP_KINDS = 12;
    static final int STEP_OPERAND = 16;
    static final int STEP_KEY = 64;
    static final int STEP_SAY = 68;
    static final int OPERANDS = 6;

    static final int OP_CALL = 0;
    static final int OP_DECIMAL = 1;
    static final int OP_POKE = 2;
    static final int OP_FORK = 3;
    static final int OP_POST = 4;
    static final int OP_WAIT = 5;
    static final int OP_STARTTIME = 6;
    static final int OP_ENSURE = 7;
    static final int OP_SPAWN = 8;
    static final int OP_EXEC = 9;
    static final int OP_PHASE = 10;
    static final int OP_EXPECT = 11;
    static final int OP_ADOPT = 12;
    static final int OP_HEED = 13;
    static final int OP_LISTENER = 14;
    static final int OP_SIGNALS = 15;
    static final int OP_PAUSE = 16;
    static final int OP_LOAD = 17;
    static final int OP_COPY = 18;
    static final int OP_OUTPUT = 19;
    static final int OP_SHED = 20;
    static final int OP_COUNT = 21;

    static final int FLAG_UNDO = 1;
    static final int FLAG_PATIENT = 2;
    static final int FLAG_TOLERATE_ALL = 4;
    static final int FLAG_WARN = 8;
    static final int FLAG_EXACT = 16;
    static final int FLAG_KNOWN = 31;

    static final int KIND_LITERAL = 0;
    static final int KIND_DATA = 1;
    static final int KIND_SLOT = 2;
    static final int KIND_SLOT_ADDRESS = 3;

    /** A relocated word that stands for no address. */
    static final long NULL = -1;

    private Format() {}
}
