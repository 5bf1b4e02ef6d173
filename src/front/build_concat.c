/* SPDX-License-Identifier: Apache-2.0
 * pd.concat: tables one after the other (a CONCAT node) or side by side on one axis.
 */
#include "front/build.h"
#include "front/front_int.h"

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

static Frame *concat_rows(Front *f, Call *c, Frame *const *t, idx k)
{
    bool inner = av_is_str(call_arg(f, c, "join"), "inner");
    bool range = call_bool(f, c, "ignore_index");
    Frame *names = table_new(f, NULL, NULL, NULL);
    for (idx i = 0; i < k; i++)
        vec_each (j, &t[i]->name) {
            AVal *label = t[i]->name.at[j];
            if (frame_find(names, label) >= 0 || (inner && !in_all(t, k, label)))
                continue;
            table_add(f, names, label, t[i]->col.at[j]);
        }
    ValVec arg = {0};
    for (idx i = 0; i < k; i++)
        val_push(f, &arg, t[i]->rows);
    int32_t nlevel = range ? 0 : index_depth(t[0]->index);
    idx nres = names->name.n + nlevel;
    Type *type = ARENA_NEW_N(f->arena, nres + 1, Type);
    vec_each (j, &names->name)
        type[j] = gather_col(f, t, k, names->name.at[j], &arg);
    ValVec *level = ARENA_NEW_N(f->arena, k + 1, ValVec);
    for (idx i = 0; nlevel && i < k; i++) {
        index_vals(f, t[i]->index, &level[i]);
        if (level[i].v.n != nlevel) unsup(f, "concat(): indexes of different depth");
    }
    for (int32_t l = 0; l < nlevel; l++) {
        Val **part = ARENA_NEW_N(f->arena, k + 1, Val *);
        for (idx i = 0; i < k; i++)
            part[i] = level[i].v.at[l];
        cat_unify(f, part, k);
        for (idx i = 0; i < k; i++)
            level[i].v.at[l] = part[i];
        Type ty = level[0].v.at[l]->type;
        for (idx i = 1; i < k; i++)
            ty = join_type(f, ty, level[i].v.at[l]->type, av_str(f, "index", 5));
        for (idx i = 0; i < k; i++)
            val_push(f, &arg, as_type(f, level[i].v.at[l], ty));
        type[names->name.n + l] = ty;
    }
    Node *n = put_node(f, OP_CONCAT, arg.v.at, arg.v.n, 1 + nres);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    for (idx j = 0; j < nres; j++)
        val_init(f->fn, &n->res[1 + j], type[j], axis);
    node_set_int(f->fn, n, "k", k);
    node_set_int(f->fn, n, "ncol", nres);
    Frame *r = table_new(f, axis, &n->res[0], NULL);
    vec_each (j, &names->name)
        table_add(f, r, names->name.at[j], &n->res[1 + j]);
    if (range) return r;
    Val **lv = ARENA_NEW_N(f->arena, nlevel + 1, Val *);
    const char **ln = ARENA_NEW_N(f->arena, nlevel + 1, const char *);
    for (int32_t l = 0; l < nlevel; l++) {
        lv[l] = &n->res[1 + names->name.n + l];
        ln[l] = t[0]->index->name[l];
        for (idx i = 1; i < k; i++)
            if (t[i]->index->name[l] != ln[l]) ln[l] = NULL;
    }
    r->index = index_levels(f, lv, ln, nlevel);
    return r;
}

static Frame *concat_cols(Front *f, AVal *const *obj, Frame *const *t, idx k)
{
    Frame *r = table_new(f, t[0]->axis, t[0]->rows, t[0]->index);
    int64_t unnamed = 0;
    for (idx i = 0; i < k; i++)
        vec_each (j, &t[i]->col) {
            AVal *name = t[i]->name.at[j];
            AVal *s = av_series(f, t[i]->col.at[j], t[i]->index, name);
            if (obj[i]->kind == A_SERIES && av_is_none(name))
                name = av_int(f, unnamed++);
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

AVal *build_concat(Front *f, Call *c)
{
    AVal *objs = call_arg(f, c, "objs"), *axis = call_arg(f, c, "axis");
    Val *list = run_list(f, objs);
    if (list && axis->ck == AC_INT && axis->i == 0)
        return form_concat(f, list, call_bool(f, c, "ignore_index"));
    if (objs->kind == A_DICT)
        unsup(f, "concat() of a dict, whose keys would become a level of the index: "
                 "give it list(d.values()), with the key as a column of each");
    if (objs->kind != A_LIST && objs->kind != A_TUPLE)
        front_fail(
            f, E_TYPE,
            "first argument must be an iterable of pandas objects, you passed an "
            "object of type \"%s\"",
            av_type_text(f, objs));
    AVal *const *item =
        objs->kind == A_TUPLE ? objs->item : front_items(f, objs)->item.at;
    idx n = objs->kind == A_TUPLE ? objs->n : front_items(f, objs)->item.n, k = 0;
    if (n && item[0]->kind == A_COLLECT) return concat_collected(f, c, item, n);
    AVal **obj = ARENA_NEW_N(f->arena, n + 1, AVal *);
    Frame **t = ARENA_NEW_N(f->arena, n + 1, Frame *);
    bool series = true;
    for (idx i = 0; i < n; i++) {
        if (av_is_none(item[i])) continue;
        if (item[i]->kind != A_FRAME && item[i]->kind != A_SERIES)
            front_fail(
                f, E_TYPE,
                "cannot concatenate object of type '%s'; only Series and DataFrame "
                "objs are valid",
                av_type_text(f, item[i]));
        Frame *one = table_of(f, item[i]);
        if (!one->rows) continue; /* pd.DataFrame() */
        series = series && item[i]->kind == A_SERIES;
        obj[k] = item[i];
        t[k++] = one;
    }
    if (n == 0) front_fail(f, E_VALUE, "No objects to concatenate");
    if (k == 0) return av_frame(f, table_new(f, NULL, NULL, NULL));
    bool cols = av_is_str(axis, "columns") || (axis->ck == AC_INT && axis->i == 1);
    if (cols) return av_frame(f, concat_cols(f, obj, t, k));
    if (!series) return av_frame(f, concat_rows(f, c, t, k));
    AVal *name = t[0]->name.at[0];
    for (idx i = 1; i < k; i++)
        if (!av_equal(t[i]->name.at[0], name)) name = av_none(f);
    for (idx i = 0; i < k; i++)
        t[i]->name.at[0] = name;
    return table_as(f, obj[0], concat_rows(f, c, t, k));
}
