/* SPDX-License-Identifier: Apache-2.0
 * NumPy's arrays of text. An array of dtype <U5 is the array of its characters, which
 * has one dimension more: what NumPy has in memory. So views, masks, index arrays,
 * copies and moves between ranks are those of any array, and the number of characters
 * is a length like the others, known when compiling or not. This file has what tells
 * text from its characters: elements, comparisons, values of another width; functions
 * that have a twin for columns of text run on such a column and come back.
 *
 * A function that does not know these arrays would take the characters for elements:
 * front_call_op asks here first (chars_call), and what is not listed is refused.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

#include <string.h>

bool chars_is(const AVal *v)
{
    return v->kind == A_ARRAY && v->val->type.dt == DT_CHAR;
}

static AVal *width_of(const Nd *d)
{
    return d->shape[d->n - 1];
}

/* -- Width ------------------------------------------------------------------------- */
static AVal *wider(Front *f, AVal *a, AVal *b)
{
    return a ? ix_pick(f, OP_MAX2, a, b) : b;
}

/* Of the array that NumPy makes of a text: at least 1. */
static AVal *text_width(Front *f, AVal *v)
{
    int64_t n = 0;
    if (v->kind == A_CONST && v->ck == AC_STR && !arg_is_lazy(v)) {
        for (idx i = 0; i < v->n; i++)
            n += ((unsigned char)v->s[i] & 0xc0) != 0x80;
        return av_int(f, n ? n : 1);
    }
    return wider(f, av_int(f, 1), ix_av(f, ix_val(f, text_len(f, v))));
}

static bool is_text(const AVal *v)
{
    if (v->kind == A_CONST) return v->ck == AC_STR;
    return v->kind == A_SCALAR && v->val->type.dt == DT_STR &&
           !type_is_bytes(v->val->type);
}

/* -- New arrays -------------------------------------------------------------------- */
/* d, of texts, with a dimension of characters. */
static Nd with_chars(const Nd *d, AVal *width)
{
    Nd r = *d;
    r.shape[r.n++] = width;
    return r;
}

static Nd chars_new(Front *f, const Nd *like, AVal *width)
{
    Nd d = with_chars(like, width);
    return nd_new(f, &d, type_scalar(DT_CHAR));
}

/* The characters of one text, as one dimension. */
static Nd one_text(Front *f, AVal *text, AVal *width)
{
    Nd d = {.n = 1};
    d.shape[0] = av_int(f, 1);
    d = chars_new(f, &d, width);
    Val *at = int_val(f, 0);
    nd_text_set(f, &d, &at, 1, front_val(f, text));
    nd_drop(&d, 0);
    return d;
}

AVal *chars_filled(Front *f, const Nd *like, AVal *text, AVal *width)
{
    if (text && !is_text(text))
        front_unsup(f, UNSUP_API, "an array of text made of %s: write str(...)",
                    av_type_text(f, text));
    if (!width) width = text_width(f, text);
    if (!text) {
        Nd d = chars_new(f, like, width);
        return nd_av(f, &d);
    }
    Nd row = one_text(f, text, width), to = with_chars(like, width);
    row = nd_stretch(f, &row, &to);
    Nd r = nd_copy_as(f, &to, &row);
    return nd_av(f, &r);
}

AVal *chars_literal(Front *f, AVal *const *leaf, idx n, AVal *width)
{
    for (idx i = 0; i < n; i++)
        if (!is_text(leaf[i]))
            front_unsup(f, UNSUP_API, "an array of values of several types");
    AVal *need = av_int(f, 1);
    for (idx i = 0; i < n && !width; i++)
        need = wider(f, need, text_width(f, leaf[i]));
    Nd d = {.n = 1};
    d.shape[0] = av_int(f, n);
    d = chars_new(f, &d, width ? width : need);
    for (idx i = 0; i < n; i++) {
        Val *at = int_val(f, i);
        nd_text_set(f, &d, &at, 1, front_val(f, leaf[i]));
    }
    return nd_av(f, &d);
}

