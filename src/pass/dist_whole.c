/* SPDX-License-Identifier: Apache-2.0
 * A parallel loop that writes rows A[i] of an axis and reads arrays on that axis at any
 * place, or uses them as a whole: what is read so is gathered before the loop, so that
 * the loop can still be divided by the rows it writes.
 *
 *   for i {for j {s += x[j] - x[i]}  a[i] = s}
 *   y = WHOLE rows, x; for i {for j {s += y[j] - x[i]}  a[i] = s}
 *
 * Outside of parallel loops so is an operand of a product of matrices that does not
 * stand on the rows of the result (v of A @ v, where v is on the rows of A, or made in
 * the function), and what code that is run once reads at any place of an array whose
 * rows a loop works on: u[n // 2, 3] behind the time loop of a grid.
 *
 * y, and what the body makes of it, stand on an axis of their own, which every rank has
 * all of. It is gathered as far out of the loops around as nothing writes to x. An axis
 * that turns out to be replicated needs no gathering (then y is x).
 */
#include "base/base.h"

#include "ir/desc.h"
#include "pass/dist_int.h"

enum { NUMBERS = 12 }; /* what is followed of how a number was made */

typedef struct Whole {
    const Val *of;
    Val *is;
} Whole;

typedef struct WholeCx {
    DistCx *d;
    ParLoop *l;
    Axis *axis, *all; /* the loop's; that of whole rows, NULL before the first */
    bool gives_up, reduces;
    bool early; /* all rows are counted as soon as those of the rank are */
    VEC(Whole) whole;
} WholeCx;

/* -- What the loop does ------------------------------------------------------------ */

/* What the loop does with v if it reduces into it, NULL if not. */
static Reduced *reduction(const WholeCx *w, const Val *v)
{
    vec_each (i, &w->l->reduced)
        if (w->l->reduced.at[i].array == v) return &w->l->reduced.at[i];
    return NULL;
}

/* Where sums of a whole axis travel anyway, nothing else of it is asked for by number.
 */
static bool stays(const WholeCx *w, const Access *a)
{
    return a->aligned || (a->by && !w->reduces);
}

/* The access that argument k of n is and that stays one to this rank's rows, or to rows
 * that are asked for. */
static const Access *kept_access(const WholeCx *w, const Node *n, int k)
{
    vec_each (i, &w->l->access) {
        const Access *a = &w->l->access.at[i];
        if (a->node == n && a->at == k && stays(w, a)) return a;
    }
    return NULL;
}

static bool is_kept_position(const WholeCx *w, const Node *n)
{
    vec_each (i, &w->l->access) {
        const Access *a = &w->l->access.at[i];
        if (a->position == n && stays(w, a)) return true;
    }
    return false;
}

typedef struct Writes {
    const Val *memory;
    bool hit;
} Writes;

static void find_write(void *data, Node *n)
{
    Writes *w = (Writes *)data;
    bool any = n->op == OP_CALLFN || n->op == OP_PYCALL;
    bool first = op_info[n->op].effect == EF_WRITE;
    for (int i = 0; i < n->narg; i++)
        if ((any || (first && i == 0)) && val_memory(n->arg[i]) == w->memory)
            w->hit = true;
}

static bool writes_to(const Node *loop, const Val *v)
{
    Writes w = {val_memory(v), false};
    for (int i = 0; i < loop->nregion; i++)
        pass_walk(loop->region[i], find_write, &w);
    return w.hit;
}

static bool is_outside(const WholeCx *w, const Val *v)
{
    return !loop_is_inside(v, w->l->node->region[0]);
}

static bool on_axis(const WholeCx *w, Val *v)
{
    return pass_axis(w->d->fn, v) == w->axis;
}

static bool is_rows(const Val *v)
{
    return v->type.kind == TY_ARRAY || v->type.kind == TY_COL;
}

/* Argument k of n, of which every rank needs all rows. */
static bool is_whole_use(const WholeCx *w, const Node *n, int k)
{
    Val *v = n->arg[k];
    return is_rows(v) && is_outside(w, v) && on_axis(w, v) &&
           (reduction(w, v) || !kept_access(w, n, k));
}

