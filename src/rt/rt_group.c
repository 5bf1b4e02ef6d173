/* SPDX-License-Identifier: Apache-2.0
 * Group-by over ranks. Each rank groups its rows; partial states are exchanged and
 * merged: all to all ranks when there are few groups (every rank then has the answer
 * and keeps its block of it), else by the hash of the keys. Rows themselves are
 * exchanged first for aggregates that need all rows of a group (nunique, median), and
 * where a sample says that most rows of a rank are a group of their own: to group them
 * twice costs more than to move them all. sort=True orders the groups by key,
 * sort=False by first appearance, if anyone can see it.
 */
#include "base/base.h"

#include "rt/rt_call.h"
#include "rt/rt_int.h"

#include <math.h>

enum {
    FEW_GROUPS = 1 << 16,    /* over all ranks: below, everybody merges everything */
    SAMPLE_FROM = 1 << 20,   /* rows over all ranks from which a sample is looked at */
    SAMPLE_ROWS = 64 * 1024, /* of each rank */
    ALONE_PERCENT = 50,      /* groups per row of a rank above which rows travel */
};

typedef struct Grouping {
    Table keys, values; /* borrowed */
    Array *mask;        /* NULL: all rows */
    AggSpec *agg;
    idx nagg, nkey;
    idx row0, total; /* number of the first row; rows over all ranks */
    bool par, sort, order, dropna, holistic;
} Grouping;

static bool is_holistic(int kind)
{
    static const bool whole[] = {
#define AGG(id, name, states, holistic) [AGG_##id] = holistic,
#include "base/agg.def"
#undef AGG
    };
    return whole[kind];
}

static Status setup(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, Grouping *g)
{
    bool masked = attr_int(at, "mask", 0) != 0;
    idx nkey = attr_int(at, "nkey", 1), nval = nin - 1 - nkey - masked, n = in[0].i;
    *g = (Grouping){.nkey = nkey,
                    .nagg = attr_count(at, "aggs"),
                    .par = rt_par(cx, at),
                    .sort = attr_int(at, "sort", 1) != 0,
                    .dropna = attr_int(at, "dropna", 1) != 0,
                    .mask = masked ? in[nin - 1].a : NULL};
    g->order = !g->sort && attr_int(at, "order", 0);
    TRY(rt_table(cx, in + 1, nkey, n, &g->keys));
    TRY(rt_table(cx, in + 1 + nkey, nval, n, &g->values));
    g->agg = arena_try(cx->scratch, (size_t)g->nagg + 1, sizeof *g->agg);
    if (!g->agg)
        return fail(cx, E_MEMORY, "no memory for %lld aggregates", (long long)g->nagg);
    for (idx i = 0; i < g->nagg; i++) {
        g->agg[i] = (AggSpec){.kind = (uint8_t)attr_int_at(at, "aggs", i),
                              .col = (int32_t)attr_int_at(at, "cols", i),
                              .skipna = true,
                              .ddof = 1};
        if (attr_count(at, "ddof") > i)
            g->agg[i].ddof = (int32_t)attr_int_at(at, "ddof", i);
        if (attr_count(at, "min_count") > i)
            g->agg[i].min_count = attr_int_at(at, "min_count", i);
        g->holistic |= is_holistic(g->agg[i].kind);
    }
    return OK;
}

/* The place of this rank's n rows among those of all ranks. */
static Status number_rows(Cx *cx, Grouping *g, idx n)
{
    return g->par ? comm_exscan_i64(cx, n, &g->row0, &g->total) : OK;
}

static Status new_tab(Cx *cx, const Grouping *g, GroupTab **out)
{
    return group_init(cx, &g->keys, &g->values, g->agg, g->nagg, g->dropna, g->order,
                      out);
}

/* -- Finished groups: keys, aggregates, [first row number] ------------------------- */
static Status finish(Cx *cx, const Grouping *g, GroupTab *tab, Table *out)
{
    Table keys, vals, both;
    idx *row0s = NULL;
    Array *num = NULL;
    TRY(group_final(cx, tab, &keys, &vals, &row0s));
    Status st = rt_table2(cx, &keys, &vals, &both);
    if (!st && g->order) {
        st = rt_numbers(cx, 0, 0, keys.n, &num);
        if (!st && keys.n) memcpy(num->data, row0s, (size_t)keys.n * sizeof *row0s);
        if (!st) st = rt_table_add(cx, &both, num, &both);
    }
    if (!st) st = rt_slice_table(cx, &both, 0, keys.n, out); /* own references */
    array_unref(num);
    mem_free(row0s);
    table_clear(&keys);
    table_clear(&vals);
    return st;
}