AVal *chars_listed(Front *f, Val *list, AVal *n, int64_t width)
{
    ValVec a = {0};
    Nd d = {.n = 1};
    d.axis = axis_get(np_axis(f, ix_val(f, n)));
    d.shape[0] = ix_av(f, d.axis->rows);
    if (width) return chars_filled(f, &d, NULL, av_int(f, width));
    val_push(f, &a, list);
    Node *w = obj_node(f, OP_OBJREAD, "list_width", NULL, &a, 1);
    w->res[0].type = type_scalar(DT_I64);
    return chars_filled(f, &d, NULL, ix_av(f, &w->res[0]));
}

/* -- Columns of text --------------------------------------------------------------- */
/* Whether the elements of all rows of the axis lie one after the other. */
static bool is_whole(const Nd *d)
{
    int64_t k;
    const Axis *own = axis_get(d->base->axis);
    return d->axis && own && own == axis_get(d->axis) && d->contiguous &&
           ix_is(d->off, &k) && k == 0;
}

Val *chars_col(Front *f, AVal *a)
{
    Nd d = nd_of(f, a);
    if (d.n != 2)
        front_fail(f, E_TYPE, "a Series or 1-d array is needed here, not %s",
                   av_type_text(f, a));
    if (!is_whole(&d)) {
        Nd like = d;
        if (!like.axis) {
            like.axis = nd_axis_rep(f, like.shape[0]);
            like.shape[0] = ix_av(f, like.axis->rows);
        }
        d = nd_copy_as(f, &like, &d);
    }
    Val *in[2] = {d.base, ix_val(f, width_of(&d))};
    return val_put(f, OP_CHARSCOL, in, 2, type_col(DT_STR), axis_get(d.axis));
}

AVal *chars_plain(Front *f, AVal *a)
{
    return np_array_of(f, chars_col(f, a));
}

/* width NULL: of the longest text. */
AVal *chars_of_col(Front *f, Val *col, AVal *width)
{
    Nd d = {.n = 2, .axis = val_axis(col)};
    if (!width)
        width = ix_av(f, val_put(f, OP_TEXTWIDTH, &col, 1, type_scalar(DT_I64), NULL));
    Val *in[2] = {col, ix_val(f, width)};
    Type t = type_with(type_scalar(DT_CHAR), TY_ARRAY);
    d.base = val_put(f, OP_COLCHARS, in, 2, t, d.axis);
    d.shape[0] = ix_av(f, d.axis->rows);
    d.shape[1] = width;
    nd_contiguous(f, &d);
    return nd_av(f, &d);
}

/* -- Values of a width ------------------------------------------------------------- */
static AVal *sized(Front *f, AVal *a, AVal *width)
{
    Nd from = nd_of(f, a), like = from;
    int last = from.n - 1;
    if (ix_same(from.shape[last], width)) return a;
    AVal *both = ix_pick(f, OP_MIN2, from.shape[last], width);
    like.shape[last] = width;
    Nd r = nd_new(f, &like, type_scalar(DT_CHAR)), part = r;
    from.shape[last] = part.shape[last] = both;
    from.contiguous = part.contiguous = false;
    nd_store(f, &part, nd_av(f, &from));
    return nd_av(f, &r);
}

/* An array of text of a value; NULL: it is none, nor can it be. */
static AVal *as_chars(Front *f, AVal *v)
{
    if (chars_is(v)) return v;
    if (v->kind == A_LIST || v->kind == A_TUPLE) {
        AVal *a = nd_from_items(f, v, NULL);
        return chars_is(a) ? a : NULL;
    }
    if ((v->kind == A_SERIES || v->kind == A_ARRAY) && v->val->type.dt == DT_STR)
        return chars_of_col(f, front_col(f, v), NULL);
    return NULL;
}

AVal *chars_value(Front *f, AVal *v, const Nd *to)
{
    if (is_text(v)) {
        Nd row = one_text(f, v, width_of(to));
        return nd_av(f, &row);
    }
    AVal *a = as_chars(f, v);
    if (!a)
        front_unsup(f, UNSUP_API, "%s stored in an array of text: write str(...)",
                    av_type_text(f, v));
    return sized(f, a, width_of(to));
}

