/* SPDX-License-Identifier: Apache-2.0
 * Row spaces: lengths, row numbers, fills, slices by position, single rows, and moving
 * columns from one axis's chunks to another's.
 */
#include "base/base.h"

#include "rt/rt_int.h"

Status rt_len(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
              Slot *out)
{
    (void)nin, (void)nout;
    out[0].i = in[0].i;
    return rt_par(cx, at) ? comm_sum_i64(cx, &out[0].i, 1) : OK;
}

Status rt_rows(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)cx, (void)at, (void)nin, (void)nout;
    out[0].i = in[0].a ? in[0].a->n : 0; /* of what may be None */
    return OK;
}

Status rt_rownum(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nout;
    idx before = nin > 1 ? in[1].i : 0, total, start = attr_int(at, "start", 0),
        step = attr_int(at, "step", 1);
    if (rt_par(cx, at)) TRY(comm_exscan_i64(cx, in[0].i, &before, &total));
    Array *a;
    TRY(rt_numbers(cx, start + step * before, step, in[0].i, &a));
    return rt_out(cx, &out[0], a);
}

/* One value of a fixed-width dtype from a slot, in memory form. */
static void slot_bytes(DType dt, const Slot *s, uint8_t out[16])
{
    float f = (float)s->f, part[2] = {f, (float)s->im};
    if (dt == DT_F32)
        memcpy(out, &f, sizeof f);
    else if (dt == DT_C64)
        memcpy(out, part, sizeof part);
    else if (dt == DT_C128)
        memcpy(out, s, 16);
    else
        memcpy(out, &s->i, 8); /* little-endian: narrow integers are the low bytes */
}

static void fill_bytes(uint8_t *to, const uint8_t *value, size_t width, idx n)
{
    switch (width) {
    case 1: memset(to, value[0], (size_t)n); break;
    case 8: {
        uint64_t w, *p = (uint64_t *)(void *)to;
        memcpy(&w, value, 8);
        for (idx i = 0; i < n; i++)
            p[i] = w;
        break;
    }
    default:
        for (idx i = 0; i < n; i++)
            memcpy(to + (size_t)i * width, value, width);
    }
}

/* n times the text s as a dictionary of one entry; missing when s->n < 0. */
static Status fill_text(Cx *cx, const Slot *s, idx n, Array **out)
{
    Array *dict, *a;
    idx len = idx_max(s->n, 0);
    TRY(array_new_str(cx, 1, len, &dict));
    if (len) memcpy(dict->bytes, s->p, (size_t)len);
    dict->off[1] = len;
    Status st = array_new_dict(cx, n, dict, &a);
    array_unref(dict);
    TRY(st);
    memset(a->data, 0, (size_t)n * sizeof(int32_t));
    if (s->n < 0) {
        st = array_add_valid(cx, a, false);
        a->null_count = n;
    }
    *out = a;
    return st;
}

Status rt_fill(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)nout;
    RtType t = rt_type(at, "rtype", 0), from = rt_type(at, "atype", 1);
    idx n = in[0].i;
    Array *a;
    if (t.dt == DT_STR) {
        TRY(fill_text(cx, &in[1], n, &a));
        return rt_out(cx, &out[0], a);
    }
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, n, false, &a));
    uint8_t value[16];
    slot_bytes((DType)t.dt, &in[1], value);
    fill_bytes(a->data, value, dtype_info[t.dt].bytes, n);
    bool masked = from.null == NULL_MASK || from.null == NULL_PROM;
    bool missing = (masked || attr_int(at, "na", 0)) && !(in[1].n & SLOT_PRESENT);
    if (from.null == NULL_PROM) a->promoted = (in[1].n & SLOT_PROMOTED) != 0;
    if (missing && (t.null == NULL_MASK || t.null == NULL_PROM))
        TRY(array_add_valid(cx, a, false));
    return rt_out(cx, &out[0], a);
}

Status rt_axis(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)nout;
    idx n = idx_max(in[0].i, 0);
    out[0].i = rt_par(cx, at) ? block_count(n, cx->comm->size, cx->comm->rank) : n;
    return OK;
}

Status rt_split(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)at, (void)nin, (void)nout;
    int64_t start = in[0].i, stop = in[1].i, step = in[2].i;
    if (step == 0) return fail(cx, E_VALUE, "range() arg 3 must not be zero");
    int64_t span = step > 0 ? stop - start : start - stop,
            width = step > 0 ? step : -step;
    idx n = span > 0 ? (span + width - 1) / width : 0;
    int p = cx->comm->size, r = cx->comm->rank;
    out[0].i = start + step * block_start(n, p, r);
    out[1].i = out[0].i + step * block_count(n, p, r);
    return OK;
}

