/* SPDX-License-Identifier: Apache-2.0
 * Parallel loops over ranks. An outermost prange is divided: each rank runs a part of
 * the iterations, and what they reduce is combined behind the loop.
 *
 * The rows of arrays decide which part. When the loop reads or writes elements A[i] of
 * an array at its own index, iteration i belongs to the rank that has row i of the
 * loop's axis, that of the array it writes (else reads) there. Then
 *
 *   A[i]      on that axis     local
 *   A[i + c]  read             local; near the edges in a window (dist_halo.c)
 *   A[x[i]]   read             rows that are asked for before the loop, of A's owners
 *   anything else, read        A is gathered before the loop where it stands on the
 *                              axis that the loop writes (dist_whole.c), else
 * replicated anything else, written     the loop is not divided: all ranks run all of
 * it
 *
 * An access is an element, or a view of one row (A[i, :]) that some node works on.
 *
 * A loop that touches no such array is divided by the block rule (SPLIT). Inside of a
 * divided loop nothing communicates: other axes that it uses, and those made in it, are
 * replicated.
 *
 * Single elements, read or written outside of loops and branches, are asked of the rank
 * that has the row, or written by it (GETROW, PUTROW).
 *
 * Numbers below 0 stand for rows from the end, as in Python: a loop that may begin
 * there has two parts (WRAP), and its accesses beside the index are those at any place.
 *
 * In a loop divided by rows the loop's variable counts the rows of this rank from 0, so
 * that accesses stay plain; what else reads the index gets it with the first row added.
 */
#include "base/base.h"

#include "pass/dist_int.h"

#include <string.h>

/* -- Finding ----------------------------------------------------------------------- */

static bool is_parallel(const Node *n)
{
    return n->op == OP_FOR && node_int(n, "parallel", 0);
}

static bool is_access(const Node *n)
{
    return n->op == OP_AGET || n->op == OP_ASET;
}

bool loop_is_inside(const Val *v, const Region *r)
{
    for (const Region *at = v->def ? v->def->parent : v->region; at;
         at = at->owner ? at->owner->parent : NULL)
        if (at == r) return true;
    return false;
}

static bool const_int(const Val *v, int64_t *k)
{
    while (v->def && v->def->op == OP_CAST && dt_is_int((DType)v->type.dt))
        v = v->def->arg[0];
    if (!v->def || v->def->op != OP_CONST || !dt_is_int((DType)v->type.dt))
        return false;
    *k = node_int(v->def, "v", 0);
    return true;
}

/* v is the loop's index plus a constant. */
static bool is_index(const Val *v, const Val *index, int64_t *off)
{
    *off = 0;
    if (v == index) return true;
    const Node *n = v->def;
    if (!n || v->type.dt != DT_I64) return false;
    if (n->op == OP_CAST) return is_index(n->arg[0], index, off);
    if (n->op != OP_ADD && n->op != OP_SUB) return false;
    int64_t k;
    bool right = n->op == OP_ADD && const_int(n->arg[0], &k);
    if (!right && !const_int(n->arg[1], &k)) return false;
    if (!is_index(n->arg[right], index, off)) return false;
    *off += n->op == OP_SUB ? -k : k;
    return *off > -(1 << 20) && *off < 1 << 20;
}

/* Elements of which a window can be made: those that are their bytes and no more. */
static bool is_plain(Type t)
{
    return t.dt != DT_STR &&
           (t.null == null_default((DType)t.dt) || t.null == NULL_NAN);
}

/* The element of an array of integers, at the loop's index, that v is. */
static Node *index_by(const Val *v, const Val *index)
{
    int64_t off;
    while (v->def && v->def->op == OP_CAST && dt_is_int((DType)v->type.dt))
        v = v->def->arg[0];
    Node *n = v->def;
    bool element = n && n->op == OP_AGET && !node_attr(n, "nd") && n->arg[0]->axis &&
                   dt_is_int((DType)v->type.dt) && is_plain(n->arg[0]->type);
    return element && is_index(n->arg[1], index, &off) && off == 0 ? n : NULL;
}

/* a is at the index of the iteration plus a.off. Of a loop that begins below 0 only the
 * rows at the index itself are known to be this rank's. */
static bool is_near(const ParLoop *l, const Val *v, Access *a)
{
    if (!is_index(v, &l->node->region[0]->param[0], &a->off)) return false;
    return l->from != FROM_END || a->off == 0;
}

