/* SPDX-License-Identifier: Apache-2.0
 * Building, walking and editing the IR. Everything is in the Fn's arena.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "ir/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char DESC_INT_NAME[] = "";

const struct OpInfo op_info[OP_COUNT] = {
#define OP(id, names, sig, build, dist, order, effect, lower, doc)                     \
    [OP_##id] = {#id, names, sig, build, dist, order, effect, lower, doc},
#include "ir/ops.def"
#undef OP
};

Fn *fn_new(Arena *arena, const char *name, Err *err, void *catch_)
{
    Fn *fn = ARENA_NEW(arena, Fn);
    fn->arena = arena;
    fn->names = intern_new(arena);
    fn->name = name;
    fn->err = err;
    fn->catch_ = catch_;
    return fn;
}

NORETURN void ir_throw(Fn *fn, ErrCode code, Loc loc, const char *fmt, ...)
{
    char text[ERR_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_clear(fn->err);
    (void)err_set(fn->err, code, "%s", text);
    fn->err->loc = loc;
    fn->err->site = fn->at_inline - 1;
    if (!fn->catch_) BUG("uncaught compile error: %s", text);
    longjmp(*(jmp_buf *)fn->catch_, 1);
}

/* -- Axes -------------------------------------------------------------------------- */
Axis *axis_new(Fn *fn)
{
    Axis *a = ARENA_NEW(fn->arena, Axis);
    a->id = (int32_t)fn->axes.n;
    vec_push(fn->arena, &fn->axes, a);
    return a;
}

Axis *axis_get(Axis *a)
{
    while (a && a->merged)
        a = a->merged;
    return a;
}

void axis_unify(Fn *fn, Axis *a, Axis *b)
{
    (void)fn;
    a = axis_get(a);
    b = axis_get(b);
    if (a == b || !a || !b) return;
    if (b->id < a->id) {
        Axis *t = a;
        a = b;
        b = t;
    }
    if (!a->rows) a->rows = b->rows;
    if (b->pinned && !a->pinned) {
        a->pinned = true;
        a->pin_flag = b->pin_flag;
        a->pin_name = b->pin_name;
        a->pin_func = b->pin_func;
        a->pin_returned = b->pin_returned;
        a->dist = b->dist;
    }
    b->merged = a;
}

/* -- Building ---------------------------------------------------------------------- */
void val_init(Fn *fn, Val *v, Type t, Axis *axis)
{
    /* A type that was made of another one keeps no zone that it can't have. */
    bool times = t.dt == DT_TS && t.kind != TY_OBJ;
    bool other = dt_is_num((DType)t.dt) || t.dt == DT_TD || t.dt == DT_DATE;
    if ((times && t.kind == TY_ARRAY) || (other && t.kind != TY_OBJ)) t.of = 0;
    v->id = fn->nval++;
    v->type = t;
    v->axis = axis;
}

Region *region_new(Fn *fn, Node *owner, int nparam)
{
    Region *r = ARENA_NEW(fn->arena, Region);
    r->owner = owner;
    r->nparam = nparam;
    r->param = ARENA_NEW_N(fn->arena, nparam, Val); /* never NULL: sums start there */
    for (int i = 0; i < nparam; i++) {
        r->param[i].region = r;
        r->param[i].index = i;
        r->param[i].id = fn->nval++;
    }
    return r;
}

Node *node_new(Fn *fn, Op op, Loc loc, int narg, Val *const *arg, int nres)
{
    Node *n = ARENA_NEW(fn->arena, Node);
    n->op = (uint16_t)op;
    n->loc = loc;
    n->inlined_at = fn->at_inline - 1;
    n->narg = narg;
    n->nres = nres;
    n->arg = narg ? ARENA_NEW_N(fn->arena, narg, Val *) : NULL;
    if (narg) memcpy(n->arg, arg, (size_t)narg * sizeof *arg);
    n->res = nres ? ARENA_NEW_N(fn->arena, nres, Val) : NULL;
    for (int i = 0; i < nres; i++) {
        n->res[i].def = n;
        n->res[i].index = i;
        n->res[i].id = fn->nval++;
    }
    return n;
}

void node_append(Region *r, Node *n)
{
    n->parent = r;
    n->prev = r->last;
    n->next = NULL;
    if (r->last)
        r->last->next = n;
    else
        r->first = n;
    r->last = n;
}

void node_insert_before(Node *at, Node *n)
{
    Region *r = at->parent;
    n->parent = r;
    n->next = at;
    n->prev = at->prev;
    if (at->prev)
        at->prev->next = n;
    else
        r->first = n;
    at->prev = n;
}

void node_remove(Node *n)
{
    Region *r = n->parent;
    if (n->prev)
        n->prev->next = n->next;
    else
        r->first = n->next;
    if (n->next)
        n->next->prev = n->prev;
    else
        r->last = n->prev;
    n->parent = NULL;
    n->prev = n->next = NULL;
}

