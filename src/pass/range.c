/* SPDX-License-Identifier: Apache-2.0
 * Element accesses of `while` loops that are in bounds whatever the data: nocheck=1 (of
 * a view: bits of sure). What codegen/cg_bounds.c does before a nest of counted loops
 * by looking at their ranges is done here from the program's text, because what a
 * `while` carries has no range that is known before it runs.
 *
 * The question is always "v <= T + c?" or "v >= c?" at a node: T is the length of an
 * array (the rows of its axis, or the extent of a view) or nothing. It is answered from
 *
 *   conditions    of the ifs around the node, and before it of those with an arm that
 *                 leaves (`if not j >= 0: break`)
 *   the value     sums, products, quotients, remainders of other values
 *   joins         each value that is yielded, at its yield
 *   loops         the initial value, and each value that a CONTINUE hands on, taking
 * for granted that the parameter fulfils it: induction over the rounds. All parameters
 * in question are assumed at once, which is one induction
 *
 * Integers wrap. A sum is only followed where it can't: going up, because its bound is
 * far below 2^62; going down, because its operand has a lower bound; lengths are below
 * 2^56. So each step asks for the other side too where it has to.
 *
 * Accesses in nests of counted loops alone are left to cg_bounds.c, which finds out
 * more there (arrays that share no memory, elements that may be read in vain). Nodes
 * may not be moved after this pass: what it proves holds where they stand.
 */
#include "base/base.h"

#include "base/kinds.h"
#include "pass/pass_int.h"

enum { DEPTH_MAX = 40, STEPS_MAX = 8000, HELD_MAX = 16, NDIM_MAX = 16 };
/* No length is above LONGEST (memory ends there); what is not above FAR may be added to
 * what is not above NEAR. */
static const int64_t LONGEST = (int64_t)1 << 56, FAR = (int64_t)1 << 61,
                     NEAR = (int64_t)1 << 62;

/* v <= to + c, or v >= c: then low. */
typedef struct Goal {
    Val *v;
    Val *to; /* NULL: 0 */
    int64_t c;
    bool low;
} Goal;

typedef struct Answer {
    Goal goal;
    const Node *at;
    int nheld; /* true as long as so many assumptions hold */
    bool ok;
} Answer;

typedef struct Prover {
    Fn *fn;
    VEC(Answer) seen;
    Goal held[HELD_MAX]; /* of the parameters whose rounds are being looked at */
    int nheld, depth;
    int64_t steps;
} Prover;

static bool prove(Prover *p, Goal g, const Node *at);

/* -- Values ------------------------------------------------------------------------ */

/* LEN of the rows of a whole axis is these rows. */
static Val *same(Val *v)
{
    while (v->def && v->def->op == OP_LEN)
        v = v->def->arg[0];
    return v;
}

static bool is_length(const Val *v)
{
    if (v->tmp) return true; /* rows of an axis */
    if (!v->def) return false;
    switch ((Op)v->def->op) {
    case OP_LEN:
    case OP_ROWS:
    case OP_OBJLEN:
    case OP_TEXTLEN: return true;
    case OP_NDRANGE: return v->index == 0;
    default: return false;
    }
}

static bool is_i64(const Val *v)
{
    return v->type.kind == TY_SCALAR && v->type.dt == DT_I64 &&
           v->type.null == NULL_NONE;
}

static bool is_const(const Val *v, int64_t *c)
{
    const Attr *a = v->def && v->def->op == OP_CONST ? node_attr(v->def, "v") : NULL;
    if (!a || a->kind != AT_INT) return false;
    *c = a->i;
    return true;
}

static bool is_near(int64_t c)
{
    return c > -NEAR && c < NEAR;
}

static bool at_least(Prover *p, Val *v, int64_t c, const Node *at)
{
    return is_near(c) && prove(p, (Goal){.v = v, .c = c, .low = true}, at);
}

static bool at_most(Prover *p, Val *v, Val *to, int64_t c, const Node *at)
{
    return is_near(c) && prove(p, (Goal){.v = v, .to = to, .c = c}, at);
}

/* -- Conditions that hold ---------------------------------------------------------- */

/* k >= 1 where x is k * v, 0 where it is something else. */
static int64_t multiple_of(Val *x, Val *v)
{
    if (same(x) == v) return 1;
    const Node *m = x->def;
    int64_t times;
    if (!m || m->op != OP_MUL) return 0;
    bool left = is_const(m->arg[0], &times);
    if (!left && !is_const(m->arg[1], &times)) return 0;
    return same(m->arg[left]) == v && times >= 1 && times <= 1 << 20 ? times : 0;
}

