/* SPDX-License-Identifier: Apache-2.0
 * Front, passes and code in one call; the only catch point of compile errors. Knows no
 * Python: what it must ask (globals, schemas, sources of callees) it asks FrontHost.
 */
#pragma once
#include "codegen/codegen.h"
#include "front/front.h"
#include "ir/flags.h"

typedef struct CompileReq {
    const FrontHost *host;
    void *host_data;
    int fn;           /* the host's number of the function to compile */
    Desc *const *arg; /* one per parameter, in the order of the signature, defaults and
                       * *args filled in by the host */
    idx narg;
    int size; /* ranks it will run on; 1: no communication is emitted */
    const struct DistFlags *flags; /* NULL: none */
    const CodegenApi *codegen;     /* NULL: as codegen_open says */
    /* Asked for the code generator when the disk cache has no object; NULL and *err on
     * failure. No function: stop after the passes (tests). */
    const CodegenApi *(*codegen_open)(void *data, Err *err);
    void *codegen_data;
    bool cache;       /* use the disk cache of objects: codegen/cache.h */
    const char *dump; /* pass names, comma separated, or NULL */
    int opt;          /* CodegenOptions.opt */
    bool check;       /* only look for problems: out.fn->problems */
} CompileReq;

typedef struct Site {
    Loc loc;
    int32_t inlined_at;
} Site;

typedef struct CompileOut {
    Fn *fn; /* after all passes; lives in the arena */
    Object object;
    bool cached;             /* the object is from the disk cache */
    bool needs_ranks;        /* an axis is distributed, or ranks are asked for */
    const char *explain;     /* text of f.explain() */
    const char *diagnostics; /* .. of f.distributed_diagnostics() */
    const Site *site;        /* site table: rows named by Err.site */
    idx nsite;
    double ms[4]; /* front, passes, code, total */
} CompileOut;

/* Returns OK or the code in *err. Everything is allocated in arena. */
Status compile_run(Arena *arena, const CompileReq *req, CompileOut *out, Err *err);
