/* SPDX-License-Identifier: Apache-2.0
 * Frames, Series and arrays as elements of containers at run time. Such an element is a
 * bundle, like a tuple's: the number of rows, then columns and index levels, or an
 * array's memory and the numbers of its view. What the rows are called is known when
 * compiling and equal for all elements of a container: the form, which hangs at the
 * bundle's type. Every reading of an element gives rows of a new axis.
 *
 * A frame or Series in a container is not changed any more, neither through the
 * container nor through the name that it was put in by: the container would not see it.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/nd.h"

#include <string.h>

struct RowForm {
    char kind;          /* f: frame, s: Series, a: array */
    AVal *const *name;  /* of the columns */
    idx ncol;           /* of an array: its dimensions */
    idx nlevel;         /* 0: a RangeIndex from 0 by 1 */
    const char **level; /* their names; of a RangeIndex its own */
    const char *columns_name;
};

static bool same_names(const RowForm *a, const RowForm *b)
{
    if (a->kind != b->kind || a->ncol != b->ncol || a->columns_name != b->columns_name)
        return false;
    for (idx i = 0; a->kind != 'a' && i < a->ncol; i++)
        if (!av_equal(a->name[i], b->name[i])) return false;
    return true;
}

static bool same_form(const RowForm *a, const RowForm *b)
{
    if (!same_names(a, b) || a->nlevel != b->nlevel) return false;
    idx n = a->kind == 'a' ? 0 : idx_max(a->nlevel, 1);
    ASSERT(n == 0 || (a->level && b->level));
    for (idx i = 0; i < n; i++)
        if (a->level[i] != b->level[i]) return false;
    return true;
}

static const RowForm *form_of(Front *f, const RowForm *like)
{
    vec_each (i, &f->hints->forms)
        if (same_form(f->hints->forms.at[i], like)) return f->hints->forms.at[i];
    RowForm *form = ARENA_NEW(f->arena, RowForm);
    *form = *like;
    vec_push(f->arena, &f->hints->forms, form);
    return form;
}

/* -- Types ------------------------------------------------------------------------- */
typedef struct Items {
    VEC(Type) at;
} Items;

static void add(Front *f, Items *to, Type t)
{
    vec_push(f->arena, &to->at, t);
}

static bool plain_range(const Index *ix)
{
    return ix->range && ix->start == 0 && ix->step == 1;
}

static bool table_type(Front *f, const AVal *v, const Frame *t, Type *out)
{
    Items item = {0};
    RowForm form = {.kind = v->kind == A_FRAME ? 'f' : 's',
                    .name = t->name.at,
                    .ncol = t->col.n,
                    .nlevel = plain_range(t->index) ? 0 : index_depth(t->index),
                    .level = t->index->name,
                    .columns_name = t->columns_name};
    if (!t->rows) return false;
    add(f, &item, type_scalar(DT_I64));
    vec_each (i, &t->col)
        add(f, &item, t->col.at[i]->type);
    for (idx i = 0; i < form.nlevel; i++)
        add(f, &item, t->index->range ? type_col(DT_I64) : t->index->level[i]->type);
    *out = comp_form(f->fn, item.at.at, (int)item.at.n, form_of(f, &form));
    return true;
}

static bool view_type(Front *f, AVal *v, Type *out)
{
    Nd d = nd_of(f, v);
    RowForm form = {.kind = 'a', .ncol = d.n};
    Items item = {0};
    add(f, &item, d.base->type);
    for (int i = 0; i < 1 + 2 * d.n; i++)
        add(f, &item, type_scalar(DT_I64));
    *out = comp_form(f->fn, item.at.at, (int)item.at.n, form_of(f, &form));
    return true;
}

bool form_type(Front *f, AVal *v, Type *out)
{
    if (f->hints->counted)
        front_unsup(f, UNSUP_ELEMENT, "%s can't be an element of a container",
                    av_type_text(f, v));
    bool known = v->kind == A_ARRAY ? view_type(f, v, out)
                                    : table_type(f, v, table_of(f, v), out);
    CompType *c = known ? comp_of(f->fn, *out) : NULL;
    if (c && !c->text) c->text = av_type_text(f, v);
    return known;
}

Axis *form_axis(Front *f)
{
    Fn *fn = f->top;
    if (!fn->kept) fn->kept = ARENA_NEW(f->arena, Axis);
    return fn->kept;
}

