/* SPDX-License-Identifier: Apache-2.0
 * Tables over slots, results in their typed form, row numbers: shared by the rt_*.c
 * files.
 */
#include "base/base.h"

#include "object/object_layout.h"
#include "rt/rt_int.h"

#include <math.h>

RtType rt_type(const Attrs *at, const char *list, idx i)
{
    int64_t p = attr_int_at(at, list, i);
    return (RtType){.kind = (uint8_t)(p & 255),
                    .dt = (uint8_t)(p >> 8 & 255),
                    .null = (uint8_t)(p >> 16 & 255),
                    .unit = (uint8_t)(p >> 24 & 255)};
}

static Status columns(Cx *cx, idx ncol, Array ***out)
{
    *out = arena_try(cx->scratch, (size_t)ncol + 1, sizeof(Array *));
    return *out ? OK
                : fail(cx, E_MEMORY, "no memory for %lld columns", (long long)ncol);
}

Status rt_table(Cx *cx, const Slot *slots, idx ncol, idx n, Table *out)
{
    *out = (Table){.n = n, .ncol = ncol};
    TRY(columns(cx, ncol, &out->col));
    for (idx i = 0; i < ncol; i++)
        out->col[i] = slots[i].a;
    return OK;
}

Status rt_empty(Cx *cx, RtType t, Array **out)
{
    if (t.dt == DT_STR) return array_new_str(cx, 0, 0, out);
    return array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, 0, false, out);
}

Status rt_table2(Cx *cx, const Table *a, const Table *b, Table *out)
{
    idx nb = b ? b->ncol : 0;
    Array **col;
    TRY(columns(cx, a->ncol + nb, &col));
    for (idx i = 0; i < a->ncol; i++)
        col[i] = a->col[i];
    for (idx i = 0; i < nb; i++)
        col[a->ncol + i] = b->col[i];
    *out = (Table){.n = a->n, .ncol = a->ncol + nb, .col = col};
    return OK;
}

Status rt_table_add(Cx *cx, const Table *a, Array *col, Table *out)
{
    Table one = {.n = a->n, .ncol = 1, .col = &col};
    return rt_table2(cx, a, &one, out);
}

/* The narrower integers of a result must hold its values: group-by adds up in 64 bits,
 * and pandas gives an int64 column only where a sum needs it, which no type here can
 * tell. */
static Status check_narrow(Cx *cx, const Array *a, DType to)
{
    if (!dt_is_int((DType)a->dt) || !dt_is_int(to) || dtype_info[to].bytes == 8 ||
        dtype_info[a->dt].bytes != 8)
        return OK;
    const int64_t *v = a->data;
    bool fits = true;
    for (idx i = 0; i < a->n; i++)
        fits &= dt_holds(to, v[i]) || (a->valid && !bit_get(a->valid, i));
    if (fits) return OK;
    return fail(cx, E_OVERFLOW,
                "a sum does not fit into %s, the dtype of its column; "
                "use .astype(\"int64\") on the column before",
                dtype_info[to].text);
}

Status rt_adapt(Cx *cx, Array *a, RtType t, Array **out)
{
    if (a->dt == t.dt && a->null == t.null && a->unit == t.unit) {
        *out = array_ref(a);
        return OK;
    }
    bool bitmap = t.null == NULL_MASK || t.null == NULL_PROM;
    bool had = a->null == NULL_MASK || a->null == NULL_PROM || a->null == NULL_NONE;
    if (a->dt == t.dt && a->unit == t.unit && had &&
        (bitmap || array_null_count(a) == 0)) {
        /* Only the null form's name changes: share the buffers. */
        TRY(array_slice(cx, a, 0, a->n, out));
        (*out)->null = t.null;
        (*out)->promoted = t.null == NULL_PROM ? a->promoted : 0;
        return OK;
    }
    TRY(check_narrow(cx, a, (DType)t.dt));
    return cast(cx, a, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, out);
}

