/* SPDX-License-Identifier: Apache-2.0
 * Joining abstract states where control flow meets: after an if, at the head of a loop.
 *
 * A joined value is an AVal like any other in which everything that only the run time
 * knows is a hole: a Val of no node that says type and axis. Three walks use it: join
 * J, value -> J'      what stands for both (J itself when nothing is new) flatten  J,
 * value -> Vals    the operands of yield or continue, one per hole rebuild  J, Vals ->
 * value    holes filled with the results or parameters Values that are the same on both
 * sides stay as they are and cost nothing: constants stay constants. What has no joint
 * type becomes A_CONFLICT, an error only when it is used.
 *
 * Axes are joined too: columns of different axes give a new axis per pair, whose number
 * of rows is a hole of its own. Rebuilding makes a fresh axis each time: the rows at a
 * loop's head are not those after the loop.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/join.h"

#include <string.h>

Join *join_new(Front *f, const Heap *base)
{
    Join *j = ARENA_NEW(f->arena, Join);
    j->f = f;
    j->base = base;
    return j;
}

/* -- Holes ------------------------------------------------------------------------- */
Val *join_hole(Join *j, Type t, Axis *axis)
{
    Val *v = ARENA_NEW(j->f->arena, Val);
    v->id = -1;
    v->index = -1;
    v->type = t;
    v->axis = axis;
    return v;
}

bool val_is_hole(const Val *v)
{
    return v->id == -1;
}

static bool axis_is_open(const Axis *a)
{
    return a && a->rows && val_is_hole(a->rows);
}

Axis *join_open_axis(Join *j)
{
    Axis *a = ARENA_NEW(j->f->arena, Axis);
    a->id = -1;
    a->rows = join_hole(j, type_scalar(DT_I64), NULL);
    return a;
}

static Axis *join_axis(Join *j, Axis *a, Axis *b)
{
    a = axis_get(a);
    b = axis_get(b);
    if (a == b || !a || !b) return a;
    bool taken = false;
    vec_each (i, &j->axis) {
        AxisPair *p = &j->axis.at[i];
        if (p->a == a && p->b == b) return p->to;
        taken |= p->a == a && p->round == j->round;
    }
    AxisPair p = {a, b, NULL, j->round};
    p.to = axis_is_open(a) && !taken ? a : join_open_axis(j);
    vec_push(j->f->arena, &j->axis, p);
    return p.to;
}

/* -- Scalars ----------------------------------------------------------------------- */
static bool scalar_type(const AVal *v, Type *t, bool *weak)
{
    *weak = v->kind == A_CONST || v->i == 1;
    if (v->kind == A_SCALAR) {
        *t = v->val->type;
        return true;
    }
    if (v->kind == A_NONE) {
        *t = type_scalar(DT_STR);
        return true;
    }
    if (v->kind != A_CONST) return false;
    switch ((AstConst)v->ck) {
    case AC_BOOL: *t = type_scalar(DT_BOOL); return true;
    case AC_INT: *t = type_scalar(DT_I64); return true;
    case AC_FLOAT: *t = type_scalar(DT_F64); return true;
    case AC_STR:
        *t = type_scalar(DT_STR);
        t->null = NULL_NONE;
        return true;
    case AC_BYTES: *t = bytes_type(); return true;
    default: return false;
    }
}

static bool const_same(const AVal *a, const AVal *b)
{
    if (a->kind != b->kind) return false;
    if (a->kind == A_NONE) return true;
    if (a->kind != A_CONST || a->ck != b->ck) return false;
    /* The value of an argument that nobody has looked at yet is no constant. */
    bool open = (a->arg && !a->arg->demanded) || (b->arg && !b->arg->demanded);
    if (open && a->arg != b->arg) return false;
    if (a->ck == AC_FLOAT) { /* as bits: NaN is itself, 0.0 is not -0.0 */
        uint64_t x, y;
        memcpy(&x, &a->f, sizeof x);
        memcpy(&y, &b->f, sizeof y);
        return x == y;
    }
    return av_equal(a, b);
}

AVal *join_conflict(Join *j, AVal *a, AVal *b)
{
    if (a->kind == A_CONFLICT) return a;
    Front *f = j->f;
    AVal *v = av_new_kind(f, A_CONFLICT);
    v->item = ARENA_NEW_N(f->arena, 2, AVal *);
    v->item[0] = a;
    v->item[1] = b;
    const char *s = a->kind == A_FRAME ? "DataFrame" : av_type_text(f, a);
    const char *t = b->kind == A_FRAME ? "DataFrame" : av_type_text(f, b);
    size_t n = strlen(s), m = strlen(t);
    char *text = arena_alloc(f->arena, n + m + 2);
    memcpy(text, s, n + 1);
    memcpy(text + n + 1, t, m + 1);
    v->s = text;
    return v;
}

static AVal *scalar_hole(Join *j, Type t, bool weak, Loc loc)
{
    AVal *v = av_scalar(j->f, join_hole(j, t, NULL));
    v->i = weak;
    v->loc = loc;
    return v;
}

static AVal *join_scalar(Join *j, AVal *a, AVal *b)
{
    if (const_same(a, b)) return a;
    Type t, ta, tb;
    bool wa, wb;
    if (!scalar_type(a, &ta, &wa) || !scalar_type(b, &tb, &wb))
        return join_conflict(j, a, b);
    bool none = a->kind == A_NONE || b->kind == A_NONE;
    if (none && (ta.dt != DT_STR || tb.dt != DT_STR)) return join_conflict(j, a, b);
    if (!type_promote(ta, tb, &t)) return join_conflict(j, a, b);
    bool weak = wa && wb;
    if (a->kind == A_SCALAR && val_is_hole(a->val) && type_eq(t, ta) && weak == wa)
        return a;
    return scalar_hole(j, t, weak, b->loc);
}

static AVal *rows_av(Join *j, Axis *axis, AVal *was)
{
    if (was->kind == A_SCALAR && was->val == axis->rows) return was;
    AVal *v = av_scalar(j->f, axis->rows);
    v->i = 1;
    return v;
}

/* An array of which only its type and number of dimensions are known. */
static AVal *array_hole(Join *j, const AVal *a)
{
    AVal *v = av_new_kind(j->f, A_ARRAY);
    *v = *a;
    v->obj = -1;
    v->val = join_hole(j, a->val->type, join_open_axis(j));
    if (!a->item) return v;
    v->axis = a->axis ? join_open_axis(j) : NULL;
    v->item = ARENA_NEW_N(j->f->arena, a->n, AVal *);
    for (idx i = 0; i < a->n; i++)
        v->item[i] = i == 1 && v->axis ? rows_av(j, v->axis, a->item[1])
                                       : join_widen(j, a->item[i]);
    return v;
}