/* Rows that differ in their index alone, one of them a RangeIndex: labels are kept. */
bool form_join(Front *f, Type a, Type b, Type *out)
{
    const CompType *x = comp_of(f->fn, a), *y = comp_of(f->fn, b);
    if (!x || !y || !x->form || !y->form || !same_names(x->form, y->form)) return false;
    if (((const RowForm *)x->form)->nlevel == 0) {
        const CompType *swap = x;
        x = y;
        y = swap;
        *out = b;
    } else {
        *out = a;
    }
    const RowForm *more = x->form, *less = y->form;
    if (less->nlevel || more->nlevel != 1 || more->level[0] != less->level[0])
        return false;
    if (!type_eq(x->item[x->n - 1], type_col(DT_I64)) || x->n != y->n + 1) return false;
    for (int i = 0; i < y->n; i++)
        if (!type_eq(x->item[i], y->item[i])) return false;
    return true;
}

/* -- Values ------------------------------------------------------------------------ */
static void view_flatten(Front *f, AVal *v, ValVec *out)
{
    Nd d = nd_of(f, v);
    val_push(f, out, d.base);
    val_push(f, out, ix_val(f, d.off));
    for (int k = 0; k < d.n; k++)
        val_push(f, out, ix_val(f, d.shape[k]));
    for (int k = 0; k < d.n; k++)
        val_push(f, out, ix_val(f, d.stride[k]));
}

void form_flatten(Front *f, AVal *v, Type t, ValVec *out)
{
    const RowForm *form = comp_of(f->fn, t)->form;
    if (form->kind == 'a') {
        view_flatten(f, v, out);
        return;
    }
    bool object = v->kind == A_FRAME || v->obj >= 0;
    bool held = object && !f->leaving;
    if (held && !front_frame(f, v)->element) front_frame_mut(f, v)->element = true;
    const Frame *table = table_of(f, v);
    val_push(f, out, table->rows);
    vec_each (i, &table->col)
        val_push(f, out, table->col.at[i]);
    if (form->nlevel) index_vals(f, table->index, out);
}

static Axis *axis_by(Front *f, Val *rows)
{
    Axis *axis = axis_new(f->fn);
    axis->rows = rows;
    return axis;
}

static AVal *view_build(Front *f, const RowForm *form, Val *const *leaf, int *k)
{
    Nd d = {.base = leaf[(*k)++], .n = (int)form->ncol};
    d.off = ix_av(f, leaf[(*k)++]);
    for (int i = 0; i < d.n; i++)
        d.shape[i] = ix_av(f, leaf[(*k)++]);
    for (int i = 0; i < d.n; i++)
        d.stride[i] = ix_av(f, leaf[(*k)++]);
    ASSERT(d.n > 0 && d.shape[0]);
    d.axis = d.base->axis = axis_by(f, d.shape[0]->val);
    return nd_av(f, &d);
}

AVal *form_build(Front *f, Type t, Val *const *leaf, int *k)
{
    const RowForm *form = comp_of(f->fn, t)->form;
    if (form->kind == 'a') return view_build(f, form, leaf, k);
    Val *rows = leaf[(*k)++];
    Frame *table = table_new(f, axis_by(f, rows), rows, NULL);
    table->columns_name = form->columns_name;
    for (idx i = 0; i < form->ncol; i++) {
        Val *col = leaf[(*k)++];
        col->axis = table->axis;
        table_add(f, table, form->name[i], col);
    }
    if (form->nlevel) {
        for (idx i = 0; i < form->nlevel; i++)
            leaf[*k + i]->axis = table->axis;
        table->index = index_levels(f, leaf + *k, form->level, form->nlevel);
        *k += (int)form->nlevel;
    } else {
        table->index->name[0] = form->level[0];
    }
    AVal *v = form->kind == 'f'
                  ? av_frame(f, table)
                  : av_series(f, table->col.at[0], table->index, table->name.at[0]);
    front_frame_mut(f, series_bind(f, v))->element = true;
    return v;
}

AVal *form_array(Front *f, Val *array)
{
    Val *rows = put_val(f, OP_ROWS, &array, 1, type_scalar(DT_I64), NULL);
    array->axis = axis_by(f, rows);
    return av_array(f, array);
}

/* -- Descriptors ------------------------------------------------------------------- */
/* An element's descriptor has the numbers of its leaves, in the order of its type,
 * where other descriptors have slots. */
static Desc *leaf_desc(Front *f, DescKind kind, Type t, int32_t slot)
{
    Desc *d = desc_new(f, kind, 0);
    if (kind == D_COL && t.dt == DT_TS && t.of)
        front_unsup(f, UNSUP_ELEMENT,
                    "a column with a time zone, in a container that only the run time "
                    "knows, is no result");
    d->type = t;
    d->slot = slot;
    return d;
}

