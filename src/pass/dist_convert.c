/* SPDX-License-Identifier: Apache-2.0
 * Conversions after the distribution of axes is known. What is made of distributed rows
 * is distributed, whatever its uses want; where a use made an axis replicated (elements
 * read at any place, a loop's iteration that uses all of it), the rows are gathered
 * behind the node that makes them, and only from there on replicated. So one use does
 * not make everything before it replicated. Arguments that came as chunks are gathered
 * at the function's beginning.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "pass/dist_int.h"

/* GATHER of rows and columns, without the columns yet. */
static Node *gather_new(DistCx *d, const Node *like, Loc loc, int n, Val *const *in)
{
    Node *g = node_new(d->fn, OP_GATHER, loc, n, in, n);
    g->inlined_at = like ? like->inlined_at : -1;
    node_set_int(d->fn, g, "all", 1);
    node_set_int(d->fn, g, "quiet", 1);
    node_set_int(d->fn, g, "par", 1); /* also of rows without columns */
    for (int i = 0; i < n; i++) {
        g->res[i].type = in[i]->type;
        g->res[i].hint = in[i]->hint;
    }
    return g;
}

/* From now on `whole` are the values of axis a, `part` those of a new one of chunks:
 * part[0] is its number of rows. */
static Axis *part_from(DistCx *d, Axis *a, Node *g)
{
    Axis *chunks = axis_new(d->fn);
    chunks->dist = DIST_VAR;
    chunks->rows = g->arg[0];
    for (int i = 0; i < g->narg; i++) {
        Val *part = g->arg[i], *whole = &g->res[i];
        ir_replace(d->fn, part, whole);
        whole->axis = part->axis ? a : NULL;
        if (part->axis) part->axis = chunks;
    }
    a->rows = &g->res[0];
    return chunks;
}

/* ir_replace has rewritten the gathering itself too. */
static void restore_args(Node *g, Val *const *in)
{
    for (int i = 0; i < g->narg; i++)
        g->arg[i] = in[i];
}

/* An array that Python gave: all of it on every rank, and how many rows that are. The
 * rows of one of one dimension are asked of it behind the call. */
static void gather_given(DistCx *d, Node *call, Val *part, Axis *a)
{
    Fn *fn = d->fn;
    Val *rows = loop_axis_rows(a); /* also where nobody asked */
    Axis *chunks = axis_new(fn);
    Node *all = node_new(fn, OP_WHOLE, call->loc, 2, (Val *[]){rows, part}, 1);
    Node *len = node_new(fn, OP_LEN, call->loc, 1, &rows, 1);
    all->inlined_at = len->inlined_at = call->inlined_at;
    val_init(fn, &all->res[0], part->type, a);
    val_init(fn, &len->res[0], type_scalar(DT_I64), NULL);
    all->res[0].hint = part->hint;
    ir_replace(fn, part, &all->res[0]);
    ir_replace(fn, rows, &len->res[0]);
    if (rows->def != call) rows->def->arg[0] = part;
    node_insert_before(rows->def->next, all);
    node_insert_before(all->next, len);
    all->arg[0] = len->arg[0] = rows;
    all->arg[1] = part;
    chunks->dist = DIST_VAR;
    chunks->rows = rows;
    part->axis = chunks;
    if (rows->axis) rows->axis = chunks;
    a->rows = &len->res[0];
}

static void gather_results(DistCx *d, Node *n, Axis *a)
{
    for (int i = 0; i < n->nres; i++)
        if (n->res[i].type.kind == TY_ARRAY && pass_axis(d->fn, &n->res[i]) == a) {
            gather_given(d, n, &n->res[i], a);
            return;
        }
    Val **in = ARENA_NEW_N(d->fn->arena, n->nres + 1, Val *);
    int k = 0;
    for (int i = 0; i < n->nres; i++)
        if (pass_axis(d->fn, &n->res[i]) == a) in[k++] = &n->res[i];
    Node *g = gather_new(d, n, n->loc, k, in);
    node_insert_before(n->next, g);
    (void)part_from(d, a, g);
    restore_args(g, in);
}

static bool makes_rows(const Node *n)
{
    uint8_t rule = op_info[n->op].dist;
    return rule == DR_FILTER || rule == DR_SHUFFLE || rule == DR_JOIN ||
           rule == DR_CONCAT || n->op == OP_PYCALL;
}

static void visit(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    bool parts =
        n->op == OP_ROWSCAT ? d->kept->dist > DIST_REP : dist_widest(d, n) > DIST_REP;
    if (!makes_rows(n) || n->nres == 0 || !parts) return;
    for (int i = 0; i < n->nres; i++) {
        Axis *a = pass_axis(d->fn, &n->res[i]);
        if (a && a->dist == DIST_REP) gather_results(d, n, a);
    }
}

/* -- Arguments --------------------------------------------------------------------- */

/* Columns of a table's descriptor. */
static int leaves(DistCx *d, const Desc *desc, Val **in, int n)
{
    if (desc->kind == D_COL) in[n++] = &d->fn->body->param[desc->slot];
    for (int32_t i = 0; i < desc->nchild; i++)
        n = leaves(d, desc->child[i], in, n);
    return n;
}

static void set_axis(Desc *desc, Axis *a)
{
    if (desc->axis) desc->axis = a;
    for (int32_t i = 0; i < desc->nchild; i++)
        set_axis(desc->child[i], a);
}

