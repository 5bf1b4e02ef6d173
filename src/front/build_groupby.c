/* SPDX-License-Identifier: Apache-2.0
 * groupby: the grouping is remembered (struct Group) until an aggregate is asked for;
 * then one GROUPBY node computes all aggregates of all columns.
 */
#include "front/front_int.h"
#include "front/group.h"

/* One output column: which aggregate of which column, under which label. */
typedef struct AggCol {
    AVal *name;
    Val *col; /* NULL for size */
    const AVal *of;
    int kind;
    int64_t ddof, min_count;
} AggCol;

typedef struct AggList {
    VEC(AggCol) v;
} AggList;

/* -- groupby() ------------------------------------------------------------------ */
static void add_key(Front *f, Group *g, AVal *by)
{
    Frame *t = g->table;
    if (by->kind == A_SERIES || by->kind == A_ARRAY) {
        Val *own = table_column(f, t, by, "groupby()"), *col = days_plain(f, own);
        vec_push(f->arena, &g->key, col);
        vec_push(f->arena, &g->name, by->kind == A_SERIES ? by->name : av_none(f));
        idx at = by->kind == A_SERIES ? frame_find(t, by->name) : -1;
        vec_push(f->arena, &g->in_table, !g->series && at >= 0 && t->col.at[at] == own);
        return;
    }
    if (!av_is_label(by))
        unsup(f, "groupby(): a key must be a column name or a Series, not %s",
              av_type_text(f, by));
    idx at = g->series ? -1 : frame_find(t, by);
    if (at >= 0) {
        vec_push(f->arena, &g->key, days_plain(f, t->col.at[at]));
        vec_push(f->arena, &g->in_table, true);
    } else {
        const char *name = label_name(f, by);
        int32_t k = 0;
        while (k < index_depth(t->index) && (!name || t->index->name[k] != name))
            k++;
        if (k == index_depth(t->index)) front_fail(f, E_KEY, "%s", label_text(f, by));
        ValVec level = {0};
        index_vals(f, t->index, &level);
        vec_push(f->arena, &g->key, level.v.at[k]);
        vec_push(f->arena, &g->in_table, false);
    }
    vec_push(f->arena, &g->name, by);
}

static void add_levels(Front *f, Group *g, AVal *level)
{
    bool all0 = level->kind == A_CONST && level->ck == AC_INT && level->i == 0;
    if (!all0 || index_depth(g->table->index) != 1)
        unsup(f, "groupby(): level parameter only supports 0 on a simple index");
    ValVec v = {0};
    index_vals(f, g->table->index, &v);
    vec_push(f->arena, &g->key, v.v.at[0]);
    vec_push(f->arena, &g->in_table, false);
    vec_push(f->arena, &g->name, name_label(f, g->table->index->name[0]));
}

AVal *build_groupby(Front *f, Call *c)
{
    Group *g = ARENA_NEW(f->arena, Group);
    g->table = table_of(f, c->self);
    g->series = c->self->kind == A_SERIES;
    AVal *by = call_arg(f, c, "by"), *level = call_arg(f, c, "level");
    if (!g->table->rows) unsup(f, "groupby(): a DataFrame without columns");
    if (av_is_none(by) && av_is_none(level))
        front_fail(f, E_TYPE, "You have to supply one of 'by' and 'level'");
    AVal *const *item = &by;
    idx n = av_is_none(by) ? 0 : 1;
    if (by->kind == A_LIST) {
        item = front_items(f, by)->item.at;
        n = front_items(f, by)->item.n;
    } else if (by->kind == A_TUPLE) {
        item = by->item;
        n = by->n;
    }
    if (n == 0 && av_is_none(level)) front_fail(f, E_VALUE, "No group keys passed!");
    for (idx i = 0; i < n; i++)
        add_key(f, g, item[i]);
    if (!av_is_none(level)) add_levels(f, g, level);
    g->as_index = call_bool(f, c, "as_index");
    g->sort = call_bool(f, c, "sort");
    g->dropna = call_bool(f, c, "dropna");
    g->observed = call_bool(f, c, "observed");
    AVal *r = ARENA_NEW(f->arena, AVal);
    r->obj = -1;
    r->kind = A_GROUPBY;
    r->group = g;
    r->loc = f->loc;
    return r;
}

