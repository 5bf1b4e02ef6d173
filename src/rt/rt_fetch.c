/* SPDX-License-Identifier: Apache-2.0
 * Rows by their numbers: columns and arrays at an index array, read and written. Where
 * the rows are distributed only those that are asked for travel (comm/fetch.c).
 */
#include "rt/rt_int.h"

#include "rt/rt_view.h"

/* -- Numbers ----------------------------------------------------------------------- */

/* An index of any integer dtype as int64; owned. */
static Status numbers_of(Cx *cx, Array *a, Array **out)
{
    RtType t = {.kind = 2, .dt = DT_I64, .null = NULL_NONE, .unit = UNIT_NONE};
    return rt_adapt(cx, a, t, out);
}

static Status outside(Cx *cx, const Attrs *at, int64_t number, idx rows)
{
    if (attr_has(at, "text")) {
        err_clear(&cx->err); /* of fetch_rows, in NumPy's words */
        return fail(cx, E_INDEX, "%s", attr_text(at, "text"));
    }
    return fail(cx, E_INDEX, "index %lld is out of bounds for axis 0 with size %lld",
                (long long)number, (long long)rows);
}

/* Numbers from the end count from the start, in place; the array is the caller's own.
 */
static Status wrap(Cx *cx, const Attrs *at, const int64_t *number, idx n, idx rows,
                   idx *out)
{
    for (idx i = 0; i < n; i++) {
        out[i] = number[i] < 0 ? number[i] + rows : number[i];
        if (out[i] < 0 || out[i] >= rows) return outside(cx, at, number[i], rows);
    }
    return OK;
}

/* Rows of t that this rank has all of. */
static Status take_whole(Cx *cx, const Attrs *at, const Table *t, idx rows, idx width,
                         const Array *number, Table *out)
{
    idx n = number->n, *pos; /* room for the numbers also where rows have no elements */
    TRY(mem_new(cx, n * idx_max(width, 1) + 1, sizeof *pos, false, &pos));
    Status st = wrap(cx, at, number->data, n, rows, pos);
    for (idx i = n; !st && width != 1 && i-- > 0;) /* from the end: in place */
        for (idx k = width; k-- > 0;)
            pos[i * width + k] = pos[i] * width + k;
    if (!st) st = rt_take_table(cx, t, pos, n * width, out);
    mem_free(pos);
    return st;
}

static Status take_rows(Cx *cx, const Attrs *at, const Table *t, idx rows, idx width,
                        const Array *number, Table *out)
{
    if (cx->comm->size == 1 || !attr_int(at, "apar", 0))
        return take_whole(cx, at, t, rows, width, number, out);
    Status st = fetch_rows(cx, t, rows, width, number->data, number->n, out);
    if (st == E_INDEX && attr_has(at, "text")) (void)outside(cx, at, 0, 0);
    return st;
}

/* -- Columns ----------------------------------------------------------------------- */
Status rt_take(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    Table t, res;
    TRY(rt_table(cx, in + 2, nin - 2, in[0].i, &t));
    TRY(take_rows(cx, at, &t, in[0].i, 1, in[1].a, &res));
    Status st = rt_out_table(cx, at, 0, out, &res, 0, nout);
    table_clear(&res);
    return st;
}

/* -- Arrays ------------------------------------------------------------------------ */

/* The view of nd dimensions in the slots; the rest of them. */
Status rt_ndtake(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    const Slot *next = rt_view_read(in, (int)attr_int(at, "nd", 1), &v);
    Array *number, *rows = NULL;
    Table res = {0};
    TRY(numbers_of(cx, next[0].a, &number));
    Status st = rt_contiguous(cx, &v, in[0].a, &rows);
    if (!st) {
        Table t = {.n = rows->n, .ncol = 1, .col = &rows};
        st = take_rows(cx, at, &t, v.len[0], rt_row_width(&v), number, &res);
    }
    array_unref(number);
    array_unref(rows);
    if (!st) st = array_own(cx, &res.col[0]);
    if (!st) st = rt_out_table(cx, at, 0, out, &res, 0, 1);
    table_clear(&res);
    return st;
}

/* Each row on the rank that has its first element. */
static idx *row_starts(Cx *cx, const idx *from, idx each, idx rows)
{
    int size = cx->comm->size;
    idx *to = arena_try(cx->scratch, (size_t)size + 1, sizeof *to);
    for (int r = 0; to && r <= size; r++)
        to[r] = each ? (from[r] + each - 1) / each * each : block_start(rows, size, r);
    return to;
}

