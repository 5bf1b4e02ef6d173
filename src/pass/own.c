/* SPDX-License-Identifier: Apache-2.0
 * Releases what is counted after its last use: columns, arrays, objects, owned text.
 *
 * Every counted value owns one reference from where it is defined: a node's result, a
 * parameter of a loop's body. Parameters of the function and of a map only borrow. An
 * operand is borrowed by its node, with two exceptions that take the reference over:
 * the initial values of a loop and the operands of yield, continue and break, which
 * become the loop's or the if's values. So on each path from its definition to the end
 * of its region a value is either released by an UNREF or taken over once; every other
 * taking over is preceded by a REF.
 *
 *   last use is a node            UNREF behind it
 *   .. is an if                   each arm ends the value by itself
 *   .. is a loop that reads it    UNREF behind the loop
 *   .. takes it over              nothing
 *   .. is a try that reads it     UNREF behind the try
 *   a way out of the loop around  UNREF before the break or continue, unless that takes
 * it
 *
 * raise leaves what is alive to whoever handles it, or to the call's end, which frees
 * what is left; return takes over. So nothing but the results is alive when a call ends
 * well: rt_run counts what is, as a leak. A variable of VARSET holds a reference: what
 * it held before is released when it is set, what it holds at last when the function
 * ends, and VARGET gives a new one.
 *
 * A failure inside of a try leaves values behind that have not come to their end. Each
 * value made there also stands in a variable of the function while it is ours; the
 * handler begins with releasing what these variables hold. If there is a try anywhere,
 * a function that is compiled on its own does the same when it fails (Fn.unwind).
 *
 * Text of an array or a category is borrowed from it: it counts as used where its text
 * is, and where that goes on (into the next round, a list, out of an if) it is lent:
 * the call keeps a reference until it ends.
 *
 * Text is counted only where it can be owned: by the results of operations that make
 * text, parameters of functions compiled on their own, and whatever they flow into.
 * Constants and the rows of columns are not counted.
 */
#include "base/base.h"

#include "pass/pass_int.h"

typedef struct Uses {
    VEC(Node *) node; /* in order; a node that uses the value twice stands twice */
    bool text;        /* text that may be owned */
    bool lent;    /* an array: text of it may be used for as long as the call runs */
    int32_t slot; /* 1 + the variable that holds it for a handler; 0: none */
} Uses;

/* What a handler, or the end of a failed function (try_ NULL), releases. */
typedef struct Held {
    Node *try_;
    Val *v;
} Held;

typedef struct Own {
    Fn *fn;
    int32_t order;
    bool changed;
    Val **var;    /* what VARGET gives of each variable, NULL: it is not read */
    bool unwinds; /* a failure of this function may be caught */
    VEC(Held) held;
} Own;

static Uses *uses_of(Own *o, Val *v)
{
    if (!v->tmp) v->tmp = ARENA_NEW(o->fn->arena, Uses);
    return v->tmp;
}

static bool is_text(const Val *v)
{
    return v->type.kind == TY_SCALAR && v->type.dt == DT_STR;
}

/* -- Which text can be owned ------------------------------------------------------- */

static bool makes_text(const Node *n)
{
    if (n->op == OP_CONST || n->op == OP_UNDEF) return false;
    if (n->op == OP_AGET) return n->arg[0]->type.dt == DT_CHAR; /* made of characters */
    return op_info[n->op].effect != EF_CTRL && op_info[n->op].lower != LW_LOOP;
}

static int64_t var_of(const Node *n, int i)
{
    return n->op == OP_VARSET ? node_int(n, "var", 0) : node_attr(n, "vars")->ints[i];
}

static bool passes_text(const Node *n)
{
    return op_info[n->op].lower == LW_LOOP;
}

static void text_to(Own *o, Val *from, Val *to)
{
    if (!is_text(from) || !is_text(to) || !uses_of(o, from)->text) return;
    Uses *u = uses_of(o, to);
    o->changed |= !u->text;
    u->text = true;
}

