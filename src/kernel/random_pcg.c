/* SPDX-License-Identifier: Apache-2.0
 * NumPy's SeedSequence and PCG64, from their published descriptions. The generator
 * steps state = state * MULT + inc modulo 2^128 and shows the two halves xored and
 * rotated by the top six bits. k steps are one multiplication and addition whose
 * constants are made by squaring (F. Brown, "Random number generation with arbitrary
 * strides").
 */
#include "kernel/random.h"

__extension__ typedef unsigned __int128 Wide;

/* -- SeedSequence ------------------------------------------------------------------ */
enum { POOL = 4, SHIFT = 16 };

static uint32_t hash_in(uint32_t v, uint32_t *mul)
{
    v ^= *mul;
    *mul *= 0x931E8875u;
    v *= *mul;
    return v ^ v >> SHIFT;
}

static uint32_t mix(uint32_t x, uint32_t y)
{
    uint32_t r = 0xCA01F9DDu * x - 0x4973F715u * y;
    return r ^ r >> SHIFT;
}

void seed_words(uint64_t seed, uint64_t *out, int nword)
{
    uint32_t entropy[POOL] = {(uint32_t)seed, (uint32_t)(seed >> 32), 0, 0};
    uint32_t pool[POOL], mul = 0x43B0D7E5u;
    for (int i = 0; i < POOL; i++)
        pool[i] = hash_in(entropy[i], &mul);
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++)
            if (from != to) pool[to] = mix(pool[to], hash_in(pool[from], &mul));
    mul = 0x8B51F9DDu;
    for (int i = 0; i < 2 * nword; i++) {
        uint32_t v = pool[i % POOL] ^ mul;
        mul *= 0x58F38DEDu;
        v *= mul;
        v ^= v >> SHIFT;
        if (i % 2)
            out[i / 2] |= (uint64_t)v << 32;
        else
            out[i / 2] = v;
    }
}

/* -- PCG64 ------------------------------------------------------------------------- */
static Wide wide(uint64_t hi, uint64_t lo)
{
    return (Wide)hi << 64 | lo;
}

static Wide multiplier(void)
{
    return wide(UINT64_C(2549297995355413924), UINT64_C(4865540595714422341));
}

static void put(Pcg *g, Wide state)
{
    g->hi = (uint64_t)(state >> 64);
    g->lo = (uint64_t)state;
}

Pcg pcg_seed(uint64_t seed)
{
    uint64_t w[4];
    seed_words(seed, w, 4);
    Wide inc = wide(w[2], w[3]) << 1 | 1;
    Pcg g = {.inc_hi = (uint64_t)(inc >> 64), .inc_lo = (uint64_t)inc};
    put(&g, (inc + wide(w[0], w[1])) * multiplier() + inc);
    return g;
}

static uint64_t shown(Wide s)
{
    uint64_t x = (uint64_t)(s >> 64) ^ (uint64_t)s;
    unsigned by = (unsigned)(s >> 122);
    return x >> by | x << (-by & 63);
}

uint64_t pcg_next(Pcg *g)
{
    Wide s = wide(g->hi, g->lo) * multiplier() + wide(g->inc_hi, g->inc_lo);
    put(g, s);
    return shown(s);
}

void pcg_advance(Pcg *g, uint64_t steps)
{
    Wide mul = multiplier(), add = wide(g->inc_hi, g->inc_lo), m = 1, a = 0;
    for (; steps; steps >>= 1) {
        if (steps & 1) {
            m *= mul;
            a = a * mul + add;
        }
        add *= mul + 1;
        mul *= mul;
    }
    put(g, wide(g->hi, g->lo) * m + a);
}

void pcg_doubles(Pcg *g, idx n, double *out)
{
    Wide s = wide(g->hi, g->lo), mul = multiplier(), inc = wide(g->inc_hi, g->inc_lo);
    for (idx i = 0; i < n; i++) {
        s = s * mul + inc;
        out[i] = (double)(shown(s) >> 11) * 0x1p-53;
    }
    put(g, s);
}