Region *node_add_region(Fn *fn, Node *n, int nparam)
{
    Region **grown = ARENA_NEW_N(fn->arena, n->nregion + 1, Region *);
    if (n->nregion) memcpy(grown, n->region, (size_t)n->nregion * sizeof *grown);
    n->region = grown;
    return n->region[n->nregion++] = region_new(fn, n, nparam);
}

Val *ir_emit1(Fn *fn, Region *r, Op op, Loc loc, int narg, Val *const *arg, Type t,
              Axis *axis)
{
    Node *n = node_new(fn, op, loc, narg, arg, 1);
    n->res[0].type = t;
    n->res[0].axis = axis;
    node_append(r, n);
    return &n->res[0];
}

Val *ir_const_int(Fn *fn, Region *r, Loc loc, Type t, int64_t v)
{
    Val *c = ir_emit1(fn, r, OP_CONST, loc, 0, NULL, t, NULL);
    node_set_int(fn, c->def, "v", v);
    return c;
}

Val *ir_const_float(Fn *fn, Region *r, Loc loc, Type t, double v)
{
    Val *c = ir_emit1(fn, r, OP_CONST, loc, 0, NULL, t, NULL);
    node_set_float(fn, c->def, "v", v);
    return c;
}

Val *ir_const_text(Fn *fn, Region *r, Loc loc, const char *s, idx n)
{
    Val *c = ir_emit1(fn, r, OP_CONST, loc, 0, NULL, type_scalar(DT_STR), NULL);
    node_set_text(fn, c->def, "v", s, n);
    return c;
}

/* -- Attributes -------------------------------------------------------------------- */
static Attr *attr_slot(Fn *fn, Node *n, const char *name, AttrKind kind)
{
    name = intern(fn->names, name);
    vec_each (i, &n->attr) {
        if (n->attr.at[i].name == name) {
            n->attr.at[i] = (Attr){.name = name, .kind = (uint8_t)kind};
            return &n->attr.at[i];
        }
    }
    Attr fresh = {.name = name, .kind = (uint8_t)kind};
    vec_push(fn->arena, &n->attr, fresh);
    return &n->attr.at[n->attr.n - 1];
}

void node_set_int(Fn *fn, Node *n, const char *name, int64_t v)
{
    attr_slot(fn, n, name, AT_INT)->i = v;
}

void node_set_float(Fn *fn, Node *n, const char *name, double v)
{
    attr_slot(fn, n, name, AT_FLOAT)->f = v;
}

void node_set_text(Fn *fn, Node *n, const char *name, const char *s, idx len)
{
    Attr *a = attr_slot(fn, n, name, AT_TEXT);
    if (len < 0) len = (idx)strlen(s);
    a->s = arena_strndup(fn->arena, s, (size_t)len);
    a->n = len;
}

void node_set_ints(Fn *fn, Node *n, const char *name, const int64_t *v, idx k)
{
    Attr *a = attr_slot(fn, n, name, AT_INTS);
    int64_t *copy = ARENA_NEW_N(fn->arena, k ? k : 1, int64_t);
    if (k) memcpy(copy, v, (size_t)k * sizeof *v);
    a->ints = copy;
    a->n = k;
}

void node_set_texts(Fn *fn, Node *n, const char *name, const char *const *s, idx k)
{
    Attr *a = attr_slot(fn, n, name, AT_TEXTS);
    const char **copy = ARENA_NEW_N(fn->arena, k ? k : 1, const char *);
    for (idx i = 0; i < k; i++)
        copy[i] = arena_strdup(fn->arena, s[i]);
    a->texts = copy;
    a->n = k;
}

const Attr *node_attr(const Node *n, const char *name)
{
    vec_each (i, &n->attr) {
        if (!strcmp(n->attr.at[i].name, name)) return &n->attr.at[i];
    }
    return NULL;
}

int64_t node_int(const Node *n, const char *name, int64_t missing)
{
    const Attr *a = node_attr(n, name);
    return a ? a->i : missing;
}

const char *node_text(const Node *n, const char *name)
{
    const Attr *a = node_attr(n, name);
    return a ? a->s : NULL;
}

/* -- Walking and editing ----------------------------------------------------------- */
const Val *val_memory(const Val *v)
{
    while (v->def && v->index == 0) {
        Op op = (Op)v->def->op;
        if (op == OP_NDALIGN) /* itself, if nothing moves */
            v = v->def->arg[1];
        else if (op == OP_NDFLOATS || op == OP_NDFOLD || op == OP_NDREROW)
            v = v->def->arg[0];
        else
            break;
    }
    return v;
}

bool op_is_terminator(Op op)
{
    return op == OP_YIELD || op == OP_CONTINUE || op == OP_BREAK || op == OP_RETURN ||
           op == OP_RAISE;
}

