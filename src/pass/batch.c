/* SPDX-License-Identifier: Apache-2.0
 * Work on a file's rows as they come. What is done to the rows of a Parquet file one by
 * one (element-wise loops, text functions, filters) moves into a loop that reads batch
 * by batch: there the rows are still in the cache, and rows that a filter drops never
 * take room. What other nodes use is collected and has the old axis behind the loop:
 *
 *   r, x = READ path              p = READER; c = COLLECT p
 *   m = MAP x                     LOOP { r', x' = READNEXT p, path; m' = MAP x'
 *   q, y = FILTER m, x      =>           q', y' = FILTER m', x'
 *   ... uses of y                        COLLECTADD c, q', y'; break if r' is 0 }
 *                                 q, y = COLLECTED c
 *
 * The last batch has no rows: it gives every column its type. A file is only read so
 * where there is a filter. Integers that become floats when one of them is missing
 * anywhere ("int64?") need all rows and stay outside, so do files with such columns.
 *
 * Runs after fuse, on MAPs, and before own. The loop holds nothing collective: ranks
 * go through it as often as they have batches.
 */
#include "base/base.h"

#include "pass/pass_int.h"

#include <string.h>

enum { BEFORE, AFTER, HOISTED, MEMBER }; /* Node.mark, seen from the read */

/* One axis of the members: the rows of the file, or of a filter. */
typedef struct Rows {
    Axis *axis, *batch; /* of all rows; of those in a batch */
    Val *count;         /* of all rows, as a node's result */
    VEC(Val *) kept;    /* columns that are used behind the loop */
    Val *place;         /* where they are collected; NULL: nothing is used */
} Rows;

typedef struct Batch {
    Fn *fn;
    Node *read;
    VEC(Node *) member;  /* in order, the read first */
    VEC(Node *) hoisted; /* scalars that members use: they move before the read */
    VEC(Rows *) rows;
    bool filters;
} Batch;

/* -- What runs batch by batch ------------------------------------------------------ */

static bool is_batched(const Node *n)
{
    const char *format = node_text(n, "format");
    if (n->op != OP_READ || !format || strcmp(format, "parquet") || n->nres < 2)
        return false;
    for (int i = 1; i < n->nres; i++)
        if (n->res[i].type.null == NULL_PROM) return false;
    return node_int(n, "limit", -1) < 0;
}

/* Whether a row of the results depends on that row of the arguments alone. */
static bool is_row_wise(const Node *n)
{
    if (n->op == OP_FILTER) return true;
    for (int i = 0; i < n->nres; i++)
        if (!val_is_col(&n->res[i]) || n->res[i].type.null == NULL_PROM) return false;
    if (n->op == OP_MAP) return node_is_pure(n) && !node_int(n, "mask", 0);
    /* The form of a column's text is found in its rows. */
    if (n->op == OP_CONVERT || n->op == OP_TODATETIME) return false;
    return op_info[n->op].dist == DR_MAP && op_info[n->op].lower == LW_CALL &&
           op_info[n->op].effect == EF_PURE;
}

static Rows *rows_of(const Batch *s, Axis *a)
{
    vec_each (i, &s->rows)
        if (s->rows.at[i]->axis == axis_get(a)) return s->rows.at[i];
    return NULL;
}

/* Known before the read, or can be. */
static bool is_ready(const Val *v)
{
    return !v->def || v->def->mark == BEFORE || v->def->mark == HOISTED;
}

static bool is_member(const Batch *s, const Node *n)
{
    bool rows = false;
    if (!is_row_wise(n)) return false;
    for (int i = 0; i < n->narg; i++) {
        const Val *v = n->arg[i];
        bool here = v->def && v->def->mark == MEMBER;
        if (!here && (val_is_col(v) || !is_ready(v))) return false;
        if (val_is_col(v) && !rows_of(s, v->axis)) return false;
        rows |= val_is_col(v);
    }
    return rows;
}

static bool is_scalar(const Node *n)
{
    if (n->nregion || n->nres != 1 || n->res[0].type.kind != TY_SCALAR) return false;
    if (n->op != OP_CONST &&
        (op_info[n->op].lower != LW_LOOP || op_info[n->op].effect != EF_PURE))
        return false;
    for (int i = 0; i < n->narg; i++)
        if (!is_ready(n->arg[i])) return false;
    return true;
}

