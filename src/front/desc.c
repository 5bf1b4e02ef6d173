/* SPDX-License-Identifier: Apache-2.0
 * Between descriptors (what py/ knows of an argument or result) and abstract values.
 */
#include "front/nd.h"

#include <stdlib.h>

/* -- In ------------------------------------------------------------------------- */
/* The value that holds a leaf: a parameter of the function, or a result of a node. */
static Val *leaf(Front *f, const Desc *d, Axis *axis)
{
    int32_t n = f->leaf ? f->nleaf : f->fn->body->nparam;
    if (d->slot < 0 || d->slot >= n) BUG("descriptor's slot %d of %d", d->slot, n);
    Val *v = (f->leaf ? f->leaf : f->fn->body->param) + d->slot;
    v->type = d->type;
    bool zoned = d->type.dt == DT_TS && d->extra && strcmp(d->extra, "np") != 0;
    if (zoned) v->type.of = zone_add(f->fn, d->extra);
    if (axis) v->axis = axis;
    return v;
}

/* The axis of a table argument: its rows are a parameter of their own. */
static Axis *axis_in(Front *f, Desc *d)
{
    Axis *axis = axis_new(f->fn);
    axis->rows = leaf(f, d, NULL);
    axis->rows->type = type_scalar(DT_I64);
    d->axis = axis;
    return axis;
}

/* Children: its lengths, the first of them the rows of an axis; then, where it is not
 * contiguous, offset and strides. */
static AVal *nd_in(Front *f, Desc *d)
{
    Axis *axis = axis_new(f->fn);
    Val *v = leaf(f, d, axis), *part[3 * DIM_MAX] = {NULL};
    if (d->nchild < d->type.ndim || d->type.ndim > DIM_MAX)
        BUG("descriptor of an array of %d dimensions", d->type.ndim);
    for (int32_t i = 0; i < d->nchild && i < 3 * DIM_MAX; i++)
        part[i] = leaf(f, d->child[i], NULL);
    Nd r = {.n = d->type.ndim, .base = v, .axis = axis};
    d->axis = axis;
    v->type.ndim = 1;
    axis->rows = part[0];
    for (int k = 0; k < r.n; k++)
        r.shape[k] = ix_av(f, part[k]);
    nd_contiguous(f, &r);
    if (d->nchild > r.n) {
        r.contiguous = false;
        r.off = ix_av(f, part[r.n]);
        for (int k = 0; k < r.n; k++)
            r.stride[k] = ix_av(f, part[r.n + 1 + k]);
    }
    return nd_av(f, &r);
}

/* An array has no parameter for its rows: they are asked of the array itself. */
static AVal *array_in(Front *f, Desc *d)
{
    if (d->nchild) return nd_in(f, d);
    Axis *axis = axis_new(f->fn);
    Val *v = leaf(f, d, axis);
    axis->rows = put_val(f, OP_ROWS, &v, 1, type_scalar(DT_I64), NULL);
    d->axis = axis;
    return av_array(f, v);
}

AVal *name_of_desc(Front *f, const Desc *d)
{
    if (d->name == DESC_INT_NAME) return av_int(f, d->name_int);
    return name_label(f, d->name ? intern(f->names, d->name) : NULL);
}

static Index *index_in(Front *f, Desc *d, Axis *axis)
{
    if (d->kind == D_RANGE_INDEX) {
        Index *ix = index_range(f, axis->rows);
        ix->start = d->start;
        ix->step = d->step;
        ix->name[0] = d->name ? intern(f->names, d->name) : NULL;
        return ix;
    }
    if (d->kind != D_INDEX) BUG("descriptor %d is no index", d->kind);
    Val **level = ARENA_NEW_N(f->arena, d->nchild, Val *);
    const char **name = ARENA_NEW_N(f->arena, d->nchild, const char *);
    for (int32_t i = 0; i < d->nchild; i++) {
        level[i] = leaf(f, d->child[i], axis);
        name[i] = label_name(f, name_of_desc(f, d->child[i]));
    }
    return index_levels(f, level, name, d->nchild);
}

/* A constant, or a scalar whose value the compiler may look at (d->arg records that it
 * did). */