/* -- Comparisons, + ---------------------------------------------------------------- */
/* The array as columns have it: a contiguous one of one dimension. */
static AVal *flat(Front *f, const Nd *like, AVal *a)
{
    Nd d = nd_of(f, a), outer = d, to = *like;
    outer.n--;
    Nd r = nd_stretch(f, &outer, &to);
    to.shape[to.n] = r.shape[to.n] = d.shape[d.n - 1];
    r.stride[to.n] = d.stride[d.n - 1];
    to.n = ++r.n;
    r = nd_copy_as(f, &to, &r);
    r.axis = NULL; /* not split: see shaped() */
    AVal *dim[2] = {av_int(f, -1), d.shape[d.n - 1]};
    return chars_plain(f, nd_reshape(f, &r, dim, 2));
}

/* The operands as columns have them; the lengths of the result, when they are more than
 * one. */
static bool operands(Front *f, AVal *const *arg, int narg, AVal **out, Nd *like)
{
    Nd outer[4];
    int n = 0;
    bool many = false;
    for (int i = 0; i < narg; i++) {
        out[i] = arg[i];
        if (out[i]->kind != A_ARRAY) continue;
        outer[n] = nd_of(f, out[i]);
        outer[n].n -= chars_is(out[i]);
        many |= outer[n++].n > 1;
    }
    if (many) *like = nd_broadcast(f, n, outer);
    for (int i = 0; i < narg; i++) {
        if (!chars_is(out[i])) continue;
        out[i] = many ? flat(f, like, out[i]) : chars_plain(f, out[i]);
    }
    return many;
}

/* Of arrays that every rank has all of: only there are the lengths those of the whole.
 */
static AVal *shaped(Front *f, AVal *a, const Nd *like, AVal *width)
{
    AVal *dim[DIM_MAX];
    Nd d = nd_of(f, a);
    d.axis = NULL;
    for (int k = 0; k < like->n; k++)
        dim[k] = like->shape[k];
    if (width) dim[like->n] = width;
    return nd_reshape(f, &d, dim, like->n + (width != NULL));
}

/* The width of what an operation makes of its operands. */
static AVal *joint_width(Front *f, AVal *const *arg, int narg, bool sum)
{
    AVal *w = NULL;
    for (int i = 0; i < narg; i++) {
        AVal *one = NULL;
        if (is_text(arg[i])) {
            one = text_width(f, arg[i]);
        } else if (chars_is(arg[i])) {
            Nd d = nd_of(f, arg[i]);
            one = width_of(&d);
        }
        if (one) w = !w ? one : sum ? ix_add(f, w, one) : wider(f, w, one);
    }
    return w;
}

static bool makes_text(Op op)
{
    return op == OP_ADD || op == OP_SELECT;
}

static bool is_known(Op op)
{
    static const Op known[] = {OP_EQ, OP_NE, OP_LT,  OP_LE,
                               OP_GT, OP_GE, OP_ADD, OP_SELECT};
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (known[i] == op) return true;
    return false;
}

bool chars_among(AVal *const *arg, idx n)
{
    for (idx i = 0; i < n; i++)
        if (arg[i] && chars_is(arg[i])) return true;
    return false;
}

/* With a Series they are a column of it. */
static bool with_series(AVal *const *arg, int narg)
{
    for (int i = 0; i < narg; i++)
        if (arg[i]->kind == A_SERIES || arg[i]->kind == A_INDEX) return true;
    return false;
}

AVal *chars_elem(Front *f, Op op, AVal *const *given, int narg)
{
    AVal *in[4] = {NULL}, *arg[4] = {NULL};
    Nd like = {0};
    if (narg > 4 || !is_known(op))
        front_unsup(f, UNSUP_API, "this operation on arrays of text is not compiled");
    for (int i = 0; i < narg; i++) {
        bool list = given[i]->kind == A_LIST || given[i]->kind == A_TUPLE;
        arg[i] = list ? nd_from_items(f, given[i], NULL) : given[i];
    }
    if (with_series(arg, narg)) {
        for (int i = 0; i < narg; i++)
            in[i] = chars_is(arg[i]) ? chars_plain(f, arg[i]) : arg[i];
        return front_elem(f, op, in, narg);
    }
    AVal *width = makes_text(op) ? joint_width(f, arg, narg, op == OP_ADD) : NULL;
    bool many = operands(f, arg, narg, in, &like);
    if (many && op == OP_SELECT)
        front_unsup(f, UNSUP_API, "np.where() of arrays of text of more dimensions");
    AVal *r = front_elem(f, op, in, narg);
    if (makes_text(op) && r->kind == A_ARRAY && r->val->type.dt == DT_STR)
        r = chars_of_col(f, front_col(f, r), width);
    return many ? shaped(f, r, &like, width) : r;
}

