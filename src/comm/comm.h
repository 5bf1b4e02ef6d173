/* SPDX-License-Identifier: Apache-2.0
 * Ranks and what they say to one another. The only folder that knows MPI; the MPI calls
 * themselves are in mpi_transport.c, built as a plugin per ABI (CommOps) that workers
 * load; a process outside MPI has comm_self(): one rank, no messages. Everything else
 * in comm/ is written over CommOps and runs the same on both. docs/comm.md explains the
 * whole.
 *
 * "Collective." means that every rank must call it, in the same order. Every collective
 * below begins with the same round of agreement (agree.c): a rank that comes with
 * cx->err set, or fails in the local part before data moves, makes all ranks leave with
 * the same record and status, and the communicator is clean. So a rank whose local step
 * failed may call comm_agree, or the collective its peers enter: both meet. Ranks that
 * enter different collectives all leave with E_RUNTIME instead of waiting for ever.
 *
 * cx->agreed is set when all ranks know cx->err by a round: then nobody calls
 * comm_agree for it once more. It stays false for a failure of this rank alone.
 *
 * After data moved a collective may fail on some ranks only (memory for the result):
 * that is a local failure like any other, which the next agreement spreads. Outputs are
 * zeroed on failure.
 */
#pragma once
#include "array/table.h"
#include <string.h>

typedef struct Comm Comm;

/* Point-to-point and basic collectives that a transport offers. All are non-blocking;
 * test() makes progress. Return 0 or the transport's code, which error_text explains.
 * Sizes are bytes below 2^31: larger payloads are cut into pieces above. */
typedef struct CommOps {
    int (*isend)(void *t, const void *p, size_t n, int to, int tag, void **req);
    int (*irecv)(void *t, void *p, size_t n, int from, int tag, void **req);
    /* In place. */
    int (*iallreduce_sum_i64)(void *t, int64_t *v, int n, void **req);
    int (*iallreduce_max_i64)(void *t, int64_t *v, int n, void **req);
    /* n bytes from and to each rank. */
    int (*iallgather)(void *t, const void *in, size_t n, void *out, void **req);
    int (*ialltoall)(void *t, const void *in, size_t n, void *out, void **req);
    int (*ibcast)(void *t, void *p, size_t n, int root, void **req);
    /* done: *req is NULL afterwards, *n (unless NULL) the bytes received. */
    int (*test)(void *t, void **req, int *done, size_t *n);
    void (*error_text)(void *t, int code, char *text, size_t n);
    void (*abort)(void *t, int code); /* ends the whole job */
    bool (*over)(void *t);            /* somebody has finalized MPI */
    void (*finalize)(void *t);
} CommOps;

/* What a plugin exports as shoal_comm_plugin. */
enum { COMM_PLUGIN_ABI = 3 };
typedef struct CommPlugin {
    int abi;         /* COMM_PLUGIN_ABI */
    const char *mpi; /* whose ABI: "MPI standard ABI" */
    const CommOps *ops;
    /* Collective. Starts MPI unless it runs, on a duplicate of the world; node is the
     * lowest rank that shares memory with this one. On failure 1 and text. */
    int (*open)(void **transport, int *rank, int *size, int *node, char *text,
                size_t n);
} CommPlugin;

struct CommInt; /* comm_int.h: buffers and records of the communicator */

struct Comm {
    int rank, size;     /* must come first: base/cx.c reads them */
    const CommOps *ops; /* NULL for comm_self */
    void *transport;
    int64_t nmsg, nbyte, ncoll; /* sent by this rank: for explain() and benchmarks */
    int64_t wait_ns;            /* spent waiting for peers */
    const char *doing;          /* collective in progress, NULL: none */
    uint16_t call;              /* what it is part of, equal on all ranks; 0: unknown */
    bool broken;                /* a wait was left, or MPI failed: nothing more works */
    int nnode;                  /* hosts */
    const int32_t *node;        /* the first rank of each, ascending */
    struct CommInt *own;
};

/* base/cx.c writes the rank into error records without knowing this header. */
_Static_assert(offsetof(struct Comm, rank) == 0, "rank is the first member");

