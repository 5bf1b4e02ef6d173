/* SPDX-License-Identifier: Apache-2.0
 * Collectives and moves of tables, run on several ranks over the real MPI:
 *
 *   mpiexec -n N t_comm PLUGIN SECTION...      PLUGIN "self": one rank without MPI
 *
 * Every rank makes the same world of rows and knows what it must get. Sections: values
 * shuffle hash tables sort restore long edges errors faults stop; bench and huge
 * by hand; die.
 */
#include "base/hash.h"
#include "base/host.h"
#include "comm/wire.h"
#include "kernel/kernel.h"
#include "ranks.h"
#include <math.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static Table random_world(Cx *cx, uint64_t seed, idx n, idx distinct)
{
    Rng r = {seed * 77 + 5};
    Table t;
    assert_ok(table_init(cx, &t, COLUMN_KINDS, n));
    for (idx k = 0; k < COLUMN_KINDS; k++)
        t.col[k] = random_column(cx, &r, column_kind[k], n, distinct,
                                 (int)rng_below(&r, 3) * 20);
    return t;
}

/* -- Values ------------------------------------------------------------------------ */

static void test_sums(Cx *cx, int n)
{
    Comm *c = cx->comm;
    int64_t *v = calloc((size_t)n, sizeof *v), p = c->size, last = c->size - 1;
    for (int i = 0; i < n; i++)
        v[i] = i + c->rank;
    assert_ok(comm_sum_i64(cx, v, n));
    for (int i = 0; i < n; i++)
        assert_int_equal(v[i], p * i + p * last / 2);
    for (int i = 0; i < n; i++)
        v[i] = i % 2 ? INT64_MIN + c->rank : INT64_MAX - c->rank;
    assert_ok(comm_max_i64(cx, v, n));
    for (int i = 0; i < n; i++)
        assert_true(v[i] == (i % 2 ? INT64_MIN + last : INT64_MAX));
    for (int i = 0; i < n; i++)
        v[i] = i % 2 ? INT64_MIN + c->rank : INT64_MAX - c->rank;
    assert_ok(comm_min_i64(cx, v, n));
    for (int i = 0; i < n; i++)
        assert_true(v[i] == (i % 2 ? INT64_MIN : INT64_MAX - last));
    free(v);
}

static void test_floats(Cx *cx, int n)
{
    Comm *c = cx->comm;
    double *v = calloc((size_t)n, sizeof *v);
    for (int i = 0; i < n; i++)
        v[i] = c->rank == 0 ? 1e100 : c->rank == c->size - 1 ? -1e100 : i + 0.5;
    assert_ok(comm_sum_f64(cx, v, n));
    double middle = c->size > 2 ? c->size - 2 : 0;
    for (int i = 0; i < n; i++)
        assert_true(v[i] == (c->size == 1 ? 1e100 : middle * (i + 0.5)));
    for (int i = 0; i < n; i++)
        v[i] = i == 0 ? (double)NAN : c->rank == 0 ? (double)NAN : c->rank * 2.0;
    assert_ok(comm_max_f64(cx, v, n));
    for (int i = 0; i < n; i++)
        assert_true(i == 0 || c->size == 1 ? isnan(v[i]) : v[i] == 2.0 * (c->size - 1));
    for (int i = 0; i < n; i++)
        v[i] = c->rank == c->size - 1 ? -(double)INFINITY : c->rank;
    assert_ok(comm_min_f64(cx, v, n));
    for (int i = 0; i < n; i++)
        assert_true(isinf(v[i]) && v[i] < 0);
    free(v);
}

static void test_bytes(Cx *cx, size_t n)
{
    Comm *c = cx->comm;
    uint8_t *in = malloc(n + 1), *out = malloc(n * (size_t)c->size + 1);
    for (size_t i = 0; i < n; i++)
        in[i] = (uint8_t)(i * 7 + (size_t)c->rank);
    assert_ok(comm_allgather(cx, in, n, out));
    for (int r = 0; r < c->size; r++)
        for (size_t i = 0; i < n; i++)
            assert_int_equal(out[(size_t)r * n + i], (uint8_t)(i * 7 + (size_t)r));
    for (int root = 0; root < c->size; root++) {
        for (size_t i = 0; i < n; i++)
            in[i] = c->rank == root ? (uint8_t)(i * 3 + (size_t)root) : 0;
        assert_ok(comm_bcast(cx, in, n, root));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(in[i], (uint8_t)(i * 3 + (size_t)root));
    }
    free(in);
    free(out);
}

static void test_values(Cx *cx)
{
    static const int lengths[] = {0, 1, 6, 7, 8, 100, 9000};
    static const size_t sizes[] = {0, 1, 56, 57, 1000, 65536, 65537, 5000000};
    Comm *c = cx->comm;
    int64_t before = -1, total = -1;
    assert_ok(comm_barrier(cx));
    assert_ok(comm_agree(cx));
    assert_ok(comm_same(cx, 42, "the answer"));
    assert_ok(comm_exscan_i64(cx, c->rank + 1, &before, &total));
    assert_int_equal(before, c->rank * (c->rank + 1) / 2);
    assert_int_equal(total, c->size * (c->size + 1) / 2);
    for (idx i = 0; i < COUNT_OF(lengths); i++) {
        test_sums(cx, lengths[i]);
        test_floats(cx, lengths[i]);
    }
    for (idx i = 0; i < COUNT_OF(sizes); i++)
        test_bytes(cx, sizes[i]);
}

/* -- Moves of rows ----------------------------------------------------------------- */

/* Rows of the world that rank `to` must get when row i goes to dest[i]. */
static idx expect_shuffle(const World *w, const int32_t *dest, int to, idx *row)
{
    idx n = 0;
    for (idx i = 0; i < w->all.n; i++)
        if (dest[i] == to) row[n++] = i;
    return n;
}

