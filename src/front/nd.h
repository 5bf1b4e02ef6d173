/* SPDX-License-Identifier: Apache-2.0
 * NumPy arrays of any number of dimensions, as the front end sees them.
 *
 * Memory is a buffer: a value of type TY_ARRAY. What lies in it is only known while
 * compiling: an Nd says where the first element is, how many there are along each
 * dimension and how far apart, in elements. These numbers are AVals, so that what is
 * constant folds and the rest is plain integer arithmetic in the IR. A slice, a
 * transpose or a new axis is another Nd over the same buffer: views share memory, as
 * NumPy's do, and cost nothing.
 *
 * An A_ARRAY without items is a plain one: one dimension, contiguous, as long as its
 * buffer. Any other has the items offset, shape.., stride.. and the axis of its first
 * dimension (NULL: every rank has all of it). On an axis, shape[0] is the number of
 * rows of this rank.
 */
#pragma once
#include "front/build.h"
#include "front/front_int.h"

enum { DIM_MAX = 16 };

typedef struct Nd {
    Val *base;  /* the buffer */
    Axis *axis; /* of dimension 0, or NULL */
    AVal *off, *shape[DIM_MAX], *stride[DIM_MAX];
    int n;
    bool contiguous; /* for sure: the elements lie in C order without gaps */
    bool readonly;   /* of broadcast_to */
} Nd;

/* -- nd.c -------------------------------------------------------------------------- */
Nd nd_of(Front *f, AVal *a);        /* of an A_ARRAY */
AVal *nd_av(Front *f, const Nd *d); /* plain where it can be; a scalar for n == 0 */
Type nd_elem_type(const Nd *d);     /* TY_SCALAR */
AVal *nd_len(Front *f, const Nd *d, int k); /* as the user sees it: over all ranks */
AVal *nd_size(Front *f, const Nd *d);
AVal *nd_from_items(Front *f, AVal *v, const Type *elem); /* nested lists */
Nd nd_arg(Front *f, AVal *v, const char *what); /* an array, a list or a scalar (n = 0,
                                                   base NULL, off the scalar) */
/* Whole numbers that fold. */
bool ix_is(const AVal *v, int64_t *k);
AVal *ix_add(Front *f, AVal *a, AVal *b);
AVal *ix_sub(Front *f, AVal *a, AVal *b);
AVal *ix_mul(Front *f, AVal *a, AVal *b);
AVal *ix_max0(Front *f, AVal *a);
Val *ix_val(Front *f, AVal *v); /* int64 */
AVal *ix_av(Front *f, Val *v);
bool ix_same(const AVal *a, const AVal *b);
AVal *ix_chosen(Front *f, AVal *test, AVal *yes, AVal *no);
/* Whether two lengths (rows of axes: over all ranks) are the same for sure; and whether
 * they are of the same part of the same rows, which lie alike. */
bool nd_same_rows(const Val *a, const Val *b);
bool nd_same_part(const Val *a, const Val *b);
/* For the axis of a[i:-j], i and j known: that of the middle part as long, so that
 * neighbours on both sides have the same way to it. */
Axis *nd_middle(Front *f, Axis *a);
void nd_contiguous(Front *f, Nd *d); /* sets off and strides for the shape */
AVal *nd_dims(Front *f, const Nd *d, int from, int to); /* product of lengths */
/* Position i of dimension k, wrapped and checked. */
AVal *nd_position(Front *f, AVal *i, AVal *n, int k);
/* How many of len places a slice (items start, stop, step) chooses, and the first. */
AVal *nd_range(Front *f, AVal *len, AVal *slice, AVal **first);
/* Dimension k cut by a slice. */
void nd_slice(Front *f, Nd *d, int k, AVal *slice);
/* All rows of d from the last to the first, where back holds. */
Nd nd_turned(Front *f, const Nd *d, AVal *back);
AVal *nd_slice_of(Front *f, AVal *start, AVal *stop, AVal *step);
/* The rows of d, on an axis, that a slice chooses, by a slice whose step is above 0;
 * where *back holds the one has them in reverse. NULL: its own step is, or d is in a
 * prange, where rows do not move. */
AVal *nd_upward(Front *f, const Nd *d, AVal *slice, AVal **back);
bool nd_in_prange(const Front *f);
/* Row i of d, which is on an axis: every rank has all of it. */
Nd nd_row(Front *f, const Nd *d, AVal *i);
void nd_drop(Nd *d, int k);
void nd_insert(Front *f, Nd *d, int k); /* a new axis of length 1 */
Nd nd_permute(const Nd *d, const int *order);
/* The view that a key of integers, slices, None and ... names. */
Nd nd_view(Front *f, Nd d, AVal *const *key, idx nkey);
/* An axis of n rows that every rank has all of. */
Axis *nd_axis_rep(Front *f, AVal *n);
bool nd_contiguous_known(const Nd *d);

/* OP_MIN2 or OP_MAX2 of two. */
AVal *ix_pick(Front *f, Op op, AVal *a, AVal *b);

/* -- chars.c: arrays of text, which are arrays of characters -------------------------
 * Elements of dtype DT_CHAR; the last dimension is that of the characters of a text. */