/* g["c"], g[["a", "b"]] */
AVal *group_select(Front *f, AVal *v, AVal *key)
{
    Group *g = ARENA_NEW(f->arena, Group);
    *g = *v->group;
    if (g->series || g->selected) front_fail(f, E_INDEX, "Column(s) already selected");
    bool one = av_is_label(key) && frame_find(g->table, key) >= 0;
    AVal *labels = av_labels(f, key);
    if (!labels) unsup(f, "groupby()[...]: columns must be chosen by name");
    g->selected = true;
    g->series = one || key->kind == A_CONST;
    g->pick.n = g->pick.cap = 0;
    if (one) {
        vec_push(f->arena, &g->pick, key);
    } else {
        for (idx i = 0; i < labels->n; i++) {
            if (frame_find(g->table, labels->item[i]) < 0)
                front_fail(f, E_KEY,
                           key->kind == A_CONST ? "'Column not found: %s'"
                                                : "\"Columns not found: %s\"",
                           key->kind == A_CONST ? label_name(f, labels->item[i])
                                                : label_text(f, labels->item[i]));
            vec_push(f->arena, &g->pick, labels->item[i]);
        }
    }
    AVal *r = ARENA_NEW(f->arena, AVal);
    *r = *v;
    r->group = g;
    return r;
}

AVal *group_attr(Front *f, AVal *v, const char *name)
{
    AVal *label = av_str(f, name, (idx)strlen(name));
    if (v->group->series || frame_find(v->group->table, label) < 0) return NULL;
    return group_select(f, v, label);
}

/* -- Which columns are aggregated ----------------------------------------------- */
static bool is_key(const Group *g, const AVal *name)
{
    vec_each (k, &g->name)
        if (g->in_table.at[k] && av_equal(g->name.at[k], name)) return true;
    return false;
}

static void value_labels(Front *f, const Group *g, AVal ***out, idx *n)
{
    const Frame *t = g->table;
    *out = ARENA_NEW_N(f->arena, t->col.n + g->pick.n + 1, AVal *);
    *n = 0;
    if (g->selected) {
        vec_each (i, &g->pick)
            (*out)[(*n)++] = g->pick.at[i];
        return;
    }
    vec_each (i, &t->name)
        if (!is_key(g, t->name.at[i])) (*out)[(*n)++] = t->name.at[i];
}

/* -- The node ------------------------------------------------------------------- */
typedef struct Grouped {
    Axis *axis;
    Val *rows;
    Val **key, **agg;
} Grouped;

/* Of Python's timedeltas pandas makes timedelta64 where it computes. */
static Val *agg_col(Front *f, const AggCol *ac)
{
    bool keeps = ac->kind == AGG_COUNT || ac->kind == AGG_NUNIQUE ||
                 ac->kind == AGG_SIZE || ac->kind == AGG_FIRST || ac->kind == AGG_LAST;
    return keeps || !ac->col ? ac->col : days_plain(f, ac->col);
}

