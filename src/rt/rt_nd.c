/* SPDX-License-Identifier: Apache-2.0
 * Arrays of n dimensions. A view comes as a buffer, an offset, strides, lengths: see
 * ir/ops.def. {ax}: its first dimension is on an axis; par: that is distributed.
 */
#include "rt/rt_int.h"

#include "rt/rt_view.h"

#include <stdio.h>
#include <string.h>

const Slot *rt_view_read(const Slot *in, int nd, NdView *v)
{
    const Array *a = in[0].a;
    memset(v, 0, sizeof *v);
    v->dt = a->dt;
    v->unit = a->unit;
    v->nd = nd;
    v->at = (uint8_t *)a->data + in[1].i * dtype_info[a->dt].bytes;
    for (int k = 0; k < nd; k++) {
        v->stride[k] = in[2 + k].i;
        v->len[k] = in[2 + nd + k].i;
    }
    return in + 2 + 2 * (idx)nd;
}

idx rt_row_width(const NdView *v)
{
    idx w = 1;
    for (int k = 1; k < v->nd; k++)
        w *= v->len[k];
    return w;
}

Status rt_contiguous(Cx *cx, const NdView *v, Array *base, Array **out)
{
    bool whole = v->at == base->data && nd_is_contiguous(v) && base->n == nd_count(v);
    if (whole) {
        *out = array_ref(base);
        return OK;
    }
    TRY(array_new(cx, (DType)base->dt, (NullForm)base->null, (Unit)base->unit,
                  nd_count(v), false, out));
    nd_gather(v, (*out)->data);
    return OK;
}

static bool on_axis(Cx *cx, const Attrs *at, idx k)
{
    return rt_par(cx, at) && attr_int_at(at, "ax", k) != 0;
}

/* -- Errors ------------------------------------------------------------------------ */
/* Lengths below 0 stand for those that the ranks add up (Err.row): -1 the first. */
static size_t put_shape(char *to, size_t room, const Slot *in, int64_t n)
{
    size_t at = 0;
    at += (size_t)snprintf(to, room, "(");
    for (int64_t k = 0; k < n && at < room; k++) {
        const char *comma = k ? "," : "";
        if (in[k].i < 0)
            at += (size_t)snprintf(to + at, room - at, "%s%c%lld", comma, ERR_ROW_MARK,
                                   -1 - (long long)in[k].i);
        else
            at += (size_t)snprintf(to + at, room - at, "%s%lld", comma,
                                   (long long)in[k].i);
    }
    if (at < room) at += (size_t)snprintf(to + at, room - at, n == 1 ? ",)" : ")");
    return at < room ? at : room - 1;
}

static Status no_index_result(Cx *cx, const char *value, const char *result)
{
    return fail(cx, E_VALUE,
                "shape mismatch: value array of shape %s could not be broadcast to "
                "indexing result of shape %s",
                value, result);
}