/* Text in arrays is borrowed from them; what is written is not gathered. */
static bool can_gather(const WholeCx *w, const Node *n, int k)
{
    const Val *v = n->arg[k];
    if (reduction(w, v)) return true;
    bool borrowed = v->type.kind == TY_ARRAY && v->type.dt == DT_STR;
    bool written = k == 0 && op_info[n->op].effect == EF_WRITE;
    return !borrowed && !written && !writes_to(w->l->node, v);
}

static void check_uses(void *data, Node *n)
{
    WholeCx *w = (WholeCx *)data;
    for (int i = 0; i < n->narg; i++)
        if (is_whole_use(w, n, i) && !can_gather(w, n, i)) w->gives_up = true;
}

/* -- Gathering --------------------------------------------------------------------- */

static bool stands_before(const Node *loop, Val *const *v, int n)
{
    for (int k = 0; k < n; k++) {
        if (writes_to(loop, v[k])) return false;
        for (int i = 0; i < loop->nregion; i++)
            if (loop_is_inside(v[k], loop->region[i])) return false;
    }
    return true;
}

Node *loop_place_for(Node *loop, Val *const *v, int n)
{
    Node *best = loop;
    for (Node *o = loop->parent->owner; o && stands_before(o, v, n);
         o = o->parent->owner)
        if (is_loop(o)) best = o;
    return best;
}

/* The axis of all rows. Its number of rows is asked where that of the chunks is known.
 */
static Axis *all_rows(WholeCx *w)
{
    if (w->all) return w->all;
    Fn *fn = w->d->fn;
    Node *loop = w->l->node;
    Val *rows = loop_axis_rows(w->axis);
    Node *len = node_new(fn, OP_LEN, loop->loc, 1, &rows, 1);
    len->inlined_at = loop->inlined_at;
    w->all = axis_new(fn);
    w->all->dist = DIST_BLOCK;
    w->all->rows = &len->res[0];
    val_init(fn, &len->res[0], type_scalar(DT_I64), w->all);
    Node *next = rows->def ? rows->def->next : rows->region->first;
    node_insert_before(w->early ? next : loop_level_of(loop, rows), len);
    return w->all;
}

/* An array of this rank's own to add to, and what combines them behind the loop. */
static Val *partial_of(WholeCx *w, Reduced *r)
{
    Fn *fn = w->d->fn;
    Node *loop = w->l->node;
    Val *rows = loop_axis_rows(w->axis), *in[] = {rows, r->array};
    Node *n = node_new(fn, OP_PARTIAL, loop->loc, 2, in, 1);
    n->inlined_at = loop->inlined_at;
    val_init(fn, &n->res[0], r->array->type, all_rows(w));
    n->res[0].hint = r->array->hint;
    node_insert_before(loop, n);
    r->partial = &n->res[0];
    Val *out[] = {r->array, rows, r->partial};
    r->combine = node_new(fn, OP_COMBINE, loop->loc, 3, out, 0);
    r->combine->inlined_at = loop->inlined_at;
    node_insert_before(loop->next, r->combine);
    node_set_text(fn, n, "how", &r->how, 1);
    node_set_text(fn, r->combine, "how", &r->how, 1);
    return r->partial;
}

static Val *whole_of(WholeCx *w, Val *v)
{
    vec_each (i, &w->whole)
        if (w->whole.at[i].of == v) return w->whole.at[i].is;
    Reduced *r = reduction(w, v);
    if (r) return r->partial ? r->partial : partial_of(w, r);
    Fn *fn = w->d->fn;
    Node *loop = w->l->node;
    Val *in[] = {loop_axis_rows(w->axis), v};
    Node *n = node_new(fn, OP_WHOLE, loop->loc, 2, in, 1);
    n->inlined_at = loop->inlined_at;
    val_init(fn, &n->res[0], v->type, all_rows(w));
    n->res[0].hint = v->hint;
    node_insert_before(loop_place_for(loop, &v, 1), n);
    Whole new = {v, &n->res[0]};
    vec_push(fn->arena, &w->whole, new);
    return new.is;
}