static int32_t *random_dests(World *w, int shape)
{
    int32_t *dest = calloc((size_t)w->all.n + 1, sizeof *dest);
    for (idx i = 0; i < w->all.n; i++)
        switch (shape) {
        case 0: dest[i] = (int32_t)rng_below(&w->rng, w->size); break;
        case 1: dest[i] = (int32_t)(i % 2 ? w->size - 1 : 0); break;
        case 2: dest[i] = w->size - 1; break;
        default: dest[i] = (int32_t)block_start(w->size, 1, 0); /* all to rank 0 */
        }
    return dest;
}

static void one_shuffle(Cx *cx, uint64_t seed, idx n, idx distinct, Spread sp,
                        Layout lay, int shape)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, distinct), sp, lay);
    int32_t *dest = random_dests(&w, shape);
    idx *row = calloc((size_t)n + 1, sizeof *row);
    Table out;
    assert_ok(shuffle_table(cx, &w.mine, dest + w.start[w.rank], &out));
    assert_rows(&w, &out, row, expect_shuffle(&w, dest, w.rank, row));
    if (lay == LAY_OWN) assert_layout(&out, true);
    if (lay == LAY_PLAIN) assert_layout(&out, false);
    if (lay == LAY_AS_IS && out.n) assert_true(array_is_dict(out.col[13]));
    table_clear(&out);
    free(row);
    free(dest);
    world_free(&w);
}

static void test_shuffle(Cx *cx)
{
    static const idx lengths[] = {0, 1, 2, 3, 65, 1000};
    uint64_t seed = 1;
    for (idx i = 0; i < COUNT_OF(lengths); i++)
        for (int sp = 0; sp < SP_COUNT; sp++)
            for (int lay = 0; lay < LAY_COUNT; lay++)
                for (int shape = 0; shape < 4; shape++)
                    one_shuffle(cx, seed++, lengths[i], 30, (Spread)sp, (Layout)lay,
                                shape);
    /* dictionaries too large to be sent whole */
    for (int lay = 0; lay < LAY_COUNT; lay++)
        one_shuffle(cx, seed++, 700, 400, SP_EVEN, (Layout)lay, 0);
    one_shuffle(cx, seed++, 400, 2000, SP_RANDOM, LAY_AS_IS, 0);
}

/* shuffle_hash puts equal keys on one rank. */
static void test_hash(Cx *cx)
{
    World w = world_new(cx, 9, random_world(cx, 9, 500, 40), SP_EVEN, LAY_MIXED);
    uint64_t *h = calloc((size_t)w.all.n + 1, sizeof *h);
    int32_t *dest = calloc((size_t)w.all.n + 1, sizeof *dest);
    idx *row = calloc((size_t)w.all.n + 1, sizeof *row);
    Table out, key = {.n = w.mine.n, .ncol = 2, .col = &w.mine.col[12]};
    Table all = {.n = w.all.n, .ncol = 2, .col = &w.all.col[12]};
    assert_ok(hash_rows(cx, &all, h));
    for (idx i = 0; i < w.all.n; i++)
        dest[i] = hash_rank(h[i], w.size);
    assert_ok(hash_rows(cx, &key, h));
    assert_ok(shuffle_hash(cx, &w.mine, h, &out));
    assert_rows(&w, &out, row, expect_shuffle(&w, dest, w.rank, row));
    table_clear(&out);
    free(h);
    free(dest);
    free(row);
    world_free(&w);
}

/* Rows start .. start + n of the world. */
static void assert_run(const World *w, const Table *t, idx start, idx n)
{
    idx *row = calloc((size_t)n + 1, sizeof *row);
    for (idx i = 0; i < n; i++)
        row[i] = start + i;
    assert_rows(w, t, row, n);
    free(row);
}

static void one_world_of_moves(Cx *cx, uint64_t seed, idx n, Spread sp, Layout lay)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, 20), sp, lay);
    int p = w.size, me = w.rank, root = (int)(seed % (uint64_t)p);
    Table out;
    int32_t some[2] = {0, p - 1};
    idx nsome = p > 1 ? 2 : 1;
    assert_ok(rebalance_table(cx, &w.mine, NULL, 0, &out));
    assert_run(&w, &out, block_start(n, p, me), block_count(n, p, me));
    table_clear(&out);
    assert_ok(rebalance_table(cx, &w.mine, some, nsome, &out));
    idx j = me == 0 ? 0 : me == p - 1 ? 1 : -1;
    assert_run(&w, &out, j < 0 ? 0 : block_start(n, (int)nsome, (int)j),
               j < 0 ? 0 : block_count(n, (int)nsome, (int)j));
    table_clear(&out);
    assert_ok(allgather_table(cx, &w.mine, &out));
    assert_run(&w, &out, 0, n);
    table_clear(&out);
    assert_ok(gather_table(cx, &w.mine, root, &out));
    assert_run(&w, &out, 0, me == root ? n : 0);
    table_clear(&out);
    world_free(&w);
}

static void test_tables(Cx *cx)
{
    static const idx lengths[] = {0, 1, 2, 5, 64, 333};
    uint64_t seed = 100;
    for (idx i = 0; i < COUNT_OF(lengths); i++)
        for (int sp = 0; sp < SP_COUNT; sp++)
            for (int lay = 0; lay < LAY_COUNT; lay++)
                one_world_of_moves(cx, seed++, lengths[i], (Spread)sp, (Layout)lay);
    /* more columns than the round has bits for */
    Table wide;
    Rng r = {5};
    assert_ok(table_init(cx, &wide, 470, 50));
    for (idx k = 0; k < wide.ncol; k++)
        wide.col[k] =
            random_column(cx, &r, column_kind[k % COLUMN_KINDS], wide.n, 9, 10);
    World w = world_new(cx, seed, wide, SP_EVEN, LAY_MIXED);
    Table got;
    assert_ok(rebalance_table(cx, &w.mine, NULL, 0, &got));
    assert_run(&w, &got, block_start(50, w.size, w.rank),
               block_count(50, w.size, w.rank));
    table_clear(&got);
    assert_ok(allgather_table(cx, &w.mine, &got));
    assert_run(&w, &got, 0, 50);
    table_clear(&got);
    world_free(&w);
    /* no columns: only rows are counted */
    Table none = {.n = 7}, out;
    assert_ok(rebalance_table(cx, &none, NULL, 0, &out));
    assert_int_equal(out.n, 7);
    assert_ok(gather_table(cx, &none, 0, &out));
    assert_int_equal(out.n, cx->comm->rank == 0 ? 7 * cx->comm->size : 0);
}