static Status shapes(Cx *cx, const Attrs *at, const Slot *in)
{
    idx n = attr_count(at, "nds");
    int64_t first = 0;
    char text[400], a[160], b[160];
    size_t used = 0;
    if (attr_int(at, "mask", 0)) {
        int64_t nd = attr_int_at(at, "nds", 0);
        int64_t k = 0;
        while (k < nd - 1 && in[k].i == in[nd + k].i)
            k++;
        return fail(
            cx, E_INDEX,
            "boolean index did not match indexed array along axis %lld; size of "
            "axis is %lld but size of corresponding boolean axis is %lld",
            (long long)k, (long long)in[k].i, (long long)in[nd + k].i);
    }
    if (attr_int(at, "into", 0)) {
        int64_t nd = attr_int_at(at, "nds", 0);
        if (attr_int(at, "aug", 0)) { /* a += b: a is operand and result */
            size_t k = put_shape(text, sizeof text, in, nd);
            text[k++] = ' ';
            k += put_shape(text + k, sizeof text - k, in + nd,
                           attr_int_at(at, "nds", 1));
            text[k++] = ' ';
            put_shape(text + k, sizeof text - k, in, nd);
            return fail(cx, E_VALUE,
                        "operands could not be broadcast together with shapes %s ",
                        text);
        }
        put_shape(a, sizeof a, in + nd, attr_int_at(at, "nds", 1));
        put_shape(b, sizeof b, in, nd);
        if (attr_int(at, "index", 0)) return no_index_result(cx, a, b);
        return fail(cx, E_VALUE,
                    "could not broadcast input array from shape %s into shape %s", a,
                    b);
    }
    text[0] = 0;
    for (idx k = 0; k < n && used + 2 < sizeof text; k++) {
        used += put_shape(text + used, sizeof text - used - 1, in + first,
                          attr_int_at(at, "nds", k));
        text[used++] = ' ';
        text[used] = 0;
        first += attr_int_at(at, "nds", k);
    }
    bool index = attr_int(at, "index", 0) != 0;
    return fail(cx, index ? E_INDEX : E_VALUE,
                "%s could not be broadcast together with shapes %s",
                index ? "shape mismatch: indexing arrays" : "operands", text);
}

/* The same where some lengths are this rank's rows of all. */
static Status shapes_of_all(Cx *cx, const Attrs *at, int64_t nin, const Slot *in)
{
    Slot all[ND_DIMS * ND_DIMS];
    int64_t row[ERR_ROWS] = {0};
    int32_t nrow = 0;
    if (cx->err.code || attr_int(at, "mask", 0) || nin > COUNT_OF(all))
        return shapes(cx, at, in);
    memcpy(all, in, (size_t)nin * sizeof *in);
    for (idx k = 0; k < attr_count(at, "rows") && nrow < ERR_ROWS; k++) {
        int64_t i = attr_int_at(at, "rows", k);
        row[nrow] = in[i].i;
        all[i].i = -1 - nrow++;
    }
    Status st = shapes(cx, at, all);
    memcpy(cx->err.row, row, sizeof row);
    cx->err.nrow = nrow;
    return st;
}

/* text with a number of in[] for every %d. */
static Status numbered(Cx *cx, ErrCode code, const char *text, const Slot *in,
                       int64_t n)
{
    char out[400];
    size_t at = 0;
    int64_t k = 0;
    for (const char *p = text; *p && at + 24 < sizeof out; p++) {
        if (p[0] == '%' && p[1] == 'd' && k < n) {
            at += (size_t)snprintf(out + at, sizeof out - at, "%lld",
                                   (long long)in[k++].i);
            p++;
        } else {
            out[at++] = *p;
        }
    }
    out[at] = 0;
    return fail(cx, code, "%s", out);
}

Status rt_ndraise(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nout, (void)out;
    if (attr_has(at, "nds"))
        return attr_has(at, "rows") ? shapes_of_all(cx, at, nin, in)
                                    : shapes(cx, at, in);
    ErrCode code = (ErrCode)attr_int(at, "code", E_VALUE);
    return numbered(cx, code, attr_text(at, "text"), in, nin);
}

/* -- New arrays -------------------------------------------------------------------- */
static Status product(Cx *cx, const Slot *in, int64_t n, size_t width, idx *out)
{
    idx total = 1;
    for (int64_t k = 0; k < n; k++) {
        if (in[k].i < 0)
            return fail(cx, E_VALUE, "negative dimensions are not allowed");
        if (__builtin_mul_overflow(total, (idx)in[k].i, &total)) total = INT64_MAX / 16;
    }
    if (total > INT64_MAX / 16 / (idx)width)
        return fail(cx, E_VALUE,
                    "array is too big; `arr.size * arr.dtype.itemsize` is larger than "
                    "the maximum possible size.");
    *out = total;
    return OK;
}

