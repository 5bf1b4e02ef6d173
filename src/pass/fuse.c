/* SPDX-License-Identifier: Apache-2.0
 * Fusion. Element-wise nodes on columns and MAPs of one axis are gathered into groups
 * as the region is read; a group becomes one MAP at the place where it must be closed:
 * before the first other node that uses one of its values, or at the end of the region.
 * So everything the group uses is defined before it. Values used inside the group alone
 * never exist as columns. Afterwards no LW_LOOP node has a column argument.
 */
#include "base/base.h"

#include "pass/pass_int.h"

typedef struct Group {
    Axis *axis;
    VEC(Node *) member;
    bool open;
} Group;

typedef struct Fuse {
    Fn *fn;
    VEC(Group *) group;
} Fuse;

static bool is_member(const Node *n)
{
    if (n->op == OP_MAP) return true;
    if (op_info[n->op].lower != LW_LOOP) return false;
    for (int i = 0; i < n->nres; i++)
        if (val_is_col(&n->res[i])) return true;
    return false;
}

static Axis *member_axis(const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (val_is_col(n->arg[i])) return axis_get(n->arg[i]->axis);
    return NULL;
}

/* -- Building the loop ------------------------------------------------------------- */
typedef struct Build {
    Fn *fn;
    VEC(Val *) col;    /* column inputs */
    VEC(Val *) scalar; /* scalar inputs that are not constants */
    Region *body;
    VEC(Val *) out;   /* values of the body that are yielded */
    VEC(Val *) outer; /* the values they stand for outside */
    VEC(char) letter;
} Build;

static void add_once(Fn *fn, Build *b, Val *v)
{
    if (val_is_col(v)) {
        vec_each (i, &b->col)
            if (b->col.at[i] == v) return;
        vec_push(fn->arena, &b->col, v);
    } else if (!v->def || v->def->op != OP_CONST) {
        vec_each (i, &b->scalar)
            if (b->scalar.at[i] == v) return;
        vec_push(fn->arena, &b->scalar, v);
    }
}

static bool in_group(const Group *g, const Node *n)
{
    vec_each (i, &g->member)
        if (g->member.at[i] == n) return true;
    return false;
}

static void collect_inputs(Fn *fn, Build *b, Group *g)
{
    vec_each (m, &g->member) {
        Node *n = g->member.at[m];
        for (int i = 0; i < n->narg; i++)
            if (!n->arg[i]->def || !in_group(g, n->arg[i]->def))
                add_once(fn, b, n->arg[i]);
    }
}

/* The body's value of an outside value: kept in tmp; constants are made again inside.
 */
static Val *inside(Build *b, Val *v)
{
    if (v->tmp) return (Val *)v->tmp;
    ASSERT(v->def && v->def->op == OP_CONST);
    Node *c = node_new(b->fn, OP_CONST, v->def->loc, 0, NULL, 1);
    c->attr = v->def->attr;
    c->res[0].type = v->type;
    node_append(b->body, c);
    v->tmp = &c->res[0];
    return &c->res[0];
}

static void copy_loop_node(Build *b, Node *n)
{
    Fn *fn = b->fn;
    Val **arg = ARENA_NEW_N(fn->arena, n->narg + 1, Val *);
    for (int i = 0; i < n->narg; i++)
        arg[i] = inside(b, n->arg[i]);
    Node *c = node_new(fn, (Op)n->op, n->loc, n->narg, arg, n->nres);
    c->inlined_at = n->inlined_at;
    vec_each (i, &n->attr)
        vec_push(fn->arena, &c->attr, n->attr.at[i]);
    for (int i = 0; i < n->nres; i++) {
        c->res[i].type = type_with(n->res[i].type, TY_SCALAR);
        c->res[i].hint = n->res[i].hint;
        n->res[i].tmp = &c->res[i];
    }
    node_append(b->body, c);
}

static void copy_map(Build *b, Node *n)
{
    Fn *fn = b->fn;
    Val **arg = ARENA_NEW_N(fn->arena, n->narg + 1, Val *);
    Val **out = ARENA_NEW_N(fn->arena, n->nres + 1, Val *);
    for (int i = 0; i < n->narg; i++)
        arg[i] = inside(b, n->arg[i]);
    region_inline(fn, n->region[0], b->body, arg, out, n->nres);
    for (int i = 0; i < n->nres; i++)
        n->res[i].tmp = out[i];
}

static bool used_outside(const Group *g, const Val *v)
{
    int inner = 0;
    vec_each (m, &g->member) {
        const Node *n = g->member.at[m];
        for (int i = 0; i < n->narg; i++)
            inner += n->arg[i] == v;
    }
    return v->nuse > inner;
}