/* -- Sort and restore -------------------------------------------------------------- */

static void one_sort(Cx *cx, uint64_t seed, idx n, idx distinct, idx nkey, idx first,
                     Spread sp, Layout lay)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, distinct), sp, lay);
    bool asc[COLUMN_KINDS], nulls_first = rng_chance(&w.rng, 50);
    idx *perm, before, total;
    Table out;
    for (int k = 0; k < COLUMN_KINDS; k++)
        asc[k] = rng_chance(&w.rng, 50);
    /* rotate the columns so that other ones come first */
    Table mine = {
        .n = w.mine.n, .ncol = COLUMN_KINDS - first, .col = w.mine.col + first};
    Table all = {.n = n, .ncol = nkey, .col = w.all.col + first};
    assert_ok(sort_table(cx, &mine, nkey, asc, nulls_first, &out));
    assert_ok(sort_perm(cx, &all, asc, nulls_first, &perm));
    assert_ok(comm_exscan_i64(cx, out.n, &before, &total));
    assert_int_equal(total, n);
    World shifted = w;
    shifted.all.col += first;
    assert_rows(&shifted, &out, perm + before, out.n);
    if (n >= 1000) { /* balanced, duplicates or not */
        int64_t most = out.n;
        assert_ok(comm_max_i64(cx, &most, 1));
        assert_true(most <= n / w.size + n / 20 + w.size);
    }
    table_clear(&out);
    mem_free(perm);
    world_free(&w);
}

static void test_sort(Cx *cx)
{
    static const idx lengths[] = {0, 1, 2, 3, 50, 1000};
    uint64_t seed = 500;
    for (idx i = 0; i < COUNT_OF(lengths); i++)
        for (int sp = 0; sp < SP_COUNT; sp++)
            for (idx first = 0; first < COLUMN_KINDS - 2; first += 3) {
                one_sort(cx, seed, lengths[i], 17, 1 + first % 3, first, (Spread)sp,
                         (Layout)(seed % LAY_COUNT));
                seed++;
            }
    one_sort(cx, seed++, 5000, 1, 1, 4, SP_EVEN, LAY_AS_IS); /* one key */
    one_sort(cx, seed++, 5000, 1, 1, 12, SP_FIRST, LAY_OWN);
    one_sort(cx, seed++, 20000, 5000, 2, 4, SP_RANDOM, LAY_AS_IS);
}

/* Equal keys meet on one rank, in order of (rank, row); keys rise over the ranks. */
static void one_range(Cx *cx, uint64_t seed, idx n, idx distinct, idx nkey, idx first,
                      Spread sp, Layout lay)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, distinct), sp, lay);
    bool asc[COLUMN_KINDS];
    idx *perm, *mine_pos, before, total;
    Table out;
    for (int k = 0; k < COLUMN_KINDS; k++)
        asc[k] = true;
    Table mine = {
        .n = w.mine.n, .ncol = COLUMN_KINDS - first, .col = w.mine.col + first};
    Table all = {.n = n, .ncol = nkey, .col = w.all.col + first};
    assert_ok(shuffle_range(cx, &mine, nkey, &out));
    assert_ok(comm_exscan_i64(cx, out.n, &before, &total));
    assert_int_equal(total, n);
    /* This rank's part of the sorted world, in the world's order, is what it got. */
    assert_ok(sort_perm(cx, &all, asc, false, &perm));
    mine_pos = calloc((size_t)out.n + 1, sizeof *mine_pos);
    uint8_t *here = calloc((size_t)n + 1, 1);
    for (idx i = 0; i < out.n; i++)
        here[perm[before + i]] = 1;
    for (idx i = 0, k = 0; i < n; i++)
        if (here[i]) mine_pos[k++] = i;
    World shifted = w;
    shifted.all.col += first;
    assert_rows(&shifted, &out, mine_pos, out.n);
    idx end = before + out.n;
    if (out.n && end < n)
        assert_true(sort_cmp(&all, perm[end - 1], &all, perm[end], asc, false) < 0);
    if (distinct > n && n >= 1000) {
        int64_t most = out.n;
        assert_ok(comm_max_i64(cx, &most, 1));
        assert_true(most <= n / w.size + n / 8);
    }
    free(here);
    free(mine_pos);
    table_clear(&out);
    mem_free(perm);
    world_free(&w);
}

static void test_range(Cx *cx)
{
    static const idx lengths[] = {0, 1, 2, 3, 50, 1000};
    uint64_t seed = 700;
    for (idx i = 0; i < COUNT_OF(lengths); i++)
        for (int sp = 0; sp < SP_COUNT; sp++)
            for (idx first = 0; first < COLUMN_KINDS - 2; first += 3) {
                one_range(cx, seed, lengths[i], 17, 1 + first % 3, first, (Spread)sp,
                          (Layout)(seed % LAY_COUNT));
                seed++;
            }
    one_range(cx, seed++, 5000, 1, 1, 4, SP_EVEN, LAY_AS_IS); /* one key */
    one_range(cx, seed++, 20000, 50000, 2, 4, SP_RANDOM, LAY_AS_IS);
}

