/* SPDX-License-Identifier: Apache-2.0
 * What the body of a prange says of its variables, found in its syntax.
 *
 * A variable that an iteration reads before it assigns it is carried from one iteration
 * to the next. That is allowed only for a reduction: each statement that names the
 * variable combines it, by one operator, with something that does not depend on it:
 *
 *   s += x   s = s + x   s = x + s   a, b = a + x, min(b, y)   t = (t[0] + x, ...)
 *   s = min(s, x)   s = x if x < s else s   if x < s: s = x
 *   if x < s: s, k = x, i     k follows s: it is the value of the iteration that won
 *
 * Letters are those of FOR's attribute reduce. Two operators on one variable are an
 * error with the very text of the mission document; any other use is an error that
 * names the line. So is what else makes iterations depend on each other and can be
 * seen: break, return, a raise beside a reduction, an array that is written at one
 * place of the index and used at another.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

/* A variable, or part k of one that holds a tuple. */
typedef struct Operand {
    const char *name;
    idx part; /* -1: the whole */
} Operand;

typedef struct Scan {
    Front *f;
    const AstList *body;   /* of the prange */
    const Cells *assigned; /* variables that the body may assign */
    const char *name;      /* the variable that is looked for */
    Reductions *out;
    const Ast *other; /* first use that is no reduction */
} Scan;

/* -- Shapes of syntax -------------------------------------------------------------- */

static bool is_mention(const Ast *e, const void *name)
{
    bool named = e->kind == AST_Name || e->kind == AST_FunctionDef ||
                 e->kind == AST_ExceptHandler || e->kind == AST_MatchAs ||
                 e->kind == AST_MatchStar || e->kind == AST_MatchMapping;
    return named && e->id == name;
}

/* The name occurs in e: read, assigned or deleted. */
static bool mentions(const Ast *e, const char *name)
{
    return ast_any(e, is_mention, name);
}

static bool same(const Ast *a, const Ast *b);

