/* SPDX-License-Identifier: Apache-2.0
 * Text that the data bring: as numbers, bools and times (casts of columns, int(),
 * float()) and as the specification of a format. The first byte chooses, the second
 * says how.
 */
#include "array/array.h"
#include "array/buf.h"
#include "fuzz.h"
#include "kernel/kernel.h"
#include "object/text.h"

#include <stdlib.h>
#include <string.h>

enum { LONG_NUMBER = 4 }; /* digits of a width that would only ask for memory */

/* Rows of the column are the parts between bytes 0. */
static Status column(Cx *cx, const uint8_t *p, size_t size, Array **out)
{
    idx n = 1, row = 0;
    for (size_t i = 0; i < size; i++)
        n += p[i] == 0;
    TRY(array_new_str(cx, n, (idx)size, out));
    int64_t *off = (*out)->off;
    for (size_t i = 0; i < size; i++)
        if (p[i] == 0) off[++row] = (int64_t)i;
    off[n] = (int64_t)size;
    if (size) memcpy((*out)->bytes, p, size);
    return OK;
}

static void cast_column(Cx *cx, uint8_t how, const uint8_t *p, size_t size)
{
    Array *a, *b, *text;
    DType dt = (DType)(how % DT_COUNT);
    NullForm null = dt_is_float(dt) ? NULL_NAN : dt_is_time(dt) ? NULL_NAT : NULL_MASK;
    Unit unit = dt_is_time(dt) ? (Unit)(UNIT_S + how / DT_COUNT % 4) : UNIT_NONE;
    if (column(cx, p, size, &a)) abort();
    if (cast(cx, a, dt, null, unit, &b) == OK) {
        if (array_check(cx, b) || b->n != a->n) abort();
        if (cast(cx, b, DT_STR, NULL_MASK, UNIT_NONE, &text) == OK) array_unref(text);
        array_unref(b);
    }
    array_unref(a);
}

static void number(Cx *cx, uint8_t how, Text3 t)
{
    int64_t i;
    double f;
    if (text_int(cx, t, how % 38, &i)) err_clear(&cx->err);
    if (text_float(cx, t, &f)) err_clear(&cx->err);
}

static bool is_sane(const uint8_t *p, size_t n)
{
    int digits = 0;
    for (size_t i = 0; i < n; i++) {
        digits = p[i] >= '0' && p[i] <= '9' ? digits + 1 : 0;
        if (digits >= LONG_NUMBER) return false;
    }
    return true;
}

static void format(Cx *cx, uint8_t how, Text3 spec)
{
    static const char *const code[] = {"#eaa", "#kaa", "#aaa", "#iaa", "s"};
    static const int64_t ints[] = {0, 1, -1, 123456789, INT64_MIN, INT64_MAX};
    static const double floats[] = {0, -0.0, 1.5, -1e300, 1e-300, 1.0 / 3};
    const char *c = code[how % 5];
    const ObjType *t;
    Text3 text = {(const uint8_t *)"h\xc3\xa9llo", 6, NULL};
    Str s = {0};
    const void *value = how % 5 == 4   ? (const void *)&text
                        : how % 5 == 1 ? (const void *)&floats[how / 5 % 6]
                                       : (const void *)&ints[how / 5 % 6];
    int64_t flag = how / 5 % 2;
    if (how % 5 == 2) value = &flag;
    if (objtype_get(cx, c, strlen(c), &t)) abort();
    if (format_put(cx, &s, t, value, (const char *)spec.p, spec.n)) err_clear(&cx->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cx cx;
    if (size < 2) return 0;
    size_t n = size - 2;
    uint8_t *p = malloc(n + !n);
    if (!p) abort();
    memcpy(p, data + 2, n);
    Text3 t = {p, (int64_t)n, NULL};
    cx_init(&cx, NULL, NULL, NULL);
    switch (data[0] % 3) {
    case 0: cast_column(&cx, data[1], p, n); break;
    case 1: number(&cx, data[1], t); break;
    default:
        if (is_sane(p, n)) format(&cx, data[1], t);
        break;
    }
    free(p);
    heap_clear(&cx);
    cx_clear(&cx);
    if (buf_live_count() != 0) abort();
    return 0;
}