static Node *loop_at(const Node *n, int64_t depth)
{
    for (Node *l = n->parent->owner; l; l = l->parent->owner) {
        if (l->op != OP_LOOP && l->op != OP_FOR && l->op != OP_MAP) continue;
        if (depth-- == 0) return l;
    }
    return NULL;
}

/* Where operand i of n goes on under another name. */
static void flow(Own *o, Node *n, int i)
{
    Node *owner = n->parent->owner;
    if (n->op == OP_VARSET) {
        if (o->var[var_of(n, 0)]) text_to(o, n->arg[i], o->var[var_of(n, 0)]);
    } else if (n->op == OP_YIELD && (owner->op == OP_IF || owner->op == OP_TRY)) {
        text_to(o, n->arg[i], &owner->res[i]);
    } else if (n->op == OP_BREAK || n->op == OP_CONTINUE) {
        Node *l = loop_at(n, node_int(n, "depth", 0));
        int off = l->op == OP_FOR;
        if (n->op == OP_CONTINUE) text_to(o, n->arg[i], &l->region[0]->param[i + off]);
        if (n->op == OP_BREAK || l->op == OP_FOR) text_to(o, n->arg[i], &l->res[i]);
    } else if (n->op == OP_LOOP) {
        text_to(o, n->arg[i], &n->region[0]->param[i]);
    } else if (n->op == OP_FOR && i >= 3) {
        text_to(o, n->arg[i], &n->region[0]->param[i - 2]);
        text_to(o, n->arg[i], &n->res[i - 3]);
    } else if (passes_text(n) && n->nres == 1) {
        text_to(o, n->arg[i], &n->res[0]);
    }
}

static void flow_region(Own *o, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            flow_region(o, n->region[i]);
        if (makes_text(n))
            for (int i = 0; i < n->nres; i++)
                if (is_text(&n->res[i])) uses_of(o, &n->res[i])->text = true;
        for (int i = 0; i < n->narg; i++)
            if (is_text(n->arg[i])) flow(o, n, i);
    }
}

/* -- What is counted --------------------------------------------------------------- */

static bool counted(Own *o, Val *v)
{
    if (v->type.kind == TY_COL || v->type.kind == TY_ARRAY || v->type.kind == TY_OBJ)
        return true;
    return is_text(v) && uses_of(o, v)->text;
}

/* A reference of its own; else it is borrowed from something that lives longer. */
static bool owned(Own *o, Val *v)
{
    if (!counted(o, v)) return false;
    if (v->def) return v->def->op != OP_CONST && v->def->op != OP_UNDEF;
    const Node *owner = v->region->owner;
    return owner && owner->op != OP_MAP;
}

/* Operand i of n takes a reference over. */
static bool takes(const Node *n, int i)
{
    if (n->op == OP_FOR) return i >= 3;
    return n->op == OP_LOOP || n->op == OP_YIELD || n->op == OP_BREAK ||
           n->op == OP_CONTINUE || n->op == OP_VARSET || n->op == OP_RETURN;
}

static int times_taken(const Node *n, const Val *v)
{
    int k = 0;
    for (int i = 0; i < n->narg; i++)
        k += n->arg[i] == v && takes(n, i);
    return k;
}

static void collect(Own *o, Region *r)
{
    node_each (n, r) {
        n->mark = o->order++;
        for (int i = 0; i < n->narg; i++)
            if (counted(o, n->arg[i]) || is_text(n->arg[i]))
                vec_push(o->fn->arena, &uses_of(o, n->arg[i])->node, n);
        for (int i = 0; i < n->nregion; i++)
            collect(o, n->region[i]);
    }
}

/* -- Text that is borrowed from an array --------------------------------------------
 */

/* What text that n gives points into; NULL: it is a constant's, or owns its bytes. */
static Val *lender(const Node *n)
{
    bool lends = n->op == OP_AGET || n->op == OP_CATVALUE;
    return lends && is_text(&n->res[0]) && n->arg[0]->type.dt != DT_CHAR ? n->arg[0]
                                                                         : NULL;
}

