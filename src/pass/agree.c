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

static void visit(void *data, Node *n)
{
    Fn *fn = (Fn *)data;
    if (n->op != OP_RETURN) return;
    Node *agree = node_new(fn, OP_AGREE, n->loc, 0, NULL, 0);
    node_insert_before(n, agree);
}

void agree_run(PassCx *cx)
{
    if (cx->needs_ranks) pass_walk(cx->fn->body, visit, cx->fn);
}