Status rt_ndalloc(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    for (int64_t k = 0; k < nout; k++) {
        idx n;
        Array *a;
        DType dt = (DType)attr_int_at(at, "dt", k);
        TRY(product(cx, in, nin, dtype_info[dt].bytes, &n));
        TRY(array_new(cx, dt, (NullForm)attr_int_at(at, "null", k),
                      (Unit)attr_int_at(at, "unit", k), n, false, &a));
        TRY(rt_out(cx, &out[k], a));
    }
    return OK;
}

Status rt_ndnew(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nout;
    idx n;
    Array *a;
    RtType t = rt_type(at, "rtype", 0);
    TRY(product(cx, in, nin, dtype_info[t.dt].bytes, &n));
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, n, true, &a));
    return rt_out(cx, &out[0], a);
}

/* -- Slices of distributed rows ---------------------------------------------------- */
Status rt_ndrange(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    idx *starts, n = in[0].i, step = in[3].i;
    TRY(rt_starts(cx, true, n, &starts));
    idx total = starts[cx->comm->size], off = starts[cx->comm->rank];
    idx lo = attr_int(at, "start", 0) ? in[1].i : 0;
    idx hi = attr_int(at, "stop", 0) ? in[2].i : total;
    if (lo < 0) lo += total;
    if (hi < 0) hi += total;
    lo = idx_min(idx_max(lo, 0), total);
    hi = idx_min(idx_max(hi, 0), total);
    /* The first of lo, lo + step .. that is not before this rank's rows. */
    idx first = lo < off ? lo + (off - lo + step - 1) / step * step : lo;
    idx end = idx_min(hi, off + n);
    out[0].i = first < end ? (end - first + step - 1) / step : 0;
    out[1].i = out[0].i ? first - off : 0;
    return OK;
}

/* -- Reductions -------------------------------------------------------------------- */
enum { BLOCK = 4096 };

/* Positions of the reduced dimensions on the ranks before this one. */
static Status first_position(Cx *cx, const NdView *v, uint32_t axes, idx *first)
{
    idx *starts, each = 1;
    TRY(rt_starts(cx, true, v->len[0], &starts));
    for (int k = 1; k < v->nd; k++)
        if (axes >> k & 1) each *= v->len[k];
    *first = starts[cx->comm->rank] * each;
    return OK;
}

static Status merge_ranks(Cx *cx, NdAgg agg, DType dt, NdAcc *acc, idx n)
{
    NdAcc *all;
    int p = cx->comm->size;
    TRY(mem_new(cx, n * p + 1, sizeof *all, false, &all));
    Status st = comm_allgather(cx, acc, (size_t)n * sizeof *acc, all);
    if (st == OK) {
        memcpy(acc, all, (size_t)n * sizeof *acc);
        for (int r = 1; r < p; r++)
            nd_merge(agg, dt, acc, all + r * n, n);
    }
    mem_free(all);
    return st;
}

typedef struct Reduced {
    NdAgg agg;
    uint32_t axes;
    bool open; /* of nothing it is what changes nothing */
} Reduced;

static Status reduced_final(Cx *cx, const Reduced *r, DType dt, NdAcc *acc, idx n,
                            Array *out, idx row)
{
    if (r->open) nd_neutral(r->agg, dt, acc, n);
    return nd_final(cx, r->agg, dt, acc, n, out, row);
}

/* One block of rows of the result at a time, when its first dimension is kept. */
static Status reduce_blocks(Cx *cx, const NdView *v, const Reduced *r, idx nout,
                            Array *a)
{
    idx rows = v->len[0], each = rows ? nout / rows : 0;
    idx step = each ? idx_max(BLOCK / each, 1) : rows;
    NdAcc *acc;
    TRY(mem_new(cx, step * each + 1, sizeof *acc, false, &acc));
    Status st = OK;
    for (idx i = 0; i < rows && !st && each; i += step) {
        NdView part = *v;
        part.len[0] = idx_min(step, rows - i);
        part.at += i * v->stride[0] * dtype_info[v->dt].bytes;
        nd_reduce(&part, r->agg, r->axes, 0, acc);
        st = reduced_final(cx, r, (DType)v->dt, acc, part.len[0] * each, a, i * each);
        if (!st) st = cx_check(cx);
    }
    mem_free(acc);
    return st;
}

