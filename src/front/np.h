/* SPDX-License-Identifier: Apache-2.0
 * What the builders of NumPy's functions of one-dimensional arrays share: arguments as
 * columns, parts of columns, short names for arithmetic on values of any form.
 */
#pragma once
#include "front/build.h"
#include "front/front_int.h"

/* An array or Series as it is; a list or tuple as an array. TypeError else. */
AVal *np_arg(Front *f, const Call *c, AVal *v);
Val *np_col(Front *f, const Call *c, AVal *v);
Val *np_any_col(Front *f, const Call *c, AVal *v); /* text and dates too */
Val *np_order_col(Front *f, const Call *c,
                  AVal *v); /* text too; TypeError: NaN in it */
bool np_is_column(const AVal *v);
/* Whether v is an array of more than one dimension. */
bool np_is_nd(Front *f, AVal *v);
/* All elements in one dimension: a copy if they were in more. A list as np_arg does. */
AVal *np_flat(Front *f, const Call *c, AVal *v);
/* What was computed of np_flat(like), in the dimensions of like. */
AVal *np_unflat(Front *f, AVal *flat, AVal *like);
/* The column as float64, int64 ... */
Val *np_cast(Front *f, Val *v, DType dt);
AVal *np_of(Front *f, Val *col); /* an array of a column, a scalar of a scalar */
/* Rows start .. stop of a column on an axis of their own; NULL: open. */
Val *np_part(Front *f, Val *col, AVal *start, AVal *stop);
Val *np_sorted(Front *f, Val *key, Val *carried); /* carried in the order of key */
Val *np_rownum(Front *f, Axis *axis);
Val *np_filter(Front *f, Val *col, Val *mask);
Val *np_join(Front *f, Val *const *col, idx n); /* one after the other */
AVal *np_len(Front *f, const Val *col);         /* over all ranks */
/* Calls np.<name> with positional arguments. */
AVal *np_call(Front *f, const char *name, AVal *const *arg, idx narg);
AVal *np_op1(Front *f, Op op, AVal *a);
AVal *np_op2(Front *f, Op op, AVal *a, AVal *b);
AVal *np_choose(Front *f, AVal *cond, AVal *yes, AVal *no);
/* A reduction of a column by its name (agg.def), not skipping NaN. */
AVal *np_reduced(Front *f, Val *col, int agg);
/* Sorted distinct values; count, first: NULL or where their columns go. */
Val *np_distinct(Front *f, Val *col, Val **count, Val **first);
/* Positions of what is not zero: of one dimension, and as a tuple for each dimension.
 */
AVal *np_places(Front *f, const Call *c, AVal *a);
AVal *np_nonzero(Front *f, const Call *c, AVal *a);
/* a[:] = col, whose rows may be anywhere. */
void np_store(Front *f, AVal *a, Val *col);
