/* SPDX-License-Identifier: Apache-2.0
 * What rt_object.c and rt_string.c share: types of objects, spans.
 */
#pragma once
#include "object/text.h"
#include "rt/rt.h"

#define OBJ_ARGS                                                                       \
    Cx *cx UNUSED, const Attrs *at UNUSED, int64_t nin UNUSED, const Slot *in UNUSED,  \
        int64_t nout UNUSED, Slot *out UNUSED

/* The type whose code the node carries. */
MUST_USE Status rt_objtype(Cx *cx, const Attrs *at, const ObjType **out);
/* start and stop in slots k and k + 1, attribute has. */
Span rt_span(const Attrs *at, const Slot *in, int k);

static inline Text3 rt_text3(const Slot *in, int k)
{
    return (Text3){in[k].p, in[k].n, in[k + 1].ptr};
}
static inline void rt_text_out(Slot *out, int k, Text3 t)
{
    out[k] = (Slot){.p = t.p, .n = t.n};
    out[k + 1] = (Slot){.ptr = t.own};
}