static Status reduce_whole(Cx *cx, const NdView *v, const Reduced *r, idx nout,
                           bool par, Array *a)
{
    NdAcc *acc;
    idx first = 0;
    if (par) TRY(first_position(cx, v, r->axes, &first));
    TRY(mem_new(cx, nout + 1, sizeof *acc, false, &acc));
    nd_reduce(v, r->agg, r->axes, first, acc);
    Status st = par ? merge_ranks(cx, r->agg, (DType)v->dt, acc, nout) : OK;
    if (!st) st = reduced_final(cx, r, (DType)v->dt, acc, nout, a, 0);
    mem_free(acc);
    return st;
}

Status rt_ndreduce(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin;
    NdView v;
    Reduced r = {(NdAgg)attr_int(at, "agg", 0), (uint32_t)attr_int(at, "axes", 0),
                 attr_int(at, "neutral", 0) != 0};
    rt_view_read(in, (int)attr_int(at, "nd", 1), &v);
    RtType t = rt_type(at, "rtype", nout - 1);
    bool first = r.axes & 1;
    idx n = 1;
    for (int k = 0; k < v.nd; k++)
        if (!(r.axes >> k & 1)) n *= v.len[k];
    Array *a;
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, n, false, &a));
    TRY(rt_out(cx, &out[nout - 1], a));
    if (nout == 2) out[0].i = attr_int(at, "rows", 0) ? n : 1;
    return rt_unless(cx, a,
                     first ? reduce_whole(cx, &v, &r, n, on_axis(cx, at, 0), a)
                           : reduce_blocks(cx, &v, &r, n, a));
}

/* The view, and a new array of as many elements as the result. */
static Status as_many(Cx *cx, const Attrs *at, const Slot *in, NdView *v, Slot *out,
                      Array **a)
{
    rt_view_read(in, (int)attr_int(at, "nd", 1), v);
    RtType t = rt_type(at, "rtype", 0);
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, nd_count(v), false,
                  a));
    return rt_out(cx, &out[0], *a);
}

/* The rows before this rank's come to its own: every rank's last row goes to all, and
 * those of the ranks before it, run together, are where its run begins. */
static Status scan_on(Cx *cx, const NdView *v, char what, Array *a)
{
    DType dt = (DType)a->dt;
    idx width = rt_row_width(v), rows = v->len[0];
    size_t bytes = (size_t)width * dtype_info[dt].bytes;
    uint8_t *last, *all;
    TRY(mem_new(cx, cx->comm->size + 1, bytes, false, &last));
    all = last + bytes;
    nd_scan_begin(dt, what, width, last);
    if (rows) memcpy(last, (uint8_t *)a->data + (size_t)(rows - 1) * bytes, bytes);
    Status st = comm_allgather(cx, last, bytes, all);
    int rank = cx->comm->rank;
    for (int r = 1; !st && r < rank; r++)
        nd_scan_from(dt, what, all + (size_t)(r - 1) * bytes, width, 1,
                     all + (size_t)r * bytes);
    if (!st && rank)
        nd_scan_from(dt, what, all + (size_t)(rank - 1) * bytes, width, rows, a->data);
    mem_free(last);
    return st;
}

Status rt_ndscan(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    Array *a;
    int axis = (int)attr_int(at, "axis", 0);
    char what = attr_text(at, "what")[0];
    TRY(as_many(cx, at, in, &v, out, &a));
    nd_scan(&v, axis, what, a);
    return axis == 0 && on_axis(cx, at, 0) ? scan_on(cx, &v, what, a) : OK;
}

