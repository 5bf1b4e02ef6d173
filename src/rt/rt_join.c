/* SPDX-License-Identifier: Apache-2.0
 * Join: where each side's rows go, then one local hash join.
 *
 * A side that is replicated, or small enough to be broadcast, joins with what each rank
 * has of the other; otherwise both are shuffled by the hash of the keys. Small is
 * decided from the sides' real sizes. pandas' row order (left rows, then right rows of
 * each; right rows for how="right"; by key for "outer") comes for free where the
 * ordered side stays in place, else rows carry its row number and are put back
 * (comm/restore.c).
 *
 * Columns of a side while it travels: keys, columns, row number (if the order is seen).
 */
#include "base/base.h"

#include "rt/rt_join.h"

static JoinHow join_how(const Attrs *at)
{
    static const char *const name[] = {"inner", "left", "right", "outer",
                                       "semi",  "anti", "cross"};
    const char *how = attr_text(at, "how");
    for (int i = 0; how && i < 7; i++)
        if (!strcmp(how, name[i])) return (JoinHow)i;
    return JOIN_INNER;
}

static void side_clear(Side *s)
{
    if (s->owned) table_clear(&s->t);
    s->owned = false;
}

static void side_set(Side *s, Table t)
{
    side_clear(s);
    s->t = t;
    s->owned = true;
}

/* Adds the global number of each row as the last column. */
static Status add_number(Cx *cx, Join *j, Side *s)
{
    idx before = 0, total;
    if (s->par) TRY(comm_exscan_i64(cx, s->t.n, &before, &total));
    TRY(rt_numbers(cx, before, 1, s->t.n, &j->number));
    return rt_table_add(cx, &s->t, j->number, &s->t);
}

/* A replicated side as this rank's block of it. */
static Status take_block(Cx *cx, Side *s)
{
    Table t;
    int p = cx->comm->size, r = cx->comm->rank;
    idx n = s->t.n;
    TRY(rt_slice_table(cx, &s->t, block_start(n, p, r), block_count(n, p, r), &t));
    side_set(s, t);
    s->rows = t.n;
    s->par = true;
    return OK;
}

static Status broadcast(Cx *cx, Side *s)
{
    Table t;
    TRY(allgather_table(cx, &s->t, &t));
    side_set(s, t);
    s->par = false;
    return OK;
}

static Status shuffle_side(Cx *cx, Side *s)
{
    uint64_t *hash;
    Table keys = {.n = s->t.n, .ncol = s->nkey, .col = s->t.col}, t;
    TRY(mem_new(cx, s->t.n, sizeof *hash, false, &hash));
    Status st = hash_rows(cx, &keys, hash);
    if (!st) st = shuffle_hash(cx, &s->t, hash, &t);
    mem_free(hash);
    TRY(st);
    side_set(s, t);
    return OK;
}

int64_t rt_table_bytes(const Table *t)
{
    int64_t b = 0;
    for (idx i = 0; i < t->ncol; i++)
        b += (int64_t)array_bytes(t->col[i]);
    return b;
}

/* After this the local join of the two sides' rows is the whole join. */
static Status place(Cx *cx, Join *j)
{
    Side *l = &j->l, *r = &j->r;
    if (!l->par && !r->par) return OK;
    /* A copy of one side everywhere is no use if its unmatched rows are wanted. */
    if (!l->par && (keeps_left(j->how) || j->how == JOIN_SEMI)) TRY(take_block(cx, l));
    if (!r->par && keeps_right(j->how)) TRY(take_block(cx, r));
    if (!l->par || !r->par) return OK;
    int64_t bytes[2] = {rt_table_bytes(&l->t), rt_table_bytes(&r->t)};
    TRY(comm_sum_i64(cx, bytes, 2));
    int64_t all = bytes[0] + bytes[1], size = cx->comm->size;
    bool lcopy = !keeps_left(j->how) && j->how != JOIN_SEMI,
         rcopy = !keeps_right(j->how);
    bool cross = j->how == JOIN_CROSS;
    if (rcopy && (cross || (bytes[1] < COPIED_MOST && bytes[1] * size < all)))
        return broadcast(cx, r);
    if (lcopy && bytes[0] < COPIED_MOST && bytes[0] * size < all)
        return broadcast(cx, l);
    TRY(shuffle_side(cx, l));
    return shuffle_side(cx, r);
}