/* Rows numbered by an axis are shuffled away and come back in order. */
static void one_restore(Cx *cx, uint64_t seed, idx n, Spread sp, int copies, idx gap)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, 10), sp, LAY_AS_IS);
    idx from = w.start[w.rank], nlocal = w.mine.n, m = nlocal * copies, at = 0;
    Table t, moved, out;
    idx *pos = calloc((size_t)m + 1, sizeof *pos);
    int32_t *dest = calloc((size_t)m + 1, sizeof *dest);
    for (idx i = 0; i < nlocal; i++)
        for (int c = 0; c < copies; c++)
            if (gap < 2 || (from + i) % gap == 0) pos[at++] = i;
    assert_ok(table_init(cx, &t, COLUMN_KINDS + 1, at));
    for (idx k = 0; k < COLUMN_KINDS; k++)
        assert_ok(
            take(cx, w.mine.col[k], pos, at, (NullForm)w.mine.col[k]->null, &t.col[k]));
    assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, at, false, &t.col[COLUMN_KINDS]));
    for (idx i = 0; i < at; i++) {
        ((int64_t *)t.col[COLUMN_KINDS]->data)[i] = from + pos[i];
        dest[i] = (int32_t)(hash_mix((uint64_t)(from + pos[i])) % (uint64_t)w.size);
    }
    assert_ok(shuffle_table(cx, &t, dest, &moved));
    assert_ok(restore_order(cx, &moved, nlocal, &out));
    assert_int_equal(out.ncol, COLUMN_KINDS);
    for (idx i = 0; i < at; i++)
        pos[i] += from;
    assert_rows(&w, &out, pos, at);
    table_clear(&t);
    table_clear(&moved);
    table_clear(&out);
    free(pos);
    free(dest);
    world_free(&w);
}

static void test_restore(Cx *cx)
{
    static const idx lengths[] = {0, 1, 3, 64, 700};
    uint64_t seed = 900;
    for (idx i = 0; i < COUNT_OF(lengths); i++)
        for (int sp = 0; sp < SP_COUNT; sp++) {
            one_restore(cx, seed++, lengths[i], (Spread)sp, 1, 0);
            one_restore(cx, seed++, lengths[i], (Spread)sp, 3, 0);
            one_restore(cx, seed++, lengths[i], (Spread)sp, 1, 30);
        }
}

/* -- Rows by number ---------------------------------------------------------------- */

/* Some rows of all: other ones on each rank, counted from either end. */
static int64_t *some_numbers(const World *w, uint64_t seed, idx n)
{
    Rng r = {seed * 31 + (uint64_t)w->rank};
    int64_t *v = calloc((size_t)n + 1, sizeof *v), total = w->all.n;
    for (idx i = 0; i < n; i++)
        v[i] = (int64_t)rng_below(&r, (uint64_t)(2 * total)) - total;
    return v;
}

static void one_fetch(Cx *cx, uint64_t seed, idx n, idx want, idx width, Spread sp,
                      Layout lay)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, 10), sp, lay);
    idx total = w.all.n / width, rows = w.mine.n / width, m = total ? want : 0;
    if (width > 1) { /* whole rows on a rank: all of them on one */
        world_free(&w);
        w = world_new(cx, seed, random_world(cx, seed, n * width, 10), SP_LAST, lay);
        total = n;
        rows = w.mine.n / width;
        m = total ? want : 0;
    }
    int64_t *number = calloc((size_t)m + 1, sizeof *number);
    idx *pos = calloc((size_t)(m * width) + 1, sizeof *pos);
    Rng r = {seed * 31 + (uint64_t)w.rank};
    for (idx i = 0; i < m; i++) {
        number[i] = (int64_t)rng_below(&r, (uint64_t)(2 * total)) - total;
        for (idx k = 0; k < width; k++)
            pos[i * width + k] =
                (number[i] < 0 ? number[i] + total : number[i]) * width + k;
    }
    Table out;
    assert_ok(fetch_rows(cx, &w.mine, rows, width, number, m, &out));
    assert_rows(&w, &out, pos, m * width);
    table_clear(&out);
    free(number);
    free(pos);
    world_free(&w);
}

static void test_fetch(Cx *cx)
{
    static const idx lengths[] = {0, 1, 3, 64, 700};
    uint64_t seed = 1300;
    for (idx i = 0; i < COUNT_OF(lengths); i++)
        for (int sp = 0; sp < SP_COUNT; sp++) {
            Layout lay = (Layout)(seed % LAY_COUNT);
            one_fetch(cx, seed++, lengths[i], lengths[i] / 2 + cx->comm->rank, 1,
                      (Spread)sp, lay);
            one_fetch(cx, seed++, lengths[i], 5, 3, (Spread)sp, lay);
        }
}

/* Each rank says for some rows what they are now: the last rank that does wins. */
static void one_delivery(Cx *cx, uint64_t seed, idx n, idx m, Spread sp)
{
    World w = world_new(cx, seed, random_world(cx, seed, n, 10), sp, LAY_AS_IS);
    int p = w.size;
    int64_t *number = some_numbers(&w, seed, m = n ? m : 0);
    Array *val, *at;
    assert_ok(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, m, false, &val));
    for (idx i = 0; i < m; i++)
        ((int64_t *)val->data)[i] = w.rank * 1000 + i;
    Table t = {.n = m, .ncol = 1, .col = &val}, got;
    assert_ok(deliver_rows(cx, &t, w.mine.n, 1, number, m, &at, &got));
    assert_int_equal(got.n, at->n);
    int64_t last = -1, total = got.n;
    for (idx i = 0; i < got.n; i++) { /* in the order of (rank, row) */
        int64_t x = ((const int64_t *)got.col[0]->data)[i];
        idx row = ((const int64_t *)at->data)[i] + w.start[w.rank];
        World other = w;
        other.rank = (int)(x / 1000);
        int64_t *theirs = some_numbers(&other, seed, m);
        int64_t it = theirs[x % 1000];
        assert_int_equal(it < 0 ? it + n : it, row);
        assert_true(x > last);
        last = x;
        free(theirs);
    }
    assert_ok(comm_sum_i64(cx, &total, 1));
    assert_int_equal(total, m * p);
    array_unref(at);
    table_clear(&got);
    array_unref(val);
    free(number);
    world_free(&w);
}

static void test_delivery(Cx *cx)
{
    uint64_t seed = 1500;
    for (int sp = 0; sp < SP_COUNT; sp++) {
        one_delivery(cx, seed++, 0, 4, (Spread)sp);
        one_delivery(cx, seed++, 2, 9, (Spread)sp);
        one_delivery(cx, seed++, 300, 200, (Spread)sp);
    }
}

