/* SPDX-License-Identifier: Apache-2.0
 * Columns one after the other. Pieces without rows do not count; a single piece that is
 * left is shared, not copied. Dictionary columns stay so: over one dictionary the codes
 * are joined, over several a merged dictionary is made, once per entry, unless the
 * dictionaries have more entries than there are rows.
 */
#include "array/dict.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <string.h>

static bool null_is_mask(NullForm null)
{
    return null == NULL_MASK || null == NULL_PROM;
}

/* The bitmap, or NaN and NaT, of all pieces. The values are there. */
static Status concat_missing(Cx *cx, Array *const *a, idx k, Array *out)
{
    idx at = 0;
    bool any = false;
    for (idx p = 0; p < k; p++)
        any |= a[p]->valid != NULL;
    if (!any) return OK;
    check_null_form(out->dt, out->null);
    bool mask = null_is_mask(out->null);
    if (mask) TRY(array_add_valid(cx, out, false));
    for (idx p = 0; p < k; at += a[p++]->n) {
        idx n = a[p]->n;
        if (mask && a[p]->valid)
            bits_copy(out->valid, at, a[p]->valid, 0, n);
        else if (mask)
            bits_fill(out->valid, at, n, true);
        else if (a[p]->valid)
            for (idx i = 0; i < n; i += 64)
                write_missing(out, at + i, a[p]->valid[i / 64], idx_min(64, n - i));
    }
    return OK;
}

/* -- Values ---------------------------------------------------------------------- */

static void concat_bytes(Array *const *a, idx k, size_t width, uint8_t *to)
{
    for (idx p = 0; p < k; p++) {
        size_t size = (size_t)a[p]->n * width;
        if (size) memcpy(to, a[p]->data, size);
        to += size;
    }
}

static Status concat_plain(Cx *cx, Array *const *a, idx k, idx n, Array **out)
{
    int64_t total = 0;
    for (idx p = 0; p < k; p++)
        if (__builtin_add_overflow(total, a[p]->off[a[p]->n] - a[p]->off[0], &total))
            return fail(cx, E_OVERFLOW, "a text column of more than 2**63 bytes");
    TRY(array_new_str(cx, n, total, out));
    int64_t *off = (*out)->off, at = 0;
    for (idx p = 0; p < k; p++) {
        int64_t first = a[p]->off[0], size = a[p]->off[a[p]->n] - first;
        for (idx i = 0; i < a[p]->n; i++)
            off[i + 1] = a[p]->off[i + 1] - first + at;
        if (size) memcpy((*out)->bytes + at, a[p]->bytes + first, (size_t)size);
        at += size;
        off += a[p]->n;
    }
    return OK;
}

/* Plain text from pieces of any layout. */
static Status concat_str(Cx *cx, Array *const *a, idx k, idx n, Array **out)
{
    Array **plain;
    TRY(mem_new(cx, k, sizeof *plain, true, &plain));
    Status st = OK;
    for (idx p = 0; p < k && !st; p++)
        st = array_str_plain(cx, a[p], &plain[p]);
    if (!st) st = concat_plain(cx, plain, k, n, out);
    for (idx p = 0; p < k; p++)
        array_unref(plain[p]);
    mem_free(plain);
    return st;
}

/* -- Dictionaries ---------------------------------------------------------------- */

static bool all_one_dict(Array *const *a, idx k)
{
    for (idx p = 0; p < k; p++)
        if (a[p]->dict != a[0]->dict) return false;
    return a[0]->dict != NULL;
}

static bool merge_pays(Array *const *a, idx k, idx n)
{
    idx entries = 0;
    for (idx p = 0; p < k; p++) {
        if (!a[p]->dict) return false;
        if (p == 0 || a[p]->dict != a[p - 1]->dict) entries += a[p]->dict->n;
    }
    return entries <= n;
}

/* Number in d of every entry of a dictionary. */
static Status map_entries(Cx *cx, DictSet *d, const Array *dict, int32_t *map)
{
    for (idx i = 0; i < dict->n; i++) {
        idx len;
        const uint8_t *s = array_str(dict, i, &len);
        TRY(dictset_add(cx, d, s, len, &map[i]));
    }
    return OK;
}