/* The elements in rows[..], of this rank's rows of `width`, as rows of `each`. */
static Status in_rows(Cx *cx, const idx *starts, idx width, idx each, idx nrow,
                      Array *rows, idx *count, Array **out)
{
    int size = cx->comm->size, me = cx->comm->rank;
    bool same = true;
    idx *from = arena_try(cx->scratch, (size_t)size + 1, sizeof *from);
    if (!from) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
    for (int r = 0; r <= size; r++)
        from[r] = starts[r] * width;
    idx *to = row_starts(cx, from, each, nrow);
    if (!to) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
    *count = (to[me + 1] - to[me]) / (each ? each : 1);
    for (int r = 0; r <= size && each; r++)
        same &= to[r] == from[r];
    if (same) {
        *out = array_ref(rows);
        return OK;
    }
    Table t = {.n = rows->n, .ncol = 1, .col = &rows}, res;
    TRY(rt_move_ranges(cx, &t, to, from, &res));
    *out = array_ref(res.col[0]);
    table_clear(&res);
    return OK;
}

/* This rank's rows of all in reverse: row i is the row total - 1 - i. */
static Status turned(Cx *cx, const idx *starts, idx width, Array *rows, Array **out)
{
    idx n = starts[cx->comm->rank + 1] - starts[cx->comm->rank], total;
    Array *number;
    total = starts[cx->comm->size];
    TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, n, false, &number));
    for (idx i = 0; i < n; i++)
        ((int64_t *)number->data)[i] = total - 1 - starts[cx->comm->rank] - i;
    Table t = {.n = rows->n, .ncol = 1, .col = &rows}, res;
    Status st = fetch_rows(cx, &t, n, width, number->data, n, &res);
    array_unref(number);
    TRY(st);
    *out = array_ref(res.col[0]);
    table_clear(&res);
    return OK;
}

/* The row with this number, from the rank that has it to all. */
static Status one_row(Cx *cx, const NdView *v, const Array *base, idx number,
                      Array **out)
{
    idx *starts, rank = cx->comm->rank;
    TRY(rt_starts(cx, true, v->len[0], &starts));
    bool mine = number >= starts[rank] && number < starts[rank + 1];
    NdView row = *v;
    row.at += (number - starts[rank]) * v->stride[0] * dtype_info[v->dt].bytes;
    row.len[0] = 1;
    Array *own;
    TRY(array_new(cx, (DType)base->dt, (NullForm)base->null, (Unit)base->unit,
                  mine ? rt_row_width(v) : 0, false, &own));
    if (mine) nd_gather(&row, own->data);
    Table t = {.n = own->n, .ncol = 1, .col = &own}, all;
    Status st = allgather_table(cx, &t, &all);
    array_unref(own);
    TRY(st);
    *out = array_ref(all.col[0]);
    table_clear(&all);
    return OK;
}

Status rt_ndrerow(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    idx *starts, each = 1, count = 0;
    int to = (int)attr_int(at, "to", 1);
    bool rows_stay = attr_int(at, "turn", 0) != 0;
    const Slot *len = rt_view_read(in, (int)attr_int(at, "nd", 1), &v) + 1 + to;
    /* Whether they go down may be known only now. */
    bool turn = rows_stay && len[-to].i != v.stride[0];
    Array *rows, *a = NULL;
    for (int k = to; k-- > 0;) { /* strides of what is contiguous */
        out[2 + k].i = each;
        if (k) each *= len[k].i;
    }
    out[1].i = 0;
    if (attr_int(at, "one", 0)) {
        TRY(one_row(cx, &v, in[0].a, len[to].i, &a));
        TRY(array_own(cx, &a));
        return rt_out(cx, &out[0], a);
    }
    TRY(rt_starts(cx, true, v.len[0], &starts));
    TRY(rt_contiguous(cx, &v, in[0].a, &rows));
    idx width = rt_row_width(&v);
    Status st = OK;
    if (turn)
        st = turned(cx, starts, width, rows, &a);
    else if (rows_stay)
        a = array_ref(rows);
    else
        st = in_rows(cx, starts, width, each, len[0].i, rows, &count, &a);
    array_unref(rows);
    TRY(st);
    if (!rows_stay) out[2 + to].i = count;
    TRY(array_own(cx, &a));
    return rt_out(cx, &out[0], a);
}

/* -- Writing ----------------------------------------------------------------------- */

/* Rows on all ranks, each rank's own being n. Collective when par. */
static Status count_all(Cx *cx, bool par, idx n, idx *before, idx *total)
{
    *before = 0;
    *total = n;
    return par ? comm_exscan_i64(cx, n, before, total) : OK;
}

typedef struct Put {
    NdView v;
    Array *number, *val; /* owned: rows, and their values one after the other */
    idx width;
    bool apar, ipar, vpar, repeat;
} Put;