/* Text of the array a is used by n, under this name or in what n gives: a is needed
 * until then. Where it goes on in another way a is lent, for as long as the call runs.
 */
static void lend(Own *o, Val *a, const Val *text)
{
    const Uses *t = text->tmp;
    if (!t) return;
    vec_each (i, &t->node) {
        Node *n = t->node.at[i];
        Uses *u = uses_of(o, a);
        vec_push(o->fn->arena, &u->node, n);
        if (times_taken(n, text)) u->lent = true;
        for (int k = 0; k < n->nres; k++) {
            if (n->res[k].type.kind == TY_OBJ) u->lent = true;
            if (is_text(&n->res[k])) lend(o, a, &n->res[k]);
        }
    }
}

static void lend_all(Own *o, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            lend_all(o, n->region[i]);
        Val *a = lender(n);
        if (a) lend(o, a, &n->res[0]);
    }
}

/* -- Inserting --------------------------------------------------------------------- */

static void add_arg(Fn *fn, Node *u, Val *v)
{
    Val **arg = ARENA_NEW_N(fn->arena, u->narg + 1, Val *);
    for (int i = 0; i < u->narg; i++)
        arg[i] = u->arg[i];
    arg[u->narg++] = v;
    u->arg = arg;
}

static void put_before(Own *o, Node *at, Op op, Val *v)
{
    Node *u = at->prev;
    if (!u || u->op != op) {
        u = node_new(o->fn, op, at->loc, 0, NULL, 0);
        u->mark = -1;
        node_insert_before(at, u);
    }
    add_arg(o->fn, u, v);
}

static void put_behind(Own *o, Node *n, Op op, Val *v)
{
    Node *u = n->next;
    if (!u || u->op != op) {
        u = node_new(o->fn, op, n->loc, 0, NULL, 0);
        u->mark = -1;
        node_insert_before(n->next, u);
    }
    add_arg(o->fn, u, v);
}

/* -- What a failure finds -----------------------------------------------------------
 */

/* The try whose body r is or is in. */
static Node *try_around(const Region *r)
{
    for (; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_TRY && r == r->owner->region[0]) return r->owner;
    return NULL;
}

/* The variable is set to v, or to nothing. */
static Node *slot_set(Own *o, Loc loc, int32_t slot, Val *v)
{
    Node *n = node_new(o->fn, OP_VARSET, loc, v ? 1 : 0, &v, 0);
    node_set_int(o->fn, n, "var", slot - 1);
    n->mark = -1;
    return n;
}

/* From `start`, a node of r, on v is ours: a failure is to find it. */
static void hold(Own *o, Region *r, Node *start, Val *v)
{
    Held h = {try_around(r), v};
    if (!h.try_ && !o->unwinds) return;
    Uses *u = uses_of(o, v);
    u->slot = ++o->fn->nvar;
    o->fn->nheld++;
    node_insert_before(start, slot_set(o, start->loc, u->slot, v));
    vec_push(o->fn->arena, &o->held, h);
}

/* Before `at` v has come to its end. */
static void let_go(Own *o, Node *at, Val *v)
{
    int32_t slot = uses_of(o, v)->slot;
    if (slot) node_insert_before(at, slot_set(o, at->loc, slot, NULL));
}

static void end_before(Own *o, Node *at, Val *v)
{
    put_before(o, at, OP_UNREF, v);
    let_go(o, at, v);
}

/* A conversion between a column and an array whose operand ends with it may keep the
 * memory (a column that each round of a loop writes to would be copied twice). */
static void end_behind(Own *o, Node *n, Val *v)
{
    bool converts = n->op == OP_TOARRAY || n->op == OP_TOCOL;
    if (converts && v->type.dt != DT_STR) node_set_int(o->fn, n, "last", 1);
    put_behind(o, n, OP_UNREF, v);
    let_go(o, n->next->next, v);
}