/* A world of one rank; never freed. */
Comm *comm_self(void);
/* Loads the plugin at path (dlopen) and initialises MPI (MPI_Init_thread FUNNELED
 * unless it is initialised), on a duplicate of the world. E_OS with the loader's words.
 * Only the thread that opened a communicator may use it. SHOAL_MPI_LIBRARY names the
 * MPI library to load first, so that the plugin needs no search path. */
MUST_USE Status comm_open(Cx *cx, const char *plugin, Comm **out);
/* Collective. Leaves cx->comm, which ends MPI if comm_open started it. Peers that enter
 * another collective meanwhile fail there, each time, and this rank waits until they
 * come here too. cx->comm is comm_self() afterwards. */
void comm_close(Cx *cx);
/* Whether all ranks come here within so many milliseconds. Messages of its own: a peer
 * that is in a collective, or never comes, is not disturbed. When true, all may call
 * comm_close; when false, only comm_abort. */
bool comm_all_end(Comm *c, int64_t ms);
/* Ends all ranks at once; for our own mistakes. Returns on one rank. */
void comm_abort(Comm *c, int code);

/* -- wait.c: all waiting is ours: test, yield, then short naps. SHOAL_STALL=n reports
 * on stderr where the rank is after n seconds. While waiting, abort word and host->poll
 * are looked at: COMM_STOP_SOON is recorded as E_INTERRUPT and the wait goes on, since
 * the peers stop too and meet this rank in an agreement; COMM_STOP_NOW leaves the wait:
 * the communicator is then broken and the process should end. */
enum { COMM_STOP_SOON = 1, COMM_STOP_NOW = 2 };
MUST_USE Status comm_wait(Cx *cx, void **req, int n);
/* Says where in the user's source a call is ("file.py:12"), for SHOAL_STALL. */
void comm_set_where(void (*where)(Cx *cx, char *text, size_t n));

/* The words for values of Comm.call: name[call]. */
void comm_set_calls(const char *const *name, int n);

/* -- agree.c. Collective. All ranks leave with one status and the lowest failing rank's
 * record (rank -1 when all failed alike; others' texts are added as notes). One
 * allgather of 64 bytes when nobody failed; free on one rank. */
Status comm_agree(Cx *cx);
/* Collective. E_INTERNAL on all ranks unless value is equal on all ranks. */
MUST_USE Status comm_same(Cx *cx, int64_t value, const char *what);

/* -- coll.c. All collective; results in place. Up to seven values cost one round. */
MUST_USE Status comm_barrier(Cx *cx);
MUST_USE Status comm_sum_i64(Cx *cx, int64_t *v, int n); /* wraps around as NumPy's */
MUST_USE Status comm_max_i64(Cx *cx, int64_t *v, int n);
MUST_USE Status comm_min_i64(Cx *cx, int64_t *v, int n);
/* Compensated sums that do not depend on message order: allgather, then summed by rank.
 */
MUST_USE Status comm_sum_f64(Cx *cx, double *v, int n);
MUST_USE Status comm_max_f64(Cx *cx, double *v, int n); /* NaN ignored */
MUST_USE Status comm_min_f64(Cx *cx, double *v, int n);
MUST_USE Status comm_exscan_i64(Cx *cx, int64_t v, int64_t *before, int64_t *total);
/* n bytes of every rank, in rank order. out has size * n bytes and may not overlap in.
 */
MUST_USE Status comm_allgather(Cx *cx, const void *in, size_t n, void *out);
MUST_USE Status comm_bcast(Cx *cx, void *p, size_t n, int root); /* any size */

/* Block rule: count(r) = n/p + (r < n%p), start(r) = r*(n/p) + min(r, n%p). */
static inline idx block_start(idx n, int p, int r)
{
    return r * (n / p) + idx_min(r, n % p);
}
static inline idx block_count(idx n, int p, int r)
{
    return n / p + (r < n % p ? 1 : 0);
}

/* -- wire.c: the byte form of a table: one message for all columns, see wire.h. Reading
 * checks all of it. pos: the rows to write, NULL for 0 .. n-1. */
MUST_USE Status wire_size(Cx *cx, const Table *t, const idx *pos, idx n, size_t *size);
MUST_USE Status wire_pack(Cx *cx, const Table *t, const idx *pos, idx n, uint8_t *out);
MUST_USE Status wire_unpack(Cx *cx, const uint8_t *p, size_t size, const Table *proto,
                            Table *out);

