/* SPDX-License-Identifier: Apache-2.0
 * Columns of pandas' dtype category. Their type says the dtype of the categories and
 * whether they are ordered; the categories themselves are data (ir/type.h, CatType).
 * What moves rows, groups, joins and sorts them works on the codes and needs nothing of
 * this file. Comparisons are written as comparisons of codes with the code of the other
 * side; what needs values takes the values (CATVALUES); anything else is refused.
 */
#include "front/build.h"
#include "front/front_int.h"

NORETURN static void not_for_category(Front *f, const char *what)
{
    front_unsup(f, UNSUP_CATEGORY, "%s of a category column", what);
}

/* -- What runs on codes ------------------------------------------------------------ */
static bool takes_codes(Op op)
{
    static const Op known[] = {
        OP_LEN,      OP_ROWS,    OP_ALIGN,    OP_SLICE,      OP_TAKE,
        OP_FILTER,   OP_GROUPBY, OP_JOIN,     OP_SORT,       OP_HEAD,
        OP_DEDUP,    OP_SHIFT,   OP_CONCAT,   OP_DUPLICATED, OP_REBALANCE,
        OP_GATHER,   OP_SCATTER, OP_WRITE,    OP_COLLECTADD, OP_ROWSCAT,
        OP_CATMAKE,  OP_CATJOIN, OP_CATFIND,  OP_CATVALUES,  OP_CATCODES,
        OP_CATORDER, OP_CATFILL, OP_CATVALUE, OP_CATNONE,    OP_CATCODED,
        OP_CATLIST,  OP_CATAS,   OP_CATSET,   OP_CATUSED,    OP_ISNULL,
        OP_NOTNULL,
    };
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (known[i] == op) return true;
    return false;
}

/* Counts do not look at what the values are; unique() gives pandas' own array. */
static bool is_category(Type t)
{
    return t.dt == DT_CAT && t.kind != TY_OBJ;
}

void front_check_category(Front *f, Op op, Val *const *arg, int narg)
{
    bool other = op_info[op].lower != LW_CALL || op == OP_REDUCE || op == OP_TOARRAY;
    if (other || takes_codes(op)) return;
    for (int i = 0; i < narg; i++)
        if (is_category(arg[i]->type)) not_for_category(f, "this operation");
}

/* -- Values, codes, categories ----------------------------------------------------- */
Val *cat_values(Front *f, Val *v)
{
    if (!type_is_cat(v->type)) return v;
    return put_val(f, OP_CATVALUES, &v, 1, type_cat_value(v->type), v->axis);
}

/* Codes with -1 where a row is missing, in the dtype that pandas has for them. */
static Val *cat_codes(Front *f, Val *v, DType dt)
{
    return put_val(f, OP_CATCODES, &v, 1, type_col(dt), v->axis);
}

Val *cat_make(Front *f, Val *v, bool ordered)
{
    if (type_is_cat(v->type)) return v;
    if (v->type.null == NULL_PROM)
        unsup(f,
              "the dtype of the categories depends on the data, %s or float64: convert "
              "with astype(float) first",
              dtype_info[v->type.dt].text);
    if (v->type.null == NULL_MASK && dt_is_num((DType)v->type.dt))
        unsup(f, "categories of pandas' nullable %s", dtype_text(f, v->type));
    return cat_of_read(f, v, ordered);
}

Val *cat_of_read(Front *f, Val *v, bool ordered)
{
    CatType c = {.dt = v->type.dt, .unit = v->type.unit, .ordered = ordered};
    Val *r = put_val(f, OP_CATMAKE, &v, 1, type_category(c), v->axis);
    node_set_int(f->fn, r->def, "ordered", ordered);
    return r;
}

/* The categories on an axis that every rank has all of. */
static Val *cat_list(Front *f, Val *v)
{
    Node *n = put_node(f, OP_CATLIST, &v, 1, 2);
    Axis *axis = axis_new(f->fn);
    CatType c = type_categories(v->type);
    Type t = type_col((DType)c.dt);
    t.unit = c.unit;
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    val_init(f->fn, &n->res[1], t, axis);
    return &n->res[1];
}