/* np.where(mask, "a", "bc"): its columns come as NumPy's dtype. */
AVal *chars_chosen(Front *f, AVal *r, AVal *const *arg, int narg)
{
    bool text = r->kind == A_ARRAY && r->val->type.dt == DT_STR;
    for (int i = 0; i < narg && text; i++)
        text = is_text(arg[i]) || chars_is(arg[i]);
    if (!text) return r;
    return chars_of_col(f, front_col(f, r), joint_width(f, arg, narg, false));
}

/* -- Functions --------------------------------------------------------------------- */
static AVal *self_of(const Call *c)
{
    return c->self ? c->self : c->arg ? c->arg[0] : c->extra[0];
}

/* The lengths of reshape(), and that of the characters. */
static AVal *c_reshape(Front *f, Call *c)
{
    Nd d = nd_of(f, self_of(c));
    AVal **item, *t, *dim[DIM_MAX];
    idx n = 1;
    t = c->self ? av_tuple(f, c->extra, c->nextra) : call_arg(f, c, "shape");
    if (c->self && c->nextra == 1) t = c->extra[0];
    item = &t;
    if (t->kind == A_TUPLE || t->kind == A_LIST) lower_items(f, t, &item, &n);
    if (n + 1 > DIM_MAX) front_unsup(f, UNSUP_API, "arrays of so many dimensions");
    memcpy(dim, item, (size_t)n * sizeof *dim);
    dim[n] = width_of(&d);
    return nd_reshape(f, &d, dim, (int)n + 1);
}

static AVal *c_ravel(Front *f, Call *c)
{
    Nd d = nd_of(f, self_of(c));
    AVal *dim[2] = {av_int(f, -1), width_of(&d)};
    if (!strcmp(call_short(c), "flatten") || d.n == 2)
        d = nd_copy(f, &d, nd_elem_type(&d));
    return d.n == 2 ? nd_av(f, &d) : nd_reshape(f, &d, dim, 2);
}

AVal *chars_transposed(Front *f, const Nd *d)
{
    int order[DIM_MAX];
    for (int k = 0; k < d->n - 1; k++)
        order[k] = d->n - 2 - k;
    order[d->n - 1] = d->n - 1;
    Nd r = nd_permute(d, order);
    if (d->n == 2) return nd_av(f, d);
    r.contiguous = false;
    return nd_av(f, &r);
}

static AVal *c_transpose(Front *f, Call *c)
{
    if (c->nextra || (!c->self && call_arg(f, c, "axes")->kind != A_NONE))
        front_unsup(f, UNSUP_API, "transpose() of an array of text by axes");
    Nd d = nd_of(f, self_of(c));
    return chars_transposed(f, &d);
}

static AVal *c_copy(Front *f, Call *c)
{
    Nd d = nd_of(f, self_of(c));
    d = nd_copy(f, &d, nd_elem_type(&d));
    return nd_av(f, &d);
}

AVal *chars_sized(Front *f, AVal *a, int64_t width, bool copy)
{
    AVal *r = width ? sized(f, a, av_int(f, width)) : a;
    if (r != a || !copy) return r;
    Nd d = nd_of(f, a);
    d = nd_copy(f, &d, nd_elem_type(&d));
    return nd_av(f, &d);
}

static AVal *c_tolist(Front *f, Call *c)
{
    Nd d = nd_of(f, c->self);
    if (d.n != 2)
        front_unsup(f, UNSUP_VALUE, "tolist() of an array of %d dimensions", d.n - 1);
    return box_iterated(f, c->self);
}

static AVal *c_fill(Front *f, Call *c)
{
    Nd d = nd_of(f, c->self);
    nd_store(f, &d, chars_value(f, call_arg(f, c, "value"), &d));
    return av_none(f);
}

static AVal *c_astype(Front *f, Call *c)
{
    Type t;
    AVal *dtype = call_arg(f, c, "dtype");
    bool object = dtype_is_object(dtype);
    if (!object && !dtype_of_array(f, dtype, &t))
        front_fail(f, E_TYPE, "data type %s not understood", const_text(f, dtype));
    if (object) return chars_plain(f, c->self);
    if (t.dt != DT_CHAR) {
        AVal *plain = chars_plain(f, c->self);
        return front_call(f, front_getattr(f, plain, "astype"), &dtype, 1, NULL, NULL,
                          0);
    }
    return chars_sized(f, c->self, t.of, call_bool(f, c, "copy"));
}

