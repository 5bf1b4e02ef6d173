/* SPDX-License-Identifier: Apache-2.0
 * Tables that a loop makes one after the other, and all of them as one. The list is in
 * the call's scratch memory; its columns belong to the call until they are put
 * together.
 */
#include "base/base.h"

#include "rt/rt_call.h"
#include "rt/rt_int.h"

typedef struct Place {
    idx ncol, n, cap; /* columns; tables, room for them */
    idx rows;
    Array **col; /* table by table */
} Place;

Status rt_collect(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout;
    out[0].ptr = arena_try(cx->scratch, 1, sizeof(Place));
    return out[0].ptr ? OK : fail(cx, E_MEMORY, "no memory to concatenate");
}

static Status make_room(Cx *cx, Place *p)
{
    if (p->n < p->cap) return OK;
    idx cap = p->cap ? 2 * p->cap : 16;
    Array **col = arena_try(cx->scratch, (size_t)(cap * p->ncol) + 1, sizeof(Array *));
    if (!col)
        return fail(cx, E_MEMORY, "no memory to concatenate %lld tables",
                    (long long)cap);
    if (p->n) memcpy(col, p->col, (size_t)(p->n * p->ncol) * sizeof *col);
    p->col = col;
    p->cap = cap;
    return OK;
}

Status rt_collectadd(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                     Slot *out)
{
    (void)at, (void)nout, (void)out;
    Place *p = in[0].ptr;
    p->ncol = nin - 2;
    p->rows += in[1].i;
    if (in[1].i == 0) return OK;
    TRY(make_room(cx, p));
    for (idx i = 0; i < p->ncol; i++) {
        Array *a = array_ref(in[2 + i].a);
        TRY(rt_own(cx, a));
        p->col[p->n * p->ncol + i] = a;
    }
    p->n++;
    return OK;
}

static Status empty(Cx *cx, RtType t, Array **out)
{
    if (t.dt == DT_STR) return array_new_str(cx, 0, 0, out);
    return array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, 0, false, out);
}

/* Column i of all tables; its parts are let go. */
static Status column(Cx *cx, Place *p, idx i, RtType t, Array **part, Array **out)
{
    if (p->n == 0) return empty(cx, t, out);
    for (idx k = 0; k < p->n; k++)
        part[k] = p->col[k * p->ncol + i];
    TRY(concat(cx, part, p->n, (NullForm)t.null, out));
    for (idx k = p->n; k-- > 0;)
        rt_disown(cx, part[k]);
    return OK;
}

Status rt_collected(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nin;
    Place *p = in[0].ptr;
    Array **part = arena_try(cx->scratch, (size_t)p->n + 1, sizeof *part);
    if (!part)
        return fail(cx, E_MEMORY, "no memory to concatenate %lld tables",
                    (long long)p->n);
    out[0].i = p->rows;
    for (idx i = 0; i + 1 < nout; i++) {
        Array *a, *own;
        RtType t = rt_type(at, "rtype", 1 + i);
        TRY(column(cx, p, i, t, part, &a));
        Status st = rt_adapt(cx, a, t, &own);
        array_unref(a);
        TRY(st);
        TRY(rt_out(cx, &out[1 + i], own));
    }
    *p = (Place){0};
    return OK;
}