/* a <= b + c holds. Tells about goal g, whose value it mentions. */
static bool by_order(Prover *p, Goal g, Val *a, Val *b, int64_t c, const Node *at)
{
    if (g.low) return same(b) == g.v && at_least(p, a, g.c + c, at);
    if (same(a) == g.v) return at_most(p, b, g.to, g.c - c, at);
    /* k * v + plus <= b + c: v is not more than k * v where it is not negative. */
    int64_t plus = 0, k;
    Val *x = a;
    while (x->def && (x->def->op == OP_ADD || x->def->op == OP_SUB) &&
           is_const(x->def->arg[1], &k)) {
        if (k <= -FAR || k >= FAR) return false;
        plus += x->def->op == OP_ADD ? k : -k;
        if (plus <= -FAR || plus >= FAR) return false;
        x = x->def->arg[0];
    }
    if (!g.to || (x == a && (!x->def || x->def->op != OP_MUL))) return false;
    int64_t times = multiple_of(x, g.v);
    if (!times) return false;
    /* Nothing wrapped, so the condition says what it seems to. */
    if (!at_most(p, g.v, NULL, (FAR >> 1) / times, at)) return false;
    if (!at_least(p, g.v, times > 1 ? 0 : -(FAR >> 1), at)) return false;
    return at_most(p, b, g.to, g.c - c + plus, at);
}

static bool by_condition(Prover *p, Goal g, Val *cond, bool truth, const Node *at);

/* A join of conditions, as `and` and `or` are made: which arm was taken is known where
 * the other one yields the opposite. */
static bool by_join(Prover *p, Goal g, Val *cond, bool truth, const Node *at)
{
    Node *n = cond->def;
    for (int other = 0; other < 2; other++) {
        const Node *end = n->region[other]->last, *ours = n->region[!other]->last;
        if (end->op == OP_YIELD) {
            Val *y = end->arg[cond->index];
            int64_t c;
            bool opposite = is_const(y, &c) ? (c != 0) != truth
                                            : y == n->arg[0] && (other == 0) != truth;
            if (!opposite) continue;
        }
        if (by_condition(p, g, n->arg[0], other == 1, at)) return true;
        if (ours->op == OP_YIELD &&
            by_condition(p, g, ours->arg[cond->index], truth, at))
            return true;
    }
    return false;
}

/* Whether the goal follows from a condition that is known to be true, or false. */
static bool by_condition(Prover *p, Goal g, Val *cond, bool truth, const Node *at)
{
    Node *n = cond->def;
    if (!n || p->steps <= 0) return false;
    if (n->op == OP_INVERT) return by_condition(p, g, n->arg[0], !truth, at);
    if (n->op == OP_IF) return by_join(p, g, cond, truth, at);
    if ((n->op == OP_BITAND && truth) || (n->op == OP_BITOR && !truth))
        return by_condition(p, g, n->arg[0], truth, at) ||
               by_condition(p, g, n->arg[1], truth, at);
    if (n->narg != 2 || !is_i64(n->arg[0]) || !is_i64(n->arg[1])) return false;
    Val *a = n->arg[0], *b = n->arg[1];
    p->steps--;
    switch ((Op)n->op) {
    case OP_LT:
        return truth ? by_order(p, g, a, b, -1, at) : by_order(p, g, b, a, 0, at);
    case OP_LE:
        return truth ? by_order(p, g, a, b, 0, at) : by_order(p, g, b, a, -1, at);
    case OP_GT:
        return truth ? by_order(p, g, b, a, -1, at) : by_order(p, g, a, b, 0, at);
    case OP_GE:
        return truth ? by_order(p, g, b, a, 0, at) : by_order(p, g, a, b, -1, at);
    case OP_EQ:
    case OP_NE:
        if ((n->op == OP_EQ) != truth) return false;
        return by_order(p, g, a, b, 0, at) || by_order(p, g, b, a, 0, at);
    default: return false;
    }
}

static bool leaves(const Region *r)
{
    return r->last && r->last->op != OP_YIELD;
}

/* Conditions that hold at a node, from the nearest one outwards, as long as v was
 * there. */
