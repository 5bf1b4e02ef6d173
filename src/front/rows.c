/* SPDX-License-Identifier: Apache-2.0
 * Nodes over tables: the columns and index levels of a frame or Series travel together
 * through every op that makes a new axis.
 */
#include "front/build.h"
#include "front/front_int.h"

/* -- Nodes ---------------------------------------------------------------------- */
Node *put_node(Front *f, Op op, Val *const *arg, idx narg, idx nres)
{
    if (narg > INT32_MAX || nres > INT32_MAX)
        front_fail(f, E_OVERFLOW, "too many columns");
    front_check_complex(f, op, arg, (int)narg);
    front_check_category(f, op, arg, (int)narg);
    front_check_deltas(f, op, arg, (int)narg);
    front_check_zone(f, op, arg, (int)narg);
    f->fn->at_inline = f->inlined_at + 1;
    Node *n = node_new(f->fn, op, f->loc, (int)narg, arg, (int)nres);
    node_append(f->at, n);
    return n;
}

Val *put_val(Front *f, Op op, Val *const *arg, idx narg, Type t, Axis *axis)
{
    Node *n = put_node(f, op, arg, narg, 1);
    val_init(f->fn, &n->res[0], t, axis);
    return &n->res[0];
}

void val_push(Front *f, ValVec *v, Val *x)
{
    vec_push(f->arena, &v->v, x);
}

Val *int_val(Front *f, int64_t v)
{
    return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), v);
}

Node *put_rows(Front *f, Op op, const ValVec *arg, const ValVec *like)
{
    Node *n = put_node(f, op, arg->v.at, arg->v.n, 1 + like->v.n);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    vec_each (i, &like->v)
        val_init(f->fn, &n->res[i + 1], type_with(like->v.at[i]->type, TY_COL), axis);
    return n;
}

bool same_axis(const Axis *a, const Axis *b)
{
    return axis_get((Axis *)(uintptr_t)a) == axis_get((Axis *)(uintptr_t)b);
}

Axis *val_axis(const Val *v)
{
    return v->axis ? axis_get(v->axis) : NULL;
}

NORETURN void unsup(Front *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char text[ERR_TEXT];
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    front_fail(f, E_UNSUP, "%s", text);
}

/* -- Labels --------------------------------------------------------------------- */
const char *label_text(Front *f, const AVal *v)
{
    if (v->kind == A_NONE) return "None";
    if (v->kind == A_CONST && v->ck == AC_STR)
        return arena_printf(f->arena, "'%.*s'", (int)v->n, v->s);
    if (v->kind == A_CONST && v->ck == AC_FLOAT)
        return arena_printf(f->arena, "%g", v->f);
    if (v->kind == A_CONST && v->ck == AC_BOOL) return v->i ? "True" : "False";
    if (v->kind == A_CONST) return arena_printf(f->arena, "%lld", (long long)v->i);
    if (v->kind != A_TUPLE) return av_type_text(f, v);
    const char *s = "(";
    for (idx i = 0; i < v->n; i++)
        s = arena_printf(f->arena, "%s%s%s", s, i ? ", " : "",
                         label_text(f, v->item[i]));
    return arena_printf(f->arena, "%s)", s);
}

const char *label_name(Front *f, const AVal *v)
{
    if (!v || v->kind == A_NONE) return NULL;
    if (v->kind == A_CONST && v->ck == AC_STR)
        return intern_n(f->names, v->s, (size_t)v->n);
    return intern(f->names, label_text(f, v));
}

AVal *name_label(Front *f, const char *name)
{
    return name ? av_str(f, name, (idx)strlen(name)) : av_none(f);
}

bool av_is_none(const AVal *v)
{
    return v->kind == A_NONE;
}

bool av_is_str(const AVal *v, const char *s)
{
    return v->kind == A_CONST && v->ck == AC_STR && v->n == (idx)strlen(s) &&
           !memcmp(v->s, s, (size_t)v->n);
}

AVal *call_self(const Call *c)
{
    return c->self;
}

AVal *dict_get(Front *f, const AVal *d, const AVal *key)
{
    Container *k = front_items(f, d);
    vec_each (i, &k->key)
        if (av_equal(k->key.at[i], key)) return k->item.at[i];
    return NULL;
}

/* -- Index ---------------------------------------------------------------------- */
Index *index_range(Front *f, Val *rows)
{
    Index *ix = ARENA_NEW(f->arena, Index);
    ix->range = true;
    ix->step = 1;
    ix->rows = rows;
    ix->name = ARENA_NEW_N(f->arena, 1, const char *);
    return ix;
}

int32_t index_depth(const Index *ix)
{
    return ix->range ? 1 : ix->nlevel;
}