static void count_region(Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->narg; i++)
            n->arg[i]->nuse++;
        for (int i = 0; i < n->nregion; i++)
            count_region(n->region[i]);
    }
}

void region_clear_uses(Region *r)
{
    for (int i = 0; i < r->nparam; i++)
        r->param[i].nuse = 0;
    node_each (n, r) {
        for (int i = 0; i < n->nres; i++)
            n->res[i].nuse = 0;
        for (int i = 0; i < n->nregion; i++)
            region_clear_uses(n->region[i]);
    }
}

void ir_count_uses(Fn *fn)
{
    region_clear_uses(fn->body);
    count_region(fn->body);
}

static void replace_in(Region *r, Val *old, Val *with)
{
    node_each (n, r) {
        for (int i = 0; i < n->narg; i++)
            if (n->arg[i] == old) n->arg[i] = with;
        for (int i = 0; i < n->nregion; i++)
            replace_in(n->region[i], old, with);
    }
}

void ir_replace(Fn *fn, Val *old, Val *with)
{
    replace_in(fn->body, old, with);
    vec_each (i, &fn->axes) {
        if (fn->axes.at[i]->rows == old) fn->axes.at[i]->rows = with;
    }
}

/* Whether the terminator stays inside of a node that has `loops` loops around it. */
static bool stays_inside(const Node *t, int loops)
{
    if (t->op == OP_YIELD) return true;
    bool loop = t->op == OP_BREAK || t->op == OP_CONTINUE;
    return loop && node_int(t, "depth", 0) < loops;
}

static bool pure_in(const Node *n, int loops)
{
    uint8_t e = op_info[n->op].effect;
    if (op_is_terminator((Op)n->op)) return stays_inside(n, loops);
    if (e == EF_WRITE || e == EF_IO) return n->op == OP_READ || n->op == OP_VARGET;
    bool checks = n->op == OP_AGET || n->op == OP_NDINDEX || n->op == OP_LISTGET ||
                  n->op == OP_CHARAT;
    if (checks && !node_int(n, "nocheck", 0)) return false; /* IndexError is seen */
    if (e != EF_CTRL) return true;
    if (n->op == OP_LOOP) return false;
    loops += n->op == OP_FOR || n->op == OP_MAP;
    for (int i = 0; i < n->nregion; i++)
        node_each (m, n->region[i])
            if (!pure_in(m, loops)) return false;
    return true;
}

bool node_is_pure(const Node *n)
{
    return !op_is_terminator((Op)n->op) && pure_in(n, 0);
}

/* Copies carry a map from old to new values in Val.tmp of the old ones. */
static Val *mapped(Val *v)
{
    return v->tmp ? (Val *)v->tmp : v;
}

static void region_copy_nodes(Fn *fn, Region *from, Region *to)
{
    node_each (n, from)
        node_append(to, node_copy(fn, n));
}

Node *node_copy(Fn *fn, Node *n)
{
    Node *c = node_new(fn, (Op)n->op, n->loc, n->narg, n->arg, n->nres);
    c->inlined_at = n->inlined_at;
    vec_each (i, &n->attr)
        vec_push(fn->arena, &c->attr, n->attr.at[i]);
    for (int i = 0; i < c->narg; i++)
        c->arg[i] = mapped(c->arg[i]);
    for (int i = 0; i < n->nres; i++) {
        c->res[i].type = n->res[i].type;
        c->res[i].axis = n->res[i].axis;
        c->res[i].hint = n->res[i].hint;
        n->res[i].tmp = &c->res[i];
    }
    for (int k = 0; k < n->nregion; k++) {
        Region *from = n->region[k];
        Region *to = node_add_region(fn, c, from->nparam);
        for (int i = 0; i < from->nparam; i++) {
            to->param[i].type = from->param[i].type;
            to->param[i].axis = from->param[i].axis;
            to->param[i].hint = from->param[i].hint;
            from->param[i].tmp = &to->param[i];
        }
        region_copy_nodes(fn, from, to);
    }
    return c;
}

void region_clear_tmp(Region *r)
{
    for (int i = 0; i < r->nparam; i++)
        r->param[i].tmp = NULL;
    node_each (n, r) {
        for (int i = 0; i < n->nres; i++)
            n->res[i].tmp = NULL;
        for (int i = 0; i < n->nregion; i++)
            region_clear_tmp(n->region[i]);
    }
}

void region_inline(Fn *fn, Region *from, Region *to, Val *const *args, Val **out,
                   int nout)
{
    region_clear_tmp(from);
    for (int i = 0; i < from->nparam; i++)
        from->param[i].tmp = args[i];
    node_each (n, from) {
        if (n == from->last && op_is_terminator((Op)n->op)) {
            for (int i = 0; i < nout && i < n->narg; i++)
                out[i] = mapped(n->arg[i]);
            break;
        }
        node_append(to, node_copy(fn, n));
    }
    region_clear_tmp(from);
}
