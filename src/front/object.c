/* SPDX-License-Identifier: Apache-2.0
 * Containers and text whose contents are known when compiling: indexing, stores,
 * methods. Everything else is handed to the builders of pandas and NumPy.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

/* -- Dicts and sets ---------------------------------------------------------------- */
/* The value is used as a constant from here on. */
static void demand(const AVal *v)
{
    if (v->arg) v->arg->demanded = true;
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        demand(v->item[i]);
}

/* An element of an empty container is part of it: control does not get here with it. */
static bool has_open(const AVal *key)
{
    for (idx i = 0; key->kind == A_TUPLE && i < key->n; i++)
        if (has_open(key->item[i])) return true;
    return key->kind == A_OPEN;
}

static void hashable(Front *f, const AVal *key)
{
    demand(key);
    if (has_open(key)) return;
    if (front_is_const(key) || key->kind == A_API || key->kind == A_DTYPE ||
        key->kind == A_FUNC)
        return;
    if (key->kind == A_LIST || key->kind == A_DICT || key->kind == A_SET)
        front_fail(f, E_TYPE, "unhashable type: '%s'", python_class(key));
    front_unsup(f, UNSUP_CONST_ONLY,
                "the keys of a dict or set must be known when compiling, "
                "not %s",
                av_type_text(f, key));
}

static idx dict_find(const Container *c, const AVal *key)
{
    vec_each (i, &c->key)
        if (av_equal(c->key.at[i], key)) return i;
    return -1;
}

void dict_set(Front *f, AVal *d, AVal *key, AVal *v)
{
    hashable(f, key);
    if (key->kind == A_CONST && key->arg) key->arg->demanded = true;
    Container *c = front_items_mut(f, d);
    idx i = dict_find(c, key);
    series_bind(f, v);
    if (i >= 0) {
        c->item.at[i] = v;
        return;
    }
    vec_push(f->arena, &c->key, key);
    vec_push(f->arena, &c->item, v);
}

void dict_add_pairs(Front *f, AVal *d, AVal *pairs, const char *what)
{
    AVal **item, **pair;
    idx n, m;
    front_check_iterable(f, pairs, "'%s' object is not iterable");
    if (!lower_items(f, pairs, &item, &n))
        front_unsup(f, UNSUP_LOOP_OVER, "%s() of %s is not compiled", what,
                    av_type_text(f, pairs));
    for (idx i = 0; i < n; i++) {
        if (!lower_items(f, item[i], &pair, &m))
            front_fail(f, E_TYPE,
                       "cannot convert dictionary update sequence element #%lld to a "
                       "sequence",
                       (long long)i);
        if (m != 2)
            front_fail(f, E_VALUE,
                       "dictionary update sequence element #%lld has length %lld; 2 is "
                       "required",
                       (long long)i, (long long)m);
        lower_store(f, d, pair[0], pair[1]);
    }
}

static bool set_has(const Container *c, const AVal *v)
{
    vec_each (i, &c->item)
        if (av_equal(c->item.at[i], v)) return true;
    return false;
}

/* A value that only the run time knows, as an element of a set. */
static bool run_item(const AVal *v)
{
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        if (run_item(v->item[i])) return true;
    return v->kind == A_SCALAR || v->kind == A_OPT || instance_is(v);
}

AVal *set_new(Front *f, AVal *const *item, idx n)
{
    for (idx i = 0; i < n; i++)
        if (run_item(item[i])) return box_temp(f, A_SET, item, n);
    AVal *v = av_container(f, A_SET, NULL, NULL, 0);
    Container *c = front_items_mut(f, v);
    for (idx i = 0; i < n; i++) {
        hashable(f, item[i]);
        if (!set_has(c, item[i])) vec_push(f->arena, &c->item, item[i]);
    }
    return v;
}