/* -- shuffle.c, shuffle_range.c, rebalance.c, gather_table.c, sample_sort.c, restore.c.
 * Collective; order of the result: by source rank, then source row. Tables hold the
 * same dtypes on all ranks; dictionary columns may differ by layout and dictionary:
 * they stay dictionaries where all rows that arrive come from dictionaries. */
/* Row i goes to rank dest[i]. */
MUST_USE Status shuffle_table(Cx *cx, const Table *in, const int32_t *dest, Table *out);
/* To rank hash_rank(hash[i], size). */
MUST_USE Status shuffle_hash(Cx *cx, const Table *in, const uint64_t *hash, Table *out);
/* Rows with equal keys (the first nkey columns) to one rank; keys rise from rank to
 * rank, missing ones last. A rank gets its share of the rows if no key has many. */
MUST_USE Status shuffle_range(Cx *cx, const Table *in, idx nkey, Table *out);
MUST_USE Status rebalance_table(Cx *cx, const Table *in, const int32_t *dests,
                                idx ndest,
                                Table *out); /* dests NULL: all ranks, block rule */
MUST_USE Status allgather_table(Cx *cx, const Table *in, Table *out);
MUST_USE Status gather_table(Cx *cx, const Table *in, int root, Table *out);
/* Any rows by a plan: the rows pos[first[r] .. first[r] + count[r]), or where pos is
 * NULL these numbers themselves, go to rank r. overlap: they are the same for all
 * ranks.
 */
typedef struct RowPlan {
    const idx *pos, *first, *count;
    idx npos;
    bool overlap;
} RowPlan;
MUST_USE Status move_rows(Cx *cx, const Table *in, const RowPlan *plan, Table *out);
/* Globally sorted by the first nkey columns of in, stable in (rank, row); balanced. */
MUST_USE Status sort_table(Cx *cx, const Table *in, idx nkey, const bool *asc,
                           bool nulls_first, Table *out);
/* Order and place of rows after a shuffle: in's last column (I64, no nulls) holds
 * numbers of an axis that has nlocal rows on this rank. Row k goes to the rank that
 * owns number k (the last one, beyond the end) and rows are put in the order of their
 * numbers, stable in (rank, row). out has in's columns but the last. */
MUST_USE Status restore_order(Cx *cx, const Table *in, idx nlocal, Table *out);

/* -- fetch.c: rows by their numbers in the whole. A row is `width` values of every
 * column of a table; `rows` of them are on this rank. Numbers from the end are
 * negative; one that there is not is E_INDEX. Only what is asked for travels.
 * Collective. */
/* The rows number[0 .. n), in this order. */
MUST_USE Status fetch_rows(Cx *cx, const Table *in, idx rows, idx width,
                           const int64_t *number, idx n, Table *out);
/* The way back: row i of values is for the row number[i], on the rank that has it. *at:
 * its place there (I64), values in the order of (rank, row). */
MUST_USE Status deliver_rows(Cx *cx, const Table *values, idx rows, idx width,
                             const int64_t *number, idx n, Array **at, Table *out);

/* -- edges.c: rows of the ranks next to this one, of several arrays that have the same
 * rows: `before` rows in front of this rank's and `behind` the last of them. */
typedef struct EdgeRows {
    const uint8_t *data;  /* this rank's rows */
    size_t width;         /* bytes of a row */
    bool known;           /* all ranks know it; else it is learnt by one without rows */
    idx before, behind;   /* rows wanted, equal on all ranks */
    idx nbefore, nbehind; /* found: how many of them there are */
} EdgeRows;

/* Memory is the call's scratch. */
typedef struct Edges {
    idx n, row, total; /* rows of this rank, the number of its first one, of all */
    int size, narray;
    EdgeRows *array;
    int64_t *nrow;                 /* by rank */
    const uint8_t **first, **last; /* by rank and array: first rows; behind last ones */
} Edges;

/* Collective. Those in front of the first row of all are the last ones, as far as rows
 * counted from the end go. All arrays travel in one message to a neighbour. */
MUST_USE Status comm_edges(Cx *cx, idx n, EdgeRows *array, int narray, Edges *e);
/* The rows before this rank's, ending before end; those behind them. */
void edges_put_before(const Edges *e, int rank, int i, uint8_t *end);
void edges_put_behind(const Edges *e, int rank, int i, uint8_t *to);