/* Its items are values of the same path. */
static bool holds_values(const AVal *v)
{
    return v->kind == A_TUPLE || v->kind == A_OPT;
}

AVal *join_widen(Join *j, AVal *a)
{
    Type t;
    bool weak;
    if (a->kind == A_NONE || (a->kind == A_CONST && a->ck == AC_STR)) return a;
    if (a->kind == A_TUPLE) {
        AVal *v = record_new(j->f, a->rec, a->item, a->n);
        for (idx i = 0; i < v->n; i++)
            v->item[i] = join_widen(j, v->item[i]);
        v->loc = a->loc;
        return v;
    }
    if (a->kind == A_ARRAY && !val_is_hole(a->val)) return array_hole(j, a);
    if (a->kind == A_OPT) {
        AVal *v = av_new_kind(j->f, A_OPT);
        AVal *item = join_widen(j, a->item[0]);
        *v = *a;
        v->item = ARENA_NEW_N(j->f->arena, 1, AVal *);
        v->item[0] = item;
        if (!val_is_hole(v->val)) v->val = join_hole(j, v->val->type, NULL);
        return v;
    }
    if (!scalar_type(a, &t, &weak)) return a;
    return scalar_hole(j, t, weak, a->loc);
}

/* -- Columns, indexes, frames ------------------------------------------------------ */
/* NULL: no joint type. */
static Val *join_col(Join *j, Val *a, Val *b)
{
    if (a == b) return a;
    if (!a || !b) return NULL;
    Type t = a->type;
    if (!type_eq(t, b->type) && !type_cat_join(t, b->type, &t)) return NULL;
    Axis *axis = join_axis(j, a->axis, b->axis);
    if (val_is_hole(a) && axis == axis_get(a->axis) && type_eq(t, a->type)) return a;
    return join_hole(j, t, axis);
}

static Val *join_rows(Join *j, Val *a, Val *b, Axis *axis)
{
    if (a == b || !a || !b) return a;
    if (axis && axis_is_open(axis)) return axis->rows;
    if (val_is_hole(a)) return a;
    return join_hole(j, type_scalar(DT_I64), NULL);
}

static bool label_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* A RangeIndex on one side, a column of integers on the other: a column. */
static Index *join_numbered(Join *j, Index *a, Index *b, Axis *axis)
{
    const Index *levels = a->range ? b : a;
    Type t = type_col(DT_I64);
    if (levels->nlevel != 1 || !type_eq(levels->level[0]->type, t)) return NULL;
    if (!a->range && val_is_hole(a->level[0]) && axis_get(a->level[0]->axis) == axis)
        return a;
    Index *x = ARENA_NEW(j->f->arena, Index);
    *x = *levels;
    x->range = false;
    x->level = ARENA_NEW_N(j->f->arena, 1, Val *);
    x->level[0] = join_hole(j, t, axis);
    return x;
}

/* NULL: they differ in a way that has no joint form. axis: of the owner, already
 * joined. */
static Index *join_index(Join *j, Index *a, Index *b, Axis *axis)
{
    if (a == b || !a || !b) return a == b ? a : NULL;
    if (a->range != b->range) return join_numbered(j, a, b, axis);
    if (a->nlevel != b->nlevel) return NULL;
    if (a->range && (a->start != b->start || a->step != b->step)) return NULL;
    Index *x = ARENA_NEW(j->f->arena, Index);
    *x = *a;
    bool same = true;
    if (a->range) {
        x->rows = join_rows(j, a->rows, b->rows, axis);
        same = x->rows == a->rows;
    } else {
        x->level = ARENA_NEW_N(j->f->arena, a->nlevel + 1, Val *);
        for (int32_t i = 0; i < a->nlevel; i++) {
            x->level[i] = join_col(j, a->level[i], b->level[i]);
            if (!x->level[i]) return NULL;
            same &= x->level[i] == a->level[i];
        }
    }
    int32_t nname = a->range ? 1 : a->nlevel;
    for (int32_t i = 0; i < nname && a->name && b->name; i++)
        if (!label_same(a->name[i], b->name[i])) return NULL;
    return same ? a : x;
}

static const char *frame_clash(Front *f, const Frame *a, const Frame *b)
{
    char s[48], t[48];
    vec_each (i, &a->name) {
        idx k = frame_find(b, a->name.at[i]);
        if (k < 0)
            return arena_printf(f->arena, "only one has column %s",
                                const_text(f, a->name.at[i]));
        if (!type_eq(a->col.at[i]->type, b->col.at[k]->type))
            return arena_printf(
                f->arena, "column %s is %s and %s", const_text(f, a->name.at[i]),
                type_text(a->col.at[i]->type, s), type_text(b->col.at[k]->type, t));
    }
    vec_each (i, &b->name)
        if (frame_find(a, b->name.at[i]) < 0)
            return arena_printf(f->arena, "only one has column %s",
                                const_text(f, b->name.at[i]));
    return "the order of columns or the index differs";
}

bool cell_clash(Cell *to, const char *why)
{
    if (to->kind == C_CLASH) return false;
    to->kind = C_CLASH;
    to->why = why;
    return true;
}

/* pd.DataFrame() with nothing. */
static bool is_bare(const Frame *t)
{
    return !t->col.n && !t->rows;
}

static Val *open_col(Join *j, Val *v, Axis *axis)
{
    return val_is_hole(v) && axis_get(v->axis) == axis ? v
                                                       : join_hole(j, v->type, axis);
}

/* The columns of t, or on the other path none and no rows of them. */
static bool join_bare(Join *j, Cell *to, Frame *t)
{
    vec_each (i, &t->col)
        if (type_is_cat(t->col.at[i]->type))
            return cell_clash(to, "only one has columns, and some are categories");
    Axis *axis =
        axis_is_open(axis_get(t->axis)) ? axis_get(t->axis) : join_open_axis(j);
    Frame *x = frame_copy(j->f, t);
    bool same = to->frame == t && axis == axis_get(t->axis) && t->rows == axis->rows;
    x->axis = axis;
    x->rows = axis->rows;
    vec_each (i, &x->col) {
        x->col.at[i] = open_col(j, t->col.at[i], axis);
        same &= x->col.at[i] == t->col.at[i];
    }
    if (t->index) {
        Index *ix = ARENA_NEW(j->f->arena, Index);
        *ix = *t->index;
        if (ix->range) {
            ix->rows = axis->rows;
            same &= ix->rows == t->index->rows;
        } else {
            ix->level = ARENA_NEW_N(j->f->arena, ix->nlevel + 1, Val *);
            for (int32_t i = 0; i < ix->nlevel; i++) {
                ix->level[i] = open_col(j, t->index->level[i], axis);
                same &= ix->level[i] == t->index->level[i];
            }
        }
        x->index = ix;
    }
    if (same) return false;
    to->frame = x;
    return true;
}