/* Every category once, as a category column in their order, on such an axis. */
Val *cat_each(Front *f, Val *v)
{
    Val *list = cat_list(f, v);
    list->type = v->type;
    node_set_int(f->fn, list->def, "each", 1);
    return list;
}

static Val *with_type(Front *f, Val *v, CatType c)
{
    v->type = type_category(c);
    node_set_int(f->fn, v->def, "ordered", c.ordered);
    return v;
}

Val *cat_as_type(Front *f, Val *v, Type t)
{
    v = put_val(f, OP_CATORDER, &v, 1, v->type, v->axis);
    return with_type(f, v, type_categories(t));
}

static Val *cat_order(Front *f, Val *v, bool ordered)
{
    CatType c = type_categories(v->type);
    c.ordered = ordered;
    c.set = 0; /* another dtype than columns of that set have */
    return with_type(f, put_val(f, OP_CATORDER, &v, 1, v->type, v->axis), c);
}

/* -- Two columns ------------------------------------------------------------------- */
/* Whether the two may be of one dtype, as far as is known when compiling. */
static bool may_match(Type a, Type b)
{
    CatType x = type_categories(a), y = type_categories(b);
    if (x.dt != y.dt || x.unit != y.unit || x.ordered != y.ordered) return false;
    if (x.width && y.width && x.width != y.width) return false;
    return x.set == y.set || x.set == 0 || y.set == 0;
}

/* v over the categories of like, which must be the same ones: else TypeError, with text
 * or one that says what to write. */
static Val *cat_as(Front *f, Val *v, Val *like, const char *text)
{
    CatType a = type_categories(v->type), b = type_categories(like->type);
    if (a.set == b.set && a.set) return v;
    Val *arg[] = {v, like};
    Val *r = put_val(f, OP_CATAS, arg, 2, v->type, v->axis);
    if (text) node_set_text(f->fn, r->def, "text", text, (idx)strlen(text));
    return with_type(f, r, b);
}

Val *cat_missing(Front *f, Val *rows, Axis *axis, Val *like)
{
    Val *arg[] = {rows, like};
    return put_val(f, OP_CATNONE, arg, 2, like->type, axis);
}

bool cat_unify(Front *f, Val **col, idx n)
{
    bool any = false, all = true;
    Val *first = NULL;
    for (idx i = 0; i < n; i++) {
        if (!col[i]) continue;
        bool cat = type_is_cat(col[i]->type);
        if (!first) first = col[i];
        any |= cat;
        all &= cat && (col[i] == first || may_match(first->type, col[i]->type));
    }
    if (!any) return false;
    for (idx i = 0; i < n; i++) {
        if (!col[i] || (all && col[i] == first)) continue;
        col[i] = all ? cat_as(f, col[i], first, NULL) : cat_values(f, col[i]);
    }
    return all;
}

/* -- Groups ------------------------------------------------------------------------ */
/* The numbers of v's rows. */
static Val *row_numbers(Front *f, Val *v)
{
    Val *rows = val_axis(v)->rows;
    Node *n = put_node(f, OP_ROWNUM, &rows, 1, 1);
    node_set_int(f->fn, n, "start", 0);
    node_set_int(f->fn, n, "step", 1);
    val_init(f->fn, &n->res[0], type_col(DT_I64), val_axis(v));
    return &n->res[0];
}

/* The groups and all categories joined: column 0 is the key, then those of value. */
static Node *join_groups(Front *f, Val *key, const ValVec *value)
{
    Val *each = cat_each(f, key);
    ValVec arg = {0};
    val_push(f, &arg, val_axis(key)->rows);
    val_push(f, &arg, val_axis(each)->rows);
    val_push(f, &arg, key);
    val_push(f, &arg, each);
    vec_each (i, &value->v)
        val_push(f, &arg, value->v.at[i]);
    idx n = value->v.n;
    Node *j = put_node(f, OP_JOIN, arg.v.at, arg.v.n, 2 + n);
    node_set_text(f->fn, j, "how", "outer", 5);
    node_set_int(f->fn, j, "nkey", 1);
    node_set_int(f->fn, j, "nl", n);
    node_set_int(f->fn, j, "nr", 0);
    node_set_int(f->fn, j, "nout", 1);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &j->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &j->res[0];
    for (idx i = 0; i < n; i++)
        val_init(f->fn, &j->res[1 + i], type_missing(value->v.at[i]->type), axis);
    val_init(f->fn, &j->res[1 + n], key->type, axis);
    return j;
}