/* Codes of all pieces in the merged dictionary d, which they fill. */
static Status merge_codes(Cx *cx, Array *const *a, idx k, DictSet *d, int32_t *to)
{
    int32_t *map;
    idx most = 0;
    for (idx p = 0; p < k; p++)
        most = idx_max(most, a[p]->dict->n);
    TRY(mem_new(cx, most, sizeof *map, false, &map));
    Status st = OK;
    for (idx p = 0; p < k && !st; p++) {
        if (p == 0 || a[p]->dict != a[p - 1]->dict)
            st = map_entries(cx, d, a[p]->dict, map);
        if (st) break;
        const int32_t *code = a[p]->data;
        for (idx i = 0; i < a[p]->n; i++)
            to[i] = map[code[i]];
        if (a[p]->valid)
            for (idx i = 0; i < a[p]->n; i++)
                to[i] = array_bit(a[p], i) ? to[i] : 0;
        to += a[p]->n;
    }
    mem_free(map);
    return st;
}

static Status concat_merged(Cx *cx, Array *const *a, idx k, idx n, Array **out)
{
    DictSet *d;
    Array *dict = NULL;
    Buf *codes;
    TRY(buf_new(cx, (size_t)n * sizeof(int32_t), false, &codes));
    Status st = dictset_new(cx, a[0]->dict->n, &d);
    if (!st) {
        st = merge_codes(cx, a, k, d, (int32_t *)(void *)codes->data);
        if (st)
            dictset_free(d);
        else
            st = dictset_finish(cx, d, &dict);
    }
    if (!st) st = array_new_dict(cx, 0, dict, out);
    array_unref(dict);
    if (st) {
        buf_unref(codes);
        return st;
    }
    buf_unref((*out)->data_buf);
    (*out)->data_buf = codes;
    (*out)->data = codes->data;
    (*out)->n = n;
    return OK;
}

/* -- All ------------------------------------------------------------------------- */

static Status concat_values(Cx *cx, Array *const *a, idx k, idx n, Array **out)
{
    if (all_one_dict(a, k)) {
        TRY(array_new_dict(cx, n, a[0]->dict, out));
        concat_bytes(a, k, sizeof(int32_t), (*out)->data);
        (*out)->dict_dups = a[0]->dict_dups;
        (*out)->ordered = a[0]->ordered;
        return OK;
    }
    if (a[0]->dt == DT_STR && merge_pays(a, k, n))
        return concat_merged(cx, a, k, n, out);
    if (a[0]->dt == DT_STR) return concat_str(cx, a, k, n, out);
    TRY(array_new(cx, a[0]->dt, a[0]->null, a[0]->unit, n, false, out));
    concat_bytes(a, k, dtype_info[a[0]->dt].bytes, (*out)->data);
    return OK;
}

static Status concat_some(Cx *cx, Array *const *a, idx k, idx n, NullForm outnull,
                          Array **out)
{
    Array *r = NULL;
    if (k == 1 && (!a[0]->valid || null_is_mask(outnull))) {
        TRY(array_slice(cx, a[0], 0, n, out));
        (*out)->null = (uint8_t)outnull;
        return OK;
    }
    Status st = concat_values(cx, a, k, n, &r);
    if (!st) {
        ASSERT(r);
        r->null = (uint8_t)outnull;
        st = concat_missing(cx, a, k, r);
    }
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}

Status concat(Cx *cx, Array *const *a, idx k, NullForm outnull, Array **out)
{
    Array **some;
    idx ksome = 0, n = 0;
    *out = NULL;
    if (k < 1) BUG("nothing to concatenate");
    TRY(mem_new(cx, k, sizeof *some, false, &some));
    Status st = OK;
    int32_t promoted = 0;
    const char *tz = NULL;
    for (idx p = 0; p < k && !st; p++) {
        if (a[p]->dt != a[0]->dt || a[p]->unit != a[0]->unit)
            st = fail(cx, E_INTERNAL, "columns of %s and %s concatenated",
                      dtype_info[a[0]->dt].text, dtype_info[a[p]->dt].text);
        else if (a[p]->cats && a[0]->cats && !category_same(a[p]->cats, a[0]->cats))
            st = category_mismatch(cx);
        else if (__builtin_add_overflow(n, a[p]->n, &n))
            st = fail(cx, E_OVERFLOW, "a column of more than 2**63 rows");
        promoted |= a[p]->promoted;
        if (!tz) tz = a[p]->tz;
        if (a[p]->n) some[ksome++] = a[p];
    }
    if (!st && ksome == 0) some[ksome++] = a[0];
    if (!st) st = concat_some(cx, some, ksome, n, outnull, out);
    if (!st) {
        (*out)->promoted = promoted;
        (*out)->tz = tz;
        array_set_cats(*out, a[0]);
    }
    mem_free(some);
    return st;
}
