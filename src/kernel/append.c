/* SPDX-License-Identifier: Apache-2.0
 * A column put together piece by piece. Each piece is copied to its place at once, so
 * that a reader's batches need not live until the last has come; where the number of
 * rows is known beforehand, nothing moves again. The first piece is only referenced
 * until a second one comes: a column of one piece is shared, not copied.
 *
 * Dictionary columns stay so. While all pieces have one dictionary its codes are kept;
 * from the second dictionary on codes are those of a merged one. When it has more
 * entries than there are rows, or a piece is plain text, the column becomes plain.
 */
#include "array/dict.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <string.h>

struct Append {
    NullForm null;
    idx expect;    /* rows in all, -1: not known */
    idx n, cap;    /* rows so far in out, and room there */
    Array *first;  /* the only piece so far; a reference */
    Array *out;    /* of cap rows until the end; NULL: not begun */
    DictSet *set;  /* the merged dictionary; NULL: one dictionary so far */
    Array *mapped; /* the dictionary that map is of; a reference */
    int32_t *map;  /* its codes -> merged codes */
    int32_t promoted;
    const char *tz;
    Array *like; /* the first piece, for the categories of all; a reference */
};

Status append_new(Cx *cx, NullForm outnull, idx expect, Append **out)
{
    TRY(mem_new(cx, 1, sizeof **out, true, out));
    (*out)->null = outnull;
    (*out)->expect = expect;
    return OK;
}

void append_free(Append *p)
{
    if (!p) return;
    array_unref(p->like);
    array_unref(p->first);
    array_unref(p->out);
    array_unref(p->mapped);
    dictset_free(p->set);
    mem_free(p->map);
    mem_free(p);
}

void append_set_cats(Append *p, const Array *a)
{
    if (p->like) array_set_cats(p->like, a);
}

static bool has_bitmap(NullForm null)
{
    return null == NULL_MASK || null == NULL_PROM;
}

/* -- Room ------------------------------------------------------------------------ */

static size_t width_of(const Array *a)
{
    if (a->dict) return sizeof(int32_t);
    return a->dt == DT_STR ? 0 : dtype_info[a->dt].bytes;
}

/* An empty column of p->cap rows in the layout of a. */
static Status begin(Cx *cx, Append *p, const Array *a)
{
    if (a->dict) {
        TRY(array_new_dict(cx, p->cap, a->dict, &p->out));
        p->out->dict_dups = a->dict_dups;
        p->out->ordered = a->ordered;
    } else if (a->dt == DT_STR) {
        TRY(str_new_offsets(cx, p->cap, &p->out));
        TRY(buf_new(cx, 64, false, &p->out->bytes_buf));
        p->out->bytes = p->out->bytes_buf->data;
    } else {
        TRY(array_new(cx, a->dt, p->null, a->unit, p->cap, false, &p->out));
    }
    p->out->null = (uint8_t)p->null;
    return OK;
}

static Status grow(Cx *cx, Append *p, idx cap)
{
    Array *a = p->out;
    size_t width = width_of(a), size;
    if (__builtin_mul_overflow((size_t)cap + 1, width ? width : sizeof *a->off, &size))
        return fail(cx, E_OVERFLOW, "a column of too many rows");
    if (a->valid) {
        TRY(buf_grow(cx, &a->valid_buf, (size_t)bit_words(cap) * 8));
        a->valid = (uint64_t *)(void *)a->valid_buf->data;
    }
    if (width) {
        TRY(buf_grow(cx, &a->data_buf, size));
        a->data = a->data_buf->data;
    } else {
        TRY(buf_grow(cx, &a->off_buf, size));
        a->off = (int64_t *)(void *)a->off_buf->data;
    }
    p->cap = a->n = cap;
    return OK;
}

static Status reserve(Cx *cx, Append *p, const Array *a)
{
    idx need;
    if (__builtin_add_overflow(p->n, a->n, &need) || need > INT64_MAX / 4)
        return fail(cx, E_OVERFLOW, "a column of more than 2**61 rows");
    if (!p->out) {
        p->cap = idx_max(need, p->expect);
        return begin(cx, p, a);
    }
    return need > p->cap ? grow(cx, p, idx_max(need, 2 * p->cap)) : OK;
}

