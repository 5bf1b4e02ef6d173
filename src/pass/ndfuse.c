/* SPDX-License-Identifier: Apache-2.0
 * Fusion of loop nests over arrays of n dimensions (docs/arrays.md). A nest whose only
 * result is read by one other nest alone, element by element, becomes part of that
 * nest: its region is inlined in place of the element, its views become views of the
 * consumer. So a chain of operations is one loop, and what stood between never exists.
 *
 * What the consumer reads must be all of the array in its own order; or a part of the
 * lengths is 1 at run time and repeated (the strides are a choice between a length and
 * 0), as it is wherever lengths of two arguments are compared. Then the elements are
 * computed anew for each repetition, so only cheap ones are.
 *
 * Where the rows of the array are brought to another axis first (NDALIGN), those of
 * what it is made of are brought there instead: of one operand if they move between
 * ranks.
 *
 * A fused nest runs where the consumer stood. Nothing between may write what it reads,
 * and a store must not overlap it, but at the very same place. Nests raise nothing, so
 * the order of exceptions stays.
 *
 * After dist: no conversion stands between. Before fuse and own.
 */
#include "base/base.h"

#include "pass/pass_int.h"

enum { VIEWS_MAX = 48, NODES_MAX = 400, CHEAP_MAX = 12, DEPTH_MAX = 16 };

/* -- The parts of a nest ----------------------------------------------------------- */
typedef struct Nest {
    Node *node;
    int nd, nop;
    bool store; /* its first view is written, and no parameter of the region */
} Nest;

static bool is_nest(const Node *n)
{
    return n->op == OP_NDMAP || n->op == OP_NDSTORE;
}

static Nest nest_of(Node *n)
{
    return (Nest){.node = n,
                  .nd = (int)node_int(n, "nd", 0),
                  .nop = (int)node_int(n, "nop", 0),
                  .store = n->op == OP_NDSTORE};
}

/* base, offset, strides */
static Val **view_of(const Nest *m, int k)
{
    return m->node->arg + (idx)k * (2 + m->nd);
}

static Val *length_of(const Nest *m, int k)
{
    return m->node->arg[(idx)m->nop * (2 + m->nd) + k];
}

/* -- Numbers ----------------------------------------------------------------------- */
static bool const_int(const Val *v, int64_t *k)
{
    const Attr *a = v->def && v->def->op == OP_CONST ? node_attr(v->def, "v") : NULL;
    if (!a || a->kind != AT_INT) return false;
    *k = a->i;
    return true;
}

static bool is_int(const Val *v, int64_t k)
{
    int64_t x;
    return const_int(v, &x) && x == k;
}

static bool same_number(const Val *a, const Val *b)
{
    int64_t x, y;
    if (a == b) return true;
    if (const_int(a, &x) && const_int(b, &y)) return x == y;
    bool both = a->def && b->def && a->def->op == b->def->op && a->def->narg == 2;
    return both && a->def->op == OP_MUL &&
           same_number(a->def->arg[0], b->def->arg[0]) &&
           same_number(a->def->arg[1], b->def->arg[1]);
}

/* Whether v is the product of the lengths k .. nd - 1 of a nest. */
static bool is_product(const Val *v, const Nest *m, int k)
{
    int64_t known = 1, x;
    while (k < m->nd && const_int(length_of(m, k), &x) && x >= 0 && x < INT32_MAX &&
           known < INT32_MAX) {
        known *= x;
        k++;
    }
    if (k == m->nd) return is_int(v, known);
    if (known == 1 && k + 1 == m->nd && same_number(v, length_of(m, k))) return true;
    const Node *d = v->def;
    if (!d || d->op != OP_MUL) return false;
    for (int i = 0; i < 2; i++) {
        const Val *one = d->arg[i], *rest = d->arg[1 - i];
        if (known != 1) {
            if (is_int(one, known) && is_product(rest, m, k)) return true;
        } else if (same_number(one, length_of(m, k)) && is_product(rest, m, k + 1)) {
            return true;
        }
    }
    return false;
}

/* -- How a consumer reads an array ------------------------------------------------- */
typedef enum Step { STEP_NO, STEP_ALONG, STEP_MAYBE, STEP_STILL } Step;

/* Of a consumer's dimension: along that dimension of the producer, none, or by the test
 * in *cond one of the two. */
