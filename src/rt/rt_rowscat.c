/* SPDX-License-Identifier: Apache-2.0
 * The rows of all elements of a list at run time as one table. Where each rank has a
 * part of every element, parts of one element stand together afterwards only when
 * somebody sees the order: then rows carry their numbers to their places.
 */
#include "rt/rt_int.h"

#include "object/object.h"

typedef struct Cat {
    const List *list;
    idx k, lead, ncol; /* elements; 1: they begin with their rows; columns */
    int64_t *n;        /* rows of each element on this rank */
    int64_t *before;   /* of each element on the ranks before, */
    int64_t *base;     /* and of the elements before on all */
    idx rows, total;
} Cat;

/* Element k: everything in it has 8 bytes. */
static const uint8_t *element(const Cat *c, idx k)
{
    return (const uint8_t *)c->list->data + (size_t)k * c->list->obj.type->stride;
}

static Array *column_of(const Cat *c, idx k, idx i)
{
    Array *a;
    memcpy(&a, element(c, k) + (size_t)(c->lead + i) * sizeof a, sizeof(void *));
    return a;
}

static int64_t rows_of(const Cat *c, idx k)
{
    int64_t n;
    if (!c->lead) return column_of(c, k, 0)->n;
    memcpy(&n, element(c, k), sizeof n);
    return n;
}

/* Collective when par: who has how many rows of each element. */
static Status count(Cx *cx, bool par, Cat *c)
{
    int size = par ? cx->comm->size : 1;
    size_t k = (size_t)c->k;
    int64_t *all = arena_try(cx->scratch, k * (size_t)size, sizeof *all);
    c->n = arena_try(cx->scratch, 3 * k, sizeof *c->n);
    if (!all || !c->n) return fail(cx, E_MEMORY, "no memory to concatenate");
    c->before = c->n + k;
    c->base = c->before + k;
    for (idx j = 0; j < c->k; j++) {
        c->n[j] = all[j] = rows_of(c, j);
        c->rows += c->n[j];
    }
    if (par) TRY(comm_allgather(cx, c->n, k * sizeof *c->n, all));
    for (idx j = 0; j < c->k; j++) {
        c->base[j] = c->total;
        for (int r = 0; r < size; r++) {
            if (par && r < cx->comm->rank) c->before[j] += all[r * c->k + j];
            c->total += all[r * c->k + j];
        }
    }
    return OK;
}

static Status cat_column(Cx *cx, const Cat *c, idx i, RtType t, Array **out)
{
    Array **part = arena_try(cx->scratch, (size_t)c->k, sizeof *part);
    if (!part) return fail(cx, E_MEMORY, "no memory to concatenate");
    Status st = OK;
    int32_t promoted = 0;
    for (idx j = 0; j < c->k && !st; j++) {
        st = rt_adapt(cx, column_of(c, j, i), t, &part[j]);
        if (!st) promoted |= part[j]->promoted;
    }
    if (!st) st = concat(cx, part, c->k, (NullForm)t.null, out);
    if (!st) (*out)->promoted = promoted;
    for (idx j = 0; j < c->k; j++)
        array_unref(part[j]);
    return st;
}

/* Numbers of the rows, in their elements or (whole) in the result. */
static Status cat_numbers(Cx *cx, const Cat *c, bool whole, Array **out)
{
    TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, c->rows, false, out));
    int64_t *v = (*out)->data;
    for (idx j = 0; j < c->k; j++)
        for (idx i = 0; i < c->n[j]; i++)
            *v++ = c->before[j] + i + (whole ? c->base[j] : 0);
    return OK;
}

static Status in_order(Cx *cx, const Cat *c, Table *t)
{
    Array *number;
    Table numbered, moved;
    TRY(cat_numbers(cx, c, true, &number));
    Status st = rt_table_add(cx, t, number, &numbered);
    idx mine = block_count(c->total, cx->comm->size, cx->comm->rank);
    if (!st) st = restore_order(cx, &numbered, mine, &moved);
    array_unref(number);
    TRY(st);
    table_clear(t);
    *t = moved;
    return OK;
}

Status rt_rowscat(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin;
    bool par = rt_par(cx, at);
    Cat c = {.list = in[0].ptr, .lead = attr_int(at, "lead", 0), .ncol = nout - 2};
    c.k = c.list->n;
    if (c.k == 0) return fail(cx, E_VALUE, "%s", attr_text(at, "none"));
    TRY(count(cx, par, &c));
    Table t;
    TRY(table_init(cx, &t, c.ncol + 1, c.rows));
    Status st = OK;
    for (idx i = 0; i < c.ncol && !st; i++)
        st = cat_column(cx, &c, i, rt_type(at, "rtype", 1 + i), &t.col[i]);
    if (!st) st = cat_numbers(cx, &c, false, &t.col[c.ncol]);
    if (!st && par && attr_int(at, "order", 0)) st = in_order(cx, &c, &t);
    out[0].i = t.n;
    if (!st) st = rt_out_table(cx, at, 1, out + 1, &t, 0, t.ncol);
    table_clear(&t);
    return st;
}
