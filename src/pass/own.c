/* SPDX-License-Identifier: Apache-2.0
 * Releases columns after their last use. A value's last user, seen from the region that
 * defines it, is the node that uses it or that contains the use; an UNREF follows it.
 * Values that are handed on under another name (by a terminator or into a loop), and
 * the names they get, are left to the end of the call: one release must not free a
 * column that is still read by its other name.
 */
#include "base/base.h"

#include "pass/pass_int.h"

static bool counted(const Val *v)
{
    if ((v->type.kind != TY_COL && v->type.kind != TY_ARRAY) || !v->def) return false;
    return v->def->op != OP_IF && v->def->op != OP_LOOP && v->def->op != OP_FOR;
}

static bool hands_on(const Node *n)
{
    return op_is_terminator((Op)n->op) || n->op == OP_LOOP || n->op == OP_FOR;
}

static Node handed_on = {.op = OP_YIELD}; /* tmp of a value that is never released */

/* tmp of a value: its last user in the region of its definition. */
static void find_last(Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            find_last(n->region[i]);
        for (int i = 0; i < n->narg; i++) {
            Val *v = n->arg[i];
            if (!counted(v) || v->tmp == &handed_on) continue;
            if (hands_on(n)) {
                v->tmp = &handed_on;
                continue;
            }
            Node *user = n;
            while (user && user->parent != v->def->parent)
                user = user->parent->owner;
            v->tmp = user;
        }
        for (int i = 0; i < n->nres; i++)
            if (counted(&n->res[i]) && !n->res[i].tmp) n->res[i].tmp = n;
    }
}

/* The UNREF right behind n, made when there is none. */
static void release_after(Fn *fn, Node *n, Val *v)
{
    Node *u = n->next;
    if (!u || u->op != OP_UNREF) {
        u = node_new(fn, OP_UNREF, n->loc, 0, NULL, 0);
        node_insert_before(n->next, u);
    }
    Val **arg = ARENA_NEW_N(fn->arena, u->narg + 1, Val *);
    for (int i = 0; i < u->narg; i++)
        arg[i] = u->arg[i];
    arg[u->narg++] = v;
    u->arg = arg;
}

static void insert(Fn *fn, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            if (n->op != OP_MAP) insert(fn, n->region[i]);
        for (int i = 0; i < n->nres; i++) {
            Node *last = (Node *)n->res[i].tmp;
            if (!counted(&n->res[i]) || !last) continue;
            if (op_is_terminator((Op)last->op) || last->op == OP_UNREF) continue;
            release_after(fn, last, &n->res[i]);
        }
    }
}

void own_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    find_last(cx->fn->body);
    insert(cx->fn, cx->fn->body);
    pass_clear_tmp(cx->fn);
}
