/* SPDX-License-Identifier: Apache-2.0
 * The calls that codegen makes by itself: failing, map loops, text. Text results live
 * in the scratch arena of the call, or are borrowed from columns and the object.
 */
#include "array/builder.h"
#include "comm/comm.h"
#include "object/object.h"
#include "object/object_layout.h"
#include "rt/math_fn.h"
#include "rt/rt_call.h"
#include "rt/rt_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_ARGS                                                                      \
    Cx *cx UNUSED, const Attrs *at UNUSED, int64_t nin UNUSED, const Slot *in UNUSED,  \
        int64_t nout UNUSED, Slot *out UNUSED

/* -- Failing -------------------------------------------------------------------- */

/* A failure of this rank alone: the others are on their way to the next agreement. One
 * that was agreed already (cx->agreed) is known to all of them. */
int32_t rt_fail(CALL_ARGS)
{
    if (cx->err.code == OK)
        (void)fail(cx, E_INTERNAL, "a runtime call failed without a reason");
    if (cx->err.site < 0) cx->err.site = (int32_t)in[0].i;
    if (in[1].i && !cx->agreed) (void)comm_agree(cx);
    return cx->err.code;
}

int32_t rt_raise(CALL_ARGS)
{
    if (nin == 5)
        return fail(cx, E_INDEX,
                    "index %lld is out of bounds for axis %lld with size %lld",
                    (long long)in[2].i, (long long)in[4].i, (long long)in[3].i);
    ErrCode code = in[0].i > 0 && in[0].i < E_COUNT ? (ErrCode)in[0].i : E_RUNTIME;
    int n = in[1].n < 0 ? 0 : in[1].n > ERR_TEXT ? ERR_TEXT : (int)in[1].n;
    return fail(cx, code, "%.*s", n, (const char *)in[1].p);
}

int32_t rt_stop(CALL_ARGS)
{
    return cx_interrupted(cx);
}

int32_t rt_ref(CALL_ARGS)
{
    for (int64_t i = 0; i < nin; i++)
        if (in[i].a) TRY(rt_own(cx, array_ref(in[i].a)));
    return OK;
}

int32_t rt_lend(CALL_ARGS)
{
    for (int64_t i = 0; i < nin; i++) {
        if (!in[i].a) continue;
        TRY(rt_own(cx, array_ref(in[i].a)));
        cx->nlent++;
    }
    return OK;
}

/* References of containers are not on the call's list: the container lets go of them.
 */
int32_t rt_kept(CALL_ARGS)
{
    if (in[0].a) (void)array_ref(in[0].a);
    return OK;
}

int32_t rt_unkept(CALL_ARGS)
{
    array_unref(in[0].a);
    return OK;
}

int32_t rt_taken(CALL_ARGS)
{
    return in[0].a ? rt_own(cx, in[0].a) : OK;
}

int32_t rt_drop(CALL_ARGS)
{
    obj_free(cx, in[0].ptr);
    return OK;
}

int32_t rt_unhold(CALL_ARGS)
{
    for (int64_t i = 0; i < nin; i++)
        own_unref(cx, in[i].ptr);
    return OK;
}

int32_t rt_unref(CALL_ARGS)
{
    for (int64_t i = 0; i < nin; i++)
        if (in[i].a) rt_disown(cx, in[i].a);
    return OK;
}

/* -- Maps ----------------------------------------------------------------------- */

int32_t rt_map_begin(CALL_ARGS)
{
    for (int64_t k = 0; k < nout; k++) {
        NullForm null = (NullForm)attr_int_at(at, "null", k);
        Array *a;
        TRY(array_new(cx, (DType)attr_int_at(at, "dt", k), null,
                      (Unit)attr_int_at(at, "unit", k), in[0].i, false, &a));
        TRY(rt_out(cx, &out[k], a));
        if (null == NULL_MASK || null == NULL_PROM) TRY(array_add_valid(cx, a, false));
    }
    return OK;
}

int32_t rt_map_end(CALL_ARGS)
{
    for (int64_t k = 0; k < nin; k++) {
        Array *a = in[k].a;
        if (!a->valid) {
            a->null_count = 0;
            continue;
        }
        a->null_count = a->n - bits_count(a->valid, a->n);
        if (a->null_count) continue;
        buf_unref(a->valid_buf);
        a->valid_buf = NULL;
        a->valid = NULL;
    }
    return OK;
}

/* -- Text columns --------------------------------------------------------------- */

static void text_builder_free(void *p)
{
    builder_free(p);
}