static bool by_conditions(Prover *p, Goal g, const Node *at)
{
    const Region *home = g.v->def ? g.v->def->parent : g.v->region;
    for (const Node *n = at; n;) {
        const Region *r = n->parent;
        for (const Node *b = n->prev; b && b != g.v->def; b = b->prev) {
            if (p->steps-- <= 0) return false;
            if (b->op != OP_IF) continue;
            bool gone = leaves(b->region[0]);
            if (gone == leaves(b->region[1])) continue;
            if (by_condition(p, g, b->arg[0], !gone, b)) return true;
        }
        if (r == home) return false;
        n = r->owner;
        if (n && n->op == OP_IF && by_condition(p, g, n->arg[0], r == n->region[0], n))
            return true;
    }
    return false;
}

/* -- What a value is made of ------------------------------------------------------- */

/* v = a + k */
static bool by_sum(Prover *p, Goal g, Val *a, int64_t k, const Node *at)
{
    if (!is_near(k)) return false;
    if (g.low)
        return at_least(p, a, g.c - k, at) && (k <= 0 || at_most(p, a, NULL, FAR, at));
    return at_most(p, a, g.to, g.c - k, at) && (k >= 0 || at_least(p, a, -FAR, at));
}

/* v = a * k, k > 0 */
static bool by_product(Prover *p, Goal g, Val *a, int64_t k, const Node *at)
{
    int64_t most = FAR / k;
    if (k <= 0 || g.to) return false;
    if (g.low) {
        int64_t c = g.c > 0 ? (g.c + k - 1) / k : g.c / k;
        return at_least(p, a, c, at) && at_most(p, a, NULL, most, at);
    }
    return g.c >= 0 && at_most(p, a, NULL, g.c / k, at) && at_least(p, a, -most, at);
}

/* v = (a + b) // 2: at most one of them need be one more. */
static bool by_middle(Prover *p, Goal g, const Node *sum, const Node *at)
{
    Val *a = sum->arg[0], *b = sum->arg[1];
    if (!at_most(p, a, NULL, FAR, at) || !at_most(p, b, NULL, FAR, at) ||
        !at_least(p, a, -FAR, at) || !at_least(p, b, -FAR, at))
        return false;
    if (g.low) return at_least(p, a, g.c, at) && at_least(p, b, g.c, at);
    return (at_most(p, a, g.to, g.c, at) && at_most(p, b, g.to, g.c + 1, at)) ||
           (at_most(p, b, g.to, g.c, at) && at_most(p, a, g.to, g.c + 1, at));
}

/* v = a // k, k > 0, rounded down */
static bool by_quotient(Prover *p, Goal g, Val *a, int64_t k, const Node *at)
{
    if (k <= 0 || k > LONGEST) return false;
    if (k == 2 && a->def && a->def->op == OP_ADD && is_i64(a) &&
        by_middle(p, g, a->def, at))
        return true;
    if (g.low) return g.c > -FAR / k && g.c < FAR / k && at_least(p, a, g.c * k, at);
    if (at_most(p, a, g.to, g.c, at) && at_least(p, a, 0, at)) return true;
    return !g.to && g.c >= 0 && g.c < FAR / k && at_most(p, a, NULL, g.c * k, at);
}

/* v = a % b, which has the sign of b, or a & b */
static bool by_mask(Prover *p, Goal g, const Node *d, const Node *at)
{
    Val *b = d->arg[1];
    bool rest = d->op == OP_MOD;
    if (!at_least(p, b, rest ? 1 : 0, at)) return false;
    if (g.low) return g.c <= 0;
    return at_most(p, b, g.to, g.c + rest, at);
}

static bool by_node(Prover *p, Goal g, const Node *at)
{
    const Node *d = g.v->def;
    int64_t k;
    switch ((Op)d->op) {
    case OP_ADD:
        if (is_const(d->arg[1], &k)) return by_sum(p, g, d->arg[0], k, at);
        return is_const(d->arg[0], &k) && by_sum(p, g, d->arg[1], k, at);
    case OP_SUB: return is_const(d->arg[1], &k) && by_sum(p, g, d->arg[0], -k, at);
    case OP_MUL:
        if (is_const(d->arg[1], &k)) return by_product(p, g, d->arg[0], k, at);
        return is_const(d->arg[0], &k) && by_product(p, g, d->arg[1], k, at);
    case OP_FLOORDIV:
        return is_const(d->arg[1], &k) && by_quotient(p, g, d->arg[0], k, at);
    case OP_MOD:
    case OP_BITAND: return by_mask(p, g, d, at);
    case OP_SELECT: {
        Goal a = g, b = g;
        a.v = d->arg[1];
        b.v = d->arg[2];
        return prove(p, a, at) && prove(p, b, at);
    }
    default: return false;
    }
}

/* -- Joins and loops --------------------------------------------------------------- */

static bool holds_for(Prover *p, Goal g, Val *v, const Node *at)
{
    g.v = v;
    return prove(p, g, at);
}

