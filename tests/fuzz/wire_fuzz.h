/* SPDX-License-Identifier: Apache-2.0
 * One input of the wire fuzzer, shared by the libFuzzer target and the unit test that
 * replays saved inputs.
 */
#pragma once
#include "array/buf.h"
#include "comm/comm.h"
#include <stdlib.h>

enum { WIRE_PROTOS = 4, WIRE_PROTO_COLS = 5 };

/* Columns that reader number `which` expects: dtype, null form, unit. */
static inline Status wire_proto(Cx *cx, int which, Table *t)
{
    static const uint8_t kind[WIRE_PROTOS][WIRE_PROTO_COLS][3] = {
        {{DT_I64, NULL_NONE, 0},
         {DT_STR, NULL_MASK, 0},
         {DT_BOOL, NULL_PROM, 0},
         {DT_TS, NULL_NAT, UNIT_NS},
         {DT_STR, NULL_MASK, 0}},
        {{DT_F64, NULL_NAN, 0} },
        {{DT_STR, NULL_MASK, 0},  {DT_I8, NULL_MASK, 0}                      },
        {{DT_BOOL, NULL_NONE, 0}, {DT_U16, NULL_NONE, 0}, {DT_I32, NULL_PROM, 0}},
    };
    static const idx ncol[WIRE_PROTOS] = {5, 1, 2, 3};
    TRY(table_init(cx, t, ncol[which], 0));
    for (idx k = 0; k < t->ncol; k++) {
        const uint8_t *c = kind[which][k];
        Status st = c[0] == DT_STR ? array_new_str(cx, 0, 0, &t->col[k])
                                   : array_new(cx, (DType)c[0], (NullForm)c[1],
                                               (Unit)c[2], 0, false, &t->col[k]);
        if (st) return st;
    }
    return OK;
}

/* Reads everything that the table claims to hold. */
static inline void wire_touch(Cx *cx, const Table *t)
{
    uint64_t sum = 0;
    for (idx k = 0; k < t->ncol; k++) {
        if (t->col[k]->n != t->n || array_check(cx, t->col[k])) abort();
        for (idx i = 0; t->col[k]->dt == DT_STR && i < t->n; i++) {
            idx n;
            const uint8_t *s = array_str(t->col[k], i, &n);
            for (idx j = 0; j < n; j++)
                sum += s[j];
        }
    }
    __asm__ volatile("" ::"r"(sum));
}

static inline int wire_fuzz_one(const uint8_t *data, size_t size)
{
    Cx cx;
    Table proto, out;
    if (size < 1) return 0;
    cx_init(&cx, NULL, NULL, NULL);
    if (wire_proto(&cx, data[0] % WIRE_PROTOS, &proto)) abort();
    uint8_t *copy = malloc(size); /* exact size and alignment, for the sanitizer */
    if (!copy) abort();
    if (size > 1) memcpy(copy, data + 1, size - 1);
    if (!wire_unpack(&cx, copy, size - 1, &proto, &out)) {
        wire_touch(&cx, &out);
        table_clear(&out);
    }
    free(copy);
    table_clear(&proto);
    err_clear(&cx.err);
    cx_clear(&cx);
    if (buf_live_count() != 0) abort();
    return 0;
}
