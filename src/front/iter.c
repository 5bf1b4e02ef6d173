/* SPDX-License-Identifier: Apache-2.0
 * Going through what exists at run time: lists, text, dicts, sets, and views of them
 * (enumerate, zip, reversed, keys, values, items). An iterable is a number of items and
 * a way to get item i; dicts and sets go by their entries (lower_loop.c).
 *
 * Comprehensions and reductions over such iterables are written as the loops they stand
 * for, as syntax of a hidden function, and lowered as any loop: types, conditions and
 * containers come by themselves.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"

#include <math.h>
#include <string.h>

/* -- Iterables --------------------------------------------------------------------- */

bool iter_is_run(Front *f, const AVal *v)
{
    if (bytes_is(v)) return true;
    if (text_is_run(f, v) || v->kind == A_VIEW || box_get(f, v)) return true;
    if (v->kind == A_ARRAY) return v->val->type.ndim == 1;
    if (column_is_iter(v)) return true;
    return v->kind == A_RANGE && range_is_run(f, v);
}

static AVal *view_new(Front *f, const char *s, AVal *const *item, idx n)
{
    AVal *v = av_tuple(f, item, n);
    v->kind = A_VIEW;
    v->s = s;
    return v;
}

AVal *iter_view(Front *f, const char *name, AVal *const *item, idx n)
{
    return view_new(f, name, item, n);
}

AVal *iter_zip(Front *f, AVal *const *item, idx n, bool strict)
{
    AVal *v = view_new(f, "zip", item, n);
    v->ck = strict && n > 1;
    return v;
}

static bool is_view(const AVal *v, const char *name)
{
    return v->kind == A_VIEW && !strcmp(v->s, name);
}

static bool is_dict_view(const AVal *v)
{
    return is_view(v, "keys") || is_view(v, "values") || is_view(v, "items");
}

/* Something whose item i can be asked for: dicts become lists of their keys. */
AVal *iter_open(Front *f, AVal *v)
{
    AVal **item;
    idx n;
    if (column_is_iter(v)) return column_open(f, v);
    if (is_view(v, "column") || is_view(v, "rows")) return v;
    if (is_dict_view(v)) return box_listing(f, v->item[0], v->s[0]);
    if (v->kind == A_VIEW) {
        AVal **part = ARENA_NEW_N(f->arena, v->n + 1, AVal *);
        bool tail = !strcmp(v->s, "enumerate"); /* its last item is the start */
        for (idx i = 0; i < v->n; i++)
            part[i] = tail && i == v->n - 1 ? v->item[i] : iter_open(f, v->item[i]);
        AVal *r = view_new(f, v->s, part, v->n);
        r->rec = v->rec;
        r->ck = v->ck;
        return r;
    }
    if ((v->kind == A_DICT || v->kind == A_SET) && box_get(f, v))
        return box_listing(f, v, 'k');
    if (v->kind == A_LIST && box_get(f, v)) return v;
    if (bytes_is(v) || text_is_run(f, v) || v->kind == A_ARRAY || v->kind == A_RANGE)
        return v;
    if (lower_items(f, v, &item, &n)) return box_temp(f, A_LIST, item, n);
    front_check_iterable(f, v, "'%s' object is not iterable");
    front_unsup(f, UNSUP_LOOP_OVER, "a loop over %s is not compiled",
                av_type_text(f, v));
}