/* Characters that NumPy takes for the texts of numbers and times; 0: of none. */
static int64_t number_width(Type t)
{
    static const int8_t width[DT_COUNT] = {
        [DT_BOOL] = 5, [DT_I8] = 4,   [DT_I16] = 6,   [DT_I32] = 11, [DT_I64] = 21,
        [DT_U8] = 3,   [DT_U16] = 5,  [DT_U32] = 10,  [DT_U64] = 20, [DT_F32] = 32,
        [DT_F64] = 32, [DT_C64] = 64, [DT_C128] = 64,
    };
    static const int8_t time[] = {
        [UNIT_S] = 38, [UNIT_MS] = 42, [UNIT_US] = 45, [UNIT_NS] = 48};
    return t.dt == DT_TS ? time[t.unit] : width[t.dt];
}

/* Of any dimensions: in one, then theirs again. */
static AVal *made_many(Front *f, AVal *a, int64_t width)
{
    Nd d = nd_of(f, a);
    AVal *dim[DIM_MAX + 1];
    for (int k = 0; k < d.n; k++)
        dim[k] = nd_len(f, &d, k);
    AVal *flat = chars_made(f, np_call(f, "ravel", &a, 1), width);
    Nd r = nd_of(f, flat);
    dim[d.n] = width_of(&r);
    return nd_reshape(f, &r, dim, d.n + 1);
}

AVal *chars_made(Front *f, AVal *a, int64_t width)
{
    if (a->kind == A_ARRAY && nd_of(f, a).n > 1) return made_many(f, a, width);
    Val *col = front_col(f, a);
    int64_t all = number_width(col->type);
    bool cut = col->type.dt == DT_TS && width && width < all - 19;
    if (col->type.dt != DT_STR && (!all || cut))
        front_unsup(f, UNSUP_API, "astype(str) of an array of %s%s", av_type_text(f, a),
                    cut ? " that cuts times" : "");
    if (!width) width = all;
    return chars_of_col(f, col, width ? av_int(f, width) : NULL);
}

/* Where along an axis of texts, counted from the end or not. */
static int axis_of(Front *f, AVal *v, int n)
{
    return nd_axis_arg(f, v, n - 1);
}

static AVal *concat(Front *f, AVal *const *item, idx n, int axis)
{
    AVal **v = ARENA_NEW_N(f->arena, n, AVal *),
         *w = joint_width(f, item, (int)n, false);
    for (idx i = 0; i < n; i++)
        v[i] = sized(f, item[i], w);
    return nd_concat(f, v, n, axis);
}

static idx parts(Front *f, Call *c, AVal *v, AVal ***out)
{
    AVal **item;
    idx n;
    if (chars_is(v) || !lower_items(f, v, &item, &n) || n == 0)
        front_unsup(f, UNSUP_API, "%s() of %s; a tuple or list of arrays is supported",
                    c->name, av_type_text(f, v));
    *out = ARENA_NEW_N(f->arena, n, AVal *);
    for (idx i = 0; i < n; i++) {
        (*out)[i] = as_chars(f, item[i]);
        if (!(*out)[i])
            front_unsup(f, UNSUP_API, "%s() of text and of %s", c->name,
                        av_type_text(f, item[i]));
    }
    return n;
}

static AVal *c_concatenate(Front *f, Call *c)
{
    AVal **v, *axis = call_arg(f, c, "axis");
    idx n = parts(f, c, call_arg(f, c, "arrays"), &v);
    if (axis->kind == A_NONE)
        front_unsup(f, UNSUP_API, "concatenate(axis=None) of text");
    return concat(f, v, n, axis_of(f, axis, nd_of(f, v[0]).n));
}