bool chars_is(const AVal *v);
bool chars_among(AVal *const *arg, idx n);
Val *chars_col(Front *f, AVal *a);    /* of one dimension, as a column of text */
AVal *chars_plain(Front *f, AVal *a); /* the same as an array of objects */
AVal *chars_of_col(Front *f, Val *col, AVal *width); /* NULL: of the longest */
/* An array of the lengths of like: text NULL: empty ones. width NULL: that of text. */
AVal *chars_filled(Front *f, const Nd *like, AVal *text, AVal *width);
AVal *chars_literal(Front *f, AVal *const *leaf, idx n, AVal *width); /* n texts */
/* n empty texts, of this width or (0) of the longest of a run-time list. */
AVal *chars_listed(Front *f, Val *list, AVal *n, int64_t width);
/* A value as characters of the width of `to`, to be stored there. */
AVal *chars_value(Front *f, AVal *v, const Nd *to);
AVal *chars_elem(Front *f, Op op, AVal *const *given, int narg); /* operators */
AVal *chars_chosen(Front *f, AVal *r, AVal *const *arg, int narg);
AVal *chars_made(Front *f, AVal *a, int64_t width); /* astype(str) of another array */
/* In a width (0: its own). */
AVal *chars_sized(Front *f, AVal *a, int64_t width, bool copy);
AVal *chars_transposed(Front *f, const Nd *d);
/* A bound call with such arrays; NULL: it has none, or takes them for columns. */
AVal *chars_call(Front *f, Call *c);

/* -- nd_map.c ---------------------------------------------------------------------- */
/* One element: elem[k] of operand k, index[d] the position along dimension d. NULL:
 * nothing is stored. */
typedef Val *NdBody(Front *f, Val *const *elem, Val *const *index, void *data);
/* A new array of the shape of `like` (n, shape, axis), each element by body. */
Nd nd_make(Front *f, const Nd *like, int nop, const Nd *op, NdBody *body, void *data);
/* Elements of `to` by body; op[] are broadcast to it. */
void nd_fill(Front *f, const Nd *to, int nop, const Nd *op, NdBody *body, void *data);
/* Runs body for each position of `like` for its effects alone. */
void nd_each(Front *f, const Nd *like, int nop, const Nd *op, NdBody *body, void *data);
/* The joint shape of the operands (scalars, n == 0, join all), of arrays that are an
 * index. */
Nd nd_broadcast(Front *f, int nop, const Nd *op);
Nd nd_broadcast_index(Front *f, int nop, const Nd *op);
/* v as what is stored in `to`, whose shape it must fit without making it larger; ones
 * in front go, its rows move to those of `to`. how: "aug", `to` is an operand of it;
 * "index", `to` are chosen elements; or NULL. */
Nd nd_fitted(Front *f, const Nd *to, Nd v, const char *how);
/* The same, where first dimensions stand on axes of their own: the operands' rows move
 * to the chunks of one axis. */
Nd nd_join(Front *f, int nop, Nd *op);
/* The rows of d on another axis, of rows[0] on this rank. */
Nd nd_aligned(Front *f, Axis *to, AVal *rows, const Nd *d);
Nd nd_stretch(Front *f, const Nd *d, const Nd *to); /* strides 0 where repeated */
Nd nd_copy(Front *f, const Nd *d, Type elem);
Nd nd_copy_as(Front *f, const Nd *like, const Nd *d); /* d has like's lengths */
void nd_store(Front *f, const Nd *to, AVal *value);
/* Refuses what cannot be stored in `to`; of run-time lengths, at run time. aug: the
 * value is an operand of what is stored. */
void nd_check_fit(Front *f, const Nd *to, AVal *value, bool aug);
Val *nd_get(Front *f, const Nd *d, Val *const *index, unsigned sure);
/* Text whose characters are the last dimension, which index leaves out. */
Val *nd_text_get(Front *f, const Nd *d, Val *const *index, unsigned sure);
void nd_text_set(Front *f, const Nd *d, Val *const *index, unsigned sure, Val *text);
void nd_set(Front *f, const Nd *d, Val *const *index, unsigned sure, Val *x);
Val *nd_cast_store(Front *f, Val *v, Type elem, bool weak);

/* -- nd_call.c: runtime kernels ---------------------------------------------------- */
void nd_push(Front *f, ValVec *v, const Nd *d); /* base, off, shape.., stride.. */
Nd nd_new(Front *f, const Nd *like, Type elem); /* zeroes */
AVal *nd_reduced(Front *f, const Nd *d, int agg, uint32_t axes, bool keep, Type out);
/* open: min or max of nothing is what changes nothing. */
AVal *nd_reduced_from(Front *f, const Nd *d, int agg, uint32_t axes, bool keep,
                      Type out, bool open);
AVal *nd_scanned(Front *f, const Nd *d, int axis, char what, Type out);
/* -- build_ndsort.c */
/* Each line along the axis sorted, or the positions that sort it. */
AVal *nd_sorted(Front *f, const Nd *d, int axis, bool positions);
/* q: a scalar, or an array of shares: the first dimension of the result. */
AVal *nd_quantiles(Front *f, const Nd *d, int axis, AVal *q, QuantileMethod method,
                   bool percent, bool skip_nan);
AVal *nd_difference(Front *f, AVal *v, int axis); /* of neighbours along the axis */
/* Raises where bad holds: %d in text stands for the numbers. */
void nd_check(Front *f, AVal *bad, ErrCode code, const char *text, int n,
              AVal *const *v);
/* -- nd_index.c -------------------------------------------------------------------- */
/* The rows of d, which is on an axis, with the numbers in an array of one dimension: on
 * the axis of the numbers. */
AVal *nd_take(Front *f, const Nd *d, AVal *at);
/* -- build_nd.c -------------------------------------------------------------------- */
int nd_axis_arg(Front *f, AVal *v, int n); /* AxisError */
AVal *nd_reshape(Front *f, const Nd *d, AVal *const *dim, int n);
AVal *nd_concat(Front *f, AVal *const *item, idx n, int axis);
