/* SPDX-License-Identifier: Apache-2.0
 * pd.concat: tables one after the other (a CONCAT node) or side by side on one axis.
 * Keys, a dict's or given, become the first level of the index, or of the columns.
 */
#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

/* What is concatenated: n objects, those that are None left out. */
typedef struct Parts {
    AVal **obj, **key; /* key: NULL where there are none */
    Frame **t;
    idx n;
    bool series;       /* all of them */
    AVal *const *name; /* of the index's levels, given by the user; NULL */
    idx nname;
} Parts;

/* The type that holds values of both; missing: some table has no such column. */
static Type join_type(Front *f, Type a, Type b, const AVal *label)
{
    Type t;
    if (type_zone(a) != type_zone(b))
        front_unsup(f, UNSUP_ZONE, "concat() of times of different time zones");
    if (a.dt == b.dt && a.unit == b.unit) {
        t = a.null >= b.null ? a : b;
        return t;
    }
    bool bools = (a.dt == DT_BOOL) != (b.dt == DT_BOOL);
    if (bools || !type_promote(a, b, &t))
        unsup(f,
              "concat(): column %s is %s in one table and %s in another; use astype()",
              label_text(f, label), dtype_text(f, a), dtype_text(f, b));
    return type_with(t, TY_COL);
}

static Val *missing_col(Front *f, const Frame *t, Type type)
{
    Val *arg[] = {t->rows, missing_scalar(f, type)};
    return put_val(f, OP_FILL, arg, 2, type, t->axis);
}

static Val *as_type(Front *f, Val *v, Type t)
{
    return v->type.dt == t.dt && v->type.unit == t.unit ? v : front_cast(f, v, t);
}

/* One output column: an input per table. */
static Type gather_col(Front *f, Frame *const *t, idx k, const AVal *label, ValVec *arg)
{
    Type type = {0};
    bool first = true, missing = false;
    Val **col = ARENA_NEW_N(f->arena, k + 1, Val *);
    for (idx i = 0; i < k; i++) {
        idx at = frame_find(t[i], label);
        if (at >= 0) col[i] = t[i]->col.at[at];
    }
    if (cat_unify(f, col, k)) {
        Val *like = NULL;
        for (idx i = 0; i < k && !like; i++)
            like = col[i];
        for (idx i = 0; i < k; i++)
            if (!col[i]) col[i] = cat_missing(f, t[i]->rows, t[i]->axis, like);
    }
    for (idx i = 0; i < k; i++) {
        missing |= !col[i];
        if (!col[i]) continue;
        type = first ? col[i]->type : join_type(f, type, col[i]->type, label);
        first = false;
    }
    if (missing && dt_is_int((DType)type.dt) && type.null != NULL_MASK)
        type = type_col(DT_F64); /* pandas fills with NaN */
    if (missing) type = type_missing(type);
    for (idx i = 0; i < k; i++)
        val_push(f, arg,
                 col[i] ? as_type(f, col[i], type) : missing_col(f, t[i], type));
    return type;
}

static bool in_all(Frame *const *t, idx k, const AVal *label)
{
    for (idx i = 0; i < k; i++)
        if (frame_find(t[i], label) < 0) return false;
    return true;
}

/* The columns of the result, and in arg the inputs of each. */
static Frame *columns_of(Front *f, Call *c, const Parts *p)
{
    bool inner = av_is_str(call_arg(f, c, "join"), "inner");
    Frame *names = table_new(f, NULL, NULL, NULL);
    for (idx i = 0; i < p->n; i++)
        vec_each (j, &p->t[i]->name) {
            AVal *label = p->t[i]->name.at[j];
            if (frame_find(names, label) >= 0 || (inner && !in_all(p->t, p->n, label)))
                continue;
            table_add(f, names, label, p->t[i]->col.at[j]);
        }
    return names;
}

/* The index levels of every table, its key before them; how many there are. */
static int32_t levels_of(Front *f, const Parts *p, ValVec *level)
{
    int32_t n = index_depth(p->t[0]->index) + (p->key ? 1 : 0);
    for (idx i = 0; i < p->n; i++) {
        if (p->key)
            val_push(f, &level[i], table_column(f, p->t[i], p->key[i], "concat()"));
        index_vals(f, p->t[i]->index, &level[i]);
        if (level[i].v.n != n) unsup(f, "concat(): indexes of different depth");
    }
    return n;
}