static bool join_frame(Join *j, Cell *to, Frame *a, Frame *b)
{
    if (a == b) return false;
    Front *f = j->f;
    if (is_bare(a) != is_bare(b)) return join_bare(j, to, is_bare(a) ? b : a);
    if (a->name.n != b->name.n) return cell_clash(to, frame_clash(f, a, b));
    Frame *x = frame_copy(f, a);
    x->axis = a->axis && b->axis ? join_axis(j, a->axis, b->axis) : a->axis;
    x->rows = join_rows(j, a->rows, b->rows, x->axis);
    x->index = join_index(j, a->index, b->index, x->axis);
    x->element = a->element || b->element;
    bool same = x->element == a->element && x->rows == a->rows &&
                x->index == a->index && axis_get(x->axis) == axis_get(a->axis);
    if (!x->index && a->index) return cell_clash(to, frame_clash(f, a, b));
    vec_each (i, &a->col) {
        x->col.at[i] = join_col(j, a->col.at[i], b->col.at[i]);
        if (!x->col.at[i] || !av_equal(a->name.at[i], b->name.at[i]))
            return cell_clash(to, frame_clash(f, a, b));
        same &= x->col.at[i] == a->col.at[i];
    }
    if (same) return false;
    to->frame = x;
    return true;
}

/* -- Values of all kinds ----------------------------------------------------------- */
const Cell *join_side_a(const Join *j, int32_t n)
{
    vec_each (i, &j->cell)
        if (j->cell.at[i].n == n) return &j->cell.at[i].to;
    return n < j->base->cell.n ? &j->base->cell.at[n] : NULL;
}

bool join_owns(const Join *j, int32_t n)
{
    vec_each (i, &j->cell)
        if (j->cell.at[i].n == n) return j->cell.at[i].made;
    return false;
}

static AVal *join_items(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    if (a->n != b->n || a->rec != b->rec) return join_conflict(j, a, b);
    AVal *v = record_new(j->f, a->rec, a->item, a->n);
    v->kind = a->kind;
    v->loc = b->loc;
    bool same = true;
    for (idx i = 0; i < a->n; i++) {
        v->item[i] = join_vals(j, a->item[i], b->item[i], hb);
        same &= v->item[i] == a->item[i];
    }
    return same ? a : v;
}

/* A plain array among views: the same numbers as items. */
static AVal *as_view(Join *j, AVal *a)
{
    if (a->item) return a;
    Front *f = j->f;
    AVal *v = av_new_kind(f, A_ARRAY);
    *v = *a;
    v->obj = -1;
    v->n = 3;
    v->i = 1;
    v->axis = val_axis(a->val);
    v->item = ARENA_NEW_N(f->arena, 3, AVal *);
    v->item[0] = av_int(f, 0);
    v->item[1] = rows_av(j, v->axis, v->item[0]);
    v->item[2] = av_int(f, 1);
    return v;
}

static AVal *join_views(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    AVal *x = as_view(j, a), *y = as_view(j, b);
    if (x->n != y->n || !type_eq(x->val->type, y->val->type))
        return join_conflict(j, a, b);
    AVal *v = av_new_kind(j->f, A_ARRAY);
    *v = *x;
    v->obj = -1;
    v->i = (x->i & y->i & 1) | ((x->i | y->i) & 2);
    v->val = join_col(j, x->val, y->val);
    v->axis = x->axis && y->axis ? join_axis(j, x->axis, y->axis) : NULL;
    v->item = ARENA_NEW_N(j->f->arena, x->n, AVal *);
    bool same = a == x && v->i == x->i && v->val == x->val &&
                axis_get(v->axis) == axis_get(x->axis);
    for (idx i = 0; i < x->n; i++) {
        v->item[i] = i == 1 && v->axis ? rows_av(j, v->axis, x->item[1])
                                       : join_vals(j, x->item[i], y->item[i], hb);
        same &= v->item[i] == x->item[i];
    }
    return same ? a : v;
}

static AVal *join_series(Join *j, AVal *a, AVal *b)
{
    Val *col = join_col(j, a->val, b->val);
    if (!col) return join_conflict(j, a, b);
    Index *x = a->index;
    if (a->kind == A_SERIES) {
        x = join_index(j, a->index, b->index, axis_get(col->axis));
        if ((!x && a->index) || !av_equal(a->name, b->name))
            return join_conflict(j, a, b);
    }
    if (col == a->val && x == a->index) return a;
    AVal *v = av_new_kind(j->f, (AKind)a->kind);
    v->val = col;
    v->index = x;
    v->name = a->name;
    v->loc = b->loc;
    return v;
}

/* Kinds of values that can be there on one path only: scalars, arrays, tuples of them.
 */
static bool may_be_bound(const AVal *v)
{
    Type t;
    bool weak;
    for (idx i = 0; holds_values(v) && i < v->n; i++)
        if (!may_be_bound(v->item[i])) return false;
    bool object = v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
    return holds_values(v) || v->kind == A_ARRAY || v->kind == A_API ||
           v->kind == A_DTYPE || object || scalar_type(v, &t, &weak);
}

/* The first conflict in v, NULL: none. */
static AVal *conflict_in(AVal *v)
{
    if (v->kind == A_CONFLICT) return v;
    AVal *found = NULL;
    for (idx i = 0; holds_values(v) && i < v->n && !found; i++)
        found = conflict_in(v->item[i]);
    return found;
}

static bool is_joined(const AVal *v)
{
    for (idx i = 0; holds_values(v) && i < v->n; i++)
        if (!is_joined(v->item[i])) return false;
    if (v->kind == A_OPT) return val_is_hole(v->val);
    return (v->kind != A_SCALAR && v->kind != A_ARRAY) || val_is_hole(v->val);
}

/* What only one path has a value for: the scalars in it may be made on that path. */
static AVal *join_kept(Join *j, AVal *v)
{
    if (is_joined(v)) return v;
    if (v->kind == A_SCALAR) return join_widen(j, v);
    if (v->kind != A_TUPLE) return v;
    AVal *to = record_new(j->f, v->rec, v->item, v->n);
    for (idx i = 0; i < to->n; i++)
        to->item[i] = join_kept(j, to->item[i]);
    to->loc = v->loc;
    return to;
}

static bool has_object(const AVal *v)
{
    for (idx i = 0; holds_values(v) && i < v->n; i++)
        if (has_object(v->item[i])) return true;
    return v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
}

/* A container that is there on one path only is an object of the run time. Most are not
 * used behind the paths: the first that is has the evaluation start over. */