/* Room for more text; what all rows will take is guessed from those so far. */
static Status reserve_text(Cx *cx, Append *p, int64_t more, idx rows)
{
    Array *a = p->out;
    int64_t need, have = (int64_t)a->bytes_buf->size;
    if (__builtin_add_overflow(a->off[p->n], more, &need) || need > INT64_MAX / 4)
        return fail(cx, E_OVERFLOW, "a text column of more than 2**61 bytes");
    if (need <= have) return OK;
    double each = (double)need / (double)(p->n + rows);
    double all = each * (double)p->expect * 1.01;
    int64_t size = p->expect > 0 && all < 1e15 ? (int64_t)all : 2 * have;
    TRY(buf_grow(cx, &a->bytes_buf, (size_t)(size < need ? need : size)));
    a->bytes = a->bytes_buf->data;
    return OK;
}

/* -- Values ---------------------------------------------------------------------- */

static Status add_missing(Cx *cx, Append *p, const Array *a)
{
    Array *out = p->out;
    if (a->valid) check_null_form(out->dt, p->null);
    if (a->valid && !has_bitmap(p->null)) {
        for (idx i = 0; i < a->n; i += 64)
            write_missing(out, p->n + i, a->valid[i / 64], idx_min(64, a->n - i));
        return OK;
    }
    if (a->valid && !out->valid) {
        TRY(array_add_valid(cx, out, false));
        bits_fill(out->valid, 0, p->n, true);
    }
    if (a->valid)
        bits_copy(out->valid, p->n, a->valid, 0, a->n);
    else if (out->valid)
        bits_fill(out->valid, p->n, a->n, true);
    return OK;
}

static Status add_plain(Cx *cx, Append *p, const Array *a)
{
    int64_t first = a->n ? a->off[0] : 0, size = a->n ? a->off[a->n] - first : 0;
    TRY(reserve_text(cx, p, size, a->n));
    int64_t *off = p->out->off + p->n, at = off[0];
    for (idx i = 0; i < a->n; i++)
        off[i + 1] = a->off[i + 1] - first + at;
    if (size) memcpy(p->out->bytes + at, a->bytes + first, (size_t)size);
    return OK;
}

static Status add_rows(Cx *cx, Append *p, const Array *a)
{
    TRY(reserve(cx, p, a));
    ASSERT(p->out);
    size_t width = width_of(a);
    if (!width)
        TRY(add_plain(cx, p, a));
    else if (a->n)
        memcpy((uint8_t *)p->out->data + (size_t)p->n * width, a->data,
               (size_t)a->n * width);
    TRY(add_missing(cx, p, a));
    p->n += a->n;
    return OK;
}

/* -- Dictionaries ---------------------------------------------------------------- */

/* p->map: where dict's entries are in the merged dictionary. */
static Status map_entries(Cx *cx, Append *p, Array *dict)
{
    if (p->mapped == dict) return OK;
    array_unref(p->mapped);
    p->mapped = NULL;
    mem_free(p->map);
    TRY(mem_new(cx, dict->n, sizeof *p->map, false, &p->map));
    for (idx i = 0; i < dict->n; i++) {
        idx len;
        const uint8_t *s = array_str(dict, i, &len);
        TRY(dictset_add(cx, p->set, s, len, &p->map[i]));
    }
    p->mapped = array_ref(dict);
    return OK;
}

/* Codes so far, by the first dictionary, as those of a merged one. */
static Status merge_begin(Cx *cx, Append *p)
{
    TRY(dictset_new(cx, p->out->dict->n, &p->set));
    TRY(map_entries(cx, p, p->out->dict));
    int32_t *code = p->out->data;
    for (idx i = 0; i < p->n && p->out->dict->n; i++)
        code[i] = p->map[code[i]];
    p->out->dict_dups = 0;
    p->out->ordered = 0;
    return OK;
}

static Status add_merged(Cx *cx, Append *p, const Array *a)
{
    idx from = p->n;
    if (!p->set) TRY(merge_begin(cx, p));
    TRY(map_entries(cx, p, a->dict));
    TRY(add_rows(cx, p, a));
    int32_t *code = (int32_t *)p->out->data + from;
    for (idx i = 0; i < a->n; i++)
        code[i] = p->map[code[i]];
    if (a->valid)
        for (idx i = 0; i < a->n; i++)
            code[i] = array_bit(a, i) ? code[i] : 0;
    return OK;
}

