/* SPDX-License-Identifier: Apache-2.0
 * Functions chosen at run time: `f = g if c else h; f(x)`, or functions in a list or
 * dict that a computed key selects. A choice (A_PICK) knows its candidates and has the
 * number of the one that it is; a call of it is a branch for each candidate, whose
 * results are joined as those of any other branches.
 */
#include "base/base.h"

#include "front/front_int.h"
#include "front/join.h"
#include "front/try.h"

bool pick_may(const AVal *v)
{
    return v->kind == A_FUNC || v->kind == A_PICK || v->kind == A_METHOD ||
           v->kind == A_API;
}

static AVal *pick_new(Front *f, AVal *const *item, idx n, Val *which)
{
    AVal *v = av_new_kind(f, A_PICK);
    v->item = av_tuple(f, item, n)->item;
    v->n = n;
    v->val = which;
    return v;
}

/* -- Joins ------------------------------------------------------------------------- */

static bool same_function(const AVal *a, const AVal *b)
{
    if (a == b) return true;
    return a->kind == A_FUNC && b->kind == A_FUNC ? func_same(a, b) : av_equal(a, b);
}

static idx candidate(const AVal *pick, const AVal *v)
{
    if (pick->kind != A_PICK) return same_function(pick, v) ? 0 : -1;
    for (idx i = 0; i < pick->n; i++)
        if (same_function(pick->item[i], v)) return i;
    return -1;
}

AVal *pick_join(Join *j, AVal *a, AVal *b)
{
    Front *f = j->f;
    idx na = a->kind == A_PICK ? a->n : 1, nb = b->kind == A_PICK ? b->n : 1, n = na;
    AVal **all = ARENA_NEW_N(f->arena, na + nb, AVal *);
    for (idx i = 0; i < na; i++)
        all[i] = a->kind == A_PICK ? a->item[i] : a;
    for (idx i = 0; i < nb; i++) {
        AVal *v = b->kind == A_PICK ? b->item[i] : b;
        if (candidate(a, v) < 0) all[n++] = v;
    }
    bool open = a->kind == A_PICK && val_is_hole(a->val);
    if (n == na && (open || a->kind != A_PICK)) return a;
    Val *which = open ? a->val : join_hole(j, type_scalar(DT_I64), NULL);
    return pick_new(f, all, n, which);
}

Val *pick_number(Front *f, const AVal *to, AVal *v)
{
    if (v->kind != A_PICK) {
        idx k = candidate(to, v);
        return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), k < 0 ? 0 : k);
    }
    AVal *sum = av_int(f, 0), *which = av_scalar(f, v->val);
    for (idx i = 0; i < v->n; i++) {
        idx k = candidate(to, v->item[i]);
        if (k <= 0) continue;
        AVal *is = front_elem(f, OP_EQ, (AVal *[]){which, av_int(f, i)}, 2);
        AVal *part = front_elem(f, OP_MUL, (AVal *[]){is, av_int(f, k)}, 2);
        sum = sum->kind == A_CONST ? part
                                   : front_elem(f, OP_ADD, (AVal *[]){sum, part}, 2);
    }
    return front_cast(f, front_val(f, sum), type_scalar(DT_I64));
}

/* -- Calls ------------------------------------------------------------------------- */
typedef struct PickCall {
    const AVal *fnv;
    idx i;
    AVal *const *arg;
    idx narg;
    const char *const *kw;
    AVal *const *kwval;
    idx nkw;
} PickCall;

static AVal *call_rest(Front *f, PickCall *c);

static AVal *call_this(Front *f, void *data)
{
    PickCall *c = data;
    return front_call(f, c->fnv->item[c->i], c->arg, c->narg, c->kw, c->kwval, c->nkw);
}

static AVal *call_next(Front *f, void *data)
{
    PickCall next = *(PickCall *)data;
    next.i++;
    return call_rest(f, &next);
}

static AVal *call_rest(Front *f, PickCall *c)
{
    if (c->i == c->fnv->n - 1) return call_this(f, c);
    AVal *which = av_scalar(f, c->fnv->val);
    AVal *is = front_elem(f, OP_EQ, (AVal *[]){which, av_int(f, c->i)}, 2);
    return lower_choice(f, is, call_this, call_next, c);
}

AVal *pick_call(Front *f, AVal *fnv, AVal *const *arg, idx narg, const char *const *kw,
                AVal *const *kwval, idx nkw)
{
    PickCall c = {fnv, 0, arg, narg, kw, kwval, nkw};
    return call_rest(f, &c);
}

/* -- Containers of functions ------------------------------------------------------- */

static bool all_functions(AVal *const *item, idx n)
{
    for (idx i = 0; i < n; i++)
        if (item[i]->kind != A_FUNC && item[i]->kind != A_PICK &&
            !(item[i]->kind == A_API && builtin_is(item[i]->s)))
            return false;
    return n > 0;
}

static AVal *scalar_op(Front *f, Op op, AVal *a, AVal *b)
{
    return front_elem(f, op, (AVal *[]){a, b}, 2);
}

static AVal *by_position(Front *f, AVal *const *item, idx n, AVal *key,
                         const char *what)
{
    AVal *i = av_scalar(f, front_cast(f, front_val(f, key), type_scalar(DT_I64)));
    AVal *low = scalar_op(f, OP_LT, i, av_int(f, -n));
    AVal *high = scalar_op(f, OP_GE, i, av_int(f, n));
    lower_raise_if(f, scalar_op(f, OP_BITOR, low, high), E_INDEX,
                   arena_printf(f->arena, "%s index out of range", what));
    AVal *neg = scalar_op(f, OP_LT, i, av_int(f, 0));
    i = scalar_op(f, OP_ADD, i, scalar_op(f, OP_MUL, neg, av_int(f, n)));
    return pick_new(f, item, n, front_val(f, i));
}

static AVal *by_key(Front *f, const Container *c, AVal *key)
{
    AVal *k = av_int(f, 0);
    vec_each (i, &c->key) {
        AVal *eq = lower_compare(f, AST_Eq, key, c->key.at[i]);
        if (eq->kind == A_CONST && !eq->i) continue;
        AVal *part = scalar_op(f, OP_MUL, eq, av_int(f, i + 1));
        k = k->kind == A_CONST ? part : scalar_op(f, OP_ADD, k, part);
    }
    AVal *gone = lower_compare(f, AST_Eq, k, av_int(f, 0));
    Region *at = f->at;
    if (gone->kind == A_CONST) front_fail(f, E_KEY, "%s", const_text(f, key));
    Node *n = node_put(f, at, OP_IF, &gone->val, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    f->at = yes;
    AVal *cls = av_api(f, "builtins.KeyError");
    exc_raise(f, exc_new(f, exc_class(f, cls), &key, 1));
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    f->at = at;
    k = scalar_op(f, OP_SUB, k, av_int(f, 1));
    return pick_new(f, c->item.at, c->item.n,
                    front_cast(f, front_val(f, k), type_scalar(DT_I64)));
}

AVal *pick_subscript(Front *f, AVal *v, AVal *key)
{
    if (v->kind == A_TUPLE)
        return all_functions(v->item, v->n)
                   ? by_position(f, v->item, v->n, key, "tuple")
                   : NULL;
    if ((v->kind != A_LIST && v->kind != A_DICT) || box_get(f, v)) return NULL;
    const Container *c = front_items(f, v);
    if (!all_functions(c->item.at, c->item.n)) return NULL;
    return v->kind == A_DICT ? by_key(f, c, key)
                             : by_position(f, c->item.at, c->item.n, key, "list");
}