static AVal *weak(AVal *v)
{
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

static AVal *op2(Front *f, AstKind op, AVal *a, AVal *b)
{
    return weak(lower_binop(f, op, a, b));
}

static AVal *range_count(Front *f, AVal *v)
{
    AVal *a = v->item[0], *b = v->item[1], *s = v->item[2];
    AVal *zero = av_int(f, 0), *one = av_int(f, 1);
    AVal *up = lower_compare(f, AST_Gt, s, zero);
    AVal *far = front_elem(f, OP_SELECT,
                           (AVal *[]){av_scalar(f, front_val(f, up)),
                                      op2(f, AST_Sub, b, a), op2(f, AST_Sub, a, b)},
                           3);
    AVal *by = front_elem(f, OP_ABS, &s, 1);
    AVal *n = op2(f, AST_FloorDiv, op2(f, AST_Sub, op2(f, AST_Add, far, by), one), by);
    return weak(front_elem(f, OP_MAX2, (AVal *[]){n, zero}, 2));
}

/* zip(..., strict=True): where the lengths differ there is one more turn, which raises.
 */
static AVal *strict_count(Front *f, const AVal *v, AVal *least)
{
    AVal *most = iter_count(f, v->item[0]), *more;
    for (idx i = 1; i < v->n; i++) {
        AVal *pair[2] = {most, iter_count(f, v->item[i])};
        most = weak(front_elem(f, OP_MAX2, pair, 2));
    }
    more = op2(f, AST_Sub, most, least);
    return op2(f, AST_Add, least,
               weak(front_elem(f, OP_MIN2, (AVal *[]){more, av_int(f, 1)}, 2)));
}

AVal *iter_count(Front *f, AVal *v)
{
    if (v->kind == A_RANGE) return range_count(f, v);
    if (v->kind == A_VIEW) {
        bool zip = !strcmp(v->s, "zip");
        AVal *n = v->n ? iter_count(f, v->item[0]) : av_int(f, 0);
        for (idx i = 1; zip && i < v->n; i++) {
            AVal *pair[2] = {n, iter_count(f, v->item[i])};
            n = weak(front_elem(f, OP_MIN2, pair, 2));
        }
        return zip && v->ck ? strict_count(f, v, n) : n;
    }
    if (bytes_is(v)) return bytes_len(f, v);
    if (text_is_run(f, v)) return text_len(f, v);
    AVal *n = box_len(f, v);
    return n ? n : front_len(f, v);
}

static const char *uneven_text(Front *f, idx k, const char *how)
{
    const char *before =
        k == 1 ? "argument 1" : arena_printf(f->arena, "arguments 1-%d", (int)k);
    return arena_printf(f->arena, "zip() argument %d is %s than %s", (int)k + 1, how,
                        before);
}

static AVal *ended(Front *f, AVal *v, AVal *i)
{
    return lower_compare(f, AST_LtE, iter_count(f, v), i);
}

/* What zip(..., strict=True) raises at item i, looking at its arguments as Python does.
 */
static void check_even(Front *f, const AVal *v, AVal *i)
{
    for (idx k = 1; k < v->n; k++) {
        AVal *first = ended(f, v->item[0], i);
        AVal *more = lower_compare(f, AST_Gt, iter_count(f, v->item[k]), i);
        AVal *both[2] = {av_scalar(f, front_val(f, first)),
                         av_scalar(f, front_val(f, more))};
        lower_raise_if(f, front_elem(f, OP_BITAND, both, 2), E_VALUE,
                       uneven_text(f, k, "longer"));
    }
    for (idx k = 1; k < v->n; k++)
        lower_raise_if(f, ended(f, v->item[k], i), E_VALUE,
                       uneven_text(f, k, "shorter"));
}

AVal *iter_item(Front *f, AVal *v, AVal *i)
{
    if (v->kind == A_RANGE)
        return op2(f, AST_Add, v->item[0], op2(f, AST_Mult, i, v->item[2]));
    if (is_view(v, "enumerate"))
        return av_tuple(
            f, (AVal *[]){op2(f, AST_Add, i, v->item[1]), iter_item(f, v->item[0], i)},
            2);
    if (is_view(v, "reversed")) {
        AVal *last = op2(f, AST_Sub, iter_count(f, v->item[0]), av_int(f, 1));
        return iter_item(f, v->item[0], op2(f, AST_Sub, last, i));
    }
    if (is_view(v, "column")) return column_item(f, v, i);
    if (is_view(v, "rows")) return rows_item(f, v, i);
    if (v->kind == A_VIEW) {
        AVal **item = ARENA_NEW_N(f->arena, v->n + 1, AVal *);
        if (v->ck) check_even(f, v, i);
        for (idx k = 0; k < v->n; k++)
            item[k] = iter_item(f, v->item[k], i);
        AVal *t = av_tuple(f, item, v->n);
        t->rec = v->rec;
        return t;
    }
    return lower_subscript(f, v, i);
}

/* -- Hidden functions -------------------------------------------------------------- */

static Ast *node(Front *f, AstKind kind)
{
    Ast *e = ARENA_NEW(f->arena, Ast);
    e->kind = (uint8_t)kind;
    e->loc = f->loc;
    return e;
}

static AstList list_of(Front *f, Ast *const *e, idx n)
{
    AstList l = {ARENA_NEW_N(f->arena, n + 1, Ast *), n};
    for (idx i = 0; i < n; i++)
        l.at[i] = e[i];
    return l;
}

static Ast *name_node(Front *f, const char *id)
{
    Ast *e = node(f, AST_Name);
    e->id = intern(f->names, id);
    return e;
}

static Ast *assign(Front *f, const char *id, Ast *value)
{
    Ast *e = node(f, AST_Assign), *to = name_node(f, id);
    e->list = list_of(f, &to, 1);
    e->a = value;
    return e;
}

static Ast *call_node(Front *f, Ast *fn, Ast *arg)
{
    Ast *e = node(f, AST_Call);
    e->a = fn;
    e->list = list_of(f, &arg, 1);
    return e;
}

static Ast *method_call(Front *f, const char *id, const char *method, Ast *arg)
{
    Ast *at = node(f, AST_Attribute), *e = node(f, AST_Expr);
    at->a = name_node(f, id);
    at->id = intern(f->names, method);
    e->a = call_node(f, at, arg);
    return e;
}

static Ast *for_node(Front *f, Ast *target, Ast *over, Ast *const *body, idx n)
{
    Ast *e = node(f, AST_For);
    e->a = target;
    e->b = over;
    e->list = list_of(f, body, n);
    return e;
}

static Ast *if_node(Front *f, Ast *test, Ast *const *body, idx n)
{
    Ast *e = node(f, AST_If);
    e->a = test;
    e->list = list_of(f, body, n);
    return e;
}

typedef struct Bound {
    const char *name;
    AVal *v;
} Bound;

static AVal *run_hidden(Front *f, Ast *const *body, idx n, const Bound *bound,
                        idx nbound, const char *result)
{
    Scope *was = f->scope;
    Scope *s = scope_new(f, was, was->fn, was->file, was->fname);
    Ast *def = node(f, AST_FunctionDef), *out = node(f, AST_Expr);
    VEC(Ast *) all = {0};
    for (idx i = 0; i < n; i++)
        vec_push(f->arena, &all, body[i]);
    out->a = name_node(f, result);
    vec_push(f->arena, &all, out);
    def->list = list_of(f, all.at, all.n);
    s->caller = was;
    s->def = def;
    s->call = f->loc;
    AstList run = {all.at, n};
    scope_walrus(f, s, &run);
    scope_declare_block(f, s, &run);
    f->scope = s;
    for (idx i = 0; i < nbound; i++) {
        const char *id = intern(f->names, bound[i].name);
        scope_declare(f, s, id);
        scope_store(f, id, bound[i].v);
    }
    Loc loc = f->loc;
    AVal *v = av_none(f);
    if (lower_body(f, &run))
        v = scope_load(f, intern(f->names, result));
    else
        lower_revive(f);
    f->loc = loc;
    f->scope = was;
    return v;
}

/* -- Comprehensions ---------------------------------------------------------------- */

static Ast *comp_put(Front *f, const Ast *e)
{
    if (e->kind != AST_DictComp)
        return method_call(f, ".out", e->kind == AST_SetComp ? "add" : "append", e->a);
    Ast *at = node(f, AST_Subscript), *s = node(f, AST_Assign);
    at->a = name_node(f, ".out");
    at->b = e->a;
    s->list = list_of(f, &at, 1);
    s->a = e->b;
    return s;
}

/* The comprehension as a loop; first: its first iterable, evaluated already. */
AVal *iter_comp(Front *f, const Ast *e, AVal *first)
{
    Ast *s = comp_put(f, e);
    for (idx g = e->list.n - 1; g >= 0; g--) {
        const Ast *c = e->list.at[g];
        for (idx k = c->list.n - 1; k >= 0; k--)
            s = if_node(f, c->list.at[k], &s, 1);
        s = for_node(f, c->a, g ? c->b : name_node(f, ".it"), &s, 1);
    }
    AKind kind = e->kind == AST_DictComp  ? A_DICT
                 : e->kind == AST_SetComp ? A_SET
                                          : A_LIST;
    AVal *out = av_container(f, kind, NULL, NULL, 0);
    out->loc = e->loc;
    out->loc.file = f->scope->file;
    f->heap->cell.at[out->obj].made = out->loc;
    Bound b[2] = {
        {".it",  first},
        {".out", out  }
    };
    return run_hidden(f, &s, 1, b, 2, ".out");
}

/* -- Reductions -------------------------------------------------------------------- */

static Ast *binop_node(Front *f, AstKind op, Ast *a, Ast *b)
{
    Ast *e = node(f, AST_BinOp);
    e->op = (uint8_t)op;
    e->a = a;
    e->b = b;
    return e;
}

AVal *iter_sum(Front *f, AVal *v, AVal *start)
{
    Ast *add = assign(f, ".acc",
                      binop_node(f, AST_Add, name_node(f, ".acc"), name_node(f, ".x")));
    Ast *s = for_node(f, name_node(f, ".x"), name_node(f, ".it"), &add, 1);
    Bound b[2] = {
        {".it",  v    },
        {".acc", start}
    };
    return run_hidden(f, &s, 1, b, 2, ".acc");
}

static Ast *bool_node(Front *f, bool v)
{
    Ast *e = node(f, AST_Constant);
    e->ck = AC_BOOL;
    e->i = v;
    return e;
}

AVal *iter_any(Front *f, AVal *v, bool any)
{
    Ast *hit[2] = {assign(f, ".acc", bool_node(f, any)), node(f, AST_Break)};
    Ast *test = name_node(f, ".x");
    if (!any) {
        Ast *no = node(f, AST_UnaryOp);
        no->op = AST_Not;
        no->a = test;
        test = no;
    }
    Ast *s = if_node(f, test, hit, 2);
    s = for_node(f, name_node(f, ".x"), name_node(f, ".it"), &s, 1);
    Bound b[2] = {
        {".it",      v    },
        { ".acc", av_bool(f, !any)}
    };
    return run_hidden(f, &s, 1, b, 2, ".acc");
}

static Ast *compare(Front *f, AstKind op, const char *a, const char *b)
{
    Ast *e = node(f, AST_Compare), *o = node(f, op), *r = name_node(f, b);
    e->a = name_node(f, a);
    e->list = list_of(f, &o, 1);
    e->list2 = list_of(f, &r, 1);
    return e;
}

static AVal *best(Front *f, AVal *l, bool min, AVal *key)
{
    AVal *first = lower_subscript(f, l, av_int(f, 0));
    AVal *k = key ? front_call(f, key, &first, 1, NULL, NULL, 0) : first;
    Ast *now = key ? call_node(f, name_node(f, ".key"), name_node(f, ".x"))
                   : name_node(f, ".x");
    Ast *win[2] = {assign(f, ".acc", name_node(f, ".x")),
                   assign(f, ".best", name_node(f, ".k"))};
    Ast *body[2] = {
        assign(f, ".k", now),
        if_node(f, compare(f, min ? AST_Lt : AST_Gt, ".k", ".best"), win, 2)};
    Ast *s = for_node(f, name_node(f, ".x"), name_node(f, ".it"), body, 2);
    Bound b[4] = {
        {".it",   l                     },
        {".acc",  first                 },
        {".best", k                     },
        {".key",  key ? key : av_none(f)}
    };
    return run_hidden(f, &s, 1, b, 4, ".acc");
}

typedef struct Best {
    AVal *l, *key, *dflt;
    bool min;
} Best;

static AVal *best_some(Front *f, void *data)
{
    Best *b = data;
    return best(f, b->l, b->min, b->key);
}

static AVal *best_none(Front *f, void *data)
{
    (void)f;
    return ((Best *)data)->dflt;
}

AVal *iter_best(Front *f, AVal *v, bool min, AVal *key, AVal *dflt)
{
    AVal *l = iter_open(f, v);
    AVal *empty = lower_compare(f, AST_Eq, iter_count(f, l), av_int(f, 0));
    if (l->kind == A_VIEW || l->kind == A_RANGE || text_is_run(f, l))
        l = box_iterated(f, l);
    if (!dflt) {
        lower_raise_if(f, empty, E_VALUE,
                       min ? "min() arg is an empty sequence"
                           : "max() arg is an empty sequence");
        return best(f, l, min, key);
    }
    Best b = {l, key, dflt, min};
    return lower_choice(f, empty, best_none, best_some, &b);
}

/* The list .out behind `for .x in v: s`; s also sees what is bound. */
static AVal *each_appended(Front *f, AVal *v, Ast *s, const Bound *bound, idx n)
{
    enum { MORE = 2 };
    s = for_node(f, name_node(f, ".x"), name_node(f, ".it"), &s, 1);
    AVal *out = av_list(f, NULL, 0);
    out->loc = f->loc;
    Bound b[2 + MORE] = {
        {".it",  v  },
        {".out", out}
    };
    ASSERT(n <= MORE);
    for (idx i = 0; i < n; i++)
        b[2 + i] = bound[i];
    return run_hidden(f, &s, 1, b, 2 + n, ".out");
}

/* [fnv(x) for x in v], fnv NULL: x itself. */
static AVal *mapped(Front *f, AVal *v, AVal *fnv, bool filter)
{
    Ast *x = name_node(f, ".x");
    Ast *call = fnv ? call_node(f, name_node(f, ".fn"), x) : x;
    Ast *s = method_call(f, ".out", "append", filter ? x : call);
    if (filter) s = if_node(f, call, &s, 1);
    Bound fn = {".fn", fnv ? fnv : av_none(f)};
    return each_appended(f, v, s, &fn, 1);
}

AVal *lower_keys(Front *f, AVal *v, AVal *fnv)
{
    return mapped(f, v, fnv, false);
}

AVal *iter_floats(Front *f, AVal *v)
{
    Ast *one = node(f, AST_IfExp), *none = node(f, AST_Constant);
    none->ck = AC_NONE;
    one->a = compare(f, AST_Is, ".x", ".x");
    one->a->list2 = list_of(f, &none, 1);
    one->b = name_node(f, ".nan");
    one->c = call_node(f, name_node(f, ".float"), name_node(f, ".x"));
    Bound b[2] = {
        {".nan",   av_float(f, (double)NAN)     },
        {".float", av_api(f,   "builtins.float")}
    };
    return each_appended(f, v, method_call(f, ".out", "append", one), b, 2);
}

AVal *iter_fields(Front *f, AVal *v, AVal *key)
{
    Ast *at = node(f, AST_Subscript);
    at->a = name_node(f, ".x");
    at->b = name_node(f, ".key");
    Bound b = {".key", key};
    return each_appended(f, v, method_call(f, ".out", "append", at), &b, 1);
}

AVal *iter_filter(Front *f, AVal *v, AVal *fnv)
{
    return mapped(f, v, fnv->kind == A_NONE ? NULL : fnv, true);
}

/* for .k, .v in pairs: .out[.k] = .v */
static AVal *put_pairs(Front *f, AVal *pairs, AVal *out)
{
    Ast *part[2] = {name_node(f, ".k"), name_node(f, ".v")};
    Ast *pair = node(f, AST_Tuple), *at = node(f, AST_Subscript),
        *s = node(f, AST_Assign);
    pair->list = list_of(f, part, 2);
    at->a = name_node(f, ".out");
    at->b = name_node(f, ".k");
    s->list = list_of(f, &at, 1);
    s->a = name_node(f, ".v");
    s = for_node(f, pair, name_node(f, ".it"), &s, 1);
    Bound b[2] = {
        {".it",  pairs},
        {".out", out  }
    };
    return run_hidden(f, &s, 1, b, 2, ".out");
}

/* The items of l in the array out: rows of the same length, or numbers. */
static AVal *filled(Front *f, AVal *l, AVal *out)
{
    AVal *both[2] = {l, av_int(f, 0)};
    return put_pairs(f, iter_view(f, "enumerate", both, 2), out);
}

static AVal *row_length(Front *f, void *data)
{
    AVal *first = lower_subscript(f, data, av_int(f, 0));
    return builtin_call(f, "builtins.len", &first, 1, NULL, NULL, 0);
}

static AVal *no_length(Front *f, void *data)
{
    (void)data;
    return av_int(f, 0);
}

AVal *iter_array(Front *f, AVal *v, const Type *t)
{
    AVal *l = box_iterated(f, v), *n = iter_count(f, l);
    Type item = comp_resolve(f->fn, comp_of(f->fn, box_of(f, l)->type)->item[0]);
    const CompType *c = comp_of(f->fn, item);
    bool rows =
        (c && (c->kind == COMP_LIST || c->kind == COMP_TUPLE)) || item.kind == TY_ARRAY;
    if (c && c->kind == COMP_OPEN) item = type_scalar(DT_F64);
    while (c && rows) {
        item = comp_resolve(f->fn, c->item[0]);
        c = comp_of(f->fn, item);
        if (c && c->kind != COMP_OPEN)
            front_unsup(f, UNSUP_VALUE, "np.array() of %s is not compiled",
                        av_type_text(f, l));
        if (c) item = type_scalar(DT_F64);
        c = NULL;
    }
    if (c && c->kind != COMP_OPEN)
        front_unsup(f, UNSUP_VALUE, "np.array() of %s is not compiled",
                    av_type_text(f, l));
    if ((t ? t->dt : item.dt) == DT_CHAR ||
        (!t && item.kind == TY_SCALAR && item.dt == DT_STR &&
         item.unit != UNIT_BYTES)) {
        if (rows)
            front_unsup(f, UNSUP_VALUE, "np.array() of %s is not compiled",
                        av_type_text(f, l));
        return filled(f, l, chars_listed(f, box_of(f, l), n, t ? t->of : 0));
    }
    AVal *dtype = av_new_kind(f, A_DTYPE);
    dtype->type = t ? *t : item;
    dtype->type.kind = TY_SCALAR;
    dtype->type.ndim = 0;
    AVal *shape = n;
    if (rows) {
        AVal *empty = lower_compare(f, AST_Eq, n, av_int(f, 0));
        shape = av_tuple(
            f, (AVal *[]){n, lower_choice(f, empty, no_length, row_length, l)}, 2);
    }
    AVal *arg[2] = {shape, dtype};
    AVal *out = front_call(f, av_api(f, "np.empty"), arg, 2, NULL, NULL, 0);
    return filled(f, l, out);
}

AVal *iter_reduce(Front *f, AVal *fnv, AVal *l, AVal *start)
{
    AVal *none = lower_compare(f, AST_Eq, iter_count(f, l), av_int(f, 0));
    AVal *part[3] = {av_int(f, 1), av_none(f), av_none(f)};
    if (!start) {
        lower_raise_if(f, none, E_TYPE,
                       "reduce() of empty iterable with no initial value");
        start = lower_subscript(f, l, av_int(f, 0));
        AVal *rest = av_tuple(f, part, 3);
        rest->kind = A_SLICE;
        l = lower_subscript(f, l, rest);
    }
    Ast *both[2] = {name_node(f, ".acc"), name_node(f, ".x")};
    Ast *call = call_node(f, name_node(f, ".fn"), both[0]);
    call->list = list_of(f, both, 2);
    Ast *s = assign(f, ".acc", call);
    s = for_node(f, name_node(f, ".x"), name_node(f, ".it"), &s, 1);
    Bound b[3] = {
        {".it",  l    },
        {".acc", start},
        {".fn",  fnv  }
    };
    return run_hidden(f, &s, 1, b, 3, ".acc");
}

AVal *iter_pairs(Front *f, AVal *v)
{
    return put_pairs(f, v, av_container(f, A_DICT, NULL, NULL, 0));
}

AVal *box_iterated(Front *f, AVal *v)
{
    AVal **item;
    idx n;
    v = opt_iterable(f, v);
    if (v->kind == A_LIST && box_get(f, v)) return v;
    if ((v->kind == A_DICT || v->kind == A_SET) && box_get(f, v))
        return box_listing(f, v, 'k');
    if (v->kind == A_VIEW &&
        (!strcmp(v->s, "keys") || !strcmp(v->s, "values") || !strcmp(v->s, "items")))
        return box_listing(f, v->item[0], v->s[0]);
    if (!iter_is_run(f, v) && lower_items(f, v, &item, &n))
        return v->kind == A_LIST ? v : av_list(f, item, n);
    return mapped(f, v, NULL, false);
}

AVal *lower_set_of(Front *f, AVal *v)
{
    if (v->kind == A_SET) return v;
    AVal *l = box_iterated(f, v);
    Val *h = box_of(f, l);
    Type e = comp_of(f->fn, h->type)->item[0];
    return box_aval(f, obj_call(f, OP_OBJREAD, "set_from", NULL, &h, 1,
                                comp_own(f->fn, COMP_SET, &e, 1)));
}

/* -- for over lists that its body may change --------------------------------------- */
static bool changes_lists(const Ast *e, const void *unused)
{
    static const char *const name[] = {"append", "extend", "insert", "pop",
                                       "remove", "clear",  "sort",   "reverse"};
    (void)unused;
    if (e->kind == AST_Attribute)
        for (idx i = 0; i < COUNT_OF(name); i++)
            if (!strcmp(e->id, name[i])) return true;
    if (e->kind == AST_Delete || e->kind == AST_Slice) return true;
    return e->kind == AST_AugAssign && e->op == AST_Add && e->a->kind == AST_Name;
}

bool iter_changes(const AstList *l)
{
    return ast_any_of(l, changes_lists, NULL);
}

/* i = from; while i < len(l): target = l[i]; i += 1; body. Of views: one test for each
 * list, and the tuples that they give. */
typedef struct Live {
    Front *f;
    int number; /* of the loop: in the names of its variables */
    VEC(Bound) bound;
    VEC(Ast *) test;
    VEC(Ast *) check; /* statements that a turn begins with */
} Live;

static const char *live_bind(Live *l, AVal *v)
{
    const char *name = intern(
        l->f->names, arena_printf(l->f->arena, ".l%d_%d", l->number, (int)l->bound.n));
    vec_push(l->f->arena, &l->bound, ((Bound){name, v}));
    return name;
}

static Ast *less_node(Front *f, Ast *a, Ast *b)
{
    Ast *e = node(f, AST_Compare), *lt = node(f, AST_Lt);
    e->a = a;
    e->list = list_of(f, &lt, 1);
    e->list2 = list_of(f, &b, 1);
    return e;
}

static Ast *tuple_of(Front *f, Ast *const *part, idx n)
{
    Ast *e = node(f, AST_Tuple);
    e->list = list_of(f, part, n);
    return e;
}

static Ast *live_item(Live *l, AVal *v, Ast *i);

/* Item last - i: the length when the loop begins is the view's, or is asked for now. */
static Ast *live_reversed(Live *l, const AVal *v, Ast *i)
{
    Front *f = l->f;
    AVal *n = v->n > 1 ? v->item[1] : iter_count(f, v->item[0]);
    Ast *last = name_node(f, live_bind(l, op2(f, AST_Sub, n, av_int(f, 1))));
    vec_push(f->arena, &l->test, less_node(f, i, name_node(f, live_bind(l, n))));
    return live_item(l, v->item[0], binop_node(f, AST_Sub, last, i));
}

static Ast *bool_op(Front *f, AstKind op, Ast *const *e, idx n)
{
    Ast *all = node(f, AST_BoolOp);
    if (n == 1) return e[0];
    all->op = (uint8_t)op;
    all->list = list_of(f, e, n);
    return all;
}

static Ast *not_node(Front *f, Ast *e)
{
    Ast *no = node(f, AST_UnaryOp);
    no->op = AST_Not;
    no->a = e;
    return no;
}

static Ast *raise_node(Live *l, Ast *when, const char *text)
{
    Front *f = l->f;
    Ast *raise = node(f, AST_Raise), *s = node(f, AST_Constant);
    s->ck = AC_STR;
    s->s = text;
    s->n = (idx)strlen(text);
    raise->a =
        call_node(f, name_node(f, live_bind(l, av_api(f, "builtins.ValueError"))), s);
    return if_node(f, when, &raise, 1);
}

/* zip(..., strict=True): there is a turn as long as any argument has more. */
static void live_strict(Live *l, Ast *const *more, idx n, idx outer)
{
    Front *f = l->f;
    for (idx k = 1; k < n; k++) {
        Ast *uneven[2] = {not_node(f, more[0]), more[k]};
        vec_push(
            f->arena, &l->check,
            raise_node(l, bool_op(f, AST_And, uneven, 2), uneven_text(f, k, "longer")));
    }
    for (idx k = 1; k < n; k++)
        vec_push(f->arena, &l->check,
                 raise_node(l, not_node(f, more[k]), uneven_text(f, k, "shorter")));
    l->test.n = outer;
    vec_push(f->arena, &l->test, bool_op(f, AST_Or, more, n));
}

static Ast *live_view(Live *l, AVal *v, Ast *i)
{
    Front *f = l->f;
    if (is_view(v, "reversed")) return live_reversed(l, v, i);
    if (is_view(v, "enumerate")) {
        Ast *start = name_node(f, live_bind(l, v->item[1]));
        Ast *pair[2] = {binop_node(f, AST_Add, start, i), live_item(l, v->item[0], i)};
        return tuple_of(f, pair, 2);
    }
    Ast **part = ARENA_NEW_N(f->arena, v->n + 1, Ast *);
    Ast **more = ARENA_NEW_N(f->arena, v->n + 1, Ast *); /* of each argument */
    idx outer = l->test.n;
    for (idx k = 0; k < v->n; k++) {
        idx from = l->test.n;
        part[k] = live_item(l, v->item[k], i);
        if (!v->ck) continue;
        more[k] = bool_op(f, AST_And, l->test.at + from, l->test.n - from);
        l->test.n = from;
    }
    if (v->ck) live_strict(l, more, v->n, outer);
    return tuple_of(f, part, v->n);
}

static Ast *live_item(Live *l, AVal *v, Ast *i)
{
    Front *f = l->f;
    if (v->kind == A_TUPLE && v->view) v = v->view;
    if (v->kind == A_VIEW && !is_dict_view(v)) return live_view(l, v, i);
    if (v->kind == A_LIST)
        box_of(f, v);
    else
        v = iter_open(f, v);
    Ast *at = node(f, AST_Subscript);
    const char *name = live_bind(l, v);
    const char *len = live_bind(l, av_api(f, "builtins.len"));
    at->a = name_node(f, name);
    at->b = i;
    Ast *n = call_node(f, name_node(f, len), name_node(f, name));
    vec_push(f->arena, &l->test, less_node(f, i, n));
    return at;
}

bool iter_live(Front *f, const Ast *s, AVal *v, idx from)
{
    Live l = {.f = f, .number = f->nepoch++};
    const char *i = live_bind(&l, av_int(f, from));
    Ast *one = node(f, AST_Constant), *set = node(f, AST_Assign);
    one->ck = AC_INT;
    one->i = 1;
    set->list = list_of(f, &(Ast *){s->a}, 1);
    set->a = live_item(&l, v, name_node(f, i));
    VEC(Ast *) body = {0};
    vec_each (m, &l.check)
        vec_push(f->arena, &body, l.check.at[m]);
    vec_push(f->arena, &body, set);
    vec_push(f->arena, &body,
             assign(f, i, binop_node(f, AST_Add, name_node(f, i), one)));
    for (idx m = 0; m < s->list.n; m++)
        vec_push(f->arena, &body, s->list.at[m]);
    Ast *w = node(f, AST_While);
    w->a = bool_op(f, AST_And, l.test.at, l.test.n);
    w->list = list_of(f, body.at, body.n);
    w->list2 = s->list2;
    vec_each (m, &l.bound) {
        scope_declare(f, f->scope, l.bound.at[m].name);
        scope_store(f, l.bound.at[m].name, l.bound.at[m].v);
    }
    return lower_while(f, w);
}

/* -- next() ------------------------------------------------------------------------ */

/* Whether e calls iter() of one thing. */
static bool calls_iter(Front *f, const Ast *e)
{
    if (e->kind != AST_Call || e->list.n != 1 || e->list2.n) return false;
    if (e->a->kind != AST_Name || strcmp(e->a->id, "iter") != 0) return false;
    AVal *v = scope_load(f, e->a->id);
    return v->kind == A_API && !strcmp(v->s, "builtins.iter");
}

/* The loop that ends with its first turn: what it goes over, and what each turn gives.
 */
static Ast *first_turn(Front *f, const Ast *e, AVal **over)
{
    if (e->kind == AST_GeneratorExp && e->list.n == 1) {
        const Ast *c = e->list.at[0];
        Ast *s[2] = {assign(f, ".acc", e->a), node(f, AST_Break)}, *one;
        idx n = 2;
        for (idx k = c->list.n - 1; k >= 0; k--, n = 1) {
            one = if_node(f, c->list.at[k], s, n);
            s[0] = one;
        }
        *over = lower_expr(f, c->b);
        return for_node(f, c->a, name_node(f, ".it"), s, n);
    }
    if (!calls_iter(f, e))
        front_unsup(
            f, UNSUP_API,
            "next() of an iterator that is kept; next(iter(x)) and next(x for x "
            "in y) are compiled");
    *over = lower_expr(f, e->list.at[0]);
    Ast *s[2] = {assign(f, ".acc", name_node(f, ".x")), node(f, AST_Break)};
    return for_node(f, name_node(f, ".x"), name_node(f, ".it"), s, 2);
}

AVal *iter_next(Front *f, const Ast *e)
{
    Bound b[3] = {
        {".it",   NULL    },
        {".stop", av_api(f, "builtins.StopIteration")},
        {".acc",       NULL         }
    };
    if (e->list.n < 1 || e->list.n > 2 || e->list2.n)
        front_fail(f, E_TYPE, "next expected at least 1 argument, got %d",
                   (int)e->list.n);
    Ast *s = first_turn(f, e->list.at[0], &b[0].v);
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    if (e->list.n == 2) {
        b[2].v = lower_expr(f, e->list.at[1]);
        return run_hidden(f, &s, 1, b, 3, ".acc");
    }
    Ast *stop = node(f, AST_Raise);
    stop->a = name_node(f, ".stop");
    s->list2 = list_of(f, &stop, 1);
    b[2].v = av_new_kind(f, A_OPEN); /* of the type that a turn gives it */
    return run_hidden(f, &s, 1, b, 3, ".acc");
}

/* -- any() and all() of a generator ------------------------------------------------ */

/* What ends the loops: e for any(), not e for all(). */
static Ast *ends(Front *f, Ast *e, bool any)
{
    if (any) return e;
    Ast *no = node(f, AST_UnaryOp);
    no->op = AST_Not;
    no->a = e;
    return no;
}

/* The loop of generator k with those inside of it. */
static Ast *turns(Front *f, const Ast *gen, idx k, bool any)
{
    const Ast *c = gen->list.at[k];
    Ast *s[2] = {NULL, NULL}, *stop = node(f, AST_Break);
    idx n = 1;
    if (k + 1 == gen->list.n) {
        Ast *found[2] = {assign(f, ".acc", bool_node(f, any)), stop};
        s[0] = if_node(f, ends(f, gen->a, any), found, 2);
    } else {
        s[0] = turns(f, gen, k + 1, any);
        s[1] = if_node(f, ends(f, name_node(f, ".acc"), any), &stop, 1);
        n = 2;
    }
    for (idx i = c->list.n - 1; i >= 0; i--, n = 1)
        s[0] = if_node(f, c->list.at[i], s, n);
    return for_node(f, c->a, k ? c->b : name_node(f, ".it"), s, n);
}

AVal *iter_any_of(Front *f, const Ast *gen, bool any)
{
    Bound b[2] = {
        {".it",  lower_expr(f, gen->list.at[0]->b)},
        {".acc", av_bool(f,    !any)              }
    };
    Ast *s = turns(f, gen, 0, any);
    AVal *r = run_hidden(f, &s, 1, b, 2, ".acc");
    if (r->kind == A_SCALAR) r->i = 1;
    return r;
}

/* -- Unpacking --------------------------------------------------------------------- */

/* if bad: ValueError with the number of items that are there. */
static void raise_few(Front *f, AVal *bad, idx want, bool star, AVal *got)
{
    if (bad->kind == A_CONST && !bad->i) return;
    Val *few = front_val(f, bad);
    Region *at = f->at;
    Node *n = node_put(f, at, OP_IF, &few, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    f->at = yes;
    const char *head =
        arena_printf(f->arena, "not enough values to unpack (expected %s%d, got ",
                     star ? "at least " : "", (int)want);
    AVal *text = lower_binop(f, AST_Add, av_str(f, head, -1), text_str(f, got, false));
    Val *v = front_val(f, lower_binop(f, AST_Add, text, av_str(f, ")", 1)));
    Node *r = node_put(f, f->at, OP_RAISE, &v, 1, 0);
    node_set_int(f->fn, r, "code", E_VALUE);
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    f->at = at;
}

/* a, b = v and a, *b, c = v of a run-time length. */
void iter_unpack(Front *f, const Ast *t, AVal *v)
{
    idx m = t->list.n, star = -1;
    for (idx i = 0; i < m; i++)
        if (t->list.at[i]->kind == AST_Starred) star = i;
    AVal *l = star >= 0 ? box_iterated(f, v) : iter_open(f, v);
    AVal *n = iter_count(f, l);
    AVal *want = av_int(f, star >= 0 ? m - 1 : m);
    raise_few(f, lower_compare(f, AST_Lt, n, want), want->i, star >= 0, n);
    if (star < 0)
        lower_raise_if(
            f, lower_compare(f, AST_Gt, n, want), E_VALUE,
            arena_printf(f->arena, "too many values to unpack (expected %d)", (int)m));
    for (idx i = 0; i < m; i++) {
        const Ast *to = t->list.at[i];
        if (i != star) {
            AVal *at = av_int(f, i);
            if (star >= 0 && i > star) at = op2(f, AST_Sub, n, av_int(f, m - i));
            lower_assign(f, to, iter_item(f, l, at));
            continue;
        }
        AVal *part[3] = {av_int(f, i), op2(f, AST_Sub, n, av_int(f, m - 1 - i)),
                         av_none(f)};
        AVal *s = av_tuple(f, part, 3);
        s->kind = A_SLICE;
        lower_assign(f, to->a, lower_subscript(f, l, s));
    }
}
