/* SPDX-License-Identifier: Apache-2.0
 * Running compiled code: the table of calls, the set-up and tear-down of a call. The
 * rt_*.c files are thin: they read attributes, call kernel/ and comm/, and put results
 * into slots.
 *
 * Ownership: a column that an rt_ function returns is owned by the call (cx->live)
 * until compiled code says rt_unref or the call ends; results handed to the caller are
 * referenced once more. So no error path in compiled code frees anything.
 */
#pragma once
#include "base/attr.h"
#include "base/cx.h"
#include "rt/slot.h"

typedef enum RtId {
#define CALL(name) RT_##name,
#include "rt/calls.def"
#undef CALL
    RT_COUNT
} RtId;

#define CALL(name)                                                                     \
    int32_t rt_##name(Cx *cx, const Attrs *at, int64_t nin, const Slot *in,            \
                      int64_t nout, Slot *out);
#include "rt/calls.def"
#undef CALL

extern RtCall *const rt_calls[RT_COUNT];
extern const char *const rt_name[RT_COUNT];

/* Place of a site in user source, for messages; py/ fills one per object. */
typedef struct SiteTable {
    idx n;
    const Loc *loc;
} SiteTable;

/* Runs compiled code. in: borrowed; out: owned by the caller on success. On failure the
 * record is in cx->err, all ranks agree on it, and nothing is left alive. Collective
 * when the function is. */
typedef enum OutKind {
    OUT_PLAIN,
    OUT_ARRAY,
    OUT_ROWS, /* a packed object with arrays: an int64 count, so many Array *, bytes */
} OutKind;
MUST_USE Status rt_run(Cx *cx, ShoalMain *code, const Slot *in, Slot *out, idx nout,
                       const uint8_t *out_kind);
/* Objects and references of arrays that all calls of this process together had beside
 * their results when they ended well: compiled code, or the runtime, has not released
 * them. For leak tests. */
void rt_left_over(int64_t *blocks, int64_t *arrays);
/* A text whose bytes go is copied to the scratch memory of the call. */
MUST_USE Status rt_text_scratch(Cx *cx, Slot *s);
/* Give an array to the call / put it into a slot. */
MUST_USE Status rt_own(Cx *cx, Array *a);
MUST_USE Status rt_out(Cx *cx, Slot *out, Array *a); /* rt_own + out->a */
/* st, of what was to fill a, which is given out already: if it failed, and a handler
 * lets the program go on, nobody would release a. */
MUST_USE Status rt_unless(Cx *cx, Array *a, Status st);