/* A JOIN of two tables: all columns of both, and the axis. */
static Frame *joined(Front *f, const char *how, idx nkey, const Frame *l,
                     const Frame *r)
{
    ValVec arg = {0};
    val_push(f, &arg, l->rows);
    val_push(f, &arg, r->rows);
    for (idx k = 0; k < nkey; k++)
        val_push(f, &arg, l->col.at[k]);
    for (idx k = 0; k < nkey; k++)
        val_push(f, &arg, r->col.at[k]);
    vec_each (i, &l->col)
        val_push(f, &arg, l->col.at[i]);
    for (idx i = nkey; i < r->col.n; i++)
        val_push(f, &arg, r->col.at[i]);
    idx nl = l->col.n, nr = r->col.n - nkey;
    Node *j = put_node(f, OP_JOIN, arg.v.at, arg.v.n, 1 + nl + nr);
    node_set_text(f->fn, j, "how", how, (idx)strlen(how));
    node_set_int(f->fn, j, "nkey", nkey);
    node_set_int(f->fn, j, "nl", nl);
    node_set_int(f->fn, j, "nr", nr);
    node_set_int(f->fn, j, "nout", 0);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &j->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &j->res[0];
    Frame *t = table_new(f, axis, axis->rows, NULL);
    for (idx i = 0; i < nl + nr; i++) {
        Type of = i < nl ? l->col.at[i]->type : r->col.at[i - nl + nkey]->type;
        bool misses = i >= nl && !strcmp(how, "left");
        val_init(f->fn, &j->res[1 + i], misses ? type_missing(of) : of, axis);
        table_add(f, t, av_int(f, i), &j->res[1 + i]);
    }
    return t;
}

/* A table of numbered columns. */
static Frame *plain_table(Front *f, Val *const *col, idx n)
{
    Axis *axis = val_axis(col[0]);
    Frame *t = table_new(f, axis, axis->rows, NULL);
    for (idx i = 0; i < n; i++)
        table_add(f, t, av_int(f, i), col[i]);
    return t;
}

/* The rows in which no column is missing. */
static Frame *without_missing(Front *f, Frame *t)
{
    Val *all = NULL;
    vec_each (i, &t->col) {
        if (t->col.at[i]->type.null == NULL_NONE) continue;
        Val *there = front_elem_val(f, OP_NOTNULL, &t->col.at[i], 1);
        all = all ? front_elem_val(f, OP_BITAND, (Val *[]){all, there}, 2) : there;
    }
    return all ? table_filter(f, t, all) : t;
}

/* The rows without those whose first nkey columns were there before, in their order. */
static Frame *distinct(Front *f, const Frame *t)
{
    ValVec lead = {0}, like = {0};
    val_push(f, &lead, t->rows);
    vec_each (i, &t->col) {
        val_push(f, &lead, t->col.at[i]);
        val_push(f, &like, t->col.at[i]);
    }
    vec_each (i, &t->col)
        val_push(f, &lead, t->col.at[i]);
    Node *n = put_rows(f, OP_DEDUP, &lead, &like);
    node_set_int(f->fn, n, "nkey", t->col.n);
    node_set_text(f->fn, n, "keep", "f", 1);
    Val **col = ARENA_NEW_N(f->arena, t->col.n, Val *);
    vec_each (i, &t->col)
        col[i] = &n->res[1 + i];
    return plain_table(f, col, t->col.n);
}

/* Every group that there may be: what the keys without categories are together in a
 * row, with every category of each other key. Columns are in the order of the keys. */