static void put_at(Region *r, Node *at, Node *n)
{
    n->mark = -1;
    if (at)
        node_insert_before(at, n);
    else
        node_append(r, n);
}

/* What n variables hold is released before `at`, a node of r; NULL: at r's end. like:
 * values of their types. */
static void release_vars(Own *o, const int64_t *var, Val *const *like, int n, Region *r,
                         Node *at)
{
    Fn *fn = o->fn;
    if (!n) return;
    Val **v = ARENA_NEW_N(fn->arena, n, Val *);
    Loc loc = at ? at->loc : fn->body->first->loc;
    Node *get = node_new(fn, OP_VARGET, loc, 0, NULL, n);
    for (int i = 0; i < n; i++) {
        v[i] = &get->res[i];
        v[i]->type = like[i]->type;
        v[i]->axis = like[i]->axis;
    }
    node_set_ints(fn, get, "vars", var, n);
    put_at(r, at, get);
    put_at(r, at, node_new(fn, OP_UNREF, loc, n, v, 0));
}

/* Releases what a failure has found of t's body: before `at`, NULL: at r's end. */
static void release_held(Own *o, const Node *t, Region *r, Node *at)
{
    Arena *arena = o->fn->arena;
    int n = 0;
    int64_t *var = ARENA_NEW_N(arena, o->held.n + 1, int64_t);
    Val **like = ARENA_NEW_N(arena, o->held.n + 1, Val *);
    vec_each (i, &o->held) {
        const Held *h = &o->held.at[i];
        if (h->try_ != t) continue;
        var[n] = uses_of(o, h->v)->slot - 1;
        like[n++] = h->v;
    }
    release_vars(o, var, like, n, r, at);
    for (int i = 0; i < n; i++)
        put_at(r, at,
               slot_set(o, r->owner ? r->owner->loc : (Loc){0}, (int32_t)var[i] + 1,
                        NULL));
}

static void release_in_handlers(Own *o, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            release_in_handlers(o, n->region[i]);
        if (n->op == OP_TRY) release_held(o, n, n->region[1], n->region[1]->first);
    }
}

static void find_try(void *data, Node *n)
{
    *(bool *)data |= n->op == OP_TRY;
}

/* A function of its own may fail inside of somebody's try. */
static bool may_be_caught(const Fn *fn)
{
    bool any = false;
    const Fn *top = fn_top(fn);
    if (!fn->sub) return false;
    pass_walk(top->body, find_try, &any);
    for (idx i = 0; i < top->subs.n; i++)
        if (top->subs.at[i]) pass_walk(top->subs.at[i]->body, find_try, &any);
    return any;
}

static void put_refs(Own *o, Node *n, Val *v, int k)
{
    while (k-- > 0)
        put_before(o, n, OP_REF, v);
}

/* -- One value --------------------------------------------------------------------- */

/* The node of r that is n or contains it; NULL: n is elsewhere. */
static Node *within(const Region *r, Node *n)
{
    while (n && n->parent != r)
        n = n->parent->owner;
    return n;
}

static bool region_in(const Region *r, const Region *outer)
{
    while (r && r != outer)
        r = r->owner ? r->owner->parent : NULL;
    return r == outer;
}

/* Whether t, somewhere in region r, goes to a loop around r. */
static bool leaves(const Node *t, const Region *r)
{
    if (t->op != OP_BREAK && t->op != OP_CONTINUE) return false;
    const Node *l = loop_at(t, node_int(t, "depth", 0));
    return l && !region_in(l->parent, r);
}

static bool uses_node(const Uses *u, const Node *n)
{
    vec_each (i, &u->node)
        if (u->node.at[i] == n) return true;
    return false;
}