static Grouped group_node(Front *f, const Group *g, const AggList *a)
{
    idx nkey = g->key.n, nagg = a->v.n;
    Val **of = ARENA_NEW_N(f->arena, nagg + 1, Val *);
    ValVec arg = {0};
    val_push(f, &arg, g->table->rows);
    vec_each (k, &g->key)
        val_push(f, &arg, g->key.at[k]);
    int64_t *kinds = ARENA_NEW_N(f->arena, nagg + 1, int64_t);
    int64_t *cols = ARENA_NEW_N(f->arena, nagg + 1, int64_t);
    int64_t *ddof = ARENA_NEW_N(f->arena, nagg + 1, int64_t);
    int64_t *least = ARENA_NEW_N(f->arena, nagg + 1, int64_t);
    for (idx i = 0; i < nagg; i++) {
        const AggCol *ac = &a->v.at[i];
        kinds[i] = ac->kind;
        ddof[i] = ac->ddof;
        least[i] = ac->min_count;
        cols[i] = -1;
        of[i] = agg_col(f, ac);
        if (!of[i]) continue;
        for (idx k = 1 + nkey; k < arg.v.n; k++)
            if (arg.v.at[k] == of[i]) cols[i] = k - 1 - nkey;
        if (cols[i] >= 0) continue;
        cols[i] = arg.v.n - 1 - nkey;
        val_push(f, &arg, of[i]);
    }
    Node *n = put_node(f, OP_GROUPBY, arg.v.at, arg.v.n, 1 + nkey + nagg);
    Grouped r = {.axis = axis_new(f->fn), .rows = &n->res[0]};
    val_init(f->fn, r.rows, type_scalar(DT_I64), NULL);
    r.axis->rows = r.rows;
    r.key = ARENA_NEW_N(f->arena, nkey + 1, Val *);
    r.agg = ARENA_NEW_N(f->arena, nagg + 1, Val *);
    for (idx k = 0; k < nkey; k++) {
        r.key[k] = &n->res[1 + k];
        val_init(f->fn, r.key[k], g->key.at[k]->type, r.axis);
    }
    for (idx i = 0; i < nagg; i++) {
        const AggCol *ac = &a->v.at[i];
        Type in = of[i] ? of[i]->type : type_col(DT_I64);
        Type t = group_type(f, ac->kind, in, ac->of);
        if (ac->min_count > 0) t = type_missing(t);
        r.agg[i] = &n->res[1 + nkey + i];
        val_init(f->fn, r.agg[i], t, r.axis);
    }
    node_set_int(f->fn, n, "nkey", nkey);
    node_set_ints(f->fn, n, "aggs", kinds, nagg);
    node_set_ints(f->fn, n, "cols", cols, nagg);
    node_set_ints(f->fn, n, "ddof", ddof, nagg);
    node_set_ints(f->fn, n, "min_count", least, nagg);
    node_set_int(f->fn, n, "sort", g->sort);
    node_set_int(f->fn, n, "dropna", g->dropna);
    return r;
}

/* What an aggregate of no rows is; false: missing. */
static bool of_nothing(const AggCol *a, int64_t *v)
{
    *v = a->kind == AGG_PROD || a->kind == AGG_ALL;
    return a->min_count <= 0 &&
           (*v || a->kind == AGG_SUM || a->kind == AGG_COUNT || a->kind == AGG_SIZE ||
            a->kind == AGG_NUNIQUE || a->kind == AGG_ANY);
}

/* observed=False: a group for every category. */
static Grouped all_groups(Front *f, const Group *g, const AggList *a)
{
    Grouped r = group_node(f, g, a);
    bool any = false;
    vec_each (k, &g->key)
        any |= type_is_cat(g->key.at[k]->type);
    if (g->observed || !any) return r;
    if (g->key.n > 1 && (!g->sort || !g->dropna))
        front_unsup(f, UNSUP_CATEGORY,
                    "groupby(observed=False) by several keys with sort=False or "
                    "dropna=False, one of them categories");
    Type *was = ARENA_NEW_N(f->arena, a->v.n + 1, Type);
    for (idx i = 0; i < a->v.n; i++)
        was[i] = r.agg[i]->type;
    if (g->key.n > 1)
        cat_all_keys(f, g->key.at, r.key, g->key.n, r.agg, a->v.n);
    else
        cat_all_groups(f, g->sort, &r.key[0], r.agg, a->v.n);
    r.axis = r.key[0]->axis;
    r.rows = r.axis->rows;
    for (idx i = 0; i < a->v.n; i++) {
        int64_t v;
        if (!of_nothing(&a->v.at[i], &v)) continue;
        Val *fill = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), v);
        Val *arg[] = {r.agg[i], front_cast(f, fill, type_with(was[i], TY_SCALAR))};
        if (dt_is_time((DType)was[i].dt)) continue;
        r.agg[i] = front_cast(f, front_elem_val(f, OP_FILLNULL, arg, 2), was[i]);
    }
    return r;
}