/* -- Positions --------------------------------------------------------------------- */
static idx position(Front *f, AVal *key, idx n, const char *what)
{
    if (key->kind == A_SCALAR)
        front_unsup(f, UNSUP_CONST_ONLY,
                    "an index of a %s must be known when compiling", what);
    if (key->kind != A_CONST || (key->ck != AC_INT && key->ck != AC_BOOL)) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "%s indices must be integers or slices, not %s", what,
                   front_class_text(f, key));
    }
    int64_t i = front_const_int(f, key, "an index");
    if (i < 0) i += n;
    if (i < 0 || i >= n) front_fail(f, E_INDEX, "%s index out of range", what);
    return i;
}

typedef struct Span {
    int64_t start, step, n;
} Span;

static int64_t clamp(int64_t i, idx n, int64_t low, int64_t high)
{
    if (i < 0) i += n;
    return i < low ? low : i > high ? high : i;
}

static Span span_of(Front *f, const AVal *s, idx n)
{
    int64_t step =
        s->item[2]->kind == A_NONE ? 1 : front_const_int(f, s->item[2], "a slice step");
    if (step == 0) front_fail(f, E_VALUE, "slice step cannot be zero");
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    int64_t a =
        s->item[0]->kind == A_NONE
            ? (step > 0 ? 0 : n - 1)
            : clamp(front_const_int(f, s->item[0], "a slice start"), n, low, high);
    int64_t b =
        s->item[1]->kind == A_NONE
            ? (step > 0 ? n : -1)
            : clamp(front_const_int(f, s->item[1], "a slice stop"), n, low, high);
    int64_t count = 0;
    if (step > 0 && a < b) count = (b - a - 1) / step + 1;
    if (step < 0 && a > b) count = (a - b - 1) / -step + 1;
    return (Span){a, step, count};
}

static AVal *seq_slice(Front *f, AVal *v, AVal *key)
{
    AVal **item;
    idx n;
    lower_items(f, v, &item, &n);
    Span s = span_of(f, key, n);
    AVal **to = ARENA_NEW_N(f->arena, s.n + 1, AVal *);
    for (int64_t i = 0; i < s.n; i++)
        to[i] = item[s.start + i * s.step];
    return v->kind == A_LIST ? av_list(f, to, s.n) : av_tuple(f, to, s.n);
}

/* A slice of a constant text: positions count characters. */
static AVal *const_slice(Front *f, const AVal *v, const AVal *key)
{
    idx *at = ARENA_NEW_N(f->arena, v->n + 1, idx), n = 0;
    for (idx i = 0; i < v->n; i++)
        if (((uint8_t)v->s[i] & 0xC0) != 0x80) at[n++] = i;
    at[n] = v->n;
    Span s = span_of(f, key, n);
    char *to = arena_alloc(f->arena, (size_t)v->n + 1);
    idx m = 0;
    for (int64_t i = 0; i < s.n; i++) {
        idx k = s.start + i * s.step, size = at[k + 1] - at[k];
        memcpy(to + m, v->s + at[k], (size_t)size);
        m += size;
    }
    return av_str(f, to, m);
}

/* An index or slice with a part that only the run time knows. */
static bool run_index(const AVal *key)
{
    if (key->kind == A_SLICE) {
        for (idx i = 0; i < key->n; i++)
            if (run_index(key->item[i])) return true;
        return false;
    }
    return key->kind == A_SCALAR || arg_is_lazy(key);
}

static AVal *known_subscript(Front *f, AVal *v, AVal *key)
{
    AVal **item;
    idx n;
    if (v->kind == A_DICT) {
        hashable(f, key);
        Container *c = front_items(f, v);
        idx i = dict_find(c, key);
        if (i < 0) front_fail(f, E_KEY, "%s", const_text(f, key));
        return piece_now(f, c->item.at[i]);
    }
    if (key->kind == A_SLICE) return seq_slice(f, v, key);
    lower_items(f, v, &item, &n);
    return piece_now(f,
                     item[position(f, key, n, v->kind == A_TUPLE ? "tuple" : "list")]);
}

