/*
 * The bytes of a program, version 1. Drawn in docs/formats/program.md; a test of the room compares
 * these numbers with the Java side.
 */
#ifndef RUNG_PROGRAM_H
#define RUNG_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#define RUNG_MAGIC 0x474e5552u
#define RUNG_VERSION 1
#define RUNG_MACHINE_X86_64 62
#define RUNG_MACHINE_AARCH64 183

#define RUNG_MAX_SIZE (1u << 20)
#define RUNG_MAX_STEPS 8192u
#define RUNG_MAX_SLOTS 1024u
#define RUNG_MAX_STREAMS 4u
#define RUNG_MAX_TAGS 64u
#define RUNG_NO_SLOT 0xffffu

struct rung_header {
    uint32_t magic;
    uint16_t version;
    uint16_t machine;
    uint32_t size;
    uint32_t steps;
    uint32_t steps_at;
    uint32_t data_at;
    uint32_t data_size;
    uint32_t slots;
    uint32_t streams;
    uint32_t stream_at[RUNG_MAX_STREAMS];
    uint32_t relocs_at;
    uint32_t relocs;
    uint32_t init_slot; /* slot of the init's pid + 1, 0 for none */
    uint64_t reserved[2];
};

struct rung_step {
    uint8_t op;
    uint8_t flags;
    uint16_t nr;
    uint16_t result;
    uint16_t skip;
    uint8_t tolerate[4];
    uint32_t kinds;
    uint64_t operand[6];
    uint32_t key;
    uint32_t say;
};

_Static_assert(sizeof(struct rung_header) == 80, "header");
_Static_assert(sizeof(struct rung_step) == 72, "step");

#define RUNG_OP_CALL 0
#define RUNG_OP_DECIMAL 1
#define RUNG_OP_POKE 2
#define RUNG_OP_FORK 3
#define RUNG_OP_POST 4
#define RUNG_OP_WAIT 5
#define RUNG_OP_STARTTIME 6
#define RUNG_OP_ENSURE 7
#define RUNG_OP_SPAWN 8
#define RUNG_OP_EXEC 9
#define RUNG_OP_PHASE 10
#define RUNG_OP_EXPECT 11
#define RUNG_OP_ADOPT 12
#define RUNG_OP_HEED 13
#define RUNG_OP_LISTENER 14
#define RUNG_OP_SIGNALS 15
#define RUNG_OP_PAUSE 16
#define RUNG_OP_LOAD 17
#define RUNG_OP_COPY 18
#define RUNG_OP_OUTPUT 19
#define RUNG_OP_SHED 20
#define RUNG_OP_COUNT 21

#define RUNG_FLAG_UNDO 1
#define RUNG_FLAG_PATIENT 2
#define RUNG_FLAG_TOLERATE_ALL 4
#define RUNG_FLAG_WARN 8
#define RUNG_FLAG_EXACT 16
#define RUNG_FLAG_KNOWN 31

#define RUNG_KIND_LITERAL 0
#define RUNG_KIND_DATA 1
#define RUNG_KIND_SLOT 2
#define RUNG_KIND_SLOT_ADDRESS 3

/* Errors beyond errno: how a spawned program ended, and a message that needs no errno text. */
#define RUNG_ERROR_EXITED 0x1000
#define RUNG_ERROR_KILLED 0x2000
#define RUNG_ERROR_SAID 0x3000

#define RUNG_NULL UINT64_MAX

#endif