/* Puts local groups in the wanted order; drops the number column. */
static Status arrange(Cx *cx, const Grouping *g, Table *t)
{
    if (!g->sort && !g->order) return OK;
    Table keys = {.n = t->n, .ncol = g->nkey, .col = t->col}, out;
    if (g->order) keys = (Table){.n = t->n, .ncol = 1, .col = &t->col[t->ncol - 1]};
    bool *asc = arena_try(cx->scratch, (size_t)keys.ncol, sizeof *asc);
    if (!asc)
        return fail(cx, E_MEMORY, "no memory for %lld keys", (long long)keys.ncol);
    for (idx i = 0; i < keys.ncol; i++)
        asc[i] = true;
    idx *perm;
    TRY(sort_perm(cx, &keys, asc, false, &perm));
    Status st = rt_take_table(cx, t, perm, t->n, &out);
    mem_free(perm);
    TRY(st);
    table_clear(t);
    *t = out;
    return OK;
}

/* -- Over ranks -------------------------------------------------------------------- */

/* Groups that are to be in order of their keys are spread by ranges of these, so that
 * only the groups of a rank remain to be sorted. Not where comparing a row with the
 * splitters costs more than the second exchange (taxi, six keys: 1.5 s against 1.2). */
static bool by_range(const Grouping *g)
{
    return g->sort && g->nkey == 1 && g->keys.col[0]->dt != DT_STR;
}

/* All rows of a key to one rank, by range or by hash. */
static Status spread(Cx *cx, const Grouping *g, const Table *t, Table *out)
{
    if (by_range(g)) return shuffle_range(cx, t, g->nkey, out);
    Table keys = {.n = t->n, .ncol = g->nkey, .col = t->col};
    uint64_t *hash = NULL;
    *out = (Table){0};
    Status st = mem_new(cx, t->n, sizeof *hash, false, &hash);
    if (!st) st = hash_rows(cx, &keys, hash);
    if (!st) st = shuffle_hash(cx, t, hash, out);
    mem_free(hash);
    return st;
}

/* Partial groups of all ranks (all = true: everywhere, else by their keys), merged.
 * Frees tab as soon as its groups are out of it: with many groups it is as large as
 * they. */
static Status exchange(Cx *cx, const Grouping *g, GroupTab *tab, bool all,
                       GroupTab **out)
{
    Table keys = {0}, states = {0}, both, got = {0};
    GroupTab *merged = NULL;
    Status st = group_partial(cx, tab, &keys, &states);
    group_free(tab);
    if (!st) st = rt_table2(cx, &keys, &states, &both);
    if (!st) st = all ? allgather_table(cx, &both, &got) : spread(cx, g, &both, &got);
    table_clear(&keys);
    table_clear(&states);
    if (!st) st = new_tab(cx, g, &merged);
    Table k = {.n = got.n, .ncol = g->nkey, .col = got.col};
    Table s = {.n = got.n, .ncol = got.ncol - g->nkey, .col = got.col + g->nkey};
    if (!st) st = group_merge(cx, merged, &k, &s);
    table_clear(&got);
    if (st) group_free(merged);
    *out = st ? NULL : merged;
    return st;
}

static Status block_of(Cx *cx, Table *t)
{
    Table mine;
    int p = cx->comm->size, r = cx->comm->rank;
    TRY(rt_slice_table(cx, t, block_start(t->n, p, r), block_count(t->n, p, r), &mine));
    table_clear(t);
    *t = mine;
    return OK;
}

/* Groups that are spread over the ranks, into the wanted order over all of them. */
static Status order_spread(Cx *cx, const Grouping *g, idx rows, Table *t)
{
    Table out;
    if (by_range(g)) return arrange(cx, g, t);
    if (g->sort) {
        bool *asc = arena_try(cx->scratch, (size_t)g->nkey, sizeof *asc);
        if (!asc)
            return fail(cx, E_MEMORY, "no memory for %lld keys", (long long)g->nkey);
        for (idx i = 0; i < g->nkey; i++)
            asc[i] = true;
        TRY(sort_table(cx, t, g->nkey, asc, false, &out));
    } else if (g->order) {
        TRY(restore_order(cx, t, rows, &out));
    } else {
        return OK;
    }
    table_clear(t);
    *t = out;
    return OK;
}

static Status local_groups(Cx *cx, const Grouping *g, GroupTab **tab)
{
    TRY(new_tab(cx, g, tab));
    Status st = group_consume(cx, *tab, &g->keys, &g->values, g->row0, g->mask);
    if (st) {
        group_free(*tab);
        *tab = NULL;
    }
    return st;
}