Status rt_ndsort(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    Array *a;
    TRY(as_many(cx, at, in, &v, out, &a));
    return rt_unless(cx, a,
                     nd_sort(cx, &v, (int)attr_int(at, "axis", 0),
                             attr_int(at, "positions", 0) != 0, a));
}

Status rt_ndquantile(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                     Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    const Array *q = rt_view_read(in, (int)attr_int(at, "nd", 1), &v)->a;
    int axis = (int)attr_int(at, "axis", 0);
    TRY(rt_check_shares(cx, at, q));
    idx n = q->n;
    for (int k = 0; k < v.nd; k++)
        if (k != axis) n *= v.len[k];
    Array *a;
    TRY(array_new(cx, DT_F64, NULL_NAN, UNIT_NONE, n, false, &a));
    TRY(rt_out(cx, &out[0], a));
    Status st = nd_quantile(cx, &v, axis, q->data, q->n,
                            (QuantileMethod)attr_int(at, "method", QUANTILE_linear),
                            attr_int(at, "skip_nan", 0) != 0, a);
    return rt_unless(cx, a, st);
}

Status rt_ndflat(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    Array *a;
    rt_view_read(in, (int)attr_int(at, "nd", 1), &v);
    out[0].i = nd_count(&v);
    TRY(rt_contiguous(cx, &v, in[0].a, &a));
    TRY(array_own(cx, &a)); /* columns are not written, but arrays are */
    return rt_out(cx, &out[1], a);
}

Status rt_ndfold(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)at, (void)nin, (void)nout;
    return rt_out(cx, &out[0], array_ref(in[0].a));
}

/* -- One axis for all -------------------------------------------------------------- */
/* NumPy's text, with the shapes of all operands. */
static Status not_joined(Cx *cx, const Attrs *at, const Slot *in, const int64_t *total)
{
    const Slot *next = in + attr_int(at, "rows", 0);
    Slot all[ND_DIMS * ND_DIMS] = {
        {{0}, {0}}
    };
    int64_t k = 0;
    for (idx i = 0; i < attr_count(at, "nds"); i++) {
        int64_t nd = attr_int_at(at, "nds", i), row = attr_int_at(at, "row", i);
        for (int64_t d = 0; d < nd && k < COUNT_OF(all); d++, next++)
            all[k++].i = d == 0 && row >= 0 ? total[row] : next->i;
    }
    return shapes(cx, at, all);
}

/* Lengths of rows in[0 .. n) over all ranks, in one round; *which: the operand that the
 * others follow. */
static Status joint_rows(Cx *cx, const Attrs *at, const Slot *in, idx *total,
                         int64_t *which)
{
    idx n = attr_int(at, "rows", 0);
    bool par = rt_par(cx, at), first = !par || cx->comm->rank == 0;
    int64_t *len = arena_try(cx->scratch, (size_t)n, sizeof *len);
    if (!len) return fail(cx, E_MEMORY, "no memory for %lld lengths", (long long)n);
    for (idx k = 0; k < n; k++)
        len[k] = first || attr_int_at(at, "argpar", k) ? in[k].i : 0;
    if (par) TRY(comm_sum_i64(cx, len, (int)n));
    *total = 1;
    *which = 0;
    for (idx k = 0; k < n; k++) {
        if (len[k] == 1 || len[k] == *total) continue;
        if (*total != 1) return not_joined(cx, at, in, len);
        *total = len[k];
        *which = k;
    }
    return OK;
}

Status rt_ndjoin(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    idx total;
    int64_t which;
    bool par = rt_par(cx, at) && attr_int(at, "rpar", 0);
    TRY(joint_rows(cx, at, in, &total, &which));
    if (!par)
        out[0].i = total;
    else if (attr_int_at(at, "argpar", which))
        out[0].i = in[which].i;
    else
        out[0].i = block_count(total, cx->comm->size, cx->comm->rank);
    return OK;
}