/* -- Positions --------------------------------------------------------------------- */

/* Python's normalisation of one bound against n. */
static idx bound(const Attrs *at, const char *has, idx v, idx n, idx lo, idx hi,
                 idx none)
{
    if (!attr_int(at, has, 1)) return none;
    if (v < 0) v += n;
    return v < lo ? lo : v > hi ? hi : v;
}

/* Local rows of a global slice with positive step: first local row and their number. */
static idx local_part(idx start, idx stop, idx step, idx off, idx n, idx *first)
{
    idx from = idx_max(start, off);
    if (from > start) from = start + (from - start + step - 1) / step * step;
    idx to = idx_min(stop, off + n);
    *first = from - off;
    return from < to ? (to - from + step - 1) / step : 0;
}

static Status stepped(Cx *cx, const Table *t, idx first, idx count, idx step,
                      Table *out)
{
    if (step == 1) return rt_slice_table(cx, t, first, count, out);
    idx *pos;
    TRY(mem_new(cx, count, sizeof *pos, false, &pos));
    for (idx i = 0; i < count; i++)
        pos[i] = first + i * step;
    Status st = rt_take_table(cx, t, pos, count, out);
    mem_free(pos);
    return st;
}

/* A negative step: the rows of the mirrored positive slice, in reverse global order. */
static Status reversed(Cx *cx, bool par, Table *t, idx off, idx start, idx stop,
                       idx step, Table *out)
{
    idx count = start > stop ? (start - stop - step - 1) / -step : 0;
    if (!par) return stepped(cx, t, count ? start : 0, count, step, out);
    idx low = start + (count - 1) * step, first;
    idx n = count ? local_part(low, start + 1, -step, off, t->n, &first) : 0;
    Table part, numbered;
    Array *num;
    TRY(stepped(cx, t, n ? first : 0, n, -step, &part));
    Status st = array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, n, false, &num);
    if (st) goto done;
    for (idx i = 0; i < n; i++) /* position in the result */
        ((int64_t *)num->data)[i] = (start - (off + first + i * -step)) / -step;
    st = rt_table_add(cx, &part, num, &numbered);
    idx mine = block_count(count, cx->comm->size, cx->comm->rank);
    if (!st) st = restore_order(cx, &numbered, mine, out);
    array_unref(num);
done:
    table_clear(&part);
    return st;
}

Status rt_slice(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nout;
    bool par = rt_par(cx, at);
    idx *starts, n = in[0].i, step = attr_int(at, "step", 1);
    TRY(rt_starts(cx, par, n, &starts));
    idx total = starts[par ? cx->comm->size : 1],
        off = starts[par ? cx->comm->rank : 0];
    Table t, res;
    TRY(rt_table(cx, in + 3, nin - 3, n, &t));
    if (step == 0) return fail(cx, E_VALUE, "slice step cannot be zero");
    if (step > 0) {
        idx start = bound(at, "has_start", in[1].i, total, 0, total, 0);
        idx stop = bound(at, "has_stop", in[2].i, total, 0, total, total), first;
        idx count = local_part(start, stop, step, off, n, &first);
        TRY(stepped(cx, &t, count ? first : 0, count, step, &res));
    } else {
        idx start = bound(at, "has_start", in[1].i, total, -1, total - 1, total - 1);
        idx stop = bound(at, "has_stop", in[2].i, total, -1, total - 1, -1);
        TRY(reversed(cx, par, &t, off, start, stop, step, &res));
    }
    out[0].i = res.n;
    Status st = rt_out_table(cx, at, 1, out + 1, &res, 0, res.ncol);
    table_clear(&res);
    return st;
}

Status rt_head(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nout;
    bool par = rt_par(cx, at), tail = attr_int(at, "tail", 0) != 0;
    idx *starts, n = in[0].i, want = in[1].i, first;
    TRY(rt_starts(cx, par, n, &starts));
    idx total = starts[par ? cx->comm->size : 1],
        off = starts[par ? cx->comm->rank : 0];
    if (want < 0) want = idx_max(total + want, 0);
    want = idx_min(want, total);
    idx lo = tail ? total - want : 0, hi = tail ? total : want;
    idx count = local_part(lo, hi, 1, off, n, &first);
    Table t, res;
    TRY(rt_table(cx, in + 2, nin - 2, n, &t));
    TRY(rt_slice_table(cx, &t, count ? first : 0, count, &res));
    out[0].i = count;
    Status st = rt_out_table(cx, at, 1, out + 1, &res, 0, res.ncol);
    table_clear(&res);
    return st;
}

