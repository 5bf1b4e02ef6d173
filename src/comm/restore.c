/* SPDX-License-Identifier: Apache-2.0
 * Order restored after a shuffle: rows that carry the global number of the row they
 * come from go back to the rank that owns that number, and are put in the order of
 * their numbers there. Since numbers on a rank are few and dense, that is a counting
 * sort; a sparse or overflowing range is sorted as any key.
 *
 *   Cost = one round and one shuffle; local work linear
 */
#include "array/buf.h"
#include "comm/comm_int.h"
#include "kernel/kernel.h"

enum { SPARSE = 8 }; /* numbers per row from which counting costs more than sorting */

typedef struct Restore {
    const Table *in;
    idx *offset; /* size + 1: first number of each rank; in scratch */
    int32_t *dest;
} Restore;

static const int64_t *numbers(const Table *t)
{
    return t->col[t->ncol - 1]->data;
}

static Status check_numbers(Cx *cx, const Table *t)
{
    if (t->ncol < 1 || t->col[t->ncol - 1]->dt != DT_I64 || t->col[t->ncol - 1]->valid)
        return fail(cx, E_INTERNAL, "rows without numbers cannot be put in order");
    const int64_t *g = numbers(t);
    int64_t any = 0;
    for (idx i = 0; i < t->n; i++)
        any |= g[i];
    return any < 0 ? fail(cx, E_INTERNAL, "a negative row number") : OK;
}

static Status choose_owners(Cx *cx, Restore *r)
{
    int size = cx->comm->size, last = 0;
    const int64_t *g = numbers(r->in);
    TRY(mem_new(cx, r->in->n, sizeof *r->dest, false, &r->dest));
    for (idx i = 0; i < r->in->n; i++) {
        if (g[i] < r->offset[last] || g[i] >= r->offset[last + 1])
            last = row_owner(r->offset, size, g[i]);
        r->dest[i] = last;
    }
    return OK;
}

/* -- Local order ------------------------------------------------------------------- */

/* Stable order of numbers in base .. base + range. */
static Status order_by_count(Cx *cx, const int64_t *g, idx n, int64_t base, idx range,
                             idx **perm)
{
    idx *at;
    TRY(mem_new(cx, range + 1, sizeof *at, true, &at));
    Status st = mem_new(cx, n, sizeof **perm, false, perm);
    if (!st) {
        for (idx i = 0; i < n; i++)
            at[g[i] - base + 1]++;
        for (idx k = 0; k < range; k++)
            at[k + 1] += at[k];
        for (idx i = 0; i < n; i++)
            (*perm)[at[g[i] - base]++] = i;
    }
    mem_free(at);
    return st;
}

/* *perm NULL: they are in order. */
static Status local_order(Cx *cx, const Table *t, idx **perm)
{
    const int64_t *g = numbers(t);
    int64_t min = INT64_MAX, max = INT64_MIN, down = 0;
    *perm = NULL;
    for (idx i = 0; i < t->n; i++) {
        min = g[i] < min ? g[i] : min;
        max = g[i] > max ? g[i] : max;
        down |= i > 0 && g[i] < g[i - 1];
    }
    if (!down) return OK;
    if ((max - min) / SPARSE < t->n)
        return order_by_count(cx, g, t->n, min, max - min + 1, perm);
    Table key = {.n = t->n, .ncol = 1, .col = &t->col[t->ncol - 1]};
    bool asc = true;
    return sort_perm(cx, &key, &asc, false, perm);
}

/* The columns but the last, in order. */
static Status put_in_order(Cx *cx, const Table *t, Table *out)
{
    idx *perm;
    TRY(local_order(cx, t, &perm));
    Status st = table_init(cx, out, t->ncol - 1, t->n);
    for (idx k = 0; !st && k < out->ncol; k++) {
        const Array *a = t->col[k];
        if (perm)
            st = take(cx, a, perm, t->n, (NullForm)a->null, &out->col[k]);
        else
            out->col[k] = array_ref(t->col[k]);
    }
    if (st) table_clear(out);
    mem_free(perm);
    return st;
}

Status restore_order(Cx *cx, const Table *in, idx nlocal, Table *out)
{
    Comm *c = cx->comm;
    ArenaMark mark = arena_mark(cx->scratch);
    Restore r = {.in = in};
    Table got = {0};
    *out = (Table){0};
    if (!cx->err.code) AGREED_LATER(check_numbers(cx, in));
    r.offset = arena_try(cx->scratch, (size_t)c->size + 1, sizeof(idx));
    if (!r.offset) AGREED_LATER(fail(cx, E_MEMORY, "no memory to plan a restore"));
    Status st = comm_exscan_i64(cx, nlocal, NULL, NULL);
    if (st) return st;
    ASSERT(r.offset);
    for (int k = 0; k < c->size; k++)
        r.offset[k + 1] = r.offset[k] + c->own->rec[k].v[0];
    if (c->size == 1) {
        st = put_in_order(cx, in, out);
    } else {
        AGREED_LATER(choose_owners(cx, &r));
        st = shuffle_rows(cx, CK_RESTORE, in, r.dest, &got);
        if (!st) st = put_in_order(cx, &got, out);
    }
    mem_free(r.dest);
    table_clear(&got);
    arena_release(cx->scratch, mark);
    return st;
}
