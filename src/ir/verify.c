/* SPDX-License-Identifier: Apache-2.0
 * Rules that every pass must keep; run between passes in debug builds and after
 * parsing.
 *
 *   - a value is defined before its use, in the same region or one around it
 *   - a region ends in exactly one terminator, and has none before its end
 *   - yield gives as many values as its owner has results, of the same types
 *   - continue and break fit the loop they name
 *   - columns have an axis; objects are lists, dicts or sets
 *   - the column arguments and results of a DR_MAP op stand on one axis
 */
#include "base/base.h"

#include "ir/ir.h"

#include <stdlib.h>

static void broken(Fn *fn, const Node *n, const char *rule)
{
    Arena *a = arena_new();
    char *text = ir_print(fn, a);
    BUG("IR rule broken: %s, at %s of line %d in\n%s", rule, op_info[n->op].id,
        n->loc.line, text);
}

/* Marks visible values by Val.tmp = fn while their region is open. */
static void open_val(Fn *fn, Val *v, const Node *n)
{
    if (v->type.kind == TY_COL && !v->axis) broken(fn, n, "a column has an axis");
    if (v->type.kind == TY_OBJ && !comp_is_object(fn, v->type))
        broken(fn, n, "an object is a list, dict or set");
    v->tmp = fn;
}

static Node *loop_at(const Node *n, int64_t depth)
{
    for (Node *o = n->parent->owner; o; o = o->parent->owner) {
        if (o->op != OP_LOOP && o->op != OP_FOR && o->op != OP_MAP) continue;
        if (depth-- == 0) return o;
    }
    return NULL;
}

/* All text has one form in registers, also text that is never missing. */
static bool is_text(Type t)
{
    return t.kind == TY_SCALAR && t.dt == DT_STR;
}

static void verify_terminator(Fn *fn, Node *n)
{
    Node *owner = n->parent->owner;
    if (n->op == OP_YIELD) {
        bool nest = owner && (owner->op == OP_MAP || owner->op == OP_NDMAP ||
                              owner->op == OP_NDSTORE);
        if (!owner || (owner->op != OP_IF && owner->op != OP_TRY && !nest))
            broken(fn, n, "yield stands in an if, a try or a map");
        if (nest) return;
        if (n->narg != owner->nres) broken(fn, n, "yield gives each result");
        for (int i = 0; i < n->narg; i++)
            if (!type_eq(n->arg[i]->type, owner->res[i].type) &&
                !(is_text(n->arg[i]->type) && is_text(owner->res[i].type)))
                broken(fn, n, "yield keeps the results' types");
    } else if (n->op == OP_BREAK || n->op == OP_CONTINUE) {
        Node *loop = loop_at(n, node_int(n, "depth", 0));
        if (!loop) broken(fn, n, "break and continue stand in a loop");
        int carried = n->op == OP_BREAK || loop->op != OP_LOOP
                          ? loop->nres
                          : loop->region[0]->nparam;
        if (n->narg != carried) broken(fn, n, "break and continue carry each value");
    }
}

static void verify_axes(Fn *fn, Node *n)
{
    if (op_info[n->op].dist != DR_MAP) return;
    Axis *axis = NULL;
    for (int i = 0; i < n->narg + n->nres; i++) {
        Val *v = i < n->narg ? n->arg[i] : &n->res[i - n->narg];
        if (v->type.kind != TY_COL) continue;
        if (!axis) axis = axis_get(v->axis);
        if (axis != axis_get(v->axis)) broken(fn, n, "one axis of an element-wise op");
    }
}

/* Passes keep what they know of axes by id. */
static void verify_owner(Fn *fn, const Node *n, const Val *v)
{
    for (const Axis *a = v->axis; a; a = a->merged)
        if (a->id >= fn->axes.n || fn->axes.at[a->id] != a)
            broken(fn, n, "a value's axis is one of its function");
}

static void verify_region(Fn *fn, Region *r)
{
    Node dummy = {.op = OP_CONST};
    for (int i = 0; i < r->nparam; i++) {
        verify_owner(fn, &dummy, &r->param[i]);
        open_val(fn, &r->param[i], &dummy);
    }
    node_each (n, r) {
        for (int i = 0; i < n->narg; i++)
            if (n->arg[i]->tmp != fn) broken(fn, n, "values are defined before use");
        for (int i = 0; i < n->nregion; i++)
            verify_region(fn, n->region[i]);
        if (op_is_terminator((Op)n->op) != (n == r->last))
            broken(fn, n, "a region ends in its one terminator");
        if (n == r->last) verify_terminator(fn, n);
        verify_axes(fn, n);
        for (int i = 0; i < n->nres; i++) {
            verify_owner(fn, n, &n->res[i]);
            open_val(fn, &n->res[i], n);
        }
    }
    if (!r->last) broken(fn, &dummy, "a region is not empty");
    /* Close: a value is not seen outside its region. */
    for (int i = 0; i < r->nparam; i++)
        r->param[i].tmp = NULL;
    node_each (n, r)
        for (int i = 0; i < n->nres; i++)
            n->res[i].tmp = NULL;
}

void ir_verify(Fn *fn)
{
    verify_region(fn, fn->body);
    vec_each (i, &fn->subs)
        ir_verify(fn->subs.at[i]);
}