static AVal *const_in(Front *f, Desc *d)
{
    AVal *v;
    switch (d->type.dt) {
    case DT_BOOL: v = av_bool(f, d->i != 0); break;
    case DT_STR: v = av_str(f, d->name, (idx)strlen(d->name)); break;
    case DT_F32:
    case DT_F64: v = av_float(f, d->f); break;
    default: v = av_int(f, d->i);
    }
    v->arg = d;
    return v;
}

static AVal *items_in(Front *f, Desc *d)
{
    AVal **item = ARENA_NEW_N(f->arena, d->nchild + 1, AVal *);
    for (int32_t i = 0; i < d->nchild; i++)
        item[i] = front_from_desc(f, d->child[i]);
    const Record *r = d->kind == D_TUPLE && d->extra ? record_of(f, d->extra) : NULL;
    if (r && r->kind == REC_CLASS) kin_refuse(f, r);
    if (d->kind == D_TUPLE) return record_new(f, r, item, d->nchild);
    return av_container(f, d->kind == D_SET ? A_SET : A_LIST, NULL, item, d->nchild);
}

/* A key: a constant, None, or a tuple of them. Keys are no pieces. */
static AVal *key_in(Front *f, Desc *d)
{
    if (d->kind == D_NONE) return av_none(f);
    if (d->kind != D_TUPLE) return const_in(f, d);
    AVal **item = ARENA_NEW_N(f->arena, d->nchild + 1, AVal *);
    for (int32_t i = 0; i < d->nchild; i++)
        item[i] = key_in(f, d->child[i]);
    return record_new(f, d->extra ? record_of(f, d->extra) : NULL, item, d->nchild);
}

static AVal *dict_in(Front *f, Desc *d)
{
    idx n = d->nchild / 2;
    AVal **key = ARENA_NEW_N(f->arena, n + 1, AVal *);
    AVal **item = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++) {
        key[i] = key_in(f, d->child[2 * i]);
        item[i] = front_from_desc(f, d->child[2 * i + 1]);
    }
    return av_container(f, A_DICT, key, item, n);
}

static AVal *object_in(Front *f, Desc *d)
{
    const char *code = d->extra ? d->extra : "";
    Type *rows = ARENA_NEW_N(f->arena, d->nchild + 1, Type);
    for (int32_t i = 0; i < d->nchild; i++)
        rows[i] = form_of_desc(f, d->child[i]);
    Val *packed = leaf(f, d, NULL);
    if (d->name) return kin_in(f, d, packed);
    Type t = comp_decode(f->fn, &code, rows, d->nchild);
    Val *h = obj_call(f, OP_OBJREAD, "obj_in", NULL, &packed, 1, t);
    if (d->nchild) node_set_int(f->fn, h->def, "rows", 1);
    if (d->nchild) d->axis = form_axis(f);
    return box_aval(f, h);
}

static AVal *frame_in(Front *f, Desc *d)
{
    Axis *axis = axis_in(f, d);
    int32_t n = d->nchild - 1;
    Frame *t = table_new(f, axis, axis->rows, index_in(f, d->child[n], axis));
    t->columns_name = label_name(f, name_of_desc(f, d));
    for (int32_t i = 0; i < n; i++) {
        Desc *c = d->child[i];
        c->axis = axis;
        table_add(f, t, name_of_desc(f, c), leaf(f, c, axis));
    }
    return av_frame(f, t);
}

static AVal *scalar_in(Front *f, Desc *d)
{
    if (d->has_value && (d->type.dt != DT_STR || d->name)) return const_in(f, d);
    AVal *r = av_scalar(f, leaf(f, d, NULL));
    r->arg = d;
    bool python = d->type.dt == DT_BOOL || d->type.dt == DT_I64 ||
                  d->type.dt == DT_F64 || d->type.dt == DT_C128;
    r->i = python && !(d->extra && !strcmp(d->extra, "np"));
    return r;
}

#define FUNCTION "=function " /* before the number that the host gave it */

/* A function is no data: the code is for this one. */
static AVal *function_in(Front *f, const Desc *d)
{
    AVal *n = av_int(f, strtoll(d->extra + strlen(FUNCTION), NULL, 10));
    return const_fold(f, "shoal.argument", &n, 1);
}

