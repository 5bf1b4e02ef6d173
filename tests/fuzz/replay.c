/* SPDX-License-Identifier: Apache-2.0
 * A main for fuzz targets without libFuzzer: `replay_<name> [rounds] file...` runs
 * every file once and then `rounds` variants of each: bytes changed, cut out, or
 * doubled, from a fixed seed. Fails only by crashing.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INPUT = 1 << 16 };

static uint64_t state = 1;

static size_t below(size_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return n ? (size_t)(state >> 33) % n : 0;
}

/* One small change; returns the new size. */
static size_t mutate(uint8_t *p, size_t n)
{
    size_t at = below(n), len = 1 + below(8);
    if (n == 0) return 0;
    switch (below(4)) {
    case 0: p[at] ^= (uint8_t)(1u << below(8)); return n;
    case 1: p[at] = (uint8_t)below(256); return n;
    case 2:
        if (at + len > n) len = n - at;
        memmove(p + at, p + at + len, n - at - len);
        return n - len;
    default:
        if (at + len > n || n + len > MAX_INPUT) return n;
        memmove(p + at + len, p + at, n - at);
        return n + len;
    }
}

/* Targets get memory of exactly the input's size, so that sanitizers see its end. */
static void run(const uint8_t *p, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy) exit(1);
    memcpy(copy, p, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static void run_file(const char *name, long rounds)
{
    static uint8_t input[MAX_INPUT], changed[MAX_INPUT];
    FILE *f = fopen(name, "rb");
    if (!f) {
        perror(name);
        exit(1);
    }
    size_t n = fread(input, 1, sizeof input, f);
    fclose(f);
    run(input, n);
    for (long round = 0; round < rounds; round++) {
        memcpy(changed, input, n);
        size_t size = n;
        for (size_t k = 1 + below(4); k > 0; k--)
            size = mutate(changed, size);
        run(changed, size);
    }
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    run((const uint8_t *)"", 0);
    for (int i = 2; i < argc; i++)
        run_file(argv[i], rounds);
    return 0;
}
