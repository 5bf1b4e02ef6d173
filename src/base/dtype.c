/* SPDX-License-Identifier: Apache-2.0
 * The table of element types and the units of times.
 */
#include "base/dtype.h"

const struct DTypeInfo dtype_info[DT_COUNT] = {
#define DTYPE(id, text, ctype, bytes, arrow, numpy)                                    \
    [DT_##id] = {text, bytes, arrow, numpy},
#include "base/dtype.def"
#undef DTYPE
};

#define DTYPE(id, text, ctype, bytes, arrow, numpy)                                    \
    _Static_assert(sizeof(ctype) == (bytes), "size of " text);
#include "base/dtype.def"
#undef DTYPE

int64_t unit_per_second(Unit u)
{
    static const int64_t per_second[] = {0, 1, 1000, 1000000, 1000000000};
    return per_second[u];
}

const char *unit_text(Unit u)
{
    static const char *const text[] = {"", "s", "ms", "us", "ns", "bytes"};
    return text[u];
}