static AVal *from_desc(Front *f, Desc *d)
{
    switch (d->kind) {
    case D_ALIAS: return piece_get(f, d->start);
    case D_NONE: return av_none(f);
    case D_CONST: return const_in(f, d);
    case D_SCALAR: return scalar_in(f, d);
    case D_ARRAY: return array_in(f, d);
    case D_SERIES: {
        Axis *axis = axis_in(f, d);
        Val *v = leaf(f, d->child[0], axis);
        return av_series(f, v, index_in(f, d->child[1], axis), name_of_desc(f, d));
    }
    case D_FRAME: return frame_in(f, d);
    case D_INDEX:
    case D_RANGE_INDEX: return av_index(f, index_in(f, d, axis_in(f, d)));
    case D_TUPLE:
        if (d->extra && !strncmp(d->extra, FUNCTION, strlen(FUNCTION)))
            return function_in(f, d);
        return items_in(f, d);
    case D_LIST:
    case D_SET: return items_in(f, d);
    case D_DICT: return dict_in(f, d);
    case D_OBJ: return object_in(f, d);
    default: BUG("descriptor of kind %d as an argument", d->kind);
    }
}

AVal *front_from_desc(Front *f, Desc *d)
{
    idx n = piece_add(f); /* before those inside of it */
    AVal *v = from_desc(f, d);
    /* Types are learnt by place: arguments stand nowhere, each at one of its own. */
    if (v->loc.line == 0) v->loc.col = 1 + (int32_t)n;
    piece_set(f, n, v);
    return v;
}

AVal *front_from_node(Front *f, Desc *d, Node *n)
{
    Val *leaf = f->leaf;
    int32_t nleaf = f->nleaf;
    f->leaf = n->res;
    f->nleaf = n->nres;
    AVal *v = front_from_desc(f, d);
    f->leaf = leaf;
    f->nleaf = nleaf;
    return v;
}

/* -- Out ------------------------------------------------------------------------ */
Desc *desc_new(Front *f, DescKind kind, int32_t nchild)
{
    Desc *d = ARENA_NEW(f->arena, Desc);
    d->kind = (uint8_t)kind;
    d->slot = -1;
    d->nchild = nchild;
    d->child = ARENA_NEW_N(f->arena, nchild + 1, Desc *);
    return d;
}

Desc *desc_ref(Front *f, int64_t n)
{
    Desc *d = desc_new(f, D_ARG, 0);
    d->start = n;
    return d;
}

static Desc *leaf_out(Front *f, DescKind kind, Val *v, ValVec *out)
{
    Desc *d = desc_new(f, kind, 0);
    d->type = v->type;
    d->extra = zone_name(f->fn, v->type);
    d->axis = v->axis;
    d->slot = (int32_t)out->v.n;
    val_push(f, out, v);
    return d;
}

static void set_name(Desc *d, const AVal *name, const char *text)
{
    d->name = text;
    if (name->kind == A_CONST && name->ck == AC_INT) {
        d->name = DESC_INT_NAME;
        d->name_int = name->i;
    }
}

/* A label that is a tuple: the labels of its parts as children of the column's
 * descriptor. */
static void tuple_name(Front *f, Desc *d, const AVal *name)
{
    if (name->kind != A_TUPLE) return;
    d->nchild = (int32_t)name->n;
    d->child = ARENA_NEW_N(f->arena, name->n + 1, Desc *);
    for (idx i = 0; i < name->n; i++) {
        d->child[i] = desc_new(f, D_NONE, 0);
        set_name(d->child[i], name->item[i], label_name(f, name->item[i]));
    }
}

void desc_name(Front *f, Desc *d, const AVal *name)
{
    set_name(d, name, label_name(f, name));
    if (d->kind == D_COL) tuple_name(f, d, name);
}

static Desc *index_out(Front *f, const Index *ix, ValVec *out)
{
    if (ix->range) {
        Desc *d = desc_new(f, D_RANGE_INDEX, 0);
        d->start = ix->start;
        d->step = ix->step;
        d->name = ix->name ? ix->name[0] : NULL;
        return d;
    }
    Desc *d = desc_new(f, D_INDEX, ix->nlevel);
    for (int32_t i = 0; i < ix->nlevel; i++) {
        d->child[i] = leaf_out(f, D_COL, ix->level[i], out);
        d->child[i]->name = ix->name[i];
    }
    return d;
}