AVal *lower_subscript(Front *f, AVal *v, AVal *key)
{
    if (v->kind == A_OPEN || key->kind == A_OPEN) return v->kind == A_OPEN ? v : key;
    v = opt_need(f, v, E_TYPE, "'NoneType' object is not subscriptable");
    if (v->kind != A_DICT) key = record_plain(key);
    AVal *own = record_special(f, "__getitem__", v, &key, 1);
    if (own) return own;
    AVal *run = record_subscript(f, v, key);
    if (!run && run_index(key) && key->kind != A_SLICE) run = pick_subscript(f, v, key);
    if (!run) run = box_subscript(f, v, key);
    if (run) return run;
    if (bytes_is(v)) return bytes_subscript(f, v, key);
    if (text_is_run(f, v) || (v->kind == A_CONST && v->ck == AC_STR && run_index(key)))
        return text_subscript(f, v, key);
    if (v->kind == A_TUPLE || v->kind == A_LIST || v->kind == A_DICT)
        return known_subscript(f, v, key);
    if (v->kind == A_CONST && v->ck == AC_STR && key->kind == A_SLICE)
        return const_slice(f, v, key);
    if (v->kind == A_CONST && v->ck == AC_STR) {
        AVal *r = const_fold(f, "operator.getitem", (AVal *[]){v, key}, 2);
        if (r) return r;
    }
    if (v->kind == A_NONE || v->kind == A_CONST || v->kind == A_FUNC)
        front_fail(f, E_TYPE, "'%s' object is not subscriptable",
                   front_class_text(f, v));
    if (v->kind == A_ARRAY) return nd_getitem(f, v, key);
    if (v->kind == A_API) {
        AVal *made = library_subscript(f, v, key);
        if (made) return made;
    }
    if (v->kind == A_RANGE) return range_subscript(f, v, key);
    return front_getitem(f, v, key);
}

static bool has_step(const AVal *key)
{
    if (key->kind != A_SLICE || key->item[2]->kind == A_NONE) return false;
    return key->item[2]->kind != A_CONST || key->item[2]->i != 1;
}

void lower_store(Front *f, AVal *v, AVal *key, AVal *value)
{
    if (v->kind == A_OPEN || key->kind == A_OPEN) return;
    v = opt_need(f, v, E_TYPE, "'NoneType' object does not support item assignment");
    AVal *two[2] = {key, value};
    if (v->rec && record_special(f, "__setitem__", v, two, 2)) return;
    if (v->kind == A_LIST && has_step(key)) {
        (void)library_call(f, "list.set_step", (AVal *[]){v, key, value}, 3);
        return;
    }
    if (box_store(f, v, key, value)) return;
    if (v->kind == A_LIST) {
        Container *c = front_items_mut(f, v);
        c->item.at[position(f, key, c->item.n, "list assignment")] =
            series_bind(f, value);
    } else if (v->kind == A_DICT) {
        dict_set(f, v, key, value);
    } else if (v->kind == A_TUPLE || v->kind == A_CONST) {
        front_fail(f, E_TYPE, "'%s' object does not support item assignment",
                   front_class_text(f, v));
    } else if (v->kind == A_ARRAY) {
        if (value->kind != A_OPEN) nd_setitem(f, v, key, value);
    } else {
        front_setitem(f, v, key, value);
    }
}

void lower_remove(Front *f, AVal *v, AVal *key)
{
    if (v->kind == A_OPEN || key->kind == A_OPEN) return;
    if (v->rec && record_special(f, "__delitem__", v, &key, 1)) return;
    if (box_remove(f, v, key)) return;
    if (v->kind != A_LIST && v->kind != A_DICT) {
        front_delitem(f, v, key);
        return;
    }
    Container *c = front_items_mut(f, v);
    idx i = v->kind == A_LIST ? position(f, key, c->item.n, "list assignment")
                              : dict_find(c, key);
    if (i < 0) front_fail(f, E_KEY, "%s", const_text(f, key));
    for (idx k = i; k + 1 < c->item.n; k++)
        c->item.at[k] = c->item.at[k + 1];
    for (idx k = i; v->kind == A_DICT && k + 1 < c->key.n; k++)
        c->key.at[k] = c->key.at[k + 1];
    c->item.n--;
    if (v->kind == A_DICT) c->key.n--;
}

