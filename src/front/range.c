/* SPDX-License-Identifier: Apache-2.0
 * range and slice objects as values: their parts, elements and slices of a range, where
 * a number stands in it, equality, slice.indices().
 */
#include "base/base.h"

#include "front/front_int.h"
#include "front/nd.h"

#include <string.h>

static AVal *op(Front *f, Op o, AVal *a, AVal *b)
{
    AVal *v = front_elem(f, o, (AVal *[]){a, b}, 2);
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

static AVal *math(Front *f, AstKind o, AVal *a, AVal *b)
{
    return lower_binop(f, o, a, b);
}

static AVal *choose(Front *f, AVal *cond, AVal *a, AVal *b)
{
    AVal *v = front_elem(f, OP_SELECT, (AVal *[]){cond, a, b}, 3);
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

static AVal *length(Front *f, AVal *r)
{
    return builtin_call(f, "builtins.len", &r, 1, NULL, NULL, 0);
}

static AVal *new_like(Front *f, AKind kind, AVal *a, AVal *b, AVal *c)
{
    AVal *r = av_tuple(f, (AVal *[]){a, b, c}, 3);
    r->kind = (uint8_t)kind;
    return r;
}

bool range_is(const AVal *v)
{
    return v->kind == A_RANGE || v->kind == A_SLICE;
}

AVal *range_attr(Front *f, AVal *v, const char *name)
{
    static const char *const part[] = {"start", "stop", "step"};
    (void)f;
    for (int i = 0; range_is(v) && i < 3; i++)
        if (!strcmp(name, part[i])) return v->item[i];
    return NULL;
}

/* -- slice.indices() --------------------------------------------------------------- */

/* A bound that is given: from the end when negative, within lower .. upper. */
static AVal *bound(Front *f, AVal *v, AVal *n, AVal *lower, AVal *upper)
{
    AVal *neg = op(f, OP_LT, v, av_int(f, 0));
    v = choose(f, neg, math(f, AST_Add, v, n), v);
    v = choose(f, op(f, OP_LT, v, lower), lower, v);
    return choose(f, op(f, OP_GT, v, upper), upper, v);
}

static AVal *indices(Front *f, const AVal *s, AVal *n)
{
    bool one = s->item[2]->kind == A_NONE;
    AVal *step = one ? av_int(f, 1) : s->item[2], *zero = av_int(f, 0);
    lower_raise_if(f, lower_compare(f, AST_Eq, step, zero), E_VALUE,
                   "slice step cannot be zero");
    AVal *back = op(f, OP_LT, step, zero), *minus = av_int(f, -1);
    AVal *lower = choose(f, back, minus, zero);
    AVal *upper = choose(f, back, math(f, AST_Sub, n, av_int(f, 1)), n);
    AVal *dflt[2] = {choose(f, back, upper, lower), choose(f, back, lower, upper)};
    AVal *part[3] = {NULL, NULL, step};
    for (int i = 0; i < 2; i++)
        part[i] = s->item[i]->kind == A_NONE ? dflt[i]
                                             : bound(f, s->item[i], n, lower, upper);
    return av_tuple(f, part, 3);
}

/* -- Elements of a range ----------------------------------------------------------- */

AVal *range_subscript(Front *f, AVal *r, AVal *key)
{
    AVal *n = length(f, r), *start = r->item[0], *step = r->item[2];
    if (key->kind == A_SLICE) {
        AVal *at = indices(f, key, n), *to[2];
        for (int i = 0; i < 2; i++)
            to[i] = math(f, AST_Add, start, math(f, AST_Mult, at->item[i], step));
        AVal *by = math(f, AST_Mult, step, at->item[2]);
        return new_like(f, A_RANGE, to[0], to[1], by);
    }
    DType d = key->kind == A_CONST || key->kind == A_SCALAR
                  ? (DType)front_val(f, key)->type.dt
                  : DT_STR;
    if (!dt_is_int(d) && d != DT_BOOL) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "range indices must be integers or slices, not %s",
                   front_class_text(f, key));
    }
    AVal *i = num_plain(f, key), *zero = av_int(f, 0);
    i = choose(f, op(f, OP_LT, i, zero), math(f, AST_Add, i, n), i);
    AVal *bad = op(f, OP_BITOR, op(f, OP_LT, i, zero), op(f, OP_GE, i, n));
    lower_raise_if(f, bad, E_INDEX, "range object index out of range");
    return math(f, AST_Add, start, math(f, AST_Mult, i, step));
}

/* -- Equality, methods ------------------------------------------------------------- */

AVal *range_equal(Front *f, AVal *a, AVal *b)
{
    if (a->kind != b->kind || !range_is(a)) return NULL;
    if (a->kind == A_SLICE) {
        AVal *x = av_tuple(f, a->item, 3), *y = av_tuple(f, b->item, 3);
        return lower_compare(f, AST_Eq, x, y);
    }
    AVal *n = length(f, a), *m = length(f, b), *one = av_int(f, 1);
    AVal *same = op(f, OP_EQ, n, m), *none = op(f, OP_LT, n, one);
    AVal *start = op(f, OP_EQ, a->item[0], b->item[0]);
    AVal *step = op(f, OP_EQ, a->item[2], b->item[2]);
    step = op(f, OP_BITOR, step, op(f, OP_EQ, n, one));
    start = op(f, OP_BITOR, none, op(f, OP_BITAND, start, step));
    return op(f, OP_BITAND, same, start);
}

bool range_has_method(const AVal *v, const char *name)
{
    if (v->kind == A_SLICE) return !strcmp(name, "indices");
    return v->kind == A_RANGE && (!strcmp(name, "index") || !strcmp(name, "count"));
}

AVal *range_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg)
{
    if (narg != 1)
        front_fail(f, E_TYPE, "%s() takes exactly one argument (%lld given)", name,
                   (long long)narg);
    if (self->kind == A_SLICE) return indices(f, self, arg[0]);
    AVal *in = lower_compare(f, AST_In, arg[0], self);
    if (!strcmp(name, "count"))
        return builtin_call(f, "builtins.int", &in, 1, NULL, NULL, 0);
    AVal *bad =
        in->kind == A_CONST ? av_bool(f, !in->i) : front_elem(f, OP_INVERT, &in, 1);
    AVal *x = arg[0];
    nd_check(f, bad, E_VALUE, "%d is not in range", 1, &x);
    return math(f, AST_FloorDiv, math(f, AST_Sub, x, self->item[0]), self->item[2]);
}