/* A number of no row fails on all ranks, and the next call works. */
static void test_outside(Cx *cx)
{
    World w = world_new(cx, 7, random_world(cx, 7, 20, 10), SP_EVEN, LAY_AS_IS);
    int64_t number = w.rank == w.size - 1 ? 20 : -20;
    Table out;
    assert_int_equal(fetch_rows(cx, &w.mine, w.mine.n, 1, &number, 1, &out), E_INDEX);
    assert_non_null(strstr(cx->err.text, "index 20 is out of bounds for axis 0"));
    err_clear(&cx->err);
    number = 0;
    assert_ok(fetch_rows(cx, &w.mine, w.mine.n, 1, &number, 1, &out));
    table_clear(&out);
    world_free(&w);
}

static void test_numbers(Cx *cx)
{
    test_fetch(cx);
    test_delivery(cx);
    test_outside(cx);
}

/* -- Long rows and large shares ---------------------------------------------------- */

/* Column of texts of the given lengths, text i of byte 'a' + i % 26. */
static Array *long_texts(Cx *cx, const idx *len, idx n)
{
    idx total = 0;
    Array *a;
    for (idx i = 0; i < n; i++)
        total += len[i];
    assert_ok(array_new_str(cx, n, total, &a));
    for (idx i = 0; i < n; i++) {
        a->off[i + 1] = a->off[i] + len[i];
        memset(a->bytes + a->off[i], 'a' + (int)(i % 26), (size_t)len[i]);
    }
    return a;
}

/* Rows larger than a piece, in plain text and in dictionaries. */
static void test_long(Cx *cx)
{
    enum { N = 14 };
    static const idx len[N] = {
        5,       3 << 20, 0, (1 << 20) - 100, 1 << 20, 9 << 20, 1,
        7 << 20, 12,      3, 1100000,         2 << 20, 0,       77};
    for (int lay = 0; lay < LAY_COUNT; lay++) {
        Table all;
        assert_ok(table_init(cx, &all, 2, N));
        all.col[0] = long_texts(cx, len, N);
        assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, N, true, &all.col[1]));
        World w = world_new(cx, 4, all, SP_EVEN, (Layout)lay);
        int32_t dest[N];
        idx row[N];
        Table out;
        for (int i = 0; i < N; i++)
            dest[i] = (i * 5 + 1) % w.size;
        assert_ok(shuffle_table(cx, &w.mine, dest + w.start[w.rank], &out));
        assert_rows(&w, &out, row, expect_shuffle(&w, dest, w.rank, row));
        table_clear(&out);
        assert_ok(allgather_table(cx, &w.mine, &out));
        assert_run(&w, &out, 0, N);
        table_clear(&out);
        world_free(&w);
    }
    /* some 12 MB of fixed-width rows from each rank */
    idx n = 500000 * cx->comm->size;
    Table all;
    assert_ok(table_init(cx, &all, 3, n));
    Rng r = {3};
    all.col[0] = random_column(cx, &r, column_kind[4], n, 1 << 30, 0);
    all.col[1] = random_column(cx, &r, column_kind[17], n, 1 << 30, 10);
    all.col[2] = random_column(cx, &r, column_kind[11], n, 1 << 30, 10);
    World w = world_new(cx, 4, all, SP_EVEN, LAY_AS_IS);
    int32_t *dest = random_dests(&w, 0);
    idx *row = calloc((size_t)n, sizeof *row);
    Table out;
    assert_ok(shuffle_table(cx, &w.mine, dest + w.start[w.rank], &out));
    assert_rows(&w, &out, row, expect_shuffle(&w, dest, w.rank, row));
    table_clear(&out);
    free(row);
    free(dest);
    world_free(&w);
}

/* More than 2^31 bytes from one rank to another; by hand only: 9 GB of memory. */
static void test_huge(Cx *cx)
{
    enum { N = 240 };
    Comm *c = cx->comm;
    idx len[N], n = c->rank == 0 ? N : 0, total = 0;
    for (int i = 0; i < N; i++)
        total += len[i] = (10 << 20) + i;
    Table t, out;
    int32_t dest[N];
    for (int i = 0; i < N; i++)
        dest[i] = c->size - 1;
    assert_ok(table_init(cx, &t, 1, n));
    t.col[0] = long_texts(cx, len, n);
    assert_ok(shuffle_table(cx, &t, dest, &out));
    assert_int_equal(out.n, c->rank == c->size - 1 ? N : 0);
    if (out.n) {
        const Array *a = out.col[0];
        assert_true(total > INT32_MAX && a->off[N] == total);
        for (idx i = 0; i < N; i++) {
            assert_int_equal(a->bytes[a->off[i]], 'a' + i % 26);
            assert_int_equal(a->bytes[a->off[i + 1] - 1], 'a' + i % 26);
        }
    }
    table_clear(&t);
    table_clear(&out);
}

/* -- Failures ---------------------------------------------------------------------- */

typedef struct Job {
    World *w;
    Table out;
} Job;

/* Every collective once; t is garbage on a rank that has failed. */
enum { JOBS = 18 };

static Status run_job(Cx *cx, Job *j, int job, bool broken)
{
    int64_t v[9] = {1}, a, b;
    double f[9] = {1};
    uint8_t in[200] = {0}, *all = calloc((size_t)cx->comm->size, sizeof in);
    static const bool asc[2] = {true, false};
    static Table garbage; /* no columns at all */
    World *w = j->w;
    Table *t = broken ? &garbage : &w->mine;
    int32_t *dest = broken ? NULL : calloc((size_t)t->n + 1, sizeof *dest);
    uint64_t *hash = broken ? NULL : calloc((size_t)t->n + 1, sizeof *hash);
    Status st = OK;
    j->out = (Table){0};
    switch (job) {
    case 0: st = comm_barrier(cx); break;
    case 1: st = comm_sum_i64(cx, v, 9); break;
    case 2: st = comm_max_i64(cx, v, 2); break;
    case 3: st = comm_min_i64(cx, v, 2); break;
    case 4: st = comm_sum_f64(cx, f, 9); break;
    case 5: st = comm_max_f64(cx, f, 1); break;
    case 6: st = comm_exscan_i64(cx, 4, &a, &b); break;
    case 7: st = comm_allgather(cx, in, sizeof in, all); break;
    case 8: st = comm_bcast(cx, in, sizeof in, cx->comm->size - 1); break;
    case 9: st = comm_same(cx, 4, "four"); break;
    case 10: st = shuffle_table(cx, t, dest, &j->out); break;
    case 11: st = shuffle_hash(cx, t, hash, &j->out); break;
    case 12: st = rebalance_table(cx, t, NULL, 0, &j->out); break;
    case 13: st = allgather_table(cx, t, &j->out); break;
    case 14: st = gather_table(cx, t, 0, &j->out); break;
    case 15: st = sort_table(cx, t, broken ? 0 : 2, asc, false, &j->out); break;
    case 16: st = shuffle_range(cx, t, broken ? 0 : 2, &j->out); break;
    default: st = restore_order(cx, t, 5, &j->out); break;
    }
    free(all);
    free(dest);
    free(hash);
    return st;
}