static Status out_of_bounds(Cx *cx, const Attrs *at, idx pos, idx total)
{
    if (!attr_int(at, "array", 0))
        return fail(cx, E_INDEX, "single positional indexer is out-of-bounds");
    return fail(cx, E_INDEX, "index %lld is out of bounds for axis 0 with size %lld",
                (long long)pos, (long long)total);
}

/* Collective: all ranks learn whether the position is there. */
Status rt_putrow(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout, (void)out;
    Array *a = in[0].a;
    idx *starts, n = in[1].i, pos = in[2].i;
    TRY(rt_starts(cx, true, n, &starts));
    idx total = starts[cx->comm->size], off = starts[cx->comm->rank];
    if (pos < 0) pos += total;
    if (pos < 0 || pos >= total) return out_of_bounds(cx, at, in[2].i, total);
    if (pos < off || pos >= off + n) return OK;
    uint8_t value[16] = {0};
    size_t width = dtype_info[a->dt].bytes;
    slot_bytes((DType)a->dt, &in[3], value);
    memcpy((uint8_t *)a->data + (size_t)(pos - off) * width, value, width);
    return OK;
}

Status rt_getrow(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    bool par = rt_par(cx, at);
    idx *starts, n = in[0].i, pos = in[1].i;
    TRY(rt_starts(cx, par, n, &starts));
    idx total = starts[par ? cx->comm->size : 1],
        off = starts[par ? cx->comm->rank : 0];
    if (pos < 0) pos += total;
    if (pos < 0 || pos >= total) return out_of_bounds(cx, at, in[1].i, total);
    Table t, one, all;
    TRY(rt_table(cx, in + 2, nin - 2, n, &t));
    bool mine = pos >= off && pos < off + n;
    TRY(rt_slice_table(cx, &t, mine ? pos - off : 0, mine ? 1 : 0, &one));
    if (par) {
        Status st = allgather_table(cx, &one, &all);
        table_clear(&one);
        TRY(st);
        one = all;
    }
    Status st = OK;
    for (idx i = 0; i < one.ncol && i < nout && !st; i++) {
        rt_row_slot(one.col[i], 0, &out[i]);
        if (one.col[i]->dt == DT_STR) st = rt_text_scratch(cx, &out[i]);
    }
    table_clear(&one);
    return st;
}

/* -- From one axis's chunks to another's ------------------------------------------- */
Status rt_move_ranges(Cx *cx, const Table *t, const idx *to, const idx *from,
                      Table *out)
{
    int size = cx->comm->size, same = 1;
    for (int r = 0; r <= size; r++)
        same &= to[r] == from[r];
    if (same) return rt_slice_table(cx, t, 0, t->n, out);
    idx *first, mine = from[cx->comm->rank];
    TRY(mem_new(cx, 2 * (idx)size, sizeof *first, false, &first));
    idx *count = first + size;
    for (int r = 0; r < size; r++) {
        idx begin = idx_max(to[r], mine), end = idx_min(to[r + 1], mine + t->n);
        first[r] = begin < end ? begin - mine : 0;
        count[r] = begin < end ? end - begin : 0;
    }
    Status st = move_rows(cx, t, &(RowPlan){.first = first, .count = count}, out);
    mem_free(first);
    return st;
}

static Status other_length(Cx *cx, bool arrays, long long to, long long from)
{
    if (!arrays)
        return fail(cx, E_VALUE,
                    "Length of values (%lld) does not match length of index (%lld)",
                    from, to);
    return fail(cx, E_VALUE,
                "operands could not be broadcast together with shapes (%lld,) "
                "(%lld,) %s", /* NumPy's text ends so */
                to, from,
                to == 1 ? "that the first has one element is only known now; write "
                          "a[0] for it"
                        : "");
}

/* The one row that there is, n times. */
static Status repeat_row(Cx *cx, const Table *t, bool par, idx n, Table *out)
{
    Table all;
    idx *pos;
    TRY(par ? allgather_table(cx, t, &all) : rt_slice_table(cx, t, 0, 1, &all));
    Status st = mem_new(cx, n, sizeof *pos, true, &pos);
    if (!st) st = rt_take_table(cx, &all, pos, n, out);
    if (pos) mem_free(pos);
    table_clear(&all);
    return st;
}

