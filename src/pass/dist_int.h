/* SPDX-License-Identifier: Apache-2.0
 * Shared by dist.c and dist_loop.c: the state of the distribution analysis.
 */
#pragma once
#include "pass/pass_int.h"

typedef struct DistCx {
    PassCx *cx;
    Fn *fn;
    bool changed;
    bool off;              /* nothing is distributed: one rank, or a flag says so */
    Val **var;             /* what VARGET gives of each variable */
    Axis *kept;            /* the rows of what is in containers: on no axis of the Fn */
    struct ParLoop *loops; /* dist_loop.c's own */
} DistCx;

/* a is at most `to`; why: the node that is to blame. E_DIST if a flag forbids it. */
void dist_lower(DistCx *d, Axis *a, Dist to, const Node *why);

/* The least replicated of the arguments' axes, REP when there is none. */
Dist dist_widest(DistCx *d, const Node *n);

/* -- dist_convert.c ---------------------------------------------------------------- */
/* Gathers what is made of distributed rows and must be replicated. */
void convert_run(DistCx *d);

/* -- dist_loop.c ------------------------------------------------------------------- */
/* Parallel loops and the accesses to elements in and outside of them. */
void loops_find(DistCx *d);
/* One round of the analysis: axes that loops use, loops that can't be divided. */
void loops_transfer(DistCx *d);
/* Gives each rank its part of the loops' iterations and combines what they reduce. */
void loops_apply(DistCx *d);
