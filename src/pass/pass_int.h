/* SPDX-License-Identifier: Apache-2.0
 * What the passes share: walking, forwarding of values, the layout of column-wise ops.
 */
#pragma once
#include "pass/pass.h"

void carry_run(PassCx *cx);
void inplace_run(PassCx *cx);
void dce_run(PassCx *cx);
void cse_run(PassCx *cx);
void lookup_run(PassCx *cx);
void topn_run(PassCx *cx);
void pushdown_run(PassCx *cx);
void sink_run(PassCx *cx);
void order_run(PassCx *cx);
void dist_run(PassCx *cx);
void uniform_run(PassCx *cx);
/* Visits what stands where only some ranks come, as far as their numbers, or what
 * Python tells each of them, decide; before it is known how rows are distributed.
 * False: ranks ask nothing of that kind, and all that they have alike is equal. */
bool uniform_apart(PassCx *cx, void (*visit)(void *data, Node *n), void *data);
void reduce_run(PassCx *cx);
void ndfuse_run(PassCx *cx);
void fuse_run(PassCx *cx);
void batch_run(PassCx *cx);
void agree_run(PassCx *cx);
void range_run(PassCx *cx);
void own_run(PassCx *cx);
void explain_run(PassCx *cx);
void diagnose_run(PassCx *cx);
const char *dist_text(Dist d); /* as the user knows it */
/* The text that explain_run and diagnose_run write. */
typedef struct Report {
    Arena *arena;
    VEC(char) text;
} Report;
/* Adds at most 600 bytes. */
PRINTF(2, 3) void report_put(Report *r, const char *fmt, ...);
const char *report_end(Report *r); /* the whole; lives as long as the arena */

/* Sets Val.tmp of every value in the function to NULL. */
void pass_clear_tmp(Fn *fn);
/* Replaces every use of a value v whose tmp is another value by that value (chains are
 * followed), also axes' rows. Leaves tmp cleared. */
void pass_forward(Fn *fn);

/* Calls visit(data, node) for every node, outer before inner, in order. visit may
 * remove the node. */
void pass_walk(Region *r, void (*visit)(void *data, Node *n), void *data);

/* Column-wise ops: result nres0 + j belongs to argument narg0 + j, for j < n. false
 * when the op is not of this form. */
typedef struct ColLayout {
    int narg0, nres0, n;
} ColLayout;
bool pass_layout(const Node *n, ColLayout *out);

/* Axis of a rows value or a column; NULL for other values. */
Axis *pass_axis(Fn *fn, Val *v);
/* A copy of n with other arguments and results of the given types, put in n's place; n
 * is removed. Results are not forwarded. */
Node *pass_rebuild(Fn *fn, Node *n, int narg, Val *const *arg, int nres);
/* Operands of n, parameters of r behind its first ones, or results of n go where drop
 * holds; uses of parameters and results that stay move to new ones: by Val.tmp, until
 * pass_forward(). */
void pass_cut_operands(Node *n, const bool *drop);
void pass_cut_params(Fn *fn, Region *r, int first, const bool *drop);
void pass_cut_results(Fn *fn, Node *n, const bool *drop);
/* v is a parameter of r, or made in it or in a region of its nodes. */
bool pass_is_inside(const Val *v, const Region *r);
/* One type, on one axis: the one may stand for the other. */
static inline bool same_place(const Val *a, const Val *b)
{
    return type_eq(a->type, b->type) && axis_get(a->axis) == axis_get(b->axis);
}

static inline bool is_loop(const Node *n)
{
    return n->op == OP_FOR || n->op == OP_LOOP;
}

static inline bool val_is_col(const Val *v)
{
    return v->type.kind == TY_COL;
}
