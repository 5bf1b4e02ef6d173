/* SPDX-License-Identifier: Apache-2.0
 * Python's own functions: len, range, min, isinstance, int ... One table row each. What
 * is known when compiling is computed; run-time scalars and arrays become nodes.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "front/try.h"

#include <math.h>
#include <string.h>

typedef AVal *Builtin(Front *f, const CallArgs *a);

static AVal *keyword(const CallArgs *a, const char *name)
{
    for (idx i = 0; i < a->nkw; i++)
        if (!strcmp(a->kw[i], name)) return a->kwval[i];
    return NULL;
}

static void items_of(Front *f, const CallArgs *a, AVal *v, AVal ***item, idx *n);

static AVal *weak_scalar(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

/* -- Sizes and ranges -------------------------------------------------------------- */
static AVal *do_len(Front *f, const CallArgs *a)
{
    AVal *v = opt_need(f, a->arg[0], E_TYPE, "object of type 'NoneType' has no len()");
    AVal **item;
    idx n;
    AVal *own = record_special(f, "__len__", v, NULL, 0);
    if (own) return own;
    AVal *members = v->kind == A_RECORD ? record_members(f, v) : NULL;
    if (members) return av_int(f, members->n);
    if (bytes_is(v)) return bytes_len(f, v);
    AVal *run = text_is_run(f, v) ? text_len(f, v) : box_len(f, v);
    if (run) return run;
    if (v->kind == A_VIEW || v->kind == A_RANGE)
        return iter_is_run(f, v) ? iter_count(f, iter_open(f, v))
                                 : av_int(f, (items_of(f, a, v, &item, &n), n));
    if (v->kind == A_TUPLE || v->kind == A_LIST || v->kind == A_SET ||
        v->kind == A_DICT || (v->kind == A_CONST && v->ck == AC_STR)) {
        lower_items(f, v, &item, &n);
        return av_int(f, n);
    }
    if (v->kind == A_CONST || v->kind == A_NONE || v->kind == A_FUNC ||
        (v->kind == A_SCALAR && v->val->type.dt != DT_STR))
        front_fail(f, E_TYPE, "object of type '%s' has no len()",
                   front_class_text(f, v));
    AVal *len = front_len(f, v);
    if (len->kind == A_SCALAR) len->i = 1;
    return len;
}

static AVal *do_range(Front *f, const CallArgs *a)
{
    AVal *part[3] = {av_int(f, 0), a->arg[0], av_int(f, 1)};
    if (a->narg > 1) {
        part[0] = a->arg[0];
        part[1] = a->arg[1];
    }
    if (a->narg > 2) part[2] = a->arg[2];
    for (int i = 0; i < 3; i++) {
        bool ok =
            (part[i]->kind == A_CONST &&
             (part[i]->ck == AC_INT || part[i]->ck == AC_BOOL)) ||
            (part[i]->kind == A_SCALAR && (dt_is_int((DType)part[i]->val->type.dt) ||
                                           part[i]->val->type.dt == DT_BOOL));
        if (!ok)
            front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                       av_type_text(f, part[i]));
    }
    if (a->narg > 2)
        lower_raise_if(f, lower_compare(f, AST_Eq, part[2], av_int(f, 0)), E_VALUE,
                       "range() arg 3 must not be zero");
    AVal *v = av_tuple(f, part, 3);
    v->kind = A_RANGE;
    v->ck = !strcmp(a->name, "prange");
    return v;
}

/* -- Iterables known when compiling ------------------------------------------------ */
static void items_of(Front *f, const CallArgs *a, AVal *v, AVal ***item, idx *n)
{
    front_check_iterable(f, v, "'%s' object is not iterable");
    if (!lower_items(f, v, item, n))
        front_unsup(f, UNSUP_LOOP_OVER, "%s() of %s is not compiled", a->name,
                    av_type_text(f, v));
}

/* The items, and what they are of: a loop's body may change it. */
static AVal *viewed(Front *f, AVal *const *item, idx n, const char *name,
                    AVal *const *of, idx nof)
{
    AVal *v = av_tuple(f, item, n);
    v->view = iter_view(f, name, of, nof);
    return v;
}

static AVal *do_enumerate(Front *f, const CallArgs *a)
{
    AVal **item;
    idx n;
    AVal *s = a->narg > 1 ? a->arg[1] : NULL;
    if (iter_is_run(f, a->arg[0]) || (s && !front_is_const(s)))
        return iter_view(f, "enumerate", (AVal *[]){a->arg[0], s ? s : av_int(f, 0)},
                         2);
    items_of(f, a, a->arg[0], &item, &n);
    int64_t start = s ? front_const_int(f, s, "start") : 0;
    AVal **to = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++)
        to[i] = av_tuple(f, (AVal *[]){av_int(f, start + i), item[i]}, 2);
    return viewed(f, to, n, "enumerate", (AVal *[]){a->arg[0], av_int(f, start)}, 2);
}

static AVal *do_zip(Front *f, const CallArgs *a)
{
    AVal ***item = ARENA_NEW_N(f->arena, a->narg + 1, AVal **);
    idx least = a->narg ? INT32_MAX : 0, n = 0;
    bool strict =
        keyword(a, "strict") && front_const_bool(f, keyword(a, "strict"), "strict");
    for (idx i = 0; i < a->narg; i++)
        if (iter_is_run(f, a->arg[i])) return iter_zip(f, a->arg, a->narg, strict);
    for (idx i = 0; i < a->narg; i++) {
        items_of(f, a, a->arg[i], &item[i], &n);
        if (strict && i && n != least) return iter_zip(f, a->arg, a->narg, strict);
        least = idx_min(least, n);
    }
    AVal **to = ARENA_NEW_N(f->arena, least + 1, AVal *);
    for (idx k = 0; k < least; k++) {
        AVal **row = ARENA_NEW_N(f->arena, a->narg + 1, AVal *);
        for (idx i = 0; i < a->narg; i++)
            row[i] = item[i][k];
        to[k] = av_tuple(f, row, a->narg);
    }
    AVal *v = viewed(f, to, least, "zip", a->arg, a->narg);
    v->view->ck = strict && a->narg > 1;
    return v;
}

static AVal *do_reversed(Front *f, const CallArgs *a)
{
    AVal **item;
    idx n;
    if (column_is_iter(a->arg[0])) /* pandas looks up labels: s[len(s) - 1] ... */
        front_unsup(f, UNSUP_LOOP_OVER, "reversed() of %s is not compiled",
                    av_type_text(f, a->arg[0]));
    if (iter_is_run(f, a->arg[0])) return iter_view(f, "reversed", a->arg, 1);
    items_of(f, a, a->arg[0], &item, &n);
    AVal **to = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++)
        to[i] = item[n - 1 - i];
    return viewed(f, to, n, "reversed", (AVal *[]){a->arg[0], av_int(f, n)}, 2);
}

