/* SPDX-License-Identifier: Apache-2.0
 * What the files of comm/ share: the round of agreement that begins every collective,
 * the waiting loop, streams of pieces between all pairs of ranks, and the exchange of
 * rows that shuffle, rebalance, gather, scatter and sort are made of. Private to the
 * folder.
 */
#pragma once
#include "comm/comm.h"

/* -- agree.c ----------------------------------------------------------------------- */

/* Which collective a rank enters. X(id, words for messages) */
#define COMM_KINDS(X)                                                                  \
    X(AGREE, "an agreement")                                                           \
    X(SAME, "a check of equal values")                                                 \
    X(BARRIER, "a barrier")                                                            \
    X(SUM_I64, "a sum")                                                                \
    X(MAX_I64, "a maximum")                                                            \
    X(SUM_F64, "a floating sum")                                                       \
    X(MAX_F64, "a floating maximum")                                                   \
    X(EXSCAN, "a running sum")                                                         \
    X(ALLGATHER, "an allgather")                                                       \
    X(BCAST, "a broadcast")                                                            \
    X(SHUFFLE, "a shuffle")                                                            \
    X(REBALANCE, "a rebalance")                                                        \
    X(GATHER_TABLE, "a gather of a table")                                             \
    X(ALLGATHER_TABLE, "an allgather of a table")                                      \
    X(SORT, "a sort")                                                                  \
    X(RESTORE, "the restoring of row order")                                           \
    X(FETCH, "a fetch of rows")                                                        \
    X(DELIVER, "a delivery of rows")                                                   \
    X(MOVE, "a movement of rows")                                                      \
    X(CLOSE, "its end")

typedef enum CommKind {
#define X(id, words) CK_##id,
    COMM_KINDS(X)
#undef X
        CK_COUNT
} CommKind;

enum { AGREE_VALUES = 7 };
/* Tags of messages: those of streams are below. */
enum { STREAM_TAGS = 1024, TAG_AGREE = STREAM_TAGS, TAG_EDGES, TAG_END };

/* What a rank says at the beginning of a collective. */
typedef struct AgreeRec {
    uint8_t kind;   /* CommKind */
    uint8_t failed; /* 1: this rank has cx->err set */
    uint16_t call;  /* compared: Comm.call */
    int32_t extra;  /* compared: equal on all ranks (a count of values or columns) */
    int64_t v[AGREE_VALUES];
} AgreeRec;

/* Collective. Gathers every rank's record into cx->comm->own->rec[size] (valid until
 * the next round). Fails on all ranks if one failed, or if kind or extra differ. */
MUST_USE Status agree_round(Cx *cx, CommKind kind, int32_t extra,
                            const int64_t v[AGREE_VALUES]);

/* For local steps before a round: the failure is in cx->err, and the round spreads it.
 */
#define AGREED_LATER(call)                                                             \
    do {                                                                               \
        if (call) ASSERT(cx->err.code);                                                \
    } while (0)

/* -- wait.c ------------------------------------------------------------------------ */

/* State of one wait; zero it before the first pause. */
typedef struct Waiter {
    int64_t start, poll, stall; /* nanoseconds of the monotonic clock */
    int32_t spun;               /* tests before the first yield */
} Waiter;

/* After tests that found nothing: yield, nap, look at the abort word. Fails only when
 * the wait must be left: the communicator is then broken. */
MUST_USE Status wait_pause(Cx *cx, Waiter *w);
/* Adds the time since the first pause to wait_ns. */
void wait_end(Cx *cx, Waiter *w);
/* Records a transport's code: E_OS, and the communicator is broken. */
COLD Status comm_failed(Cx *cx, int code, const char *what);
/* E_OS when the communicator is broken. */
MUST_USE Status comm_usable(Cx *cx);

/* -- stream.c ---------------------------------------------------------------------- */

/* Largest message to MPI. Small enough for a piece to be packed, sent and unpacked
 * within the caches of a core. */
enum { PIECE = 1 << 19, PIECE_HEAD = 16, PIECE_ROOM = PIECE - PIECE_HEAD };
enum { PIECE_WAYS = 4 }; /* pieces under way in each direction */

/* Pieces from each rank to each, in order between two ranks. Both sides know the
 * numbers. fill writes the next piece for a rank (at most PIECE_ROOM bytes), feed gets
 * the next of a rank. After a failure fill is not called any more: the rest of the
 * pieces carry the error record to those who wait for them, whose feed is then not
 * called any more. */