/* Level l of every table as one type, pushed to arg. */
static Type gather_level(Front *f, const Parts *p, ValVec *level, int32_t l,
                         ValVec *arg)
{
    Val **part = ARENA_NEW_N(f->arena, p->n + 1, Val *);
    for (idx i = 0; i < p->n; i++)
        part[i] = level[i].v.at[l];
    (void)cat_unify(f, part, p->n);
    Type t = part[0]->type;
    for (idx i = 1; i < p->n; i++)
        t = join_type(f, t, part[i]->type, av_str(f, "index", 5));
    for (idx i = 0; i < p->n; i++)
        val_push(f, arg, as_type(f, part[i], t));
    return t;
}

/* Names of the result's levels: what is given, then what all tables call them. */
static const char **level_names(Front *f, const Parts *p, int32_t nlevel)
{
    const char **out = ARENA_NEW_N(f->arena, nlevel + 1, const char *);
    int32_t own = p->key ? 1 : 0;
    if (p->nname > 1 && p->nname != nlevel)
        front_fail(f, E_VALUE,
                   "Length of names must match number of levels in MultiIndex.");
    for (int32_t l = 0; l < nlevel; l++) {
        if (l < p->nname) {
            out[l] = label_name(f, p->name[l]);
            continue;
        }
        if (l < own) continue;
        out[l] = p->t[0]->index->name[l - own];
        for (idx i = 1; i < p->n; i++) {
            if (p->t[i]->index->name[l - own] == out[l]) continue;
            if (own) /* pandas takes the first one's if all labels are the same */
                unsup(f, "concat() with keys of indexes that have different names; "
                         "give names= for all levels");
            out[l] = NULL;
        }
    }
    return out;
}

static Frame *concat_rows(Front *f, Call *c, const Parts *p)
{
    bool range = call_bool(f, c, "ignore_index");
    Frame *names = columns_of(f, c, p);
    ValVec arg = {0};
    for (idx i = 0; i < p->n; i++)
        val_push(f, &arg, p->t[i]->rows);
    ValVec *level = ARENA_NEW_N(f->arena, p->n + 1, ValVec);
    int32_t nlevel = range ? 0 : levels_of(f, p, level);
    idx nres = names->name.n + nlevel;
    Type *type = ARENA_NEW_N(f->arena, nres + 1, Type);
    vec_each (j, &names->name)
        type[j] = gather_col(f, p->t, p->n, names->name.at[j], &arg);
    for (int32_t l = 0; l < nlevel; l++)
        type[names->name.n + l] = gather_level(f, p, level, l, &arg);
    Node *n = put_node(f, OP_CONCAT, arg.v.at, arg.v.n, 1 + nres);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    for (idx j = 0; j < nres; j++)
        val_init(f->fn, &n->res[1 + j], type[j], axis);
    node_set_int(f->fn, n, "k", p->n);
    node_set_int(f->fn, n, "ncol", nres);
    Frame *r = table_new(f, axis, &n->res[0], NULL);
    vec_each (j, &names->name)
        table_add(f, r, names->name.at[j], &n->res[1 + j]);
    if (range) return r;
    Val **lv = ARENA_NEW_N(f->arena, nlevel + 1, Val *);
    for (int32_t l = 0; l < nlevel; l++)
        lv[l] = &n->res[1 + names->name.n + l];
    r->index = index_levels(f, lv, level_names(f, p, nlevel), nlevel);
    return r;
}

/* The label of column j of part i beside others: under a key, or its own. */
static AVal *label_beside(Front *f, const Parts *p, idx i, idx j, int64_t *unnamed)
{
    AVal *name = p->t[i]->name.at[j];
    bool series = p->obj[i]->kind == A_SERIES;
    if (!p->key) {
        return series && av_is_none(name) ? av_int(f, (*unnamed)++) : name;
    }
    if (p->nname) unsup(f, "concat(axis=1): names= of the columns' levels");
    if (series != p->series)
        unsup(f,
              "concat(axis=1) with keys of a Series and a DataFrame; use to_frame()");
    if (!front_is_const(p->key[i]))
        unsup(f, "concat(axis=1): a key that is only known at run time");
    if (series) return p->key[i];
    if (name->kind == A_TUPLE || p->t[i]->columns_name)
        unsup(f, "concat(axis=1) with keys of columns that have levels or a name");
    return av_tuple(f, (AVal *[]){p->key[i], name}, 2);
}