static bool is_along(const Val *stride, const Nest *p, int k, const Node *align)
{
    return align ? stride == &align->res[2 + k] : is_product(stride, p, k + 1);
}

static Step step_of(const Val *stride, const Nest *p, int k, const Node *align,
                    Val **cond)
{
    if (is_int(stride, 0)) return STEP_STILL;
    if (is_along(stride, p, k, align)) return STEP_ALONG;
    const Node *d = stride->def;
    if (!d || d->op != OP_SELECT || !is_int(d->arg[2], 0)) return STEP_NO;
    if (!is_along(d->arg[1], p, k, align)) return STEP_NO;
    *cond = d->arg[0];
    return STEP_MAYBE;
}

typedef struct Reading {
    Step step[DEPTH_MAX];
    Val *cond[DEPTH_MAX];
    bool repeats; /* some element may be asked for several times */
    Node *align;  /* the rows are read on another axis; NULL */
} Reading;

/* to, base, offset, strides, lengths -> base, offset, strides */
static bool aligns_whole(const Node *a, const Nest *p)
{
    if (a->narg != 3 + 2 * p->nd || !is_int(a->arg[2], 0)) return false;
    for (int k = 0; k < p->nd; k++)
        if (!is_product(a->arg[3 + k], p, k + 1) ||
            !same_number(a->arg[3 + p->nd + k], length_of(p, k)))
            return false;
    return true;
}

static bool read_of(const Nest *c, int op, const Nest *p, Reading *out)
{
    Val **view = view_of(c, op);
    int lead = c->nd - p->nd;
    *out = (Reading){.align = view[0]->def->op == OP_NDALIGN ? view[0]->def : NULL};
    if (lead < 0 || c->nd > DEPTH_MAX) return false;
    if (out->align ? view[1] != &out->align->res[1] : !is_int(view[1], 0)) return false;
    if (out->align && (lead || !aligns_whole(out->align, p))) return false;
    for (int k = 0; k < c->nd; k++) {
        Val *stride = view[2 + k];
        Step s = k < lead ? (is_int(stride, 0) ? STEP_STILL : STEP_NO)
                          : step_of(stride, p, k - lead, out->align, &out->cond[k]);
        if (s == STEP_NO) return false;
        const Val *len = k >= lead ? length_of(p, k - lead) : NULL;
        if (out->align && k == 0) len = out->align->arg[0];
        bool same = k >= lead && same_number(length_of(c, k), len);
        if (s == STEP_ALONG && !same) return false;
        /* A stride of 0 reads one row again and again, whatever the lengths are. */
        bool once = same && (s != STEP_STILL || is_int(length_of(c, k), 1));
        out->repeats |= s != STEP_ALONG && !once;
        out->step[k] = same && s == STEP_MAYBE ? STEP_ALONG : s;
    }
    return true;
}

/* -- What may be moved ------------------------------------------------------------- */
/* About as many additions as it takes. */
static int cost_of(const Node *n)
{
    double k = 0;
    const Attr *v =
        n->narg > 1 && n->arg[1]->def ? node_attr(n->arg[1]->def, "v") : NULL;
    switch ((Op)n->op) {
    case OP_CONST: return 0;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_NEG:
    case OP_ABS:
    case OP_CAST:
    case OP_SELECT:
    case OP_MIN2:
    case OP_MAX2:
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return 1;
    case OP_DIV:
    case OP_SQRT: return 3;
    case OP_POW:
        if (v && v->kind == AT_FLOAT) k = v->f;
        if (v && v->kind == AT_INT) k = (double)v->i;
        return k == 2 || k == 0.5 ? 3 : CHEAP_MAX + 1;
    default: return CHEAP_MAX + 1;
    }
}

/* Work on registers alone. */
static bool is_plain(const Region *r, int *nodes, int *cost)
{
    for (const Node *n = r->first; n && n != r->last; n = n->next) {
        bool work = op_info[n->op].lower == LW_LOOP && op_info[n->op].effect == EF_PURE;
        if (n->nregion || (!work && n->op != OP_CONST)) return false;
        ++*nodes;
        *cost += cost_of(n);
    }
    return r->last && r->last->op == OP_YIELD && r->last->narg == 1;
}

static bool uses_position(const Region *r, int first)
{
    node_each (n, r)
        for (int i = 0; i < n->narg; i++)
            if (!n->arg[i]->def && n->arg[i]->region == r && n->arg[i]->index >= first)
                return true;
    return false;
}

