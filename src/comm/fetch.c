/* SPDX-License-Identifier: Apache-2.0
 * Rows by their numbers in the whole: a request goes to the rank that has the row, a
 * reply comes back. Numbers travel as places on the rank that has them, 8 bytes each.
 *
 *   fetch     one round, an exchange of the places, an exchange of the rows
 *   deliver   one round, an exchange of the places, an exchange of the rows, both in
 * one direction
 *
 * Rows of arrays with more than one dimension are `width` values of a column each.
 */
#include "array/buf.h"
#include "comm/comm_int.h"
#include "kernel/kernel.h"

typedef struct Numbers {
    idx *offset;   /* size + 1: first row of each rank; in scratch */
    int32_t *dest; /* n: the rank that has the row */
    Array *place;  /* n: I64, where it stands there */
} Numbers;

static void numbers_clear(Numbers *m)
{
    mem_free(m->dest);
    array_unref(m->place);
}

static Status resolve(Cx *cx, const int64_t *number, idx n, Numbers *m)
{
    int size = cx->comm->size, r = 0;
    idx total = m->offset[size];
    TRY(mem_new(cx, n, sizeof *m->dest, false, &m->dest));
    TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, n, false, &m->place));
    int64_t *place = m->place->data;
    for (idx i = 0; i < n; i++) {
        idx row = number[i] < 0 ? number[i] + total : number[i];
        if (row < 0 || row >= total)
            return fail(cx, E_INDEX,
                        "index %lld is out of bounds for axis 0 with size %lld",
                        (long long)number[i], (long long)total);
        if (row < m->offset[r] || row >= m->offset[r + 1])
            r = row_owner(m->offset, size, row);
        m->dest[i] = r;
        place[i] = row - m->offset[r];
    }
    return OK;
}

/* Where the rows are. The round; what fails behind it is left for the next one. */
static Status numbers_find(Cx *cx, idx rows, const int64_t *number, idx n, Numbers *m)
{
    int size = cx->comm->size;
    *m = (Numbers){0};
    m->offset = arena_try(cx->scratch, (size_t)size + 1, sizeof(idx));
    if (!m->offset) AGREED_LATER(fail(cx, E_MEMORY, "no memory for %d ranks", size));
    TRY(comm_exscan_i64(cx, rows, NULL, NULL));
    ASSERT(m->offset);
    for (int k = 0; k < size; k++)
        m->offset[k + 1] = m->offset[k] + cx->comm->own->rec[k].v[0];
    if (size == 1) m->offset[1] = rows;
    AGREED_LATER(resolve(cx, number, n, m));
    return OK;
}

/* Rows as lists of values. */
static Status widen(Cx *cx, const idx *row, idx n, idx width, idx **out)
{
    idx total;
    if (__builtin_mul_overflow(n, width, &total))
        return fail(cx, E_OVERFLOW, "too many values: %lld rows of %lld", (long long)n,
                    (long long)width);
    TRY(mem_new(cx, total, sizeof **out, false, out));
    idx *to = *out;
    ASSERT(n == 0 || (row && to));
    for (idx i = 0; i < n; i++)
        for (idx k = 0; k < width; k++)
            *to++ = row[i] * width + k;
    return OK;
}

static Status take_all(Cx *cx, const Table *t, const idx *pos, idx n, Table *out)
{
    TRY(table_init(cx, out, t->ncol, n));
    Status st = OK;
    for (idx k = 0; k < t->ncol && !st; k++)
        st = take(cx, t->col[k], pos, n, (NullForm)t->col[k]->null, &out->col[k]);
    if (st) table_clear(out);
    return st;
}

/* One rank: nothing travels. */
static Status take_here(Cx *cx, const Table *in, const Numbers *m, idx width, idx n,
                        Table *out)
{
    idx *pos;
    TRY(widen(cx, m->place->data, n, width, &pos));
    Status st = take_all(cx, in, pos, n * width, out);
    mem_free(pos);
    return st;
}

/* -- Fetch ------------------------------------------------------------------------- */

/* What came rank by rank in the order in which it was asked for. */
static Status in_order(Cx *cx, const Table *got, const RankLists *asked, idx n,
                       idx width, Table *out)
{
    idx *from, *pos = NULL;
    TRY(mem_new(cx, n, sizeof *from, false, &from));
    ASSERT(n == 0 || (from && asked->pos));
    for (idx k = 0; k < n; k++)
        from[asked->pos[k]] = k;
    Status st = widen(cx, from, n, width, &pos);
    if (!st) st = take_all(cx, got, pos, n * width, out);
    mem_free(pos);
    mem_free(from);
    return st;
}

