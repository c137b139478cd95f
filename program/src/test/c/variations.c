/*
 * variations EXECUTOR PROGRAM MARKER: flips every bit of the header and of every step, one at a time. What
 * the check refuses is given to the executor too, which must then end with a status other than 0, by no
 * signal, and before its first step, which would make the file MARKER. What the check lets through is not
 * run: it may mean any system call.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../main/c/program.h"

const char *program_check(const uint8_t *bytes, uint32_t size);

static uint8_t program[RUNG_MAX_SIZE];
static uint32_t size;
static const char *executor, *marker;
static int stored;
static char stored_path[64];

static int run(void) {
    char *argv[] = {(char *)(uintptr_t) "rung-exec", stored_path, NULL}, *envp[] = {NULL};
    posix_spawn_file_actions_t silent;
    posix_spawn_file_actions_init(&silent);
    posix_spawn_file_actions_addopen(&silent, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status = 0;
    if (pwrite(stored, program, size, 0) != (ssize_t)size) exit(2);
    if (posix_spawn(&pid, executor, &silent, NULL, argv, envp) || waitpid(pid, &status, 0) != pid) exit(2);
    posix_spawn_file_actions_destroy(&silent);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    FILE *in = fopen(argv[2], "rb");
    if (!in) return 2;
    size = (uint32_t)fread(program, 1, sizeof program, in);
    fclose(in);
    executor = argv[1];
    marker = argv[3];
    stored = memfd_create("program", 0);
    snprintf(stored_path, sizeof stored_path, "/proc/%d/fd/%d", getpid(), stored);
    struct rung_header header;
    memcpy(&header, program, sizeof header);
    unsigned refused = 0, wrong = 0, passed = 0;
    for (uint32_t bit = 0; bit < header.data_at * 8; bit++) {
        program[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* A block of exactly its size, so that a sanitizer sees every read beyond it. */
        uint8_t *copy = malloc(size);
        memcpy(copy, program, size);
        if (program_check(copy, size)) {
            int status = run();
            refused++;
            if (!WIFEXITED(status) || WEXITSTATUS(status) == 0 || access(marker, F_OK) == 0) {
                printf("bit %u of byte %u: refused by the check, but the executor ended with %x\n", bit % 8, bit / 8, status);
                wrong++;
            }
        } else {
            passed++;
        }
        free(copy);
        program[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    printf("%u refused, %u passed\n", refused, passed);
    return wrong ? 1 : 0;
}