int32_t rt_strbuild_new(CALL_ARGS)
{
    Builder *b;
    Closing *c;
    TRY(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
    TRY(rt_closing(cx, b, text_builder_free, &c));
    out[0].ptr = c;
    return OK;
}

int32_t rt_strbuild_add(CALL_ARGS)
{
    Builder *b = ((Closing *)in[0].ptr)->p;
    if (in[1].n < 0) return builder_add_null(cx, b);
    return builder_add_str(cx, b, in[1].p, in[1].n);
}

int32_t rt_strbuild_end(CALL_ARGS)
{
    Closing *c = in[0].ptr;
    Builder *b = c->p;
    Array *a;
    c->p = NULL;
    TRY(builder_finish(cx, b, &a));
    return rt_out(cx, &out[0], a);
}

int32_t rt_str_at(CALL_ARGS)
{
    const Array *a = in[0].a;
    idx i = in[1].i;
    out[0] = (Slot){.p = (const uint8_t *)"", .n = TEXT_NAN};
    if (array_bit(a, i)) out[0].p = array_str(a, i, &out[0].n);
    return OK;
}

/* -- Text scalars --------------------------------------------------------------- */

int32_t rt_text_cmp(CALL_ARGS)
{
    size_t a = in[0].n < 0 ? 0 : (size_t)in[0].n, b = in[1].n < 0 ? 0 : (size_t)in[1].n;
    size_t n = a < b ? a : b;
    int c = n ? memcmp(in[0].p, in[1].p, n) : 0;
    if (c == 0) c = (a > b) - (a < b);
    out[0].i = (c > 0) - (c < 0);
    return OK;
}

int32_t rt_text_concat(CALL_ARGS)
{
    size_t n = 0;
    out[0] = (Slot){.p = (const uint8_t *)"", .n = -1};
    for (int64_t i = 0; i < nin; i++) {
        if (in[i].n < 0) return OK; /* missing if one of them is */
        n += (size_t)in[i].n;
    }
    uint8_t *p = arena_try(cx->scratch, n + 1, 1);
    if (!p) return fail(cx, E_MEMORY, "no memory for a text of %zu bytes", n);
    out[0] = (Slot){.p = p, .n = (int64_t)n};
    for (int64_t i = 0; i < nin; i++) {
        if (in[i].n) memcpy(p, in[i].p, (size_t)in[i].n);
        p += in[i].n;
    }
    return OK;
}

Status rt_text_out(Cx *cx, Slot *out, const char *s, size_t n)
{
    uint8_t *p = arena_try(cx->scratch, n + 1, 1);
    if (!p) return fail(cx, E_MEMORY, "no memory for a text of %zu bytes", n);
    memcpy(p, s, n);
    *out = (Slot){.p = p, .n = (int64_t)n};
    return OK;
}

/* A scalar as str() gives it; attribute spec is not looked at yet: refused when given.
 */
int32_t rt_text_format(CALL_ARGS)
{
    char text[64];
    struct {
        uint8_t dt, null;
    } t;
    int64_t type = attr_int_at(at, "atype", 0);
    t.dt = (uint8_t)(type >> 8);
    t.null = (uint8_t)(type >> 16);
    if (t.dt == DT_STR) {
        out[0] = in[0];
        return OK;
    }
    if (attr_has(at, "spec") && attr_text_len(at, "spec") > 0)
        return fail(cx, E_INTERNAL, "a format of numbers is not there yet");
    bool masked = t.null == NULL_MASK || t.null == NULL_PROM;
    if (masked && !(in[0].n & 1))
        snprintf(text, sizeof text, "<NA>");
    else if (t.dt == DT_BOOL)
        snprintf(text, sizeof text, "%s", in[0].i ? "True" : "False");
    else if (dt_is_float((DType)t.dt))
        rt_float_text(in[0].f, text);
    else if (dt_is_unsigned((DType)t.dt))
        snprintf(text, sizeof text, "%llu", (unsigned long long)in[0].i);
    else if (dt_is_int((DType)t.dt))
        snprintf(text, sizeof text, "%lld", (long long)in[0].i);
    else
        return fail(cx, E_INTERNAL, "no text of a %s", dtype_info[t.dt].text);
    return rt_text_out(cx, &out[0], text, strlen(text));
}

/* -- Functions of numbers ------------------------------------------------------- */

int32_t rt_math(CALL_ARGS)
{
    out[0].ptr = math_pointer((int)attr_int(at, "fn", 0));
    return OK;
}