static void gather_table(DistCx *d, Desc *desc, Axis *a)
{
    Fn *fn = d->fn;
    Val **in = ARENA_NEW_N(fn->arena, fn->body->nparam + 1, Val *);
    in[0] = &fn->body->param[desc->slot];
    int n = leaves(d, desc, in, 1);
    Node *g = gather_new(d, NULL, fn->body->first->loc, n, in);
    node_insert_before(fn->body->first, g);
    set_axis(desc, part_from(d, a, g));
    restore_args(g, in);
}

typedef struct Write {
    const Val *array;
    Node *hit;
} Write;

static void find_write(void *data, Node *n)
{
    Write *w = (Write *)data;
    if (!w->hit && op_info[n->op].effect == EF_WRITE && n->narg &&
        val_memory(n->arg[0]) == w->array)
        w->hit = n;
}

static Node *put_before(DistCx *d, Node *first, Op op, Val *const *in, int n, Type t)
{
    Node *x = node_new(d->fn, op, first->loc, n, in, 1);
    x->inlined_at = -1;
    x->res[0].type = t;
    node_insert_before(first, x);
    return x;
}

/* All elements of an array of more dimensions, which are `flat` on this rank, as a
 * column of an axis of their own: gathered. */
static Val *gather_flat(DistCx *d, Node *first, Val *flat, Val *array)
{
    Node *col =
        put_before(d, first, OP_TOCOL, &array, 1, type_with(array->type, TY_COL));
    Val *in[] = {flat, &col->res[0]};
    Axis *part = axis_new(d->fn), *whole = axis_new(d->fn);
    Node *g = gather_new(d, NULL, first->loc, 2, in);
    node_insert_before(first, g);
    part->dist = DIST_VAR;
    part->rows = flat;
    col->res[0].axis = part;
    whole->dist = DIST_REP;
    whole->rows = &g->res[0];
    g->res[1].axis = whole;
    return &g->res[1];
}

/* The other dimensions of a chunk of an array come from every rank alike. */
static void gather_nd(DistCx *d, Desc *desc, Axis *a, Node *first)
{
    Fn *fn = d->fn;
    Val *array = &fn->body->param[desc->slot], *rows = a->rows, *flat = rows;
    Node *by = NULL;
    for (int k = 1; k < desc->type.ndim; k++) {
        Val *in[] = {flat, &fn->body->param[desc->child[k]->slot]};
        Node *mul = put_before(d, first, OP_MUL, in, 2, type_scalar(DT_I64));
        if (!by) by = mul;
        flat = &mul->res[0];
    }
    Val *all = gather_flat(d, first, flat, array);
    Node *g = put_before(d, first, OP_LEN, &rows, 1, type_scalar(DT_I64));
    Node *back = put_before(d, first, OP_TOARRAY, &all, 1, array->type);
    back->res[0].axis = a;
    ir_replace(fn, array, &back->res[0]);
    all->def->arg[1]->def->arg[0] = array;
    desc->axis = array->axis = part_from(d, a, g);
    restore_args(g, &rows);
    rows->axis =
        desc->axis; /* also of axes that became `a` it was the number of rows */
    by->arg[0] = rows;
}

/* An array is gathered as the column it is; what is written to the copy would be lost.
 */
static void gather_array(DistCx *d, Desc *desc, Axis *a)
{
    Fn *fn = d->fn;
    Val *array = &fn->body->param[desc->slot], *rows = a->rows;
    Write w = {array, NULL};
    pass_walk(fn->body, find_write, &w);
    if (w.hit)
        ir_throw(
            fn, E_DIST, w.hit->loc,
            "each rank has its chunk of this array, and elements are written at any "
            "place of it: write A[i] at the index of a prange, or pass all of it");
    Node *first =
        rows->def && rows->def->parent == fn->body ? rows->def->next : fn->body->first;
    int nd = desc->nchild ? desc->type.ndim : 1;
    if (desc->nchild > nd)
        ir_throw(fn, E_DIST, first->loc,
                 "each rank has its chunk of this array, which is a view with strides, "
                 "and all of it is needed at one place: pass a copy of it, A.copy()");
    if (nd > 1) {
        gather_nd(d, desc, a, first);
        return;
    }
    Node *col = node_new(fn, OP_TOCOL, first->loc, 1, &array, 1);
    col->inlined_at = -1;
    col->res[0].type = type_with(array->type, TY_COL);
    node_insert_before(first, col);
    Val *in[] = {rows, &col->res[0]};
    col->res[0].axis = a;
    Node *g = gather_new(d, NULL, first->loc, 2, in);
    node_insert_before(first, g);
    Node *back = node_new(fn, OP_TOARRAY, first->loc, 1, (Val *[]){&g->res[1]}, 1);
    back->inlined_at = -1;
    back->res[0].type = array->type;
    back->res[0].axis = a;
    node_insert_before(first, back);
    ir_replace(fn, array, &back->res[0]);
    col->arg[0] = array;
    if (rows->def) rows->def->arg[0] = array;
    desc->axis = array->axis = part_from(d, a, g);
    restore_args(g, in);
}

static void gather_args(DistCx *d, Desc *desc)
{
    if (desc->kind == D_OBJ) return; /* the host gathers its rows */
    bool chunk = desc->dist > DIST_REP && desc->axis;
    Axis *a = chunk ? axis_get(desc->axis) : NULL;
    if (a && a->dist == DIST_REP) {
        if (desc->kind == D_ARRAY)
            gather_array(d, desc, a);
        else
            gather_table(d, desc, a);
    }
    for (int32_t i = 0; i < desc->nchild && !chunk; i++)
        gather_args(d, desc->child[i]);
}

void convert_run(DistCx *d)
{
    for (idx i = 0; i < d->fn->nin; i++)
        gather_args(d, d->fn->in[i]);
    pass_walk(d->fn->body, visit, d);
}
