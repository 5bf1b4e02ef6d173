/* SPDX-License-Identifier: Apache-2.0
 * Sorting, the first rows of a sort, and duplicates.
 */
#include "base/base.h"

#include "rt/rt_int.h"

static Status directions(Cx *cx, const Attrs *at, idx nkey, bool **asc)
{
    *asc = arena_try(cx->scratch, (size_t)nkey + 1, sizeof(bool));
    if (!*asc) return fail(cx, E_MEMORY, "no memory for %lld keys", (long long)nkey);
    idx given = attr_count(at, "asc");
    for (idx i = 0; i < nkey; i++)
        (*asc)[i] = i < given ? attr_int_at(at, "asc", i) != 0 : true;
    return OK;
}

Status rt_sort(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    idx nkey = attr_int(at, "nkey", 1), ncol = nout - 1;
    bool *asc, nulls_first = attr_int(at, "nulls_first", 0) != 0;
    TRY(directions(cx, at, nkey, &asc));
    Table all, res;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &all));
    if (rt_par(cx, at)) {
        TRY(sort_table(cx, &all, nkey, asc, nulls_first, &res));
        out[0].i = res.n;
        Status st = rt_out_table(cx, at, 1, out + 1, &res, nkey, ncol);
        table_clear(&res);
        return st;
    }
    Table keys = {.n = all.n, .ncol = nkey, .col = all.col};
    Table cols = {.n = all.n, .ncol = ncol, .col = all.col + nkey};
    idx *perm;
    TRY(sort_perm(cx, &keys, asc, nulls_first, &perm));
    Status st = rt_take_table(cx, &cols, perm, all.n, &res);
    mem_free(perm);
    TRY(st);
    out[0].i = res.n;
    st = rt_out_table(cx, at, 1, out + 1, &res, 0, ncol);
    table_clear(&res);
    return st;
}

/* The first n rows of t in the order of its first nkey columns. */
static Status top(Cx *cx, const Table *t, idx nkey, const bool *asc, bool nulls_first,
                  idx n, Table *out)
{
    Table keys = {.n = t->n, .ncol = nkey, .col = t->col};
    idx *perm, count;
    TRY(sort_top(cx, &keys, asc, nulls_first, n, &perm, &count));
    Status st = rt_take_table(cx, t, perm, count, out);
    mem_free(perm);
    return st;
}

Status rt_topn(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    idx nkey = attr_int(at, "nkey", 1), n = attr_int(at, "n", 0), ncol = nout - 1;
    bool *asc, nulls_first = attr_int(at, "nulls_first", 0) != 0;
    TRY(directions(cx, at, nkey, &asc));
    Table all, mine, every, res;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &all));
    TRY(top(cx, &all, nkey, asc, nulls_first, n, &mine));
    Status st = OK;
    if (rt_par(cx, at)) {
        st = allgather_table(cx, &mine, &every);
        table_clear(&mine);
        TRY(st);
        st = top(cx, &every, nkey, asc, nulls_first, n, &res);
        table_clear(&every);
        TRY(st);
        int p = cx->comm->size, r = cx->comm->rank;
        st = rt_slice_table(cx, &res, block_start(res.n, p, r),
                            block_count(res.n, p, r), &mine);
        table_clear(&res);
        TRY(st);
    }
    out[0].i = mine.n;
    st = rt_out_table(cx, at, 1, out + 1, &mine, nkey, ncol);
    table_clear(&mine);
    return st;
}

/* -- Duplicates -------------------------------------------------------------------- */

/* Rows of t where mask is true. */
static Status keep_rows(Cx *cx, const Table *t, const Table *keys, char keep,
                        Table *out)
{
    Array *mask;
    TRY(drop_duplicates_mask(cx, keys, keep, &mask));
    Status st = filter(cx, t, mask, out);
    array_unref(mask);
    return st;
}

/* t with the rows of one key on one rank; the last column is the global row number. */
static Status numbered_shuffle(Cx *cx, const Table *t, idx nkey, Table *out)
{
    idx before, total;
    Array *num = NULL;
    uint64_t *hash = NULL;
    Table keys = {.n = t->n, .ncol = nkey, .col = t->col}, with;
    TRY(comm_exscan_i64(cx, t->n, &before, &total));
    Status st = rt_numbers(cx, before, 1, t->n, &num);
    if (!st) st = rt_table_add(cx, t, num, &with);
    if (!st) st = mem_new(cx, t->n, sizeof *hash, false, &hash);
    if (!st) st = hash_rows(cx, &keys, hash);
    if (!st) st = shuffle_hash(cx, &with, hash, out);
    mem_free(hash);
    array_unref(num);
    return st;
}

Status rt_dedup(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    idx nkey = attr_int(at, "nkey", 1), ncol = nout - 1;
    const char *keep = attr_text(at, "keep");
    char k = keep ? keep[0] : 'f';
    Table all, res;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &all));
    Table keys = {.n = all.n, .ncol = nkey, .col = all.col};
    if (!rt_par(cx, at)) {
        TRY(keep_rows(cx, &all, &keys, k, &res));
    } else {
        Table moved, kept;
        TRY(numbered_shuffle(cx, &all, nkey, &moved));
        Table mkeys = {.n = moved.n, .ncol = nkey, .col = moved.col};
        Status st = keep_rows(cx, &moved, &mkeys, k, &kept);
        table_clear(&moved);
        TRY(st);
        if (attr_int(at, "order", 0)) {
            st = restore_order(cx, &kept, all.n, &res);
            table_clear(&kept);
            TRY(st);
        } else {
            res = kept;
        }
    }
    out[0].i = res.n;
    Status st = rt_out_table(cx, at, 1, out + 1, &res, nkey, ncol);
    table_clear(&res);
    return st;
}

/* true where the row is not the one kept: pandas' duplicated. */
static Status dup_mask(Cx *cx, const Table *keys, char keep, Array **out)
{
    TRY(drop_duplicates_mask(cx, keys, keep, out));
    uint8_t *m = (*out)->data;
    for (idx i = 0; i < keys->n; i++)
        m[i] ^= 1;
    return OK;
}

Status rt_duplicated(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                     Slot *out)
{
    (void)nout;
    const char *keep = attr_text(at, "keep");
    char k = keep ? keep[0] : 'f';
    Table keys, moved, pair, res;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &keys));
    Array *mask;
    if (!rt_par(cx, at)) {
        TRY(dup_mask(cx, &keys, k, &mask));
        return rt_out(cx, &out[0], mask);
    }
    TRY(numbered_shuffle(cx, &keys, keys.ncol, &moved));
    Table mkeys = {.n = moved.n, .ncol = keys.ncol, .col = moved.col};
    Status st = dup_mask(cx, &mkeys, k, &mask);
    if (!st) {
        Table one = {.n = moved.n, .ncol = 1, .col = &mask};
        st = rt_table_add(cx, &one, moved.col[moved.ncol - 1], &pair);
        if (!st) st = restore_order(cx, &pair, keys.n, &res);
        array_unref(mask);
    }
    table_clear(&moved);
    TRY(st);
    st = rt_out_table(cx, at, 0, out, &res, 0, 1);
    table_clear(&res);
    return st;
}