Status rt_align(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    bool many = cx->comm->size > 1;
    bool topar = many && attr_int(at, "topar", 0),
         frompar = many && attr_int(at, "frompar", 0);
    idx *to, *from, nto = in[0].i, nfrom = in[1].i;
    TRY(rt_starts(cx, topar, nto, &to));
    TRY(rt_starts(cx, frompar, nfrom, &from));
    int size = cx->comm->size, r = cx->comm->rank;
    idx total_to = to[topar ? size : 1], total = from[frompar ? size : 1];
    int64_t operand = attr_int(at, "operand", 0);
    bool one = operand == 2 && total == 1;
    if (total != total_to && !one)
        return attr_has(at, "text")
                   ? fail(cx, E_VALUE, "%s", attr_text(at, "text"))
                   : other_length(cx, operand != 0, (long long)total_to,
                                  (long long)total);
    Table t, res;
    TRY(rt_table(cx, in + 2, nin - 2, nfrom, &t));
    if (one && total_to != 1)
        TRY(repeat_row(cx, &t, frompar, nto, &res));
    else if (topar && frompar)
        TRY(rt_move_ranges(cx, &t, to, from, &res));
    else if (topar)
        TRY(rt_slice_table(cx, &t, to[r], nto, &res));
    else if (frompar)
        TRY(allgather_table(cx, &t, &res));
    else
        TRY(rt_slice_table(cx, &t, 0, nfrom, &res));
    Status st = rt_out_table(cx, at, 0, out, &res, 0, nout);
    table_clear(&res);
    return st;
}

Status rt_shift(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout;
    bool par = rt_par(cx, at);
    Array *a = in[0].a;
    idx *starts, by = attr_int(at, "by", 1), n = a->n;
    TRY(rt_starts(cx, par, n, &starts));
    int size = par ? cx->comm->size : 1, r = par ? cx->comm->rank : 0;
    idx total = starts[size], off = starts[r];
    /* Row g goes to where row g + by is; what falls outside is dropped. */
    idx keep_from = by < 0 ? idx_min(idx_max(-by - off, 0), n) : 0;
    idx keep_to = by > 0 ? idx_max(idx_min(total - by - off, n), keep_from) : n;
    if (keep_to < keep_from) keep_to = keep_from;
    Table t = {.n = n, .ncol = 1, .col = &a}, kept, moved;
    TRY(rt_slice_table(cx, &t, keep_from, keep_to - keep_from, &kept));
    Status st = OK;
    if (par) {
        idx *from;
        st = mem_new(cx, size + 1, sizeof *from, false, &from);
        for (int k = 0; !st && k <= size; k++)
            from[k] = idx_min(idx_max(starts[k] + by, 0), total);
        if (!st) st = rt_move_ranges(cx, &kept, starts, from, &moved);
        if (from) mem_free(from);
        table_clear(&kept);
        TRY(st);
    } else {
        moved = kept;
    }
    idx *pos = NULL, lead = by > 0 ? idx_min(idx_max(by - off, 0), n) : 0;
    st = mem_new(cx, n, sizeof *pos, false, &pos);
    for (idx i = 0; !st && i < n; i++) {
        idx k = i - lead;
        pos[i] = k >= 0 && k < moved.n ? k : -1;
    }
    RtType rt = rt_type(at, "rtype", 0);
    Array *res = NULL, *wide = NULL;
    if (!st) st = rt_adapt(cx, moved.col[0], rt, &wide);
    if (!st) st = take(cx, wide, pos, n, (NullForm)rt.null, &res);
    array_unref(wide);
    mem_free(pos);
    table_clear(&moved);
    TRY(st);
    if (rt.null == NULL_PROM) res->promoted = by != 0 && total > 0;
    return rt_out(cx, &out[0], res);
}

/* Rows of a that go to places from to[0] on: those from number `first` to `end` of all,
 * by places further. */
static Status roll_part(Cx *cx, const Array *a, const idx *starts, bool par, idx first,
                        idx end, idx by, Table *out)
{
    int size = par ? cx->comm->size : 1, r = par ? cx->comm->rank : 0;
    idx n = a->n, from = idx_min(idx_max(first - starts[r], 0), n),
        to = idx_min(idx_max(end - starts[r], from), n), *at;
    Array *col = (Array *)(uintptr_t)a;
    Table t = {.n = n, .ncol = 1, .col = &col}, part;
    TRY(rt_slice_table(cx, &t, from, to - from, &part));
    if (!par) {
        *out = part;
        return OK;
    }
    Status st = mem_new(cx, size + 1, sizeof *at, false, &at);
    for (int k = 0; !st && k <= size; k++)
        at[k] = idx_min(idx_max(starts[k], first), end) + by;
    if (!st) st = rt_move_ranges(cx, &part, starts, at, out);
    mem_free(at);
    table_clear(&part);
    return st;
}