static void assert_clean(Cx *cx)
{
    int64_t one = 1;
    err_clear(&cx->err);
    assert_ok(comm_sum_i64(cx, &one, 1));
    assert_int_equal(one, cx->comm->size);
}

/* Columns of one world for the jobs: a number of every kind, row numbers last. */
static World job_world(Cx *cx, idx n)
{
    Table all = random_world(cx, 31, n, 400);
    Array **last = &all.col[COLUMN_KINDS - 1];
    array_unref(*last);
    assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, n, true, last));
    return world_new(cx, 5, all, SP_EVEN, LAY_MIXED);
}

/* One rank (or several) fails before each collective. */
static void test_errors(Cx *cx)
{
    World w = job_world(cx, 600);
    Job j = {.w = &w};
    int me = w.rank, p = w.size;
    for (int job = 0; job < JOBS; job++)
        for (int f = 0; f < p; f++)
            for (int meet = 0; meet < 2; meet++) {
                char want[64];
                snprintf(want, sizeof want, "planned %d by rank %d", job, f);
                if (me == f) cx_fail(cx, E_VALUE, "planned %d by rank %d", job, f);
                Status st =
                    me == f && meet ? comm_agree(cx) : run_job(cx, &j, job, me == f);
                assert_int_equal(st, E_VALUE);
                assert_true(cx->agreed);
                assert_int_equal(cx->err.code, E_VALUE);
                assert_int_equal(cx->err.rank, p > 1 ? f : -1);
                assert_string_equal(cx->err.text, want);
                assert_null(j.out.col);
                assert_clean(cx);
            }
    /* all alike: of no rank; all different: notes */
    cx_fail(cx, E_KEY, "everywhere");
    assert_int_equal(comm_agree(cx), E_KEY);
    assert_int_equal(cx->err.rank, -1);
    assert_clean(cx);
    cx_fail(cx, me ? E_TYPE : E_KEY, "only %d", me);
    assert_int_equal(comm_agree(cx), E_KEY);
    assert_string_not_equal(cx->err.text, p > 1 ? "only 0" : "");
    if (p > 1) assert_non_null(strstr(cx->err.text, "\n(rank 1: TypeError: only 1)"));
    assert_clean(cx);
    /* different paths */
    if (p > 1) {
        Status st = me ? comm_barrier(cx) : comm_agree(cx);
        assert_int_equal(st, E_RUNTIME);
        assert_clean(cx);
        assert_int_equal(comm_same(cx, me, "me"), E_INTERNAL);
        assert_clean(cx);
        cx->comm->call = cx->comm->rank == 1; /* one kind of two operations */
        assert_int_equal(comm_barrier(cx), E_RUNTIME);
        assert_non_null(strstr(cx->err.text, "different places"));
        cx->comm->call = 0;
        assert_clean(cx);
    }
    /* a destination that does not exist */
    int32_t *bad = calloc((size_t)w.mine.n + 1, sizeof *bad);
    if (me == p - 1 && w.mine.n) bad[0] = p;
    if (p > 1) {
        assert_int_equal(shuffle_table(cx, &w.mine, bad, &j.out), E_INTERNAL);
        assert_clean(cx);
    }
    free(bad);
    world_free(&w);
}

/* Every allocation of one rank fails once: no hang, one record after the next
 * agreement. */
static void test_faults(Cx *cx)
{
    World w = job_world(cx, 300);
    Job j = {.w = &w};
    for (int job = 10; job < JOBS; job++)
        for (int f = 0; f < w.size; f++) {
            int64_t at = 1, done = 0;
            for (; !done; at++) {
                int64_t live = buf_live_count();
                if (w.rank == f) alloc_fail_at(at);
                Status st = run_job(cx, &j, job, false);
                /* done when the job ran through before the at-th allocation */
                done = w.rank == f && st == OK;
                if (w.rank == f) alloc_fail_at(0);
                table_clear(&j.out);
                assert_int_equal(buf_live_count(), live);
                st = comm_agree(cx);
                if (st) assert_int_equal(st, E_MEMORY);
                if (st && w.size > 1) assert_int_equal(cx->err.rank, f);
                assert_clean(cx);
                assert_ok(comm_max_i64(cx, &done, 1));
                assert_true(at < 2000);
            }
        }
    world_free(&w);
}

/* A stop that comes while one rank computes and the others wait. */
static void test_stop(Cx *cx)
{
    static volatile int32_t word;
    cx->abort_word = &word;
    for (int round = 0; round < 3; round++) {
        if (cx->comm->rank == 0) { /* computes, and is told to stop */
            usleep(30000);
            word = COMM_STOP_SOON;
            (void)cx_check(cx);
        } else if (round == 1) {
            word = COMM_STOP_SOON; /* told while it waits */
        }
        assert_int_equal(comm_barrier(cx), E_INTERRUPT);
        word = 0;
        assert_clean(cx);
    }
    cx->abort_word = NULL;
}

static int poll_stop_now(void *data)
{
    (void)data;
    return COMM_STOP_NOW;
}

