/* SPDX-License-Identifier: Apache-2.0
 * Kernels that are declared and not written yet: weak, so that the file of a kernel
 * simply takes the place of its row here. They fail with a clear error. Remove a row
 * when its kernel is there, and the file with the last one.
 */
#include "kernel/kernel.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
#define GONE(name, ...)                                                                \
    __attribute__((weak)) Status name(Cx *cx, __VA_ARGS__)                             \
    {                                                                                  \
        return fail(cx, E_INTERNAL, "the kernel '" #name "' is not there yet");        \
    }

GONE(group_init, const Table *keys, const Table *values, const AggSpec *agg, idx nagg,
     bool dropna, bool order, GroupTab **out)
GONE(group_consume, GroupTab *g, const Table *keys, const Table *values, idx row0,
     const Array *sel)
GONE(group_partial, GroupTab *g, Table *keys, Table *states)
GONE(group_merge, GroupTab *g, const Table *keys, const Table *states)
GONE(group_final, GroupTab *g, Table *keys, Table *values, idx **row0s)
GONE(isin, const Array *a, const Array *values, Array **out)
GONE(str_cmp_const, const Array *a, char op, const uint8_t *s, idx n, Array **out)
GONE(str_cmp, const Array *a, char op, const Array *b, Array **out)
GONE(str_find, const Array *a, char what, const uint8_t *s, idx n, bool na, Array **out)
GONE(str_len, const Array *a, Array **out)
GONE(str_slice, const Array *a, idx start, idx stop, bool has_start, bool has_stop,
     Array **out)
GONE(str_case, const Array *a, char what, Array **out)
GONE(str_strip, const Array *a, char side, const uint8_t *chars, idx n, Array **out)
GONE(cast, const Array *a, DType dt, NullForm null, Unit unit, Array **out)
GONE(is_null, const Array *a, bool negate, Array **out)
GONE(fill_null_str, const Array *a, const uint8_t *s, idx n, Array **out)
GONE(cumulate, const Array *a, char what, const Array *init, Array **out)
__attribute__((weak)) void group_free(GroupTab *g) {}
__attribute__((weak)) idx group_count(const GroupTab *g)
{
    return 0;
}