static bool by_if(Prover *p, Goal g, const Node *d)
{
    for (int k = 0; k < d->nregion; k++) {
        const Node *end = d->region[k]->last;
        if (end->op == OP_YIELD && !holds_for(p, g, end->arg[g.v->index], end))
            return false;
    }
    return true;
}

/* Of each CONTINUE (or BREAK) of a loop, operand i. */
static bool by_ends(Prover *p, Goal g, const Region *r, Op op, int64_t depth, int i)
{
    for (const Node *n = r->first; n; n = n->next) {
        bool loop = is_loop(n) || n->op == OP_MAP;
        if (p->steps-- <= 0) return false;
        for (int k = 0; k < n->nregion; k++)
            if (!by_ends(p, g, n->region[k], op, depth + loop, i)) return false;
        if (n->op == op && node_int(n, "depth", 0) == depth &&
            !holds_for(p, g, n->arg[i], n))
            return false;
    }
    return true;
}

/* The index of a counted loop lies between start and stop. */
static bool by_index(Prover *p, Goal g, Node *loop)
{
    int64_t step;
    if (!is_const(loop->arg[2], &step) || step == 0 || !is_near(step)) return false;
    Val *start = loop->arg[0], *stop = loop->arg[1];
    if (step > 0)
        return g.low ? at_least(p, start, g.c, loop)
                     : at_most(p, stop, g.to, g.c + 1, loop);
    return g.low ? at_least(p, stop, g.c - 1, loop)
                 : at_most(p, start, g.to, g.c, loop);
}

static bool is_held(const Prover *p, Goal g)
{
    for (int i = 0; i < p->nheld; i++) {
        const Goal *h = &p->held[i];
        if (h->v != g.v || h->low != g.low || h->to != g.to) continue;
        if (g.low ? h->c >= g.c : h->c <= g.c) return true;
    }
    return false;
}

static bool by_induction(Prover *p, Goal g, const Node *loop, int operand, int i)
{
    if (p->nheld == HELD_MAX || !holds_for(p, g, loop->arg[operand], loop))
        return false;
    p->held[p->nheld++] = g;
    bool ok = by_ends(p, g, loop->region[0], OP_CONTINUE, 0, i);
    p->nheld--;
    idx n = 0;
    vec_each (k, &p->seen)
        if (p->seen.at[k].nheld <= p->nheld) p->seen.at[n++] = p->seen.at[k];
    p->seen.n = n;
    return ok;
}

/* Questions that only ask whether something wraps become one, which is more likely to
 * be what the rounds keep: not negative, not above any length. */
static bool by_rounds(Prover *p, Goal g)
{
    Node *loop = g.v->region->owner;
    if (!loop || (loop->op != OP_FOR && loop->op != OP_LOOP)) return false;
    int first = loop->op == OP_FOR, init = first ? 3 : 0, i = g.v->index - first;
    if (i < 0) return by_index(p, g, loop);
    if (!g.low && !g.to && g.c > LONGEST) g.c = LONGEST;
    if (is_held(p, g)) return true;
    if (g.low && g.c < 0) {
        Goal zero = g;
        zero.c = 0;
        if (is_held(p, zero) || by_induction(p, zero, loop, init + i, i)) return true;
        if (g.c < -LONGEST) g.c = -LONGEST;
        if (is_held(p, g)) return true;
    }
    return by_induction(p, g, loop, init + i, i);
}

/* What a loop gives: what a BREAK does; of a counted one what it ends with too. */
static bool by_result(Prover *p, Goal g, Node *loop)
{
    const Region *body = loop->region[0];
    int i = g.v->index;
    if (!by_ends(p, g, body, OP_BREAK, 0, i)) return false;
    if (loop->op == OP_LOOP) return true;
    return holds_for(p, g, &loop->region[0]->param[1 + i], body->first);
}

/* -- The question ------------------------------------------------------------------ */

static bool by_itself(Prover *p, Goal g, const Node *at)
{
    int64_t c;
    if (is_const(g.v, &c)) {
        if (g.low || !g.to) return g.low ? c >= g.c : c <= g.c;
        return is_near(c) && at_least(p, g.to, c - g.c, at);
    }
    if (is_length(g.v) && (g.low ? g.c <= 0 : !g.to && g.c >= LONGEST)) return true;
    if (!g.to || g.low) return false;
    if (g.v == g.to) return g.c >= 0;
    /* The axis of so many rows: at least n, and n may be a sum itself. */
    Node *axis = g.to->def;
    if (!axis || axis->op != OP_AXIS) return false;
    Val *n = same(axis->arg[0]);
    if (g.v == n) return g.c >= 0;
    const Node *sum = n->def;
    if (!sum || sum->op != OP_ADD || same(sum->arg[0]) != g.v) return false;
    if (!is_const(sum->arg[1], &c) || c < 0 || !is_near(c)) return false;
    return g.c >= -c && at_least(p, n, 0, axis);
}

