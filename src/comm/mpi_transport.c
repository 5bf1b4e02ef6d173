/* SPDX-License-Identifier: Apache-2.0
 * CommOps over MPI: the only file that includes mpi.h. Built once per ABI as a plugin:
 * shoal_comm_mpi.so for the MPI 5 standard ABI (MPI_ABI), which every new MPI has;
 * shoal_comm_mpich.so for MPICH's own, which extensions as mpi4py use; and
 * shoal_comm_openmpi.so for Open MPI's own (SHOAL_OPENMPI). Only MPI-3 functions
 * without large counts are used: the callers keep below 2^31. No allocation: requests
 * live in a fixed pool of cells.
 */
#include "comm/comm.h"
#include <limits.h>
#ifdef SHOAL_OPENMPI
#    include "comm/mpi_openmpi.h"
#else
#    include <mpi.h>
#endif
#include <stdio.h>

enum { NREQ = 256 };

typedef struct Req {
    MPI_Request mpi;
    struct Req *next; /* free list */
    bool receives;
} Req;

typedef struct Transport {
    MPI_Comm comm;
    bool started; /* MPI_Init was ours, and so is MPI_Finalize */
    Req *free;
    Req req[NREQ];
} Transport;

static Transport world;

static Req *req_new(Transport *t, bool receives)
{
    Req *r = t->free;
    if (!r) return NULL;
    t->free = r->next;
    r->receives = receives;
    r->mpi = MPI_REQUEST_NULL;
    return r;
}

static void req_free(Transport *t, Req *r)
{
    r->next = t->free;
    t->free = r;
}

/* Hands the request to the caller, or takes it back when MPI refused. */
static int req_give(Transport *t, Req *r, int code, void **req)
{
    if (code != MPI_SUCCESS) {
        req_free(t, r);
        return code;
    }
    *req = r;
    return 0;
}

#define REQ_OR_RETURN(receives)                                                        \
    Transport *t = tp;                                                                 \
    if (n > INT_MAX) return MPI_ERR_COUNT;                                             \
    Req *r = req_new(t, receives);                                                     \
    if (!r) return MPI_ERR_NO_MEM

static int op_isend(void *tp, const void *p, size_t n, int to, int tag, void **req)
{
    REQ_OR_RETURN(false);
    int code = MPI_Isend(p, (int)n, MPI_BYTE, to, tag, t->comm, &r->mpi);
    return req_give(t, r, code, req);
}

static int op_irecv(void *tp, void *p, size_t n, int from, int tag, void **req)
{
    REQ_OR_RETURN(true);
    int code = MPI_Irecv(p, (int)n, MPI_BYTE, from, tag, t->comm, &r->mpi);
    return req_give(t, r, code, req);
}

static int allreduce(void *tp, int64_t *v, size_t n, MPI_Op op, void **req)
{
    REQ_OR_RETURN(false);
    int code =
        MPI_Iallreduce(MPI_IN_PLACE, v, (int)n, MPI_INT64_T, op, t->comm, &r->mpi);
    return req_give(t, r, code, req);
}

static int op_sum_i64(void *tp, int64_t *v, int n, void **req)
{
    return allreduce(tp, v, (size_t)n, MPI_SUM, req);
}

static int op_max_i64(void *tp, int64_t *v, int n, void **req)
{
    return allreduce(tp, v, (size_t)n, MPI_MAX, req);
}

static int op_allgather(void *tp, const void *in, size_t n, void *out, void **req)
{
    REQ_OR_RETURN(false);
    int code =
        MPI_Iallgather(in, (int)n, MPI_BYTE, out, (int)n, MPI_BYTE, t->comm, &r->mpi);
    return req_give(t, r, code, req);
}

static int op_alltoall(void *tp, const void *in, size_t n, void *out, void **req)
{
    REQ_OR_RETURN(false);
    int code =
        MPI_Ialltoall(in, (int)n, MPI_BYTE, out, (int)n, MPI_BYTE, t->comm, &r->mpi);
    return req_give(t, r, code, req);
}

static int op_bcast(void *tp, void *p, size_t n, int root, void **req)
{
    REQ_OR_RETURN(false);
    int code = MPI_Ibcast(p, (int)n, MPI_BYTE, root, t->comm, &r->mpi);
    return req_give(t, r, code, req);
}

