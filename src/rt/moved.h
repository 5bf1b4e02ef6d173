/* SPDX-License-Identifier: Apache-2.0
 * What each operation of the last run has sent to other ranks, by its place in the
 * user's source: explain() shows it.
 */
#pragma once
#include "rt/rt.h"

typedef struct Moved {
    int32_t site; /* -1: none is known */
    RtId call;
    int64_t times, messages, bytes, rounds; /* a round: an allgather of 64 bytes */
} Moved;

/* A run begins: nothing is moved yet. */
void moved_begin(void);
/* Makes a call of the runtime and counts what it sends. */
int32_t moved_call(RtId id, Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                   int64_t nout, Slot *out);
/* Of the last run, in the order of first use; the runtime's own. */
const Moved *moved_all(idx *n);