/* The number of a column among those of a frame, -1. */
static idx column_of(const Frame *fr, const Val *col)
{
    for (idx i = 0; fr && i < fr->col.n; i++)
        if (fr->col.at[i] == col) return i;
    return -1;
}

static Desc *column_out(Front *f, Val *col, ValVec *out, const Frame *was)
{
    idx old = column_of(was, col);
    return old < 0 ? leaf_out(f, D_COL, col, out) : desc_ref(f, old);
}

Desc *frame_out(Front *f, const Frame *t, ValVec *out, const Frame *was)
{
    int32_t n = (int32_t)t->col.n;
    Desc *d = desc_new(f, D_FRAME, n + 1);
    d->axis = t->axis;
    d->name = t->columns_name;
    for (int32_t i = 0; i < n; i++) {
        d->child[i] = column_out(f, t->col.at[i], out, was);
        set_name(d->child[i], t->name.at[i], label_name(f, t->name.at[i]));
        tuple_name(f, d->child[i], t->name.at[i]);
    }
    Index *ix = t->index ? t->index : index_range(f, NULL);
    /* Without columns only a slot of its own says how many rows there are. */
    if (n == 0 && t->rows) {
        d->slot = (int32_t)out->v.n;
        d->type = type_scalar(DT_I64);
        val_push(f, out, t->rows);
    }
    d->child[n] =
        was && index_is(ix, was->index) ? desc_ref(f, 0) : index_out(f, ix, out);
    return d;
}

static Desc *const_out(Front *f, const AVal *v)
{
    Desc *d = desc_new(f, D_CONST, 0);
    d->i = v->i;
    d->f = v->f;
    switch (v->ck) {
    case AC_NONE: d->kind = D_NONE; break;
    case AC_BOOL: d->type = type_scalar(DT_BOOL); break;
    case AC_INT: d->type = type_scalar(DT_I64); break;
    case AC_FLOAT: d->type = type_scalar(DT_F64); break;
    case AC_STR:
        d->type = type_scalar(DT_STR);
        d->name = v->s;
        break;
    default: unsup(f, "a result of type %s", av_type_text(f, v));
    }
    return d;
}

/* What stands for the elements that have rows. */
static void rows_out(Front *f, Desc *d, Type t)
{
    Leaves rows = {0};
    if (comp_has_tag(f->fn, t))
        front_unsup(f, UNSUP_ELEMENT,
                    "instances that hold rows, in a container that only the run time "
                    "knows, are no result: %s",
                    comp_text(f->fn, t));
    comp_rows(f->fn, t, &rows);
    d->axis = form_axis(f);
    d->nchild = (int32_t)rows.at.n;
    d->child = ARENA_NEW_N(f->arena, d->nchild + 1, Desc *);
    vec_each (i, &rows.at)
        d->child[i] = form_desc(f, rows.at.at[i]);
}

/* The text is settled at the end: its code may not be known yet. */
static Desc *object_out(Front *f, AVal *v, ValVec *out)
{
    Val *h = box_of(f, v);
    Type text = type_scalar(DT_STR);
    text.null = NULL_NONE;
    Val *packed = obj_call(f, OP_OBJREAD, "obj_out", NULL, &h, 1, text);
    Desc *d = leaf_out(f, D_OBJ, packed, out);
    kin_settle(f);
    d->extra = comp_code(f->fn, kin_out(f, h, packed, d), true);
    if (!comp_has_rows(f->fn, h->type)) return d;
    node_set_int(f->fn, packed->def, "rows", 1);
    rows_out(f, d, h->type);
    return d;
}

/* What only exists at run time, or has parts that a descriptor can't say. */
static bool is_boxed_inside(Front *f, AVal *v)
{
    if (box_get(f, v)) return true;
    if (v->kind != A_LIST && v->kind != A_SET && v->kind != A_DICT) return false;
    Container *c = front_items(f, v);
    for (idx i = 0; i < c->item.n; i++)
        if (c->item.at[i]->kind == A_OPT) return true;
    for (idx i = 0; i < c->key.n; i++)
        if (!front_is_const(c->key.at[i])) return true;
    return false;
}

static Desc *dict_out(Front *f, const Container *c, ValVec *out)
{
    Desc *d = desc_new(f, D_DICT, (int32_t)(2 * c->item.n));
    vec_each (i, &c->item) {
        AVal *key = c->key.at[i];
        d->child[2 * i] = front_to_desc(f, key, out);
        d->child[2 * i + 1] = front_to_desc(f, c->item.at[i], out);
    }
    return d;
}

