/* SPDX-License-Identifier: Apache-2.0
 * Lists: elements one behind the other, room doubled when it is used up.
 */
#include "object/object.h"

#include <string.h>

Status list_new(Cx *cx, const ObjType *t, int64_t cap, List **out)
{
    List *l;
    TRY(obj_new(cx, t, sizeof *l, &l));
    if (cap > 0) TRY(list_reserve(cx, l, cap));
    *out = l;
    return OK;
}

static const ObjType *item_type(const List *l)
{
    return l->obj.type->item[0];
}

static Status bytes_of(Cx *cx, const List *l, int64_t n, size_t *out)
{
    uint32_t stride = l->obj.type->stride;
    if (n > INT64_MAX / 2 / (stride ? stride : 1))
        return fail(cx, E_MEMORY, "no memory for a list of %lld elements",
                    (long long)n);
    *out = (size_t)n * stride;
    return OK;
}

Status list_reserve(Cx *cx, List *l, int64_t n)
{
    if (n <= l->cap) return OK;
    int64_t cap = l->cap + l->cap / 2 + 4;
    size_t size = 0, old = (size_t)l->cap * l->obj.type->stride;
    if (cap < n) cap = n;
    TRY(bytes_of(cx, l, cap, &size));
    TRY(heap_grow(cx, l->data, old, (size_t)l->n * l->obj.type->stride, size,
                  &l->data));
    l->cap = cap;
    return OK;
}

Status list_push(Cx *cx, List *l, const void *e)
{
    TRY(list_reserve(cx, l, l->n + 1));
    TRY(elem_keep(cx, item_type(l), list_at(l, l->n), e));
    l->n++;
    return OK;
}

static Status copy_in(Cx *cx, List *l, int64_t at, const List *from, int64_t start,
                      int64_t step, int64_t n)
{
    const ObjType *t = item_type(l);
    if (step == 1 && !t->counted) {
        if (n)
            memcpy(list_at(l, at), list_at(from, start),
                   (size_t)n * l->obj.type->stride);
        return OK;
    }
    for (int64_t i = 0; i < n; i++)
        TRY(elem_keep(cx, t, list_at(l, at + i), list_at(from, start + i * step)));
    return OK;
}

Status list_extend(Cx *cx, List *l, const List *from)
{
    int64_t n = from->n; /* l.extend(l) */
    TRY(list_reserve(cx, l, l->n + n));
    TRY(copy_in(cx, l, l->n, from, 0, 1, n));
    l->n += n;
    return OK;
}

/* Room for n elements at i; those behind move. */
static Status open_gap(Cx *cx, List *l, int64_t i, int64_t n)
{
    TRY(list_reserve(cx, l, l->n + n));
    memmove(list_at(l, i + n), list_at(l, i), (size_t)(l->n - i) * l->obj.type->stride);
    return OK;
}

Status list_insert(Cx *cx, List *l, int64_t i, const void *e)
{
    if (i < 0) i += l->n;
    i = i < 0 ? 0 : i > l->n ? l->n : i;
    TRY(open_gap(cx, l, i, 1));
    TRY(elem_keep(cx, item_type(l), list_at(l, i), e));
    l->n++;
    return OK;
}

static void close_gap(List *l, int64_t i, int64_t n)
{
    int64_t behind = l->n - i - n;
    if (behind > 0) /* a list that never had an element has no memory */
        memmove(list_at(l, i), list_at(l, i + n), (size_t)behind * l->obj.type->stride);
    l->n -= n;
}

Status list_pop(Cx *cx, List *l, int64_t i, void *e)
{
    if (l->n == 0) return fail(cx, E_INDEX, "pop from empty list");
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return fail(cx, E_INDEX, "pop index out of range");
    memcpy(e, list_at(l, i), item_type(l)->size);
    close_gap(l, i, 1);
    return OK;
}

void list_cut(Cx *cx, List *l, int64_t i, int64_t n)
{
    for (int64_t k = i; item_type(l)->counted && k < i + n; k++)
        elem_unref(cx, item_type(l), list_at(l, k));
    close_gap(l, i, n);
}

void list_clear(Cx *cx, List *l)
{
    for (int64_t k = 0; item_type(l)->counted && k < l->n; k++)
        elem_unref(cx, item_type(l), list_at(l, k));
    heap_free(cx, l->data, (size_t)l->cap * l->obj.type->stride);
    l->data = NULL;
    l->n = l->cap = 0;
}

int64_t list_find(const List *l, const void *e, int64_t from, int64_t to)
{
    const ObjType *t = item_type(l);
    if (to > l->n) to = l->n;
    for (int64_t i = from; i < to; i++)
        if (elem_eq(t, list_at(l, i), e)) return i;
    return -1;
}

Status list_take(Cx *cx, const List *l, int64_t start, int64_t step, int64_t n,
                 List **out)
{
    TRY(list_new(cx, l->obj.type, n, out));
    TRY(copy_in(cx, *out, 0, l, start, step, n));
    (*out)->n = n;
    return OK;
}

Status list_splice(Cx *cx, List *l, int64_t i, int64_t n, const List *from)
{
    List *copy = NULL;
    if (from == l) {
        TRY(list_take(cx, l, 0, 1, l->n, &copy));
        from = copy;
    }
    list_cut(cx, l, i, n);
    TRY(open_gap(cx, l, i, from->n));
    TRY(copy_in(cx, l, i, from, 0, 1, from->n));
    l->n += from->n;
    if (copy) own_unref(cx, &copy->obj);
    return OK;
}

