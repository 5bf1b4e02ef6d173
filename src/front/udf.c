/* SPDX-License-Identifier: Apache-2.0
 * User functions run element by element: the body of a MAP region. Text that such a
 * function returns from constants only becomes dictionary codes.
 */
#include "base/base.h"

#include "front/front_int.h"
#include "front/random.h"

#include <string.h>

/* -- Text results as codes --------------------------------------------------------- */
typedef struct Texts {
    Front *f;
    VEC(const char *) text;
} Texts;

static bool only_texts(const Val *v, int depth)
{
    if (!v->def || depth > 100) return false;
    if (v->def->op == OP_CONST) return true;
    if (v->def->op != OP_IF) return false;
    for (int i = 0; i < v->def->nregion; i++) {
        const Node *t = v->def->region[i]->last;
        if (!t) return false;
        if (t->op == OP_RAISE) continue;
        if (t->op != OP_YIELD || !only_texts(t->arg[v->index], depth + 1)) return false;
    }
    return true;
}

static int64_t code_of(Texts *x, const Node *c)
{
    if (node_int(c, "na", 0)) return -1;
    const Attr *a = node_attr(c, "v");
    const char *s = arena_strndup(x->f->arena, a->s, (size_t)a->n);
    vec_each (i, &x->text)
        if (!strcmp(x->text.at[i], s)) return i;
    vec_push(x->f->arena, &x->text, s);
    return x->text.n - 1;
}

/* The value as int32 codes: rewrites the yields of the IFs that make it. */
static Val *as_codes(Texts *x, Val *v, Region *at)
{
    Front *f = x->f;
    if (v->def->op == OP_CONST) {
        int64_t code = code_of(x, v->def);
        f->fn->at_inline = f->inlined_at + 1;
        Region *was = f->at;
        f->at = at;
        Val *c = ir_const_int(f->fn, at, v->def->loc, type_scalar(DT_I32), code);
        f->at = was;
        Node *last = at->last, *before = last->prev;
        /* The constant goes before the region's terminator. */
        if (before && op_is_terminator((Op)before->op)) {
            node_remove(last);
            node_insert_before(before, last);
        }
        return c;
    }
    for (int i = 0; i < v->def->nregion; i++) {
        Node *t = v->def->region[i]->last;
        if (t->op == OP_YIELD)
            t->arg[v->index] = as_codes(x, t->arg[v->index], v->def->region[i]);
    }
    v->type = type_scalar(DT_I32);
    return v;
}

/* -- Elements ---------------------------------------------------------------------- */
/* What Python sees of an element: its own int and float, whatever the column's width.
 */
static Val *python_elem(Front *f, Val *v)
{
    Type t = v->type;
    if (dt_is_int((DType)t.dt) && t.dt != DT_U64) t.dt = DT_I64;
    if (t.dt == DT_F32) t.dt = DT_F64;
    return front_cast(f, v, t);
}

Val *front_settled(Front *f, Val *v)
{
    if (!front_settles(v->type)) return v;
    AVal *x = av_scalar(f, v), *gone = front_elem(f, OP_ISNULL, &x, 1);
    bool date = v->type.dt == DT_DATE;
    lower_raise_if(f, gone, E_VALUE,
                   date ? "NaT where a date is needed"
                        : "cannot convert float NaN to integer");
    Type t = v->type;
    t.null = NULL_NONE;
    return front_cast(f, v, t);
}

AVal *front_python(Front *f, Val *v)
{
    AVal *r = av_scalar(f, python_elem(f, v));
    r->i = dt_is_num((DType)v->type.dt);
    return r;
}

static Type result_col(Type t)
{
    t.kind = TY_COL;
    if (t.dt == DT_STR || t.dt == DT_DATE) t.null = NULL_MASK;
    if (dt_is_time((DType)t.dt)) t.null = NULL_NAT; /* Python's timedeltas too */
    return t;
}

/* draws: the function draws random numbers; the last column then is the row number,
 * which the function does not see. */