typedef struct Stream {
    void *data; /* first argument of fill and feed, after cx */
    Status (*fill)(Cx *cx, void *data, int to, uint8_t *out, size_t *n);
    Status (*feed)(Cx *cx, void *data, int from, const uint8_t *p, size_t n);
    int64_t *nsend, *nrecv; /* pieces still to come per rank; counted down */
} Stream;

/* Makes the buffers, once per communicator. Local; before the round of agreement. */
MUST_USE Status stream_prepare(Cx *cx);
/* Runs until all pieces are through, also when this rank has failed (cx->err set). */
MUST_USE Status stream_run(Cx *cx, Stream *s);

/* The same where every rank has the same pieces for all, itself included. most: bytes
 * of the largest, equal on all ranks, if each has at most one; else negative. Small
 * ones are gathered at once, in log(p) messages. */
MUST_USE Status stream_to_all(Cx *cx, Stream *s, int64_t most);

/* A buffer cut into pieces, for messages of any size. */
static inline int64_t piece_count(int64_t nbyte)
{
    return (nbyte + PIECE_ROOM - 1) / PIECE_ROOM;
}

/* The rank that owns row g: its rows are offset[rank] .. offset[rank + 1]. The last one
 * also owns what is beyond the end. */
static inline int row_owner(const idx *offset, int size, int64_t g)
{
    int lo = 0, hi = size - 1;
    while (lo < hi) { /* the first rank whose range ends after g */
        int mid = lo + (hi - lo) / 2;
        if (offset[mid + 1] > g)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* -- exchange.c -------------------------------------------------------------------- */

/* Rows to move. The rows for rank r are pos[first[r] .. first[r] + count[r]), or these
 * row numbers themselves where pos is NULL. */
typedef struct Exchange {
    CommKind kind;
    const Table *in;
    const idx *pos;
    const idx *first, *count; /* per rank */
    bool overlap;             /* the same rows go to all ranks */
    idx *from;                /* NULL, or filled: rows that came from each rank */
} Exchange;

/* Collective. The plan may be unset when cx->err is. */
MUST_USE Status exchange_run(Cx *cx, const Exchange *x, Table *out);

/* -- shuffle.c --------------------------------------------------------------------- */

/* The same columns, referenced once more. */
MUST_USE Status table_share(Cx *cx, const Table *in, Table *out);
/* Rows per rank, and where a rank's rows begin in the list. */
typedef struct RankLists {
    idx *first, *count, *next; /* size each, in scratch */
    idx *pos;                  /* the rows, rank by rank; to be freed also on failure */
} RankLists;
/* The rows 0 .. n-1 listed by dest[i], in order. *l is zeroed by the caller. */
MUST_USE Status rank_lists(Cx *cx, const int32_t *dest, idx n, RankLists *l);
/* shuffle_table under another name, for more than one rank. */
MUST_USE Status shuffle_rows(Cx *cx, CommKind kind, const Table *in,
                             const int32_t *dest, Table *out);

/* -- dict_merge.c ------------------------------------------------------------------ */

/* One dictionary of the distinct entries of n dictionaries (views; NULL: none), in
 * order of first appearance. map[k][code of k] = code of the result; NULL: unchanged.
 * *out may be one of dicts where all are equal: own is that one's owned form (or NULL).
 * map[] from mem_new, each to be freed. */
MUST_USE Status dict_merge(Cx *cx, const Array *const *dict, int n, Array *own,
                           int32_t **map, Array **out);

/* -- comm.c ------------------------------------------------------------------------ */

typedef struct CommInt {
    AgreeRec *rec;      /* size records; the last one (rec[size]) is this rank's own */
    AgreeRec *known;    /* size records: those under way in a round */
    uint8_t *slot;      /* 2 PIECE_WAYS + 1 buffers; NULL until the first stream */
    int spins;          /* tests before a wait yields the core for the first time */
    int crowded;        /* waits to come that nap at once: the last yield took long */
    int64_t direct_min; /* bytes that are worth messages of their own: SHOAL_DIRECT */
    int tag;            /* of the last stream; equal on all ranks */
    int32_t *node;      /* first rank of each rank's host, then sorted and distinct */
    void *library;      /* dlopen handles */
    void *mpi_library;
} CommInt;