/* An argument that counts the axis' rows counts all of them, unless it stands beside a
 * kept access or is asked as a length of its own. */
static bool counts_rows(const WholeCx *w, const Node *n, int k)
{
    Val *v = n->arg[k];
    if (v->type.kind != TY_SCALAR || !on_axis(w, v) || !is_outside(w, v)) return false;
    if (n->op == OP_AGET || n->op == OP_ASET) return !kept_access(w, n, 0);
    return n->op != OP_LEN && !is_kept_position(w, n);
}

/* v, anew where it is made of a position in this rank's rows, which nodes of other
 * views share: as one in all rows. */
static Val *among_all(WholeCx *w, Node *n, Val *v, int depth)
{
    Node *def = v->def;
    if (v->type.kind != TY_SCALAR || !def || depth == 0 || is_outside(w, v)) return v;
    bool position = def->op == OP_NDINDEX;
    bool pure = op_info[def->op].lower == LW_LOOP && !def->nregion;
    if (position ? !is_kept_position(w, def) : !pure) return v;
    Val **in = ARENA_NEW_N(w->d->fn->arena, def->narg + 1, Val *);
    bool other = position;
    for (int i = 0; i < def->narg; i++) {
        in[i] = position ? def->arg[i] : among_all(w, n, def->arg[i], depth - 1);
        other |= in[i] != def->arg[i];
    }
    if (!other) return v;
    if (position) in[1] = all_rows(w)->rows;
    Node *anew = node_new(w->d->fn, (Op)def->op, def->loc, def->narg, in, 1);
    anew->inlined_at = def->inlined_at;
    anew->res[0].type = v->type;
    anew->attr = def->attr;
    anew->attr.cap = anew->attr.n;
    node_insert_before(n, anew);
    return &anew->res[0];
}

static void rewrite(void *data, Node *n)
{
    WholeCx *w = (WholeCx *)data;
    for (int i = 0; i < n->narg; i++) {
        bool whole = is_whole_use(w, n, i);
        if (whole) n->arg[i] = whole_of(w, n->arg[i]);
        for (int k = i + 1; whole && k < n->narg && !is_rows(n->arg[k]); k++)
            n->arg[k] = among_all(w, n, n->arg[k], NUMBERS);
        if (!whole && w->all && counts_rows(w, n, i)) n->arg[i] = w->all->rows;
    }
}

static void set_axes(Fn *fn, Val *v, int n, const Axis *from, Axis *to)
{
    for (int i = 0; i < n; i++)
        if (pass_axis(fn, &v[i]) == from) v[i].axis = to;
}

static void move_axes(void *data, Node *n)
{
    WholeCx *w = (WholeCx *)data;
    Fn *fn = w->d->fn;
    set_axes(fn, n->res, n->nres, w->axis, w->all);
    for (int i = 0; i < n->nregion; i++)
        set_axes(fn, n->region[i]->param, n->region[i]->nparam, w->axis, w->all);
}

static void find_uses(void *data, Node *n)
{
    WholeCx *w = (WholeCx *)data;
    for (int i = 0; i < n->narg; i++)
        if (is_whole_use(w, n, i)) (void)all_rows(w);
}

bool whole_apply(DistCx *d, ParLoop *l, Axis *axis)
{
    Region *body = l->node->region[0];
    WholeCx w = {.d = d, .l = l, .axis = axis_get(axis)};
    vec_each (i, &l->reduced)
        w.reduces |= axis_get(l->reduced.at[i].array->axis) == w.axis;
    pass_walk(body, check_uses, &w);
    if (w.gives_up) return false;
    pass_walk(body, find_uses, &w);
    if (!w.all) return false;
    pass_walk(body, rewrite, &w);
    pass_walk(body, move_axes, &w);
    return true;
}

/* -- Outside of parallel loops ----------------------------------------------------- */

static bool of_desc(const Desc *desc, const Axis *a)
{
    if (desc->axis && axis_get(desc->axis) == a) return true;
    for (int32_t i = 0; i < desc->nchild; i++)
        if (of_desc(desc->child[i], a)) return true;
    return false;
}

