/* SPDX-License-Identifier: Apache-2.0
 * Ranks and what they say to one another. The only folder that knows MPI; the MPI calls
 * themselves are in mpi_*.c, built as a plugin per ABI (CommOps) that workers load; a
 * process outside MPI has comm_self(): one rank, no messages. Everything else in comm/ is
 * written over CommOps and runs the same on both.
 *
 * "Collective." means that every rank must call it, in the same order. Every collective
 * below begins with agreement: if some rank comes with cx->err set, or fails inside before
 * data moves, all ranks leave with the same record and status, and the communicator is
 * clean. So a rank whose local step failed calls comm_agree once and returns.
 */
#pragma once
#include "array/table.h"

typedef struct Comm Comm;

/* Point-to-point and basic collectives that a transport offers. Non-blocking where it matters;
 * test() makes progress. All counts are bytes below 2^31; larger payloads are chunked above. */
typedef struct CommOps {
    int (*isend)(void *t, const void *p, size_t n, int to, int tag, void **req);
    int (*irecv)(void *t, void *p, size_t n, int from, int tag, void **req);
    int (*iallreduce_min_i32)(void *t, const int32_t *in, int32_t *out, int n, void **req);
    int (*iallreduce_sum_i64)(void *t, const int64_t *in, int64_t *out, int n, void **req);
    int (*iallreduce_max_i64)(void *t, const int64_t *in, int64_t *out, int n, void **req);
    int (*iallgather)(void *t, const void *in, size_t n, void *out, void **req);
    int (*ibcast)(void *t, void *p, size_t n, int root, void **req);
    int (*ibarrier)(void *t, void **req);
    int (*ialltoall)(void *t, const void *in, size_t n, void *out, void **req);
    int (*test)(void *t, void **req, int *done); /* done: *req is NULL afterwards */
    void (*abort)(void *t, int code);            /* ends the whole job */
    void (*finalize)(void *t);
} CommOps;

struct Comm {
    int rank, size;
    const CommOps *ops; /* NULL for comm_self */
    void *transport;
    int tag;                      /* next tag, equal on all ranks */
    int64_t nmsg, nbyte, ncoll;   /* counted for explain() and benchmarks */
};

/* base/cx.c writes the rank into error records without knowing this header. */
_Static_assert(offsetof(struct Comm, rank) == 0, "rank is the first member");

/* A world of one rank; never freed. */
Comm *comm_self(void);
/* Loads the plugin at path (dlopen) and initialises MPI (MPI_Init_thread FUNNELED unless it
 * is initialised), on a duplicate of the world. E_OS with the loader's words. */
MUST_USE Status comm_open(Cx *cx, const char *plugin, Comm **out);
void comm_close(Comm *c);

/* -- wait.c: all waiting is ours: test, yield, then short naps; stops for the abort word and
 * host->poll. SHOAL_STALL=n reports where the rank is after n seconds. */
MUST_USE Status comm_wait(Cx *cx, void **req, int n);

/* -- agree.c. Collective. All ranks leave with one status and the lowest failing rank's
 * record. One 4-byte allreduce when nobody failed; free on one rank. */
Status comm_agree(Cx *cx);
/* Collective. Debug builds: E_INTERNAL unless value is equal on all ranks. */
MUST_USE Status comm_same(Cx *cx, int64_t value, const char *what);

/* -- coll.c. All collective; in may equal out. */
MUST_USE Status comm_barrier(Cx *cx);
MUST_USE Status comm_sum_i64(Cx *cx, int64_t *v, int n);
MUST_USE Status comm_max_i64(Cx *cx, int64_t *v, int n);
MUST_USE Status comm_min_i64(Cx *cx, int64_t *v, int n);
/* Compensated sums that do not depend on message order: allgather, then summed by rank. */
MUST_USE Status comm_sum_f64(Cx *cx, double *v, int n);
MUST_USE Status comm_max_f64(Cx *cx, double *v, int n); /* NaN ignored */
MUST_USE Status comm_min_f64(Cx *cx, double *v, int n);
MUST_USE Status comm_exscan_i64(Cx *cx, int64_t v, int64_t *before, int64_t *total);
MUST_USE Status comm_allgather(Cx *cx, const void *in, size_t n, void *out);
MUST_USE Status comm_bcast(Cx *cx, void *p, size_t n, int root); /* any size */

/* Block rule: count(r) = n/p + (r < n%p), start(r) = r*(n/p) + min(r, n%p). */
static inline idx block_start(idx n, int p, int r) { return r * (n / p) + idx_min(r, n % p); }
static inline idx block_count(idx n, int p, int r) { return n / p + (r < n % p ? 1 : 0); }

/* -- wire.c: the byte form of a table: one message for all columns. Reading checks all of it. */
MUST_USE Status wire_size(Cx *cx, const Table *t, const idx *pos, idx n, size_t *size);
MUST_USE Status wire_pack(Cx *cx, const Table *t, const idx *pos, idx n, uint8_t *out);
MUST_USE Status wire_unpack(Cx *cx, const uint8_t *p, size_t size, const Table *proto,
                            Table *out);

/* -- shuffle.c, rebalance.c, bcast_table.c, sample_sort.c. Collective; order of the result:
 * by source rank, then source row. Tables hold the same dtypes on all ranks; dictionary
 * columns may differ by layout and dictionary. */
MUST_USE Status shuffle_table(Cx *cx, const Table *in, const int32_t *dest, Table *out);
MUST_USE Status rebalance_table(Cx *cx, const Table *in, const int32_t *dests, idx ndest,
                                Table *out); /* dests NULL: all ranks, block rule */
MUST_USE Status allgather_table(Cx *cx, const Table *in, Table *out);
MUST_USE Status gather_table(Cx *cx, const Table *in, int root, Table *out);
MUST_USE Status scatter_table(Cx *cx, const Table *in, int root, Table *out);
MUST_USE Status bcast_table(Cx *cx, Table *t, int root); /* proto columns on other ranks */
/* Globally sorted by the first nkey columns of in, stable in (rank, row); balanced. */
MUST_USE Status sort_table(Cx *cx, const Table *in, idx nkey, const bool *asc,
                           bool nulls_first, Table *out);