/* -- Methods ----------------------------------------------------------------------- */
typedef AVal *Method(Front *f, AVal *self, AVal *const *arg, idx narg);

static AVal *list_append(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    Container *c = front_items_mut(f, self);
    vec_push(f->arena, &c->item, series_bind(f, arg[0]));
    return av_none(f);
}

static AVal *list_extend(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    AVal **item;
    idx n;
    if (!lower_items(f, arg[0], &item, &n))
        front_unsup(f, UNSUP_STAR, "extend() with %s is not compiled",
                    av_type_text(f, arg[0]));
    for (idx i = 0; i < n; i++)
        list_append(f, self, &item[i], 1);
    return av_none(f);
}

static AVal *list_insert(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    box_check_place(f, arg[0]);
    Container *c = front_items_mut(f, self);
    int64_t i = clamp(front_const_int(f, arg[0], "an index"), c->item.n, 0, c->item.n);
    vec_push(f->arena, &c->item, arg[1]);
    for (idx k = c->item.n - 1; k > i; k--)
        c->item.at[k] = c->item.at[k - 1];
    c->item.at[i] = series_bind(f, arg[1]);
    return av_none(f);
}

static AVal *list_pop(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    AVal *at = narg ? arg[0] : av_int(f, -1);
    idx n = front_items(f, self)->item.n;
    box_check_place(f, at);
    if (!n) front_fail(f, E_INDEX, "pop from empty list");
    int64_t k = at->kind == A_CONST && at->ck == AC_INT ? at->i : 0;
    if (k < -n || k >= n) front_fail(f, E_INDEX, "pop index out of range");
    AVal *v = lower_subscript(f, self, at);
    lower_remove(f, self, at);
    return v;
}

/* Whether an item equals v: known, or found by the run time. */
static AVal *item_equal(Front *f, AVal *item, AVal *v)
{
    demand(item);
    bool run =
        item->kind == A_SCALAR || v->kind == A_SCALAR || bytes_is(item) || bytes_is(v);
    return run ? lower_compare(f, AST_Eq, item, v) : av_bool(f, av_equal(item, v));
}

/* Items are counted that are not v and have no v before them. */
static AVal *seq_index(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    AVal **item, *before = av_bool(f, true), *place = av_int(f, 0);
    idx n;
    lower_items(f, self, &item, &n);
    demand(arg[0]);
    for (idx i = 0; i < n; i++) {
        AVal *eq = item_equal(f, item[i], arg[0]);
        AVal *other = lower_binop(f, AST_BitXor, eq, av_bool(f, true));
        if (other->kind == A_CONST && !other->i && before->kind == A_CONST)
            return place;
        before = lower_binop(f, AST_BitAnd, before, other);
        place = lower_binop(f, AST_Add, place, before);
    }
    if (before->kind == A_CONST && before->i)
        front_fail(f, E_VALUE,
                   self->kind == A_TUPLE ? "tuple.index(x): x not in tuple"
                                         : "%s is not in list",
                   const_text(f, arg[0]));
    if (self->kind == A_TUPLE)
        lower_raise_if(f, before, E_VALUE, "tuple.index(x): x not in tuple");
    else
        lower_raise_shown(f, before, arg[0], " is not in list");
    return place;
}

static AVal *seq_count(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    AVal **item, *count = av_int(f, 0);
    idx n;
    lower_items(f, self, &item, &n);
    demand(arg[0]);
    for (idx i = 0; i < n; i++)
        count = lower_binop(f, AST_Add, count, item_equal(f, item[i], arg[0]));
    return count;
}

static AVal *list_copy(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)arg;
    (void)narg;
    Container *c = front_items(f, self);
    return av_container(f, (AKind)self->kind, self->kind == A_DICT ? c->key.at : NULL,
                        c->item.at, c->item.n);
}

static AVal *dict_keys(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)arg;
    (void)narg;
    Container *c = front_items(f, self);
    AVal *v = av_tuple(f, c->key.at, c->key.n);
    v->view = iter_view(f, "keys", &self, 1);
    return v;
}

