/* SPDX-License-Identifier: Apache-2.0
 * What a join consists of: shared by rt_join.c, which has all rows of both sides, and
 * rt_joinbatch.c, where one side comes in batches.
 */
#pragma once
#include "rt/rt_int.h"

enum {
    COPIED_MOST = 256 << 20
}; /* bytes of a side that every rank may get a copy of */

typedef struct Side {
    Table t;    /* keys, columns, [number]: borrowed until owned */
    bool owned; /* t came from comm: to be cleared */
    bool par;   /* its rows are distributed */
    idx nkey, ncol;
    idx rows; /* on this rank before anything moved */
} Side;

typedef struct Join {
    JoinHow how;
    Side l, r;
    bool order, many;
    idx nkey, nout;
    bool left_number, right_number;
    Array *number; /* the column that says so, owned */
} Join;

/* A list that is NULL stands for 0, 1 .. n - 1, all rows of its side: its columns are
 * shared. (An empty join has lists or none.) */
typedef struct Pairs {
    idx *l, *r, n;
} Pairs;

/* Which sides must see all rows of their partner's unmatched ones: those can't be
 * joined against a copy of the other side on every rank. */
static inline bool keeps_left(JoinHow h)
{
    return h == JOIN_LEFT || h == JOIN_OUTER || h == JOIN_ANTI;
}

static inline bool keeps_right(JoinHow h)
{
    return h == JOIN_RIGHT || h == JOIN_OUTER;
}

static inline Table side_keys(const Side *s)
{
    return (Table){.n = s->t.n, .ncol = s->nkey, .col = s->t.col};
}

/* Both sides from the slots of a JOIN; borrows. */
MUST_USE Status rt_join_setup(Cx *cx, const Attrs *at, const Slot *in, Join *j);
/* The result's columns: left's, right's, keys; behind them what the order needs. */
MUST_USE Status rt_join_gather(Cx *cx, const Attrs *at, const Join *j, const Pairs *p,
                               Table *out);
void rt_pairs_free(Pairs *p);
int64_t rt_table_bytes(const Table *t);