static void add_access(DistCx *d, ParLoop *l, Node *n)
{
    Region *body = l->node->region[0];
    if (loop_is_inside(n->arg[0], body)) return;
    Access a = {.node = n, .write = n->op == OP_ASET};
    bool nd = node_attr(n, "nd") != NULL, rows = !nd || node_int(n, "rows", 0);
    a.aligned = n->arg[0]->axis && rows && is_near(l, n->arg[1], &a) &&
                (a.off == 0 || is_plain(n->arg[0]->type));
    if (!a.aligned && !a.write && rows && is_plain(n->arg[0]->type))
        a.by = index_by(n->arg[1], &body->param[0]);
    vec_push(d->fn->arena, &l->access, a);
}

/* v is where a row of the axis begins, or lies behind it: position * stride, a number
 * added. */
static Node *row_position(DistCx *d, const ParLoop *l, const Val *v, Access *a)
{
    Node *n = v->def;
    if (!n) return NULL;
    if (n->op == OP_NDINDEX) {
        const Axis *axis = axis_get(a->node->arg[a->at]->axis);
        if (pass_axis(d->fn, n->arg[1]) != axis) return NULL;
        a->aligned = is_near(l, n->arg[0], a);
        if (!a->aligned) a->by = index_by(n->arg[0], &l->node->region[0]->param[0]);
        return a->aligned || a->by ? n : NULL;
    }
    if (n->op != OP_MUL && n->op != OP_ADD) return NULL;
    Node *p = row_position(d, l, n->arg[0], a);
    return p ? p : row_position(d, l, n->arg[1], a);
}

/* The arguments of n are views: a buffer, where it begins in it, strides, lengths. */
static bool takes_views(const Node *n)
{
    return node_attr(n, "nd") || n->op == OP_MATMUL || n->op == OP_LINALG;
}

/* Argument k of n is a buffer and the next one where a row of it begins, which is all
 * that n sees of it. */
static bool add_view(DistCx *d, ParLoop *l, Node *n, int k)
{
    Region *body = l->node->region[0];
    Val *array = n->arg[k];
    if (array->type.kind != TY_ARRAY || k + 1 >= n->narg || !takes_views(n) ||
        loop_is_inside(array, body) || !is_plain(array->type))
        return false;
    Access a = {.node = n, .at = k, .view = true};
    if (!array->axis) return false;
    a.position = row_position(d, l, n->arg[k + 1], &a);
    if (!a.position) return false;
    a.write = k == 0 && op_info[n->op].effect == EF_WRITE;
    vec_push(d->fn->arena, &l->access, a);
    return true;
}

bool loops_own(const DistCx *d, const Node *n, int k)
{
    for (const ParLoop *l = d->loops; l; l = l->next)
        vec_each (i, &l->access) {
            const Access *a = &l->access.at[i];
            if (a->view && a->node == n && a->at == k) return true;
        }
    return false;
}

/* A rank's own array to add to. */
static bool is_partial(const ParLoop *l, const Val *array)
{
    vec_each (i, &l->reduced)
        if (l->reduced.at[i].partial == array) return true;
    return false;
}

/* What may stand in a loop that ranks run parts of. */
static bool may_divide(const DistCx *d, const ParLoop *l, const Node *n)
{
    const Region *body = l->node->region[0];
    switch ((Effect)op_info[n->op].effect) {
    case EF_WRITE:
        return n->op == OP_ASET || loop_is_inside(n->arg[0], body) ||
               loops_own(d, n, 0) || is_partial(l, n->arg[0]);
    case EF_IO:
        return n->op == OP_CALLFN || n->op == OP_PRINT || n->op == OP_VARSET ||
               n->op == OP_VARGET || n->op == OP_PYCALL || n->op == OP_READ ||
               n->op == OP_COLLECTADD || n->op == OP_NDFIT || n->op == OP_NDCHECK;
    default: return true;
    }
}

/* A number of rows from outside is asked for before the loop. */
static bool hoist_length(ParLoop *l, Node *n)
{
    if (n->op != OP_LEN || loop_is_inside(n->arg[0], l->node->region[0])) return false;
    node_remove(n);
    node_insert_before(l->node, n);
    return true;
}

typedef struct Made {
    ParLoop *loop;
    Fn *fn;
    const Val *place;
} Made;