static bool less(Front *f, AVal *x, AVal *y)
{
    AVal *v = lower_compare(f, AST_Lt, x, y);
    if (v->kind != A_CONST)
        front_unsup(f, UNSUP_CONST_ONLY, "sorted() of run-time values is not compiled");
    return v->i != 0;
}

/* A constant, and no argument's value that nobody has looked at. */
static bool is_fixed(const AVal *v)
{
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        if (!is_fixed(v->item[i])) return false;
    return front_is_const(v) && !arg_is_lazy(v);
}

static AVal *sorted_run(Front *f, const CallArgs *a)
{
    AVal *l = box_iterated(f, a->arg[0]);
    l = box_method(f, l, "copy", NULL, 0, NULL, NULL, 0);
    (void)box_method(f, l, "sort", NULL, 0, a->kw, a->kwval, a->nkw);
    return l;
}

static AVal *do_sorted(Front *f, const CallArgs *a)
{
    AVal **item, *key = keyword(a, "key"), *rev = keyword(a, "reverse");
    idx n;
    bool run = iter_is_run(f, a->arg[0]);
    if (!run) items_of(f, a, a->arg[0], &item, &n);
    for (idx i = 0; !run && i < n; i++)
        run = !is_fixed(item[i]);
    if (run) return sorted_run(f, a);
    bool keyed = key && key->kind != A_NONE;
    bool down = rev && front_const_bool(f, rev, "reverse");
    AVal **to = ARENA_NEW_N(f->arena, n + 1, AVal *),
         **by = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++) {
        by[i] = keyed ? front_call(f, key, &item[i], 1, NULL, NULL, 0) : item[i];
        if (!is_fixed(by[i])) return sorted_run(f, a);
    }
    for (idx i = 0; i < n; i++) {
        AVal *k = by[i];
        idx p = i;
        while (p > 0 && (down ? less(f, by[p - 1], k) : less(f, k, by[p - 1]))) {
            to[p] = to[p - 1];
            by[p] = by[p - 1];
            p--;
        }
        to[p] = item[i];
        by[p] = k;
    }
    return av_list(f, to, n);
}

static AVal *do_sequence(Front *f, const CallArgs *a)
{
    AVal **item = NULL;
    idx n = 0;
    if (a->narg && iter_is_run(f, a->arg[0])) {
        if (!strcmp(a->name, "tuple"))
            front_unsup(f, UNSUP_VALUE,
                        "tuple() of a run-time length: keep the list, or write "
                        "tuple(a[i] for i in range(3))");
        if (strcmp(a->name, "list") != 0) {
            AVal *s = lower_set_of(f, a->arg[0]);
            return s == a->arg[0] ? box_method(f, s, "copy", NULL, 0, NULL, NULL, 0)
                                  : s;
        }
        AVal *l = box_iterated(f, a->arg[0]);
        return l == a->arg[0] ? box_method(f, l, "copy", NULL, 0, NULL, NULL, 0) : l;
    }
    bool set = a->narg && (!strcmp(a->name, "set") || !strcmp(a->name, "frozenset"));
    if (set) {
        items_of(f, a, a->arg[0], &item, &n);
        for (idx i = 0; i < n; i++)
            if (!front_is_const(item[i]) || arg_is_lazy(item[i]))
                return lower_set_of(f, a->arg[0]);
    }
    if (a->narg) items_of(f, a, a->arg[0], &item, &n);
    if (!strcmp(a->name, "tuple")) return av_tuple(f, item, n);
    if (!strcmp(a->name, "list")) return av_list(f, item, n);
    return set_new(f, item, n);
}

static AVal *do_dict(Front *f, const CallArgs *a)
{
    AVal *d = av_container(f, A_DICT, NULL, NULL, 0);
    AVal *pairs = a->narg && instance_is(a->arg[0])
                      ? record_method_of(f, a->arg[0], "items")
                      : NULL;
    if (pairs) {
        d = iter_pairs(f, front_call(f, pairs, NULL, 0, NULL, NULL, 0));
    } else if (a->narg && a->arg[0]->kind == A_DICT && box_get(f, a->arg[0])) {
        d = box_method(f, a->arg[0], "copy", NULL, 0, NULL, NULL, 0);
    } else if (a->narg && iter_is_run(f, a->arg[0])) {
        AVal *v = a->arg[0];
        if (v->kind == A_SERIES)
            v = front_call(f, front_getattr(f, v, "items"), NULL, 0, NULL, NULL, 0);
        d = iter_pairs(f, v);
    } else if (a->narg && a->arg[0]->kind == A_DICT) {
        Container *c = front_items(f, a->arg[0]);
        vec_each (i, &c->item)
            dict_set(f, d, c->key.at[i], c->item.at[i]);
    } else if (a->narg) {
        dict_add_pairs(f, d, a->arg[0], "dict");
    }
    for (idx i = 0; i < a->nkw; i++)
        lower_store(f, d, av_str(f, a->kw[i], -1), a->kwval[i]);
    return d;
}

static AVal *weakened(Front *f, AVal *v)
{
    return v->kind == A_SCALAR ? weak_scalar(f, v->val) : v;
}

/* -- Reductions -------------------------------------------------------------------- */
static AVal *pick_yes(Front *f, void *data)
{
    (void)f;
    return ((AVal **)data)[0];
}

static AVal *pick_no(Front *f, void *data)
{
    (void)f;
    return ((AVal **)data)[1];
}

/* The smaller (larger) of x and y: x when equal, as Python's. */
static AVal *pick(Front *f, AstKind op, AVal *x, AVal *y)
{
    AVal *y_wins = lower_compare(f, op, y, x);
    AVal *pair[2] = {y, x};
    if (y_wins->kind == A_CONST) return y_wins->i ? y : x;
    Type t;
    bool plain = x->kind != A_TUPLE && y->kind != A_TUPLE &&
                 type_promote(front_val(f, x)->type, front_val(f, y)->type, &t);
    if (plain && t.dt != DT_STR)
        return front_elem(f, OP_SELECT, (AVal *[]){y_wins, y, x}, 3);
    return lower_choice(f, lower_truth(f, y_wins), pick_yes, pick_no, pair);
}

/* Of a Series of ints: a reduction over ranks, since order does not matter. */
typedef struct ColumnBest {
    const CallArgs *a;
    AVal *dflt;
} ColumnBest;

static AVal *column_reduced(Front *f, void *data)
{
    const ColumnBest *b = data;
    AVal *v =
        front_call(f, front_getattr(f, b->a->arg[0], intern(f->names, b->a->name)),
                   NULL, 0, NULL, NULL, 0);
    return front_python(f, front_val(f, v));
}

static AVal *column_default(Front *f, void *data)
{
    (void)f;
    return ((ColumnBest *)data)->dflt;
}

