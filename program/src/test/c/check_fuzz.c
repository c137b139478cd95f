/*
 * A hosted fuzz driver for the check of programs, built with AddressSanitizer and UBSan:
 *     check_fuzz ROUNDS SEED PROGRAM...
 * Mutates the given programs and checks each result in a heap block of exactly its size, so that every
 * read beyond it is caught. What the check lets through is walked once as the executor would walk it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../main/c/program.h"

const char *program_check(const uint8_t *bytes, uint32_t size);

static uint64_t state;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static volatile uint64_t sink;

/* Touches all that the executor may touch by itself: strings of labels and operands, tables. */
static void walk(const uint8_t *bytes) {
    struct rung_header h;
    memcpy(&h, bytes, sizeof h);
    const uint8_t *data = bytes + h.data_at;
    for (uint32_t i = 0; i < h.relocs; i++) {
        uint32_t at;
        uint64_t value;
        memcpy(&at, bytes + h.relocs_at + 4 * i, sizeof at);
        memcpy(&value, data + at, sizeof value);
        if (value != RUNG_NULL) sink += strlen((const char *)data + value);
    }
    for (uint32_t i = 0; i < h.steps; i++) {
        struct rung_step s;
        memcpy(&s, bytes + h.steps_at + i * sizeof s, sizeof s);
        sink += strlen((const char *)data + s.key) + strlen((const char *)data + s.say);
        for (int o = 0; o < 6; o++)
            if ((s.kinds >> (4 * o) & 15) == RUNG_KIND_DATA) sink += strlen((const char *)data + s.operand[o]);
        if (s.op == RUNG_OP_EXEC || s.op == RUNG_OP_SPAWN) {
            uint64_t word, at = s.operand[s.op == RUNG_OP_EXEC ? 0 : 1];
            do memcpy(&word, data + at, sizeof word), at += 8;
            while (word != RUNG_NULL);
        }
    }
}

static void mutate(uint8_t *bytes, uint32_t size) {
    static const uint64_t edges[] = {0, 1, 7, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, UINT64_MAX};
    for (uint64_t count = 1 + next() % 4; count; count--) {
        /* Half of the changes go to the header and the first steps, where the fields are. */
        uint32_t reach = next() % 2 ? size : size < 400 ? size : 400;
        uint32_t at = (uint32_t)(next() % reach);
        uint64_t value = next() % 2 ? edges[next() % (sizeof edges / sizeof *edges)] : next();
        uint32_t width = 1u << next() % 4;
        if (width > size - at) width = size - at;
        memcpy(bytes + at, &value, width);
    }
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    uint64_t rounds = strtoull(argv[1], NULL, 10), accepted = 0;
    state = strtoull(argv[2], NULL, 10) | 1;
    for (int file = 3; file < argc; file++) {
        FILE *in = fopen(argv[file], "rb");
        static uint8_t original[RUNG_MAX_SIZE];
        if (!in) return 2;
        uint32_t size = (uint32_t)fread(original, 1, sizeof original, in);
        fclose(in);
        if (program_check(original, size)) {
            fprintf(stderr, "%s: %s\n", argv[file], program_check(original, size));
            return 1;
        }
        for (uint64_t round = 0; round < rounds; round++) {
            uint32_t length = next() % 8 ? size : (uint32_t)(next() % (size + 1));
            uint8_t *bytes = malloc(length ? length : 1);
            memcpy(bytes, original, length);
            if (length) mutate(bytes, length);
            if (!program_check(bytes, length)) {
                accepted++;
                walk(bytes);
            }
            free(bytes);
        }
    }
    printf("%llu accepted\n", (unsigned long long)accepted);
    return 0;
}
