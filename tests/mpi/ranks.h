/* SPDX-License-Identifier: Apache-2.0
 * What the tests that run on several ranks share: a world table that every rank makes
 * alike from one seed, ways to spread it over the ranks, and a comparison of a rank's
 * result with rows of the world. A failed assertion ends the rank, and the launcher the
 * others.
 */
#pragma once
#include "../unit/columns.h"
#include "comm/comm.h"

typedef struct World {
    Cx *cx;
    int rank, size;
    Rng rng;    /* the same on all ranks */
    Table all;  /* every row */
    idx *start; /* size + 1: rank r holds rows start[r] .. start[r + 1] */
    Table mine; /* this rank's rows, strings in a layout of its own */
} World;

/* How rows are spread. */
typedef enum Spread { SP_EVEN, SP_FIRST, SP_LAST, SP_RANDOM, SP_COUNT } Spread;

/* How a string column is held on a rank. */
typedef enum Layout {
    LAY_AS_IS, /* as made: one dictionary for all, or plain */
    LAY_PLAIN, /* plain everywhere */
    LAY_OWN,   /* dictionaries, in another order on every rank */
    LAY_MIXED, /* own dictionaries on even ranks, plain on odd ones */
    LAY_COUNT
} Layout;

/* A dictionary column over the distinct texts of a, in an order of rank's own. */
static inline Array *own_dict(Cx *cx, Array *a, int rank)
{
    Builder *b;
    Array *plain, *dict, *out;
    idx n = a->n, count = 0, *first = malloc((size_t)(n + 1) * sizeof *first);
    assert_ok(array_str_plain(cx, a, &plain));
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, 0, &b));
    int32_t *code = calloc((size_t)n + 1, sizeof *code);
    for (idx j = 0; j < n; j++) { /* odd ranks number from the end */
        idx i = rank % 2 ? n - 1 - j : j, e = 0;
        if (!array_bit(plain, i)) continue;
        while (e < count && !same_value(plain, first[e], plain, i))
            e++;
        if (e == count) {
            idx len;
            const uint8_t *s = array_str(plain, i, &len);
            assert_ok(builder_add_str(cx, b, s, len));
            first[count++] = i;
        }
        code[i] = (int32_t)e;
    }
    assert_ok(builder_finish(cx, b, &dict));
    assert_ok(array_new_dict(cx, n, dict, &out));
    if (n) memcpy(out->data, code, (size_t)n * sizeof *code);
    if (plain->valid) {
        assert_ok(array_add_valid(cx, out, false));
        if (n) memcpy(out->valid, plain->valid, (size_t)bit_words(n) * 8);
    }
    array_unref(dict);
    array_unref(plain);
    free(first);
    free(code);
    return out;
}

static inline void lay_out(Cx *cx, Array **a, Layout layout, int rank)
{
    Array *old = *a, *other = NULL;
    bool plain = layout == LAY_PLAIN || (layout == LAY_MIXED && rank % 2);
    if (old->dt != DT_STR || layout == LAY_AS_IS) return;
    if (plain)
        assert_ok(array_str_plain(cx, old, &other));
    else
        other = own_dict(cx, old, rank);
    array_unref(old);
    *a = other;
}

static inline void world_spread(World *w, Spread spread)
{
    idx n = w->all.n;
    w->start = calloc((size_t)w->size + 1, sizeof *w->start);
    for (int r = 1; r < w->size; r++) {
        switch (spread) {
        case SP_EVEN: w->start[r] = block_start(n, w->size, r); break;
        case SP_FIRST: w->start[r] = n; break;
        case SP_LAST: w->start[r] = 0; break;
        default:
            w->start[r] = w->start[r - 1] + rng_below(&w->rng, n - w->start[r - 1] + 1);
        }
        /* every third random spread has an empty rank */
        if (spread == SP_RANDOM && rng_chance(&w->rng, 33))
            w->start[r] = w->start[r - 1];
    }
    w->start[w->size] = n;
}

/* Takes over the rows of all. */
static inline World world_new(Cx *cx, uint64_t seed, Table all, Spread spread,
                              Layout layout)
{
    World w = {.cx = cx, .rank = cx->comm->rank, .size = cx->comm->size, .all = all};
    w.rng.s = seed;
    world_spread(&w, spread);
    idx n = w.start[w.rank + 1] - w.start[w.rank];
    assert_ok(table_init(cx, &w.mine, all.ncol, n));
    for (idx k = 0; k < all.ncol; k++) {
        assert_ok(array_slice(cx, all.col[k], w.start[w.rank], n, &w.mine.col[k]));
        lay_out(cx, &w.mine.col[k], layout, w.rank);
    }
    return w;
}

static inline void world_free(World *w)
{
    table_clear(&w->mine);
    table_clear(&w->all);
    free(w->start);
}

static inline void assert_whole(Cx *cx, const Table *t)
{
    for (idx k = 0; k < t->ncol; k++) {
        assert_int_equal(t->col[k]->n, t->n);
        assert_ok(array_check(cx, t->col[k]));
    }
}

/* The first ncol columns of t are the rows of the world listed in row. */
static inline void assert_rows(const World *w, const Table *t, const idx *row, idx n)
{
    Cx *cx = w->cx;
    assert_int_equal(t->n, n);
    assert_whole(cx, t);
    for (idx i = 0; i < n; i++)
        for (idx k = 0; k < t->ncol; k++)
            if (!same_value(t->col[k], i, w->all.col[k], row[i]))
                fail_msg("rank %d: row %lld, column %lld is not row %lld of the world",
                         w->rank, (long long)i, (long long)k, (long long)row[i]);
}

/* All string columns of t are dictionaries (or none is). */
static inline void assert_layout(const Table *t, bool dict)
{
    for (idx k = 0; k < t->ncol; k++)
        if (t->col[k]->dt == DT_STR) assert_int_equal(array_is_dict(t->col[k]), dict);
}