static AVal *column_best(Front *f, const CallArgs *a, bool min)
{
    ColumnBest b = {a, keyword(a, "default")};
    AVal *empty = lower_compare(f, AST_Eq, front_len(f, a->arg[0]), av_int(f, 0));
    if (b.dflt) return lower_choice(f, empty, column_default, column_reduced, &b);
    lower_raise_if(f, empty, E_VALUE,
                   min ? "min() arg is an empty sequence"
                       : "max() arg is an empty sequence");
    return column_reduced(f, &b);
}

static AVal *do_minmax(Front *f, const CallArgs *a)
{
    AVal *const *item = a->arg, *key = keyword(a, "key");
    idx n = a->narg;
    if (key && key->kind == A_NONE) key = NULL;
    bool min = !strcmp(a->name, "min");
    bool column = n == 1 && a->arg[0]->kind == A_SERIES && !key &&
                  dt_is_int((DType)a->arg[0]->val->type.dt) &&
                  a->arg[0]->val->type.null == NULL_NONE;
    if (column) return column_best(f, a, min);
    bool each = n == 1 && (a->arg[0]->kind != A_ARRAY || chars_is(a->arg[0]));
    if (key || (each && iter_is_run(f, a->arg[0]))) {
        AVal *all = n == 1 ? a->arg[0] : av_list(f, a->arg, n);
        return iter_best(f, all, min, key, keyword(a, "default"));
    }
    if (n == 1) {
        AVal **it;
        AVal *v = a->arg[0];
        if (v->kind == A_ARRAY)
            return front_call(f, front_getattr(f, v, intern(f->names, a->name)), NULL,
                              0, NULL, NULL, 0);
        items_of(f, a, v, &it, &n);
        item = it;
    }
    if (n == 0) {
        AVal *d = keyword(a, "default");
        if (d) return d;
        front_fail(f, E_VALUE, "%s() arg is an empty sequence", a->name);
    }
    AVal *v = item[0];
    if (n > 1 && v->kind == A_ARRAY) /* which has no truth */
        (void)lower_truth(f, lower_compare(f, min ? AST_Lt : AST_Gt, item[1], v));
    for (idx i = 1; i < n; i++)
        v = pick(f, !strcmp(a->name, "min") ? AST_Lt : AST_Gt, v, item[i]);
    return v;
}

/* Of the elements of one dimension, else of rows, whose dtype the sum keeps. */
static AVal *sum_of_rows(Front *f, AVal *v)
{
    static const char *const name[] = {"axis", "dtype"};
    AVal *kw[2] = {av_int(f, 0), NULL};
    bool rows = v->kind == A_ARRAY && nd_of(f, v).n - chars_is(v) > 1;
    if (rows) kw[1] = front_getattr(f, v, intern(f->names, "dtype"));
    idx nkw = !rows ? 0 : v->val->type.dt == DT_BOOL ? 1 : 2;
    return front_call(f, front_getattr(f, v, intern(f->names, "sum")), NULL, 0, name,
                      kw, nkw);
}

static AVal *do_sum(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0], **item;
    idx n;
    AVal *start = a->narg > 1 ? a->arg[1] : NULL;
    const char *class = start ? builtin_type_name(start) : "";
    if (!strcmp(class, "str") || !strcmp(class, "bytes"))
        front_fail(f, E_TYPE, "sum() can't sum %s",
                   *class == 'b' ? "bytes [use b''.join(seq) instead]"
                                 : "strings [use ''.join(seq) instead]");
    if (v->kind == A_SERIES && v->val->type.dt == DT_F32)
        v = av_series(f, front_cast(f, v->val, type_col(DT_F64)), v->index, v->name);
    if (v->kind == A_SERIES || v->kind == A_ARRAY) {
        AVal *s = sum_of_rows(f, v);
        if (v->kind == A_SERIES && s->kind == A_SCALAR)
            s->i = 1; /* of Python's items */
        return start ? lower_binop(f, AST_Add, start, s) : s;
    }
    if (iter_is_run(f, v)) return iter_sum(f, v, start ? start : av_int(f, 0));
    items_of(f, a, v, &item, &n);
    AVal *s = start ? start : av_int(f, 0);
    for (idx i = 0; i < n; i++)
        s = lower_binop(f, AST_Add, s, item[i]);
    return s;
}

static AVal *do_any_all(Front *f, const CallArgs *a)
{
    AVal **item;
    idx n;
    bool any = !strcmp(a->name, "any");
    if (a->arg[0]->kind == A_SERIES && a->arg[0]->val->type.dt == DT_BOOL)
        return weakened(f, front_call(f, front_getattr(f, a->arg[0], a->name), NULL, 0,
                                      NULL, NULL, 0));
    if (a->arg[0]->kind != A_ARRAY && iter_is_run(f, a->arg[0]))
        return iter_any(f, a->arg[0], any);
    items_of(f, a, a->arg[0], &item, &n);
    AVal *r = av_bool(f, !any);
    for (idx i = 0; i < n; i++) {
        AVal *t = lower_truth(f, item[i]);
        if (t->kind == A_CONST && (t->i != 0) == any) return av_bool(f, any);
        if (t->kind == A_CONST) continue;
        r = r->kind == A_CONST
                ? t
                : front_elem(f, any ? OP_BITOR : OP_BITAND, (AVal *[]){r, t}, 2);
    }
    return r;
}

/* -- Numbers ----------------------------------------------------------------------- */
static AVal *do_abs(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0];
    if (v->kind == A_CONST && v->arg == NULL) {
        if (v->ck == AC_FLOAT) return av_float(f, fabs(v->f));
        if ((v->ck == AC_INT || v->ck == AC_BOOL) && v->i != INT64_MIN)
            return av_int(f, v->i < 0 ? -v->i : v->i);
    }
    AVal *r = time_unary(f, 'a', v);
    if (r) return r;
    return num_is_complex(v) ? num_size(f, v) : front_elem(f, OP_ABS, &v, 1);
}

static AVal *do_complex(Front *f, const CallArgs *a)
{
    AVal *re = a->narg > 0 ? a->arg[0] : keyword(a, "real");
    return num_complex(f, re, a->narg > 1 ? a->arg[1] : keyword(a, "imag"));
}

static AVal *do_divmod(Front *f, const CallArgs *a)
{
    for (int i = 0; i < 2; i++) { /* of Python's floats: an error of its own */
        AVal *v = a->arg[1], *x = a->arg[i];
        AVal *o = a->arg[0];
        bool number = (v->kind == A_CONST || (v->kind == A_SCALAR && v->i == 1)) &&
                      (o->kind == A_CONST || (o->kind == A_SCALAR && o->i == 1));
        bool real = (x->kind == A_CONST && x->ck == AC_FLOAT) ||
                    (x->kind == A_SCALAR && x->i == 1 && x->val->type.dt == DT_F64);
        if (!number || !real) continue;
        lower_raise_if(f, lower_compare(f, AST_Eq, v, av_int(f, 0)), E_ZERO_DIV,
                       "float divmod()");
        break;
    }
    AVal *q = lower_binop(f, AST_FloorDiv, a->arg[0], a->arg[1]);
    AVal *r = lower_binop(f, AST_Mod, a->arg[0], a->arg[1]);
    return av_tuple(f, (AVal *[]){q, r}, 2);
}