/* Also of NaN and of the two zeros. */
static bool same_bits(double a, double b)
{
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static bool list_same(const AstList *a, const AstList *b)
{
    if (a->n != b->n) return false;
    for (idx i = 0; i < a->n; i++)
        if (!same(a->at[i], b->at[i])) return false;
    return true;
}

/* Two expressions are written alike. */
static bool same(const Ast *a, const Ast *b)
{
    if (!a || !b) return a == b;
    if (a->kind != b->kind || a->ck != b->ck || a->op != b->op || a->id != b->id ||
        a->i != b->i || a->n != b->n || !same_bits(a->f, b->f))
        return false;
    if (a->n && memcmp(a->s, b->s, (size_t)a->n) != 0) return false;
    return same(a->a, b->a) && same(a->b, b->b) && same(a->c, b->c) &&
           same(a->d, b->d) && list_same(&a->list, &b->list) &&
           list_same(&a->list2, &b->list2) && list_same(&a->list3, &b->list3);
}

static bool is_name(const Ast *e, const char *name)
{
    return e && e->kind == AST_Name && e->id == name;
}

static bool is_operand(const Ast *e, Operand o)
{
    if (o.part < 0) return is_name(e, o.name);
    return e && e->kind == AST_Subscript && is_name(e->a, o.name) && e->b &&
           e->b->kind == AST_Constant && e->b->ck == AC_INT && e->b->i == o.part;
}

static char letter_of(AstKind op)
{
    switch (op) {
    case AST_Add:
    case AST_Sub: return '+';
    case AST_Mult:
    case AST_Div: return '*';
    case AST_BitAnd: return '&';
    case AST_BitOr: return '|';
    case AST_BitXor: return '^';
    default: return 0;
    }
}

/* -- Expressions that combine ------------------------------------------------------ */

/* x < s: -1, x > s: 1 of a comparison of the operand with an x that does not use it;
 * *x is set. 0: another comparison. */
static int compares(const Ast *c, Operand o, const Ast **x)
{
    if (c->kind != AST_Compare || c->list.n != 1 || c->list2.n != 1) return 0;
    const Ast *l = c->a, *r = c->list2.at[0];
    AstKind op = (AstKind)c->list.at[0]->kind;
    bool less = op == AST_Lt || op == AST_LtE, more = op == AST_Gt || op == AST_GtE;
    bool right = is_operand(r, o);
    *x = right ? l : r;
    if ((!less && !more) || right == is_operand(l, o) || mentions(*x, o.name)) return 0;
    return less == right ? -1 : 1;
}

static char combines(const Ast *e, Operand o);

static char binop_combines(const Ast *e, Operand o)
{
    char c = letter_of((AstKind)e->op);
    bool left = is_operand(e->a, o) && !mentions(e->b, o.name);
    bool right = is_operand(e->b, o) && !mentions(e->a, o.name);
    if (e->op == AST_Sub || e->op == AST_Div) right = false;
    if (!c || left || right) return left || right ? c : 0;
    /* s + a + b: the left operand is the chain. */
    bool chain = e->a->kind == AST_BinOp && letter_of((AstKind)e->a->op) == c;
    return chain && !mentions(e->b, o.name) && combines(e->a, o) == c ? c : 0;
}

/* pd.concat([s, x]), np.concatenate((s, x)), np.append(s, x) */
static bool joins(const char *fn, const Ast *e, Operand o)
{
    const Ast *first = e->list.at[0];
    if (!strcmp(fn, "append"))
        return e->list.n > 1 && is_operand(first, o) &&
               !mentions(e->list.at[1], o.name);
    if (strcmp(fn, "concat") && strcmp(fn, "concatenate") && strcmp(fn, "hstack"))
        return false;
    bool list = first->kind == AST_List || first->kind == AST_Tuple;
    return list && first->list.n && is_operand(first->list.at[0], o);
}

/* min(s, x), np.maximum(x, s), pd.concat([s, x]) */
static char call_combines(const Ast *e, Operand o)
{
    bool attr = e->a->kind == AST_Attribute;
    if ((!attr && e->a->kind != AST_Name) || e->list.n < 1) return 0;
    const char *fn = e->a->id;
    if (attr && joins(fn, e, o)) return 'c';
    bool min = !strcmp(fn, attr ? "minimum" : "min");
    bool max = !strcmp(fn, attr ? "maximum" : "max");
    int hits = 0;
    for (idx i = 0; i < e->list.n; i++) {
        bool it = is_operand(e->list.at[i], o);
        if (!it && mentions(e->list.at[i], o.name)) return 0;
        hits += it;
    }
    if ((!min && !max) || hits != 1 || e->list.n < 2 || e->list2.n) return 0;
    return min ? '<' : '>';
}

/* x if x < s else s */
static char choice_combines(const Ast *e, Operand o)
{
    const Ast *x;
    int way = compares(e->a, o, &x);
    bool takes_x = same(e->b, x) && is_operand(e->c, o);
    bool keeps_s = same(e->c, x) && is_operand(e->b, o);
    if (!way || (!takes_x && !keeps_s)) return 0;
    return (way < 0) == takes_x ? '<' : '>';
}

/* The operator by which e combines the operand with something that does not use it; 0:
 * none. */
static char combines(const Ast *e, Operand o)
{
    switch ((AstKind)e->kind) {
    case AST_BinOp: return binop_combines(e, o);
    case AST_Call: return call_combines(e, o);
    case AST_IfExp: return choice_combines(e, o);
    default: return 0;
    }
}

/* -- What was found ---------------------------------------------------------------- */

static void at_loc(Front *f, Loc loc)
{
    f->loc = loc;
    f->loc.file = f->scope->file;
}

static void found(Scan *s, idx part, char letter, const char *lead, Loc loc)
{
    vec_each (i, &s->out->at) {
        const Reduction *r = &s->out->at.at[i];
        if (r->name != s->name || r->part != part) continue;
        if (r->letter == letter && r->lead == lead) return;
        at_loc(s->f, loc);
        front_fail(
            s->f, E_REWRITE,
            "Failed in bodo mode pipeline (step: convert to parfors)\nReduction "
            "variable %s has multiple conflicting reduction operators.\nInstead: "
            "combine it by one operator, or use a variable for each",
            s->name);
    }
    Reduction r = {s->name, part, letter, lead};
    vec_push(s->f->arena, &s->out->at, r);
}

const Reduction *reduction_find(const Reductions *all, const char *name, idx part)
{
    vec_each (i, &all->at) {
        const Reduction *r = &all->at.at[i];
        if (r->name == name && r->part == part) return r;
    }
    return NULL;
}

bool reduction_has(const Reductions *all, const char *name)
{
    vec_each (i, &all->at)
        if (all->at.at[i].name == name) return true;
    return false;
}

/* -- Statements -------------------------------------------------------------------- */

/* t = (t[0] + x, min(t[1], y)): each part is a reduction of its own. */
static bool parts_update(Scan *s, const Ast *value, Loc loc)
{
    if (value->kind != AST_Tuple || value->list.n == 0) return false;
    char letter[16];
    if (value->list.n > (idx)sizeof letter) return false;
    for (idx k = 0; k < value->list.n; k++)
        if (!(letter[k] = combines(value->list.at[k], (Operand){s->name, k})))
            return false;
    for (idx k = 0; k < value->list.n; k++)
        found(s, k, letter[k], NULL, loc);
    return true;
}

static bool assign_update(Scan *s, const Ast *target, const Ast *value, Loc loc)
{
    if (!is_name(target, s->name)) return false;
    char c = combines(value, (Operand){s->name, -1});
    if (c) found(s, -1, c, NULL, loc);
    return c || parts_update(s, value, loc);
}

/* a, b = a + x, b * y */
static bool tuple_update(Scan *s, const Ast *st)
{
    const Ast *to = st->list.at[0], *from = st->a;
    bool pairs = (to->kind == AST_Tuple || to->kind == AST_List) &&
                 (from->kind == AST_Tuple || from->kind == AST_List) &&
                 to->list.n == from->list.n;
    if (!pairs) return false;
    bool hit = false;
    for (idx i = 0; i < to->list.n; i++) {
        bool mine = is_name(to->list.at[i], s->name);
        if (!mine &&
            (mentions(to->list.at[i], s->name) || mentions(from->list.at[i], s->name)))
            return false;
        if (!mine) continue;
        if (hit || !assign_update(s, to->list.at[i], from->list.at[i], st->loc))
            return false;
        hit = true;
    }
    return hit;
}

static bool simple_update(Scan *s, const Ast *st)
{
    if (st->kind == AST_AugAssign && is_name(st->a, s->name)) {
        char c = letter_of((AstKind)st->op);
        if (!c || mentions(st->b, s->name)) return false;
        found(s, -1, c, NULL, st->loc);
        return true;
    }
    if (st->kind != AST_Assign || st->list.n != 1) return false;
    return assign_update(s, st->list.at[0], st->a, st->loc) || tuple_update(s, st);
}

/* -- if x < s: s = x; k = i -------------------------------------------------------- */

/* The guard of an if: a comparison, possibly one of an `and`. Its variable is one that
 * the iterations carry. */
typedef struct Guard {
    const char *name;
    const Ast *x;
    int way;    /* -1: takes the smaller */
    bool first; /* of equal ones the first is kept */
} Guard;

/* An iteration reads it before it assigns it: neither the loop's index nor what the
 * loop leaves as it is. */
static bool is_carried(const Scan *s, const char *name)
{
    bool assigned = false;
    vec_each (i, &s->assigned->at) {
        const char *its = scope_cell_name(s->f, s->assigned->at.at[i]);
        assigned |= its && its == name;
    }
    return assigned && live_exposed(s->body, name);
}

static bool guard_compare(const Scan *s, const Ast *c, Guard *g)
{
    if (c->kind != AST_Compare || c->list.n != 1) return false;
    const Ast *side[2] = {c->a, c->list2.at[0]};
    AstKind op = (AstKind)c->list.at[0]->kind;
    for (int k = 0; k < 2; k++) {
        if (side[k]->kind != AST_Name || !is_carried(s, side[k]->id)) continue;
        *g = (Guard){.name = side[k]->id, .first = op == AST_Lt || op == AST_Gt};
        g->way = compares(c, (Operand){g->name, -1}, &g->x);
        if (g->way) return true;
    }
    return false;
}

static bool find_guard(const Scan *s, const Ast *test, Guard *g)
{
    if (test->kind != AST_BoolOp || test->op != AST_And)
        return guard_compare(s, test, g);
    for (idx i = 0; i < test->list.n; i++) {
        if (!guard_compare(s, test->list.at[i], g)) continue;
        for (idx k = 0; k < test->list.n; k++)
            if (k != i && mentions(test->list.at[k], g->name)) return false;
        return true;
    }
    return false;
}

typedef struct Pair {
    const Ast *to, *from;
} Pair;

/* The assignments of a block to names, tuples taken apart; -1 when it does anything
 * else. */
static idx block_pairs(const AstList *block, Pair *out, idx most)
{
    idx n = 0;
    for (idx i = 0; i < block->n; i++) {
        const Ast *st = block->at[i];
        if (st->kind == AST_Pass) continue;
        if (st->kind != AST_Assign || st->list.n != 1) return -1;
        const Ast *to = st->list.at[0], *from = st->a;
        bool tuple = to->kind == AST_Tuple && from->kind == AST_Tuple &&
                     to->list.n == from->list.n;
        idx k = tuple ? to->list.n : 1;
        for (idx j = 0; j < k; j++) {
            Pair p = {tuple ? to->list.at[j] : to, tuple ? from->list.at[j] : from};
            if (n == most || p.to->kind != AST_Name) return -1;
            out[n++] = p;
        }
    }
    return n;
}

/* `if x < m: m = x; k = ..` of a carried m: true when it is such a statement whose
 * block only assigns, with *own the pair of m. Values use neither m nor each other. */
static bool is_guarded(const Scan *s, const Ast *st, Guard *g, Pair *pair, idx *n)
{
    if (st->kind != AST_If || !find_guard(s, st->a, g)) return false;
    *n = st->list2.n ? -1 : block_pairs(&st->list, pair, 16);
    bool own = false;
    for (idx i = 0; i < *n; i++) {
        if (pair[i].to->id == g->name) own = !own && same(pair[i].from, g->x);
        for (idx k = 0; k < *n; k++)
            if (mentions(pair[k].from, pair[i].to->id)) *n = -1;
    }
    if (!own) *n = -1;
    return true;
}

static bool guarded_update(Scan *s, const Ast *st, bool *ok)
{
    Guard g;
    Pair pair[16];
    idx n;
    *ok = false;
    if (!is_guarded(s, st, &g, pair, &n)) return false;
    if (n < 0) return true; /* it depends on the order of iterations */
    if (g.name == s->name) {
        found(s, -1, g.way < 0 ? '<' : '>', NULL, st->loc);
        *ok = true;
        return true;
    }
    if (mentions(st->a, s->name)) return true;
    found(s, -1, g.first ? 'f' : 'l', g.name, st->loc);
    *ok = true;
    return true;
}

/* -- The body ---------------------------------------------------------------------- */

static void scan(Scan *s, const AstList *body);

static void other(Scan *s, const Ast *st)
{
    if (!s->other) s->other = st;
}

static void scan_stmt(Scan *s, const Ast *st)
{
    bool ok;
    if (simple_update(s, st)) return;
    switch ((AstKind)st->kind) {
    case AST_If:
        if (guarded_update(s, st, &ok)) {
            if (!ok) other(s, st);
            return;
        }
        if (mentions(st->a, s->name)) other(s, st);
        break;
    case AST_For:
        if (mentions(st->a, s->name) || mentions(st->b, s->name)) other(s, st);
        break;
    case AST_While:
        if (mentions(st->a, s->name)) other(s, st);
        break;
    case AST_Try:
        for (idx i = 0; i < st->list2.n; i++)
            scan(s, &st->list2.at[i]->list);
        break;
    default: other(s, st); return;
    }
    scan(s, &st->list);
    if (st->kind != AST_Try) scan(s, &st->list2);
    scan(s, &st->list3);
    scan(s, &st->list4);
}

static void scan(Scan *s, const AstList *body)
{
    for (idx i = 0; i < body->n; i++)
        if (body->at[i] && mentions(body->at[i], s->name)) scan_stmt(s, body->at[i]);
}

NORETURN static void refuse_carried(Front *f, const char *name, Loc loc)
{
    at_loc(f, loc);
    front_unsup(f, UNSUP_PRANGE_CARRIED,
                "%s is carried from one iteration of the prange to the next, and this "
                "is no reduction of it",
                name);
}

/* A variable that is read before it is assigned, or after the loop. */
static void classify(Front *f, const AstList *body, const Cells *assigned,
                     const char *name, bool exposed, Reductions *out)
{
    Reductions mine = {0};
    Scan s = {.f = f, .body = body, .assigned = assigned, .name = name, .out = &mine};
    scan(&s, s.body);
    if (s.other && exposed) refuse_carried(f, name, s.other->loc);
    vec_each (i, &mine.at) {
        Reduction *r = &mine.at.at[i];
        if (!exposed && (s.other || !r->lead)) continue; /* it is private */
        vec_push(f->arena, &out->at, *r);
    }
}

/* -- Other dependences ------------------------------------------------------------- */

/* First statement of a kind in a block and the blocks in it; a break of an inner loop
 * is its own. */
static const Ast *find_stmt(const AstList *body, AstKind kind, bool inner)
{
    for (idx i = 0; i < body->n; i++) {
        const Ast *st = body->at[i];
        if (!st || st->kind == AST_FunctionDef || st->kind == AST_Lambda) continue;
        if (st->kind == kind) return st;
        bool loop = st->kind == AST_For || st->kind == AST_While;
        const Ast *hit = loop && !inner ? NULL : find_stmt(&st->list, kind, inner);
        if (!hit) hit = find_stmt(&st->list2, kind, inner);
        if (!hit) hit = find_stmt(&st->list3, kind, inner);
        if (!hit) hit = find_stmt(&st->list4, kind, inner);
        if (hit) return hit;
    }
    return NULL;
}

static void check_exits(Front *f, const Ast *loop, const Reductions *all)
{
    const Ast *out = find_stmt(&loop->list, AST_Break, false);
    if (!out) out = find_stmt(&loop->list, AST_Return, true);
    if (out) {
        at_loc(f, out->loc);
        front_unsup(f, UNSUP_PRANGE_EXIT, NULL);
    }
    const Ast *stop = find_stmt(&loop->list, AST_Raise, true);
    if (!stop) stop = find_stmt(&loop->list, AST_Assert, true);
    if (!stop || !all->at.n) return;
    at_loc(f, stop->loc);
    front_unsup(f, UNSUP_PRANGE_RAISE, "%s in a prange that reduces %s is not compiled",
                stop->kind == AST_Raise ? "raise" : "assert", all->at.at[0].name);
}

/* One use of an array at the loop's index plus a constant. */
typedef struct Use {
    const char *array;
    idx dim;
    int64_t at;
    bool stored;
    Loc loc;
} Use;

typedef struct Uses {
    Front *f;
    const char *index;
    VEC(Use) use;
} Uses;

/* i, i + c, i - c, c + i */
static bool is_affine(const Ast *e, const char *i, int64_t *c)
{
    *c = 0;
    if (is_name(e, i)) return true;
    if (e->kind != AST_BinOp || (e->op != AST_Add && e->op != AST_Sub)) return false;
    const Ast *k = is_name(e->a, i) ? e->b : is_name(e->b, i) ? e->a : NULL;
    if (!k || k->kind != AST_Constant || k->ck != AC_INT) return false;
    if (e->op == AST_Sub && k == e->a) return false;
    *c = e->op == AST_Sub ? -k->i : k->i;
    return true;
}

static void add_use(Uses *u, const Ast *sub, const Ast *at, idx dim, bool stored)
{
    Use use = {.array = sub->a->id, .dim = dim, .stored = stored, .loc = sub->loc};
    if (!is_affine(at, u->index, &use.at)) return;
    vec_push(u->f->arena, &u->use, use);
}

static void find_uses(Uses *u, const Ast *e, bool stored);

static void list_uses(Uses *u, const AstList *l, bool stored)
{
    for (idx i = 0; i < l->n; i++)
        find_uses(u, l->at[i], stored);
}

static void find_uses(Uses *u, const Ast *e, bool stored)
{
    if (!e) return;
    if (e->kind == AST_Subscript && e->a->kind == AST_Name) {
        if (e->b->kind != AST_Tuple) add_use(u, e, e->b, 0, stored);
        for (idx k = 0; e->b->kind == AST_Tuple && k < e->b->list.n; k++)
            if (e->b->list.at[k]) add_use(u, e, e->b->list.at[k], k, stored);
    }
    bool writes = e->kind == AST_Assign;
    bool through = stored && (e->kind == AST_Tuple || e->kind == AST_List);
    find_uses(u, e->a, e->kind == AST_AugAssign);
    find_uses(u, e->b, false);
    find_uses(u, e->c, false);
    find_uses(u, e->d, false);
    list_uses(u, &e->list, writes || through);
    list_uses(u, &e->list2, false);
    list_uses(u, &e->list3, false);
    list_uses(u, &e->list4, false);
}

/* A[i] = A[i - 1]: the iterations depend on each other. */
static void check_arrays(Front *f, const Ast *loop)
{
    if (loop->a->kind != AST_Name) return;
    Uses u = {.f = f, .index = loop->a->id};
    list_uses(&u, &loop->list, false);
    vec_each (i, &u.use) {
        const Use *a = &u.use.at[i];
        vec_each (k, &u.use) {
            const Use *b = &u.use.at[k];
            if (!a->stored || a->array != b->array || a->dim != b->dim ||
                a->at == b->at)
                continue;
            at_loc(f, b->loc);
            front_unsup(f, UNSUP_PRANGE_CARRIED,
                        "%s is written at one place of the prange's index and %s at "
                        "another, so that its iterations depend on each other",
                        a->array, b->stored ? "written" : "read");
        }
    }
}

/* -- The loop ---------------------------------------------------------------------- */

static bool leads(const Reductions *all, const Reduction *r)
{
    const Reduction *lead = r->lead ? reduction_find(all, r->lead, -1) : NULL;
    return !r->lead || (lead && (lead->letter == '<' || lead->letter == '>'));
}

void prange_analyse(Front *f, const Ast *loop, Reductions *out)
{
    Loc loc = f->loc;
    Cells all = {0};
    scope_assigned(f, &loop->list, &all);
    Reductions found_ = {0};
    vec_each (i, &all.at) {
        const char *name = scope_cell_name(f, all.at.at[i]);
        if (!name || is_name(loop->a, name)) continue;
        bool exposed = live_exposed(&loop->list, name);
        bool after = live_loads(f->scope->def, loop, name) || f->scope->loop;
        if (exposed || after) classify(f, &loop->list, &all, name, exposed, &found_);
    }
    vec_each (i, &found_.at)
        if (leads(&found_, &found_.at.at[i]))
            vec_push(f->arena, &out->at, found_.at.at[i]);
    check_exits(f, loop, out);
    check_arrays(f, loop);
    f->loc = loc;
}