static void find_made(void *data, Node *n)
{
    Made *m = (Made *)data;
    if (n->op == OP_COLLECTED && n->arg[0] == m->place)
        vec_push(m->fn->arena, &m->loop->made, pass_axis(m->fn, &n->res[0]));
}

static void add_made(DistCx *d, ParLoop *l, const Node *n)
{
    if (n->op != OP_COLLECTADD || loop_is_inside(n->arg[0], l->node->region[0])) return;
    Made m = {l, d->fn, n->arg[0]};
    pass_walk(d->fn->body, find_made, &m);
}

/* It works on its arguments itself, and not what stands in its regions. */
static bool is_use(const Node *n)
{
    return !op_is_terminator((Op)n->op) &&
           (!n->nregion || n->op == OP_NDMAP || n->op == OP_NDSTORE);
}

/* A number of rows in a position of a row is no use of all rows. */
static void use_whole(DistCx *d, ParLoop *l, Node *n, int k)
{
    if (n->op == OP_NDINDEX && k == 1) return;
    if (!loops_own(d, n, k))
        dist_lower(d, pass_axis(d->fn, n->arg[k]), DIST_REP, l->node);
}

/* What it does with elements and rows, by their numbers. */
static void find_accesses(DistCx *d, ParLoop *l, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            find_accesses(d, l, n->region[i]);
        if (is_access(n))
            add_access(d, l, n);
        else if (is_use(n))
            for (int i = 0; i < n->narg; i++)
                (void)add_view(d, l, n, i);
    }
}

static void scan(DistCx *d, ParLoop *l, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            scan(d, l, n->region[i]);
        if (hoist_length(l, n)) continue;
        if (!is_access(n) && is_use(n))
            for (int i = 0; i < n->narg; i++)
                use_whole(d, l, n, i);
        add_made(d, l, n);
        if (!may_divide(d, l, n)) l->divided = false;
        for (int i = 0; i < n->nres; i++)
            dist_lower(d, pass_axis(d->fn, &n->res[i]), DIST_REP, l->node);
    }
}

enum { WRITES = 3 };

/* Of an array that is written at the index, else of one that is read there. */
static Axis *axis_of_loop(const ParLoop *l, bool *written)
{
    Axis *found = NULL;
    int best = 0;
    vec_each (i, &l->access) {
        const Access *a = &l->access.at[i];
        int score = !a->aligned ? 0 : a->write ? WRITES : a->off == 0 ? 2 : 1;
        if (score <= best || (a->write && a->off)) continue;
        best = score;
        found = a->node->arg[a->at]->axis;
    }
    *written = best == WRITES;
    return found;
}

/* -- Reductions -------------------------------------------------------------------- */

static Val *neutral(Fn *fn, Node *at, Type t, char letter)
{
    Node *c = node_new(fn, OP_CONST, at->loc, 0, NULL, 1);
    c->res[0].type = t;
    node_insert_before(at, c);
    bool flt = dt_is_float((DType)t.dt) || dt_is_complex((DType)t.dt);
    int bits = 8 * dtype_info[t.dt].bytes;
    bool uns = dt_is_unsigned((DType)t.dt) || t.dt == DT_BOOL;
    int64_t top = t.dt == DT_BOOL ? 1
                  : uns ? (bits == 64 ? -1 : (int64_t)(((uint64_t)1 << bits) - 1))
                        : (int64_t)(((uint64_t)1 << (bits - 1)) - 1);
    int64_t i = letter == '*'   ? 1
                : letter == '<' ? top
                : letter == '>' ? (uns ? 0 : -top - 1)
                : letter == '&' ? -1
                                : 0;
    if (t.dt == DT_BOOL && letter == '&') i = 1;
    double inf = __builtin_inf();
    double f = letter == '*' ? 1 : letter == '<' ? inf : letter == '>' ? -inf : 0;
    if (flt)
        node_set_float(fn, c, "v", f);
    else
        node_set_int(fn, c, "v", i);
    return &c->res[0];
}

static Op combine_op(char letter)
{
    switch (letter) {
    case '+': return OP_ADD;
    case '*': return OP_MUL;
    case '<': return OP_MIN2;
    case '>': return OP_MAX2;
    case '&': return OP_BITAND;
    case '|': return OP_BITOR;
    case '^': return OP_BITXOR;
    default: return OP_COUNT;
    }
}