/* -- The local join: positions of the result's rows on each side, -1: none --------- */
static inline idx pair_at(const idx *pos, idx i)
{
    return pos ? pos[i] : i;
}

void rt_pairs_free(Pairs *p)
{
    mem_free(p->l);
    mem_free(p->r);
    *p = (Pairs){0};
}

/* Orders pairs by p->l (all >= 0) below n, stably: a counting sort. */
static Status sort_by_left(Cx *cx, Pairs *p, idx n)
{
    idx *start, *l, *r;
    TRY(mem_new(cx, n + 1, sizeof *start, true, &start));
    Status st = mem_new(cx, p->n, sizeof *l, false, &l);
    if (st) {
        mem_free(start);
        return st;
    }
    st = mem_new(cx, p->n, sizeof *r, false, &r);
    if (st) {
        mem_free(start);
        mem_free(l);
        return st;
    }
    for (idx i = 0; i < p->n; i++)
        start[p->l[i] + 1]++;
    for (idx i = 0; i < n; i++)
        start[i + 1] += start[i];
    for (idx i = 0; i < p->n; i++) {
        idx k = start[p->l[i]]++;
        l[k] = p->l[i];
        r[k] = pair_at(p->r, i);
    }
    idx count = p->n;
    mem_free(start);
    rt_pairs_free(p);
    *p = (Pairs){l, r, count};
    return OK;
}

/* Appends build rows that nothing matched as (-1, row). */
static Status add_unmatched(Cx *cx, Pairs *p, const uint8_t *matched, idx n)
{
    idx extra = 0, *l, *r;
    for (idx i = 0; i < n; i++)
        extra += !matched[i];
    if (!extra) return OK;
    TRY(mem_new(cx, p->n + extra, sizeof *l, false, &l));
    Status st = mem_new(cx, p->n + extra, sizeof *r, false, &r);
    if (st) {
        mem_free(l);
        return st;
    }
    for (idx i = 0; i < p->n; i++) {
        l[i] = pair_at(p->l, i);
        r[i] = p->r[i];
    }
    idx k = p->n;
    for (idx i = 0; i < n; i++) {
        if (matched[i]) continue;
        l[k] = -1;
        r[k++] = i;
    }
    rt_pairs_free(p);
    *p = (Pairs){l, r, k};
    return OK;
}

enum { CROSS_UNASKED = 1024 }; /* rows of a side between two looks at the abort word */

static Status cross_pairs(Cx *cx, const Join *j, Pairs *p)
{
    idx nl = j->l.t.n, nr = j->r.t.n, n;
    if (__builtin_mul_overflow(nl, nr, &n))
        return fail(cx, E_OVERFLOW, "a cross join of %lld by %lld rows", (long long)nl,
                    (long long)nr);
    TRY(mem_new(cx, n, sizeof(idx), false, &p->l));
    Status st = mem_new(cx, n, sizeof(idx), false, &p->r);
    if (st) return st;
    p->n = n;
    for (idx i = 0, k = 0; i < nl; i++) {
        if (nr > CROSS_UNASKED || i % CROSS_UNASKED == 0) TRY(cx_check(cx));
        for (idx q = 0; q < nr; q++, k++) {
            p->l[k] = i;
            p->r[k] = q;
        }
    }
    return OK;
}

/* Builds on one side and probes with the other; results in terms of left and right. */
static Status hash_pairs(Cx *cx, const Join *j, bool build_left, Pairs *p)
{
    const Side *build = build_left ? &j->l : &j->r, *probe = build_left ? &j->r : &j->l;
    bool keep_probe = build_left ? keeps_right(j->how) : keeps_left(j->how);
    bool keep_build = build_left ? keeps_left(j->how) : keeps_right(j->how);
    Table bk = side_keys(build), pk = side_keys(probe);
    JoinTab *tab;
    TRY(join_build(cx, &bk, &tab));
    join_mark(tab, keep_build);
    Pairs q = {0};
    Status st = join_probe(cx, tab, &pk, keep_probe, &q.l, &q.r, &q.n);
    if (!st && keep_build) st = add_unmatched(cx, &q, join_matched(tab), bk.n);
    join_free(tab);
    *p = build_left ? (Pairs){q.r, q.l, q.n} : q;
    return st;
}