static AVal *dict_values(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)arg;
    (void)narg;
    Container *c = front_items(f, self);
    AVal *v = av_tuple(f, c->item.at, c->item.n);
    v->view = iter_view(f, "values", &self, 1);
    return v;
}

static AVal *dict_items(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)arg;
    (void)narg;
    Container *c = front_items(f, self);
    AVal **pair = ARENA_NEW_N(f->arena, c->item.n + 1, AVal *);
    vec_each (i, &c->item)
        pair[i] = av_tuple(f, (AVal *[]){c->key.at[i], c->item.at[i]}, 2);
    AVal *v = av_tuple(f, pair, c->item.n);
    v->view = iter_view(f, "items", &self, 1);
    return v;
}

static AVal *dict_get(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    Container *c = front_items(f, self);
    idx i = dict_find(c, arg[0]);
    if (i >= 0) return c->item.at[i];
    return narg > 1 ? arg[1] : av_none(f);
}

static AVal *dict_update(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    if (arg[0]->kind != A_DICT) {
        dict_add_pairs(f, self, arg[0], "update");
        return av_none(f);
    }
    Container *c = front_items(f, arg[0]);
    vec_each (i, &c->item)
        dict_set(f, self, c->key.at[i], c->item.at[i]);
    return av_none(f);
}

static AVal *set_add(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    (void)narg;
    hashable(f, arg[0]);
    Container *c = front_items_mut(f, self);
    if (!set_has(c, arg[0])) vec_push(f->arena, &c->item, arg[0]);
    return av_none(f);
}

static AVal *set_update(Front *f, AVal *self, AVal *const *arg, idx narg)
{
    AVal **item;
    idx n;
    for (idx i = 0; i < narg; i++) {
        (void)lower_items(f, arg[i], &item, &n);
        for (idx k = 0; k < n; k++)
            (void)set_add(f, self, &item[k], 1);
    }
    return av_none(f);
}

static const struct {
    uint8_t kind; /* AKind of self */
    const char *name;
    Method *run;
    int least, most;
} methods[] = {
    {A_LIST,  "append", list_append, 1, 1 },
    {A_LIST,  "extend", list_extend, 1, 1 },
    {A_LIST,  "insert", list_insert, 2, 2 },
    {A_LIST,  "pop",    list_pop,    0, 1 },
    {A_LIST,  "index",  seq_index,   1, 1 },
    {A_LIST,  "count",  seq_count,   1, 1 },
    {A_LIST,  "copy",   list_copy,   0, 0 },
    {A_TUPLE, "index",  seq_index,   1, 1 },
    {A_TUPLE, "count",  seq_count,   1, 1 },
    {A_DICT,  "keys",   dict_keys,   0, 0 },
    {A_DICT,  "values", dict_values, 0, 0 },
    {A_DICT,  "items",  dict_items,  0, 0 },
    {A_DICT,  "get",    dict_get,    1, 2 },
    {A_DICT,  "update", dict_update, 1, 1 },
    {A_DICT,  "copy",   list_copy,   0, 0 },
    {A_SET,   "add",    set_add,     1, 1 },
    {A_SET,   "update", set_update,  0, 99},
    {A_SET,   "copy",   list_copy,   0, 0 },
};

bool object_has_method(const AVal *v, const char *name)
{
    if (bytes_is(v)) return bytes_has_method(name);
    bool text = v->kind == A_SCALAR && v->val->type.kind == TY_SCALAR &&
                v->val->type.dt == DT_STR;
    if (text || (v->kind == A_CONST && v->ck == AC_STR)) return text_has_method(name);
    if (time_is(v)) return time_has_method(v, name);
    if (box_has_method(v, name)) return true;
    for (idx i = 0; i < COUNT_OF(methods); i++)
        if (methods[i].kind == v->kind && !strcmp(methods[i].name, name)) return true;
    return false;
}