static Node *allreduce(Fn *fn, Node *loop, const char *ops, int n, Val **local)
{
    Node *all = node_new(fn, OP_ALLREDUCE, loop->loc, n, local, n);
    all->inlined_at = loop->inlined_at;
    node_set_text(fn, all, "ops", ops, n);
    for (int i = 0; i < n; i++)
        all->res[i].type = local[i]->type;
    node_insert_before(loop->next, all);
    return all;
}

/* A sum, product or exclusive or: result = init op allreduce(what the loop carried from
 * the neutral element). */
static void combine(DistCx *d, Node *loop, int k, char letter)
{
    Fn *fn = d->fn;
    Val *init = loop->arg[3 + k], *local = &loop->res[k];
    loop->arg[3 + k] = neutral(fn, loop, init->type, letter);
    Node *all = allreduce(fn, loop, &letter, 1, &local);
    Val *pair[] = {init, &all->res[0]};
    Node *sum = node_new(fn, combine_op(letter), loop->loc, 2, pair, 1);
    sum->res[0].type = local->type;
    ir_replace(fn, local, &sum->res[0]);
    all->arg[0] = local;
    node_insert_before(all->next, sum);
}

enum { FOLLOW_MAX = 16 };

/* Smallest, largest, and, or: every rank starts from init, since it does not matter how
 * often init takes part. What follows comes from the first rank that has the combined
 * value. */
static void combine_same(DistCx *d, Node *loop, int k, char letter)
{
    Fn *fn = d->fn;
    const Attr *lead = node_attr(loop, "lead");
    Val *local[FOLLOW_MAX + 1] = {&loop->res[k]};
    char ops[FOLLOW_MAX + 2] = {letter};
    int n = 1;
    for (int i = 0; lead && i < loop->nres && n <= FOLLOW_MAX; i++)
        if (lead->ints[i] == k) {
            ops[n] = 'f';
            local[n++] = &loop->res[i];
        }
    Node *all = allreduce(fn, loop, ops, n, local);
    for (int i = 0; i < n; i++) {
        ir_replace(fn, local[i], &all->res[i]);
        all->arg[i] = local[i];
    }
}

/* Carried value k can be combined over ranks. */
static bool can_combine(const Node *loop, int k)
{
    const char *reduce = node_text(loop, "reduce");
    const Attr *lead = node_attr(loop, "lead");
    Type t = loop->res[k].type;
    bool number = t.kind == TY_SCALAR && t.null == null_default((DType)t.dt) &&
                  (dt_is_num((DType)t.dt) || t.dt == DT_BOOL);
    if (!reduce || !number) return false;
    if (reduce[k] != 'f') return combine_op(reduce[k]) != OP_COUNT;
    int same = 0;
    for (int i = 0; i < loop->nres; i++)
        same += lead && lead->ints[i] == lead->ints[k];
    return lead && same <= FOLLOW_MAX;
}

/* -- Single elements --------------------------------------------------------------- */

/* v is the same in each round of the loop that r is the body of. */
static bool is_invariant(const Val *v, const Region *r, int depth)
{
    if (!loop_is_inside(v, r)) return true;
    const Node *n = v->def;
    if (!n || n->nregion || depth == 0) return false;
    if (n->op != OP_CONST && n->op != OP_ADD && n->op != OP_SUB && n->op != OP_LEN)
        return false;
    for (int i = 0; i < n->narg; i++)
        if (!is_invariant(n->arg[i], r, depth - 1)) return false;
    return true;
}

static bool reads_axis(const DistCx *d, Node *n, const Axis *a)
{
    for (int i = 0; i < n->narg; i++)
        if (pass_axis(d->fn, n->arg[i]) == a) return true;
    for (int k = 0; k < n->nregion; k++)
        node_each (m, n->region[k])
            if (reads_axis(d, m, a)) return true;
    return false;
}

/* All rows of the axis are worked on next to n. */
static bool works_whole(const DistCx *d, const Node *n, const Axis *a)
{
    node_each (m, n->parent) {
        bool whole = is_parallel(m) || m->op == OP_MAP || m->op == OP_NDMAP ||
                     m->op == OP_NDSTORE;
        if (whole && reads_axis(d, m, a)) return true;
    }
    return false;
}

/* In a serial loop of which each round works on all the rows, and at the same place in
 * all of them: the edge of a grid, say. Asking for it costs what the round does. */