/* Builds on the smaller side. Pairs leave in pandas' order of the local rows: left
 * order for inner and left, right order for right; outer is sorted later. */
static Status local_pairs(Cx *cx, const Join *j, Pairs *p)
{
    if (j->how == JOIN_CROSS) return cross_pairs(cx, j, p);
    bool right = j->how == JOIN_RIGHT, inner = j->how == JOIN_INNER;
    bool build_left = right || (inner && 2 * j->l.t.n < j->r.t.n);
    TRY(hash_pairs(cx, j, build_left, p));
    if (build_left && inner && j->order) return sort_by_left(cx, p, j->l.t.n);
    return OK;
}

/* -- Results ----------------------------------------------------------------------- */
/* All rows: shared, in a column of its own, whose "promoted" may be set. */
static Status share_as(Cx *cx, Array *a, RtType t, Array **out)
{
    Array *wide;
    TRY(rt_adapt(cx, a, t, &wide));
    Status st = array_slice(cx, wide, 0, wide->n, out);
    array_unref(wide);
    return st;
}

static Status take_as(Cx *cx, Array *a, RtType t, const idx *pos, idx n, Array **out)
{
    Array *wide = a;
    if (!pos) return share_as(cx, a, t, out);
    bool same = a->dt == t.dt && a->unit == t.unit;
    if (!same) TRY(rt_adapt(cx, a, t, &wide));
    Status st = take(cx, wide, pos, n, (NullForm)t.null, out);
    if (!st) (*out)->promoted = wide->promoted;
    if (wide != a) array_unref(wide);
    return st;
}

/* A key that is present in every row: the left side's where there is a left row. */
static Status take_key(Cx *cx, const Join *j, idx k, RtType t, const Pairs *p,
                       Array **out)
{
    if (!keeps_right(j->how)) return take_as(cx, j->l.t.col[k], t, p->l, p->n, out);
    if (j->how == JOIN_RIGHT) return take_as(cx, j->r.t.col[k], t, p->r, p->n, out);
    Array *both[2], *all = NULL;
    TRY(rt_adapt(cx, j->l.t.col[k], t, &both[0]));
    Status st = rt_adapt(cx, j->r.t.col[k], t, &both[1]);
    idx *pos = NULL;
    if (!st) st = concat(cx, both, 2, (NullForm)t.null, &all);
    if (!st) st = mem_new(cx, p->n, sizeof *pos, false, &pos);
    for (idx i = 0; !st && i < p->n; i++)
        pos[i] = pair_at(p->l, i) >= 0 ? pair_at(p->l, i) : j->l.t.n + p->r[i];
    if (!st) st = take(cx, all, pos, p->n, (NullForm)t.null, out);
    mem_free(pos);
    array_unref(all);
    array_unref(both[0]);
    array_unref(both[1]);
    return st;
}

/* The result's columns: left's, right's, keys; in `out` behind them what order needs.
 */