/* Neither writes memory nor leaves the place. */
static bool is_still(const Node *n)
{
    if (n->op == OP_NDMAP || n->op == OP_MAP) return n->nres > 0;
    if (n->nregion) return false;
    return op_info[n->op].effect == EF_PURE || op_info[n->op].effect == EF_FAIL ||
           op_info[n->op].effect == EF_READ || op_info[n->op].effect == EF_COLL;
}

static bool nothing_between(const Node *p, const Node *c)
{
    if (p->parent != c->parent) return false;
    const Node *n = p->next;
    while (n && n != c && is_still(n))
        n = n->next;
    return n == c;
}

/* Memory that nothing else has: made by a node of this function. */
static bool is_fresh(const Val *v)
{
    const Node *d = val_memory(v)->def;
    return d && (d->op == OP_NDMAP || d->op == OP_NDNEW || d->op == OP_NDREDUCE);
}

/* The store writes nothing that the producer reads, but at the same place. */
static bool apart(const Nest *c, const Nest *p, const Reading *how)
{
    Val **to = view_of(c, 0);
    for (int k = 0; k < p->nop; k++) {
        Val **from = view_of(p, k);
        const Val *a = val_memory(from[0]), *b = val_memory(to[0]);
        if (a != b && (is_fresh(a) || is_fresh(b))) continue;
        if (from[0] != to[0] || !same_number(from[1], to[1]) || how->repeats ||
            c->nd != p->nd)
            return false;
        for (int d = 0; d < p->nd; d++)
            if (!same_number(from[2 + d], to[2 + d])) return false;
    }
    return true;
}

static const int64_t *axis_marks(const Nest *m)
{
    const Attr *a = node_attr(m->node, "ax");
    return a ? a->ints : NULL;
}

/* The operands' rows may be brought where those of the result would be. */
static bool may_align(const Nest *p, const Node *align)
{
    const int64_t *ax = axis_marks(p);
    int moved = 0;
    for (int k = 0; k < p->nop; k++) {
        if (!ax || (!ax[k] && !is_int(view_of(p, k)[2], 0))) return false;
        moved += ax[k] != 0;
    }
    bool stays = !node_int(align, "topar", 1) && !node_int(align, "frompar", 1);
    return (stays || moved <= 1) && !uses_position(p->node->region[0], p->nop);
}

/* made: what the consumer reads: the producer's result, or its rows elsewhere. */
static bool may_fuse(const Nest *c, int op, const Nest *p, Reading *how)
{
    int nodes = 0, cost = 0, uses = 0;
    const Val *made = view_of(c, op)[0];
    bool shared = made != &p->node->res[0] && p->node->res[0].nuse != 1;
    if (shared) return false;
    if (p->node->op != OP_NDMAP || p->node->nres != 1 || p->nop + c->nop > VIEWS_MAX)
        return false;
    if (p->node->parent != c->node->parent) return false;
    for (int k = c->store; k < c->nop; k++)
        uses += view_of(c, k)[0] == made;
    const Node *align = made->def->op == OP_NDALIGN ? made->def : NULL;
    if (align && (align->parent != c->node->parent || !may_align(p, align)))
        return false;
    if (uses != made->nuse || (c->store && view_of(c, 0)[0] == made)) return false;
    if (!is_plain(p->node->region[0], &nodes, &cost) || nodes > NODES_MAX) return false;
    if (!read_of(c, op, p, how) || (how->repeats && cost > CHEAP_MAX)) return false;
    if (how->repeats && uses_position(p->node->region[0], p->nop)) return false;
    if (!nothing_between(p->node, c->node)) return false;
    return !c->store || apart(c, p, how);
}

/* -- Fusing ------------------------------------------------------------------------ */
typedef struct Join {
    Fn *fn;
    Nest c, p;
    int op; /* the consumer's view that is the producer's result */
    const Reading *how;
} Join;

static Val *zero(Fn *fn, Node *before)
{
    Node *n = node_new(fn, OP_CONST, before->loc, 0, NULL, 1);
    n->res[0].type = type_scalar(DT_I64);
    node_set_int(fn, n, "v", 0);
    node_insert_before(before, n);
    return &n->res[0];
}

/* The view k of the producer, its rows where the consumer's are: base, offset, strides.
 */
