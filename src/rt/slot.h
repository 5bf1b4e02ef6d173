/* SPDX-License-Identifier: Apache-2.0
 * How values cross between compiled code and the runtime. Every runtime call has one
 * signature; compiled code finds it in a table by its number (rt/calls.def), so that
 * objects have no external relocations.
 */
#pragma once
#include "array/array.h"

/* A text scalar: not owned, valid while the call runs. */
typedef struct Text {
    const uint8_t *p;
    int64_t n;
} Text;

/* One value. Column: a. Integers, bools (0/1), DATE, TS, TD: i (sign- or
 * zero-extended). Floats: f (float32 widened). Missing scalars: NaN, NAT, or valid == 0
 * for masked types. NULL_PROM scalars: the value is an integer; n has SLOT_PRESENT and
 * SLOT_PROMOTED. Text: p and n, n < 0: missing.
 * Complex numbers: f and im, both float64. */
typedef struct Slot {
    union {
        int64_t i;
        double f;
        Array *a;
        const uint8_t *p;
        void *ptr;
    };
    union {
        int64_t n; /* text length; masked scalars: 1 present, 0 missing */
        double im;
    };
} Slot;

/* Flags in n of a scalar of the forms NULL_MASK and NULL_PROM. */
enum { SLOT_PRESENT = 1, SLOT_PROMOTED = 2 };

/* How the host sees a slot: an array, an integer (M: that may be missing), a float, a
 * text, a complex number. */
static inline char slot_letter(bool array, DType dt, NullForm null)
{
    if (array) return 'a';
    if (dt == DT_STR) return 't';
    if (dt_is_float(dt)) return 'f';
    if (dt_is_complex(dt)) return 'c';
    return null == NULL_MASK || null == NULL_PROM ? 'M' : 'i';
}

/* The flags of one value of a column, present or not. */
static inline int64_t slot_flags(const Array *a, bool here)
{
    bool promoted = a->null == NULL_PROM && a->promoted;
    return (here ? SLOT_PRESENT : 0) | (promoted ? SLOT_PROMOTED : 0);
}

/* Attributes of a node as a read-only blob in the object: see base/attr.h for the
 * layout. */
typedef uint8_t Attrs; /* AttrBlob */

struct Cx;
typedef int32_t RtCall(struct Cx *cx, const Attrs *attrs, int64_t nin, const Slot *in,
                       int64_t nout, Slot *out);

/* The compiled function: args and results in slots, in the order of the compile's
 * lists. */
typedef int32_t ShoalMain(struct Cx *cx, RtCall *const *calls, const Slot *in,
                          Slot *out);