/* Of contents known when compiling: what only run-time containers can do. */
static bool method_wants_box(Front *f, const AVal *self, const char *name,
                             AVal *const *arg, idx narg, idx nkw)
{
    if (self->kind != A_LIST && self->kind != A_DICT && self->kind != A_SET)
        return false;
    if (!box_has_method(self, name)) return false;
    bool plain = false;
    for (idx i = 0; i < COUNT_OF(methods); i++)
        plain |= methods[i].kind == self->kind && !strcmp(methods[i].name, name);
    if (!plain || nkw) return true;
    bool grows = !strcmp(name, "append") || !strcmp(name, "insert");
    if (!strcmp(name, "update") || !strcmp(name, "extend")) {
        /* What is added must be known too, and fit to be a key. */
        AVal **item;
        idx n;
        for (idx i = 0; i < narg; i++) {
            if (arg[i]->kind == A_SCALAR || iter_is_run(f, arg[i]) ||
                arg_is_lazy(arg[i]) || !lower_items(f, arg[i], &item, &n))
                return true;
            for (idx k = 0; self->kind != A_LIST && k < n; k++)
                if (!front_is_const(item[k]) || arg_is_lazy(item[k])) return true;
        }
    }
    (void)f;
    for (idx i = 0; i < narg && !grows; i++)
        if (arg[i]->kind == A_VIEW || (arg[i]->obj >= 0 && box_get(f, arg[i])))
            return true;
    return false;
}

/* A method of a text that is known when compiling, as its arguments are. */
static AVal *known_text_method(Front *f, AVal *self, const char *name, AVal *const *arg,
                               idx narg)
{
    AVal **all = ARENA_NEW_N(f->arena, narg + 1, AVal *);
    all[0] = self;
    if (narg) memcpy(all + 1, arg, (size_t)narg * sizeof *arg);
    AVal *v = const_fold(f, arena_printf(f->arena, "str.%s", name), all, narg + 1);
    if (!v)
        front_unsup(f, UNSUP_CONST_ONLY,
                    "the arguments of str.%s must be known when "
                    "compiling",
                    name);
    return v;
}

/* Only sort and update take arguments by name. */
static void method_words(Front *f, const AVal *self, const char *name,
                         const char *const *kw, idx nkw)
{
    static const char *const of[] = {"list", "dict", "set"};
    if (!nkw || self->kind == A_CONST) return;
    bool sort = self->kind == A_LIST && !strcmp(name, "sort");
    bool update = self->kind == A_DICT && !strcmp(name, "update");
    idx k = self->kind == A_LIST ? 0 : self->kind == A_DICT ? 1 : 2;
    CallArgs c = {sort ? name : arena_printf(f->arena, "%s.%s", of[k], name),
                  NULL,
                  0,
                  kw,
                  ARENA_NEW_N(f->arena, nkw + 1, AVal *),
                  nkw};
    (void)call_words(f, &c, sort ? "*key *reverse" : update ? "**" : "");
}

/* list.index() and .count() that are loops of the library's: between bounds, or of a
 * number of another kind; NULL: no such call. */
static AVal *list_seek(Front *f, AVal *self, const char *name, AVal *const *arg,
                       idx narg)
{
    bool index = !strcmp(name, "index"), count = !strcmp(name, "count");
    if (self->kind != A_LIST || !(index || count)) return NULL;
    if (index && narg > 1 && narg < 4) {
        AVal *all[4] = {self, arg[0], arg[1], narg > 2 ? arg[2] : av_int(f, INT64_MAX)};
        return library_call(f, "list.index", all, 4);
    }
    if (narg != 1 || !box_foreign(f, self, arg[0])) return NULL;
    AVal *all[4] = {self, arg[0], av_int(f, 0), av_int(f, INT64_MAX)};
    return library_call(f, count ? "list.count" : "list.index", all, count ? 2 : 4);
}