Status rt_join_gather(Cx *cx, const Attrs *at, const Join *j, const Pairs *p,
                      Table *out)
{
    idx nl = j->l.ncol, nr = j->r.ncol, extra = 0;
    bool by_key = j->how == JOIN_OUTER && j->order;
    bool number = j->order && !by_key && (j->left_number || j->right_number);
    extra = by_key ? j->nkey : number ? 1 : 0;
    TRY(table_init(cx, out, nl + nr + j->nout + extra, p->n));
    Status st = OK;
    Array **c = out->col;
    for (idx i = 0; i < nl && !st; i++)
        st = take_as(cx, j->l.t.col[j->nkey + i], rt_type(at, "rtype", 1 + i), p->l,
                     p->n, c++);
    for (idx i = 0; i < nr && !st; i++)
        st = take_as(cx, j->r.t.col[j->nkey + i], rt_type(at, "rtype", 1 + nl + i),
                     p->r, p->n, c++);
    for (idx i = 0; i < j->nout && !st; i++)
        st = take_key(cx, j, i, rt_type(at, "rtype", 1 + nl + nr + i), p, c++);
    for (idx i = 0; i < extra && !st && by_key; i++) {
        const Array *k = j->l.t.col[i];
        RtType t = {.dt = k->dt, .null = k->null, .unit = k->unit};
        st = take_key(cx, j, i, t, p, c++);
    }
    if (number && !st) {
        const Side *s = j->left_number ? &j->l : &j->r;
        const idx *pos = j->left_number ? p->l : p->r;
        Array *row = s->t.col[s->t.ncol - 1];
        if (pos)
            st = take(cx, row, pos, p->n, NULL_NONE, c);
        else
            *c = array_ref(row);
    }
    if (st) table_clear(out);
    return st;
}

/* Outer: rows by key. t's last nkey columns are the keys. */
static Status sort_by_key(Cx *cx, const Join *j, bool par, Table *t)
{
    idx nkey = j->nkey, ncol = t->ncol - nkey;
    Array **col = arena_try(cx->scratch, (size_t)t->ncol, sizeof *col);
    bool *asc = arena_try(cx->scratch, (size_t)nkey, sizeof *asc);
    if (!col || !asc)
        return fail(cx, E_MEMORY, "no memory for %lld keys", (long long)nkey);
    for (idx i = 0; i < nkey; i++)
        col[i] = t->col[ncol + i];
    for (idx i = 0; i < ncol; i++)
        col[nkey + i] = t->col[i];
    for (idx i = 0; i < nkey; i++)
        asc[i] = true;
    Table in = {.n = t->n, .ncol = t->ncol, .col = col}, out;
    if (par) {
        TRY(sort_table(cx, &in, nkey, asc, false, &out));
    } else {
        Table keys = {.n = t->n, .ncol = nkey, .col = col};
        idx *perm;
        TRY(sort_perm(cx, &keys, asc, false, &perm));
        Status st = rt_take_table(cx, &in, perm, t->n, &out);
        mem_free(perm);
        TRY(st);
    }
    for (idx i = 0; i < nkey; i++)
        array_unref(out.col[i]);
    memmove(out.col, out.col + nkey, (size_t)ncol * sizeof *out.col);
    out.ncol = ncol;
    table_clear(t);
    *t = out;
    return OK;
}

/* Uniform "promoted" flags: did a missing row arise on any rank? A key has its left
 * dtype in pandas where all rows have a left one, its right one where none has, else
 * what both have in common. */
static Status promote(Cx *cx, const Attrs *at, const Join *j, const Pairs *p, bool par,
                      Table *t)
{
    enum { NO_LEFT, NO_RIGHT, LEFT };
    int64_t some[3] = {0, 0, 0};
    bool prom = false;
    idx nres = j->l.ncol + j->r.ncol + j->nout;
    for (idx i = 0; i < nres; i++)
        prom |= rt_type(at, "rtype", 1 + i).null == NULL_PROM;
    if (!prom) return OK;
    for (idx i = 0; i < p->n; i++) {
        bool left = pair_at(p->l, i) >= 0;
        some[NO_LEFT] |= !left;
        some[LEFT] |= left;
        some[NO_RIGHT] |= pair_at(p->r, i) < 0;
    }
    if (par) TRY(comm_max_i64(cx, some, 3));
    for (idx i = 0; i < nres; i++) {
        if (rt_type(at, "rtype", 1 + i).null != NULL_PROM) continue;
        idx k = i - j->l.ncol - j->r.ncol;
        if (k < 0) {
            t->col[i]->promoted |= some[i < j->l.ncol ? NO_LEFT : NO_RIGHT] != 0;
            continue;
        }
        bool l = j->l.t.col[k]->promoted, r = j->r.t.col[k]->promoted;
        t->col[i]->promoted = !some[NO_LEFT] ? l : !some[LEFT] ? r : l || r;
    }
    return OK;
}

