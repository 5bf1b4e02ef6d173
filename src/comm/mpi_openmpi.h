/* SPDX-License-Identifier: Apache-2.0
 * What mpi_transport.c uses of Open MPI's own ABI (libmpi.so.40: Open MPI 4 and 5),
 * declared here, so that one build makes the plugin for it whether or not Open MPI is
 * there: its wheel and MPICH's put different mpi.h files at the same place.
 *
 * Handles are addresses of objects of the library; the numbers are those of its ABI.
 * Only functions are declared that are called. tests/py/test_mpi_choice.py compares it
 * with the mpi.h of an installed Open MPI.
 */
#pragma once
#include <stddef.h>

typedef struct ompi_communicator_t *MPI_Comm;
typedef struct ompi_datatype_t *MPI_Datatype;
typedef struct ompi_op_t *MPI_Op;
typedef struct ompi_request_t *MPI_Request;
typedef struct ompi_errhandler_t *MPI_Errhandler;
typedef struct ompi_info_t *MPI_Info;

typedef struct MPI_Status {
    int MPI_SOURCE, MPI_TAG, MPI_ERROR;
    int cancelled; /* the library's own, as what follows */
    size_t count;
} MPI_Status;

/* The library's objects: nobody looks into them, only their addresses count. */
extern char ompi_mpi_comm_world[], ompi_mpi_byte[], ompi_mpi_int[], ompi_mpi_int64_t[];
extern char ompi_mpi_op_sum[], ompi_mpi_op_max[], ompi_request_null[];
extern char ompi_mpi_errors_return[], ompi_mpi_info_null[];

#define MPI_COMM_WORLD    ((MPI_Comm)(void *)ompi_mpi_comm_world)
#define MPI_BYTE          ((MPI_Datatype)(void *)ompi_mpi_byte)
#define MPI_INT           ((MPI_Datatype)(void *)ompi_mpi_int)
#define MPI_INT64_T       ((MPI_Datatype)(void *)ompi_mpi_int64_t)
#define MPI_SUM           ((MPI_Op)(void *)ompi_mpi_op_sum)
#define MPI_MAX           ((MPI_Op)(void *)ompi_mpi_op_max)
#define MPI_REQUEST_NULL  ((MPI_Request)(void *)ompi_request_null)
#define MPI_ERRORS_RETURN ((MPI_Errhandler)(void *)ompi_mpi_errors_return)
#define MPI_INFO_NULL     ((MPI_Info)(void *)ompi_mpi_info_null)
#define MPI_IN_PLACE      ((void *)1)

enum { MPI_SUCCESS = 0, MPI_ERR_COUNT = 2, MPI_ERR_NO_MEM = 39 };
enum { MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED };
enum { MPI_COMM_TYPE_SHARED = 0, MPI_MAX_ERROR_STRING = 256 };

/* NOLINTBEGIN(readability-identifier-naming): the library names them. */
int MPI_Abort(MPI_Comm comm, int code);
int MPI_Bcast(void *p, int n, MPI_Datatype type, int root, MPI_Comm comm);
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm *out);
int MPI_Comm_free(MPI_Comm *comm);
int MPI_Comm_rank(MPI_Comm comm, int *rank);
int MPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler handler);
int MPI_Comm_size(MPI_Comm comm, int *size);
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *out);
int MPI_Error_string(int code, char *text, int *n);
int MPI_Finalize(void);
int MPI_Finalized(int *flag);
int MPI_Get_count(const MPI_Status *status, MPI_Datatype type, int *n);
int MPI_Iallgather(const void *in, int nin, MPI_Datatype tin, void *out, int nout,
                   MPI_Datatype tout, MPI_Comm comm, MPI_Request *req);
int MPI_Iallreduce(const void *in, void *out, int n, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request *req);
int MPI_Ialltoall(const void *in, int nin, MPI_Datatype tin, void *out, int nout,
                  MPI_Datatype tout, MPI_Comm comm, MPI_Request *req);
int MPI_Ibcast(void *p, int n, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request *req);
int MPI_Init_thread(int *argc, char ***argv, int wanted, int *level);
int MPI_Initialized(int *flag);
int MPI_Irecv(void *p, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request *req);
int MPI_Is_thread_main(int *flag);
int MPI_Isend(const void *p, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request *req);
int MPI_Query_thread(int *level);
int MPI_Test(MPI_Request *req, int *done, MPI_Status *status);
/* NOLINTEND(readability-identifier-naming) */