/* The groups of all ranks, of `rows` rows on this one. Frees tab. */
static Status combine_groups(Cx *cx, const Grouping *g, GroupTab *tab, idx rows,
                             Table *out)
{
    GroupTab *merged;
    if (!g->par) {
        Status st = finish(cx, g, tab, out);
        group_free(tab);
        return st ? st : arrange(cx, g, out);
    }
    int64_t groups = group_count(tab);
    Status st = comm_sum_i64(cx, &groups, 1);
    bool all = groups <= FEW_GROUPS;
    if (st) {
        group_free(tab);
        return st;
    }
    TRY(exchange(cx, g, tab, all, &merged));
    st = finish(cx, g, merged, out);
    group_free(merged);
    TRY(st);
    if (!all) return order_spread(cx, g, rows, out);
    TRY(arrange(cx, g, out));
    return block_of(cx, out);
}

/* All rows of a group to one rank first; then nothing needs merging. Rows of a rank
 * keep their order, and ranks theirs. */
static Status whole_groups(Cx *cx, Grouping *g, Table *out)
{
    Table rows, kept = {0}, got = {0};
    Array *num = NULL;
    idx nlocal = g->keys.n;
    GroupTab *tab = NULL;
    TRY(rt_table2(cx, &g->keys, &g->values, &rows));
    Status st = OK;
    if (g->order) st = rt_numbers(cx, g->row0, 1, rows.n, &num);
    if (!st && g->order) st = rt_table_add(cx, &rows, num, &rows);
    if (!st && g->mask) st = filter(cx, &rows, g->mask, &kept);
    Table *from = g->mask ? &kept : &rows;
    if (!st) st = spread(cx, g, from, &got);
    array_unref(num);
    if (g->mask) table_clear(&kept);
    TRY(st);
    Grouping here = *g;
    here.mask = NULL;
    here.row0 = 0;
    here.keys = (Table){.n = got.n, .ncol = g->nkey, .col = got.col};
    here.values = (Table){.n = got.n, .ncol = g->values.ncol, .col = got.col + g->nkey};
    st = local_groups(cx, &here, &tab);
    if (!st) st = finish(cx, &here, tab, out);
    group_free(tab);
    if (!st && g->order && out->n) {
        /* finish numbered the received rows: turn into the numbers they had */
        const int64_t *was = got.col[got.ncol - 1]->data;
        int64_t *first = out->col[out->ncol - 1]->data;
        for (idx i = 0; i < out->n; i++)
            first[i] = was[first[i]];
    }
    table_clear(&got);
    TRY(st);
    return order_spread(cx, g, nlocal, out);
}

/* -- Which way -------------------------------------------------------------------- */

/* Groups among n rows when there are `all` to choose from. */
static double groups_among(double all, double n)
{
    return all * -expm1(-n / all);
}

/* Groups of n rows of which a sample has `seen` among `sample`: as if all groups were
 * equally frequent, which skew makes too many of; never more than rows. */
static double groups_expected(double seen, double sample, double n)
{
    double lo = seen, hi = 1e18;
    if (seen >= sample) return n;
    for (int i = 0; i < 100; i++) {
        double all = sqrt(lo * hi);
        if (groups_among(all, sample) < seen)
            lo = all;
        else
            hi = all;
    }
    return groups_among(lo, n);
}

/* Rows and groups of a sample from the middle of this rank's rows. */
static Status look_at_sample(Cx *cx, const Grouping *g, int64_t *rows, int64_t *groups)
{
    idx n = idx_min(g->keys.n, SAMPLE_ROWS), ngroup = 0;
    idx *codes = NULL, *first = NULL;
    Table some;
    *rows = *groups = 0;
    if (n == 0) return OK;
    TRY(rt_slice_table(cx, &g->keys, (g->keys.n - n) / 2, n, &some));
    Status st = group_codes(cx, &some, false, &codes, &ngroup, &first);
    mem_free(codes);
    mem_free(first);
    table_clear(&some);
    *rows = n;
    *groups = ngroup;
    return st;
}

/* Whether rows are to be moved before they are grouped. Collective; the same on all
 * ranks. */
static Status rows_travel(Cx *cx, const Grouping *g, bool *yes)
{
    int64_t v[2], size = cx->comm->size;
    *yes = g->holistic;
    if (*yes || g->nkey == 0 || g->total < SAMPLE_FROM) return OK;
    TRY(look_at_sample(cx, g, &v[0], &v[1]));
    TRY(comm_sum_i64(cx, v, 2));
    double rows = (double)g->total / (double)size;
    double groups =
        groups_expected((double)v[1] / (double)size, (double)v[0] / (double)size, rows);
    *yes = groups > rows * ALONE_PERCENT / 100;
    return OK;
}