static AVal *maybe_object(Join *j, AVal *v, const Heap *hb)
{
    if (!has_object(v)) return v;
    if (j->f->hints->maybes) return join_adopt(j, v, hb);
    AVal *gone = av_new_kind(j->f, A_UNBOUND);
    gone->i = UNBOUND_OBJECT;
    return gone;
}

static bool is_gone(const AVal *v)
{
    return v->kind == A_UNBOUND && (v->i == UNBOUND_OBJECT || v->i == UNBOUND_ROWS);
}

/* What is bound on one path only and has no form for that: refused where it is used. */
static AVal *rows_gone(Join *j, AVal *a, AVal *b)
{
    if (a->kind == A_OPEN || b->kind == A_OPEN) /* control does not get there with it */
        return a->kind == A_UNBOUND ? a : av_new_kind(j->f, A_UNBOUND);
    if (a->kind == A_UNBOUND && a->i == UNBOUND_ROWS) return a;
    if (b->kind == A_UNBOUND && b->i == UNBOUND_ROWS) return b;
    AVal *gone = av_new_kind(j->f, A_UNBOUND), *there = a->kind == A_UNBOUND ? b : a;
    gone->i = UNBOUND_ROWS;
    gone->s = there->kind == A_FRAME ? "DataFrame" : av_type_text(j->f, there);
    gone->loc = there->loc;
    return gone;
}

static AVal *join_maybe(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    if (is_gone(a)) return a; /* also beside what is there on the other path */
    if (is_gone(b)) return b;
    AVal *x = a->kind == A_MAYBE ? a->item[0] : a,
         *y = b->kind == A_MAYBE ? b->item[0] : b;
    AVal *to = x->kind == A_UNBOUND   ? maybe_object(j, y, hb)
               : y->kind == A_UNBOUND ? maybe_object(j, x, NULL)
                                      : NULL;
    if (to && to->kind == A_UNBOUND)
        return a->kind == A_UNBOUND && a->i == to->i ? a : to;
    if (!to)
        to = join_vals(j, x, y, hb);
    else if (!is_joined(to))
        to = join_widen(j, to);
    AVal *clash = conflict_in(to);
    if (clash) return clash;
    if (!may_be_bound(to)) return rows_gone(j, a, b);
    if (a->kind == A_MAYBE && to == x && val_is_hole(a->val)) return a;
    AVal *v = av_new_kind(j->f, A_MAYBE);
    v->item = ARENA_NEW_N(j->f->arena, 1, AVal *);
    v->item[0] = to;
    v->val = a->kind == A_MAYBE && val_is_hole(a->val)
                 ? a->val
                 : join_hole(j, type_scalar(DT_BOOL), NULL);
    return v;
}

bool func_same(const AVal *a, const AVal *b)
{
    if (a->ast != b->ast || a->scope != b->scope || a->i != b->i || a->n != b->n)
        return false;
    for (idx i = 0; i < a->n; i++)
        if (!av_equal(a->item[i], b->item[i])) return false;
    return true;
}

/* None here, a value there. Text says None by itself. */
static bool wants_opt(Join *j, const AVal *a, const AVal *b)
{
    const AVal *none = a->kind == A_NONE ? a : b->kind == A_NONE ? b : NULL;
    const AVal *v = none == a ? b : a;
    Type t;
    bool weak;
    (void)j;
    if (!none || v->kind == A_NONE) return false;
    if (v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET ||
        v->kind == A_TUPLE || v->kind == A_FRAME || v->kind == A_SERIES ||
        v->kind == A_ARRAY)
        return true;
    return scalar_type(v, &t, &weak) && (t.dt != DT_STR || t.unit == UNIT_BYTES);
}

/* join_widen would make something else of it. */
static bool widens(const AVal *v)
{
    bool any = false;
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        any |= widens(v->item[i]);
    return any || (v->kind == A_SCALAR && !val_is_hole(v->val)) ||
           (v->kind == A_CONST && v->ck != AC_STR);
}

static AVal *join_opt(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    AVal *x = a->kind == A_OPT ? a->item[0] : a, *y = b->kind == A_OPT ? b->item[0] : b;
    bool joined = a->kind == A_OPT && val_is_hole(a->val);
    bool nothing = y->kind == A_OPEN || y->kind == A_NONE; /* that b adds */
    if (joined && nothing && is_joined(x)) return a;
    AVal *to = x->kind == A_NONE   ? join_adopt(j, y, hb)
               : y->kind == A_NONE ? join_adopt(j, x, NULL)
                                   : join_vals(j, x, y, hb);
    AVal *clash = conflict_in(to);
    if (clash) return clash;
    if (widens(to)) to = join_widen(j, to);
    if (joined && to == x) return a;
    AVal *v = av_new_kind(j->f, A_OPT);
    v->n = 1;
    v->item = ARENA_NEW_N(j->f->arena, 1, AVal *);
    v->item[0] = to;
    v->val = joined ? a->val : join_hole(j, type_scalar(DT_BOOL), NULL);
    return v;
}

static bool is_either(const AVal *a, const AVal *b, AKind kind)
{
    return a->kind == kind || b->kind == kind;
}

/* Two of one kind. */
static AVal *join_alike(Join *j, AVal *a, AVal *b, const Heap *hb);

AVal *join_vals(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    if (a == b || a->kind == A_CONFLICT || a->kind == A_ERROR) return a;
    if (b->kind == A_CONFLICT || b->kind == A_ERROR) return b;
    if (a->kind == A_UNBOUND && b->kind == A_UNBOUND) return b->i > a->i ? b : a;
    if (is_either(a, b, A_UNBOUND) || is_either(a, b, A_MAYBE))
        return join_maybe(j, a, b, hb);
    if (b->kind == A_OPEN) return join_kept(j, join_adopt(j, a, NULL));
    if (a->kind == A_OPEN) {
        AVal *to = join_adopt(j, b, hb);
        return to->kind == A_SCALAR || to->kind == A_TUPLE ? join_widen(j, to) : to;
    }
    if (is_either(a, b, A_OPT) || wants_opt(j, a, b)) return join_opt(j, a, b, hb);
    bool function = is_either(a, b, A_FUNC) || is_either(a, b, A_PICK);
    if (function && pick_may(a) && pick_may(b))
        return a->kind == A_FUNC && b->kind == A_FUNC && func_same(a, b)
                   ? a
                   : pick_join(j, a, b);
    if (a->kind != b->kind) return join_scalar(j, a, b);
    return join_alike(j, a, b, hb);
}

