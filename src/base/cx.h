/* SPDX-License-Identifier: Apache-2.0
 * The context of one running call on one rank: error record, scratch memory, ranks, and
 * the way up to Python. Passed first to every function that can fail at run time.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct Comm;  /* comm/comm.h */
struct Host;  /* base/host.h */
struct Array; /* array/array.h */

typedef struct Cx {
    Err err;                 /* first failure of this call */
    Arena *scratch;          /* released when the call ends; kernels mark and release */
    struct Comm *comm;       /* never NULL: a world of one rank outside MPI */
    struct Comm *world;      /* whose rank get_rank() gives; NULL: comm */
    const struct Host *host; /* filled by py/; NULL members are refused when called */
    void *host_data;         /* first argument of every host function */
    const volatile int32_t
        *abort_word;      /* non-zero: stop soon (Ctrl-C, death of a peer) */
    uint64_t stack_limit; /* address below which no function may be entered */
    struct Array **live;  /* arrays the call owns: freed when it ends, see rt/rt.h */
    idx nlive, caplive;
    const struct SiteTable *sites; /* of the object that runs; for messages */
    int32_t site;                  /* site of the operation in progress, -1: none */
    bool agreed;             /* err is known to all ranks: comm_agree has set it */
    struct ObjHeap *objects; /* memory of text and containers: object/heap.h */
    struct Closing *closing; /* what is closed when the call ends: rt/rt_call.h */
    idx nlent;               /* of live: kept until the end on purpose, see OP_LEND */
} Cx;

void cx_init(Cx *cx, struct Comm *comm, const struct Host *host, void *host_data);
void cx_clear(Cx *cx);

/* Record a failure (the first one wins) and return its code: `return fail(cx, E_VALUE,
 * "...")`. Fills in the rank and the current site. */
#define fail(cx, code, ...) cx_failed(cx_fail((cx), code, __VA_ARGS__))
COLD Status cx_fail(Cx *cx, ErrCode code, const char *fmt, ...) PRINTF(3, 4);

/* Tells compilers and checkers that a failure is never OK, so that they do not follow
 * paths on which outputs were not set. */
static inline Status cx_failed(Status st)
{
    if (st == OK) __builtin_unreachable();
    return st;
}

static inline Status cx_interrupted(Cx *cx)
{
    return fail(cx, E_INTERRUPT, "interrupted");
}

/* E_INTERRUPT when the abort word is set. For loops of kernels, once a batch. */
static inline Status cx_check(Cx *cx)
{
    if (LIKELY(!cx->abort_word || *cx->abort_word == 0)) return 0;
    return cx_interrupted(cx);
}