static bool is_whole(Front *f, AVal *v)
{
    if (v->kind != A_CONST && v->kind != A_SCALAR) return false;
    DType d = (DType)front_val(f, v)->type.dt;
    return dt_is_int(d) || d == DT_BOOL;
}

static AVal *pow_mod(Front *f, const CallArgs *a)
{
    Val *in[3];
    for (int i = 0; i < 3; i++) {
        if (!is_whole(f, a->arg[i]))
            front_fail(
                f, E_TYPE,
                "pow() 3rd argument not allowed unless all arguments are integers");
        in[i] = front_cast(f, front_val(f, a->arg[i]), type_scalar(DT_I64));
    }
    return weak_scalar(
        f, obj_call(f, OP_OBJWRITE, "pow_mod", NULL, in, 3, type_scalar(DT_I64)));
}

static AVal *do_pow(Front *f, const CallArgs *a)
{
    AVal *mod = a->narg > 2 ? a->arg[2] : NULL;
    if (mod && mod->kind != A_NONE) return pow_mod(f, a);
    return lower_binop(f, AST_Pow, a->arg[0], a->arg[1]);
}

/* A float that must be finite and fit int64: int(), math.floor ... */
static AVal *float_to_int(Front *f, AVal *v)
{
    AVal *nan = front_elem(f, OP_NE, (AVal *[]){v, v}, 2);
    lower_raise_if(f, nan, E_VALUE, "cannot convert float NaN to integer");
    AVal *size = front_elem(f, OP_ABS, &v, 1), *inf = av_float(f, HUGE_VAL);
    lower_raise_if(f, front_elem(f, OP_EQ, (AVal *[]){size, inf}, 2), E_OVERFLOW,
                   "cannot convert float infinity to integer");
    AVal *big =
        front_elem(f, OP_GE, (AVal *[]){size, av_float(f, 9223372036854775808.0)}, 2);
    lower_raise_if(f, big, E_OVERFLOW,
                   "cannot convert a float beyond int64 to integer");
    return weak_scalar(f, front_cast(f, v->val, type_scalar(DT_I64)));
}

/* Python's rounding to digits: of the exact value, half to even. */
static AVal *round_digits(Front *f, Val *x, AVal *d, bool real)
{
    DType dt = real ? DT_F64 : DT_I64;
    Val *in[2] = {front_cast(f, x, type_scalar(dt)),
                  front_cast(f, front_val(f, d), type_scalar(dt))};
    const char *fn = real ? "round_digits" : "round_tens";
    Val *v = val_put(f, OP_MATHF, in, 2, in[0]->type, NULL);
    node_set_text(f->fn, v->def, "fn", fn, (idx)strlen(fn));
    AVal *r = weak_scalar(f, v), *old = weak_scalar(f, in[0]);
    if (!real) return r;
    AVal *inf = av_float(f, HUGE_VAL);
    AVal *big = front_elem(f, OP_EQ, (AVal *[]){front_elem(f, OP_ABS, &r, 1), inf}, 2);
    AVal *was =
        front_elem(f, OP_LT, (AVal *[]){front_elem(f, OP_ABS, &old, 1), inf}, 2);
    lower_raise_if(f, front_elem(f, OP_BITAND, (AVal *[]){big, was}, 2), E_OVERFLOW,
                   "rounded value too large to represent");
    return r;
}

static AVal *do_round(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0];
    AVal *d = a->narg > 1 ? a->arg[1] : NULL;
    if (d && d->kind == A_NONE) d = NULL;
    if (front_is_const(v) && !v->arg && (!d || front_is_const(d))) {
        AVal *r = const_fold(f, "builtins.round", (AVal *[]){v, d}, d ? 2 : 1);
        if (r) return r;
    }
    if (v->kind == A_ARRAY)
        front_fail(f, E_TYPE, "type numpy.ndarray doesn't define __round__ method");
    if (v->kind == A_SERIES || v->kind == A_FRAME)
        return front_call(f, front_getattr(f, v, intern(f->names, "round")),
                          d ? &d : NULL, d ? 1 : 0, NULL, NULL, 0);
    Val *x = front_val(f, v);
    bool python = v->kind == A_CONST || v->i == 1,
         real = dt_is_float((DType)x->type.dt);
    if (d && is_whole(f, d) && python && (real || is_whole(f, v)))
        return round_digits(f, x, d, real);
    if (!dt_is_float((DType)x->type.dt))
        return weak_scalar(f, front_cast(f, x, type_scalar(DT_I64)));
    AVal *r = front_elem(f, OP_ROUND, (AVal *[]){v, d ? d : av_int(f, 0)}, 2);
    return d ? r : float_to_int(f, r);
}

static AVal *to_bool(Front *f, AVal *v)
{
    AVal *t = lower_truth(f, v);
    return t->kind == A_CONST ? t : weakened(f, t);
}

static bool runtime_arg(const AVal *v)
{
    return v->arg && !v->arg->demanded;
}

static bool is_str(const AVal *v)
{
    return v->kind == A_CONST
               ? v->ck == AC_STR
               : v->kind == A_SCALAR && v->val->type.dt == DT_STR && !bytes_is(v);
}

static AVal *to_int(Front *f, AVal *v)
{
    if (text_is_run(f, v)) return text_number(f, v, av_int(f, 10));
    if (v->kind == A_CONST && !runtime_arg(v)) {
        if (v->ck == AC_INT || v->ck == AC_BOOL) return av_int(f, v->i);
        bool fits = v->ck == AC_FLOAT && v->f > -9e18 && v->f < 9e18;
        if (fits) return av_int(f, (int64_t)v->f);
    }
    if (v->kind == A_CONST && !(v->arg && v->ck != AC_STR))
        return const_fold(f, "builtins.int", &v, 1);
    Val *x = front_val(f, v);
    DType dt = (DType)x->type.dt;
    if (x->type.kind != TY_SCALAR || !dt_is_num(dt))
        front_unsup(f, UNSUP_VALUE, "int() of %s is not compiled", av_type_text(f, v));
    if (!dt_is_float(dt)) return weak_scalar(f, front_cast(f, x, type_scalar(DT_I64)));
    return float_to_int(f, front_elem(f, OP_TRUNC, (AVal *[]){av_scalar(f, x)}, 1));
}