static bool is_edge(const DistCx *d, const Node *n)
{
    const Node *loop = n->parent->owner;
    if (!loop || loop->op != OP_FOR || is_parallel(loop)) return false;
    return loop->parent == d->fn->body && is_invariant(n->arg[1], n->parent, 4) &&
           works_whole(d, n, axis_get(n->arg[0]->axis));
}

enum { DECISIONS = 12 }; /* what is followed of how a value was made */

static bool is_element(const Node *n)
{
    return n->arg[0]->type.ndim == 1 && !node_int(n, "nd", 0) &&
           n->narg == (n->op == OP_ASET ? 3 : 2);
}

static bool is_reached(const DistCx *d, const Region *r, int depth);

/* Surely the same on all ranks: arguments, lengths, reductions, single elements, and
 * what is calculated from them or chosen by them. */
static bool is_same(const DistCx *d, const Val *v, int depth)
{
    const Node *n = v->def;
    if (v->type.kind != TY_SCALAR || v->axis || depth == 0) return false;
    if (!n) return v->region == d->fn->body;
    switch (n->op) {
    case OP_CONST:
    case OP_UNDEF:
    case OP_LEN:
    case OP_REDUCE:
    case OP_MAP: return true;
    case OP_AGET: return is_element(n) && is_reached(d, n->parent, depth - 1);
    case OP_IF:
        for (int i = 0; i < n->nregion; i++) {
            const Node *y = n->region[i]->last;
            if (!y || (y->op == OP_YIELD && !is_same(d, y->arg[v - n->res], depth - 1)))
                return false;
        }
        break;
    default:
        if (op_info[n->op].lower != LW_LOOP || n->nregion) return false;
    }
    for (int i = 0; i < n->narg; i++)
        if (!is_same(d, n->arg[i], depth - 1)) return false;
    return true;
}

/* All ranks come to r, once: it is the body, or what follows a decision that is the
 * same on all of them. */
static bool is_reached(const DistCx *d, const Region *r, int depth)
{
    for (; r != d->fn->body; r = r->owner->parent)
        if (r->owner->op != OP_IF || !is_same(d, r->owner->arg[0], depth)) return false;
    return true;
}

/* -- Elements of views ------------------------------------------------------------- */

/* Behind the array of an access to a view stand the indices, an offset, the strides and
 * the lengths: the dimension whose length counts the rows of an axis, -1: none. */
static int row_dim(const DistCx *d, const Node *n)
{
    int nd = (int)node_int(n, "nd", 0);
    for (int k = 0; k < nd; k++)
        if (pass_axis(d->fn, n->arg[2 + 2 * nd + k])) return k;
    return -1;
}

static Val *view_rows(const Node *n, int k)
{
    return n->arg[2 + 2 * (int)node_int(n, "nd", 0) + k];
}

/* n stands in a nest over the rows of an axis, and works on the row that the nest has
 * come to: a[:, columns]. */
static bool is_at_own_row(const DistCx *d, const Node *n)
{
    int k = n->arg[0]->axis ? row_dim(d, n) : -1;
    if (k < 0) return false;
    const Axis *a = pass_axis(d->fn, view_rows(n, k));
    for (const Node *o = n->parent->owner; o; o = o->parent->owner) {
        if (o->op != OP_NDMAP && o->op != OP_NDSTORE) continue;
        const Region *r = o->region[0];
        int nd = (int)node_int(o, "nd", 1);
        bool on = !o->nres || pass_axis(d->fn, &o->res[0]) == a;
        return on && n->arg[1 + k] == &r->param[r->nparam - nd] &&
               pass_axis(d->fn, o->arg[o->narg - nd]) == a;
    }
    return false;
}

typedef struct Apart {
    const DistCx *d;
    bool own, other;
} Apart;

static void find_apart(void *data, Node *n)
{
    Apart *a = (Apart *)data;
    if (!is_access(n) || !n->arg[0]->axis) return;
    if (is_at_own_row(a->d, n))
        a->own = true;
    else
        a->other = true;
}

bool loop_nest_is_local(const DistCx *d, Node *nest)
{
    Apart a = {.d = d};
    pass_walk(nest->region[0], find_apart, &a);
    return a.own && !a.other;
}

bool loop_reached_once(const DistCx *d, const Region *r)
{
    return is_reached(d, r, DECISIONS);
}