static AVal *c_stack(Front *f, Call *c)
{
    AVal **v;
    const char *name = call_short(c);
    idx n = parts(f, c, call_arg(f, c, "arrays"), &v);
    int axis = 0, dims = nd_of(f, v[0]).n;
    if (!strcmp(name, "hstack")) axis = dims > 2;
    if (!strcmp(name, "stack")) axis = axis_of(f, call_arg(f, c, "axis"), dims + 1);
    bool more = !strcmp(name, "stack") || (!strcmp(name, "vstack") && dims == 2);
    if (!strcmp(name, "dstack") || !strcmp(name, "column_stack"))
        front_unsup(f, UNSUP_API, "%s() of arrays of text", c->name);
    for (idx i = 0; i < n && more; i++) {
        Nd d = nd_of(f, v[i]);
        nd_insert(f, &d, axis);
        v[i] = nd_av(f, &d);
    }
    return concat(f, v, n, axis);
}

static AVal *c_append(Front *f, Call *c)
{
    AVal *v[2] = {as_chars(f, call_arg(f, c, "arr")), call_arg(f, c, "values")};
    if (is_text(v[1])) v[1] = av_list(f, &v[1], 1);
    v[1] = as_chars(f, v[1]);
    bool one = v[0] && v[1] && nd_of(f, v[0]).n == 2 && nd_of(f, v[1]).n == 2;
    if (!one) front_unsup(f, UNSUP_API, "np.append() of such arrays of text");
    return concat(f, v, 2, 0);
}

static AVal *c_flip(Front *f, Call *c)
{
    Nd d = nd_of(f, self_of(c));
    if (d.n != 2 || c->arg[1]->kind != A_NONE)
        front_unsup(f, UNSUP_API, "%s() of arrays of text of more dimensions", c->name);
    AVal *s = av_new_kind(f, A_SLICE),
         *part[3] = {av_none(f), av_none(f), av_int(f, -1)};
    s->n = 3;
    s->item = part;
    return nd_getitem(f, self_of(c), s);
}

static AVal *c_take(Front *f, Call *c)
{
    if (nd_of(f, self_of(c)).n != 2)
        front_unsup(f, UNSUP_API, "take() of arrays of text of more dimensions");
    return nd_getitem(f, self_of(c), call_arg(f, c, "indices"));
}

static AVal *c_len(Front *f, Call *c)
{
    const char *name = call_short(c);
    return front_getattr(f, self_of(c), name);
}

/* Functions that a column of text has too: the call is that of an array of objects, and
 * texts that come out have the width of the first array. */
static AVal *c_column(Front *f, Call *c)
{
    AVal *self = self_of(c), *width = NULL;
    if (chars_is(self)) {
        Nd d = nd_of(f, self);
        width = width_of(&d);
        if (d.n != 2)
            front_unsup(f, UNSUP_API, "%s() of arrays of text of more dimensions",
                        c->name);
    }
    if (c->self) c->self = chars_plain(f, c->self);
    for (idx i = 0; c->arg && i < c->sig->n; i++)
        if (c->arg[i] && chars_is(c->arg[i])) c->arg[i] = chars_plain(f, c->arg[i]);
    AVal *r = build_find(op_info[c->op].build)(f, c);
    AVal **item = r->kind == A_TUPLE ? r->item : &r;
    for (idx i = 0; i < (r->kind == A_TUPLE ? r->n : 1); i++)
        if (item[i]->kind == A_ARRAY && item[i]->val->type.dt == DT_STR)
            item[i] = chars_of_col(f, front_col(f, item[i]), width);
    return r;
}

static AVal *c_sort(Front *f, Call *c)
{
    if (!c->self) return c_column(f, c);
    AVal *a = c->self, *none = av_none(f), *all = av_new_kind(f, A_SLICE);
    AVal *r = np_call(f, "sort", &a, 1);
    all->n = 3;
    all->item = (AVal *[]){none, none, none};
    nd_setitem(f, a, all, r);
    return none;
}

/* Their builders ask themselves. */
static AVal *c_own(Front *f, Call *c)
{
    return build_find(op_info[c->op].build)(f, c);
}