static Frame *all_keys(Front *f, Val *const *key, idx nkey)
{
    Val **plain = ARENA_NEW_N(f->arena, nkey + 1, Val *);
    idx *at = ARENA_NEW_N(f->arena, nkey + 1, idx), n = 0;
    for (idx k = 0; k < nkey; k++)
        if (!type_is_cat(key[k]->type)) at[k] = n, plain[n++] = key[k];
    Frame *t = n ? distinct(f, without_missing(f, plain_table(f, plain, n))) : NULL;
    for (idx k = 0; k < nkey; k++) {
        if (!type_is_cat(key[k]->type)) continue;
        Val *each = cat_each(f, key[k]);
        Frame *one = plain_table(f, &each, 1);
        t = t ? joined(f, "cross", 0, t, one) : one;
        at[k] = n++;
    }
    Val **col = ARENA_NEW_N(f->arena, nkey, Val *);
    for (idx k = 0; k < nkey; k++)
        col[k] = t->col.at[at[k]];
    return plain_table(f, col, nkey);
}

void cat_all_keys(Front *f, Val *const *by, Val **key, idx nkey, Val **value, idx n)
{
    Val **had = ARENA_NEW_N(f->arena, nkey + n, Val *);
    for (idx i = 0; i < nkey + n; i++)
        had[i] = i < nkey ? key[i] : value[i - nkey];
    Frame *t =
        joined(f, "left", nkey, all_keys(f, by, nkey), plain_table(f, had, nkey + n));
    ValVec lead = {0}, like = {0};
    int64_t *asc = ARENA_NEW_N(f->arena, nkey, int64_t);
    val_push(f, &lead, t->rows);
    for (idx k = 0; k < nkey; k++) {
        val_push(f, &lead, t->col.at[k]);
        asc[k] = 1;
    }
    vec_each (i, &t->col) {
        val_push(f, &lead, t->col.at[i]);
        val_push(f, &like, t->col.at[i]);
    }
    Node *s = put_rows(f, OP_SORT, &lead, &like);
    node_set_int(f->fn, s, "nkey", nkey);
    node_set_ints(f->fn, s, "asc", asc, nkey);
    node_set_int(f->fn, s, "nulls_first", 0);
    for (idx i = 0; i < nkey + n; i++)
        *(i < nkey ? &key[i] : &value[i - nkey]) = &s->res[1 + i];
}

void cat_all_groups(Front *f, bool sort, Val **key, Val **value, idx n)
{
    ValVec with = {0}, lead = {0}, like = {0};
    for (idx i = 0; i < n; i++)
        val_push(f, &with, value[i]);
    if (!sort) val_push(f, &with, row_numbers(f, *key));
    Node *j = join_groups(f, *key, &with);
    val_push(f, &lead, &j->res[0]);
    if (!sort) val_push(f, &lead, &j->res[1 + n]); /* missing: the new groups last */
    val_push(f, &lead, &j->res[1 + with.v.n]);
    idx nkey = lead.v.n - 1;
    for (idx i = 0; i < n; i++)
        val_push(f, &like, &j->res[1 + i]);
    val_push(f, &like, &j->res[1 + with.v.n]);
    vec_each (i, &like.v)
        val_push(f, &lead, like.v.at[i]);
    Node *s = put_rows(f, OP_SORT, &lead, &like);
    node_set_int(f->fn, s, "nkey", nkey);
    node_set_ints(f->fn, s, "asc", (int64_t[]){1, 1}, nkey);
    node_set_int(f->fn, s, "nulls_first", 0);
    for (idx i = 0; i < n; i++)
        value[i] = &s->res[1 + i];
    *key = &s->res[1 + n];
}

/* -- Element-wise ------------------------------------------------------------------ */
static Op swapped(Op op)
{
    return op == OP_LT   ? OP_GT
           : op == OP_GT ? OP_LT
           : op == OP_LE ? OP_GE
           : op == OP_GE ? OP_LE
                         : op;
}

static bool is_comparison(Op op)
{
    return op == OP_EQ || op == OP_NE || op == OP_LT || op == OP_LE || op == OP_GT ||
           op == OP_GE;
}