static Status group_rows(Cx *cx, Grouping *g, Table *out)
{
    bool travel = false;
    GroupTab *tab;
    TRY(number_rows(cx, g, g->keys.n));
    if (g->par) TRY(rows_travel(cx, g, &travel));
    if (travel) return whole_groups(cx, g, out);
    TRY(local_groups(cx, g, &tab));
    return combine_groups(cx, g, tab, g->keys.n, out);
}

Status rt_groupby(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    Grouping g;
    Table res;
    TRY(setup(cx, at, nin, in, &g));
    TRY(group_rows(cx, &g, &res));
    return rt_give_rows(cx, at, &res, nout, out);
}

/* -- Rows that come in batches ----------------------------------------------------- */
/* A batch is grouped when it comes and kept by nobody, as long as that makes few groups
 * of many rows. Otherwise the rows are kept, and grouped when all of them are there:
 * what does that best depends on all of them (above, and in kernel/groupby.c). The
 * first rows are kept until there are enough to tell.
 */
enum {
    TELL_ROWS = 16 * 1024, /* rows that tell, */
    MANY_GROUPS = 1 << 18, /* groups from which the rest of the rows is kept */
};

typedef struct Groups {
    GroupTab *tab;  /* groups of the rows that are not kept; NULL: none are */
    Append **col;   /* kept: keys, values, [mask]; NULL: no batch has come */
    idx ncol, kept; /* columns, rows kept */
    idx done;       /* rows that are in tab */
    bool whole;     /* every row from now on is kept */
} Groups;

static void kept_free(Groups *p)
{
    for (idx i = 0; p->col && i < p->ncol; i++)
        append_free(p->col[i]);
    mem_free(p->col);
    p->col = NULL;
    p->kept = 0;
}

static void groups_free(void *data)
{
    Groups *p = data;
    group_free(p->tab);
    kept_free(p);
    mem_free(p);
}

Status rt_groupplace(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                     Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout;
    Groups *p;
    Closing *c;
    TRY(mem_new(cx, 1, sizeof *p, true, &p));
    TRY(rt_closing(cx, p, groups_free, &c));
    out[0].ptr = c;
    return OK;
}

/* in: rows, keys, values, [mask], as of GROUPBY. */
static Status keep_rows(Cx *cx, Groups *p, const Slot *in, int64_t nin)
{
    if (!p->col) {
        p->ncol = nin - 1;
        TRY(mem_new(cx, p->ncol, sizeof *p->col, true, &p->col));
        for (idx i = 0; i < p->ncol; i++)
            TRY(append_new(cx, (NullForm)in[1 + i].a->null, -1, &p->col[i]));
    }
    for (idx i = 0; i < p->ncol; i++)
        TRY(append_add(cx, p->col[i], in[1 + i].a));
    p->kept += in[0].i;
    return OK;
}

/* The kept rows as the slots of a GROUPBY; the columns are the call's. */
static Status take_kept(Cx *cx, Groups *p, Slot **out)
{
    Slot *s = arena_try(cx->scratch, (size_t)p->ncol + 1, sizeof *s);
    if (!s) return fail(cx, E_MEMORY, "no memory for %lld columns", (long long)p->ncol);
    s[0].i = p->kept;
    for (idx i = 0; i < p->ncol; i++) {
        Append *done = p->col[i];
        p->col[i] = NULL;
        TRY(append_finish(cx, done, &s[1 + i].a));
        TRY(rt_own(cx, s[1 + i].a));
    }
    kept_free(p);
    *out = s;
    return OK;
}

static Status group_batch(Cx *cx, Groups *p, const Grouping *g)
{
    TRY(group_consume(cx, p->tab, &g->keys, &g->values, p->done, g->mask));
    p->done += g->keys.n;
    p->whole = group_count(p->tab) >= MANY_GROUPS;
    return OK;
}

/* Whether these rows are to be grouped before the others are there. */
static Status begin_groups(Cx *cx, Groups *p, const Grouping *g)
{
    int64_t rows, groups;
    TRY(look_at_sample(cx, g, &rows, &groups));
    p->whole = groups > rows * ALONE_PERCENT / 100;
    if (p->whole) return OK;
    TRY(new_tab(cx, g, &p->tab));
    return group_batch(cx, p, g);
}

