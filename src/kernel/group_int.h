/* SPDX-License-Identifier: Apache-2.0
 * Inside of GroupTab: group_plan.c decides which accumulators the aggregates need,
 * groupby.c feeds them, group_final.c turns states into columns.
 */
#pragma once
#include "kernel/agg.h"
#include "kernel/keytab.h"

/* Which accumulators an aggregate reads; -1: none. */
typedef struct AggPlan {
    AggSpec spec;
    int32_t main, rows, miss;
} AggPlan;

/* A value column in one view, read once a batch for all accumulators that want it so.
 */
typedef struct AggRead {
    int32_t col;
    View view;
    int32_t miss;  /* accumulator of missing rows, -1: not counted here */
    bool refs;     /* states refer to texts of this column */
    uint64_t base; /* reference of row 0 of the array in progress */
} AggRead;

/* Values of a median: all of them, with their groups. */
typedef struct Pairs {
    Buf *gid_buf, *val_buf;
    idx n, cap;
} Pairs;

struct GroupTab {
    KeyTab *keys; /* NULL without key columns: one group, always there */
    idx nkey;
    idx nval;
    Array **proto; /* empty columns: dtypes of the values */
    AggPlan *plan;
    idx nagg;
    Acc *acc;
    idx nacc;
    AggRead *read;
    idx nread;
    bool holistic;  /* some aggregate needs all rows of a group here */
    KeyTab **seen;  /* by accumulator: pairs of group and value, for nunique */
    Pairs *pairs;   /* by aggregate: for median */
    bool order;     /* the last accumulator is the smallest row number */
    idx row_end;    /* row numbers from here on have not been given yet */
    size_t stride;  /* bytes of a group's states */
    uint64_t *init; /* states of an empty group */
    Buf *state_buf;
    uint8_t *state;
    idx ngroup, cap; /* groups whose states are there, room */
    TextRefs refs;
    Loader *loader;
};

/* group_plan.c */
MUST_USE Status group_plan(Cx *cx, GroupTab *g, const AggSpec *agg, idx nagg);
/* group_final.c */
MUST_USE Status group_values(Cx *cx, GroupTab *g, Table *values);