Status rt_out_table(Cx *cx, const Attrs *at, idx k, Slot *out, const Table *a,
                    idx first, idx ncol)
{
    for (idx i = 0; i < ncol; i++) {
        Array *col;
        TRY(rt_adapt(cx, a->col[first + i], rt_type(at, "rtype", k + i), &col));
        TRY(rt_out(cx, &out[i], col));
    }
    return OK;
}

Status rt_give_rows(Cx *cx, const Attrs *at, Table *t, int64_t nout, Slot *out)
{
    out[0].i = t->n;
    Status st = rt_out_table(cx, at, 1, out + 1, t, 0, nout - 1);
    table_clear(t);
    return st;
}

Status rt_numbers(Cx *cx, idx first, idx step, idx n, Array **out)
{
    TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, n, false, out));
    int64_t *v = (*out)->data;
    for (idx i = 0; i < n; i++)
        v[i] = first + step * i;
    return OK;
}

Status rt_starts(Cx *cx, bool par, idx n, idx **start)
{
    int size = par ? cx->comm->size : 1;
    idx *s = arena_try(cx->scratch, (size_t)size + 1, sizeof(idx));
    idx *count = arena_try(cx->scratch, (size_t)size, sizeof(idx));
    if (!s || !count) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
    if (par)
        TRY(comm_allgather(cx, &n, sizeof n, count));
    else
        count[0] = n;
    for (int r = 0; r < size; r++)
        s[r + 1] = s[r] + count[r];
    *start = s;
    return OK;
}

Status rt_take_table(Cx *cx, const Table *t, const idx *pos, idx n, Table *out)
{
    TRY(table_init(cx, out, t->ncol, n));
    for (idx i = 0; i < t->ncol; i++) {
        const Array *a = t->col[i];
        Status st = take(cx, a, pos, n, (NullForm)a->null, &out->col[i]);
        if (st) {
            table_clear(out);
            return st;
        }
    }
    return OK;
}

Status rt_slice_table(Cx *cx, const Table *t, idx start, idx n, Table *out)
{
    TRY(table_init(cx, out, t->ncol, n));
    for (idx i = 0; i < t->ncol; i++) {
        Status st = array_slice(cx, t->col[i], start, n, &out->col[i]);
        if (st) {
            table_clear(out);
            return st;
        }
    }
    return OK;
}

Status rt_text_scratch(Cx *cx, Slot *s)
{
    if (s->n < 0) return OK;
    uint8_t *p = arena_try(cx->scratch, (size_t)s->n + 1, 1);
    if (!p) return fail(cx, E_MEMORY, "no memory for a text");
    if (s->n) memcpy(p, s->p, (size_t)s->n);
    s->p = p;
    return OK;
}

void rt_row_slot(const Array *a, idx i, Slot *s)
{
    bool here = array_bit(a, i);
    s->n = slot_flags(a, here);
    switch ((DType)a->dt) {
    case DT_STR: {
        idx len = TEXT_NAN;
        s->p = here ? array_str(a, i, &len) : NULL;
        s->n = len;
        break;
    }
    /* A float slot has no other place for what is missing. */
    case DT_F32: s->f = here ? (double)((const float *)a->data)[i] : (double)NAN; break;
    case DT_F64: s->f = here ? ((const double *)a->data)[i] : (double)NAN; break;
    case DT_C64:
        s->f = (double)((const Complex64 *)a->data)[i].re;
        s->im = (double)((const Complex64 *)a->data)[i].im;
        break;
    case DT_C128:
        s->f = ((const Complex128 *)a->data)[i].re;
        s->im = ((const Complex128 *)a->data)[i].im;
        break;
    case DT_BOOL:
    case DT_U8: s->i = ((const uint8_t *)a->data)[i]; break;
    case DT_I8: s->i = ((const int8_t *)a->data)[i]; break;
    case DT_I16: s->i = ((const int16_t *)a->data)[i]; break;
    case DT_U16: s->i = ((const uint16_t *)a->data)[i]; break;
    case DT_I32:
    case DT_DATE: s->i = ((const int32_t *)a->data)[i]; break;
    case DT_U32: s->i = ((const uint32_t *)a->data)[i]; break;
    default: s->i = ((const int64_t *)a->data)[i];
    }
}