Desc *items_out(Front *f, AVal *v, ValVec *out)
{
    if (is_boxed_inside(f, v)) return object_out(f, v, out);
    if (v->kind == A_DICT) return dict_out(f, front_items(f, v), out);
    DescKind kind = v->kind == A_LIST ? D_LIST : v->kind == A_SET ? D_SET : D_TUPLE;
    Container *k = kind == D_TUPLE ? NULL : front_items(f, v);
    idx n = k ? k->item.n : v->n;
    Desc *d = desc_new(f, kind, (int32_t)n);
    if (kind == D_TUPLE && v->rec) {
        if (!v->rec->text)
            front_unsup(f, UNSUP_VALUE,
                        "a row of itertuples() can't be a result: take its fields");
        d->extra = v->rec->text;
    }
    for (idx i = 0; i < n; i++)
        d->child[i] = front_to_desc(f, k ? k->item.at[i] : v->item[i], out);
    return d;
}

/* A number that is not Python's own is a NumPy scalar, as pandas and NumPy give it. */
static Desc *scalar_out(Front *f, const AVal *v, ValVec *out)
{
    Desc *d = leaf_out(f, D_SCALAR, v->val, out);
    DType dt = (DType)d->type.dt;
    bool python = dt == DT_BOOL || dt == DT_I64 || dt == DT_F64 || dt == DT_C128;
    if (!v->i && python) d->extra = "np";
    return d;
}

/* A view's numbers are leaves of their own: lengths, offset, strides. */
static Desc *array_out(Front *f, AVal *v, ValVec *out)
{
    if (nd_is_plain(v)) return leaf_out(f, D_ARRAY, v->val, out);
    Nd r = nd_of(f, v);
    ValVec arg = {0};
    nd_push(f, &arg, &r);
    Node *n = put_node(f, OP_NDOUT, arg.v.at, arg.v.n, 2 + r.n);
    node_set_int(f->fn, n, "nd", r.n);
    node_set_ints(f->fn, n, "ax", (int64_t[]){r.axis != NULL}, 1);
    val_init(f->fn, &n->res[0], r.base->type, r.axis);
    for (int k = 1; k < n->nres; k++)
        val_init(f->fn, &n->res[k], type_scalar(DT_I64), NULL);
    Desc *d = leaf_out(f, D_ARRAY, &n->res[0], out);
    d->type.ndim = (uint8_t)r.n;
    d->nchild = 2 * r.n + 1;
    d->child = ARENA_NEW_N(f->arena, d->nchild, Desc *);
    for (int k = 0; k < r.n; k++)
        d->child[k] = leaf_out(f, D_SCALAR, ix_val(f, r.shape[k]), out);
    for (int k = 0; k <= r.n; k++)
        d->child[r.n + k] = leaf_out(f, D_SCALAR, &n->res[1 + k], out);
    return d;
}

Desc *data_out(Front *f, AVal *v, ValVec *out)
{
    if (v->kind == A_ARRAY) return array_out(f, v, out);
    Desc *d = desc_new(f, D_SERIES, 2);
    d->axis = v->val->axis;
    d->child[0] = leaf_out(f, D_COL, v->val, out);
    d->child[1] = index_out(f, v->index, out);
    set_name(d, v->name, label_name(f, v->name));
    tuple_name(f, d->child[0], v->name);
    return d;
}

/* What the host makes of some values (python/shoal/_records.py): "=range" of three. */
static Desc *made_out(Front *f, const char *what, AVal *const *item, idx n, ValVec *out)
{
    Desc *d = desc_new(f, D_TUPLE, (int32_t)n);
    d->extra = arena_printf(f->arena, "=%s", what);
    for (idx i = 0; i < n; i++)
        d->child[i] = front_to_desc(f, item[i], out);
    return d;
}