/* NOLINTNEXTLINE(readability-function-size): the contract of aval.h */
static Val *map_udf(Front *f, AVal *fnv, Val *const *col, int ncol,
                    AVal *(*make_args)(Front *, Val *const *elem, void *), void *data,
                    AVal *const *extra, idx nextra, const char *const *kw,
                    AVal *const *kwval, idx nkw, bool draws)
{
    Region *outer = f->at;
    Axis *axis = col[0]->axis;
    Node *n = node_put(f, outer, OP_MAP, col, ncol, 1);
    Region *body = node_add_region(f->fn, n, ncol);
    f->at = body;
    Val **elem = ARENA_NEW_N(f->arena, ncol + 1, Val *);
    for (int i = 0; i < ncol; i++) {
        body->param[i].type = type_with(col[i]->type, TY_SCALAR);
        elem[i] = python_elem(f, &body->param[i]);
    }
    node_set_int(f->fn, n, "ncol", ncol);
    if (draws) rng_enter(f, elem[--ncol]);
    idx narg = nextra + (make_args ? 1 : ncol);
    AVal **arg = ARENA_NEW_N(f->arena, narg + 1, AVal *);
    idx k = 0;
    if (make_args) {
        arg[k++] = make_args(f, elem, data);
    } else {
        for (int i = 0; i < ncol; i++) {
            arg[k] = av_scalar(f, elem[i]);
            arg[k++]->i = dt_is_num((DType)elem[i]->type.dt);
        }
    }
    for (idx i = 0; i < nextra; i++)
        arg[k++] = extra[i];
    AVal *r = front_call(f, fnv, arg, narg, kw, kwval, nkw);
    if (r->kind == A_NONE)
        front_unsup(f, UNSUP_VALUE, "the function returns None for every element");
    Val *v = front_val(f, r);
    if (v->type.kind != TY_SCALAR)
        front_unsup(f, UNSUP_VALUE,
                    "the function returns %s for an element: only numbers, "
                    "bools, text and times can be collected into a column",
                    av_type_text(f, r));
    Texts x = {.f = f};
    bool coded = v->type.dt == DT_STR && only_texts(v, 0);
    if (coded) v = as_codes(&x, v, body);
    node_put(f, body, OP_YIELD, &v, 1, 0);
    f->at = outer;
    n->res[0].type = result_col(v->type);
    n->res[0].axis = axis;
    node_set_text(f->fn, n, "outs", "c", 1);
    if (!coded) return &n->res[0];
    Val *codes = &n->res[0];
    Val *out = val_put(f, OP_MKDICT, &codes, 1, type_col(DT_STR), axis);
    node_set_texts(f->fn, out->def, "texts", x.text.at, x.text.n);
    return out;
}

/* Takes back what was appended to r after the node `last`. */
static void forget_after(Region *r, const Node *last)
{
    while (r->last && r->last != last)
        node_remove(r->last);
}

/* NOLINTNEXTLINE(readability-function-size): the contract of aval.h */
Val *front_map_udf(Front *f, AVal *fnv, Val *const *col, int ncol,
                   AVal *(*make_args)(Front *, Val *const *elem, void *), void *data,
                   AVal *const *extra, idx nextra, const char *const *kw,
                   AVal *const *kwval, idx nkw)
{
    int64_t before = f->rng->ndraw;
    Heap *was = heap_save(f);
    const Node *last = f->at->last;
    Val *v = map_udf(f, fnv, col, ncol, make_args, data, extra, nextra, kw, kwval, nkw,
                     false);
    if (f->rng->ndraw == before) return v;
    forget_after(f->at, last);
    heap_load(f, was);
    Axis *axis = axis_get(col[0]->axis);
    Val **with = ARENA_NEW_N(f->arena, ncol + 1, Val *);
    memcpy(with, col, (size_t)ncol * sizeof *col);
    with[ncol] = val_put(f, OP_ROWNUM, &axis->rows, 1, type_col(DT_I64), axis);
    node_set_int(f->fn, with[ncol]->def, "start", 0);
    node_set_int(f->fn, with[ncol]->def, "step", 1);
    v = map_udf(f, fnv, with, ncol + 1, make_args, data, extra, nextra, kw, kwval, nkw,
                true);
    heap_load(f, was);
    rng_leave(f);
    return v;
}