static Index *key_index(Front *f, const Group *g, const Grouped *r)
{
    const char **name = ARENA_NEW_N(f->arena, g->key.n, const char *);
    vec_each (k, &g->name)
        name[k] = label_name(f, g->name.at[k]);
    return index_levels(f, r->key, name, g->key.n);
}

/* A frame of all aggregates: keys as the index, or as the first columns. */
static AVal *group_frame(Front *f, const Group *g, const AggList *a)
{
    Grouped r = all_groups(f, g, a);
    Frame *t = table_new(f, r.axis, r.rows, g->as_index ? key_index(f, g, &r) : NULL);
    if (!g->as_index)
        vec_each (k, &g->name) {
            /* A key that is no column and whose name an aggregate has is left out. */
            bool taken = false;
            vec_each (i, &a->v)
                if (av_equal(a->v.at[i].name, g->name.at[k])) taken = true;
            if (taken && !g->in_table.at[k]) continue;
            table_add(f, t, g->name.at[k], r.key[k]);
        }
    vec_each (i, &a->v) {
        if (frame_find(t, a->v.at[i].name) >= 0)
            front_fail(f, E_VALUE, "cannot insert %s, already exists",
                       label_name(f, a->v.at[i].name));
        table_add(f, t, a->v.at[i].name, r.agg[i]);
    }
    return av_frame(f, t);
}

static AVal *group_series(Front *f, const Group *g, const AggList *a)
{
    if (!g->as_index) return group_frame(f, g, a);
    if (a->v.n != 1 || !a->v.at)
        BUG("%lld aggregates of one column", (long long)a->v.n);
    Grouped r = all_groups(f, g, a);
    return av_series(f, r.agg[0], key_index(f, g, &r), a->v.at[0].name);
}

/* Of a nullable column pandas gives nullable sizes. */
static AVal *size_like(Front *f, const Group *g, AVal *r)
{
    if (!g->series) return r;
    AVal *name = g->selected ? g->pick.at[0] : g->table->name.at[0];
    Type of = table_col(f, g->table, name)->type, t = type_col(DT_I64);
    if (of.null != NULL_MASK || !dt_is_num((DType)of.dt)) return r;
    t.null = NULL_MASK;
    if (r->kind == A_SERIES)
        return av_series(f, front_cast(f, r->val, t), r->index, r->name);
    Frame *made = front_frame(f, r);
    Val **size = &made->col.at[made->col.n - 1];
    *size = front_cast(f, *size, t);
    return r;
}

/* -- Aggregates by name --------------------------------------------------------- */
static void agg_add(Front *f, const Group *g, AggList *a, AVal *name, const AVal *of,
                    int kind, int64_t ddof, int64_t min_count)
{
    AggCol ac = {
        .name = name, .of = of, .kind = kind, .ddof = ddof, .min_count = min_count};
    if (kind != AGG_SIZE) ac.col = table_col(f, g->table, of);
    if (kind == AGG_MEAN && ac.col && ac.col->type.dt == DT_F32 &&
        ac.col->type.null != NULL_MASK)
        ac.col = front_cast(f, ac.col, type_col(DT_F64));
    vec_push(f->arena, &a->v, ac);
}

static bool is_numeric(Type t)
{
    return dt_is_num((DType)t.dt);
}

AVal *build_gb_reduce(Front *f, Call *c)
{
    const Group *g = c->self->group;
    const char *m = call_short(c);
    int kind = agg_kind(m);
    if (kind < 0) BUG("no aggregate %s", m);
    int64_t ddof = 1, min_count = 0;
    bool numeric = false;
    for (idx i = 0; i < c->sig->n; i++) {
        const char *p = c->sig->p[i].name;
        if (!strcmp(p, "ddof")) ddof = call_int(f, c, p);
        if (!strcmp(p, "numeric_only")) numeric = call_bool(f, c, p);
        if (!strcmp(p, "min_count")) min_count = call_int(f, c, p);
    }
    /* min_count=-1 and 0 are "no least number" of all but sum and prod. */
    if (min_count < 0) min_count = 0;
    AggList a = {0};
    if (kind == AGG_SIZE) {
        AVal *name = g->as_index ? av_none(f) : av_str(f, "size", 4);
        if (g->series && g->as_index) {
            name = g->selected ? g->pick.at[0] : g->table->name.at[0];
        }
        agg_add(f, g, &a, name, NULL, kind, 0, 0);
        return size_like(f, g, group_series(f, g, &a));
    }
    AVal **label;
    idx n;
    value_labels(f, g, &label, &n);
    for (idx i = 0; i < n; i++) {
        Type t = table_col(f, g->table, label[i])->type;
        if (numeric && !is_numeric(t)) continue;
        agg_add(f, g, &a, label[i], label[i], kind, ddof, min_count);
    }
    return g->series ? group_series(f, g, &a) : group_frame(f, g, &a);
}