static AVal *join_alike(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    switch ((AKind)a->kind) {
    case A_NONE: return a;
    case A_CONST:
    case A_SCALAR: return join_scalar(j, a, b);
    case A_ARRAY:
        return a->item || b->item ? join_views(j, a, b, hb) : join_series(j, a, b);
    case A_SERIES:
        if (a->obj < 0 || b->obj < 0) return join_series(j, a, b);
        return join_object(j, a, b, hb);
    case A_FRAME:
    case A_LIST:
    case A_DICT:
    case A_SET: return join_object(j, a, b, hb);
    case A_TUPLE:
    case A_RANGE:
    case A_SLICE: return join_items(j, a, b, hb);
    case A_RNG: return a->obj == b->obj ? a : join_conflict(j, a, b);
    case A_HOSTOBJ: return a->i == b->i ? a : join_conflict(j, a, b);
    case A_INDEX:
        if (a->index == b->index && a->n == 0 && b->n == 0) return a;
        break;
    default: break;
    }
    return av_equal(a, b) ? a : join_conflict(j, a, b);
}

/* Joins b into *to; true when that changed it. */
bool join_cell(Join *j, Cell *to, const Cell *b, const Heap *hb)
{
    if (to->kind == C_CLASH) return false;
    if (b->kind == C_CLASH) return cell_clash(to, b->why);
    if (to->kind == C_BOX || b->kind == C_BOX) return join_box(j, to, b, hb);
    if (to->kind != b->kind) return cell_clash(to, "it is not there on every path");
    if (to->kind == C_FRAME) return join_frame(j, to, to->frame, b->frame);
    if (to->kind == C_ITEMS) return join_container(j, to, to->items, b->items, hb);
    if (to->kind != C_VAR) return false;
    AVal *v = join_vals(j, to->var, b->var, hb);
    if (v == to->var) return false;
    to->var = v;
    return true;
}

static bool skipped(const Join *j, int32_t n)
{
    vec_each (i, &j->skip)
        if (j->skip.at[i] == n) return true;
    return false;
}

idx join_own_cell(Join *j, int32_t n)
{
    vec_each (i, &j->cell)
        if (j->cell.at[i].n == n) return i;
    JoinCell jc = {n, false, j->base->cell.at[n]};
    vec_push(j->f->arena, &j->cell, jc);
    j->changed = true;
    return j->cell.n - 1;
}

void join_put(Join *j, int32_t n, AVal *v)
{
    idx i = join_own_cell(j, n);
    j->cell.at[i].to.kind = C_VAR;
    j->cell.at[i].to.var = v;
}

void join_state(Join *j, const Heap *hb, idx ncell)
{
    j->round++;
    j->ncell = ncell;
    for (int32_t n = 0; n < (int32_t)ncell; n++) {
        const Cell *a = join_side_a(j, n), *b = &hb->cell.at[n];
        if (a->p == b->p && a->kind == b->kind) continue;
        if (skipped(j, n) || a->kind == C_ABSENT) continue;
        idx i = join_own_cell(j, n);
        Cell to = j->cell.at[i].to;
        bool news = join_cell(j, &to, b, hb);
        j->cell.at[i].to = to;
        j->changed |= news;
    }
    join_settle(j, hb);
}

/* -- One open path: everything made inside becomes a hole -------------------------- */
static bool made_inside(const Val *v, const Region *in)
{
    const Region *r = v->def ? v->def->parent : v->region;
    for (; r; r = r->owner ? r->owner->parent : NULL)
        if (r == in) return true;
    return false;
}

static Axis *export_axis(Join *j, Axis *a, const Region *in)
{
    a = axis_get(a);
    if (!a || !a->rows || !made_inside(a->rows, in)) return a;
    vec_each (i, &j->axis)
        if (j->axis.at[i].a == a) return j->axis.at[i].to;
    AxisPair p = {a, a, join_open_axis(j), 0};
    vec_push(j->f->arena, &j->axis, p);
    return p.to;
}

static Val *export_val(Join *j, Val *v, const Region *in)
{
    if (!v || !made_inside(v, in)) return v;
    return join_hole(j, v->type, export_axis(j, v->axis, in));
}

static Index *export_index(Join *j, Index *a, const Region *in)
{
    if (!a) return NULL;
    Index *x = ARENA_NEW(j->f->arena, Index);
    *x = *a;
    if (a->rows) x->rows = export_val(j, a->rows, in);
    x->level = ARENA_NEW_N(j->f->arena, a->nlevel + 1, Val *);
    for (int32_t i = 0; i < a->nlevel; i++)
        x->level[i] = export_val(j, a->level[i], in);
    return x;
}

static void export_cell(Join *j, int32_t n, const Heap *h, const Region *in);

static AVal *export_aval(Join *j, AVal *a, const Heap *h, const Region *in)
{
    AVal *v = ARENA_NEW(j->f->arena, AVal);
    *v = *a;
    if (a->kind == A_SERIES && a->obj >= 0) { /* its cell has them */
        v->val = NULL;
        v->index = NULL;
    }
    if (v->val) v->val = export_val(j, a->val, in);
    if (a->axis) v->axis = export_axis(j, a->axis, in);
    if (v->index) v->index = export_index(j, a->index, in);
    if (a->item && a->kind != A_CONFLICT) {
        v->item = ARENA_NEW_N(j->f->arena, a->n + 1, AVal *);
        idx n = a->kind == A_MAYBE || a->kind == A_METHOD || a->kind == A_ACCESSOR
                    ? 1
                    : a->n;
        for (idx i = 0; i < n; i++)
            v->item[i] = export_aval(j, a->item[i], h, in);
        if (a->kind == A_ARRAY && axis_is_open(v->axis))
            v->item[1] = rows_av(j, v->axis, v->item[1]);
    }
    if (a->obj >= 0) export_cell(j, a->obj, h, in);
    if (a->kind == A_FUNC && a->scope)
        vec_each (i, &a->scope->cell)
            export_cell(j, a->scope->cell.at[i], h, in);
    return v;
}

static void export_cell(Join *j, int32_t n, const Heap *h, const Region *in)
{
    vec_each (i, &j->cell)
        if (j->cell.at[i].n == n) return;
    if (n >= h->cell.n) return;
    const Cell *c = &h->cell.at[n];
    if (n < j->base->cell.n && j->base->cell.at[n].p == c->p) return;
    JoinCell jc = {n, true, *c};
    vec_push(j->f->arena, &j->cell, jc);
    idx at = j->cell.n - 1;
    if (c->kind == C_VAR) {
        AVal *v = export_aval(j, c->var, h, in);
        j->cell.at[at].to.var = v;
    } else if (c->kind == C_ITEMS) {
        Container *x = ARENA_NEW(j->f->arena, Container);
        vec_each (i, &c->items->item)
            vec_push(j->f->arena, &x->item,
                     export_aval(j, c->items->item.at[i], h, in));
        vec_each (i, &c->items->key)
            vec_push(j->f->arena, &x->key, c->items->key.at[i]);
        j->cell.at[at].to.items = x;
    } else if (c->kind == C_BOX) {
        j->cell.at[at].to.box = export_val(j, c->box, in);
    } else if (c->kind == C_FRAME) {
        Frame *x = frame_copy(j->f, c->frame);
        x->axis = export_axis(j, x->axis, in);
        x->rows = axis_is_open(x->axis) ? x->axis->rows : export_val(j, x->rows, in);
        x->index = export_index(j, x->index, in);
        vec_each (i, &x->col)
            x->col.at[i] = export_val(j, x->col.at[i], in);
        j->cell.at[at].to.frame = x;
    }
}

