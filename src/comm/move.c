/* SPDX-License-Identifier: Apache-2.0
 * Rows by the caller's own plan. It is checked against the table: a plan comes from
 * outside of the compiler.
 */
#include "comm/comm_int.h"

static Status check_plan(Cx *cx, const Table *in, const RowPlan *plan)
{
    idx most = plan->pos ? plan->npos : in->n;
    for (int r = 0; r < cx->comm->size; r++) {
        idx first = plan->first[r], n = plan->count[r];
        bool inside = first >= 0 && n >= 0 && first <= most - n;
        for (idx i = 0; inside && plan->pos && i < n; i++)
            inside = plan->pos[first + i] >= 0 && plan->pos[first + i] < in->n;
        inside &= !plan->overlap || (first == plan->first[0] && n == plan->count[0]);
        if (!inside)
            return fail(cx, E_INTERNAL, "a plan for rank %d names rows beyond %lld", r,
                        (long long)in->n);
    }
    return OK;
}

Status move_rows(Cx *cx, const Table *in, const RowPlan *plan, Table *out)
{
    Exchange x = {.kind = CK_MOVE, .in = in, .overlap = plan->overlap};
    if (!cx->err.code) AGREED_LATER(check_plan(cx, in, plan));
    x.pos = plan->pos;
    x.first = plan->first;
    x.count = plan->count;
    return exchange_run(cx, &x, out);
}