static AVal *to_float(Front *f, AVal *v)
{
    if (text_is_run(f, v)) return text_number(f, v, NULL);
    if (v->kind == A_CONST && !runtime_arg(v)) {
        if (v->ck == AC_INT || v->ck == AC_BOOL) return av_float(f, (double)v->i);
        if (v->ck == AC_FLOAT) return av_float(f, v->f);
    }
    if (v->kind == A_CONST && !(v->arg && v->ck != AC_STR))
        return const_fold(f, "builtins.float", &v, 1);
    Val *x = front_val(f, v);
    if (x->type.kind != TY_SCALAR || !dt_is_num((DType)x->type.dt))
        front_unsup(f, UNSUP_VALUE, "float() of %s is not compiled",
                    av_type_text(f, v));
    return weak_scalar(f, front_cast(f, x, type_scalar(DT_F64)));
}

/* int(x) of an optional needs a value; str(x) does not. */
static AVal *opt_unwrap_not(Front *f, const CallArgs *a)
{
    bool number = !strcmp(a->name, "int") || !strcmp(a->name, "float");
    return number ? opt_unwrap(f, a->arg[0]) : a->arg[0];
}

static AVal *do_repr(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0];
    if (front_is_const(v) && !runtime_arg(v) && !v->rec) {
        AVal *r = const_fold(f, "builtins.repr", &v, 1);
        if (r) return r;
    }
    return text_str(f, v, true);
}

static AVal *do_format(Front *f, const CallArgs *a)
{
    AVal *spec = a->narg > 1 ? a->arg[1] : av_str(f, "", 0), *v = a->arg[0];
    if (front_is_const(v) && !runtime_arg(v) && front_is_const(spec))
        return const_fold(f, "builtins.format", (AVal *[]){v, spec}, 2);
    return text_format(f, v, spec);
}

static AVal *do_ord(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0];
    if (v->kind == A_CONST && !text_is_run(f, v)) {
        AVal *r = const_fold(f, "builtins.ord", &v, 1);
        if (r) return r;
    }
    return text_ord_of(f, v);
}

static AVal *do_chr(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0];
    if (v->kind == A_CONST && !runtime_arg(v)) {
        AVal *r = const_fold(f, "builtins.chr", &v, 1);
        if (r) return r;
    }
    return text_chr(f, v);
}

static AVal *do_map(Front *f, const CallArgs *a)
{
    if (!strcmp(a->name, "filter")) return iter_filter(f, a->arg[1], a->arg[0]);
    if (a->narg > 2) {
        AVal *rows =
            builtin_call(f, "builtins.zip", a->arg + 1, a->narg - 1, NULL, NULL, 0);
        return lower_keys(f, rows, lib_starred(f, a->arg[0]));
    }
    return lower_keys(f, a->arg[1], a->arg[0]);
}

static AVal *do_convert(Front *f, const CallArgs *a)
{
    if (a->narg == 0) {
        if (!strcmp(a->name, "int")) return av_int(f, 0);
        if (!strcmp(a->name, "float")) return av_float(f, 0);
        return !strcmp(a->name, "bool") ? av_bool(f, false) : av_str(f, "", 0);
    }
    AVal *v = opt_unwrap_not(f, a);
    if (strcmp(a->name, "str") != 0) v = record_plain(v);
    AVal *base = a->narg > 1 ? a->arg[1] : NULL;
    if (base && !strcmp(a->name, "int") && is_str(v)) {
        bool run = text_is_run(f, v) || !front_is_const(base);
        AVal *arg[2] = {v, base};
        return run ? text_number(f, v, base) : const_fold(f, "builtins.int", arg, 2);
    }
    if (!strcmp(a->name, "int")) return to_int(f, v);
    if (!strcmp(a->name, "float")) return to_float(f, v);
    if (!strcmp(a->name, "bool")) return to_bool(f, v);
    if (v->kind == A_EXC) return exc_text(f, v, false);
    if (a->narg > 1 || keyword(a, "encoding"))
        return bytes_method(f, v, "decode", a->arg + 1, a->narg - 1, NULL, NULL, 0);
    bool run = !front_is_const(v) || runtime_arg(v) || v->rec;
    if (run) return text_str(f, v, false);
    return const_fold(f, "builtins.str", &v, 1);
}

static AVal *do_bytes(Front *f, const CallArgs *a)
{
    return bytes_made(f, a->arg, a->narg);
}

static AVal *do_fromhex(Front *f, const CallArgs *a)
{
    return bytes_fromhex(f, a->arg[0]);
}

static bool is_weak(const AVal *v)
{
    return v->kind == A_CONST || v->i == 1;
}

/* Python's own integer as an element: it must fit. */
static Val *fitting_int(Front *f, AVal *v, DType dt)
{
    static const int64_t lo[DT_COUNT] = {
        [DT_I8] = INT8_MIN, [DT_I16] = INT16_MIN, [DT_I32] = INT32_MIN};
    static const int64_t hi[DT_COUNT] = {
        [DT_I8] = INT8_MAX,   [DT_I16] = INT16_MAX,  [DT_I32] = INT32_MAX,
        [DT_U8] = UINT8_MAX,  [DT_U16] = UINT16_MAX, [DT_U32] = UINT32_MAX,
        [DT_U64] = INT64_MAX, [DT_BOOL] = INT64_MAX};
    Val *x = front_val(f, v);
    bool any = dt == DT_I64 || dt == DT_BOOL || x->type.dt == DT_BOOL;
    if (!any && !(x->def && x->def->op == OP_CONST)) {
        AVal *low = front_elem(f, OP_LT, (AVal *[]){v, av_int(f, lo[dt])}, 2);
        AVal *high = front_elem(f, OP_GT, (AVal *[]){v, av_int(f, hi[dt])}, 2);
        const char *text = arena_printf(
            f->arena, "Python integer %%d out of bounds for %s", dtype_info[dt].text);
        nd_check(f, front_elem(f, OP_BITOR, (AVal *[]){low, high}, 2), E_OVERFLOW, text,
                 1, &v);
    }
    return front_cast(f, x, type_scalar(dt));
}

/* np.int8(v) and the like: Python's numbers must fit, NumPy's are cast. */
static Val *numpy_value(Front *f, AVal *v, DType dt)
{
    Val *x = front_val(f, v);
    DType from = (DType)x->type.dt;
    if (dt_is_complex(from) && dt_is_float(dt))
        front_fail(f, E_TYPE,
                   "float() argument must be a string or a real number, not 'complex'");
    if (dt_is_complex(from) && dt_is_int(dt))
        front_fail(f, E_TYPE,
                   "int() argument must be a string, a bytes-like object or a real "
                   "number, not 'complex'");
    if (dt == DT_BOOL) return front_val(f, lower_truth(f, v));
    if (!is_weak(v) || !dt_is_int(dt)) return front_cast(f, x, type_scalar(dt));
    if (dt_is_float(from)) v = to_int(f, v);
    return fitting_int(f, v, dt);
}