/* Semi and anti joins keep rows of the left side. */
static Status semi(Cx *cx, const Join *j, Table *out, Pairs *none)
{
    (void)none;
    Table bk = side_keys(&j->r), pk = side_keys(&j->l);
    JoinTab *tab;
    Array *mask = NULL;
    TRY(join_build(cx, &bk, &tab));
    Status st = join_semi(cx, tab, &pk, j->how == JOIN_ANTI, &mask);
    join_free(tab);
    Table cols = {
        .n = j->l.t.n, .ncol = j->l.t.ncol - j->nkey, .col = j->l.t.col + j->nkey};
    if (!st) st = filter(cx, &cols, mask, out);
    array_unref(mask);
    return st;
}

Status rt_join_setup(Cx *cx, const Attrs *at, const Slot *in, Join *j)
{
    idx nkey = attr_int(at, "nkey", 0), nl = attr_int(at, "nl", 0),
        nr = attr_int(at, "nr", 0);
    bool many = cx->comm->size > 1;
    *j = (Join){.how = join_how(at), .nkey = nkey, .nout = attr_int(at, "nout", 0)};
    j->order = attr_int(at, "order", 0) != 0;
    j->l = (Side){.nkey = nkey,
                  .ncol = nl,
                  .rows = in[0].i,
                  .par = many && attr_int(at, "lpar", 0)};
    j->r = (Side){.nkey = nkey,
                  .ncol = nr,
                  .rows = in[1].i,
                  .par = many && attr_int(at, "rpar", 0)};
    const Slot *k = in + 2;
    Table keys, cols;
    TRY(rt_table(cx, k, nkey, in[0].i, &keys));
    TRY(rt_table(cx, k + 2 * nkey, nl, in[0].i, &cols));
    TRY(rt_table2(cx, &keys, &cols, &j->l.t));
    TRY(rt_table(cx, k + nkey, nkey, in[1].i, &keys));
    TRY(rt_table(cx, k + 2 * nkey + nl, nr, in[1].i, &cols));
    return rt_table2(cx, &keys, &cols, &j->r.t);
}

static Status run(Cx *cx, const Attrs *at, Join *j, Slot *out)
{
    bool par = j->l.par || j->r.par;
    bool right = j->how == JOIN_RIGHT;
    bool wanted = par && j->order && j->how != JOIN_OUTER;
    Side *ordered = right ? &j->r : &j->l;
    j->left_number = wanted && !right;
    j->right_number = wanted && right;
    if (wanted) TRY(add_number(cx, j, ordered));
    bool was_par = ordered->par;
    idx rows = ordered->rows;
    TRY(place(cx, j));
    bool moved = ordered->owned;
    if (!was_par && ordered->par)
        rows = ordered->rows;                    /* its own block, by take_block */
    if (!was_par && !ordered->par) moved = true; /* a copy on every rank */
    Table res;
    Pairs p = {0};
    Status st;
    if (j->how == JOIN_SEMI || j->how == JOIN_ANTI) {
        st = semi(cx, j, &res, &p);
    } else {
        st = local_pairs(cx, j, &p);
        if (!st) st = rt_join_gather(cx, at, j, &p, &res);
        if (!st) {
            st = promote(cx, at, j, &p, par, &res);
            if (st) table_clear(&res);
        }
    }
    rt_pairs_free(&p);
    TRY(st);
    if (j->how == JOIN_OUTER && j->order) {
        st = sort_by_key(cx, j, par, &res);
    } else if (wanted && moved) {
        Table back;
        if (!was_par && !ordered->par)
            rows = block_count(rows, cx->comm->size, cx->comm->rank);
        st = restore_order(cx, &res, rows, &back);
        if (!st) {
            table_clear(&res);
            res = back;
        }
    }
    out[0].i = res.n;
    if (!st)
        st = rt_out_table(cx, at, 1, out + 1, &res, 0, j->l.ncol + j->r.ncol + j->nout);
    table_clear(&res);
    return st;
}

Status rt_join(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)nout;
    Join j;
    TRY(rt_join_setup(cx, at, in, &j));
    Status st = run(cx, at, &j, out);
    side_clear(&j.l);
    side_clear(&j.r);
    array_unref(j.number);
    return st;
}