static int op_test(void *tp, void **req, int *done, size_t *n)
{
    Transport *t = tp;
    Req *r = *req;
    MPI_Status status;
    int flag = 0, count = 0;
    *done = 0;
    int code = MPI_Test(&r->mpi, &flag, &status);
    if (code != MPI_SUCCESS) return code;
    if (!flag) return 0;
    if (n && r->receives) {
        code = MPI_Get_count(&status, MPI_BYTE, &count);
        if (code != MPI_SUCCESS) return code;
    }
    if (n) *n = (size_t)count;
    req_free(t, r);
    *req = NULL;
    *done = 1;
    return 0;
}

static void op_error_text(void *tp, int code, char *text, size_t n)
{
    char buf[MPI_MAX_ERROR_STRING];
    int len = 0;
    (void)tp;
    if (MPI_Error_string(code, buf, &len) != MPI_SUCCESS) len = 0;
    snprintf(text, n, "%.*s (MPI code %d)", len, buf, code);
}

static void op_abort(void *tp, int code)
{
    Transport *t = tp;
    MPI_Abort(t->comm, code);
}

static bool op_over(void *tp)
{
    int over = 0;
    (void)tp;
    return MPI_Finalized(&over) != MPI_SUCCESS || over;
}

static void op_finalize(void *tp)
{
    Transport *t = tp;
    if (op_over(t)) return;
    MPI_Comm_free(&t->comm);
    t->free = NULL; /* may be opened again if MPI goes on */
    if (t->started) MPI_Finalize();
}

static const CommOps mpi_ops = {
    .isend = op_isend,
    .irecv = op_irecv,
    .iallreduce_sum_i64 = op_sum_i64,
    .iallreduce_max_i64 = op_max_i64,
    .iallgather = op_allgather,
    .ialltoall = op_alltoall,
    .ibcast = op_bcast,
    .test = op_test,
    .error_text = op_error_text,
    .abort = op_abort,
    .over = op_over,
    .finalize = op_finalize,
};

/* MPI runs, and this thread may call it. */
static int start(Transport *t, char *text, size_t n)
{
    int flag = 0, level = MPI_THREAD_SINGLE;
    if (MPI_Finalized(&flag) != MPI_SUCCESS || flag) {
        snprintf(text, n, "MPI has been ended in this process");
        return 1;
    }
    MPI_Initialized(&flag);
    if (flag) {
        MPI_Is_thread_main(&flag);
        MPI_Query_thread(&level);
        if (flag || level >= MPI_THREAD_SERIALIZED) return 0;
        snprintf(text, n, "MPI was started by another thread with level %d", level);
        return 1;
    }
    int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    if (code != MPI_SUCCESS) {
        op_error_text(t, code, text, n);
        return 1;
    }
    t->started = true;
    return 0;
}

/* The lowest rank on this host. Collective. */
static int first_on_node(MPI_Comm comm, int rank, int *first)
{
    MPI_Comm node;
    int code =
        MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node);
    if (code != MPI_SUCCESS) return code;
    *first = rank;
    code = MPI_Bcast(first, 1, MPI_INT, 0, node);
    MPI_Comm_free(&node);
    return code;
}

static int open_world(void **transport, int *rank, int *size, int *node, char *text,
                      size_t n)
{
    Transport *t = &world;
    if (*transport == t || t->free) {
        snprintf(text, n, "it is open already");
        return 1;
    }
    if (start(t, text, n)) return 1;
    int code = MPI_Comm_dup(MPI_COMM_WORLD, &t->comm);
    if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(t->comm, MPI_ERRORS_RETURN);
    if (code == MPI_SUCCESS) code = MPI_Comm_rank(t->comm, rank);
    if (code == MPI_SUCCESS) code = MPI_Comm_size(t->comm, size);
    if (code == MPI_SUCCESS) code = first_on_node(t->comm, *rank, node);
    if (code != MPI_SUCCESS) {
        op_error_text(t, code, text, n);
        return 1;
    }
    for (int i = 0; i < NREQ; i++)
        req_free(t, &t->req[i]);
    *transport = t;
    return 0;
}

extern const CommPlugin shoal_comm_plugin;
__attribute__((visibility("default"))) const CommPlugin shoal_comm_plugin = {
    .abi = COMM_PLUGIN_ABI,
#if defined SHOAL_OPENMPI
    .mpi = "Open MPI's ABI",
#elif defined MPI_ABI
    .mpi = "MPI standard ABI",
#else
    .mpi = "MPICH's ABI",
#endif
    .ops = &mpi_ops,
    .open = open_world,
};