/* What happens there can be seen: work that may fail does not move in front of it. */
static bool is_seen(const Node *n)
{
    uint8_t e = op_info[n->op].effect;
    if (n->op == OP_READ) return false;
    return e == EF_IO || e == EF_WRITE || (e == EF_CTRL && !node_is_pure(n));
}

static void add_member(Batch *s, Node *n)
{
    n->mark = MEMBER;
    vec_push(s->fn->arena, &s->member, n);
    if (n->op == OP_FILTER) s->filters = true;
    if (n->op != OP_FILTER && n->op != OP_READ) return;
    Axis *a = pass_axis(s->fn, &n->res[0]);
    if (!a && n->nres > 1) a = axis_get(n->res[1].axis);
    if (!a) return;
    Rows *r = ARENA_NEW(s->fn->arena, Rows);
    r->axis = a;
    r->count = &n->res[0]; /* the axis may name none: its rows are gathered */
    vec_push(s->fn->arena, &s->rows, r);
}

static void find_members(Batch *s)
{
    add_member(s, s->read);
    for (Node *n = s->read->next; n && !is_seen(n); n = n->next) {
        if (is_member(s, n)) {
            add_member(s, n);
        } else if (is_scalar(n)) {
            n->mark = HOISTED;
            vec_push(s->fn->arena, &s->hoisted, n);
        }
    }
}

/* -- The loop ---------------------------------------------------------------------- */

/* A member in the loop: results on the batch's axes. */
static void into_loop(Batch *s, Region *body, Node *n, Node *copy)
{
    for (int i = 0; i < n->nres; i++) {
        Val *v = &copy->res[i];
        v->type = n->res[i].type;
        v->hint = n->res[i].hint;
        n->res[i].tmp = v;
        if (n->res[i].axis) v->axis = rows_of(s, n->res[i].axis)->batch;
        vec_each (k, &s->rows)
            if (s->rows.at[k]->count == &n->res[i]) s->rows.at[k]->batch->rows = v;
    }
    node_append(body, copy);
}

static Node *read_next(Batch *s, Region *body, Val *reader)
{
    Node *r = s->read;
    Node *n =
        node_new(s->fn, OP_READNEXT, r->loc, 2, (Val *[]){reader, r->arg[0]}, r->nres);
    n->inlined_at = r->inlined_at;
    n->attr = r->attr;
    into_loop(s, body, r, n);
    return n;
}

static Node *before(Batch *s, Op op, int narg, Val *const *arg, int nres)
{
    Node *n = node_new(s->fn, op, s->read->loc, narg, arg, nres);
    n->inlined_at = s->read->inlined_at;
    node_insert_before(s->read, n);
    return n;
}

static Val *place(Batch *s, Op op, Val *of)
{
    Node *n = before(s, op, of ? 1 : 0, &of, 1);
    n->res[0].type = type_scalar(DT_I64);
    return &n->res[0];
}

static void leave_when_empty(Batch *s, Region *body, Val *rows)
{
    Fn *fn = s->fn;
    Loc loc = {0}; /* not the user's, so explain() is silent about it */
    Val *zero = ir_const_int(fn, body, loc, type_scalar(DT_I64), 0);
    Val *end = ir_emit1(fn, body, OP_EQ, loc, 2, (Val *[]){rows, zero},
                        type_scalar(DT_BOOL), NULL);
    Node *branch = node_new(fn, OP_IF, loc, 1, &end, 0);
    node_append(node_add_region(fn, branch, 0),
                node_new(fn, OP_BREAK, loc, 0, NULL, 0));
    node_append(node_add_region(fn, branch, 0),
                node_new(fn, OP_YIELD, loc, 0, NULL, 0));
    node_append(body, branch);
    node_append(body, node_new(fn, OP_CONTINUE, loc, 0, NULL, 0));
}

/* -- What is used behind it -------------------------------------------------------- */

static int inner_uses(const Batch *s, const Val *v)
{
    int k = 0;
    vec_each (m, &s->member)
        for (int i = 0; i < s->member.at[m]->narg; i++)
            k += s->member.at[m]->arg[i] == v;
    return k;
}

