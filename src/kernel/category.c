/* SPDX-License-Identifier: Apache-2.0
 * Category columns: codes of categories (array/array.h). What is done to rows is done
 * to codes by the other kernels, which know them as 32-bit integers; here is what needs
 * the categories themselves: from values to codes and back, one set of categories in
 * the place of another. Categories are few beside the rows: they are looked up in a key
 * table, once each.
 */
#include "base/base.h"

#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include "kernel/keytab.h"

#include <string.h>

static Table one_column(Array **a)
{
    return (Table){.n = (*a)->n, .ncol = 1, .col = a};
}

/* Adds the rows of a; the numbers are in order of first appearance. */
static Status add_keys(Cx *cx, KeyTab *t, Array *a)
{
    Table rows = one_column(&a);
    uint32_t id[BATCH];
    TRY(keytab_prepare(cx, t, &rows));
    for (idx at = 0; at < a->n; at += BATCH) {
        KeyBatch b;
        TRY(cx_check(cx));
        TRY(keytab_encode(cx, t, &rows, at, idx_min(BATCH, a->n - at), NULL, &b));
        TRY(keytab_add(cx, t, b.word, b.n, id));
    }
    return OK;
}

static Status key_table(Cx *cx, Array *a, KeyTab **out)
{
    Table rows = one_column(&a);
    TRY(keytab_new(cx, &rows, true, 0, out));
    Status st = add_keys(cx, *out, a);
    if (!st && keytab_count(*out) >= INT32_MAX)
        st = fail(cx, E_OVERFLOW, "more than 2**31 - 1 categories");
    if (!st) return OK;
    keytab_free(*out);
    *out = NULL;
    return st;
}

/* Categories are plain: texts without a dictionary, no bitmap, no null form of "Int64".
 */
static Status plain_keys(Cx *cx, const KeyTab *t, Array **out)
{
    Table keys;
    TRY(keytab_decode(cx, t, &keys));
    Array *a = keys.col[0];
    Status st = a->dt == DT_STR ? array_str_plain(cx, a, out) : OK;
    if (a->dt != DT_STR) *out = array_ref(a);
    table_clear(&keys);
    if (st) return st;
    if ((*out)->null == NULL_PROM || dt_is_num((*out)->dt))
        (*out)->null = dt_is_float((*out)->dt) ? NULL_NAN : NULL_NONE;
    (*out)->promoted = 0;
    return OK;
}

static Status sorted(Cx *cx, Array **a)
{
    idx *perm;
    bool asc = true;
    Array *r;
    Table rows = one_column(a);
    TRY(sort_perm(cx, &rows, &asc, false, &perm));
    Status st = take(cx, *a, perm, (*a)->n, (NullForm)(*a)->null, &r);
    mem_free(perm);
    TRY(st);
    array_unref(*a);
    *a = r;
    return OK;
}

Status category_distinct(Cx *cx, Array *a, bool sort, Array **out)
{
    KeyTab *t;
    *out = NULL;
    TRY(key_table(cx, a, &t));
    Status st = plain_keys(cx, t, out);
    keytab_free(t);
    if (!st && sort) st = sorted(cx, out);
    if (st) {
        array_unref(*out);
        *out = NULL;
    }
    return st;
}

/* -- Codes ------------------------------------------------------------------------- */

static Status find_codes(Cx *cx, KeyTab *t, Array *a, int32_t *code)
{
    Table rows = one_column(&a);
    uint32_t id[BATCH];
    for (idx at = 0; at < a->n; at += BATCH) {
        idx n = idx_min(BATCH, a->n - at);
        TRY(cx_check(cx));
        TRY(keytab_find(cx, t, &rows, at, n, id));
        for (idx i = 0; i < n; i++)
            code[at + i] = id[i] == KEY_NONE ? -1 : (int32_t)id[i];
    }
    return OK;
}

Status category_codes(Cx *cx, Array *cats, Array *a, Array **out)
{
    KeyTab *t;
    TRY(array_new(cx, DT_I32, NULL_NONE, UNIT_NONE, a->n, false, out));
    Status st = key_table(cx, cats, &t);
    if (!st) st = find_codes(cx, t, a, (*out)->data);
    keytab_free(t);
    if (st) {
        array_unref(*out);
        *out = NULL;
    }
    return st;
}

Status category_new(Cx *cx, const int32_t *code, idx n, Array *cats, bool ordered,
                    Array **out)
{
    TRY(array_new(cx, DT_CAT, NULL_MASK, UNIT_NONE, n, false, out));
    Array *a = *out;
    a->cats = array_ref(cats);
    a->ordered = ordered ? 2 : 0;
    int32_t *to = a->data;
    idx gone = 0;
    for (idx i = 0; i < n; i++) {
        gone += code[i] < 0;
        to[i] = code[i] < 0 ? 0 : code[i];
    }
    a->null_count = gone;
    if (gone == 0) return OK;
    Status st = array_add_valid(cx, a, true);
    if (st) {
        array_unref(a);
        *out = NULL;
        return st;
    }
    for (idx i = 0; i < n; i++)
        if (code[i] < 0) bit_clear(a->valid, i);
    a->null_count = gone;
    return OK;
}