/* A scalar in the form in which it is looked for among categories. */
static Val *sought(Front *f, const CatType *c, Val *v)
{
    Type t = v->type;
    bool times = dt_is_time((DType)c->dt) || dt_is_time((DType)t.dt) ||
                 c->dt == DT_DATE || t.dt == DT_DATE;
    if (!times) return v;
    if (t.dt != c->dt) not_for_category(f, "comparing this type with times");
    if (dt_is_time((DType)t.dt) && t.unit > c->unit)
        not_for_category(f, "comparing a time with times of a coarser unit");
    Type to = t;
    to.unit = c->unit;
    return front_cast(f, v, to);
}

/* The code of a scalar: -2 when it is no category, or TypeError with text. */
static Val *cat_find(Front *f, Val *col, Val *value, const char *text)
{
    CatType c = type_categories(col->type);
    Val *arg[] = {col, sought(f, &c, value)};
    Val *r = put_val(f, OP_CATFIND, arg, 2, type_scalar(DT_I32), NULL);
    if (text) node_set_text(f->fn, r->def, "text", text, (idx)strlen(text));
    return r;
}

/* pandas' word for a scalar's class. */
static const char *class_text(Type t)
{
    if (t.dt == DT_STR) return "str";
    if (dt_is_float((DType)t.dt)) return "float";
    return t.dt == DT_BOOL ? "bool" : dt_is_int((DType)t.dt) ? "int" : "object";
}

/* Rows that are missing are less than all others by their code, and compare False. */
static Val *with_missing(Front *f, Op op, Val *code, Val *r)
{
    if (op != OP_LT && op != OP_LE) return r;
    Val *arg[] = {code, int_val(f, 0)};
    Val *both[] = {front_elem_val(f, OP_GE, arg, 2), r};
    return front_elem_val(f, OP_BITAND, both, 2);
}

static Val *compare_scalar(Front *f, Op op, Val *col, Val *value)
{
    bool order = op != OP_EQ && op != OP_NE;
    const char *text =
        arena_printf(f->arena, "Invalid comparison between dtype=category and %s",
                     class_text(value->type));
    Val *code = cat_codes(f, col, DT_I32);
    Val *arg[] = {code, cat_find(f, col, value, order ? text : NULL)};
    return with_missing(f, op, code, front_elem_val(f, op, arg, 2));
}

/* A row where either is missing compares False, != True. */
static Val *compare_columns(Front *f, Op op, Val *a, Val *b)
{
    static const char text[] =
        "Categoricals can only be compared if 'categories' are the same.";
    if (!may_match(a->type, b->type)) front_fail(f, E_TYPE, text);
    Val *code[] = {cat_codes(f, a, DT_I32),
                   cat_codes(f, cat_as(f, b, a, text), DT_I32)};
    Val *r = front_elem_val(f, op, code, 2);
    for (int i = 0; i < 2; i++) {
        Val *there[] = {code[i], int_val(f, 0)};
        Val *both[] = {front_elem_val(f, op == OP_NE ? OP_LT : OP_GE, there, 2), r};
        r = front_elem_val(f, op == OP_NE ? OP_BITOR : OP_BITAND, both, 2);
    }
    return r;
}

static Val *compare_category(Front *f, Op op, Val *a, Val *b)
{
    if (!type_is_cat(a->type)) return compare_category(f, swapped(op), b, a);
    bool order = op != OP_EQ && op != OP_NE;
    if (order && !type_categories(a->type).ordered)
        front_fail(f, E_TYPE,
                   "Unordered Categoricals can only compare equality or not");
    if (b->type.kind == TY_SCALAR) return compare_scalar(f, op, a, b);
    if (type_is_cat(b->type)) return compare_columns(f, op, a, b);
    if (order)
        front_fail(f, E_TYPE,
                   "Cannot compare a Categorical for op %s with type <class "
                   "'numpy.ndarray'>.\nIf you want to compare values, use "
                   "'np.asarray(cat) %s other'.",
                   op_sign(op), op_sign(op));
    Val *arg[] = {cat_values(f, a), b};
    return front_elem_val(f, op, arg, 2);
}

static const char *new_category_text(Front *f, const Val *value)
{
    const Node *def = value->def;
    bool known = def && def->op == OP_CONST && value->type.dt == DT_STR;
    return arena_printf(f->arena,
                        "Cannot setitem on a Categorical with a new category%s%s%s, "
                        "set the categories first",
                        known ? " (" : "", known ? node_text(def, "v") : "",
                        known ? ")" : "");
}

