/* SPDX-License-Identifier: Apache-2.0
 * Operators on containers whose contents are known when compiling. Where the answer
 * needs values that only the run time knows, tuples are compared item by item; sets and
 * dicts become objects of the run time (box.c).
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

static bool is_known(Front *f, const AVal *v)
{
    return (v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET) &&
           !box_get(f, v);
}

static bool all_const(AVal *const *item, idx n)
{
    for (idx i = 0; i < n; i++)
        if (!front_is_const(item[i]) || arg_is_lazy(item[i])) return false;
    return true;
}

static bool const_set(Front *f, const AVal *v)
{
    if (v->kind != A_SET || !is_known(f, v)) return false;
    const Container *c = front_items(f, v);
    return all_const(c->item.at, c->item.n);
}

static bool has(const Container *c, const AVal *v)
{
    vec_each (i, &c->item)
        if (av_equal(c->item.at[i], v)) return true;
    return false;
}

static bool subset(const Container *a, const Container *b)
{
    vec_each (i, &a->item)
        if (!has(b, a->item.at[i])) return false;
    return true;
}

/* Items of a that are (in) or are not in b. */
static void pick(Front *f, const Container *a, const Container *b, bool in,
                 Container *out)
{
    vec_each (i, &a->item)
        if (has(b, a->item.at[i]) == in) vec_push(f->arena, &out->item, a->item.at[i]);
}

static AVal *set_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    const Container *x = front_items(f, a), *y = front_items(f, b);
    Container to = {0};
    if (op == AST_BitOr || op == AST_Sub || op == AST_BitXor) pick(f, x, y, false, &to);
    if (op == AST_BitOr) to.item.n = 0;
    for (idx i = 0; op == AST_BitOr && i < x->item.n; i++)
        vec_push(f->arena, &to.item, x->item.at[i]);
    if (op == AST_BitOr || op == AST_BitXor) pick(f, y, x, false, &to);
    if (op == AST_BitAnd) pick(f, x, y, true, &to);
    return set_new(f, to.item.at, to.item.n);
}

AVal *known_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool sets = a->kind == A_SET && b->kind == A_SET;
    if (!sets && !(a->kind == A_DICT && b->kind == A_DICT && op == AST_BitOr))
        return NULL;
    if (sets && op != AST_BitOr && op != AST_BitAnd && op != AST_BitXor &&
        op != AST_Sub)
        return NULL;
    if (sets && const_set(f, a) && const_set(f, b)) return set_binop(f, op, a, b);
    if (!sets && is_known(f, a) && is_known(f, b)) {
        Container *c = front_items(f, a);
        AVal *d = av_container(f, A_DICT, c->key.at, c->item.at, c->item.n);
        c = front_items(f, b);
        vec_each (i, &c->item)
            dict_set(f, d, c->key.at[i], c->item.at[i]);
        return d;
    }
    (void)box_of(f, a);
    (void)box_of(f, b);
    return box_binop(f, op, a, b);
}

/* -- Comparison -------------------------------------------------------------------- */

static AVal *both(Front *f, Op op, AVal *a, AVal *b)
{
    bool and = op == OP_BITAND;
    if (a->kind == A_CONST) return (a->i != 0) == and? b : a;
    if (b->kind == A_CONST) return (b->i != 0) == and? a : b;
    return front_elem(f, op, (AVal *[]){a, b}, 2);
}

/* Tuples or lists of known length by < <= > >=: the first items that differ decide. */
static AVal *seq_order(Front *f, AstKind op, AVal *const *x, idx n, AVal *const *y,
                       idx m)
{
    AstKind strict = op == AST_LtE ? AST_Lt : op == AST_GtE ? AST_Gt : op;
    if (n == 0 || m == 0) {
        bool v = op == AST_Lt    ? n < m
                 : op == AST_LtE ? n <= m
                 : op == AST_Gt  ? n > m
                                 : n >= m;
        return av_bool(f, v);
    }
    AVal *first = lower_compare(f, strict, x[0], y[0]);
    AVal *same = lower_compare(f, AST_Eq, x[0], y[0]);
    if (same->kind == A_CONST && !same->i) return first;
    AVal *rest = seq_order(f, op, x + 1, n - 1, y + 1, m - 1);
    return both(f, OP_BITOR, first, both(f, OP_BITAND, same, rest));
}

static AVal *dict_equal(Front *f, AVal *a, AVal *b)
{
    const Container *x = front_items(f, a), *y = front_items(f, b);
    AVal *all = av_bool(f, true);
    if (x->item.n != y->item.n) return av_bool(f, false);
    vec_each (i, &x->key) {
        idx k = 0;
        while (k < y->key.n && !av_equal(y->key.at[k], x->key.at[i]))
            k++;
        if (k == y->key.n) return av_bool(f, false);
        all = both(f, OP_BITAND, all,
                   lower_compare(f, AST_Eq, x->item.at[i], y->item.at[k]));
    }
    return all;
}

static AVal *set_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    const Container *x = front_items(f, a), *y = front_items(f, b);
    bool in = subset(x, y), of = subset(y, x);
    switch (op) {
    case AST_Eq: return av_bool(f, in && of);
    case AST_NotEq: return av_bool(f, !in || !of);
    case AST_Lt: return av_bool(f, in && !of);
    case AST_LtE: return av_bool(f, in);
    case AST_Gt: return av_bool(f, of && !in);
    default: return av_bool(f, of);
    }
}

AVal *known_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool eq = op == AST_Eq || op == AST_NotEq;
    if (a->kind != b->kind) return NULL;
    if (a->kind == A_TUPLE && !eq)
        return seq_order(f, op, a->item, a->n, b->item, b->n);
    if (!is_known(f, a) || !is_known(f, b)) return NULL;
    if (a->kind == A_LIST && !eq) {
        const Container *x = front_items(f, a), *y = front_items(f, b);
        return seq_order(f, op, x->item.at, x->item.n, y->item.at, y->item.n);
    }
    if (a->kind == A_DICT && eq) {
        AVal *v = dict_equal(f, a, b);
        if (op == AST_Eq) return v;
        return v->kind == A_CONST ? av_bool(f, !v->i) : front_elem(f, OP_INVERT, &v, 1);
    }
    if (a->kind != A_SET) return NULL;
    if (const_set(f, a) && const_set(f, b)) return set_compare(f, op, a, b);
    (void)box_of(f, a);
    (void)box_of(f, b);
    return box_compare(f, op, a, b);
}

/* -- Operators in place ------------------------------------------------------------ */

/* a op= b of a list, dict or set: changes a. False: it is none of these. */
bool container_augment(Front *f, AstKind op, AVal *a, AVal *b)
{
    const char *name = NULL;
    if (a->kind == A_LIST && op == AST_Add) name = "extend";
    if (a->kind == A_DICT && op == AST_BitOr) name = "update";
    if (a->kind == A_SET && b->kind == A_SET)
        name = op == AST_BitOr    ? "update"
               : op == AST_BitAnd ? "intersection_update"
               : op == AST_Sub    ? "difference_update"
               : op == AST_BitXor ? "symmetric_difference_update"
                                  : NULL;
    if (!name) {
        if (a->kind != A_LIST || op != AST_Mult) return false;
        AVal *whole = av_tuple(f, (AVal *[]){av_none(f), av_none(f), av_none(f)}, 3);
        whole->kind = A_SLICE;
        lower_store(f, a, whole, lower_binop(f, op, a, b));
        return true;
    }
    (void)object_method(f, a, name, &b, 1, NULL, NULL, 0);
    return true;
}