bool index_same(const Index *a, const Index *b)
{
    if (a == b) return true;
    if (!a || !b || a->range != b->range || a->nlevel != b->nlevel) return false;
    if (a->range) return a->start == b->start && a->step == b->step;
    for (int32_t i = 0; i < a->nlevel; i++)
        if (a->level[i] != b->level[i]) return false;
    return true;
}

Index *index_levels(Front *f, Val *const *level, const char *const *name, idx n)
{
    Index *ix = ARENA_NEW(f->arena, Index);
    ix->nlevel = (int32_t)n;
    ix->level = ARENA_NEW_N(f->arena, n, Val *);
    ix->name = ARENA_NEW_N(f->arena, n, const char *);
    for (idx i = 0; i < n; i++) {
        ix->level[i] = days_plain(f, level[i]);
        ix->name[i] = name ? name[i] : NULL;
    }
    return ix;
}

/* The column of a RangeIndex's labels. */
static Val *range_col(Front *f, const Index *ix, Axis *axis)
{
    Node *n = put_node(f, OP_ROWNUM, (Val *const[]){ix->rows}, 1, 1);
    node_set_int(f->fn, n, "start", ix->start);
    node_set_int(f->fn, n, "step", ix->step);
    val_init(f->fn, &n->res[0], type_col(DT_I64), axis);
    return &n->res[0];
}

static Axis *rows_axis(Front *f, const Val *rows)
{
    vec_each (i, &f->fn->axes)
        if (f->fn->axes.at[i]->rows == rows) return f->fn->axes.at[i];
    BUG("rows of no axis");
}

void index_vals(Front *f, const Index *ix, ValVec *out)
{
    if (ix->range) {
        val_push(f, out, range_col(f, ix, rows_axis(f, ix->rows)));
        return;
    }
    for (int32_t i = 0; i < ix->nlevel; i++)
        val_push(f, out, ix->level[i]);
}

AVal *av_index(Front *f, Index *ix)
{
    AVal *r = ARENA_NEW(f->arena, AVal);
    r->kind = A_INDEX;
    r->obj = -1;
    r->index = ix;
    ValVec v = {0};
    index_vals(f, ix, &v);
    r->val = v.v.at[0];
    r->loc = f->loc;
    return r;
}

/* -- Tables --------------------------------------------------------------------- */
Frame *table_new(Front *f, Axis *axis, Val *rows, Index *index)
{
    Frame *t = ARENA_NEW(f->arena, Frame);
    t->axis = axis;
    t->rows = rows;
    t->index = index ? index : index_range(f, rows);
    return t;
}

void table_add(Front *f, Frame *t, AVal *name, Val *col)
{
    vec_push(f->arena, &t->name, name);
    vec_push(f->arena, &t->col, col);
}

void table_set(Front *f, Frame *t, AVal *name, Val *col)
{
    idx i = frame_find(t, name);
    if (i < 0)
        table_add(f, t, name, col);
    else
        t->col.at[i] = col;
}

Frame *table_of(Front *f, AVal *v)
{
    if (v->kind == A_FRAME) return frame_copy(f, front_frame(f, v));
    Val *col = front_col(f, v);
    Axis *axis = val_axis(col);
    Index *ix = v->kind == A_SERIES ? v->index : index_range(f, axis->rows);
    Frame *t = table_new(f, axis, axis->rows, ix);
    table_add(f, t, v->kind == A_SERIES ? v->name : av_none(f), col);
    return t;
}

AVal *table_as(Front *f, const AVal *proto, Frame *t)
{
    if (proto->kind == A_SERIES)
        return av_series(f, t->col.at[0], t->index, t->name.at[0]);
    return av_frame(f, t);
}

void table_vals(Front *f, const Frame *t, ValVec *out)
{
    vec_each (i, &t->col)
        val_push(f, out, t->col.at[i]);
    index_vals(f, t->index, out);
}

Frame *table_from(Front *f, const Frame *like, Node *n, int32_t from, bool new_range)
{
    Axis *axis = rows_axis(f, &n->res[0]);
    Frame *t = table_new(f, axis, &n->res[0], NULL);
    t->columns_name = like->columns_name;
    vec_each (i, &like->col)
        table_add(f, t, like->name.at[i], &n->res[from + (int32_t)i]);
    if (new_range) return t;
    int32_t k = index_depth(like->index);
    Val **level = ARENA_NEW_N(f->arena, k, Val *);
    for (int32_t i = 0; i < k; i++)
        level[i] = &n->res[from + (int32_t)like->col.n + i];
    t->index = index_levels(f, level, like->index->name, k);
    return t;
}

