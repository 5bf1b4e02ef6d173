/* SPDX-License-Identifier: Apache-2.0
 * Messages between ranks: any bytes are either refused or make columns that keep the
 * rules of array.h and can be packed again. The first byte of the input is the number
 * of columns expected, then two bytes each: element type and form of missing values.
 */
#include "comm/comm.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COL = 4 };

/* A column without rows of the type that two bytes name; NULL if there is none. */
static Array *proto_new(Cx *cx, const uint8_t *p)
{
    Array *a = NULL;
    DType dt = (DType)(p[0] % DT_COUNT);
    NullForm null = dt == DT_F32 || dt == DT_F64 ? NULL_NAN
                    : dt == DT_TS || dt == DT_TD ? NULL_NAT
                    : dt == DT_STR || p[1] % 2   ? NULL_MASK
                                                 : NULL_NONE;
    Unit unit = dt == DT_TS || dt == DT_TD ? UNIT_NS : UNIT_NONE;
    Status st = dt == DT_STR ? array_new_str(cx, 0, 0, &a)
                             : array_new(cx, dt, null, unit, 0, true, &a);
    return st ? NULL : a;
}

static void unpack(Cx *cx, const Table *proto, const uint8_t *p, size_t size)
{
    Table out = {0};
    size_t again;
    if (wire_unpack(cx, p, size, proto, &out) != OK) return;
    for (idx k = 0; k < out.ncol; k++)
        if (array_check(cx, out.col[k]) != OK) abort();
    if (wire_size(cx, &out, NULL, out.n, &again) != OK) abort();
    table_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    idx ncol = size > 0 ? data[0] % (MAX_COL + 1) : 0;
    size_t head = 1 + 2 * (size_t)ncol;
    if (size < head) return 0;
    Cx cx;
    cx_init(&cx, NULL, NULL, NULL);
    Array *col[MAX_COL] = {0};
    Table proto = {.n = 0, .ncol = ncol, .col = col};
    bool made = true;
    for (idx k = 0; k < ncol; k++)
        made &= (col[k] = proto_new(&cx, data + 1 + 2 * k)) != NULL;
    uint8_t *message = aligned_alloc(8, (size - head + 8) / 8 * 8);
    if (message && made) {
        memcpy(message, data + head, size - head);
        unpack(&cx, &proto, message, size - head);
    }
    free(message);
    for (idx k = 0; k < ncol; k++)
        array_unref(col[k]);
    cx_clear(&cx);
    if (buf_live_count() != 0) abort();
    return 0;
}