/* None, NaN and what stands for a missing row. */
static bool is_missing(const Val *v)
{
    const Attr *c = v->def && v->def->op == OP_CONST ? node_attr(v->def, "v") : NULL;
    if (v->def && node_int(v->def, "na", 0)) return true;
    return c && c->kind == AT_FLOAT && c->f != c->f;
}

/* One side of a choice as codes over the categories of like; *value: it is one value,
 * which may be no category. */
static Val *chosen(Front *f, Val *like, Val *v, Val **value)
{
    if (v->type.kind == TY_SCALAR && is_missing(v))
        return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I32), -1);
    if (v->type.kind == TY_SCALAR) {
        *value = v;
        return cat_find(f, like, v, NULL);
    }
    if (!type_is_cat(v->type) || !may_match(like->type, v->type))
        not_for_category(f, "a choice between rows of other categories and those");
    return cat_codes(f, v == like ? v : cat_as(f, v, like, NULL), DT_I32);
}

/* where() and writes of rows. A new category is an error where a row gets it. */
static Val *choose(Front *f, Val *cond, Val *a, Val *b)
{
    Val *like = type_is_cat(a->type) ? a : b, *value = NULL;
    if (cond->type.dt == DT_CAT) not_for_category(f, "a choice by");
    Val *arg[] = {cond, chosen(f, like, a, &value), chosen(f, like, b, &value)};
    Val *coded[] = {
        front_cast(f, front_elem_val(f, OP_SELECT, arg, 3), type_col(DT_I32)), like};
    Val *r = put_val(f, OP_CATCODED, coded, 2, like->type, like->axis);
    const char *text = value ? new_category_text(f, value) : "";
    node_set_text(f->fn, r->def, "text", text, (idx)strlen(text));
    return r;
}

/* A new category is only an error where a row is missing. */
static Val *fill_category(Front *f, Val *col, Val *value)
{
    if (value->type.kind != TY_SCALAR) not_for_category(f, "fillna() with a column");
    const char *text = new_category_text(f, value);
    Val *arg[] = {col, cat_find(f, col, value, NULL)};
    Val *r = put_val(f, OP_CATFILL, arg, 2, col->type, col->axis);
    node_set_text(f->fn, r->def, "text", text, (idx)strlen(text));
    return r;
}

Val *cat_elem(Front *f, Op op, Val *const *arg, int narg)
{
    bool any = false, column = true;
    for (int i = 0; i < narg; i++) {
        any |= is_category(arg[i]->type);
        column &= !is_category(arg[i]->type) || arg[i]->type.kind != TY_ARRAY;
    }
    if (!any || op == OP_ISNULL || op == OP_NOTNULL) return NULL;
    if (!column) not_for_category(f, "an operation on the array of unique values");
    if (narg == 2 && is_comparison(op)) return compare_category(f, op, arg[0], arg[1]);
    if (op == OP_SELECT && narg == 3 &&
        (type_is_cat(arg[1]->type) || type_is_cat(arg[2]->type)))
        return choose(f, arg[0], arg[1], arg[2]);
    if (op == OP_FILLNULL && type_is_cat(arg[0]->type))
        return fill_category(f, arg[0], arg[1]);
    if (op_info[op].build && !strcmp(op_info[op].build, "arith") && narg == 2)
        front_fail(
            f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'", op_sign(op),
            type_is_cat(arg[0]->type) ? "Categorical" : class_text(arg[0]->type),
            type_is_cat(arg[1]->type) ? "Categorical" : class_text(arg[1]->type));
    not_for_category(f, op_sign(op));
}

/* -- Single values ----------------------------------------------------------------- */
/* Codes of which each may be missing. */
static Val *masked_codes(Front *f, Val *col)
{
    Type coded = type_col(DT_I32);
    coded.null = NULL_MASK;
    return put_val(f, OP_CATCODES, &col, 1, coded, col->axis);
}