static bool of_argument(const Fn *fn, const Axis *a)
{
    for (idx i = 0; i < fn->nin; i++)
        if (of_desc(fn->in[i], a)) return true;
    return false;
}

/* In a divided loop nothing communicates. */
bool dist_in_parallel(const Node *n)
{
    for (const Node *o = n->parent->owner; o; o = o->parent->owner) {
        bool rows = o->op == OP_MAP || o->op == OP_NDMAP || o->op == OP_NDSTORE;
        if (rows || (o->op == OP_FOR && node_int(o, "parallel", 0))) return true;
    }
    return false;
}

/* The axis whose rows n works on: of the view that stands on it, NULL if none does. */
static Axis *worked_on(Fn *fn, const Node *n, const Attr *ax)
{
    idx view = 0;
    for (int i = 0; i < n->narg && view < ax->n; i++) {
        if (n->arg[i]->type.kind != TY_ARRAY) continue;
        if (ax->ints[view++]) return pass_axis(fn, n->arg[i]);
    }
    return NULL;
}

/* Behind an array stand its offset, two strides, two lengths. The product has the
 * second length, so a number of rows there is in the product's own shape. */
static bool is_summed(DistCx *d, const Node *n, int k, const Axis *a)
{
    return k > 0 && pass_axis(d->fn, n->arg[k + 5]) != a;
}

static bool in_loop(const Node *n)
{
    for (const Node *o = n->parent->owner; o; o = o->parent->owner)
        if (is_loop(o)) return true;
    return false;
}

/* The axes whose rows are worked on in a loop: by a prange that is divided by them, or
 * by nodes on them in the rounds of a serial one. */
typedef struct Operands {
    DistCx *d;
    VEC(const Axis *) worked;
} Operands;

static void find_work(void *data, Node *n)
{
    Operands *o = (Operands *)data;
    const Attr *ax = node_attr(n, "ax");
    const Axis *a = ax && in_loop(n) ? worked_on(o->d->fn, n, ax) : NULL;
    if (a) vec_push(o->d->fn->arena, &o->worked, a);
}

static void find_worked(Operands *o)
{
    for (const ParLoop *l = o->d->loops; l; l = l->next)
        if (l->divided && l->axis)
            vec_push(o->d->fn->arena, &o->worked, axis_get(l->axis));
    pass_walk(o->d->fn->body, find_work, o);
}

/* A use of all of an array, or of elements at any place, in code that is run once: the
 * loops beside it need not do without their ranks for it, nor a flag be an error. */
static bool is_worth(const Operands *o, const Node *n, int k)
{
    const Axis *a = pass_axis(o->d->fn, n->arg[k]);
    bool written = k == 0 && op_info[n->op].effect == EF_WRITE;
    bool worked = a && a->pinned && a->dist > DIST_REP;
    vec_each (i, &o->worked)
        worked |= o->worked.at[i] == a;
    return worked && !written && loop_reached_once(o->d, n->parent);
}

/* Numbers that a view is made of: where they count the axis' rows they count all of
 * them. Positions are checked against all rows, and so are those of others (in place:
 * they are no positions of this rank's); what else is calculated is calculated anew. */
static Val *over_all(WholeCx *w, Node *n, Val *v, int depth)
{
    if (v->type.kind != TY_SCALAR || depth == 0) return v;
    if (on_axis(w, v)) return all_rows(w)->rows;
    Node *def = v->def;
    bool position = def && def->op == OP_NDINDEX;
    bool pure = def && op_info[def->op].lower == LW_LOOP && !def->nregion;
    if (!position && !pure) return v;
    Val **in = ARENA_NEW_N(w->d->fn->arena, def->narg + 1, Val *);
    bool other = false;
    for (int i = 0; i < def->narg; i++) {
        in[i] = over_all(w, position ? def : n, def->arg[i], depth - 1);
        other |= in[i] != def->arg[i];
    }
    if (!other) return v;
    if (position) {
        memcpy(def->arg, in, (size_t)def->narg * sizeof *in);
        return v;
    }
    Node *anew = node_new(w->d->fn, (Op)def->op, def->loc, def->narg, in, 1);
    anew->inlined_at = def->inlined_at;
    anew->res[0].type = v->type;
    anew->attr = def->attr;
    anew->attr.cap = anew->attr.n; /* what is added to it is not the other's */
    node_insert_before(n, anew);
    return &anew->res[0];
}