/* -- agg() ---------------------------------------------------------------------- */
/* The aggregate that v means: "sum", np.sum, sum, pd.Series.mean. */
static int agg_of(Front *f, const AVal *v, AVal **name)
{
    const char *s = NULL;
    if (v->kind == A_CONST && v->ck == AC_STR) s = v->s;
    if (v->kind == A_API || v->kind == A_METHOD) {
        s = v->kind == A_API ? v->s : op_info[v->op].names;
        const char *dot = strrchr(s, '.');
        s = dot ? dot + 1 : s;
    }
    if (!s)
        unsup(
            f,
            "agg(): user functions are not supported; name an aggregate: 'sum', "
            "'mean', "
            "'min', 'max', 'count', 'size', 'first', 'last', 'nunique', 'std', 'var', "
            "'median'");
    int kind = agg_kind(s);
    if (kind < 0)
        front_fail(f, E_ATTR, "'%sGroupBy' object has no attribute '%s'", "Series", s);
    if (name) *name = av_str(f, s, (idx)strlen(s));
    return kind;
}

/* One column's aggregates: a name, or a list of names (then labels are pairs). */
static void agg_one(Front *f, const Group *g, AggList *a, AVal *label, AVal *how,
                    bool pair)
{
    if (how->kind != A_LIST && how->kind != A_TUPLE) {
        AVal *name = label, *what;
        int kind = agg_of(f, how, &what);
        if (pair) name = av_tuple(f, (AVal *const[]){label, what}, 2);
        agg_add(f, g, a, name, label, kind, 1, 0);
        return;
    }
    AVal *const *item = how->kind == A_TUPLE ? how->item : front_items(f, how)->item.at;
    idx n = how->kind == A_TUPLE ? how->n : front_items(f, how)->item.n;
    for (idx i = 0; i < n; i++) {
        AVal *what;
        int kind = agg_of(f, item[i], &what);
        AVal *name = g->series ? what : av_tuple(f, (AVal *const[]){label, what}, 2);
        agg_add(f, g, a, name, label, kind, 1, 0);
    }
}

static void agg_dict(Front *f, const Group *g, AggList *a, AVal *dict)
{
    Container *d = front_items(f, dict);
    bool pair = false;
    vec_each (i, &d->item)
        if (d->item.at[i]->kind == A_LIST) pair = true;
    vec_each (i, &d->key) {
        if (frame_find(g->table, d->key.at[i]) < 0)
            front_fail(f, E_KEY, "\"Label(s) [%s] do not exist\"",
                       label_text(f, d->key.at[i]));
        agg_one(f, g, a, d->key.at[i], d->item.at[i], pair);
    }
}

/* agg(out=("col", "sum"), out2=pd.NamedAgg("col", "max")) */
static void agg_named(Front *f, Call *c, const Group *g, AggList *a)
{
    for (idx i = 0; i < c->nkw; i++) {
        AVal *v = c->kwval[i], *name = av_str(f, c->kw[i], (idx)strlen(c->kw[i]));
        if (g->series) {
            AVal *label = g->selected ? g->pick.at[0] : g->table->name.at[0];
            agg_add(f, g, a, name, label, agg_of(f, v, NULL), 1, 0);
            continue;
        }
        if (v->kind != A_TUPLE || v->n != 2)
            front_fail(f, E_TYPE,
                       "Must provide 'func' or tuples of '(column, aggfunc).'");
        if (frame_find(g->table, v->item[0]) < 0)
            front_fail(f, E_KEY, "\"Label(s) [%s] do not exist\"",
                       label_text(f, v->item[0]));
        agg_add(f, g, a, name, v->item[0], agg_of(f, v->item[1], NULL), 1, 0);
    }
}