/* Columns without rows: what dtypes there are, should no other batch be kept. */
static Status keep_dtypes(Cx *cx, Groups *p, const Slot *in, int64_t nin)
{
    Slot *none = arena_try(cx->scratch, (size_t)nin, sizeof *none);
    if (!none) return fail(cx, E_MEMORY, "no memory for %lld columns", (long long)nin);
    none[0].i = 0;
    for (int64_t i = 1; i < nin; i++) {
        TRY(array_slice(cx, in[i].a, 0, 0, &none[i].a));
        TRY(rt_own(cx, none[i].a));
    }
    TRY(keep_rows(cx, p, none, nin));
    for (int64_t i = 1; i < nin; i++)
        rt_disown(cx, none[i].a);
    return OK;
}

/* The kept rows have become enough to tell. */
static Status begin_with_kept(Cx *cx, Groups *p, const Attrs *at, int64_t nin)
{
    Grouping g;
    Slot *kept;
    TRY(take_kept(cx, p, &kept));
    TRY(setup(cx, at, nin, kept, &g));
    TRY(begin_groups(cx, p, &g));
    TRY(p->whole ? keep_rows(cx, p, kept, nin) : keep_dtypes(cx, p, kept, nin));
    for (int64_t i = 1; i < nin; i++)
        rt_disown(cx, kept[i].a);
    return OK;
}

static Status add_batch(Cx *cx, Groups *p, const Attrs *at, int64_t nin, const Slot *in)
{
    Grouping g;
    idx n = in[0].i;
    if (n == 0 && p->col) return OK;
    if (n == 0) return keep_rows(cx, p, in, nin);
    TRY(setup(cx, at, nin, in, &g));
    if (p->tab && !p->whole) return group_batch(cx, p, &g);
    if (!p->whole && !p->col && n >= TELL_ROWS) {
        TRY(begin_groups(cx, p, &g));
        if (!p->whole) return keep_dtypes(cx, p, in, nin);
    }
    TRY(keep_rows(cx, p, in, nin));
    if (p->whole || p->kept < TELL_ROWS) return OK;
    return begin_with_kept(cx, p, at, nin);
}

Status rt_groupadd(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nout, (void)out;
    Groups *p = ((Closing *)in[0].ptr)->p;
    ArenaMark mark = arena_mark(cx->scratch);
    idx before = cx->nlive;
    Status st = add_batch(cx, p, at, nin - 1, in + 1);
    if (st) rt_disown_from(cx, before);
    arena_release(cx->scratch, mark);
    return st;
}

/* This rank's groups: those that are there, and those of the kept rows. */
static Status all_groups(Cx *cx, Groups *p, Grouping *g, GroupTab **tab)
{
    *tab = p->tab;
    p->tab = NULL;
    idx first = p->done;
    if (!*tab) TRY(new_tab(cx, g, tab));
    Status st = group_consume(cx, *tab, &g->keys, &g->values, first, g->mask);
    if (!st) st = number_rows(cx, g, first + g->keys.n);
    if (!st) group_renumber(*tab, g->row0);
    if (!st) return OK;
    group_free(*tab);
    return st;
}

/* A place that some rank has groups in; else all ranks have rows. */
static Status some_have_groups(Cx *cx, const Grouping *g, const Groups *p, bool *yes)
{
    int64_t v = p->tab != NULL;
    if (g->par) TRY(comm_max_i64(cx, &v, 1));
    *yes = v != 0;
    return OK;
}

static Status finish_groups(Cx *cx, Groups *p, const Attrs *at, Table *out)
{
    Grouping g;
    GroupTab *tab;
    bool grouped;
    Slot *kept;
    int64_t nin = p->ncol + 1;
    TRY(take_kept(cx, p, &kept));
    TRY(setup(cx, at, nin, kept, &g));
    TRY(some_have_groups(cx, &g, p, &grouped));
    if (!grouped) return group_rows(cx, &g, out);
    TRY(all_groups(cx, p, &g, &tab));
    return combine_groups(cx, &g, tab, p->done + g.keys.n, out);
}

Status rt_grouped(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin;
    Groups *p = ((Closing *)in[0].ptr)->p;
    idx before = cx->nlive;
    Table res;
    Status st = finish_groups(cx, p, at, &res);
    rt_disown_from(cx, before); /* the kept rows */
    TRY(st);
    ((Closing *)in[0].ptr)->p = NULL;
    groups_free(p);
    return rt_give_rows(cx, at, &res, nout, out);
}

Status rt_groupcode(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout, (void)out;
    return fail(cx, E_INTERNAL, "group codes are not compiled yet");
}
