/* SPDX-License-Identifier: Apache-2.0
 * Random numbers: seeds, columns of draws, and single draws that need a loop. A rank
 * makes its own rows of a column, from their global numbers.
 */
#include "base/base.h"

#include "kernel/random.h"
#include "rt/rt_int.h"

#include <sys/random.h>
#include <time.h>

Status rt_randseed(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)cx, (void)at, (void)nin, (void)nout;
    uint64_t word[5];
    Pcg g = pcg_seed((uint64_t)in[0].i);
    seed_words((uint64_t)in[0].i, word, 5);
    out[0].i = (int64_t)word[4];
    out[1].i = (int64_t)g.hi;
    out[2].i = (int64_t)g.lo;
    out[3].i = (int64_t)g.inc_hi;
    out[4].i = (int64_t)g.inc_lo;
    return OK;
}

static Pcg pcg_of(const Slot *in)
{
    return (Pcg){(uint64_t)in[0].i, (uint64_t)in[1].i, (uint64_t)in[2].i,
                 (uint64_t)in[3].i};
}

Status rt_pcgjump(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)cx, (void)at, (void)nin, (void)nout;
    Pcg g = pcg_of(in);
    pcg_advance(&g, (uint64_t)in[4].i);
    out[0].i = (int64_t)g.hi;
    out[1].i = (int64_t)g.lo;
    return OK;
}

/* Rank 0's, where ranks run together. */
Status rt_entropy(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)in, (void)nout;
    int64_t word = 0;
    if (getrandom(&word, sizeof word, 0) != (ssize_t)sizeof word) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        word = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    }
    if (rt_par(cx, at)) {
        if (cx->comm->rank) word = 0;
        TRY(comm_sum_i64(cx, &word, 1));
    }
    out[0].i = word;
    return OK;
}

Status rt_randdraw(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)cx, (void)nin, (void)nout;
    uint64_t key = (uint64_t)in[0].i, row = (uint64_t)in[1].i;
    switch ((RandomKind)attr_int(at, "kind", 0)) {
    case RANDOM_GAMMA: out[0].f = random_gamma(key, row, in[2].f); break;
    case RANDOM_POISSON: out[0].i = random_poisson(key, row, in[2].f); break;
    default: out[0].i = random_binomial(key, row, in[3].i, in[2].f); break;
    }
    return OK;
}

Status rt_randfill(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    RandomSpec s = {.kind = (RandomKind)attr_int(at, "kind", 0)};
    idx before = 0, total;
    Array *a;
    if (s.kind == RANDOM_PCG) {
        s.pcg = pcg_of(in + 1);
    } else {
        s.key = (uint64_t)in[1].i;
        s.a = in[2].f;
        s.lo = in[3].i;
        s.n = (uint64_t)in[4].i;
    }
    if (rt_par(cx, at)) TRY(comm_exscan_i64(cx, in[0].i, &before, &total));
    RtType t = rt_type(at, "rtype", 0);
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, UNIT_NONE, in[0].i, false, &a));
    Status st = random_fill(cx, &s, before, a->n, a->data);
    if (st) {
        array_unref(a);
        return st;
    }
    return rt_out(cx, &out[0], a);
}