static const struct {
    const char *build; /* of the row */
    AVal *(*run)(Front *f, Call *c);
} known_calls[] = {
    {"nd_reshape",      c_reshape    },
    {"nd_ravel",        c_ravel      },
    {"nd_transpose",    c_transpose  },
    {"nd_copy",         c_copy       },
    {"nd_tolist",       c_tolist     },
    {"nd_fill",         c_fill       },
    {"nd_astype",       c_astype     },
    {"nd_concatenate",  c_concatenate},
    {"nd_stack",        c_stack      },
    {"nd_append",       c_append     },
    {"nd_info",         c_len        },
    {"nd_flip",         c_flip       },
    {"nd_take",         c_take       },
    {"np_sort",         c_sort       },
    {"np_argsort",      c_column     },
    {"np_unique",       c_column     },
    {"np_searchsorted", c_column     },
    {"np_isin",         c_column     },
    {"np_where",        c_own        },
    {"np_select",       c_own        },
    {"np_array",        c_own        },
    {"np_like",         c_own        },
    {"np_chars",        c_own        },
};

static bool in_items(Front *f, const AVal *v)
{
    (void)f;
    if (v->kind != A_TUPLE)
        return v->kind == A_LIST && !box_get(f, v) &&
               chars_among(front_items(f, v)->item.at, front_items(f, v)->item.n);
    return chars_among(v->item, v->n);
}

static bool concerns(Front *f, const Call *c)
{
    if (c->self && chars_is(c->self)) return true;
    if (c->arg && chars_among(c->arg, c->sig->n)) return true;
    if (chars_among(c->extra, c->nextra)) return true;
    bool joins = !strncmp(op_info[c->op].build, "nd_", 3);
    return joins && c->arg && c->sig->n && c->arg[0] && in_items(f, c->arg[0]);
}

/* Rows of pandas and of ranks take a column, or move rows whatever they are. */
static bool takes_column(const Call *c)
{
    static const char *const of[] = {"pd.",    "DataFrame.", "Series.",        "Index.",
                                     "shoal.", "GroupBy.",   "SeriesGroupBy.", "bodo."};
    for (idx i = 0; i < COUNT_OF(of); i++)
        if (!strncmp(c->name, of[i], strlen(of[i]))) return true;
    return false;
}

AVal *chars_call(Front *f, Call *c)
{
    if (!concerns(f, c)) return NULL;
    const char *build = op_info[c->op].build;
    if (op_info[c->op].lower == LW_LOOP) return NULL; /* chars_elem */
    for (idx i = 0; i < COUNT_OF(known_calls); i++)
        if (!strcmp(known_calls[i].build, build)) return known_calls[i].run(f, c);
    if (takes_column(c)) return NULL;
    front_unsup(f, UNSUP_API, "%s() of arrays of text is not supported", c->name);
}

/* -- np.char, np.strings ----------------------------------------------------------- */
/* Name of the method of Series.str; what the width of the result is: '=' that of the
 * array, 'd' of the longest, 0: no text. */
static const struct {
    const char *name, *method;
    char width;
} methods[] = {
    {"upper",      "upper",      '='},
    {"lower",      "lower",      '='},
    {"title",      "title",      '='},
    {"capitalize", "capitalize", '='},
    {"swapcase",   "swapcase",   '='},
    {"strip",      "strip",      '='},
    {"lstrip",     "lstrip",     '='},
    {"rstrip",     "rstrip",     '='},
    {"str_len",    "len",        0  },
    {"startswith", "startswith", 0  },
    {"endswith",   "endswith",   0  },
};

AVal *build_np_chars(Front *f, Call *c)
{
    const char *name = call_short(c);
    if (c->nextra < 1) front_fail(f, E_TYPE, "%s() takes an array of text", c->name);
    AVal *a = as_chars(f, c->extra[0]);
    if (!a || nd_of(f, a).n != 2)
        front_unsup(f, UNSUP_API, "%s() of %s", c->name, av_type_text(f, c->extra[0]));
    idx k = 0;
    while (k < COUNT_OF(methods) && strcmp(methods[k].name, name) != 0)
        k++;
    if (k == COUNT_OF(methods)) BUG("np.char.%s", name);
    Nd d = nd_of(f, a);
    Val *col = chars_col(f, a);
    AVal *s = av_series(f, col, index_range(f, val_axis(col)->rows), av_none(f));
    AVal *m = front_getattr(f, front_getattr(f, s, "str"), methods[k].method);
    AVal *r = front_call(f, m, c->extra + 1, c->nextra - 1, NULL, NULL, 0);
    if (methods[k].width) return chars_of_col(f, r->val, width_of(&d));
    return np_array_of(f, r->val);
}