/* Ways out of the loop around r from inside n: v ends there. */
static void end_at_exits(Own *o, const Region *r, Node *n, Val *v)
{
    for (int k = 0; k < n->nregion; k++) {
        node_each (t, n->region[k]) {
            if (t->nregion) end_at_exits(o, r, t, v);
            if (!leaves(t, r)) continue;
            int taken = uses_node(v->tmp, t) ? times_taken(t, v) : 0;
            if (!taken)
                end_before(o, t, v);
            else
                let_go(o, t, v);
        }
    }
}

static Node *last_in(const Region *r, const Uses *u)
{
    Node *last = NULL;
    vec_each (i, &u->node) {
        Node *n = within(r, u->node.at[i]);
        if (n && (!last || n->mark > last->mark)) last = n;
    }
    return last;
}

/* REFs for the uses in r that take v over without ending it: those before `last`, and
 * those inside it when it is a loop. A node that ends v needs one less. */
static void refs_for_taking(Own *o, const Region *r, Val *v, const Node *last)
{
    const Uses *u = v->tmp;
    const Node *before = NULL;
    vec_each (i, &u->node) {
        Node *n = u->node.at[i];
        const Node *top = within(r, n);
        if (!top || n == before) continue;
        before = n;
        if (top == last && (n == last || last->op == OP_IF)) continue;
        int k = times_taken(n, v);
        if (k && leaves(n, r)) k--; /* ends it on this path */
        put_refs(o, n, v, k);
    }
}

static bool uses_inside(const Uses *u, const Node *n)
{
    vec_each (i, &u->node) {
        const Node *a = u->node.at[i];
        if (a == n) continue;
        while (a && a != n)
            a = a->parent->owner;
        if (a) return true;
    }
    return false;
}

static void end_in(Own *o, Region *r, Node *start, Val *v);

static void end_in_arms(Own *o, Node *n, Val *v)
{
    for (int k = 0; k < n->nregion; k++) {
        Region *arm = n->region[k];
        if (last_in(arm, v->tmp))
            end_in(o, arm, arm->first, v);
        else if (arm->last->op != OP_RAISE)
            end_before(o, arm->first, v);
    }
}

/* v is ours when `start`, a node of r, is reached: end it on every path through r. */
static void end_in(Own *o, Region *r, Node *start, Val *v)
{
    Node *last = last_in(r, v->tmp);
    if (!last) {
        end_before(o, start, v); /* a raise too: a handler may go on */
        return;
    }
    for (Node *n = start; n != last; n = n->next)
        if (n->nregion) end_at_exits(o, r, n, v);
    refs_for_taking(o, r, v, last);
    if (op_is_terminator((Op)last->op)) {
        put_refs(o, last, v, times_taken(last, v) - 1);
        if (times_taken(last, v))
            let_go(o, last, v);
        else if (last->op != OP_RAISE) /* text of it, which is lent, goes on */
            end_before(o, last, v);
        return;
    }
    if (last->op == OP_IF) {
        end_in_arms(o, last, v);
        return;
    }
    int taken = times_taken(last, v);
    if (taken && !uses_inside(v->tmp, last)) {
        put_refs(o, last, v, taken - 1);
        let_go(o, last, v);
        return;
    }
    put_refs(o, last, v, taken);
    if (last->nregion) end_at_exits(o, r, last, v);
    end_behind(o, last, v);
}

/* A borrowed value: whoever takes it over gets a reference. */
static void refs_of_borrowed(Own *o, Val *v)
{
    const Uses *u = v->tmp;
    const Node *before = NULL;
    if (!u || (v->def && v->def->op == OP_UNDEF)) return;
    vec_each (i, &u->node) {
        if (u->node.at[i] == before) continue;
        before = u->node.at[i];
        put_refs(o, u->node.at[i], v, times_taken(u->node.at[i], v));
    }
}

/* Variables: the old value goes when a new one comes, and each reading is a reference
 * of its own. */