static Desc *view_desc(Front *f, const CompType *c, int32_t nd)
{
    Desc *d = leaf_desc(f, D_ARRAY, c->item[0], 0);
    d->type.ndim = (uint8_t)nd;
    d->nchild = 2 * nd + 1;
    d->child = ARENA_NEW_N(f->arena, d->nchild, Desc *);
    for (int32_t i = 0; i < d->nchild; i++) {
        int32_t at = i < nd ? 2 + i : i == nd ? 1 : 1 + i; /* lengths come first */
        d->child[i] = leaf_desc(f, D_SCALAR, type_scalar(DT_I64), at);
    }
    return d;
}

static Desc *index_desc(Front *f, const RowForm *form, const CompType *c)
{
    if (!form->nlevel) {
        Desc *d = desc_new(f, D_RANGE_INDEX, 0);
        d->step = 1;
        d->name = form->level[0];
        return d;
    }
    Desc *d = desc_new(f, D_INDEX, (int32_t)form->nlevel);
    for (int32_t i = 0; i < d->nchild; i++) {
        int32_t at = 1 + (int32_t)form->ncol + i;
        d->child[i] = leaf_desc(f, D_COL, c->item[at], at);
        d->child[i]->name = form->level[i];
    }
    return d;
}

Desc *form_desc(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, t);
    if (!c) {
        Desc *d = leaf_desc(f, D_ARRAY, t, 0);
        d->type.ndim = 1;
        return d;
    }
    const RowForm *form = c->form;
    int32_t n = (int32_t)form->ncol;
    if (form->kind == 'a') return view_desc(f, c, n);
    Desc *d =
        leaf_desc(f, form->kind == 'f' ? D_FRAME : D_SERIES, type_scalar(DT_I64), 0);
    d->nchild = n + 1;
    d->child = ARENA_NEW_N(f->arena, n + 1, Desc *);
    for (int32_t i = 0; i < n; i++) {
        d->child[i] = leaf_desc(f, D_COL, c->item[1 + i], 1 + i);
        desc_name(f, d->child[i], form->name[i]);
    }
    d->child[n] = index_desc(f, form, c);
    d->name = form->columns_name;
    if (form->kind == 's') desc_name(f, d, form->name[0]);
    return d;
}

static Type array_type(Front *f, const Desc *d)
{
    Type t = d->type;
    if (d->nchild == 0) return t;
    Items item = {0};
    RowForm form = {.kind = 'a', .ncol = t.ndim};
    t.ndim = 1;
    add(f, &item, t);
    for (int i = 0; i < 1 + 2 * (int)form.ncol; i++)
        add(f, &item, type_scalar(DT_I64));
    return comp_form(f->fn, item.at.at, (int)item.at.n, form_of(f, &form));
}

static const char *desc_text(Front *f, const Desc *d, const RowForm *form)
{
    char t[48];
    if (d->kind != D_FRAME)
        return arena_printf(f->arena, "Series of %s", type_text(d->child[0]->type, t));
    const char *s = "DataFrame(";
    for (idx i = 0; i < form->ncol && i < 8; i++)
        s = arena_printf(f->arena, "%s%s%s: %s", s, i ? ", " : "",
                         label_text(f, form->name[i]), type_text(d->child[i]->type, t));
    return arena_printf(f->arena, "%s%s)", s, form->ncol > 8 ? ", ..." : "");
}

Type form_of_desc(Front *f, const Desc *d)
{
    if (d->kind == D_ARRAY) return array_type(f, d);
    Items item = {0};
    idx n = d->nchild - 1;
    const Desc *index = d->child[n];
    AVal **name = ARENA_NEW_N(f->arena, n + 1, AVal *);
    idx nlevel = index->kind == D_INDEX ? index->nchild : 0;
    const char **level = ARENA_NEW_N(f->arena, nlevel + 1, const char *);
    add(f, &item, type_scalar(DT_I64));
    for (idx i = 0; i < n; i++) {
        name[i] = name_of_desc(f, d->kind == D_FRAME ? d->child[i] : d);
        add(f, &item, d->child[i]->type);
    }
    for (idx i = 0; i < nlevel; i++) {
        level[i] = label_name(f, name_of_desc(f, index->child[i]));
        add(f, &item, index->child[i]->type);
    }
    if (!nlevel && index->name) level[0] = intern(f->names, index->name);
    RowForm form = {.kind = d->kind == D_FRAME ? 'f' : 's',
                    .name = name,
                    .ncol = n,
                    .nlevel = nlevel,
                    .level = level};
    if (d->kind == D_FRAME) form.columns_name = label_name(f, name_of_desc(f, d));
    Type t = comp_form(f->fn, item.at.at, (int)item.at.n, form_of(f, &form));
    CompType *c = comp_of(f->fn, t);
    if (!c->text) c->text = desc_text(f, d, &form);
    return t;
}