/* What of r is used behind the loop. */
static void find_kept(Batch *s, Rows *r, Val *reader)
{
    Fn *fn = s->fn;
    r->batch = axis_new(fn);
    r->batch->dist = r->axis->dist;
    vec_each (m, &s->member) {
        Node *n = s->member.at[m];
        for (int i = 0; i < n->nres; i++) {
            Val *v = &n->res[i];
            if (!val_is_col(v) || axis_get(v->axis) != r->axis) continue;
            if (v->nuse > inner_uses(s, v)) vec_push(fn->arena, &r->kept, v);
        }
    }
    if (r->kept.n || (r->count && r->count->nuse > inner_uses(s, r->count)))
        r->place = place(s, OP_COLLECT, reader);
}

static void collect(Batch *s, Region *body, const Rows *r)
{
    Val **arg = ARENA_NEW_N(s->fn->arena, 2 + r->kept.n, Val *);
    arg[0] = r->place;
    arg[1] = (Val *)r->count->tmp;
    vec_each (i, &r->kept)
        arg[2 + i] = (Val *)r->kept.at[i]->tmp;
    node_append(
        body, node_new(s->fn, OP_COLLECTADD, s->read->loc, (int)r->kept.n + 2, arg, 0));
}

static void collected(Batch *s, Rows *r)
{
    Fn *fn = s->fn;
    Node *n = before(s, OP_COLLECTED, 1, &r->place, (int)r->kept.n + 1);
    n->res[0].type = r->count->type;
    node_set_int(fn, n, "batch", 1);
    ir_replace(fn, r->count, &n->res[0]);
    vec_each (i, &r->kept) {
        Val *v = &n->res[1 + i], *old = r->kept.at[i];
        v->type = old->type;
        v->axis = r->axis;
        v->hint = old->hint;
        ir_replace(fn, old, v);
    }
}

static void make_loop(Batch *s, Val *reader)
{
    Fn *fn = s->fn;
    Node *loop = before(s, OP_LOOP, 0, NULL, 0);
    Region *body = node_add_region(fn, loop, 0);
    pass_clear_tmp(fn);
    Node *next = read_next(s, body, reader);
    for (idx m = 1; m < s->member.n; m++) {
        Node *copy = node_copy(fn, s->member.at[m]);
        node_set_int(fn, copy, "par", 0);
        into_loop(s, body, s->member.at[m], copy);
    }
    vec_each (i, &s->rows)
        if (s->rows.at[i]->place) collect(s, body, s->rows.at[i]);
    leave_when_empty(s, body, &next->res[0]);
    pass_clear_tmp(fn);
}

static void apply(Batch *s)
{
    vec_each (i, &s->hoisted) {
        node_remove(s->hoisted.at[i]);
        node_insert_before(s->read, s->hoisted.at[i]);
    }
    ir_count_uses(s->fn);
    Val *reader = place(s, OP_READER, NULL);
    vec_each (i, &s->rows)
        find_kept(s, s->rows.at[i], reader);
    make_loop(s, reader);
    for (idx m = 1; m < s->member.n; m++)
        node_remove(s->member.at[m]);
    vec_each (i, &s->rows)
        if (s->rows.at[i]->place) collected(s, s->rows.at[i]);
    node_remove(s->read);
}

static void unmark(void *data, Node *n)
{
    (void)data;
    n->mark = AFTER;
}

/* Nodes in front of n, here and in the regions around it. */
static void mark_before(const Node *n)
{
    for (Node *p = n->prev; p; p = p->prev)
        p->mark = BEFORE;
    if (n->parent->owner) mark_before(n->parent->owner);
}

static void batch_region(Fn *fn, Region *r)
{
    for (Node *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregion; i++)
            if (n->op != OP_MAP) batch_region(fn, n->region[i]);
        if (!is_batched(n)) continue;
        Batch s = {.fn = fn, .read = n};
        pass_walk(fn->body, unmark, NULL);
        mark_before(n);
        find_members(&s);
        if (!s.filters) continue;
        while (next && next->mark >= HOISTED)
            next = next->next;
        apply(&s);
    }
}

void batch_run(PassCx *cx)
{
    batch_region(cx->fn, cx->fn->body);
    pass_clear_tmp(cx->fn);
}
