/* SPDX-License-Identifier: Apache-2.0
 * Random numbers without a state that must be handed from row to row.
 *
 * Philox: a keyed bijection of counters ("Parallel random numbers: as easy as 1, 2, 3",
 * Salmon et al. 2011), 4x32 bits, 10 rounds. Counter (row, block) under a key gives two
 * words of 64 bits. Row r of an array draw is half r % 2 of counter (r / 2, 0), so
 * that any rank can make any row; draws that need an unknown number of words take
 * counters (r, 1), (r, 2) ... A single draw is a half of counter (row, block), made by
 * compiled code itself (codegen/cg_random.c).
 *
 * PCG64: NumPy's default generator (O'Neill 2014, a 128-bit LCG with the output
 * function XSL-RR), which can be advanced by any number of steps, so that random() and
 * uniform() give NumPy's very numbers on any number of ranks.
 *
 * SeedSequence: the hash that makes initial states of both from a seed.
 */
#pragma once
#include "base/cx.h"
#include "base/kinds.h"
#include <string.h>

/* -- random_philox.c --------------------------------------------------------------- */
void philox_block(uint64_t key, uint64_t row, uint64_t block, uint64_t out[2]);
/* Words of rows first .. first + n. */
void philox_words(uint64_t key, uint64_t first, idx n, uint64_t *out);
/* A double in [0, 1) of the upper 52 bits of a word, as compiled code makes it. */
static inline double random_unit(uint64_t word)
{
    uint64_t bits = word >> 12 | UINT64_C(0x3FF0000000000000);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d - 1.0;
}

/* -- random_pcg.c ------------------------------------------------------------------ */
typedef struct Pcg {
    uint64_t hi, lo, inc_hi, inc_lo;
} Pcg;
/* The state NumPy's SeedSequence gives for a seed; nword words of 64 bits. */
void seed_words(uint64_t seed, uint64_t *out, int nword);
Pcg pcg_seed(uint64_t seed);
uint64_t pcg_next(Pcg *g);
void pcg_advance(Pcg *g, uint64_t steps);
/* Doubles in [0, 1) of the upper 53 bits. */
void pcg_doubles(Pcg *g, idx n, double *out);

/* -- random_dist.c: one row of each distribution ----------------------------------- */
typedef struct RandomSpec {
    RandomKind kind;
    uint64_t key;
    double a;
    int64_t lo;
    uint64_t n;
    Pcg pcg; /* before the first row of all */
} RandomSpec;

/* The inverse of the normal distribution function: Wichura's AS 241, to 1e-16. */
double normal_inverse(double p);
/* Rows first .. first + n into out (8 bytes each). E_INTERRUPT. */
MUST_USE Status random_fill(Cx *cx, const RandomSpec *s, idx first, idx n, void *out);
/* One draw of GAMMA, POISSON or BINOMIAL from counters (row, block) on. */
double random_gamma(uint64_t key, uint64_t row, double shape);
int64_t random_poisson(uint64_t key, uint64_t row, double mean);
int64_t random_binomial(uint64_t key, uint64_t row, int64_t n, double p);
