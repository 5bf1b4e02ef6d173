/* SPDX-License-Identifier: Apache-2.0
 * Where ranks agree on failure. Every collective of comm/ begins with an agreement, so
 * a rank whose local step failed calls comm_agree once (rt_fail does) and meets its
 * peers at the start of their next collective. What is left is the function's end: a
 * function that runs on ranks agrees before it returns, so that a failure after the
 * last collective reaches all. Conditions above collectives are uniform
 * (pass/uniform.c), so peers reach the same point.
 */
#include "base/base.h"

#include "pass/pass_int.h"

static void agree_before(Fn *fn, Node *n)
{
    Node *agree = node_new(fn, OP_AGREE, n->loc, 0, NULL, 0);
    agree->inlined_at = n->inlined_at;
    node_insert_before(n, agree);
}

/* The body of a try that all ranks reach together (pass/uniform.c has marked it): where
 * it ends they agree, and so does whoever fails in it, so that all enter the handler
 * or none. */
static void visit(void *data, Node *n)
{
    Fn *fn = (Fn *)data;
    if (n->op == OP_RETURN) agree_before(fn, n);
    if (n->op != OP_TRY || !node_int(n, "agree", 0)) return;
    agree_before(fn, n); /* what failed before is none of the handler's business */
    Node *last = n->region[0]->last;
    if (last->op == OP_YIELD) agree_before(fn, last);
}

void agree_run(PassCx *cx)
{
    if (cx->needs_ranks) pass_walk(cx->fn->body, visit, cx->fn);
}
