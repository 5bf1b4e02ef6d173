/* SPDX-License-Identifier: Apache-2.0
 * One input of the wire fuzzer, shared by the libFuzzer target and the unit test that
 * replays saved inputs.
 */
#pragma once
#include "array/buf.h"
#include "comm/comm.h"
#include <stdlib.h>

/* A first byte from WIRE_ANY on: the columns expected are named by the bytes behind it.
 */
enum { WIRE_PROTOS = 4, WIRE_PROTO_COLS = 5, WIRE_ANY = 128 };

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

/* A column without rows of the type that two bytes name. */
static inline Status wire_any(Cx *cx, const uint8_t *p, Array **out)
{
    DType dt = (DType)(p[0] % DT_COUNT);
    if (dt == DT_STR) return array_new_str(cx, 0, 0, out);
    NullForm null = dt_is_float(dt)  ? NULL_NAN
                    : dt_is_time(dt) ? NULL_NAT
                    : p[1] % 2       ? NULL_MASK
                                     : NULL_NONE;
    return array_new(cx, dt, null, dt_is_time(dt) ? UNIT_NS : UNIT_NONE, 0, true, out);
}

/* Columns as the bytes themselves name them, two bytes a column. */
static inline Status wire_any_proto(Cx *cx, const uint8_t *p, idx ncol, Table *t)
{
    TRY(table_init(cx, t, ncol, 0));
    for (idx k = 0; k < ncol; k++)
        TRY(wire_any(cx, p + 2 * k, &t->col[k]));
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
    size_t head = 1, again;
    if (size < 1) return 0;
    idx ncol = data[0] % (WIRE_PROTO_COLS + 1);
    if (data[0] >= WIRE_ANY) head += 2 * (size_t)ncol;
    if (size < head) return 0;
    cx_init(&cx, NULL, NULL, NULL);
    if (data[0] >= WIRE_ANY ? wire_any_proto(&cx, data + 1, ncol, &proto)
                            : wire_proto(&cx, data[0] % WIRE_PROTOS, &proto))
        abort();
    size -= head;
    uint8_t *copy = malloc(size + !size); /* exact, for the sanitizer */
    if (!copy) abort();
    if (size) memcpy(copy, data + head, size);
    if (!wire_unpack(&cx, copy, size, &proto, &out)) {
        wire_touch(&cx, &out);
        if (wire_size(&cx, &out, NULL, out.n, &again)) abort();
        table_clear(&out);
    }
    free(copy);
    table_clear(&proto);
    err_clear(&cx.err);
    cx_clear(&cx);
    if (buf_live_count() != 0) abort();
    return 0;
}