static void export_state(Join *j, const Path *p, idx ncell)
{
    for (int32_t n = 0; n < (int32_t)ncell; n++)
        export_cell(j, n, p->heap, p->region);
}

/* -- Numbering of holes ------------------------------------------------------------ */
static void number(Join *j, Val *v)
{
    if (!v || !val_is_hole(v)) return;
    if (v->index >= 0 && v->index < j->hole.n && j->hole.at[v->index] == v) return;
    v->index = (int32_t)j->hole.n;
    vec_push(j->f->arena, &j->hole, v);
}

static void number_axis(Join *j, Axis *a)
{
    a = axis_get(a);
    if (axis_is_open(a)) number(j, a->rows);
}

static void number_col(Join *j, Val *v)
{
    if (!v) return;
    number_axis(j, v->axis);
    number(j, v);
}

static void number_index(Join *j, Index *x)
{
    if (!x) return;
    number(j, x->rows);
    for (int32_t i = 0; i < x->nlevel; i++)
        number_col(j, x->level[i]);
}

idx aval_items(const AVal *v)
{
    if (v->kind == A_OPT) return 1;
    if (v->kind == A_PICK) return 0;
    if (!v->item || v->kind == A_CONFLICT) return 0;
    return v->kind == A_MAYBE || v->kind == A_METHOD || v->kind == A_ACCESSOR ? 1
                                                                              : v->n;
}

static void number_aval(Join *j, AVal *v)
{
    if (v->kind == A_CONFLICT) return;
    number_col(j, v->val);
    number_axis(j, v->axis);
    number_index(j, v->index);
    for (idx i = 0; i < aval_items(v); i++)
        number_aval(j, v->item[i]);
}

idx join_holes(Join *j)
{
    j->hole.n = 0;
    vec_each (i, &j->cell) {
        Cell *c = &j->cell.at[i].to;
        if (c->kind == C_VAR) {
            number_aval(j, c->var);
        } else if (c->kind == C_ITEMS) {
            vec_each (k, &c->items->item)
                number_aval(j, c->items->item.at[k]);
        } else if (c->kind == C_BOX) {
            number(j, c->box);
        } else if (c->kind == C_FRAME) {
            number_axis(j, c->frame->axis);
            number(j, c->frame->rows);
            vec_each (k, &c->frame->col)
                number_col(j, c->frame->col.at[k]);
            number_index(j, c->frame->index);
        }
    }
    return j->hole.n;
}

/* -- Flattening -------------------------------------------------------------------- */
typedef struct Flat {
    Join *j;
    Val **out;
    VEC(int32_t) seen; /* joined objects already walked */
} Flat;

static void flat_val(Flat *w, Val *to, Val *v)
{
    if (!to || !val_is_hole(to) || !v || w->out[to->index]) return;
    Axis *a = axis_get(to->axis), *b = axis_get(v->axis);
    if (axis_is_open(a) && b && b->rows) flat_val(w, a->rows, b->rows);
    bool object = to->type.kind == TY_OBJ;
    bool text = to->type.kind == TY_SCALAR && to->type.dt == DT_STR;
    if (!object && !text && !type_eq(to->type, v->type))
        v = front_cast(w->j->f, v, to->type);
    w->out[to->index] = v;
}

/* The axis whose number of rows this is. */
static Axis *rows_axis(Front *f, Val *rows)
{
    vec_each (i, &f->fn->axes)
        if (f->fn->axes.at[i]->rows == rows) return axis_get(f->fn->axes.at[i]);
    return val_axis(rows);
}

static void flat_index(Flat *w, const Index *to, const Index *x)
{
    if (!to || !x || to == x) return;
    if (x->range && !to->range) {
        Front *f = w->j->f;
        Val *rows = x->rows;
        Val *c = val_put(f, OP_ROWNUM, &rows, 1, type_col(DT_I64), rows_axis(f, rows));
        node_set_int(f->fn, c->def, "start", x->start);
        node_set_int(f->fn, c->def, "step", x->step);
        flat_val(w, to->level[0], c);
        return;
    }
    flat_val(w, to->rows, x->rows);
    for (int32_t i = 0; i < to->nlevel && i < x->nlevel; i++)
        flat_val(w, to->level[i], x->level[i]);
}

static void flat_cell(Flat *w, const Cell *to, int32_t n);

static void flat_object(Flat *w, int32_t to, int32_t from)
{
    vec_each (i, &w->seen)
        if (w->seen.at[i] == to) return;
    vec_push(w->j->f->arena, &w->seen, to);
    const Cell *c = join_side_a(w->j, to);
    if (c) flat_cell(w, c, from);
}

static Val *missing_text(Front *f)
{
    Val *v = ir_const_text(f->fn, f->at, f->loc, "", 0);
    node_set_int(f->fn, v->def, "na", 1);
    return v;
}

static void flat_aval(Flat *w, AVal *to, AVal *v);

/* A value that may be None, or a name that may be unbound. */
static void flat_maybe(Flat *w, AVal *to, AVal *v)
{
    Front *f = w->j->f;
    bool same = v->kind == to->kind, none = to->kind == A_OPT && v->kind == A_NONE;
    Type b = type_scalar(DT_BOOL);
    flat_val(w, to->val, same ? v->val : ir_const_int(f->fn, f->at, f->loc, b, !none));
    if (!none) flat_aval(w, to->item[0], same ? v->item[0] : v);
}