/* Values of this rank's numbers. One row of values stands for all. */
static Status pair_values(Cx *cx, Put *p)
{
    idx nval = p->width ? p->val->n / p->width : p->number->n;
    idx first, want, before, have;
    TRY(count_all(cx, p->ipar, p->number->n, &first, &want));
    TRY(count_all(cx, p->vpar, nval, &before, &have));
    p->repeat = have == 1 && want != 1;
    if (!p->repeat && have != want)
        return fail(cx, E_VALUE,
                    "shape mismatch: value array of shape (%lld,) could not be "
                    "broadcast to indexing result of shape (%lld,)",
                    (long long)have, (long long)want);
    if (!p->vpar && !p->ipar) return OK;
    if (p->vpar && p->ipar && !p->repeat) {
        int64_t apart = first != before || nval != p->number->n;
        TRY(comm_max_i64(cx, &apart, 1));
        if (!apart) return OK;
    }
    Array *pos, *own;
    Table t = {.n = p->val->n, .ncol = 1, .col = &p->val}, got;
    idx n = p->repeat ? 1 : p->number->n;
    TRY(rt_numbers(cx, p->repeat ? 0 : first, 1, n, &pos));
    Status st;
    if (p->vpar) {
        st = fetch_rows(cx, &t, nval, p->width, pos->data, n, &got);
        own = st ? NULL : array_ref(got.col[0]);
        if (!st) table_clear(&got);
    } else {
        idx from = p->repeat ? 0 : first * p->width;
        st = array_slice(cx, p->val, from, n * p->width, &own);
    }
    array_unref(pos);
    TRY(st);
    array_unref(p->val);
    p->val = own;
    return OK;
}

/* One row of values becomes one for each number, so that they can travel together. */
static Status spread_values(Cx *cx, Put *p)
{
    if (!p->repeat) return OK;
    idx n = p->number->n * p->width, *pos;
    Array *a;
    TRY(mem_new(cx, n + 1, sizeof *pos, false, &pos));
    for (idx i = 0; i < n; i++)
        pos[i] = i % p->width;
    Status st = take(cx, p->val, pos, n, (NullForm)p->val->null, &a);
    mem_free(pos);
    TRY(st);
    array_unref(p->val);
    p->val = a;
    p->repeat = false;
    return OK;
}

/* To the ranks that have the rows. */
static Status put_away(Cx *cx, Put *p)
{
    Array *at;
    Table t = {.n = p->val->n, .ncol = 1, .col = &p->val}, got;
    TRY(spread_values(cx, p));
    TRY(deliver_rows(cx, &t, p->v.len[0], p->width, p->number->data, p->number->n, &at,
                     &got));
    nd_put_rows(&p->v, at->data, at->n, got.col[0]->data, false);
    array_unref(at);
    table_clear(&got);
    return OK;
}

/* All numbers on every rank, in order: each writes all of its copy. */
static Status put_everywhere(Cx *cx, Put *p)
{
    TRY(spread_values(cx, p));
    Table n = {.n = p->number->n, .ncol = 1, .col = &p->number}, alln;
    Table v = {.n = p->val->n, .ncol = 1, .col = &p->val}, allv;
    TRY(allgather_table(cx, &n, &alln));
    Status st = allgather_table(cx, &v, &allv);
    if (!st) {
        array_unref(p->number);
        array_unref(p->val);
        p->number = array_ref(alln.col[0]);
        p->val = array_ref(allv.col[0]);
        table_clear(&allv);
    }
    table_clear(&alln);
    return st;
}

/* Numbers that all ranks have: each writes those of its own rows. */
static Status put_here(Cx *cx, const Attrs *at, Put *p)
{
    idx first, rows, *row;
    TRY(count_all(cx, p->apar, p->v.len[0], &first, &rows));
    TRY(mem_new(cx, p->number->n + 1, sizeof *row, false, &row));
    Status st = wrap(cx, at, p->number->data, p->number->n, rows, row);
    idx step = p->repeat ? 0 : p->width * (idx)dtype_info[p->v.dt].bytes;
    for (idx i = 0; !st && i < p->number->n; i++) {
        idx here = row[i] - first;
        if (here < 0 || here >= p->v.len[0]) continue;
        nd_put_rows(&p->v, &here, 1, (const uint8_t *)p->val->data + i * step, false);
    }
    mem_free(row);
    return st;
}

static Status put(Cx *cx, const Attrs *at, Put *p)
{
    TRY(pair_values(cx, p));
    if (p->apar && p->ipar) return put_away(cx, p);
    if (p->ipar) TRY(put_everywhere(cx, p));
    return put_here(cx, at, p);
}

Status rt_ndput(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout, (void)out;
    bool many = cx->comm->size > 1;
    Put p = {.apar = many && attr_int(at, "apar", 0),
             .ipar = many && attr_int(at, "ipar", 0),
             .vpar = many && attr_int(at, "vpar", 0)};
    const Slot *next = rt_view_read(in, (int)attr_int(at, "nd", 1), &p.v);
    p.width = rt_row_width(&p.v);
    TRY(numbers_of(cx, next[0].a, &p.number));
    p.val = array_ref(next[1].a);
    Status st = put(cx, at, &p);
    array_unref(p.number);
    array_unref(p.val);
    return st;
}