static void count_vars(Own *o, Region *r)
{
    node_each (n, r) {
        if (n->mark < 0) continue;
        for (int i = 0; i < n->nregion; i++)
            count_vars(o, n->region[i]);
        if (n->op == OP_VARGET)
            for (int i = 0; i < n->nres; i++)
                if (counted(o, &n->res[i])) put_behind(o, n, OP_REF, &n->res[i]);
        Val *read = n->op == OP_VARSET ? o->var[var_of(n, 0)] : NULL;
        if (!read || !counted(o, read)) continue;
        int64_t k = var_of(n, 0);
        release_vars(o, &k, &read, 1, r, n);
    }
}

static void find_var(void *data, Node *n)
{
    Own *o = (Own *)data;
    for (int i = 0; n->op == OP_VARGET && i < n->nres; i++)
        o->var[var_of(n, i)] = &n->res[i];
}

/* What the user's variables hold when the function ends: before `at`, NULL: at r's end.
 */
static void end_vars(Own *o, int nvar, Region *r, Node *at)
{
    int n = 0;
    int64_t *var = ARENA_NEW_N(o->fn->arena, nvar + 1, int64_t);
    Val **like = ARENA_NEW_N(o->fn->arena, nvar + 1, Val *);
    for (int i = 0; i < nvar; i++) {
        if (!o->var[i] || !counted(o, o->var[i])) continue;
        var[n] = i;
        like[n++] = o->var[i];
    }
    release_vars(o, var, like, n, r, at);
}

static void end_val(Own *o, Region *r, Node *start, Val *v)
{
    if (!counted(o, v)) return;
    if (!owned(o, v)) {
        refs_of_borrowed(o, v);
        if (o->fn->sub && uses_of(o, v)->lent) put_before(o, start, OP_LEND, v);
        return;
    }
    if (last_in(r, uses_of(o, v))) hold(o, r, start, v);
    if (uses_of(o, v)->lent) put_before(o, start, OP_LEND, v);
    end_in(o, r, start, v);
}

static void end_region(Own *o, Region *r)
{
    for (int i = 0; i < r->nparam; i++)
        end_val(o, r, r->first, &r->param[i]);
    node_each (n, r) {
        if (n->mark < 0) continue; /* ours */
        for (int i = 0; i < n->nregion; i++)
            end_region(o, n->region[i]);
        for (int i = 0; i < n->nres; i++) {
            Val *v = &n->res[i];
            bool alias = passes_text(n) && is_text(v) && counted(o, v);
            Node *next = n->next;
            end_val(o, r, next, v);
            if (alias) put_behind(o, n, OP_REF, v);
        }
    }
}

void own_run(PassCx *cx)
{
    Own o = {.fn = cx->fn};
    pass_clear_tmp(cx->fn);
    int nvar = cx->fn->nvar;
    o.var = ARENA_NEW_N(cx->fn->arena, nvar + 1, Val *);
    pass_walk(cx->fn->body, find_var, &o);
    /* Its caller may own the text that a function of its own returns or keeps. */
    for (int i = 0; cx->fn->sub && i < cx->fn->body->nparam; i++)
        if (is_text(&cx->fn->body->param[i]))
            uses_of(&o, &cx->fn->body->param[i])->text = true;
    do {
        o.changed = false;
        flow_region(&o, cx->fn->body);
    } while (o.changed);
    collect(&o, cx->fn->body);
    lend_all(&o, cx->fn->body);
    o.unwinds = may_be_caught(cx->fn);
    end_region(&o, cx->fn->body);
    count_vars(&o, cx->fn->body);
    release_in_handlers(&o, cx->fn->body);
    Node *last = cx->fn->body->last;
    if (last->op == OP_RETURN) end_vars(&o, nvar, cx->fn->body, last);
    if (o.unwinds) {
        cx->fn->unwind = region_new(cx->fn, NULL, 0);
        release_held(&o, NULL, cx->fn->unwind, NULL);
        end_vars(&o, nvar, cx->fn->unwind, NULL);
    }
    pass_clear_tmp(cx->fn);
}