/* A number that is not that of rows of another axis, as the length of a slice is. */
static bool is_over(DistCx *d, Val *v, const Axis *a, int depth)
{
    if (v->type.kind != TY_SCALAR) return false;
    Axis *own = pass_axis(d->fn, v);
    const Node *def = v->def;
    if (own) return own == a || (def && def->op == OP_NDAXIS);
    if (!def || def->op == OP_CONST || def->op == OP_LEN) return true;
    bool position = def->op == OP_NDINDEX || def->op == OP_NDRANGE;
    bool pure = op_info[def->op].lower == LW_LOOP && !def->nregion;
    if (node_int(def, "rows", 0)) return false;
    if (!position && !pure) return true;
    for (int i = 0; i < def->narg; i++)
        if (depth == 0 || !is_over(d, def->arg[i], a, depth - 1)) return false;
    return true;
}

/* The number of the axis' rows is among the lengths of what n makes or walks over. */
static bool has_length(DistCx *d, const Node *n, const Axis *a)
{
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->type.kind == TY_SCALAR && pass_axis(d->fn, n->arg[i]) == a)
            return true;
    return false;
}

static bool can_gather_operand(DistCx *d, const Node *n, int k)
{
    const Axis *a = pass_axis(d->fn, n->arg[k]);
    if (!a || n->arg[k]->type.dt == DT_STR) return false;
    if (n->op != OP_MATMUL && n->op != OP_AGET && has_length(d, n, a)) return false;
    for (int i = k + 1; i < n->narg && n->arg[i]->type.kind != TY_ARRAY; i++)
        if (n->arg[i]->type.kind == TY_SCALAR && !is_over(d, n->arg[i], a, NUMBERS))
            return false;
    return true;
}

/* Argument k, an array, and the numbers behind it. */
static void gather_operand(DistCx *d, Node *n, int k)
{
    ParLoop l = {.node = n};
    WholeCx w = {.d = d, .l = &l, .axis = pass_axis(d->fn, n->arg[k]), .early = true};
    n->arg[k] = whole_of(&w, n->arg[k]);
    for (int i = k + 1; i < n->narg && n->arg[i]->type.kind != TY_ARRAY; i++)
        n->arg[i] = over_all(&w, n, n->arg[i], NUMBERS);
}

/* An argument that nothing else distributes is given to all ranks at once. */
static bool is_operand(DistCx *d, const Node *n, int k, const Attr *ax)
{
    const Axis *a = pass_axis(d->fn, n->arg[k]);
    if (n->op != OP_MATMUL || !a || !is_summed(d, n, k, a)) return false;
    return a == worked_on(d->fn, n, ax) || !of_argument(d->fn, a);
}

static void operands(void *data, Node *n)
{
    const Operands *o = (const Operands *)data;
    DistCx *d = o->d;
    const Attr *ax = node_attr(n, "ax");
    if (!ax || dist_in_parallel(n)) return;
    idx view = 0;
    for (int i = 0; i < n->narg && view < ax->n; i++) {
        if (n->arg[i]->type.kind != TY_ARRAY || ax->ints[view++]) continue;
        if (!can_gather_operand(d, n, i)) continue;
        if (is_operand(d, n, i, ax) || is_worth(o, n, i)) gather_operand(d, n, i);
    }
}

void whole_operands(DistCx *d)
{
    Operands o = {.d = d};
    find_worked(&o);
    pass_walk(d->fn->body, operands, &o);
    vec_each (i, &d->anywhere) {
        Node *n = d->anywhere.at[i];
        if (can_gather_operand(d, n, 0) && is_worth(&o, n, 0))
            gather_operand(d, n, 0);
        else
            dist_lower(d, n->arg[0]->axis, DIST_REP, n);
    }
}