/* Of the methods that are done when compiling. */
static AVal *known_method(Front *f, AVal *self, const char *name, AVal *const *arg,
                          idx narg)
{
    for (idx i = 0; i < COUNT_OF(methods); i++) {
        if (methods[i].kind != self->kind || strcmp(methods[i].name, name) != 0)
            continue;
        if (narg < methods[i].least || narg > methods[i].most)
            front_fail(f, E_TYPE, "%s() takes %d argument%s (%lld given)", name,
                       methods[i].most, methods[i].most == 1 ? "" : "s",
                       (long long)narg);
        return methods[i].run(f, self, arg, narg);
    }
    front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", av_type_text(f, self),
               name);
}

AVal *object_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw)
{
    if (self->rec && record_has_method(self, name))
        return record_method(f, self, name, arg, narg, kw, kwval, nkw);
    if (time_is(self)) return time_method(f, self, name, arg, narg, kw, kwval, nkw);
    if (range_has_method(self, name)) return range_method(f, self, name, arg, narg);
    if (num_has_method(self, name)) return num_method(f, self, name, arg, narg, nkw);
    if (bytes_is(self)) return bytes_method(f, self, name, arg, narg, kw, kwval, nkw);
    bool is_str = !strcmp(builtin_type_name(self), "str");
    if (is_str && !strcmp(name, "format"))
        return text_template(f, self, arg, narg, kw, kwval, nkw);
    int op = is_str ? op_lookup(arena_printf(f->arena, "str.%s", name), NULL) : -1;
    if (op >= 0)
        return front_call_op(f, (Op)op, arena_printf(f->arena, "str.%s", name), self,
                             arg, narg, kw, kwval, nkw, f->call);
    bool text =
        self->kind == A_SCALAR || text_is_run(f, self) ||
        (self->kind == A_CONST && self->ck == AC_STR && !strcmp(name, "encode"));
    if (self->kind == A_CONST && self->ck == AC_STR && text_has_method(name))
        for (idx i = 0; i < narg; i++)
            text |= !front_is_const(arg[i]) || arg_is_run(f, arg[i]);
    if (text) return text_method(f, self, name, arg, narg, kw, kwval, nkw);
    AVal *sought = list_seek(f, self, name, arg, narg);
    if (sought) return sought;
    method_words(f, self, name, kw, nkw);
    AVal *items = NULL;
    if (narg == 1 && (!strcmp(name, "extend") || !strcmp(name, "update"))) {
        items = opt_iterable(f, arg[0]);
        arg = &items;
    }
    bool stores =
        self->kind == A_LIST && (!strcmp(name, "append") || !strcmp(name, "extend"));
    idx keys = stores ? 0 : narg > 1 ? 1 : narg; /* arguments that are looked for */
    if (box_wants(f, self, arg, keys) ||
        method_wants_box(f, self, name, arg, narg, nkw))
        return box_method(f, self, name, arg, narg, kw, kwval, nkw);
    if (nkw)
        front_unsup(f, UNSUP_METHOD, "%s() with keyword argument %s is not supported",
                    name, kw[0]);
    if (self->kind == A_CONST) return known_text_method(f, self, name, arg, narg);
    return known_method(f, self, name, arg, narg);
}

/* -- f-strings --------------------------------------------------------------------- */
static AVal *formatted(Front *f, const Ast *p)
{
    AVal *v = lower_expr(f, p->a);
    AVal *spec = p->b ? lower_expr(f, p->b) : av_str(f, "", 0);
    bool plain = v->kind == A_CONST && v->ck == AC_STR && !p->b && p->i <= 0;
    if (plain && !text_is_run(f, v) && !arg_is_run(f, v)) return v;
    return text_formatted(f, v, p->i > 0 ? (char)p->i : 0, spec);
}

AVal *lower_fstring(Front *f, const Ast *e)
{
    AVal *text = av_str(f, "", 0);
    for (idx i = 0; i < e->list.n; i++) {
        const Ast *p = e->list.at[i];
        AVal *v = p->kind == AST_FormattedValue ? formatted(f, p) : lower_expr(f, p);
        text = lower_binop(f, AST_Add, text, v);
        if (!text) front_fail(f, E_TYPE, "a part of an f-string is no text");
    }
    return text;
}