AVal *build_gb_agg(Front *f, Call *c)
{
    const Group *g = c->self->group;
    AVal *func = call_arg(f, c, "func");
    AggList a = {0};
    if (c->nextra) unsup(f, "agg(): arguments for the aggregate");
    if (av_is_none(func)) {
        if (c->nkw == 0)
            front_fail(f, E_TYPE,
                       "Must provide 'func' or tuples of '(column, aggfunc).'");
        agg_named(f, c, g, &a);
        return group_frame(f, g, &a);
    }
    if (c->nkw) unsup(f, "agg(): %s parameter is not supported", c->kw[0]);
    if (func->kind == A_DICT) {
        if (g->series) front_fail(f, E_VALUE, "nested renamer is not supported");
        agg_dict(f, g, &a, func);
        return group_frame(f, g, &a);
    }
    AVal **label;
    idx n;
    value_labels(f, g, &label, &n);
    bool list = func->kind == A_LIST || func->kind == A_TUPLE;
    for (idx i = 0; i < n; i++)
        agg_one(f, g, &a, label[i], func, false);
    if (g->series && !list) return group_series(f, g, &a);
    return group_frame(f, g, &a);
}

AVal *build_named_agg(Front *f, Call *c)
{
    AVal *item[] = {call_arg(f, c, "column"), call_arg(f, c, "aggfunc")};
    return av_tuple(f, item, 2);
}

/* transform("sum"): the groups' aggregates brought back to their rows by a join on the
 * keys, which keeps the left side's order. */
AVal *build_gb_transform(Front *f, Call *c)
{
    const Group *g = c->self->group;
    if (c->nextra || c->nkw) unsup(f, "transform(): arguments for the function");
    int kind = agg_of(f, call_arg(f, c, "func"), NULL);
    AVal **label;
    idx n;
    value_labels(f, g, &label, &n);
    AggList a = {0};
    for (idx i = 0; i < n; i++)
        agg_add(f, g, &a, label[i], label[i], kind, 1, 0);
    Grouped r = group_node(f, g, &a);
    ValVec arg = {0};
    val_push(f, &arg, g->table->rows);
    val_push(f, &arg, r.rows);
    vec_each (k, &g->key)
        val_push(f, &arg, g->key.at[k]);
    for (idx k = 0; k < g->key.n; k++)
        val_push(f, &arg, r.key[k]);
    for (idx i = 0; i < n; i++)
        val_push(f, &arg, r.agg[i]);
    /* A left join on keys that are unique on the right keeps the rows one for one: its
     * rows are the frame's. With dropna a row without key has no group: missing. */
    Node *node = put_node(f, OP_JOIN, arg.v.at, arg.v.n, 1 + n);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &node->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &node->res[0];
    bool miss = false;
    vec_each (k, &g->key)
        miss = miss || g->key.at[k]->type.null != NULL_NONE;
    node_set_text(f->fn, node, "how", "left", 4);
    node_set_int(f->fn, node, "nkey", g->key.n);
    node_set_int(f->fn, node, "nl", 0);
    node_set_int(f->fn, node, "nr", n);
    node_set_int(f->fn, node, "nout", 0);
    Frame *t = table_new(f, g->table->axis, g->table->rows, g->table->index);
    for (idx i = 0; i < n; i++) {
        Type ty = r.agg[i]->type;
        val_init(f->fn, &node->res[1 + i], miss && g->dropna ? type_missing(ty) : ty,
                 axis);
        Val *back[] = {g->table->rows, axis->rows, &node->res[1 + i]};
        table_add(f, t, label[i],
                  put_val(f, OP_ALIGN, back, 3, node->res[1 + i].type, t->axis));
    }
    if (g->series) return av_series(f, t->col.at[0], t->index, t->name.at[0]);
    return av_frame(f, t);
}