/* Row 0 of all, for every row: a view that repeats it. */
static Status one_row(Cx *cx, bool par, Array *rows, Array **out)
{
    if (!par) {
        *out = array_ref(rows);
        return OK;
    }
    Table t = {.n = rows->n, .ncol = 1, .col = &rows}, all;
    TRY(allgather_table(cx, &t, &all));
    *out = array_ref(all.col[0]);
    table_clear(&all);
    return OK;
}

static void contiguous_view(const NdView *v, idx rows, Slot *out)
{
    idx s = 1;
    out[1].i = 0;
    for (int k = v->nd - 1; k >= 0; k--) {
        out[2 + k].i = s;
        s *= k ? v->len[k] : rows;
    }
}

/* The part of the rows that this rank has of another axis, of the same length. */
static Status own_part(Cx *cx, bool topar, bool frompar, const idx *to, const idx *from,
                       idx width, Array *rows, Array **out)
{
    Table t = {.n = rows->n, .ncol = 1, .col = &rows}, res;
    int size = cx->comm->size, r = cx->comm->rank;
    if (topar && frompar) {
        idx *a = arena_try(cx->scratch, 2 * (size_t)size + 2, sizeof *a), *b;
        if (!a) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
        b = a + size + 1;
        for (int k = 0; k <= size; k++) {
            a[k] = to[k] * width;
            b[k] = from[k] * width;
        }
        TRY(rt_move_ranges(cx, &t, a, b, &res));
    } else if (topar) {
        TRY(rt_slice_table(cx, &t, to[r] * width, (to[r + 1] - to[r]) * width, &res));
    } else {
        TRY(allgather_table(cx, &t, &res));
    }
    *out = array_ref(res.col[0]);
    table_clear(&res);
    return OK;
}

/* rt_starts of two axes that are both distributed, in one round. */
static Status starts_two(Cx *cx, idx n, idx m, idx **a, idx **b)
{
    int size = cx->comm->size;
    idx mine[2] = {n, m};
    idx *s = arena_try(cx->scratch, 4 * ((size_t)size + 1), sizeof *s);
    if (!s) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
    idx *t = s + size + 1, *count = t + size + 1;
    TRY(comm_allgather(cx, mine, sizeof mine, count));
    for (int r = 0; r < size; r++) {
        s[r + 1] = s[r] + count[2 * (idx)r];
        t[r + 1] = t[r] + count[2 * (idx)r + 1];
    }
    *a = s;
    *b = t;
    return OK;
}

Status rt_ndalign(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    bool many = rt_par(cx, at);
    bool topar = many && attr_int(at, "topar", 0),
         frompar = many && attr_int(at, "frompar", 0);
    idx *to, *from;
    rt_view_read(in + 1, (int)attr_int(at, "nd", 1), &v);
    if (topar && frompar) {
        TRY(starts_two(cx, in[0].i, v.len[0], &to, &from));
    } else {
        TRY(rt_starts(cx, topar, in[0].i, &to));
        TRY(rt_starts(cx, frompar, v.len[0], &from));
    }
    int size = cx->comm->size;
    idx total_to = to[topar ? size : 1], total = from[frompar ? size : 1];
    bool repeat = total == 1 && total_to != 1, same = topar == frompar;
    for (int k = 0; same && k <= (topar ? size : 1); k++)
        same = to[k] == from[k];
    if (same || (repeat && !frompar)) { /* as it is */
        for (int k = 0; k <= v.nd; k++)
            out[1 + k].i = in[2 + k].i;
        if (repeat) out[2].i = 0;
        return rt_out(cx, &out[0], array_ref(in[1].a));
    }
    if (!repeat && total != total_to)
        return fail(cx, E_VALUE,
                    "operands could not be broadcast together with %lld and %lld rows",
                    (long long)total_to, (long long)total);
    Array *rows, *a = NULL;
    TRY(rt_contiguous(cx, &v, in[1].a, &rows));
    Status st =
        repeat ? one_row(cx, frompar, rows, &a)
               : own_part(cx, topar, frompar, to, from, rt_row_width(&v), rows, &a);
    array_unref(rows);
    TRY(st);
    contiguous_view(&v, in[0].i, out);
    if (repeat) out[2].i = 0;
    return rt_out(cx, &out[0], a);
}

