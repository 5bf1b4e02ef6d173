/* SPDX-License-Identifier: Apache-2.0
 * What the rt_*.c files share: reading slots and attributes, tables over slots,
 * results.
 */
#pragma once
#include "comm/comm.h"
#include "kernel/kernel.h"
#include "rt/rt.h"

/* Element type of argument or result i, as codegen writes it into "atype" and "rtype".
 */
typedef struct RtType {
    uint8_t kind, dt, null, unit;
} RtType;
RtType rt_type(const Attrs *at, const char *list, idx i);
enum {
    RT_KIND_SCALAR = 1
}; /* of RtType.kind: TY_SCALAR in ir/type.h; more: an array */

/* The error of a host's function as the call's own. */
Status rt_host_failed(Cx *cx, Status st, const Err *err);

/* How many rows the file of an OP_READER has on this rank, -1: not known. */
idx rt_reader_rows(const Slot *reader);

/* A text result of a call. */
MUST_USE Status rt_text_out(Cx *cx, Slot *out, const char *s, size_t n);
/* Shortest decimal that reads back as v, in Python's notation; its length. */
int rt_float_text(double v, char out[40]);

const Comm *rt_world(const Cx *cx); /* rt_move.c */

static inline bool rt_par(Cx *cx, const Attrs *at)
{
    return cx->comm->size > 1 && attr_int(at, "par", 0) != 0;
}

/* A table over slots[0 .. ncol): borrows the columns; memory from the call's scratch.
 */
MUST_USE Status rt_table(Cx *cx, const Slot *slots, idx ncol, idx n, Table *out);
/* All columns of a, then all of b (b may be NULL); borrows. */
MUST_USE Status rt_table2(Cx *cx, const Table *a, const Table *b, Table *out);
/* One more borrowed column. */
MUST_USE Status rt_table_add(Cx *cx, const Table *a, Array *col, Table *out);
/* Gives a's columns [first, first + ncol) to the call as results from out[0] on, in the
 * types rtype[k..]. The table keeps its references (clear it afterwards). */
MUST_USE Status rt_out_table(Cx *cx, const Attrs *at, idx k, Slot *out, const Table *a,
                             idx first, idx ncol);
/* Gives a table as the results of a call: its rows in out[0], its nout - 1 columns, of
 * the types rtype[1..], behind it. Clears t, also on failure. */
MUST_USE Status rt_give_rows(Cx *cx, const Attrs *at, Table *t, int64_t nout,
                             Slot *out);
/* a in the null form and dtype that the result is typed with; borrows a, owned result.
 */
MUST_USE Status rt_adapt(Cx *cx, Array *a, RtType t, Array **out);

/* A column of that type without rows. */
MUST_USE Status rt_empty(Cx *cx, RtType t, Array **out);
/* int64 column first, first + step ... of n rows. */
MUST_USE Status rt_numbers(Cx *cx, idx first, idx step, idx n, Array **out);
/* Rows of each rank (allgather) as starts: start[r] .. start[r + 1]. Collective when
 * par. */
MUST_USE Status rt_starts(Cx *cx, bool par, idx n, idx **start);
/* Rows of ranges from[0 .. size] (where each rank's begin, the last: their number) to
 * the ranks in whose ranges to[] they are, in order: the same on all ranks, equal
 * totals. Where the ranges are equal nothing moves. Collective. */
MUST_USE Status rt_move_ranges(Cx *cx, const Table *t, const idx *to, const idx *from,
                               Table *out);
/* Whether quantiles q (F64) are shares; E_VALUE in words of the op: {percent}. */
MUST_USE Status rt_check_shares(Cx *cx, const Attrs *at, const Array *q);
/* Owned columns pos[0..n) of every column of t, null forms kept. */
MUST_USE Status rt_take_table(Cx *cx, const Table *t, const idx *pos, idx n,
                              Table *out);
/* Rows [start, start + n) of every column. */
MUST_USE Status rt_slice_table(Cx *cx, const Table *t, idx start, idx n, Table *out);
/* Row i of a column as a scalar. Text stays in the array, which must live on. */
void rt_row_slot(const Array *a, idx i, Slot *s);