static Val **view_there(const Join *j, int k)
{
    const Nest *p = &j->p;
    const Node *was = j->how->align;
    Val **from = view_of(p, k);
    if (!was || !axis_marks(p)[k]) return from;
    Val **arg = ARENA_NEW_N(j->fn->arena, was->narg, Val *);
    arg[0] = was->arg[0];
    for (int i = 0; i < 2 + p->nd; i++)
        arg[1 + i] = from[i];
    for (int d = 0; d < p->nd; d++)
        arg[3 + p->nd + d] = length_of(p, d);
    Node *a = node_new(j->fn, OP_NDALIGN, was->loc, was->narg, arg, was->nres);
    a->inlined_at = was->inlined_at;
    vec_each (i, &was->attr)
        vec_push(j->fn->arena, &a->attr, was->attr.at[i]);
    node_insert_before(j->c.node, a);
    Val **out = ARENA_NEW_N(j->fn->arena, a->nres, Val *);
    for (int i = 0; i < a->nres; i++) {
        a->res[i].type = i ? was->res[i].type : from[0]->type;
        a->res[i].axis = was->res[i].axis;
        out[i] = &a->res[i];
    }
    return out;
}

/* The producer's view k as the consumer walks it, appended to arg. */
static int put_view(const Join *j, int k, Val **arg, int n)
{
    Val **from = view_there(j, k);
    int lead = j->c.nd - j->p.nd;
    arg[n++] = from[0];
    arg[n++] = from[1];
    for (int d = 0; d < j->c.nd; d++) {
        Step s = j->how->step[d];
        Val *v = s == STEP_STILL ? zero(j->fn, j->c.node) : from[2 + d - lead];
        if (s == STEP_MAYBE && !is_int(v, 0)) {
            Val *in[3] = {j->how->cond[d], v, zero(j->fn, j->c.node)};
            Node *pick = node_new(j->fn, OP_SELECT, j->c.node->loc, 3, in, 1);
            pick->res[0].type = type_scalar(DT_I64);
            node_insert_before(j->c.node, pick);
            v = &pick->res[0];
        }
        arg[n++] = v;
    }
    return n;
}

/* The new region: parameters are those of the views of both, then the positions. */
static void join_regions(const Join *j, Node *out, int nop)
{
    Fn *fn = j->fn;
    const Nest *c = &j->c, *p = &j->p;
    int first = c->store ? 1 : 0, lead = c->nd - p->nd, own = c->nop - 1 - first;
    Region *rc = c->node->region[0], *rp = p->node->region[0];
    Region *r = node_add_region(fn, out, nop - first + c->nd);
    Val **of_p = ARENA_NEW_N(fn->arena, p->nop + p->nd + 1, Val *), *made = NULL;
    Val **of_c = ARENA_NEW_N(fn->arena, c->nop + c->nd + 1, Val *);
    for (int k = 0, at = 0; k < c->nop - first; k++) {
        if (k + first == j->op) continue;
        r->param[at].type = rc->param[k].type;
        of_c[k] = &r->param[at++];
    }
    for (int k = 0; k < p->nop; k++) {
        r->param[own + k].type = rp->param[k].type;
        of_p[k] = &r->param[own + k];
    }
    for (int d = 0; d < c->nd; d++) {
        Val *at = &r->param[own + p->nop + d];
        at->type = type_scalar(DT_I64);
        of_c[c->nop - first + d] = at;
        if (d >= lead) of_p[p->nop + d - lead] = at;
    }
    region_inline(fn, rp, r, of_p, &made, 1);
    of_c[j->op - first] = made;
    int nout = rc->last->narg;
    Val **yield = ARENA_NEW_N(fn->arena, nout + 1, Val *);
    region_inline(fn, rc, r, of_c, yield, nout);
    node_append(r, node_new(fn, OP_YIELD, c->node->loc, nout, yield, 0));
}

