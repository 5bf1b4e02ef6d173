/* SPDX-License-Identifier: Apache-2.0
 * Shared by dist.c, dist_loop.c, dist_halo.c: the state of the distribution analysis.
 */
#pragma once
#include "pass/pass_int.h"

typedef struct DistCx {
    PassCx *cx;
    Fn *fn;
    bool changed;
    bool off;              /* nothing is distributed: one rank, or a flag says so */
    bool asks;             /* ranks may differ in what they do: uniform_apart() */
    Val **var;             /* what VARGET gives of each variable */
    Axis *kept;            /* the rows of what is in containers: on no axis of the Fn */
    struct ParLoop *loops; /* dist_loop.c's own */
    VEC(Node *) single;    /* elements that the rank with the row reads or writes */
    VEC(Node *) anywhere;  /* those at any place, outside of parallel loops */
} DistCx;

/* a is at most `to`; why: the node that is to blame. E_DIST if a flag forbids it. */
void dist_lower(DistCx *d, Axis *a, Dist to, const Node *why);

/* The least replicated of the arguments' axes, REP when there is none. */
Dist dist_widest(DistCx *d, const Node *n);

/* -- dist_convert.c ---------------------------------------------------------------- */
/* Gathers what is made of distributed rows and must be replicated. */
void convert_run(DistCx *d);

/* An access in a parallel loop to an array from outside of it: an element, or a view of
 * a row of it that a node works on. */
typedef struct Access {
    Node *node;
    int at; /* the argument that is the array */
    bool view, write;
    bool aligned; /* at the loop's index plus off */
    int64_t off;
    Node *by;       /* at the element that this AGET reads; NULL */
    Node *position; /* of a view: its NDINDEX */
    Val *placed;    /* the one that took its place */
    Val *needed;    /* of OP_NEEDED */
} Access;

/* An array that the loop changes at any place by one operator. */
typedef struct Reduced {
    Val *array, *partial; /* what the body changes in its place */
    Node *combine;
    char how;
} Reduced;

/* Where a loop over rows begins, as far as it is known when compiling. */
typedef enum From { FROM_ROW, FROM_END, FROM_ANY } From; /* >= 0, < 0, either */

typedef struct ParLoop {
    struct ParLoop *next;
    Node *node;
    bool divided;
    From from;
    bool wraps; /* its numbers below 0 are those of rows from the end (OP_WRAP) */
    Axis *axis; /* whose rows decide; NULL: none */
    VEC(Access) access;
    VEC(Axis *) made; /* of what it concatenates */
    VEC(Reduced) reduced;
} ParLoop;

/* -- dist_loop.c ------------------------------------------------------------------- */
/* Parallel loops and the accesses to elements in and outside of them. */
void loops_find(DistCx *d);
/* One round of the analysis: axes that loops use, loops that can't be divided. */
void loops_transfer(DistCx *d);
/* Gives each rank its part of the loops' iterations and combines what they reduce. */
void loops_apply(DistCx *d);
/* Argument k of n, which stands in a parallel loop, is seen by it as a view of one row.
 */
bool loops_own(const DistCx *d, const Node *n, int k);
/* The access is to rows of this rank, or near them, when the loop is divided. */
bool loop_is_local(const ParLoop *l, const Access *a);
/* The access is to rows whose numbers are in an array that the loop does not change. */
bool loop_is_foretold(const ParLoop *l, const Access *a);

/* All ranks come to r, once: it is the function's body, or what follows a decision that
 * is the same on all of them. */
bool loop_reached_once(const DistCx *d, const Region *r);

/* v is defined in r or in a region inside of it. */
bool loop_is_inside(const Val *v, const Region *r);

/* The nest runs over the rows of an axis, and what it reads and writes of arrays by the
 * numbers of their elements is of the row that it has come to. */
bool loop_nest_is_local(const DistCx *d, Node *nest);

/* -- dist_whole.c ------------------------------------------------------------------ */
/* Gathers what the loop reads of the axis' arrays at any place, and gives what it
 * reduces into (l->reduced) its partial; true: the body has changed. */
bool whole_apply(DistCx *d, ParLoop *l, Axis *axis);

/* The same of what is used as a whole outside of parallel loops, before the analysis:
 * operands of products, and in code that is run once any use of an array whose rows a
 * loop works on. Elements at any place that are left make their arrays replicated. */
void whole_operands(DistCx *d);

/* The outermost loop around `loop`, or it itself, before which the values v are made
 * and in which nobody writes to them. */
Node *loop_place_for(Node *loop, Val *const *v, int n);

/* n stands in a divided loop or a nest: nothing communicates there. */
bool dist_in_parallel(const Node *n);

/* -- dist_rerow.c ------------------------------------------------------------------ */
/* Before the analysis: where a view of other rows may not become a copy, all rows are
 * replicated. */
void rerow_limit(DistCx *d);
/* Before all else: single rows, too, of which a copy is not enough are views. */
void rerow_rows(DistCx *d);
/* Behind it: those of replicated rows are views again. */
void rerow_apply(DistCx *d);

/* -- dist_partial.c ---------------------------------------------------------------- */
/* Finds the arrays that the loop reduces into; true: the body has changed. */
bool partial_apply(DistCx *d, ParLoop *l);

/* -- dist_halo.c ------------------------------------------------------------------- */
/* Makes the iterations of a divided loop those of this rank's rows, and its accesses
 * local, when what it reduces is combined. */
void halo_apply(DistCx *d, ParLoop *l);
/* The node around n, or n, that stands where v is defined. */
Node *loop_level_of(Node *n, const Val *v);
/* EXTENT of the rows (first of this rank, all) before the loop or node: one for all
 * that work on the same rows. */
Node *loop_extent(DistCx *d, Node *loop, Val *rows);
/* The number of the axis' rows on this rank. Where it had no use it is gone: that of an
 * array is asked again, behind the array. */
Val *loop_axis_rows(Axis *a);

/* -- dist_python.c ------------------------------------------------------------------
 */
/* Lengths of arrays that a PYCALL gives in chunks, behind the first, are made the same
 * on all ranks, or an error. */
void python_lengths(DistCx *d, Node *n);