/* The value of a code that may be missing. */
static Val *value_of(Front *f, Val *col, Val *code)
{
    Val *none[] = {code, ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I32), -1)};
    code = front_elem_val(f, OP_FILLNULL, none, 2);
    Val *arg[] = {col, front_cast(f, code, type_scalar(DT_I32))};
    return put_val(f, OP_CATVALUE, arg, 2,
                   type_with(type_cat_value(col->type), TY_SCALAR), NULL);
}

Val *cat_row(Front *f, Val *rows, Val *pos, Val *col)
{
    Val *arg[] = {rows, pos, masked_codes(f, col)};
    Type t = type_with(arg[2]->type, TY_SCALAR);
    return value_of(f, col, put_val(f, OP_GETROW, arg, 3, t, NULL));
}

/* -- Reductions -------------------------------------------------------------------- */
/* The smallest or largest: by code. */
AVal *cat_extreme(Front *f, Val *col, int kind)
{
    if (!type_categories(col->type).ordered)
        front_fail(f, E_TYPE,
                   "Categorical is not ordered for operation %s\nyou can use "
                   ".as_ordered() to change the Categorical to an ordered one\n",
                   agg_name(kind));
    Val *best = front_val(f, reduce_col(f, masked_codes(f, col), kind, 0, true, 0));
    return av_scalar(f, value_of(f, col, best));
}

/* -- .cat ---------------------------------------------------------------------------
 */
AVal *cat_attr(Front *f, AVal *acc, const char *name)
{
    AVal *s = acc->item[0];
    CatType c = type_categories(s->val->type);
    if (!strcmp(name, "ordered")) return av_bool(f, c.ordered);
    if (!strcmp(name, "codes")) {
        DType dt = c.width == 4 ? DT_I32 : c.width == 2 ? DT_I16 : DT_I8;
        return av_series(f, cat_codes(f, s->val, dt), s->index, av_none(f));
    }
    if (strcmp(name, "categories") != 0) return NULL;
    Val *list = cat_list(f, s->val);
    AVal *r = ARENA_NEW(f->arena, AVal);
    r->kind = A_INDEX;
    r->obj = -1;
    r->val = list;
    r->index = index_levels(f, &list, (const char *[]){NULL}, 1);
    return r;
}

static AVal *cat_result(Front *f, const Call *c, Val *v)
{
    const AVal *s = c->self->item[0];
    return av_series(f, v, s->index, s->name);
}

AVal *build_cat_order(Front *f, Call *c)
{
    bool ordered = !strcmp(call_short(c), "as_ordered");
    return cat_result(f, c, cat_order(f, c->self->item[0]->val, ordered));
}

/* What the user gives as categories, as a column. */
static Val *given_categories(Front *f, AVal *v, const char *what)
{
    AVal *const *item = NULL;
    idx n = 0;
    if (v->kind == A_LIST) {
        item = front_items(f, v)->item.at;
        n = front_items(f, v)->item.n;
    } else if (v->kind == A_TUPLE) {
        item = v->item;
        n = v->n;
    }
    if (item && n == 0) unsup(f, "%s() with no categories", what);
    if (item) return values_column(f, item, n);
    if (v->kind == A_ARRAY || v->kind == A_SERIES || v->kind == A_INDEX)
        return front_col(f, v);
    unsup(f, "%s() with %s; give a list", what, av_type_text(f, v));
}

/* how: of CATSET. */
static Val *cat_set(Front *f, Val *v, Val *list, const char *how, bool ordered)
{
    if (list->type.null == NULL_PROM || list->type.dt == DT_CAT)
        not_for_category(f, "such categories");
    Val *arg[] = {v, list};
    Val *r = put_val(f, OP_CATSET, arg, 2, v->type, v->axis);
    node_set_text(f->fn, r->def, "how", how, 1);
    CatType c = {.dt = list->type.dt, .unit = list->type.unit, .ordered = ordered};
    if (*how == 'k') c.width = type_categories(v->type).width;
    return with_type(f, r, c);
}