/* The consumer with the producer's region in place of its view `op`. */
static Node *fused(const Join *j)
{
    Fn *fn = j->fn;
    const Nest *c = &j->c, *p = &j->p;
    int nop = c->nop - 1 + p->nop, n = 0, views = 0;
    Val **arg = ARENA_NEW_N(fn->arena, (idx)nop * (2 + c->nd) + c->nd + 1, Val *);
    int64_t *ax = ARENA_NEW_N(fn->arena, nop + 1, int64_t);
    const int64_t *axc = axis_marks(c), *axp = axis_marks(p);
    for (int k = 0; k < c->nop; k++) {
        if (k == j->op) continue;
        for (int i = 0; i < 2 + c->nd; i++)
            arg[n++] = view_of(c, k)[i];
        ax[views++] = axc ? axc[k] : 0;
    }
    for (int k = 0; k < p->nop; k++) {
        n = put_view(j, k, arg, n);
        ax[views++] = axp && c->nd == p->nd ? axp[k] : 0;
    }
    for (int d = 0; d < c->nd; d++)
        arg[n++] = length_of(c, d);
    Node *out = node_new(fn, (Op)c->node->op, c->node->loc, n, arg, c->node->nres);
    out->inlined_at = c->node->inlined_at;
    vec_each (i, &c->node->attr)
        vec_push(fn->arena, &out->attr, c->node->attr.at[i]);
    node_set_int(fn, out, "nop", nop);
    node_set_ints(fn, out, "ax", ax, nop);
    join_regions(j, out, nop);
    for (int i = 0; i < out->nres; i++) {
        out->res[i].type = c->node->res[i].type;
        out->res[i].axis = c->node->res[i].axis;
        out->res[i].hint = c->node->res[i].hint;
    }
    node_insert_before(c->node, out);
    return out;
}

/* Views of one array that are the same become one, with one parameter. */
static bool same_view(const Nest *m, int a, int b)
{
    Val **x = view_of(m, a), **y = view_of(m, b);
    if (x[0] != y[0] || !same_number(x[1], y[1])) return false;
    for (int d = 0; d < m->nd; d++)
        if (!same_number(x[2 + d], y[2 + d])) return false;
    return true;
}

static void join_equal_views(const Nest *m)
{
    Region *r = m->node->region[0];
    for (int a = m->store; a < m->nop; a++)
        for (int b = a + 1; b < m->nop; b++) {
            if (!same_view(m, a, b)) continue;
            Val *from = &r->param[b - m->store], *to = &r->param[a - m->store];
            node_each (n, r)
                for (int i = 0; i < n->narg; i++)
                    if (n->arg[i] == from) n->arg[i] = to;
        }
}

static Node *fuse_one(Fn *fn, Node *n, bool *done)
{
    Reading how;
    Join j = {.fn = fn, .c = nest_of(n), .how = &how};
    for (j.op = j.c.store; j.op < j.c.nop; j.op++) {
        Node *d = view_of(&j.c, j.op)[0]->def;
        if (d && d->op == OP_NDALIGN) d = d->arg[1]->def;
        if (!d || d->op != OP_NDMAP) continue;
        j.p = nest_of(d);
        if (!may_fuse(&j.c, j.op, &j.p, &how)) continue;
        Node *out = fused(&j);
        for (int i = 0; i < n->nres; i++)
            n->res[i].tmp = &out->res[i];
        node_remove(n);
        *done = true;
        return out;
    }
    return n;
}

/* Nests before n, and moves of their rows, whose arrays nobody reads any more. */
static void drop_unused(Fn *fn, Region *r, Node *n)
{
    ir_count_uses(fn);
    for (Node *p = n->prev, *prev; p; p = prev) {
        prev = p->prev;
        bool unused = (p->op == OP_NDMAP && p->nres == 1) || p->op == OP_NDALIGN;
        unused = unused && p->res[0].nuse == 0 && p->parent == r;
        for (int i = 1; i < p->nres; i++)
            unused = unused && p->res[i].nuse == 0;
        if (!unused) continue;
        node_remove(p);
        ir_count_uses(fn);
    }
}

static void fuse_nests(Fn *fn, Region *r)
{
    for (Node *n = r->first; n; n = n->next) {
        for (int k = 0; k < n->nregion && !is_nest(n) && n->op != OP_MAP; k++)
            fuse_nests(fn, n->region[k]);
        bool any = false, done = is_nest(n);
        while (done) {
            done = false;
            Node *now = fuse_one(fn, n, &done);
            if (done) {
                pass_forward(fn);
                drop_unused(fn, r, now);
                any = true;
            }
            n = now;
        }
        if (any) {
            Nest m = nest_of(n);
            join_equal_views(&m);
        }
    }
}

void ndfuse_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    ir_count_uses(cx->fn);
    fuse_nests(cx->fn, cx->fn->body);
}