AVal *builtin_cast(Front *f, Type t, AVal *const *arg, idx narg)
{
    DType dt = (DType)t.dt;
    if (!dt_is_number(dt))
        front_unsup(f, UNSUP_VALUE, "a scalar of %s is not compiled",
                    dtype_info[dt].text);
    if (dt_is_complex(dt) && narg == 2)
        return av_scalar(f, front_cast(f, front_val(f, num_complex(f, arg[0], arg[1])),
                                       type_scalar(dt)));
    if (narg > 1)
        front_fail(f, E_TYPE, "a conversion takes 1 argument (%d given)", (int)narg);
    AVal *v = narg ? arg[0] : av_int(f, 0);
    if (v->kind == A_ARRAY || v->kind == A_LIST || v->kind == A_TUPLE) {
        AVal *a = front_call(f, av_api(f, "np.asarray"), &v, 1, NULL, NULL, 0);
        AVal *type = av_new_kind(f, A_DTYPE);
        type->type = type_with(t, TY_SCALAR);
        return front_call(f, front_getattr(f, a, intern(f->names, "astype")), &type, 1,
                          NULL, NULL, 0);
    }
    if (is_str(v)) {
        bool whole = dt_is_int(dt);
        v = dt_is_complex(dt) ? num_complex(f, v, NULL)
            : dt == DT_BOOL   ? to_bool(f, v)
            : whole           ? to_int(f, v)
                              : to_float(f, v);
    }
    if (v->kind != A_CONST && v->kind != A_SCALAR)
        front_unsup(f, UNSUP_VALUE, "np.%s() of %s is not compiled",
                    dtype_info[dt].text, av_type_text(f, v));
    return av_scalar(f, numpy_value(f, v, dt));
}

/* -- Functions of math that differ from NumPy's ------------------------------------ */
static AVal *do_math_round(Front *f, const CallArgs *a)
{
    AVal *v = a->arg[0];
    const char *name = strrchr(a->name, '.') + 1;
    Val *x = front_val(f, v);
    if (x->type.kind != TY_SCALAR)
        front_fail(f, E_TYPE, "math.%s() needs a number, not %s", name,
                   av_type_text(f, v));
    if (!dt_is_float((DType)x->type.dt))
        return weak_scalar(f, front_cast(f, x, type_scalar(DT_I64)));
    Op op = !strcmp(name, "floor")  ? OP_FLOOR
            : !strcmp(name, "ceil") ? OP_CEIL
                                    : OP_TRUNC;
    return float_to_int(f, front_elem(f, op, (AVal *[]){av_scalar(f, x)}, 1));
}

/* -- Types ------------------------------------------------------------------------- */
static const char *object_type(const AVal *v)
{
    switch ((AKind)v->kind) {
    case A_NONE: return "NoneType";
    case A_TUPLE: return "tuple";
    case A_LIST: return "list";
    case A_DICT: return "dict";
    case A_SET: return "set";
    case A_RANGE: return "range";
    case A_SLICE: return "slice";
    case A_FRAME: return "pd.DataFrame";
    case A_SERIES: return "pd.Series";
    case A_INDEX: return "pd.Index";
    case A_ARRAY: return "np.ndarray";
    default: return "";
    }
}

static DType element_type(const AVal *v)
{
    if (v->kind == A_SCALAR) return (DType)v->val->type.dt;
    if (v->kind != A_CONST) return DT_COUNT;
    return v->ck == AC_BOOL    ? DT_BOOL
           : v->ck == AC_INT   ? DT_I64
           : v->ck == AC_FLOAT ? DT_F64
           : v->ck == AC_STR   ? DT_STR
           : v->ck == AC_BYTES ? DT_STR
                               : DT_COUNT;
}

static const char *time_type(const AVal *v, DType dt)
{
    const char *name = time_class_name(v);
    return !strcmp(name, "Timestamp")   ? "pd.Timestamp"
           : !strcmp(name, "Timedelta") ? "pd.Timedelta"
           : *name == 'd'               ? name
           : dt == DT_TS                ? "np.datetime64"
                                        : "np.timedelta64";
}

const char *builtin_type_name(const AVal *v)
{
    DType dt = element_type(v);
    if (dt == DT_COUNT) return object_type(v);
    if (dt == DT_STR) return bytes_is(v) ? "bytes" : "str";
    if (time_is(v)) return time_type(v, dt);
    bool python = v->kind == A_CONST || v->i == 1;
    if (dt == DT_BOOL) return python ? "bool" : "np.bool";
    if (dt == DT_F64) return "float"; /* np.float64 is a float */
    if (dt == DT_C128) return "complex";
    if (dt_is_int(dt)) return python ? "int" : "np.integer";
    return "np.floating";
}

static bool is_a(Front *f, const AVal *v, const AVal *cls)
{
    const char *t = builtin_type_name(v);
    if (cls->kind == A_TUPLE) {
        for (idx i = 0; i < cls->n; i++)
            if (is_a(f, v, cls->item[i])) return true;
        return false;
    }
    if (cls->kind == A_RECORD)
        return v->kind == A_TUPLE && v->rec && instance_of(v, cls->rec);
    if (v->kind == A_TUPLE && v->rec && v->rec->is_int && cls->kind == A_API &&
        (!strcmp(cls->s, "builtins.int") || !strcmp(cls->s, "int")))
        return true;
    if (record_is_opaque(v) && cls->kind == A_API)
        return !strcmp(cls->s, "builtins.object");
    if (cls->kind == A_HOSTOBJ || cls->kind == A_EXC) return false;
    if (cls->kind != A_API)
        front_fail(f, E_TYPE, "isinstance() arg 2 must be a type, not %s",
                   av_type_text(f, cls));
    const char *c = !strncmp(cls->s, "builtins.", 9) ? cls->s + 9 : cls->s;
    if (!strcmp(c, t) || !strcmp(c, "object")) return true;
    if (!strcmp(c, "datetime.datetime")) return !strcmp(t, "pd.Timestamp");
    if (!strcmp(c, "datetime.timedelta")) return !strcmp(t, "pd.Timedelta");
    if (!strcmp(c, "datetime.date"))
        return !strcmp(t, "pd.Timestamp") || !strcmp(t, "datetime.datetime");
    return !strcmp(c, "int") && !strcmp(t, "bool");
}

/* A call of a special method that is a builtin function of one argument. */
static AVal *do_special(Front *f, const CallArgs *a)
{
    AVal *v = a->narg ? a->arg[0] : NULL;
    if (!v) return instance_super(f);
    const char *name = arena_printf(f->arena, "__%s__", a->name);
    AVal *own = record_special(f, name, v, NULL, 0);
    if (own) return own;
    bool iter = !strcmp(a->name, "iter") && !strcmp(f->scope->fname, "__iter__");
    if (iter) return v; /* nobody else sees it */
    front_unsup(f, UNSUP_API, "%s() of %s is not supported", a->name,
                av_type_text(f, v));
}