static void collect_outputs(Build *b, Group *g)
{
    Fn *fn = b->fn;
    vec_each (m, &g->member) {
        Node *n = g->member.at[m];
        const char *outs = n->op == OP_MAP ? node_text(n, "outs") : NULL;
        for (int i = 0; i < n->nres; i++) {
            if (!used_outside(g, &n->res[i])) continue;
            vec_push(fn->arena, &b->out, (Val *)n->res[i].tmp);
            vec_push(fn->arena, &b->outer, &n->res[i]);
            vec_push(fn->arena, &b->letter, (char)(outs ? outs[i] : 'c'));
        }
    }
}

static Val **all_inputs(Build *b)
{
    Val **arg = ARENA_NEW_N(b->fn->arena, b->col.n + b->scalar.n + 1, Val *);
    for (idx i = 0; i < b->col.n; i++)
        arg[i] = b->col.at[i];
    for (idx i = 0; i < b->scalar.n; i++)
        arg[b->col.n + i] = b->scalar.at[i];
    return arg;
}

static void open_params(Build *b)
{
    Val **in = all_inputs(b);
    for (int i = 0; i < b->body->nparam; i++) {
        Val *v = in[i];
        b->body->param[i].type = type_with(v->type, TY_SCALAR);
        b->body->param[i].hint = v->hint;
        v->tmp = &b->body->param[i];
    }
}

/* Closes a group: one MAP before `at`. */
static void close_group(Fuse *f, Group *g, Node *at)
{
    Fn *fn = f->fn;
    g->open = false;
    ir_count_uses(fn);
    Build b = {.fn = fn};
    collect_inputs(fn, &b, g);
    int narg = (int)(b.col.n + b.scalar.n);
    Node *shell = node_new(fn, OP_MAP, g->member.at[0]->loc, 0, NULL, 0);
    b.body = node_add_region(fn, shell, narg);
    pass_clear_tmp(fn);
    open_params(&b);
    vec_each (m, &g->member) {
        if (g->member.at[m]->op == OP_MAP)
            copy_map(&b, g->member.at[m]);
        else
            copy_loop_node(&b, g->member.at[m]);
    }
    collect_outputs(&b, g);
    Node *map = node_new(fn, OP_MAP, shell->loc, narg, all_inputs(&b), (int)b.out.n);
    map->inlined_at = g->member.at[0]->inlined_at;
    map->region = shell->region;
    map->nregion = 1;
    b.body->owner = map;
    node_set_int(fn, map, "ncol", b.col.n);
    node_set_text(fn, map, "outs", b.letter.n ? b.letter.at : "", b.letter.n);
    node_append(b.body, node_new(fn, OP_YIELD, map->loc, (int)b.out.n, b.out.at, 0));
    node_insert_before(at, map);
    pass_clear_tmp(fn);
    vec_each (i, &b.outer) {
        Val *outer = b.outer.at[i];
        map->res[i].type = outer->type;
        map->res[i].axis = outer->axis;
        map->res[i].hint = outer->hint;
        outer->tmp = &map->res[i];
    }
    vec_each (m, &g->member)
        node_remove(g->member.at[m]);
    pass_forward(fn);
}

/* -- Grouping ---------------------------------------------------------------------- */
static bool uses_group(const Group *g, const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->def && in_group(g, n->arg[i]->def)) return true;
    return false;
}

static void close_used(Fuse *f, const Node *n, const Group *except, Node *at)
{
    vec_each (i, &f->group) {
        Group *g = f->group.at[i];
        if (g != except && g->open && uses_group(g, n)) close_group(f, g, at);
    }
}

static Group *open_group(Fuse *f, Axis *axis)
{
    vec_each (i, &f->group) {
        if (f->group.at[i]->open && f->group.at[i]->axis == axis) return f->group.at[i];
    }
    Group *g = ARENA_NEW(f->fn->arena, Group);
    g->axis = axis;
    g->open = true;
    vec_push(f->fn->arena, &f->group, g);
    return g;
}

/* A reduction of the group itself used by a new member: the loop must end first. */
static bool uses_reduction(const Group *g, const Node *n)
{
    for (int i = 0; i < n->narg; i++) {
        const Val *v = n->arg[i];
        if (!val_is_col(v) && v->def && in_group(g, v->def)) return true;
    }
    return false;
}

static void find_failing(void *data, Node *n)
{
    Effect e = (Effect)op_info[n->op].effect;
    bool quiet = e == EF_PURE || n->op == OP_IF || n->op == OP_YIELD ||
                 n->op == OP_MAP || is_loop(n) || n->op == OP_BREAK ||
                 n->op == OP_CONTINUE;
    *(bool *)data |= !quiet;
}

/* A row's function may raise. */
static bool may_fail(const Group *g)
{
    bool any = false;
    vec_each (m, &g->member)
        if (g->member.at[m]->op == OP_MAP)
            pass_walk(g->member.at[m]->region[0], find_failing, &any);
    return any;
}