/* The merged dictionary becomes that of out. */
static Status merge_end(Cx *cx, Append *p)
{
    DictSet *set = p->set;
    Array *dict;
    p->set = NULL;
    if (!set) return OK;
    TRY(dictset_finish(cx, set, &dict));
    array_unref(p->out->dict);
    p->out->dict = dict;
    return OK;
}

static void trim(Append *p)
{
    Array *a = p->out;
    a->n = p->n;
    if (a->valid && a->n % 64) a->valid[a->n / 64] &= bit_low(a->n % 64);
}

/* What is there of out, a dictionary column, as plain text. */
static Status make_plain(Cx *cx, Append *p)
{
    Array *plain, *whole = p->out;
    TRY(merge_end(cx, p));
    trim(p);
    TRY(array_str_plain(cx, whole, &plain));
    p->out = NULL;
    p->n = 0;
    Status st = add_rows(cx, p, plain);
    array_unref(plain);
    array_unref(whole);
    return st;
}

static Status add_plain_of(Cx *cx, Append *p, Array *a)
{
    Array *plain;
    TRY(array_str_plain(cx, a, &plain));
    Status st = add_rows(cx, p, plain);
    array_unref(plain);
    return st;
}

static Status add_text(Cx *cx, Append *p, Array *a)
{
    bool codes = p->out && p->out->dict, fits = codes && a->dict;
    if (!p->out) return add_rows(cx, p, a);
    if (fits && !p->set && p->out->dict == a->dict) return add_rows(cx, p, a);
    if (fits && (p->set ? dictset_count(p->set) : p->out->dict->n) <= p->n)
        return add_merged(cx, p, a);
    if (codes) TRY(make_plain(cx, p));
    return add_plain_of(cx, p, a);
}

/* -- All ------------------------------------------------------------------------- */

static Status add(Cx *cx, Append *p, Array *a)
{
    return a->dt == DT_STR ? add_text(cx, p, a) : add_rows(cx, p, a);
}

Status append_add(Cx *cx, Append *p, Array *a)
{
    p->promoted |= a->promoted;
    if (!p->tz) p->tz = a->tz;
    if (!p->like || (a->cats && !p->like->cats)) {
        array_unref(p->like);
        p->like = array_ref(a);
    }
    if (a->cats && p->like->cats && !category_same(a->cats, p->like->cats))
        return category_mismatch(cx);
    if (!p->first && !p->out) {
        p->first = array_ref(a);
        return OK;
    }
    const Array *like = p->first ? p->first : p->out;
    if (like->dt != a->dt || like->unit != a->unit)
        return fail(cx, E_INTERNAL, "columns of %s and %s appended",
                    dtype_info[like->dt].text, dtype_info[a->dt].text);
    if (a->n == 0) return OK;
    if (p->first) {
        if (p->first->n) TRY(add(cx, p, p->first));
        array_unref(p->first);
        p->first = NULL;
        if (!p->out) { /* it had no rows */
            p->first = array_ref(a);
            return OK;
        }
    }
    return add(cx, p, a);
}

/* The only piece, if its form can say what is missing. */
static Status share(Cx *cx, Append *p, Array **out)
{
    TRY(array_slice(cx, p->first, 0, p->first->n, out));
    (*out)->null = (uint8_t)p->null;
    return OK;
}

Status append_finish(Cx *cx, Append *p, Array **out)
{
    Status st = OK;
    *out = NULL;
    ASSERT(p->first || p->out);
    if (p->first && (!p->first->valid || has_bitmap(p->null))) {
        st = share(cx, p, out);
    } else {
        if (p->first) st = add(cx, p, p->first);
        if (!st) st = merge_end(cx, p);
        if (!st) {
            trim(p);
            p->out->null_count = -1;
            *out = p->out;
            p->out = NULL;
        }
    }
    if (!st) {
        (*out)->promoted = p->promoted;
        (*out)->tz = p->tz;
        array_set_cats(*out, p->like);
    }
    append_free(p);
    return st;
}