static Frame *concat_cols(Front *f, Call *c, const Parts *p)
{
    Frame *r = table_new(f, p->t[0]->axis, p->t[0]->rows, p->t[0]->index);
    bool numbered = call_bool(f, c, "ignore_index");
    int64_t unnamed = 0;
    for (idx i = 0; i < p->n; i++)
        vec_each (j, &p->t[i]->col) {
            AVal *own = p->t[i]->name.at[j];
            AVal *s = av_series(f, p->t[i]->col.at[j], p->t[i]->index, own);
            AVal *name =
                numbered ? av_int(f, r->col.n) : label_beside(f, p, i, j, &unnamed);
            if (frame_find(r, name) >= 0)
                unsup(f, "concat(axis=1): the column %s twice", label_text(f, name));
            table_add(f, r, name, table_column(f, r, s, "concat(axis=1)"));
        }
    return r;
}

/* pd.concat([collected, df, ...]): what a prange concatenates, and more. */
static AVal *concat_collected(Front *f, Call *c, AVal *const *item, idx n)
{
    AVal *axis = call_arg(f, c, "axis");
    if (axis->ck != AC_INT || axis->i != 0)
        unsup(f, "concat(axis=1) of what a prange concatenates");
    for (idx i = 1; i < n; i++)
        if (!av_is_none(item[i]))
            collect_add(f, item[0], item[i], call_bool(f, c, "ignore_index"));
    return item[0];
}

/* The handle of a list that exists at run time; NULL: its contents are known. */
Val *run_list(Front *f, AVal *v)
{
    if (v->kind == A_VIEW) v = box_iterated(f, v);
    return v->kind == A_LIST ? box_get(f, v) : NULL;
}

/* -- Objects and keys ------------------------------------------------------------ */
typedef struct Items {
    AVal *const *at, *const *key; /* key: NULL */
    idx n;
} Items;

static bool is_key(const AVal *v)
{
    if (v->kind == A_CONST)
        return v->ck == AC_INT || v->ck == AC_STR || v->ck == AC_FLOAT ||
               v->ck == AC_BOOL;
    if (v->kind != A_SCALAR) return false;
    DType t = (DType)v->val->type.dt;
    return dt_is_num(t) || t == DT_BOOL || t == DT_STR;
}

/* keys=: as many as objects, or of a dict those that are wanted. */
static void take_keys(Front *f, AVal *keys, AVal *dict, Items *of)
{
    AVal **item, **obj;
    idx n;
    if (!lower_items(f, keys, &item, &n))
        unsup(f, "concat(): keys= that are only known at run time");
    if (!dict && n != of->n)
        front_fail(
            f, E_VALUE,
            "The length of the keys (%d) must match the length of the objects to "
            "concatenate (%d)",
            (int)n, (int)of->n);
    if (dict) {
        obj = ARENA_NEW_N(f->arena, n + 1, AVal *);
        for (idx i = 0; i < n; i++) {
            obj[i] = dict_get(f, dict, item[i]);
            if (!obj[i]) front_fail(f, E_KEY, "%s", label_text(f, item[i]));
        }
        of->at = obj;
    }
    of->key = item;
    of->n = n;
}

static Items items_of(Front *f, Call *c, AVal *objs)
{
    AVal *keys = call_arg(f, c, "keys");
    Items r = {0};
    if (objs->kind == A_TUPLE) {
        r.at = objs->item;
        r.n = objs->n;
    } else if (objs->kind == A_LIST || objs->kind == A_DICT) {
        const Container *k = front_items(f, objs);
        r.n = k->item.n;
        r.at = av_tuple(f, k->item.at, r.n)->item;
        if (objs->kind == A_DICT) r.key = av_tuple(f, k->key.at, r.n)->item;
    } else {
        front_fail(
            f, E_TYPE,
            "first argument must be an iterable of pandas objects, you passed an "
            "object of type \"%s\"",
            av_type_text(f, objs));
    }
    if (!av_is_none(keys)) take_keys(f, keys, objs->kind == A_DICT ? objs : NULL, &r);
    for (idx i = 0; r.key && i < r.n; i++)
        if (!is_key(r.key[i]))
            unsup(f, "concat(): keys that are %s; numbers and text are supported",
                  av_type_text(f, r.key[i]));
    return r;
}