/* The rows that the others asked for, rank by rank. */
static Status reply(Cx *cx, const Table *in, const Table *wanted, const idx *from,
                    idx width, Table *got)
{
    int size = cx->comm->size;
    idx *pos = NULL, *first = arena_try(cx->scratch, 2 * (size_t)size, sizeof *first);
    if (!first) AGREED_LATER(fail(cx, E_MEMORY, "no memory to send rows"));
    if (!cx->err.code)
        AGREED_LATER(widen(cx, wanted->col[0]->data, wanted->n, width, &pos));
    idx *count = first ? first + size : NULL;
    for (int r = 0; first && from && r < size; r++) {
        count[r] = from[r] * width;
        first[r] = r ? first[r - 1] + count[r - 1] : 0;
    }
    Exchange x = {
        .kind = CK_FETCH, .in = in, .pos = pos, .first = first, .count = count};
    Status st = exchange_run(cx, &x, got);
    mem_free(pos);
    return st;
}

static Status ask(Cx *cx, const Table *in, idx width, idx n, const Numbers *m,
                  Table *out)
{
    RankLists l = {0};
    Table place = {.n = n, .ncol = 1, .col = (Array *[]){m->place}};
    Table wanted = {0}, got = {0};
    idx *from = arena_try(cx->scratch, (size_t)cx->comm->size, sizeof *from);
    if (!from) AGREED_LATER(fail(cx, E_MEMORY, "no memory to fetch rows"));
    if (!cx->err.code) AGREED_LATER(rank_lists(cx, m->dest, n, &l));
    Exchange x = {.kind = CK_FETCH,
                  .in = &place,
                  .pos = l.pos,
                  .first = l.first,
                  .count = l.count,
                  .from = from};
    Status st = exchange_run(cx, &x, &wanted);
    if (!st) st = reply(cx, in, &wanted, from, width, &got);
    if (!st) st = in_order(cx, &got, &l, n, width, out);
    table_clear(&wanted);
    table_clear(&got);
    mem_free(l.pos);
    return st;
}

Status fetch_rows(Cx *cx, const Table *in, idx rows, idx width, const int64_t *number,
                  idx n, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Numbers m;
    *out = (Table){0};
    Status st = numbers_find(cx, rows, number, n, &m);
    if (!st && cx->comm->size > 1)
        st = ask(cx, in, width, n, &m, out);
    else if (!st)
        st = cx->err.code ? cx->err.code : take_here(cx, in, &m, width, n, out);
    numbers_clear(&m);
    arena_release(cx->scratch, mark);
    return st;
}

/* -- Deliver ----------------------------------------------------------------------- */

/* The values, by the lists of their rows. */
static Status send_values(Cx *cx, const Table *values, const RankLists *l, idx n,
                          idx width, Table *out)
{
    int size = cx->comm->size;
    idx *pos = NULL, *first = arena_try(cx->scratch, 2 * (size_t)size, sizeof *first);
    if (!first) AGREED_LATER(fail(cx, E_MEMORY, "no memory to send rows"));
    if (!cx->err.code) AGREED_LATER(widen(cx, l->pos, n, width, &pos));
    idx *count = first ? first + size : NULL;
    for (int r = 0; first && l->first && r < size; r++) {
        first[r] = l->first[r] * width;
        count[r] = l->count[r] * width;
    }
    Exchange x = {
        .kind = CK_DELIVER, .in = values, .pos = pos, .first = first, .count = count};
    Status st = exchange_run(cx, &x, out);
    mem_free(pos);
    return st;
}

static Status deliver(Cx *cx, const Table *values, idx width, idx n, const Numbers *m,
                      Array **at, Table *out)
{
    RankLists l = {0};
    Table place = {.n = n, .ncol = 1, .col = (Array *[]){m->place}}, got = {0};
    if (!cx->err.code) AGREED_LATER(rank_lists(cx, m->dest, n, &l));
    Exchange x = {.kind = CK_DELIVER,
                  .in = &place,
                  .pos = l.pos,
                  .first = l.first,
                  .count = l.count};
    Status st = exchange_run(cx, &x, &got);
    if (!st) *at = array_ref(got.col[0]);
    if (!st) st = send_values(cx, values, &l, n, width, out);
    table_clear(&got);
    mem_free(l.pos);
    return st;
}

Status deliver_rows(Cx *cx, const Table *values, idx rows, idx width,
                    const int64_t *number, idx n, Array **at, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Numbers m;
    *out = (Table){0};
    *at = NULL;
    Status st = numbers_find(cx, rows, number, n, &m);
    if (!st && cx->comm->size > 1) st = deliver(cx, values, width, n, &m, at, out);
    if (!st && cx->comm->size == 1) st = cx->err.code;
    if (!st && cx->comm->size == 1) st = table_share(cx, values, out);
    if (!st && cx->comm->size == 1) *at = array_ref(m.place);
    if (st) {
        array_unref(*at);
        *at = NULL;
    }
    numbers_clear(&m);
    arena_release(cx->scratch, mark);
    return st;
}