/* a[i, j], read or written, where a stands on the rows of an axis. */
static bool is_view_element(const DistCx *d, const Node *n)
{
    bool text = n->arg[0]->type.dt == DT_STR || n->arg[0]->type.dt == DT_CHAR;
    return !text && row_dim(d, n) >= 0;
}

/* Outside of loops all ranks come to it, once; a write also in a nest that is run for
 * its effects, by all of them. */
static bool is_single(const DistCx *d, const Node *n)
{
    if (d->fn->sub) return false;
    const Region *r = n->parent;
    if (is_view_element(d, n)) {
        const Node *nest = n->op == OP_ASET ? r->owner : NULL;
        if (nest && nest->op == OP_NDMAP && !nest->nres) r = nest->parent;
        return loop_reached_once(d, r);
    }
    if (!is_element(n)) return false;
    return loop_reached_once(d, r) || is_edge(d, n);
}

/* The number of an array's rows on this rank, asked before n: the axis' own count may
 * have had no use and be gone. */
static Val *rows_before(DistCx *d, Node *n, Val *array)
{
    Node *rows = node_new(d->fn, OP_ROWS, n->loc, 1, &array, 1);
    rows->inlined_at = n->inlined_at;
    val_init(d->fn, &rows->res[0], type_scalar(DT_I64), array->axis);
    node_insert_before(n, rows);
    return &rows->res[0];
}

static Val *int_before(DistCx *d, Node *n, Op op, Val *a, Val *b, DType dt)
{
    Val *in[] = {a, b};
    Node *x = node_new(d->fn, op, n->loc, 2, in, 1);
    x->inlined_at = n->inlined_at;
    x->res[0].type = type_scalar(dt);
    node_insert_before(n, x);
    return &x->res[0];
}

static Val *value_before(DistCx *d, Node *n, Op op, Type t)
{
    Node *c = node_new(d->fn, op, n->loc, 0, NULL, 1);
    c->inlined_at = n->inlined_at;
    c->res[0].type = t;
    node_insert_before(n, c);
    return &c->res[0];
}

static Val *number_before(DistCx *d, Node *n, int64_t v)
{
    Val *c = value_before(d, n, OP_CONST, type_scalar(DT_I64));
    node_set_int(d->fn, c->def, "v", v);
    return c;
}

static void yield(DistCx *d, Region *r, Loc loc, Val *v)
{
    node_append(r, node_new(d->fn, OP_YIELD, loc, v ? 1 : 0, &v, 0));
}

/* The element is at row k of the view, on the rank that has it: the row's number there,
 * and whether this one has it. */
static Val *own_row(DistCx *d, Node *n, int k, Val **mine)
{
    Val *rows = view_rows(n, k);
    Node *extent = loop_extent(d, n, rows);
    Val *at = int_before(d, n, OP_NDINDEX, n->arg[1 + k], &extent->res[1], DT_I64);
    node_set_int(d->fn, at->def, "axis", k);
    Val *own = int_before(d, n, OP_SUB, at, &extent->res[0], DT_I64);
    Val *from = int_before(d, n, OP_GE, at, &extent->res[0], DT_BOOL);
    Val *to = int_before(d, n, OP_LT, own, rows, DT_BOOL);
    *mine = int_before(d, n, OP_BITAND, from, to, DT_BOOL);
    return own;
}

/* The access by the rank that has the row: if first <= i < first + rows. What is read
 * goes from there to all: from the first rank whose `who` is 0. */
static void by_owner(DistCx *d, Node *n, int k)
{
    Fn *fn = d->fn;
    Val *mine, *own = own_row(d, n, k, &mine);
    bool reads = n->op == OP_AGET;
    Val *none = reads ? value_before(d, n, OP_UNDEF, n->res[0].type) : NULL;
    Node *if_ = node_new(fn, OP_IF, n->loc, 1, &mine, reads ? 1 : 0);
    if_->inlined_at = n->inlined_at;
    node_insert_before(n, if_);
    Region *yes = node_add_region(fn, if_, 0), *no = node_add_region(fn, if_, 0);
    if (reads) {
        Val *zero = number_before(d, if_, 0), *one = number_before(d, if_, 1);
        Val *pick[] = {mine, zero, one};
        Node *who = node_new(fn, OP_SELECT, n->loc, 3, pick, 1);
        who->inlined_at = n->inlined_at;
        who->res[0].type = zero->type;
        node_insert_before(if_, who);
        if_->res[0].type = n->res[0].type;
        if_->res[0].hint = n->res[0].hint;
        Val *local[] = {&who->res[0], &if_->res[0]};
        Node *all = allreduce(fn, if_, "<f", 2, local);
        all->inlined_at = n->inlined_at;
        ir_replace(fn, &n->res[0], &all->res[1]);
        all->arg[1] = &if_->res[0];
    }
    node_remove(n);
    n->arg[1 + k] = own;
    node_append(yes, n);
    yield(d, yes, n->loc, reads ? &n->res[0] : NULL);
    yield(d, no, n->loc, none);
    d->cx->needs_ranks = true;
}

