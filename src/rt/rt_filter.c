/* SPDX-License-Identifier: Apache-2.0
 * Rows where a mask is true.
 */
#include "rt/rt_int.h"

/* mask, col.. -> rows, col.. */
Status rt_filter(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    Table t, kept = {0};
    (void)nout;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].a->n, &t));
    TRY(filter(cx, &t, in[0].a, &kept));
    out[0].i = kept.n;
    Status st = rt_out_table(cx, at, 1, out + 1, &kept, 0, nin - 1);
    table_clear(&kept);
    return st;
}