/* What a handler, the user's arrays or the output show: it does not come before a
 * failure that stands before it. */
static bool is_seen(const Node *n)
{
    Effect e = (Effect)op_info[n->op].effect;
    return e == EF_WRITE || e == EF_IO || n->op == OP_VARSET;
}

static void fuse_region(Fuse *f, Region *r)
{
    idx base = f->group.n;
    node_each (n, r) {
        Axis *axis = is_member(n) ? member_axis(n) : NULL;
        if (axis) {
            Group *g = open_group(f, axis);
            close_used(f, n, g, n);
            if (uses_reduction(g, n)) {
                close_group(f, g, n);
                g = open_group(f, axis);
            }
            vec_push(f->fn->arena, &g->member, n);
            continue;
        }
        bool all = n->nregion > 0 || op_is_terminator((Op)n->op);
        for (idx i = base; i < f->group.n; i++) {
            Group *g = f->group.at[i];
            if (g->open && (all || uses_group(g, n) || (is_seen(n) && may_fail(g))))
                close_group(f, g, n);
        }
        for (int i = 0; i < n->nregion; i++)
            fuse_region(f, n->region[i]);
    }
}

/* -- Scalars late, all-reductions together ----------------------------------------- */

/* All-reductions and scalar arithmetic: moving them down to their first use keeps them
 * from ending groups early. All ranks move them alike, so collectives stay in one
 * order. */
static bool is_scalar_work(const Node *n)
{
    if (n->op == OP_ALLREDUCE) return true;
    return op_info[n->op].lower == LW_LOOP && !is_member(n);
}

static bool uses_result(const Node *user, const Node *def)
{
    for (int i = 0; i < user->narg; i++)
        if (user->arg[i]->def == def) return true;
    for (int k = 0; k < user->nregion; k++)
        node_each (n, user->region[k])
            if (uses_result(n, def)) return true;
    return false;
}

static void delay(Region *r)
{
    for (Node *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        for (int k = 0; k < n->nregion && n->op != OP_MAP; k++)
            delay(n->region[k]);
        if (!is_scalar_work(n)) continue;
        Node *user = n->next;
        while (user && !op_is_terminator((Op)user->op) && !uses_result(user, n))
            user = user->next;
        if (!user || user == n->next) continue;
        node_remove(n);
        node_insert_before(user, n);
    }
}

/* Neighbouring all-reductions become one. */
static Node *join_allreduce(Fn *fn, Node *a, Node *b)
{
    int narg = a->narg + b->narg;
    Val **arg = ARENA_NEW_N(fn->arena, narg, Val *);
    char *ops = ARENA_NEW_N(fn->arena, narg + 1, char);
    for (int i = 0; i < narg; i++) {
        Node *from = i < a->narg ? a : b;
        int k = i < a->narg ? i : i - a->narg;
        arg[i] = from->arg[k];
        ops[i] = node_text(from, "ops")[k];
    }
    Node *c = node_new(fn, OP_ALLREDUCE, a->loc, narg, arg, narg);
    c->inlined_at = a->inlined_at;
    node_set_text(fn, c, "ops", ops, narg);
    node_insert_before(a, c);
    for (int i = 0; i < narg; i++) {
        Val *old = i < a->narg ? &a->res[i] : &b->res[i - a->narg];
        c->res[i].type = old->type;
        old->tmp = &c->res[i];
    }
    node_remove(a);
    node_remove(b);
    return c;
}

/* Whether b needs nothing from a or from what stands between them. */
static bool independent(const Node *a, const Node *b)
{
    for (const Node *n = a; n != b; n = n->next)
        if (uses_result(b, n)) return false;
    return true;
}

/* The next all-reduction after a, over scalar work alone, if it can move up to a. */
static Node *neighbour(const Node *a)
{
    Node *b = a->next;
    while (b && b->op != OP_ALLREDUCE && is_scalar_work(b))
        b = b->next;
    return b && b->op == OP_ALLREDUCE && independent(a, b) ? b : NULL;
}

static void join_neighbours(Fuse *f, Region *r)
{
    for (Node *a = r->first; a; a = a->next) {
        for (int k = 0; k < a->nregion && a->op != OP_MAP; k++)
            join_neighbours(f, a->region[k]);
        if (a->op != OP_ALLREDUCE) continue;
        for (Node *b = neighbour(a); b; b = neighbour(a))
            a = join_allreduce(f->fn, a, b);
    }
}

void fuse_run(PassCx *cx)
{
    Fuse f = {.fn = cx->fn};
    delay(cx->fn->body);
    fuse_region(&f, cx->fn->body);
    pass_clear_tmp(cx->fn);
    join_neighbours(&f, cx->fn->body);
    pass_forward(cx->fn);
}