static AVal *do_isinstance(Front *f, const CallArgs *a)
{
    opt_refuse(f, a->arg[0]);
    const AVal *v = a->arg[0];
    if (v->kind == A_EXC && (v->ck == EXC_MADE || v->ck == EXC_CAUGHT))
        return exc_isinstance(f, a->arg[0], a->arg[1]);
    return av_bool(f, is_a(f, a->arg[0], a->arg[1]));
}

static AVal *do_type(Front *f, const CallArgs *a)
{
    const AVal *v = a->arg[0];
    opt_refuse(f, v);
    bool raised = v->kind == A_EXC && (v->ck == EXC_MADE || v->ck == EXC_CAUGHT);
    if (raised) return exc_type(f, v);
    if (v->kind == A_TUPLE && v->rec && v->rec->text)
        return record_class(f, v->rec->text, NULL, 0);
    const char *t = builtin_type_name(v);
    if (!*t)
        front_unsup(f, UNSUP_VALUE, "type() of %s is not compiled",
                    av_type_text(f, a->arg[0]));
    return av_api(f, strchr(t, '.') ? t : arena_printf(f->arena, "builtins.%s", t));
}

typedef struct HasAttr {
    AVal *v;
    const char *name;
} HasAttr;

static void ask_attr(Front *f, void *data)
{
    const HasAttr *h = data;
    (void)front_getattr(f, h->v, h->name);
}

/* What the compiler knows no attribute of has none. */
static bool has_attr(Front *f, const HasAttr *h)
{
    HasAttr ask = *h;
    bool has = front_attempt(f, ask_attr, &ask);
    bool refused = !has && f->fn->err->code == E_UNSUP; /* Python may have it */
    if (!has && (f->thrown != THROW_ERROR || refused)) front_rethrow(f);
    err_clear(f->fn->err);
    return has;
}

static HasAttr attr_named(Front *f, const CallArgs *a)
{
    const char *name = front_const_str(f, a->arg[1], "an attribute's name");
    return (HasAttr){a->arg[0], intern(f->names, name)};
}

static AVal *do_hasattr(Front *f, const CallArgs *a)
{
    HasAttr h = attr_named(f, a);
    return av_bool(f, has_attr(f, &h));
}

static AVal *do_getattr(Front *f, const CallArgs *a)
{
    HasAttr h = attr_named(f, a);
    if (a->narg > 2 && !has_attr(f, &h)) return a->arg[2];
    return front_getattr(f, h.v, h.name);
}

static AVal *do_setattr(Front *f, const CallArgs *a)
{
    HasAttr h = attr_named(f, a);
    front_setattr(f, h.v, h.name, a->arg[2]);
    return av_none(f);
}

static AVal *do_callable(Front *f, const CallArgs *a)
{
    return av_bool(f, front_callable(a->arg[0]));
}

static AVal *do_slice(Front *f, const CallArgs *a)
{
    AVal *part[3] = {av_none(f), a->arg[0], av_none(f)};
    for (idx i = 0; a->narg > 1 && i < a->narg; i++)
        part[i] = a->arg[i];
    AVal *v = av_tuple(f, part, 3);
    v->kind = A_SLICE;
    return v;
}

/* -- print ------------------------------------------------------------------------- */
/* A constant as print shows it: text, so that run time only copies it. */
static AVal *printable(Front *f, AVal *v)
{
    if (time_is(v) || (v->kind == A_TUPLE && v->rec)) return text_str(f, v, false);
    if (num_is_complex(v) || bytes_is(v)) return text_str(f, v, false);
    if (v->kind == A_SCALAR) return v;
    if (v->kind == A_EXC) return exc_text(f, v, false);
    bool items = v->kind == A_TUPLE || v->kind == A_LIST || v->kind == A_DICT ||
                 v->kind == A_SET;
    if (v->kind == A_OPT || v->kind == A_OPEN || (items && !front_is_const(v)))
        return text_str(f, v, false);
    if (v->kind == A_CONST && v->ck == AC_STR) return v;
    if (v->kind == A_CONST && v->arg && !v->arg->demanded) return v;
    AVal *s = v->kind == A_LIST || v->kind == A_SET || front_is_const(v)
                  ? const_fold(f, "builtins.str", &v, 1)
                  : NULL;
    return s ? s : text_str(f, v, false);
}

static bool has_rows(const AVal *v)
{
    return v->kind == A_FRAME || v->kind == A_SERIES || v->kind == A_ARRAY;
}

static AVal *do_print(Front *f, const CallArgs *a)
{
    AVal *sep = keyword(a, "sep"), *end = keyword(a, "end"), *file = keyword(a, "file");
    if (file && file->kind != A_NONE)
        front_unsup(f, UNSUP_API, "print() to a file is not supported");
    const char *s = sep && sep->kind != A_NONE ? front_const_str(f, sep, "sep") : " ";
    const char *e = end && end->kind != A_NONE ? front_const_str(f, end, "end") : "\n";
    bool all = !strcmp(a->name, "parallel_print"), rows = false;
    for (idx i = 0; i < a->narg; i++)
        rows |= has_rows(a->arg[i]);
    if (rows) {
        host_print(f, a->arg, a->narg, s, e, all);
        return av_none(f);
    }
    Val **arg = ARENA_NEW_N(f->arena, a->narg + 1, Val *);
    for (idx i = 0; i < a->narg; i++)
        arg[i] = front_val(f, printable(f, a->arg[i]));
    Node *n = node_put(f, f->at, OP_PRINT, arg, (int)a->narg, 0);
    node_set_text(f->fn, n, "sep", s, (idx)strlen(s));
    node_set_text(f->fn, n, "end", e, (idx)strlen(e));
    if (all) node_set_int(f->fn, n, "all", 1);
    return av_none(f);
}

/* A function of the library says what of its job is not compiled. */
static AVal *do_refuse(Front *f, const CallArgs *a)
{
    front_unsup(f, UNSUP_API, "%s", front_const_str(f, a->arg[0], "the reason"));
}

static AVal *do_axis(Front *f, const CallArgs *a)
{
    int n = (int)front_const_int(f, a->arg[1], "the number of dimensions");
    return av_int(f, nd_axis_arg(f, a->arg[0], n));
}

static AVal *do_factor(Front *f, const CallArgs *a)
{
    const char *what = front_const_str(f, a->arg[0], "the factor");
    return np_factor(f, what, a->arg + 1, a->narg - 1);
}

