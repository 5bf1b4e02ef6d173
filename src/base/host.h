/* SPDX-License-Identifier: Apache-2.0
 * The only way from C up to Python: one struct of function pointers that py/ fills.
 * Each function takes the host_data of the Cx first; it may be called without the GIL
 * and takes it itself. None may be called while a collective is in progress on this
 * rank. A failing function fills *err and returns its code.
 */
#pragma once
#include "base/err.h"

struct ArrowArrayStream; /* io/arrow_abi.h: Arrow C stream interface */

/* What a reader is asked for. All strings are UTF-8 and live as long as the call. */
typedef struct ReadSpec {
    const char *format;        /* "parquet", "csv", "json" */
    const char *path;          /* file, folder or glob, as the user wrote it */
    const char *const *column; /* the columns wanted, in the order wanted */
    const char *const *type;   /* of each column, as the compiler took it from the
                                * file's schema: the name of its dtype; NULL: of no
                                * use (Parquet) */
    idx ncolumn;
    const char *options; /* format-specific, as JSON (csv: sep, names, dtypes ...) */
    const char *filter;  /* JSON: [[column, op, value], ...], all must hold; may be
                          * used to skip row groups only: rows are filtered again */
    int rank, size;      /* this rank's share of the rows (block rule): 0, 1 = all */
    idx limit;           /* only the first so many rows, -1: all */
} ReadSpec;

typedef struct WriteSpec {
    const char *format;  /* "parquet", "csv", "json" */
    const char *path;    /* target as the user wrote it */
    const char *options; /* JSON */
    int rank, size;      /* size > 1: a folder of parts, see io/write.h for the steps */
} WriteSpec;

struct Slot;  /* rt/slot.h */
struct Arena; /* for texts of results */

/* One call of a Python function from compiled code. */
typedef struct HostCall {
    int row;                            /* of the program's calls */
    const char *in_letter, *out_letter; /* one a slot: rt/slot.h */
    const struct Slot *in;              /* borrowed */
    idx nin;
    struct Slot *out; /* arrays are owned by the caller afterwards */
    idx nout;
    struct Arena *arena;
} HostCall;

/* A function that compiled code brings along as LLVM's bitcode, because it is hardly
 * ever needed (codegen/cg_late.c). */
typedef struct LateCode {
    const uint8_t *bytes;
    size_t size;
    uint64_t key[2]; /* hash of the bytes */
    int level;       /* of optimisation */
} LateCode;

typedef struct Host {
    /* Open a stream over this rank's share of a file; *rows: its rows, -1 when they are
     * not known before they are read. */
    Status (*read_open)(void *data, const ReadSpec *spec, struct ArrowArrayStream *out,
                        idx *rows, Err *err);
    /* Write all of the stream as this rank's part under a temporary name; `commit`
     * (called after all ranks agreed that every part is written) makes it visible, or
     * removes it when ok is false. */
    Status (*write_part)(void *data, const WriteSpec *spec, struct ArrowArrayStream *in,
                         Err *err);
    Status (*write_commit)(void *data, const WriteSpec *spec, bool ok, Err *err);
    /* Whole lines to the user's sys.stdout (fd 1) or sys.stderr (fd 2). */
    Status (*print)(void *data, int fd, const char *text, size_t n, Err *err);
    /* Non-zero when a signal (Ctrl-C) or the end of the driver asks us to stop. */
    int (*poll)(void *data);
    /* Call a Python function of the program: wrap_python, or one of front/host.def. */
    Status (*call)(void *data, const HostCall *call, Err *err);
    /* The address of a routine of BLAS or LAPACK ("dgemm", "dgetrf") in Fortran's
     * calling convention with 32-bit integers. */
    Status (*routine)(void *data, const char *name, void **out, Err *err);
    /* The address of late code: compiled now, once in a process for each key, and there
     * until the process ends. Does not take the GIL. */
    Status (*late)(void *data, const LateCode *code, void **out, Err *err);
} Host;