static void single_element(DistCx *d, Node *n)
{
    int k = row_dim(d, n);
    if (k >= 0) {
        if (pass_axis(d->fn, view_rows(n, k))->dist > DIST_REP) by_owner(d, n, k);
        return;
    }
    if (axis_get(n->arg[0]->axis)->dist <= DIST_REP) return;
    bool put = n->op == OP_ASET;
    Val *rows = rows_before(d, n, n->arg[0]);
    Val *get_arg[] = {rows, n->arg[1], n->arg[0]};
    Val *put_arg[] = {n->arg[0], rows, n->arg[1], n->arg[n->narg - 1]};
    Node *one = put ? node_new(d->fn, OP_PUTROW, n->loc, 4, put_arg, 0)
                    : node_new(d->fn, OP_GETROW, n->loc, 3, get_arg, 1);
    one->inlined_at = n->inlined_at;
    node_set_int(d->fn, one, "par", 1);
    node_set_int(d->fn, one, "array", 1);
    node_insert_before(n, one);
    if (!put) {
        one->res[0].type = n->res[0].type;
        one->res[0].hint = n->res[0].hint;
        ir_replace(d->fn, &n->res[0], &one->res[0]);
    }
    node_remove(n);
    d->cx->needs_ranks = true;
}

/* -- Analysis ---------------------------------------------------------------------- */

static void find_again(DistCx *d, ParLoop *l)
{
    l->access.n = 0;
    find_accesses(d, l, l->node->region[0]);
}

/* v is no number below 0. */
static bool is_count(const Val *v, int depth)
{
    int64_t k;
    if (const_int(v, &k)) return k >= 0;
    const Node *n = v->def;
    if (!n || depth == 0) return false;
    bool all = true, any = false;
    for (int i = 0; i < n->narg; i++) {
        bool is = is_count(n->arg[i], depth - 1);
        all = all && is;
        any = any || is;
    }
    switch ((Op)n->op) {
    case OP_LEN: return true;
    case OP_MAX2: return any;
    case OP_MIN2:
    case OP_ADD:
    case OP_MUL: return all;
    case OP_CAST: return all && dt_is_int((DType)n->arg[0]->type.dt);
    default: return false;
    }
}

/* Iterations are seen in their order. */
static bool is_ordered(const Node *n)
{
    return n->op == OP_COLLECTADD || n->op == OP_PRINT || n->op == OP_PYCALL;
}

static void find_ordered(void *data, Node *n)
{
    bool *found = data;
    if (is_ordered(n)) *found = true;
}

/* Its numbers below 0 may be left to the ranks that have the rows which they stand for:
 * nobody sees the order of the iterations, and all rows are their own ones. */
static bool may_wrap(const ParLoop *l)
{
    const char *reduce = node_text(l->node, "reduce");
    bool ordered = reduce && strchr(reduce, 'f');
    pass_walk(l->node->region[0], find_ordered, &ordered);
    vec_each (i, &l->access)
        if (l->access.at[i].aligned && l->access.at[i].off) return false;
    return !ordered;
}

static From begin_of(const Node *loop)
{
    int64_t k;
    if (is_count(loop->arg[0], 4)) return FROM_ROW;
    return const_int(loop->arg[0], &k) ? FROM_END : FROM_ANY;
}

/* Its axis and its accesses. */
static void find_loop(DistCx *d, ParLoop *l)
{
    int64_t step;
    bool written = false, rows = const_int(l->node->arg[2], &step) && step == 1;
    l->from = begin_of(l->node);
    find_accesses(d, l, l->node->region[0]);
    l->wraps = l->from != FROM_ROW && may_wrap(l);
    if (l->from == FROM_END && !l->wraps) rows = false;
    if (rows) l->axis = axis_of_loop(l, &written);
    if (l->divided && partial_apply(d, l)) find_again(d, l);
    if (l->divided && written && whole_apply(d, l, l->axis)) find_again(d, l);
}

