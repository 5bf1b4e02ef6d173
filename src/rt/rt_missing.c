/* SPDX-License-Identifier: Apache-2.0
 * Rows of calls.def that nobody has written yet. They fail with a clear error. A row is
 * taken out of the list when its rt_*.c file comes; the list must end empty.
 */
#include "rt/rt.h"

#define MISSING(name)                                                                  \
    int32_t rt_##name(Cx *cx, const Attrs *at, int64_t nin, const Slot *in,            \
                      int64_t nout, Slot *out)                                         \
    {                                                                                  \
        (void)at, (void)nin, (void)in, (void)nout, (void)out;                          \
        return fail(cx, E_INTERNAL, "the runtime has no '" #name "' yet");             \
    }

MISSING(len)
MISSING(rows)
MISSING(split)
MISSING(rownum)
MISSING(fill)
MISSING(axis)
MISSING(align)
MISSING(slice)
MISSING(getrow)
MISSING(toarray)
MISSING(tocol)
MISSING(read)
MISSING(write)
MISSING(print)
MISSING(concat)
MISSING(allreduce)
MISSING(agree)
MISSING(rebalance)
MISSING(gather)
MISSING(scatter)
MISSING(rank)
MISSING(size)
MISSING(barrier)
MISSING(filter)
MISSING(groupby)
MISSING(groupcode)
MISSING(join)
MISSING(sort)
MISSING(topn)
MISSING(head)
MISSING(dedup)
MISSING(duplicated)
MISSING(isin)
MISSING(cumulate)
MISSING(shift)
MISSING(reduce)
MISSING(quantile)
MISSING(strcmp)
MISSING(strfind)
MISSING(strlen)
MISSING(strcase)
MISSING(strstrip)
MISSING(strslice)
MISSING(strnull)
MISSING(strfill)
MISSING(strconcat)
MISSING(mkdict)
MISSING(convert)
MISSING(todatetime)