/* Rank 0 is stuck; the others are told to leave their wait for it. */
static void test_leave(Cx *cx)
{
    static const Host host = {.poll = poll_stop_now};
    if (cx->comm->rank == 0) {
        usleep(1000000);
        _exit(0);
    }
    cx->host = &host;
    assert_int_equal(comm_barrier(cx), E_INTERRUPT);
    assert_true(cx->comm->broken);
    err_clear(&cx->err);
    assert_int_equal(comm_agree(cx), E_OS); /* at once, and ever after */
    printf("rank %d has left\n", cx->comm->rank);
    fflush(stdout);
    usleep(1500000); /* the launcher ends all when one ends like this */
    _exit(0);
}

static void say_where(Cx *cx, char *text, size_t n)
{
    snprintf(text, n, "line %d", cx->site);
}

/* Rank 0 is late: the others say where they wait (SHOAL_STALL). */
static void test_late(Cx *cx)
{
    comm_set_where(say_where);
    cx->site = 7;
    if (cx->comm->rank == 0) usleep(700000);
    assert_ok(comm_barrier(cx));
}

/* The last rank dies while the others wait for it: the launcher must end them. */
static void test_die(Cx *cx)
{
    if (cx->comm->rank == cx->comm->size - 1) _exit(3);
    assert_ok(comm_barrier(cx));
}

/* -- Measures ---------------------------------------------------------------------- */

static void bench_latency(Cx *cx)
{
    enum { N = 2000 };
    assert_ok(comm_barrier(cx));
    double t = seconds();
    for (int i = 0; i < N; i++)
        assert_ok(comm_barrier(cx));
    t = (seconds() - t) / N;
    if (cx->comm->rank == 0) printf("barrier            %8.1f us\n", t * 1e6);
    t = seconds();
    int64_t v = 1;
    for (int i = 0; i < N; i++) {
        v = 1;
        assert_ok(comm_sum_i64(cx, &v, 1));
    }
    t = (seconds() - t) / N;
    if (cx->comm->rank == 0) printf("sum of one int64   %8.1f us\n", t * 1e6);
}

static double bench_copy(size_t n)
{
    uint8_t *a = malloc(n), *b = malloc(n);
    double best = 1e9;
    memset(a, 1, n);
    memset(b, 2, n);
    for (int i = 0; i < 5; i++) {
        double t = seconds();
        memcpy(b, a, n);
        __asm__ volatile("" ::"r"(b) : "memory");
        t = seconds() - t;
        if (t < best) best = t;
    }
    free(a);
    free(b);
    return best;
}

static void bench_table(Cx *cx, const char *what, const Table *t, size_t nbyte)
{
    Comm *c = cx->comm;
    int32_t *dest = malloc((size_t)t->n * sizeof *dest);
    double best = 1e9;
    Rng r = {(uint64_t)c->rank};
    for (idx i = 0; i < t->n; i++)
        dest[i] = (int32_t)rng_below(&r, c->size);
    for (int i = 0; i < 5; i++) {
        Table out;
        assert_ok(comm_barrier(cx));
        double time = seconds();
        assert_ok(shuffle_table(cx, t, dest, &out));
        time = seconds() - time;
        assert_ok(comm_max_f64(cx, &time, 1));
        if (time < best) best = time;
        table_clear(&out);
    }
    assert_ok(comm_barrier(cx));
    double copy = bench_copy(nbyte);
    assert_ok(comm_max_f64(cx, &copy, 1));
    if (c->rank == 0)
        printf("shuffle %-10s %8.2f GB/s a rank, %6.1f ns a row (memcpy %.2f GB/s)\n",
               what, (double)nbyte / best * 1e-9, best / (double)t->n * 1e9,
               (double)nbyte / copy * 1e-9);
    free(dest);
}

/* key: which kind of column is sorted by; an int64 column goes with it. */
static void bench_sort(Cx *cx, const char *what, ColumnKind key, idx n)
{
    Table t, out;
    Rng r = {(uint64_t)cx->comm->rank + 1};
    bool asc = true;
    assert_ok(table_init(cx, &t, 2, n));
    t.col[0] = random_column(cx, &r, key, n, 1 << 20, 0);
    assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, n, true, &t.col[1]));
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        assert_ok(comm_barrier(cx));
        double time = seconds();
        assert_ok(sort_table(cx, &t, 1, &asc, false, &out));
        time = seconds() - time;
        assert_ok(comm_max_f64(cx, &time, 1));
        if (time < best) best = time;
        table_clear(&out);
    }
    if (cx->comm->rank == 0)
        printf("sort by %-10s %8.1f ns a row and rank\n", what, best / (double)n * 1e9);
    table_clear(&t);
}

static void bench(Cx *cx)
{
    enum { N = 4000000 };
    Table t;
    Rng r = {7};
    bench_latency(cx);
    assert_ok(table_init(cx, &t, 4, N));
    for (idx k = 0; k < 4; k++)
        assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, N, true, &t.col[k]));
    bench_table(cx, "4 x int64", &t, (size_t)N * 32);
    table_clear(&t);
    assert_ok(table_init(cx, &t, 1, N));
    t.col[0] = random_column(cx, &r, column_kind[12], N, 1000, 0);
    bench_table(cx, "text", &t, (size_t)(N * 8 + t.col[0]->off[N]));
    table_clear(&t);
    assert_ok(table_init(cx, &t, 1, N));
    t.col[0] = random_column(cx, &r, column_kind[13], N, 1000, 0);
    bench_table(cx, "dictionary", &t, (size_t)N * 4);
    table_clear(&t);
    bench_sort(cx, "int64", column_kind[4], 2000000);
    bench_sort(cx, "text", column_kind[12], 500000);
}

/* -- The program ------------------------------------------------------------------- */

/* -- Edges ------------------------------------------------------------------------- */

enum { EDGE_ARRAYS = 3, EDGE_RANKS = 16 };

static uint8_t edge_byte(int array, idx row, size_t k)
{
    return (uint8_t)(row * 31 + (idx)k * 7 + array * 101);
}