/* -- Masks ------------------------------------------------------------------------- */
Status rt_ndmask(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    NdView mask, v;
    Array *a;
    const Slot *next = rt_view_read(in, (int)attr_int(at, "nd", 1), &mask);
    rt_view_read(next, (int)attr_int(at, "nv", 1), &v);
    TRY(nd_compress(cx, &mask, &v, &out[0].i, &a));
    return rt_out(cx, &out[1], a);
}

/* A mask of rows is an array of their numbers to NumPy. */
static Status rows_do_not_fit(Cx *cx, const NdView *v, const NdView *val, idx rows)
{
    Slot dim[2 * ND_DIMS];
    char a[160], b[160];
    for (int k = 0; k < val->nd; k++)
        dim[k].i = val->len[k];
    put_shape(a, sizeof a, dim, val->nd);
    for (int k = 0; k < v->nd; k++)
        dim[k].i = k ? v->len[k] : rows;
    put_shape(b, sizeof b, dim, v->nd);
    return no_index_result(cx, a, b);
}

Status rt_ndplace(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout, (void)out;
    NdView v, mask, val;
    const Slot *next = rt_view_read(in, (int)attr_int(at, "nv", 1), &v);
    next = rt_view_read(next, (int)attr_int(at, "nd", 1), &mask);
    rt_view_read(next, (int)attr_int(at, "nval", 1), &val);
    idx here = nd_mask_count(&mask), each = 1, before = 0, total = here;
    for (int k = mask.nd; k < v.nd; k++)
        each *= v.len[k];
    if (attr_int_at(at, "ax", 2)) return nd_place(cx, &v, &mask, &val, 0);
    if (on_axis(cx, at, 0)) TRY(comm_exscan_i64(cx, here, &before, &total));
    idx n = nd_count(&val);
    if (mask.nd == 1 && v.nd > 1 && n != 1 && n != total * each && n != each)
        return rows_do_not_fit(cx, &v, &val, total);
    if (n != 1 && n != total * each && !(mask.nd < v.nd && n == each))
        return fail(cx, E_VALUE,
                    "NumPy boolean array indexing assignment cannot assign %lld input "
                    "values to the %lld output values where the mask is true",
                    (long long)n, (long long)(total * each));
    return nd_place(cx, &v, &mask, &val, n == 1 || n == each ? 0 : before * each);
}

/* -- Results ----------------------------------------------------------------------- */
Status rt_ndout(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout;
    NdView v;
    Array *a, *base = in[0].a;
    int nd = (int)attr_int(at, "nd", 1);
    rt_view_read(in, nd, &v);
    if (!rt_par(cx, at)) {
        for (int k = 0; k <= nd; k++)
            out[1 + k].i = in[1 + k].i;
        return rt_out(cx, &out[0], array_ref(base));
    }
    /* Offset and strides are the same on all ranks: those of rows one after the other.
     */
    if (in[1].i == 0 && nd_is_contiguous(&v) && base->n == nd_count(&v)) {
        TRY(rt_out(cx, &out[0], array_ref(base)));
    } else {
        TRY(array_new(cx, (DType)base->dt, (NullForm)base->null, (Unit)base->unit,
                      nd_count(&v), false, &a));
        TRY(rt_out(cx, &out[0], a));
        nd_gather(&v, a->data);
    }
    idx s = 1;
    out[1].i = 0;
    for (int k = nd - 1; k >= 0; k--) {
        out[2 + k].i = s;
        s *= v.len[k];
    }
    return OK;
}