bool list_eq(const List *a, const List *b)
{
    if (a == b) return true;
    if (a->n != b->n) return false;
    for (int64_t i = 0; i < a->n; i++)
        if (!elem_eq(item_type(a), list_at(a, i), list_at(b, i))) return false;
    return true;
}

int list_cmp(const List *a, const List *b)
{
    for (int64_t i = 0; i < a->n && i < b->n; i++)
        if (!elem_eq(item_type(a), list_at(a, i), list_at(b, i)))
            return elem_cmp(item_type(a), list_at(a, i), list_at(b, i));
    return (a->n > b->n) - (a->n < b->n);
}

/* -- Sorting: a stable merge sort of positions ------------------------------------- */

typedef struct Sort {
    const List *by;
    const ObjType *t;
    int want; /* sign of elem_cmp(right, left) for which right goes first */
} Sort;

static bool goes_first(const Sort *s, int64_t right, int64_t left)
{
    if (s->want > 0)
        return elem_cmp(s->t, list_at(s->by, right), list_at(s->by, left)) > 0;
    return elem_cmp(s->t, list_at(s->by, right), list_at(s->by, left)) < 0;
}

static void insertion(const Sort *s, int64_t *at, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        int64_t x = at[i], k = i;
        for (; k > 0 && goes_first(s, x, at[k - 1]); k--)
            at[k] = at[k - 1];
        at[k] = x;
    }
}

static void merge(const Sort *s, const int64_t *a, int64_t na, const int64_t *b,
                  int64_t nb, int64_t *to)
{
    while (na && nb) {
        if (goes_first(s, *b, *a)) {
            *to++ = *b++;
            nb--;
        } else {
            *to++ = *a++;
            na--;
        }
    }
    if (na) memcpy(to, a, (size_t)na * sizeof *to);
    if (nb) memcpy(to, b, (size_t)nb * sizeof *to);
}

static void sort_positions(const Sort *s, int64_t *at, int64_t *tmp, int64_t n)
{
    if (n <= 12) {
        insertion(s, at, n);
        return;
    }
    int64_t half = n / 2;
    sort_positions(s, at, tmp, half);
    sort_positions(s, at + half, tmp, n - half);
    if (!goes_first(s, at[half], at[half - 1])) return;
    merge(s, at, half, at + half, n - half, tmp);
    memcpy(at, tmp, (size_t)n * sizeof *at);
}

/* Plain numbers sort themselves: no positions. */
#define SORT_PLAIN(name, type)                                                         \
    static void name(type *a, type *tmp, int64_t n)                                    \
    {                                                                                  \
        if (n <= 24) {                                                                 \
            for (int64_t i = 1; i < n; i++) {                                          \
                type x = a[i];                                                         \
                int64_t k = i;                                                         \
                for (; k > 0 && x < a[k - 1]; k--)                                     \
                    a[k] = a[k - 1];                                                   \
                a[k] = x;                                                              \
            }                                                                          \
            return;                                                                    \
        }                                                                              \
        int64_t half = n / 2, i = 0, k = half, m = 0;                                  \
        name(a, tmp, half);                                                            \
        name(a + half, tmp, n - half);                                                 \
        if (!(a[half] < a[half - 1])) return;                                          \
        memcpy(tmp, a, (size_t)half * sizeof *a);                                      \
        while (i < half && k < n)                                                      \
            a[m++] = a[k] < tmp[i] ? a[k++] : tmp[i++];                                \
        while (i < half)                                                               \
            a[m++] = tmp[i++];                                                         \
    }
SORT_PLAIN(sort_i64, int64_t)
SORT_PLAIN(sort_f64, double)

static Status sort_plain(Cx *cx, List *l, bool *done)
{
    const ObjType *t = item_type(l);
    bool i = t->kind == OK_SCALAR && t->dt == DT_I64;
    bool d = t->kind == OK_SCALAR && t->dt == DT_F64;
    *done = i || d;
    if (!*done) return OK;
    void *tmp;
    size_t size = (size_t)l->n * 8 + 8;
    TRY(heap_new(cx, size, &tmp));
    if (i)
        sort_i64((int64_t *)(void *)l->data, tmp, l->n);
    else
        sort_f64((double *)(void *)l->data, tmp, l->n);
    heap_free(cx, tmp, size);
    return OK;
}

/* Elements in the order of positions; at is used up. */
static Status permute(Cx *cx, List *l, const int64_t *at)
{
    uint8_t *to;
    uint32_t stride = l->obj.type->stride;
    TRY(heap_new(cx, (size_t)l->cap * stride, &to));
    for (int64_t i = 0; i < l->n; i++)
        memcpy(to + i * (int64_t)stride, list_at(l, at[i]), stride);
    heap_free(cx, l->data, (size_t)l->cap * stride);
    l->data = to;
    return OK;
}

Status list_sort(Cx *cx, List *l, const List *keys, bool reverse)
{
    bool done = false;
    if (l->n < 2) return OK;
    if (!keys && !reverse) TRY(sort_plain(cx, l, &done));
    if (done) return OK;
    int64_t *at;
    size_t size = (size_t)l->n * 2 * sizeof *at;
    TRY(heap_new(cx, size, &at));
    for (int64_t i = 0; i < l->n; i++)
        at[i] = i;
    const List *by = keys ? keys : l;
    Sort s = {by, item_type(by), reverse ? 1 : -1};
    sort_positions(&s, at, at + l->n, l->n);
    Status st = permute(cx, l, at);
    heap_free(cx, at, size);
    return st;
}
