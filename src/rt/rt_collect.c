/* SPDX-License-Identifier: Apache-2.0
 * Tables that come one after the other, and all of them as one: what a loop
 * concatenates, and what is left of a file's batches (pass/batch.c). Each table is
 * copied to its place when it comes.
 */
#include "base/base.h"

#include "array/buf.h"
#include "rt/rt_call.h"
#include "rt/rt_int.h"

typedef struct Place {
    idx ncol, rows;
    Append **col; /* NULL: no table yet */
    Slot reader;  /* of whose rows the tables consist, ptr NULL: not known */
} Place;

static void place_free(void *p)
{
    Place *place = p;
    for (idx i = 0; place->col && i < place->ncol; i++)
        append_free(place->col[i]);
    mem_free(place->col);
    mem_free(place);
}

static Place *place_of(const Slot *s)
{
    return ((Closing *)s->ptr)->p;
}

Status rt_collect(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)at, (void)nout;
    Place *p;
    Closing *c;
    TRY(mem_new(cx, 1, sizeof *p, true, &p));
    if (nin) p->reader = in[0];
    TRY(rt_closing(cx, p, place_free, &c));
    out[0].ptr = c;
    return OK;
}

static Status begin(Cx *cx, Place *p, const Slot *col, idx ncol)
{
    idx expect = p->reader.ptr ? rt_reader_rows(&p->reader) : -1;
    p->ncol = ncol;
    TRY(mem_new(cx, ncol, sizeof(Append *), true, &p->col));
    for (idx i = 0; i < ncol; i++)
        TRY(append_new(cx, (NullForm)col[i].a->null, expect, &p->col[i]));
    return OK;
}

Status rt_collectadd(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                     Slot *out)
{
    (void)at, (void)nout, (void)out;
    Place *p = place_of(&in[0]);
    if (!p->col) TRY(begin(cx, p, in + 2, nin - 2));
    p->rows += in[1].i;
    for (idx i = 0; i < p->ncol; i++)
        TRY(append_add(cx, p->col[i], in[2 + i].a));
    return OK;
}

/* Column i of all tables. */
static Status column(Cx *cx, Place *p, idx i, RtType t, Array **out)
{
    if (!p->col) return rt_empty(cx, t, out);
    Append *a = p->col[i];
    p->col[i] = NULL;
    return append_finish(cx, a, out);
}

Status rt_collected(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nin;
    Place *p = place_of(&in[0]);
    out[0].i = p->rows;
    for (idx i = 0; i + 1 < nout; i++) {
        Array *a, *own;
        RtType t = rt_type(at, "rtype", 1 + i);
        TRY(column(cx, p, i, t, &a));
        Status st = rt_adapt(cx, a, t, &own);
        array_unref(a);
        TRY(st);
        TRY(rt_out(cx, &out[1 + i], own));
    }
    ((Closing *)in[0].ptr)->p = NULL;
    place_free(p);
    return OK;
}