static void find(DistCx *d, Region *r)
{
    node_each (n, r) {
        if (!is_parallel(n)) {
            if (is_access(n) && n->arg[0]->axis && !is_at_own_row(d, n)) {
                if (is_single(d, n))
                    vec_push(d->fn->arena, &d->single, n);
                else
                    vec_push(d->fn->arena, &d->anywhere, n);
            }
            for (int i = 0; i < n->nregion; i++)
                find(d, n->region[i]);
            continue;
        }
        ParLoop *l = ARENA_NEW(d->fn->arena, ParLoop);
        *l = (ParLoop){.next = d->loops, .node = n, .divided = true};
        d->loops = l;
        for (int k = 0; k < n->nres; k++)
            if (!can_combine(n, k)) l->divided = false;
        find_loop(d, l);
        scan(d, l, n->region[0]);
    }
}

void loops_find(DistCx *d)
{
    find(d, d->fn->body);
}

bool loop_is_local(const ParLoop *l, const Access *a)
{
    Axis *rows = axis_get(l->axis);
    return a->aligned && rows && axis_get(a->node->arg[a->at]->axis) == rows &&
           rows->dist > DIST_REP && (!a->write || a->off == 0);
}

static bool is_written(const ParLoop *l, const Val *array)
{
    vec_each (i, &l->access) {
        const Access *a = &l->access.at[i];
        if (a->write && a->node->arg[a->at] == array) return true;
    }
    return false;
}

bool loop_is_foretold(const ParLoop *l, const Access *a)
{
    Axis *rows = axis_get(l->axis);
    if (!a->by || a->write || !rows || rows->dist <= DIST_REP) return false;
    const Val *array = a->node->arg[a->at], *number = a->by->arg[0];
    return axis_get(array->axis)->dist > DIST_REP && axis_get(number->axis) == rows &&
           !is_written(l, array) && !is_written(l, number);
}

void loops_transfer(DistCx *d)
{
    for (ParLoop *l = d->loops; l; l = l->next) {
        vec_each (i, &l->made) {
            Axis *a = axis_get(l->made.at[i]);
            if (l->divided && a->dist == DIST_REP) {
                l->divided = false;
                d->changed = true;
            }
            dist_lower(d, a, l->divided ? DIST_VAR : DIST_REP, l->node);
        }
        vec_each (i, &l->access) {
            Access *a = &l->access.at[i];
            if (l->divided && (loop_is_local(l, a) || loop_is_foretold(l, a))) continue;
            if (is_partial(l, a->node->arg[a->at])) continue;
            if (l->divided && a->write) {
                l->divided = false;
                d->changed = true;
            }
            dist_lower(d, a->node->arg[a->at]->axis, DIST_REP, a->node);
        }
    }
}

/* -- Dividing ---------------------------------------------------------------------- */

static void split(DistCx *d, Node *n)
{
    Node *split = node_new(d->fn, OP_SPLIT, n->loc, 3, n->arg, 2);
    split->inlined_at = n->inlined_at;
    split->res[0].type = split->res[1].type = type_scalar(DT_I64);
    node_insert_before(n, split);
    n->arg[0] = &split->res[0];
    n->arg[1] = &split->res[1];
}

static void divide(DistCx *d, ParLoop *l)
{
    Node *n = l->node;
    node_set_int(d->fn, n, "divided", 1);
    d->cx->needs_ranks = true;
    const char *reduce = node_text(n, "reduce");
    for (int k = 0; k < n->nres; k++) {
        if (strchr("+*^", reduce[k]))
            combine(d, n, k, reduce[k]);
        else if (reduce[k] != 'f')
            combine_same(d, n, k, reduce[k]);
    }
    vec_each (i, &l->reduced) {
        node_set_int(d->fn, l->reduced.at[i].combine, "divided", 1);
        node_set_int(d->fn, l->reduced.at[i].combine, "par", 1);
    }
    if (l->axis && axis_get(l->axis)->dist > DIST_REP)
        halo_apply(d, l);
    else
        split(d, n);
}

void loops_apply(DistCx *d)
{
    for (ParLoop *l = d->loops; l; l = l->next)
        if (l->divided) divide(d, l);
    vec_each (i, &d->single)
        single_element(d, d->single.at[i]);
}