static void flat_aval(Flat *w, AVal *to, AVal *v)
{
    Front *f = w->j->f;
    if (to == v || v->kind == A_UNBOUND || v->kind == A_CONFLICT || v->kind == A_OPEN)
        return;
    if (to->kind == A_PICK) {
        flat_val(w, to->val, pick_number(f, to, v));
        return;
    }
    if (to->kind == A_OPT || to->kind == A_MAYBE) {
        flat_maybe(w, to, v);
        return;
    }
    if (to->kind == A_SCALAR && val_is_hole(to->val)) {
        if (w->out[to->val->index]) return;
        flat_val(w, to->val, v->kind == A_NONE ? missing_text(f) : front_val(f, v));
        return;
    }
    flat_val(w, to->val, v->val);
    flat_index(w, to->index, v->index);
    if (to->kind != v->kind) return;
    if (to->kind == A_ARRAY && to->item) {
        v = as_view(w->j, v);
        Axis *x = axis_get(to->axis), *y = axis_get(v->axis);
        if (axis_is_open(x) && y && y->rows) flat_val(w, x->rows, y->rows);
    }
    if (to->obj >= 0 && v->obj >= 0) flat_object(w, to->obj, v->obj);
    AVal *const *a = to->item, *const *b = v->item;
    idx n = a && b ? idx_min(aval_items(to), aval_items(v)) : 0;
    for (idx i = 0; i < n; i++)
        flat_aval(w, a[i], b[i]);
}

/* A column of no rows. */
static void flat_empty(Flat *w, Val *to, Axis *none)
{
    Front *f = w->j->f;
    if (w->out[to->index]) return;
    bool text = to->type.dt == DT_STR && to->type.null == NULL_NONE;
    Val *in[] = {none->rows, text ? ir_const_text(f->fn, f->at, f->loc, "", 0)
                                  : missing_scalar(f, to->type)};
    w->out[to->index] = val_put(f, OP_FILL, in, 2, to->type, none);
}

/* pd.DataFrame() where other paths have the columns of `to`. */
static void flat_bare(Flat *w, const Frame *to)
{
    Front *f = w->j->f;
    Val *zero = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), 0);
    Axis *none = axis_new(f->fn);
    none->rows = val_put(f, OP_AXIS, &zero, 1, type_scalar(DT_I64), none);
    w->out[to->rows->index] = none->rows;
    vec_each (i, &to->col)
        flat_empty(w, to->col.at[i], none);
    for (int32_t i = 0; to->index && i < to->index->nlevel && !to->index->range; i++)
        flat_empty(w, to->index->level[i], none);
}

/* The contents of cell n of the path. What becomes an object there stays one for the
 * rest of the walk: other names of it, and containers it stands in, get the same. */
static void flat_cell(Flat *w, const Cell *to, int32_t n)
{
    Front *f = w->j->f;
    if (n >= f->heap->cell.n) return;
    const Cell *c = &f->heap->cell.at[n];
    if (to->kind == C_BOX && (c->kind == C_ITEMS || c->kind == C_BOX)) {
        if (!val_is_hole(to->box) || w->out[to->box->index]) return;
        flat_val(w, to->box, box_as(f, n, (AKind)to->akind, to->box->type));
        return;
    }
    if (to->p == c->p || to->kind != c->kind) return;
    if (to->kind == C_VAR) {
        flat_aval(w, to->var, c->var);
    } else if (to->kind == C_ITEMS) {
        vec_each (i, &to->items->item)
            flat_aval(w, to->items->item.at[i], c->items->item.at[i]);
    } else if (to->kind == C_FRAME) {
        if (is_bare(c->frame)) {
            flat_bare(w, to->frame);
            return;
        }
        Axis *a = axis_get(to->frame->axis);
        if (axis_is_open(a)) flat_val(w, a->rows, c->frame->rows);
        flat_val(w, to->frame->rows, c->frame->rows);
        vec_each (i, &to->frame->col)
            flat_val(w, to->frame->col.at[i], c->frame->col.at[i]);
        flat_index(w, to->frame->index, c->frame->index);
    }
}

static bool bound_flag(const Join *j, const Val *hole)
{
    vec_each (i, &j->cell) {
        const Cell *c = &j->cell.at[i].to;
        if (c->kind == C_VAR && c->var->kind == A_MAYBE && c->var->val == hole)
            return true;
    }
    return false;
}

static Val *missing_val(Join *j, Val **out, idx k, Region *at);

/* The axis of an array that is not there: that of another one which has it, else one of
 * its own with the number of rows that is not there either. */
static Axis *missing_axis(Join *j, Val **out, Axis *a, Region *at)
{
    a = axis_get(a);
    if (!axis_is_open(a)) return a;
    vec_each (k, &j->hole)
        if (out[k] && j->hole.at[k]->axis && axis_get(j->hole.at[k]->axis) == a)
            return out[k]->axis;
    Axis *own = axis_new(j->f->fn);
    idx k = a->rows->index;
    if (!out[k]) out[k] = missing_val(j, out, k, at);
    own->rows = out[k];
    return own;
}

static Val *missing_val(Join *j, Val **out, idx k, Region *at)
{
    Front *f = j->f;
    Val *hole = j->hole.at[k];
    if (bound_flag(j, hole)) return ir_const_int(f->fn, at, f->loc, hole->type, 0);
    Axis *a = missing_axis(j, out, hole->axis, at);
    return val_put(f, OP_UNDEF, NULL, 0, hole->type, a);
}

static void fill_missing(Join *j, Val **out, Region *at)
{
    vec_each (k, &j->hole)
        if (!out[k]) out[k] = missing_val(j, out, k, at);
}

static bool cell_same(const Heap *a, const Heap *b, int32_t n)
{
    return n < a->cell.n && n < b->cell.n && a->cell.at[n].p == b->cell.at[n].p &&
           a->cell.at[n].kind == b->cell.at[n].kind;
}

static bool reach_same(const Heap *a, const Heap *b, int32_t n, int depth);

static bool objects_same(const Heap *a, const Heap *b, const AVal *v, int depth)
{
    if (v->obj >= 0 && !reach_same(a, b, v->obj, depth + 1)) return false;
    for (idx i = 0; i < aval_items(v); i++)
        if (!objects_same(a, b, v->item[i], depth + 1)) return false;
    return true;
}

/* Cell n is the same in both states, and so is whatever it leads to. */
static bool reach_same(const Heap *a, const Heap *b, int32_t n, int depth)
{
    enum { DEPTH = 12 };
    if (!cell_same(a, b, n) || depth > DEPTH) return false;
    const Cell *c = &a->cell.at[n];
    if (c->kind == C_VAR) return objects_same(a, b, c->var, depth);
    for (idx i = 0; c->kind == C_ITEMS && i < c->items->item.n; i++)
        if (!objects_same(a, b, c->items->item.at[i], depth)) return false;
    return true;
}

bool join_same_state(const Heap *a, const Heap *b, int32_t n)
{
    return reach_same(a, b, n, 0);
}

/* The flag of a variable that has no value in the state. */
static void flat_unbound(Flat *w, const Cell *to, const Cell *c, Region *at)
{
    Front *f = w->j->f;
    if (to->kind != C_VAR || c->kind != C_VAR || to->var->kind != A_MAYBE) return;
    Val *flag = to->var->val;
    if (c->var->kind == A_UNBOUND && val_is_hole(flag) && !w->out[flag->index])
        w->out[flag->index] = ir_const_int(f->fn, at, f->loc, flag->type, 0);
}