/* Positions in a table of categories: -1 where a row is missing. */
static void positions(const Array *a, idx *pos)
{
    const int32_t *code = a->data;
    for (idx i = 0; i < a->n; i++)
        pos[i] = array_bit(a, i) ? code[i] : -1;
}

/* The codes of a as those of texts, which a dictionary may be. */
static Status text_values(Cx *cx, const Array *a, Array **out)
{
    if (a->cats->n == 0) {
        TRY(array_new_dict(cx, a->n, a->cats, out));
        if (a->n) memset((*out)->data, 0, (size_t)a->n * sizeof(int32_t));
    } else {
        TRY(array_new_dict(cx, 0, a->cats, out));
        buf_unref((*out)->data_buf);
        (*out)->data_buf = buf_ref(a->data_buf);
        (*out)->data = a->data;
        (*out)->n = a->n;
    }
    Status st = array_set_valid(cx, *out, a);
    if (!st) return OK;
    array_unref(*out);
    *out = NULL;
    return st;
}

Status category_values(Cx *cx, const Array *a, NullForm null, Array **out)
{
    idx *pos;
    *out = NULL;
    if (a->cats->dt == DT_STR) return text_values(cx, a, out);
    TRY(mem_new(cx, a->n, sizeof *pos, false, &pos));
    positions(a, pos);
    Status st = take(cx, a->cats, pos, a->n, null, out);
    mem_free(pos);
    return st;
}

Status category_numbers(Cx *cx, const Array *a, DType dt, Array **out)
{
    int64_t most = dt == DT_I8 ? INT8_MAX : dt == DT_I16 ? INT16_MAX : INT32_MAX;
    if (a->cats->n >= most)
        return fail(cx, E_OVERFLOW,
                    "the codes of %lld categories do not fit into %s, which was taken "
                    "for their dtype because the categories were not known when "
                    "compiling; return the column and pass it to another function",
                    (long long)a->cats->n, dtype_info[dt].text);
    TRY(array_new(cx, dt, NULL_NONE, UNIT_NONE, a->n, false, out));
    const int32_t *code = a->data;
#define NUMBERS(T)                                                                     \
    for (idx i = 0; i < a->n; i++)                                                     \
    ((T *)(*out)->data)[i] = (T)(array_bit(a, i) ? code[i] : -1)
    if (dt == DT_I8)
        NUMBERS(int8_t);
    else if (dt == DT_I16)
        NUMBERS(int16_t);
    else
        NUMBERS(int32_t);
#undef NUMBERS
    (*out)->null_count = 0;
    return OK;
}

/* -- Other categories -------------------------------------------------------------- */

static bool same_text(const Array *a, const Array *b)
{
    for (idx i = 0; i < a->n; i++) {
        idx n, m;
        const uint8_t *s = array_str(a, i, &n), *t = array_str(b, i, &m);
        if (n != m || (n && memcmp(s, t, (size_t)n) != 0)) return false;
    }
    return true;
}

bool category_same(const Array *a, const Array *b)
{
    if (a == b) return true;
    if (a->n != b->n || a->dt != b->dt || a->unit != b->unit) return false;
    if (a->dt == DT_STR) return same_text(a, b);
    size_t size = (size_t)a->n * dtype_info[a->dt].bytes;
    return size == 0 || memcmp(a->data, b->data, size) == 0;
}

Status category_mismatch(Cx *cx)
{
    return fail(cx, E_TYPE,
                "the categories of the columns differ, so that pandas makes them one "
                "column of the values; write .astype(str), or give them the same "
                "categories with .cat.set_categories()");
}

Status category_union(Cx *cx, Array *a, Array *b, Array **out)
{
    KeyTab *t;
    *out = NULL;
    if (category_same(a, b)) {
        *out = array_ref(a);
        return OK;
    }
    TRY(key_table(cx, a, &t));
    Status st = add_keys(cx, t, b);
    if (!st) st = plain_keys(cx, t, out);
    keytab_free(t);
    return st;
}

Status category_recode(Cx *cx, const Array *a, Array *cats, bool ordered, Array **out)
{
    Array *where;
    int32_t *code;
    *out = NULL;
    if (category_same(a->cats, cats)) {
        TRY(array_slice(cx, a, 0, a->n, out));
        array_set_cats(*out, &(Array){.cats = cats});
        (*out)->ordered = ordered ? 2 : 0;
        return OK;
    }
    TRY(category_codes(cx, cats, a->cats, &where));
    Status st = mem_new(cx, a->n, sizeof *code, false, &code);
    if (!st) {
        const int32_t *map = where->data, *from = a->data;
        for (idx i = 0; i < a->n; i++)
            code[i] = array_bit(a, i) ? map[from[i]] : -1;
        st = category_new(cx, code, a->n, cats, ordered, out);
        mem_free(code);
    }
    array_unref(where);
    return st;
}

Status category_fill(Cx *cx, const Array *a, int32_t code, Array **out)
{
    int32_t *to;
    TRY(mem_new(cx, a->n, sizeof *to, false, &to));
    const int32_t *from = a->data;
    for (idx i = 0; i < a->n; i++)
        to[i] = array_bit(a, i) ? from[i] : code;
    Status st = category_new(cx, to, a->n, a->cats, a->ordered == 2, out);
    mem_free(to);
    return st;
}
