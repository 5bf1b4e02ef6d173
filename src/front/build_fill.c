/* SPDX-License-Identifier: Apache-2.0
 * ffill and bfill: a missing value becomes the nearest one before, or behind, that is
 * there. Where that one stands is a running maximum of the numbers of the rows that
 * have a value (for bfill a running minimum from the end); the values are then taken
 * from there, so that text, categories and columns of all other types are filled alike,
 * across the ranks too.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/np.h"

#include <string.h>

static Val *running(Front *f, Val *v, const char *what)
{
    Node *n = put_node(f, OP_CUMULATE, &v, 1, 1);
    node_set_text(f->fn, n, "what", what, 1);
    val_init(f->fn, &n->res[0], v->type, v->axis);
    return &n->res[0];
}

static Frame *reversed(Front *f, const Frame *t)
{
    AVal *none = av_none(f), *part[3] = {none, none, av_int(f, -1)};
    AVal *s = av_tuple(f, part, 3);
    s->kind = A_SLICE;
    return table_slice(f, t, s);
}

static Frame *one_column(Front *f, const Frame *t, Val *col)
{
    Frame *r = table_new(f, t->axis, t->rows, index_range(f, t->rows));
    table_add(f, r, av_none(f), col);
    return r;
}

/* The running minimum from the last row on. */
static Val *running_back(Front *f, const Frame *t, Val *v)
{
    Frame *back = reversed(f, one_column(f, t, v));
    back->col.at[0] = running(f, back->col.at[0], "m");
    Frame *r = reversed(f, back);
    Val *in[] = {t->rows, r->rows, r->col.at[0]};
    return put_val(f, OP_ALIGN, in, 3, v->type, t->axis);
}

static Val *elem2(Front *f, Op op, Val *a, Val *b)
{
    return front_elem_val(f, op, (Val *[]){a, b}, 2);
}

/* limit: how far a value goes; NULL. */
static Val *filled(Front *f, const Frame *t, Val *col, bool back, Val *limit)
{
    if (type_missing(col->type).null == NULL_PROM && col->type.null != NULL_PROM)
        return col; /* none can be missing */
    Val *gone = front_elem_val(f, OP_ISNULL, &col, 1), *number = np_rownum(f, t->axis);
    Val *n = put_val(f, OP_LEN, (Val *[]){t->rows}, 1, type_scalar(DT_I64), NULL);
    Val *none = back ? n : int_val(f, -1);
    Val *at = front_elem_val(f, OP_SELECT, (Val *[]){gone, none, number}, 3);
    at = back ? running_back(f, t, at) : running(f, at, "M");
    /* Where there is none the first, or last, row is missing itself. */
    Val *last = elem2(f, OP_SUB, n, int_val(f, 1));
    Val *from =
        back ? elem2(f, OP_MIN2, at, last) : elem2(f, OP_MAX2, at, int_val(f, 0));
    Frame *r = table_take(f, one_column(f, t, col), np_array_of(f, from),
                          "indices are out-of-bounds");
    Val *v = r->col.at[0];
    if (!limit) return v;
    Val *way = back ? elem2(f, OP_SUB, at, number) : elem2(f, OP_SUB, number, at);
    Val *far = elem2(f, OP_GT, way, limit);
    Val *in[] = {far, missing_scalar(f, v->type), v};
    return front_elem_val(f, OP_SELECT, in, 3);
}

AVal *build_ffill(Front *f, Call *c)
{
    AVal *limit = call_arg(f, c, "limit");
    bool back = !strcmp(call_short(c), "bfill");
    Val *most = NULL;
    if (!av_is_none(limit)) {
        if (!text_int_is(limit)) front_fail(f, E_VALUE, "Limit must be an integer");
        AVal *small = front_elem(f, OP_LT, (AVal *[]){limit, av_int(f, 1)}, 2);
        lower_raise_if(f, small, E_VALUE, "Limit must be greater than 0");
        most = front_cast(f, front_val(f, limit), type_scalar(DT_I64));
    }
    Frame *t = table_of(f, c->self);
    vec_each (i, &t->col)
        t->col.at[i] = filled(f, t, t->col.at[i], back, most);
    return table_as(f, c->self, t);
}
