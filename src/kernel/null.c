/* SPDX-License-Identifier: Apache-2.0
 * Which rows are missing, and filling missing text. A column of NULL_PROM, masked and
 * of NaN or NaT form is asked by its own form; a masked float's NaN is a value.
 */
#include "array/dict.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"

#define MISSING(T, test)                                                               \
    do {                                                                               \
        const T *v = a->data;                                                          \
        for (idx i = 0; i < a->n; i++)                                                 \
            to[i] = (uint8_t)((test) ^ flip);                                          \
    } while (0)

Status is_null(Cx *cx, const Array *a, bool negate, Array **out)
{
    const uint8_t flip = negate;
    TRY(bool_new(cx, a->n, out));
    uint8_t *to = (*out)->data;
    if (a->null == NULL_NAN && a->dt == DT_F32) {
        MISSING(float, v[i] != v[i]);
    } else if (a->null == NULL_NAN && a->dt == DT_F64) {
        MISSING(double, v[i] != v[i]);
    } else if (a->null == NULL_NAT) {
        MISSING(int64_t, v[i] == NAT);
    } else if (a->valid) {
        bits_to_bytes(to, a->valid, 0, a->n);
        for (idx i = 0; i < a->n && !negate; i++)
            to[i] ^= 1;
    } else {
        memset(to, negate, (size_t)a->n);
    }
    return OK;
}

/* -- fillna of text -------------------------------------------------------------- */

/* The entry that is the text; -1: none. */
static int32_t find_entry(const Array *dict, const uint8_t *s, idx n)
{
    for (idx i = 0; i < dict->n; i++) {
        idx m;
        const uint8_t *t = array_str(dict, i, &m);
        if (m == n && (n == 0 || memcmp(s, t, (size_t)n) == 0)) return (int32_t)i;
    }
    return -1;
}

/* The dictionary with the text as its last entry. */
static Status dict_with(Cx *cx, Array *dict, const uint8_t *s, idx n, Array **out)
{
    Array *one;
    if (dict->n == INT32_MAX)
        return fail(cx, E_OVERFLOW, "a dictionary of more than 2**31 - 1 texts");
    TRY(array_new_str(cx, 1, n, &one));
    one->off[1] = n;
    if (n) memcpy(one->bytes, s, (size_t)n);
    Status st = concat(cx, (Array *[]){dict, one}, 2, NULL_MASK, out);
    array_unref(one);
    return st;
}

static Status fill_dict(Cx *cx, const Array *a, const uint8_t *s, idx n, Array **out)
{
    Array *dict = NULL;
    int32_t code = find_entry(a->dict, s, n);
    if (code < 0) {
        code = (int32_t)a->dict->n;
        TRY(dict_with(cx, a->dict, s, n, &dict));
    } else {
        dict = array_ref(a->dict);
    }
    Status st = array_new_dict(cx, a->n, dict, out);
    array_unref(dict);
    if (st) return st;
    const int32_t *from = a->data;
    int32_t *to = (*out)->data;
    for (idx i = 0; i < a->n; i++)
        to[i] = bit_get(a->valid, i) ? from[i] : code;
    (*out)->dict_dups = a->dict_dups;
    return OK;
}

static Status fill_plain(Cx *cx, const Array *a, const uint8_t *s, idx n, Array **out)
{
    Array *r;
    TRY(str_new_offsets(cx, a->n, &r));
    bool over = false;
    for (idx i = 0; i < a->n; i++) {
        int64_t len = bit_get(a->valid, i) ? a->off[i + 1] - a->off[i] : n;
        over |= __builtin_add_overflow(r->off[i], len, &r->off[i + 1]);
    }
    Status st = over ? fail(cx, E_OVERFLOW, "a text column of more than 2**63 bytes")
                     : str_new_bytes(cx, r);
    if (st) {
        array_unref(r);
        return st;
    }
    for (idx i = 0; i < a->n; i++) {
        size_t len = (size_t)(r->off[i + 1] - r->off[i]);
        const uint8_t *from = bit_get(a->valid, i) ? a->bytes + a->off[i] : s;
        if (len) memcpy(r->bytes + r->off[i], from, len);
    }
    *out = r;
    return OK;
}

Status fill_null_str(Cx *cx, const Array *a, const uint8_t *s, idx n, Array **out)
{
    ASSERT(a->dt == DT_STR);
    *out = NULL;
    if (!a->valid || n < 0) return array_slice(cx, a, 0, a->n, out);
    return a->dict ? fill_dict(cx, a, s, n, out) : fill_plain(cx, a, s, n, out);
}