/* The objects that are not None, as tables. */
static Parts parts_of(Front *f, const Items *of)
{
    Parts p = {.series = true};
    p.obj = ARENA_NEW_N(f->arena, of->n + 1, AVal *);
    p.t = ARENA_NEW_N(f->arena, of->n + 1, Frame *);
    if (of->key) p.key = ARENA_NEW_N(f->arena, of->n + 1, AVal *);
    for (idx i = 0; i < of->n; i++) {
        AVal *v = of->at[i];
        opt_refuse(f, v);
        if (av_is_none(v)) continue;
        if (v->kind != A_FRAME && v->kind != A_SERIES)
            front_fail(
                f, E_TYPE,
                "cannot concatenate object of type '%s'; only Series and DataFrame "
                "objs are valid",
                av_type_text(f, v));
        Frame *one = table_of(f, v);
        if (!one->rows) continue; /* pd.DataFrame() */
        p.series = p.series && v->kind == A_SERIES;
        if (p.key) p.key[p.n] = of->key[i];
        p.obj[p.n] = v;
        p.t[p.n++] = one;
    }
    return p;
}

static void take_names(Front *f, Call *c, Parts *p)
{
    AVal *names = call_arg(f, c, "names"), **item;
    if (av_is_none(names) || !p->key) return; /* without keys pandas ignores them */
    bool list = names->kind == A_LIST || names->kind == A_TUPLE;
    if (!list || !lower_items(f, names, &item, &p->nname))
        unsup(f, "concat(): names= must be a list of names known when compiling");
    p->name = item;
}

/* Of a list or dict that only the run time knows; NULL: it is none. */
static AVal *concat_run(Front *f, Call *c, AVal *objs)
{
    AVal *keys = call_arg(f, c, "keys"), *axis = call_arg(f, c, "axis");
    if (axis->ck != AC_INT || axis->i != 0) return NULL;
    bool range = call_bool(f, c, "ignore_index"), dict = objs->kind == A_DICT;
    if (dict && !box_get(f, objs)) return NULL;
    if (dict && !av_is_none(keys))
        unsup(f, "concat() of a dict that only the run time knows, with keys=");
    if (dict && range) objs = box_listing(f, objs, 'v');
    Val *list = run_list(f, objs);
    if (!list && !dict) return NULL;
    if (range || (!dict && av_is_none(keys))) return form_concat(f, list, range);
    AVal *arg[3] = {objs, call_arg(f, c, "names"), keys};
    return library_call(f, dict ? "pd.concat_dict" : "pd.concat_keys", arg,
                        dict ? 2 : 3);
}

AVal *build_concat(Front *f, Call *c)
{
    AVal *objs = call_arg(f, c, "objs"), *axis = call_arg(f, c, "axis");
    AVal *run = concat_run(f, c, objs);
    if (run) return run;
    Items of = items_of(f, c, objs);
    if (of.n && of.at[0]->kind == A_COLLECT) return concat_collected(f, c, of.at, of.n);
    if (of.n == 0) front_fail(f, E_VALUE, "No objects to concatenate");
    Parts p = parts_of(f, &of);
    if (p.n == 0) return av_frame(f, table_new(f, NULL, NULL, NULL));
    take_names(f, c, &p);
    bool cols = av_is_str(axis, "columns") || (axis->ck == AC_INT && axis->i == 1);
    if (cols) return av_frame(f, concat_cols(f, c, &p));
    if (!p.series) return av_frame(f, concat_rows(f, c, &p));
    AVal *name = p.t[0]->name.at[0];
    for (idx i = 1; i < p.n; i++)
        if (!av_equal(p.t[i]->name.at[0], name)) name = av_none(f);
    for (idx i = 0; i < p.n; i++)
        p.t[i]->name.at[0] = name;
    return table_as(f, p.obj[0], concat_rows(f, c, &p));
}