/* Two shifts: of what stays in, and of what comes in again in front. */
Status rt_roll(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)nout;
    bool par = rt_par(cx, at);
    const Array *a = in[0].a;
    idx *starts;
    TRY(rt_starts(cx, par, a->n, &starts));
    idx total = starts[par ? cx->comm->size : 1], by = total ? in[1].i % total : 0;
    if (by < 0) by += total;
    if (by == 0) return rt_out(cx, &out[0], array_ref(in[0].a));
    Table again, stays;
    Array *res;
    TRY(roll_part(cx, a, starts, par, total - by, total, by - total, &again));
    Status st = roll_part(cx, a, starts, par, 0, total - by, by, &stays);
    if (!st) {
        st = array_new(cx, (DType)a->dt, (NullForm)a->null, (Unit)a->unit, a->n, false,
                       &res);
        size_t width = dtype_info[a->dt].bytes, front = (size_t)again.n * width;
        if (!st && front) memcpy(res->data, again.col[0]->data, front);
        if (!st && stays.n)
            memcpy((uint8_t *)res->data + front, stays.col[0]->data,
                   (size_t)stays.n * width);
        table_clear(&stays);
    }
    table_clear(&again);
    TRY(st);
    return rt_out(cx, &out[0], res);
}

/* The operand is released right behind this node, nobody else has its memory, and it is
 * of the result's type: the result takes the memory over. */
static bool takes_over(const Attrs *at, const Array *a)
{
    RtType t = rt_type(at, "rtype", 0);
    return attr_int(at, "last", 0) && a->dt == t.dt && a->null == t.null &&
           a->unit == t.unit && array_is_sole(a);
}

Status rt_toarray(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    if (takes_over(at, in[0].a)) {
        TRY(array_slice(cx, in[0].a, 0, in[0].a->n, &a));
        return rt_out(cx, &out[0], a);
    }
    TRY(rt_adapt(cx, in[0].a, rt_type(at, "rtype", 0), &a));
    if (!attr_int(at, "read", 0) && a->dt != DT_STR) TRY(array_own(cx, &a));
    return rt_out(cx, &out[0], a);
}

Status rt_ndfloats(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    RtType t = rt_type(at, "rtype", 0);
    TRY(array_slice(cx, in[0].a, 0, in[0].a->n, &a));
    a->n = a->n * dtype_info[a->dt].bytes / dtype_info[t.dt].bytes;
    a->dt = (uint8_t)t.dt;
    a->null = (uint8_t)t.null;
    a->unit = (uint8_t)t.unit;
    return rt_out(cx, &out[0], a);
}

Status rt_textwidth(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nin, (void)nout;
    out[0].i = texts_width(in[0].a);
    return rt_par(cx, at) ? comm_max_i64(cx, &out[0].i, 1) : OK;
}

Status rt_charscol(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)at, (void)nin, (void)nout;
    Array *a;
    TRY(chars_to_texts(cx, in[0].a, in[1].i, &a));
    return rt_out(cx, &out[0], a);
}

Status rt_colchars(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)at, (void)nin, (void)nout;
    Array *a;
    TRY((in[0].a->dt == DT_STR ? chars_from_texts : chars_from_numbers)(cx, in[0].a,
                                                                        in[1].i, &a));
    return rt_out(cx, &out[0], a);
}

Status rt_tocol(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout;
    Array *a, *own;
    if (!in[0].a) { /* None on this rank, of what another one scatters */
        TRY(rt_empty(cx, rt_type(at, "rtype", 0), &a));
        return rt_out(cx, &out[0], a);
    }
    bool mine = takes_over(at, in[0].a);
    TRY(rt_adapt(cx, in[0].a, rt_type(at, "rtype", 0), &a));
    /* The array may be written later: columns are immutable. */
    Status st = array_slice(cx, a, 0, a->n, &own);
    array_unref(a);
    TRY(st);
    if (!mine) TRY(array_own(cx, &own));
    return rt_out(cx, &out[0], own);
}