static Val **flatten(Join *j, const Heap *before, const Heap *h, Region *at)
{
    Front *f = j->f;
    Heap *was = f->heap;
    Region *back = f->at;
    heap_load(f, h);
    f->at = at;
    Flat w = {.j = j, .out = ARENA_NEW_N(f->arena, j->hole.n + 1, Val *)};
    vec_each (i, &j->cell) {
        const JoinCell *jc = &j->cell.at[i];
        if (jc->n >= h->cell.n || (before && reach_same(before, h, jc->n, 0))) continue;
        flat_cell(&w, &jc->to, jc->n);
        flat_unbound(&w, &jc->to, &h->cell.at[jc->n], at);
    }
    f->at = back;
    f->heap = was;
    return w.out;
}

Val **join_flatten(Join *j, const Heap *h, Region *at)
{
    Val **out = flatten(j, NULL, h, at);
    Region *back = j->f->at;
    j->f->at = at;
    fill_missing(j, out, at);
    j->f->at = back;
    return out;
}

Val **join_flatten_changed(Join *j, const Heap *before, const Heap *h, Region *at)
{
    return flatten(j, before, h, at);
}

/* -- Rebuilding -------------------------------------------------------------------- */
typedef struct Build {
    Join *j;
    Val *val; /* one per hole, in one block */
    VEC(AxisPair) axis;
} Build;

static Axis *build_axis(Build *w, Axis *a)
{
    a = axis_get(a);
    if (!axis_is_open(a)) return a;
    vec_each (i, &w->axis)
        if (w->axis.at[i].a == a) return w->axis.at[i].to;
    AxisPair p = {a, NULL, axis_new(w->j->f->fn), 0};
    p.to->rows = &w->val[a->rows->index];
    vec_push(w->j->f->arena, &w->axis, p);
    return p.to;
}

static Val *build_val(Build *w, Val *v)
{
    if (!v || !val_is_hole(v)) return v;
    return &w->val[v->index];
}

static Index *build_index(Build *w, Index *a)
{
    if (!a) return NULL;
    Index *x = ARENA_NEW(w->j->f->arena, Index);
    *x = *a;
    x->rows = build_val(w, a->rows);
    x->level = ARENA_NEW_N(w->j->f->arena, a->nlevel + 1, Val *);
    for (int32_t i = 0; i < a->nlevel; i++)
        x->level[i] = build_val(w, a->level[i]);
    return x;
}

static AVal *build_aval(Build *w, AVal *a)
{
    if (a->kind == A_CONST || a->kind == A_NONE || a->kind == A_CONFLICT) return a;
    AVal *v = ARENA_NEW(w->j->f->arena, AVal);
    *v = *a;
    v->val = build_val(w, a->val);
    v->axis = a->axis ? build_axis(w, a->axis) : NULL;
    v->index = build_index(w, a->index);
    idx n = aval_items(a);
    if (n) {
        v->item = ARENA_NEW_N(w->j->f->arena, n + 1, AVal *);
        for (idx i = 0; i < n; i++)
            v->item[i] = build_aval(w, a->item[i]);
    }
    return v;
}

static void build_cell(Build *w, const JoinCell *jc)
{
    Front *f = w->j->f;
    Cell c = jc->to;
    if (c.kind == C_VAR) {
        c.var = build_aval(w, c.var);
    } else if (c.kind == C_ITEMS) {
        Container *x = ARENA_NEW(f->arena, Container);
        vec_each (i, &c.items->item)
            vec_push(f->arena, &x->item, build_aval(w, c.items->item.at[i]));
        vec_each (i, &c.items->key)
            vec_push(f->arena, &x->key, c.items->key.at[i]);
        c.items = x;
    } else if (c.kind == C_BOX) {
        c.box = build_val(w, c.box);
    } else if (c.kind == C_FRAME) {
        Frame *x = frame_copy(f, c.frame);
        x->axis = build_axis(w, x->axis);
        x->rows = build_val(w, x->rows);
        x->index = build_index(w, x->index);
        vec_each (i, &x->col)
            x->col.at[i] = build_val(w, x->col.at[i]);
        c.frame = x;
    }
    heap_put(f, jc->n, c);
}

/* val: one per hole, uninitialised but for node or region and index: typed here. */
void join_rebuild(Join *j, Val *val)
{
    Build w = {.j = j, .val = val};
    vec_each (k, &j->hole) {
        Val *hole = j->hole.at[k];
        val[k].type = hole->type;
        val[k].axis = build_axis(&w, hole->axis);
    }
    vec_each (i, &j->cell)
        build_cell(&w, &j->cell.at[i]);
}

/* -- The end of an IF -------------------------------------------------------------- */
static void add_results(Front *f, Node *n, idx nres)
{
    n->nres = (int32_t)nres;
    n->res = nres ? ARENA_NEW_N(f->arena, nres, Val) : NULL;
    for (int32_t i = 0; i < n->nres; i++) {
        val_init(f->fn, &n->res[i], type_scalar(DT_I64), NULL);
        n->res[i].def = n;
        n->res[i].index = i;
    }
}

/* Cells that got the very same new contents on both paths: `x = y` here and there. */
static void keep_equal(Front *f, const Path *path, const Heap *base)
{
    for (int32_t n = 0; n < (int32_t)base->cell.n; n++) {
        const Cell *a = &path[0].heap->cell.at[n], *b = &path[1].heap->cell.at[n];
        if (a->p == b->p && a->kind == b->kind && a->p != base->cell.at[n].p)
            heap_put(f, n, *a);
    }
}

void join_if(Front *f, Node *n, Path *path, int npath, const Heap *base)
{
    if (npath == 0) {
        heap_load(f, base);
        return;
    }
    Join *j = join_new(f, npath == 1 ? base : path[0].heap);
    if (npath == 1) {
        export_state(j, &path[0], base->cell.n);
    } else {
        for (int i = 1; i < npath; i++)
            join_state(j, path[i].heap, base->cell.n);
    }
    idx nhole = join_holes(j);
    for (int i = 0; i < npath; i++) {
        Val **out = join_flatten(j, path[i].heap, path[i].region);
        node_put(f, path[i].region, OP_YIELD, out, (int)nhole, 0);
    }
    add_results(f, n, nhole);
    heap_load(f, base);
    if (npath > 1) keep_equal(f, path, base);
    join_rebuild(j, n->res);
}

void join_results(Front *f, Node *n, Join *j)
{
    add_results(f, n, j->hole.n);
    join_rebuild(j, n->res);
}