/* The old name, or what the dict has for it. */
static Val *renamed(Front *f, Val *v, AVal *dict)
{
    Container *d = front_items(f, dict);
    Val *list = cat_list(f, v), *r = list;
    vec_each (i, &d->key) {
        Val *old = front_val(f, d->key.at[i]);
        Val *is[] = {list, old};
        Val *pick[] = {front_elem_val(f, OP_EQ, is, 2), front_val(f, d->item.at[i]), r};
        r = front_elem_val(f, OP_SELECT, pick, 3);
    }
    return r;
}

AVal *build_cat_rename(Front *f, Call *c)
{
    Val *v = c->self->item[0]->val, *list;
    AVal *to = call_arg(f, c, "new_categories");
    bool ordered = type_categories(v->type).ordered;
    if (to->kind == A_DICT) {
        list = renamed(f, v, to);
    } else if (front_callable(to)) {
        Val *old = cat_list(f, v);
        list = front_map_udf(f, to, &old, 1, NULL, NULL, NULL, 0, NULL, NULL, 0);
    } else {
        list = given_categories(f, to, "rename_categories");
    }
    return cat_result(f, c, cat_set(f, v, list, "k", ordered));
}

AVal *build_cat_set(Front *f, Call *c)
{
    Val *v = c->self->item[0]->val;
    AVal *to = call_arg(f, c, "new_categories"), *o = call_arg(f, c, "ordered");
    bool ordered = av_is_none(o) ? type_categories(v->type).ordered
                                 : front_const_bool(f, o, "ordered");
    if (call_bool(f, c, "rename"))
        unsup(f, "set_categories(rename=True); use rename_categories()");
    Val *list = given_categories(f, to, "set_categories");
    return cat_result(f, c, cat_set(f, v, list, "s", ordered));
}

/* What is given as a column of the categories' dtype. */
static Val *of_their_dtype(Front *f, Val *v, AVal *given, const char *what)
{
    AVal *one = av_is_label(given) ? av_tuple(f, &given, 1) : given;
    Val *list = given_categories(f, one, what);
    CatType c = type_categories(v->type);
    Type t = type_with(list->type, TY_COL);
    bool numbers = dt_is_num((DType)c.dt) && dt_is_num((DType)t.dt);
    if (!numbers && (t.dt != c.dt || t.unit > c.unit))
        not_for_category(f, "categories of another dtype than those");
    t.dt = c.dt;
    t.unit = c.unit;
    t.null = dt_is_num((DType)c.dt) ? (uint8_t)null_default((DType)c.dt) : t.null;
    return front_cast(f, list, t);
}

AVal *build_cat_change(Front *f, Call *c)
{
    const char *m = call_short(c);
    Val *v = c->self->item[0]->val;
    bool less = !strncmp(m, "remove", 6), order = !strncmp(m, "reorder", 7);
    bool ordered = type_categories(v->type).ordered;
    AVal *given = call_arg(f, c, less ? "removals" : "new_categories");
    if (order && !call_none(f, c, "ordered"))
        ordered = front_const_bool(f, call_arg(f, c, "ordered"), "ordered");
    Val *list = of_their_dtype(f, v, given, m);
    return cat_result(f, c,
                      cat_set(f, v, list,
                              order  ? "o"
                              : less ? "-"
                                     : "+",
                              ordered));
}

AVal *build_cat_unused(Front *f, Call *c)
{
    Val *v = c->self->item[0]->val;
    CatType t = type_categories(v->type);
    t.width = t.set = 0;
    v = put_val(f, OP_CATUSED, &v, 1, v->type, v->axis);
    return cat_result(f, c, with_type(f, v, t));
}

/* s.map(function): the function is asked once for every category. As in pandas the
 * result is a category column; where the function has one answer for several of them
 * pandas gives plain values, which only the data can tell. */
Val *cat_map(Front *f, Val *v, AVal *fnv)
{
    Val *old = cat_list(f, v);
    Val *list = front_map_udf(f, fnv, &old, 1, NULL, NULL, NULL, 0, NULL, NULL, 0);
    Val *r = cat_set(f, v, list, "k", type_categories(v->type).ordered);
    static const char text[] =
        "map(): the function has one result for several categories, and then pandas "
        "gives a column of values; write .astype(str).map(...) for text";
    node_set_text(f->fn, r->def, "text", text, (idx)sizeof text - 1);
    return r;
}