static const struct {
    const char *name;
    Builtin *run;
    int least, most;
    char iterates;     /* a letter of iterates(); 0: nothing */
    const char *words; /* what it takes by name: words.c */
} builtins[] = {
    {"builtins.len",           do_len,        1, 1,    0,   ""                      },
    {"builtins.range",         do_range,      1, 3,    0,   ""                      },
    {"shoal.prange",           do_range,      1, 3,    0,   ""                      },
    {"builtins.enumerate",     do_enumerate,  1, 2,    '1', "iterable start"        },
    {"builtins.zip",           do_zip,        0, 64,   '*', "*strict"               },
    {"builtins.reversed",      do_reversed,   1, 1,    '1', ""                      },
    {"builtins.sorted",        do_sorted,     1, 1,    '1', "_ *key *reverse"       },
    {"builtins.tuple",         do_sequence,   0, 1,    '1', ""                      },
    {"builtins.list",          do_sequence,   0, 1,    '1', ""                      },
    {"builtins.set",           do_sequence,   0, 1,    '1', ""                      },
    {"builtins.frozenset",     do_sequence,   0, 1,    '1', ""                      },
    {"builtins.dict",          do_dict,       0, 1,    0,   "**"                    },
    {"builtins.min",           do_minmax,     1, 1000, 'o', "*default *key"         },
    {"builtins.max",           do_minmax,     1, 1000, 'o', "*default *key"         },
    {"builtins.sum",           do_sum,        1, 2,    '1', "_ start"               },
    {"builtins.any",           do_any_all,    1, 1,    '1', ""                      },
    {"builtins.all",           do_any_all,    1, 1,    '1', ""                      },
    {"builtins.abs",           do_abs,        1, 1,    0,   ""                      },
    {"builtins.complex",       do_complex,    0, 2,    0,   "*real *imag"           },
    {"builtins.divmod",        do_divmod,     2, 2,    0,   ""                      },
    {"builtins.pow",           do_pow,        2, 3,    0,   "base exp mod"          },
    {"builtins.round",         do_round,      1, 2,    0,   "number ndigits"        },
    {"builtins.int",           do_convert,    0, 2,    0,   "_ base"                },
    {"builtins.repr",          do_repr,       1, 1,    0,   ""                      },
    {"builtins.format",        do_format,     1, 2,    0,   ""                      },
    {"builtins.ord",           do_ord,        1, 1,    0,   ""                      },
    {"builtins.chr",           do_chr,        1, 1,    0,   ""                      },
    {"builtins.map",           do_map,        2, 64,   'r', ""                      },
    {"builtins.filter",        do_map,        2, 2,    'r', ""                      },
    {"builtins.float",         do_convert,    0, 1,    0,   ""                      },
    {"builtins.bool",          do_convert,    0, 1,    0,   ""                      },
    {"builtins.str",           do_convert,    0, 3,    0,   "object encoding errors"},
    {"builtins.bytes",         do_bytes,      0, 2,    0,   "source encoding errors"},
    {"builtins.bytes.fromhex", do_fromhex,    1, 1,    0,   ""                      },
    {"builtins.isinstance",    do_isinstance, 2, 2,    0,   ""                      },
    {"builtins.super",         do_special,    0, 0,    0,   ""                      },
    {"builtins.hash",          do_special,    1, 1,    0,   ""                      },
    {"builtins.iter",          do_special,    1, 1,    0,   ""                      },
    {"builtins.type",          do_type,       1, 1,    0,   ""                      },
    {"builtins.hasattr",       do_hasattr,    2, 2,    0,   ""                      },
    {"builtins.callable",      do_callable,   1, 1,    0,   ""                      },
    {"builtins.getattr",       do_getattr,    2, 3,    0,   ""                      },
    {"builtins.setattr",       do_setattr,    3, 3,    0,   ""                      },
    {"builtins.slice",         do_slice,      1, 3,    0,   ""                      },
    {"builtins.print",         do_print,      0, 1000, 0,   "*sep *end *file *flush"},
    {"shoal.library.refuse",   do_refuse,     1, 1,    0,   ""                      },
    {"shoal.library.axis_of",  do_axis,       2, 2,    0,   ""                      },
    {"shoal.library.factor",   do_factor,     2, 4,    0,   ""                      },
    {"shoal.parallel_print",   do_print,      0, 1000, 0,   "*sep *end *flush"      },
    {"math.floor",             do_math_round, 1, 1,    0,   ""                      },
    {"math.ceil",              do_math_round, 1, 1,    0,   ""                      },
    {"math.trunc",             do_math_round, 1, 1,    0,   ""                      },
};

static int builtin_row(const char *name)
{
    for (int i = 0; i < (int)COUNT_OF(builtins); i++)
        if (!strcmp(builtins[i].name, name)) return i;
    return -1;
}

bool builtin_is(const char *name)
{
    return builtin_row(name) >= 0 || math_is(name) || cmath_is(name) || lib_is(name);
}

/* Whether argument i of n is iterated over: '1': the first is, '*': all are, 'r': all
 * but the first, 'o': the only one. */
static bool iterates(char letter, idx i, idx n)
{
    switch (letter) {
    case '1': return i == 0;
    case '*': return true;
    case 'r': return i > 0;
    case 'o': return n == 1;
    default: return false;
    }
}

/* Instances of the user's classes among what is iterated over become what __iter__
 * gives. */
static AVal *const *with_iterables(Front *f, char letter, AVal *const *arg, idx n)
{
    AVal **to = NULL;
    for (idx i = 0; i < n; i++) {
        bool rows = arg[i]->kind == A_OPT || record_is_opaque(arg[i]);
        if (!rows || !iterates(letter, i, n)) continue;
        if (!to)
            to = memcpy(ARENA_NEW_N(f->arena, n, AVal *), arg, (size_t)n * sizeof *to);
        to[i] = opt_iterable(f, arg[i]);
    }
    return to ? to : arg;
}

AVal *builtin_call(Front *f, const char *name, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw)
{
    int r = builtin_row(name);
    if (r < 0 && cmath_is(name)) return cmath_call(f, name, arg, narg, kw, kwval, nkw);
    if (r < 0 && lib_is(name)) return lib_call(f, name, arg, narg, kw, kwval, nkw);
    if (r < 0) return math_call(f, name, arg, narg, kw, kwval, nkw);
    bool math = !strncmp(name, "math.", 5);
    CallArgs all = {math ? name : strrchr(name, '.') + 1, arg, narg, kw, kwval, nkw};
    CallArgs a = call_words(f, &all, builtins[r].words);
    narg = a.narg;
    arg = a.arg;
    if (narg < builtins[r].least || narg > builtins[r].most)
        front_fail(f, E_TYPE, "%s() takes %s %d argument%s (%lld given)", a.name,
                   builtins[r].least == builtins[r].most ? "exactly"
                   : narg < builtins[r].least            ? "at least"
                                                         : "at most",
                   narg < builtins[r].least ? builtins[r].least : builtins[r].most,
                   builtins[r].least == 1 ? "" : "s", (long long)narg);
    a.arg = with_iterables(f, builtins[r].iterates, arg, narg);
    return builtins[r].run(f, &a);
}
