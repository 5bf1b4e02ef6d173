/* SPDX-License-Identifier: Apache-2.0
 * Rows with new labels: S.loc[label] = v and df.loc[label] = row where no row has the
 * label make the rows longer by one, as concat() does.
 *
 * Rows of an index 0, 1, 2.. get one only if the label is their number, S.loc[len(S)]:
 * then it is known that it is new, and the index stays what it is. With labels of
 * another kind it is decided at run time.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <math.h>

bool grow_is_plain(const Index *ix)
{
    return ix->range && ix->start == 0 && ix->step == 1;
}

bool grow_is_next(const Frame *t, const AVal *label)
{
    const Node *n = label->kind == A_SCALAR ? label->val->def : NULL;
    return grow_is_plain(t->index) && n && n->op == OP_LEN && t->rows &&
           (n->arg[0] == t->rows || same_axis(n->arg[0]->axis, t->axis));
}

NORETURN static void no_value(Front *f, const AVal *v, Type t)
{
    unsup(f,
          "a new row with %s in a column of %s, whose dtype would depend on the value; "
          "convert one of them",
          av_type_text(f, v), dtype_text(f, t));
}

/* The value in the form in which concat() gives the column the dtype that it has in
 * pandas: its own, or float64 for integers that meet what is none. */
static Val *fit(Front *f, AVal *v, Type t)
{
    DType b = (DType)t.dt;
    bool plain = t.null == NULL_NONE && dt_is_int(b);
    if (v->kind == A_NONE ||
        (v->kind == A_CONST && v->ck == AC_FLOAT && v->f != v->f)) {
        if (plain) return front_val(f, av_float(f, (double)NAN));
        if (t.null == NULL_NONE && !dt_is_float(b)) no_value(f, v, t);
        return missing_scalar(f, t);
    }
    Val *x = front_val(f, v);
    DType a = (DType)x->type.dt;
    Type to = type_with(t, TY_SCALAR);
    to.null = x->type.null;
    bool known = v->kind == A_CONST;
    bool whole = known && v->ck == AC_FLOAT && v->f == (double)(int64_t)v->f;
    if (a == b && x->type.unit == t.unit) return x;
    if (a == b && dt_is_time(b)) return front_cast(f, x, to);
    if (dt_is_float(b) && dt_is_int(a)) return front_cast(f, x, to);
    if (dt_is_int(b) && known && v->ck == AC_INT && dt_holds(b, v->i))
        return front_cast(f, x, to);
    if (dt_is_int(b) && whole) return front_cast(f, x, to);
    if (plain && known && v->ck == AC_FLOAT) return x;
    no_value(f, v, t);
}

static Val *filled(Front *f, Axis *axis, Val *x)
{
    Val *arg[] = {axis->rows, x};
    return put_val(f, OP_FILL, arg, 2, type_with(x->type, TY_COL), axis);
}

/* The table with one more row. */
static Frame *longer(Front *f, const Frame *t, AVal *label, AVal *const *value)
{
    AVal *zero = av_int(f, 0);
    Axis *axis = val_axis(values_column(f, &zero, 1));
    Frame *one = table_new(f, axis, axis->rows, NULL);
    if (!grow_is_plain(t->index)) {
        ValVec level = {0};
        index_vals(f, t->index, &level);
        Val *x = filled(f, axis, fit(f, label, level.v.at[0]->type));
        one->index = index_levels(f, &x, t->index->name, 1);
    }
    vec_each (i, &t->col)
        table_add(f, one, t->name.at[i],
                  filled(f, axis, fit(f, value[i], t->col.at[i]->type)));
    AVal *both[2] = {av_frame(f, frame_copy(f, t)), av_frame(f, one)};
    AVal *list = av_list(f, both, 2), *fresh = av_bool(f, grow_is_plain(t->index));
    AVal *all = front_call_op(f, OP_F_CONCAT, "pd.concat", NULL, &list, 1,
                              (const char *[]){"ignore_index"}, &fresh, 1, NULL);
    Frame *r = table_of(f, all);
    r->columns_name = t->columns_name;
    return r;
}

AVal *grow_rows(Front *f, const Frame *t, AVal *label, AVal *const *value)
{
    vec_each (i, &t->col)
        if (type_is_cat(t->col.at[i]->type))
            front_unsup(f, UNSUP_CATEGORY, "a new row");
    return av_frame(f, longer(f, t, label, value));
}