/* keys(), values() and items() of a dict; NULL: none of them. */
static Desc *view_out(Front *f, AVal *v, ValVec *out)
{
    const AVal *view = v->kind == A_VIEW ? v : v->view;
    static const char *const known[] = {"keys", "values", "items"};
    bool one = false;
    for (idx i = 0; view && i < COUNT_OF(known); i++)
        one |= !strcmp(view->s, known[i]);
    if (!one) return NULL;
    AVal *items = v->kind == A_VIEW ? box_iterated(f, v) : av_tuple(f, v->item, v->n);
    return made_out(f, view->s, &items, 1, out);
}

/* A type of Python's; NULL. */
static Desc *type_out(Front *f, const AVal *v, ValVec *out)
{
    static const char *const known[] = {"int", "float", "complex", "bool",
                                        "str", "list",  "tuple",   "dict",
                                        "set", "bytes", "range"};
    const char *name = !strncmp(v->s, "builtins.", 9) ? v->s + 9 : v->s;
    for (idx i = 0; i < COUNT_OF(known); i++) {
        if (strcmp(name, known[i]) != 0) continue;
        AVal *text = av_str(f, known[i], -1);
        return made_out(f, "type", &text, 1, out);
    }
    return NULL;
}

/* A dtype, by its name. */
static Desc *dtype_out(Front *f, AVal *v, ValVec *out)
{
    Type t = v->type;
    bool numpy = dt_is_number((DType)t.dt) || dt_is_time((DType)t.dt);
    if (!numpy || t.null == NULL_MASK || t.null == NULL_PROM || type_zone(t))
        unsup(f, "%s can't be a result", av_type_text(f, v));
    AVal *text = av_str(f, dtype_text(f, t), -1);
    return made_out(f, "dtype", &text, 1, out);
}

/* As the one element of a list. */
static Desc *item_out(Front *f, AVal *v, ValVec *out)
{
    AVal *l = av_list(f, &v, 1);
    f->leaving = true;
    Desc *d = object_out(f, l, out);
    f->leaving = false;
    d->name = !d->name ? "item" : arena_printf(f->arena, "item %s", d->name);
    return d;
}

Desc *front_to_desc(Front *f, AVal *v, ValVec *out)
{
    Desc *same = piece_ref(f, v);
    if (same) return same;
    if (kin_inside(f, v))
        return item_out(f, v, out); /* all of it, so that what is shared
                                     * in it stays so */
    switch (v->kind) {
    case A_OPEN: /* control does not get here with it */
    case A_NONE: return desc_new(f, D_NONE, 0);
    case A_CONST:
        /* An argument passed on: its value was not looked at. */
        if (bytes_is(v) || (v->arg && v->arg->slot >= 0 && !v->arg->demanded))
            return leaf_out(f, D_SCALAR, front_val(f, v), out);
        return const_out(f, v);
    case A_SCALAR: return scalar_out(f, v, out);
    case A_ARRAY:
    case A_SERIES: return data_out(f, piece_now(f, v), out);
    case A_INDEX: {
        Desc *d = index_out(f, v->index, out);
        d->axis = v->val->axis;
        if (v->index->range) {
            d->slot = (int32_t)out->v.n;
            d->type = type_scalar(DT_I64);
            val_push(f, out, v->index->rows);
        }
        return d;
    }
    case A_FRAME: return frame_out(f, front_frame(f, v), out, NULL);
    case A_TUPLE:
    case A_LIST:
    case A_SET:
    case A_DICT:
        same = v->kind == A_TUPLE ? view_out(f, v, out) : NULL;
        if (same) return same;
        return is_row(v) ? data_out(f, row_series(f, v), out) : items_out(f, v, out);
    case A_VIEW:
        same = view_out(f, v, out);
        return same ? same : items_out(f, box_iterated(f, v), out);
    case A_RANGE: return made_out(f, "range", v->item, v->n, out);
    case A_SLICE: return made_out(f, "slice", v->item, v->n, out);
    case A_API:
        same = type_out(f, v, out);
        if (same) return same;
        unsup(f, "%s can't be a result", av_type_text(f, v));
    case A_DTYPE: return dtype_out(f, v, out);
    case A_OPT: return item_out(f, v, out);
    case A_FUNC:
        unsup(f, "a function can't be a result: return what it gives, or what it is "
                 "made of");
    default: unsup(f, "%s can't be a result", av_type_text(f, v));
    }
}

Desc *front_result(Front *f, AVal *v, ValVec *out)
{
    return kin_writes(f) ? item_out(f, v, out) : front_to_desc(f, v, out);
}