static void check_edge(const uint8_t *got, int i, idx row, idx n, size_t width)
{
    for (idx r = 0; r < n; r++)
        for (size_t k = 0; k < width; k++)
            assert_int_equal(got[(size_t)r * width + k], edge_byte(i, row + r, k));
}

/* This rank has n rows from row on, of total. */
static void edge_case(Cx *cx, idx row, idx n, idx total, EdgeRows *a, int count)
{
    uint8_t *data[EDGE_ARRAYS];
    for (int i = 0; i < count; i++) {
        size_t width = a[i].width;
        data[i] = malloc((size_t)n * width + 1);
        for (idx r = 0; r < n; r++)
            for (size_t k = 0; k < width; k++)
                data[i][(size_t)r * width + k] = edge_byte(i, row + r, k);
        a[i].data = data[i];
        if (n == 0 && !a[i].known) a[i].width = 0;
    }
    Edges e;
    assert_ok(comm_edges(cx, n, a, count, &e));
    assert_int_equal(e.row, row);
    assert_int_equal(e.total, total);
    for (int i = 0; i < count; i++) {
        size_t width = a[i].width, most = (size_t)(a[i].before + a[i].behind);
        uint8_t *to = malloc(most * width + 1), *end = to + (size_t)a[i].before * width;
        assert_int_equal(a[i].nbefore, idx_min(a[i].before, row + total));
        assert_int_equal(a[i].nbehind, idx_min(a[i].behind, total - row - n));
        edges_put_before(&e, cx->comm->rank, i, end);
        edges_put_behind(&e, cx->comm->rank, i, end);
        for (idx k = 1; k <= a[i].nbefore; k++) {
            idx from = row - k < 0 ? row - k + total : row - k;
            check_edge(end - (size_t)k * width, i, from, 1, width);
        }
        check_edge(end, i, row + n, a[i].nbehind, width);
        free(to);
        free(data[i]);
    }
}

static void test_edges(Cx *cx)
{
    Comm *c = cx->comm;
    Rng rng = {42};
    assert_true(c->size <= EDGE_RANKS);
    for (int round = 0; round < 120; round++) {
        idx rows[EDGE_RANKS], row = 0, total = 0;
        idx most = round % 4 == 3 ? 1 : round % 4 * 6 + 2;
        for (int r = 0; r < c->size; r++) {
            rows[r] = (idx)rng_below(&rng, (uint64_t)most);
            if (r < c->rank) row += rows[r];
            total += rows[r];
        }
        EdgeRows a[EDGE_ARRAYS];
        int count = 1 + round % EDGE_ARRAYS;
        for (int i = 0; i < count; i++) {
            static const size_t width[] = {8, 1, 4, 24, 1 << 18};
            idx wide = (idx)rng_below(&rng, i ? 4 : 5);
            a[i] = (EdgeRows){.width = width[wide],
                              .known = rng_below(&rng, 2) == 0,
                              .before = (idx)rng_below(&rng, 4),
                              .behind = (idx)rng_below(&rng, 4)};
        }
        edge_case(cx, row, rows[c->rank], total, a, count);
    }
    /* One message to a neighbour, whatever the number of arrays and of rows. */
    EdgeRows a[EDGE_ARRAYS];
    for (int i = 0; i < EDGE_ARRAYS; i++)
        a[i] = (EdgeRows){.width = 800, .known = true, .before = 1, .behind = 1};
    int64_t sent = c->nmsg;
    edge_case(cx, 5 * c->rank, 5, 5 * c->size, a, EDGE_ARRAYS);
    assert_int_equal(c->nmsg - sent, c->size == 1 ? 0 : c->rank && c->size > 2 ? 2 : 1);
    for (int i = 0; i < EDGE_ARRAYS; i++)
        a[i] = (EdgeRows){.width = 8, .known = true, .before = 1, .behind = 1};
    sent = c->nmsg;
    edge_case(cx, 5 * c->rank, 5, 5 * c->size, a, EDGE_ARRAYS);
    assert_int_equal(c->nmsg, sent); /* in the round */
}

typedef struct Section {
    const char *name;
    void (*run)(Cx *cx);
} Section;

static const Section sections[] = {
    {"values",  test_values },
    {"shuffle", test_shuffle},
    {"hash",    test_hash   },
    {"tables",  test_tables },
    {"sort",    test_sort   },
    {"range",   test_range  },
    {"restore", test_restore},
    {"numbers", test_numbers},
    {"long",    test_long   },
    {"edges",   test_edges  },
    {"errors",  test_errors },
    {"faults",  test_faults },
    {"stop",    test_stop   },
    {"bench",   bench       },
    {"huge",    test_huge   },
    {"die",     test_die    },
    {"leave",   test_leave  },
    {"late",    test_late   },
};

/* As workers do: children must not take themselves for ranks. */
static void drop_launcher_variables(void)
{
    extern char **environ;
    static const char *const prefix[] = {"PMI_", "PMIX_", "MPI_LOCAL", "HYD", "OMPI_"};
    for (char **e = environ; *e;) {
        char name[64];
        bool drop = false;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
        for (idx i = 0; i < COUNT_OF(prefix); i++)
            drop |= strncmp(name, prefix[i], strlen(prefix[i])) == 0;
        if (drop)
            unsetenv(name);
        else
            e++;
    }
}

int main(int argc, char **argv)
{
    Cx *cx = unit_begin();
    Comm *c = comm_self();
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    assert_true(argc > 2);
    if (strcmp(argv[1], "self") != 0) assert_ok(comm_open(cx, argv[1], &c));
    cx->comm = c;
    drop_launcher_variables();
    for (int i = 2; i < argc; i++) {
        const Section *s = sections, *end = sections + COUNT_OF(sections);
        while (s < end && strcmp(s->name, argv[i]) != 0)
            s++;
        if (s == end) fail_msg("no section %s", argv[i]);
        s->run(cx);
    }
    assert_ok(comm_barrier(cx));
    if (c->rank == 0) printf("%d ranks: ok\n", c->size);
    fflush(stdout);
    comm_close(cx);
    unit_end(cx);
    return 0;
}