static bool search(Prover *p, Goal g, const Node *at)
{
    if (by_itself(p, g, at) || is_held(p, g)) return true;
    if (by_conditions(p, g, at)) return true;
    if (!g.v->def) return by_rounds(p, g);
    if (g.v->def->op == OP_IF) return by_if(p, g, g.v->def);
    if (is_loop(g.v->def)) return by_result(p, g, g.v->def);
    return by_node(p, g, at);
}

static bool same_goal(const Goal *a, const Goal *b)
{
    return a->v == b->v && a->to == b->to && a->c == b->c && a->low == b->low;
}

static bool prove(Prover *p, Goal g, const Node *at)
{
    if (p->depth == DEPTH_MAX || p->steps-- <= 0 || !is_i64(g.v) || !is_near(g.c))
        return false;
    g.v = same(g.v);
    vec_each (i, &p->seen) {
        const Answer *a = &p->seen.at[i];
        if (a->at == at && same_goal(&a->goal, &g)) return a->ok;
    }
    p->depth++;
    bool ok = search(p, g, at);
    p->depth--;
    Answer a = {g, at, p->nheld, ok};
    vec_push(p->fn->arena, &p->seen, a);
    return ok;
}

/* -- The pass ---------------------------------------------------------------------- */

typedef struct Range {
    PassCx *cx;
    Prover p;
} Range;

static bool within(Range *r, Val *index, Val *length, const Node *at)
{
    Prover *p = &r->p;
    p->steps = STEPS_MAX;
    bool ok = at_least(p, index, 0, at) && at_most(p, index, same(length), -1, at);
    idx n = 0; /* what was not found for want of steps may be found yet */
    vec_each (i, &p->seen)
        if (p->seen.at[i].ok) p->seen.at[n++] = p->seen.at[i];
    p->seen.n = n;
    return ok;
}

static void visit_view(Range *r, Node *n)
{
    int nd = (int)node_int(n, "nd", 0);
    int64_t sure = node_int(n, "sure", 0), was = sure;
    for (int k = 0; k < nd && k < NDIM_MAX; k++)
        if (!(sure >> k & 1) && within(r, n->arg[1 + k], n->arg[2 + 2 * nd + k], n))
            sure |= (int64_t)1 << k;
    if (sure != was) node_set_int(r->cx->fn, n, "sure", sure);
}

static void visit_access(Range *r, Node *n)
{
    const Val *array = n->arg[0];
    Axis *axis = array->axis ? axis_get(array->axis) : NULL;
    bool whole = axis && axis->rows && (r->cx->size == 1 || axis->dist == DIST_REP);
    if (!whole || node_int(n, "nocheck", 0)) return;
    if (node_attr(n, "nd")) {
        visit_view(r, n);
        return;
    }
    if (within(r, n->arg[1], axis->rows, n)) node_set_int(r->cx->fn, n, "nocheck", 1);
}

static bool has_while(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_LOOP) return true;
        for (int k = 0; k < n->nregion; k++)
            if (has_while(n->region[k])) return true;
    }
    return false;
}

/* counted: only counted loops are around, or none. */
static void visit(Range *r, Region *region, bool counted)
{
    node_each (n, region) {
        if (!counted && (n->op == OP_AGET || n->op == OP_ASET)) visit_access(r, n);
        bool rows = n->op == OP_MAP || n->op == OP_NDMAP || n->op == OP_NDSTORE;
        bool other = n->op == OP_LOOP || (n->op == OP_FOR && has_while(n->region[0]));
        bool plain = rows || (n->op == OP_FOR && !other);
        for (int k = 0; k < n->nregion; k++)
            visit(r, n->region[k], plain || (counted && !other));
    }
}

void range_run(PassCx *cx)
{
    Range r = {.cx = cx, .p = {.fn = cx->fn}};
    pass_clear_tmp(cx->fn);
    vec_each (i, &cx->fn->axes) {
        Val *rows = axis_get(cx->fn->axes.at[i])->rows;
        if (rows) rows->tmp = rows;
    }
    visit(&r, cx->fn->body, true);
    pass_clear_tmp(cx->fn);
}