Frame *table_rows(Front *f, Op op, const ValVec *lead, const Frame *t, bool new_range,
                  Node **node)
{
    ValVec arg = {0}, like = {0};
    vec_each (i, &lead->v)
        val_push(f, &arg, lead->v.at[i]);
    if (new_range)
        vec_each (i, &t->col)
            val_push(f, &like, t->col.at[i]);
    else
        table_vals(f, t, &like);
    vec_each (i, &like.v)
        val_push(f, &arg, like.v.at[i]);
    Node *n = put_rows(f, op, &arg, &like);
    if (node) *node = n;
    return table_from(f, t, n, 1, new_range);
}

Frame *table_filter(Front *f, const Frame *t, Val *mask)
{
    ValVec lead = {0};
    val_push(f, &lead, mask);
    return table_rows(f, OP_FILTER, &lead, t, false, NULL);
}

idx table_find(Front *f, const Frame *t, const AVal *label)
{
    idx i = frame_find(t, label);
    if (i < 0) front_fail(f, E_KEY, "%s", label_text(f, label));
    return i;
}

Val *table_col(Front *f, const Frame *t, const AVal *label)
{
    return t->col.at[table_find(f, t, label)];
}

/* -- Values for a table's rows -------------------------------------------------- */
static Val *align(Front *f, const Frame *t, Val *col)
{
    Axis *from = val_axis(col);
    Val *arg[] = {t->rows, from->rows, col};
    return put_val(f, OP_ALIGN, arg, 3, col->type, t->axis);
}

/* A column of another axis, brought to t's rows when pandas would pair them by
 * position. */
static Val *bring(Front *f, const Frame *t, const AVal *v, Val *col, const char *what)
{
    if (same_axis(col->axis, t->axis) &&
        (v->kind != A_SERIES || !t->index || index_same(v->index, t->index)))
        return col;
    bool has_index = v->kind == A_SERIES || v->kind == A_INDEX;
    if (!has_index || (v->index->range && index_same(v->index, t->index)))
        return align(f, t, col);
    unsup(
        f,
        "%s: the two sides have different indexes, which need alignment by label; make "
        "both from the same rows, or call reset_index(drop=True) on both",
        what);
}

static Val *fill(Front *f, const Frame *t, AVal *v)
{
    if (!t->rows)
        unsup(f, "a scalar column in a DataFrame without rows: add an array first");
    Val *s = front_val(f, v);
    Val *arg[] = {t->rows, s};
    return put_val(f, OP_FILL, arg, 2, type_with(s->type, TY_COL), t->axis);
}

Val *table_column(Front *f, const Frame *t, AVal *v, const char *what)
{
    switch (v->kind) {
    case A_CONST:
    case A_SCALAR: return fill(f, t, v);
    case A_NONE: unsup(f, "%s: a column of None; use np.nan or pd.NaT", what);
    case A_SERIES:
    case A_ARRAY:
    case A_INDEX:
    case A_LIST:
    case A_TUPLE:
    case A_VIEW:
    case A_RANGE: return bring(f, t, v, front_col(f, v), what);
    default:
        front_fail(f, E_TYPE, "%s: %s can't be a column", what, av_type_text(f, v));
    }
}

bool table_pairs(const Frame *t, const AVal *v)
{
    if (v->kind != A_SERIES) return false;
    const Index *a = v->index, *b = t->index;
    if (same_axis(v->val->axis, t->axis)) return b && !index_same(a, b);
    return !(a->range && index_same(a, b));
}

Val *table_paired(Front *f, const Frame *t, AVal *v, const char *what)
{
    return table_pairs(t, v) ? label_pair(f, t, v) : table_column(f, t, v, what);
}

Val *table_mask(Front *f, const Frame *t, AVal *v)
{
    Val *m = table_column(f, t, v, "boolean mask");
    if (m->type.dt != DT_BOOL)
        front_fail(f, E_KEY, "a mask must be bool, this one is %s",
                   dtype_text(f, m->type));
    return m;
}

Val *table_key(Front *f, const Frame *t, AVal *v)
{
    bool pairs = v->kind == A_SERIES && v->val->type.dt == DT_BOOL && t->index &&
                 !(same_axis(v->val->axis, t->axis) && index_same(v->index, t->index));
    return pairs ? label_mask(f, t, v) : table_mask(f, t, v);
}

/* -- Types ---------------------------------------------------------------------- */
Type type_missing(Type t)
{
    if (t.null != NULL_NONE) return t;
    NullForm d = null_default((DType)t.dt);
    t.null = (uint8_t)(d == NULL_NONE ? NULL_PROM : d);
    return t;
}

Val *missing_scalar(Front *f, Type elem)
{
    Type t = type_with(elem, TY_SCALAR);
    Node *n = put_node(f, OP_CONST, NULL, 0, 1);
    node_set_int(f->fn, n, "na", 1);
    val_init(f->fn, &n->res[0], t, NULL);
    return &n->res[0];
}