/* Whether control or a container may have put another array in v's place. */
static bool from_container(const Front *f, const Val *v)
{
    if (!v->def) return v->region != f->fn->body;
    Op op = (Op)v->def->op;
    return v->def->nregion > 0 || op == OP_LISTGET || op == OP_ENTRYGET ||
           op == OP_FIELDGET || op == OP_OBJREAD || op == OP_OBJWRITE;
}

static void check_writes(Front *f, const Region *r)
{
    node_each (n, r) {
        for (int32_t i = 0; i < n->nregion; i++)
            check_writes(f, n->region[i]);
        bool write = op_info[n->op].effect == EF_WRITE && n->narg &&
                     n->arg[0]->type.kind == TY_ARRAY;
        if (write && from_container(f, val_memory(n->arg[0])))
            front_fail_at(
                f, n->loc, E_UNSUP,
                "an array may be one of an argument that is a list or dict of "
                "any length, and its elements are written: the caller would not "
                "see it; pass the array itself, or write to a copy");
    }
}

static bool object_has_rows(const Desc *d)
{
    if (d->kind == D_OBJ) return d->nchild > 0;
    for (int32_t i = 0; i < d->nchild; i++)
        if (object_has_rows(d->child[i])) return true;
    return false;
}

void form_check(Front *f)
{
    bool rows = false;
    for (idx i = 0; f->pieces && i < f->fn->nin; i++)
        rows |= object_has_rows(f->fn->in[i]);
    if (rows) check_writes(f, f->fn->body);
}

/* -- All elements one after the other ---------------------------------------------- */
/* The type of a list's elements where they have rows. */
static const CompType *rows_of_list(Front *f, const Val *list, Type *t)
{
    *t = comp_resolve(f->fn, comp_of(f->fn, list->type)->item[0]);
    return comp_of(f->fn, *t);
}

static Node *rows_cat(Front *f, Val *list, int lead, const char *none, int nres,
                      const Type *type)
{
    Node *n = put_node(f, OP_ROWSCAT, &list, 1, 2 + nres);
    Axis *axis = axis_by(f, &n->res[0]);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    for (int i = 0; i < nres; i++)
        val_init(f->fn, &n->res[1 + i], type_with(type[i], TY_COL), axis);
    val_init(f->fn, &n->res[1 + nres], type_col(DT_I64), axis);
    node_set_int(f->fn, n, "lead", lead);
    node_set_text(f->fn, n, "none", none, (idx)strlen(none));
    return n;
}

AVal *form_concat(Front *f, Val *list, bool ignore_index)
{
    Type t;
    const CompType *c = rows_of_list(f, list, &t);
    const RowForm *form = c ? c->form : NULL;
    if (!form || form->kind == 'a')
        front_fail(f, E_TYPE,
                   "cannot concatenate object of type '%s'; only Series and DataFrame "
                   "objs are valid",
                   comp_text(f->fn, t));
    Node *n = rows_cat(f, list, 1, "No objects to concatenate", c->n - 1, c->item + 1);
    Axis *axis = val_axis(&n->res[1]);
    Frame *table = table_new(f, axis, &n->res[0], NULL);
    table->columns_name = form->columns_name;
    for (idx i = 0; i < form->ncol; i++)
        table_add(f, table, form->name[i], &n->res[1 + i]);
    Val *level[64];
    for (idx i = 0; i < form->nlevel && i < 64; i++)
        level[i] = &n->res[1 + form->ncol + i];
    if (!ignore_index && form->nlevel)
        table->index = index_levels(f, level, form->level, form->nlevel);
    if (!ignore_index && !form->nlevel) { /* each begins at 0 again */
        Val *number = &n->res[n->nres - 1];
        table->index = index_levels(f, &number, form->level, 1);
    }
    if (form->kind == 's')
        return av_series(f, table->col.at[0], table->index, table->name.at[0]);
    return av_frame(f, table);
}

AVal *form_concatenate(Front *f, Val *list)
{
    Type t;
    (void)rows_of_list(f, list, &t);
    if (t.kind != TY_ARRAY)
        front_unsup(f, UNSUP_ELEMENT, "np.concatenate() of a %s",
                    comp_text(f->fn, list->type));
    Node *n = rows_cat(f, list, 0, "need at least one array to concatenate", 1, &t);
    return np_array_of(f, &n->res[1]);
}
