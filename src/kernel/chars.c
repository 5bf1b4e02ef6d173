/* SPDX-License-Identifier: Apache-2.0
 * NumPy's arrays of text: w characters a row, 0 behind the text. Columns of text and
 * they are turned into each other; what arrays of text have to calculate, columns do.
 */
#include "kernel/kernel.h"
#include "kernel/utf8.h"

#include <string.h>

idx chars_len(const uint32_t *c, idx w)
{
    while (w > 0 && c[w - 1] == 0)
        w--;
    return w;
}

idx chars_bytes(const uint32_t *c, idx n)
{
    idx size = n;
    for (idx i = 0; i < n; i++)
        size += (c[i] >= 0x80) + (c[i] >= 0x800) + (c[i] >= 0x10000);
    return size;
}

void chars_write(const uint32_t *c, idx n, uint8_t *out)
{
    for (idx i = 0; i < n; i++)
        out += utf8_encode(c[i] & 0x7fffffff, out);
}

void chars_read(const uint8_t *s, idx n, uint32_t *out, idx w)
{
    idx k = 0, len;
    for (idx i = 0; i < n && k < w; i += len)
        out[k++] = utf8_decode(s + i, n - i, &len) & 0x7fffffff;
    if (k < w) memset(out + k, 0, (size_t)(w - k) * sizeof *out);
}

static const uint8_t *text_of(const Array *a, idx i, idx *n)
{
    *n = 3;
    if (!array_bit(a, i)) return (const uint8_t *)"nan"; /* as NumPy writes it */
    return array_str(a, i, n);
}

idx texts_width(const Array *a)
{
    idx most = 1, n;
    for (idx i = 0; i < a->n; i++) {
        const uint8_t *s = text_of(a, i, &n);
        if (n > most) most = idx_max(most, utf8_count(s, n));
    }
    return most;
}

static Status texts_fill(Cx *cx, const uint32_t *c, idx w, Array *r)
{
    for (idx i = 0; i < r->n; i++) {
        idx n = chars_len(c + i * w, w);
        r->off[i + 1] = r->off[i] + chars_bytes(c + i * w, n);
    }
    TRY(str_new_bytes(cx, r));
    for (idx i = 0; i < r->n; i++)
        chars_write(c + i * w, chars_len(c + i * w, w), r->bytes + r->off[i]);
    return OK;
}

Status chars_to_texts(Cx *cx, const Array *a, idx w, Array **out)
{
    Array *r;
    *out = NULL;
    ASSERT(a->dt == DT_CHAR && w > 0);
    TRY(str_new_offsets(cx, a->n / w, &r));
    Status st = texts_fill(cx, a->data, w, r);
    if (st) {
        array_unref(r);
        return st;
    }
    r->null_count = 0;
    *out = r;
    return OK;
}

static Status chars_new(Cx *cx, idx n, idx w, Array **out)
{
    idx total;
    *out = NULL;
    if (w < 1 || __builtin_mul_overflow(n, w, &total))
        return fail(cx, E_VALUE, "an array of text of %lld characters a row",
                    (long long)w);
    return array_new(cx, DT_CHAR, NULL_NONE, UNIT_NONE, total, false, out);
}

Status chars_from_numbers(Cx *cx, const Array *a, idx w, Array **out)
{
    char s[NUMBER_TEXT];
    TRY(chars_new(cx, a->n, w, out));
    uint32_t *c = (*out)->data;
    for (idx i = 0; i < a->n; i++) {
        idx n = number_text(a, i, s);
        for (idx k = 0; k < w; k++)
            c[i * w + k] = k < n ? (unsigned char)s[k] : 0;
    }
    return OK;
}

Status chars_from_texts(Cx *cx, const Array *a, idx w, Array **out)
{
    ASSERT(a->dt == DT_STR);
    TRY(chars_new(cx, a->n, w, out));
    uint32_t *c = (*out)->data;
    for (idx i = 0; i < a->n; i++) {
        idx n;
        const uint8_t *s = text_of(a, i, &n);
        chars_read(s, n, c + i * w, w);
    }
    return OK;
}
