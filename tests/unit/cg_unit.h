/* SPDX-License-Identifier: Apache-2.0
 * For tests of codegen: build a function, compile it, run it on arrays made in C.
 */
#pragma once
#include "array/builder.h"
#include "codegen/codegen.h"
#include "rt/rt.h"
#include "unit.h"

enum { CGT_SLOTS = 64 };

typedef struct CgTest {
    Cx *cx;
    Arena *arena;
    Err err;
    jmp_buf env;
    Fn *fn;
    Node *map;
    Object object;
    ShoalMain *code;
    struct ShoalCode *handle;
    Slot in[CGT_SLOTS], out[CGT_SLOTS];
    uint8_t is_array[CGT_SLOTS];
    idx nin, nout;
} CgTest;

/* Late code, without what a process keeps of it: it stays until the process ends. */
static Status cgt_late(void *data, const LateCode *code, void **out, Err *err)
{
    (void)data;
    struct ShoalCode *handle;
    Object o;
    Arena *a = arena_new();
    bool made = shoal_codegen_api()->late(a, code, &o, err);
    *out = made ? shoal_codegen_api()->load(o.bytes, o.size, &handle, err) : NULL;
    arena_free(a);
    return err->code;
}

static inline void cgt_begin(CgTest *t, int nin, const Type *type)
{
    static const Host host = {.late = cgt_late};
    memset(t, 0, sizeof *t);
    t->cx = unit_begin();
    t->cx->host = &host;
    t->arena = arena_new();
    err_clear(&t->err);
    t->fn = fn_new(t->arena, "test", &t->err, &t->env);
    t->fn->body = region_new(t->fn, NULL, nin);
    Axis *a = axis_new(t->fn);
    for (int i = 0; i < nin; i++) {
        t->fn->body->param[i].type = type[i];
        if (type[i].kind == TY_COL) t->fn->body->param[i].axis = a;
    }
    t->nin = nin;
}

/* A MAP over the first ncol parameters of the function, the others as scalars. */
static inline Region *cgt_map(CgTest *t, int ncol, int nres, const Type *type,
                              const char *outs)
{
    Fn *fn = t->fn;
    Val *arg[CGT_SLOTS];
    int n = fn->body->nparam;
    for (int i = 0; i < n; i++)
        arg[i] = &fn->body->param[i];
    Node *m = t->map = node_new(fn, OP_MAP, (Loc){0}, n, arg, nres);
    node_set_int(fn, m, "ncol", ncol);
    node_set_text(fn, m, "outs", outs, -1);
    for (int i = 0; i < nres; i++) {
        m->res[i].type = type[i];
        if (type[i].kind == TY_COL) m->res[i].axis = arg[0]->axis;
    }
    node_append(fn->body, m);
    Region *r = node_add_region(fn, m, n);
    for (int i = 0; i < n; i++)
        r->param[i].type = type_with(arg[i]->type, TY_SCALAR);
    return r;
}

static inline Val *cgt_op(CgTest *t, Region *r, Op op, Type type, int n, ...)
{
    va_list ap;
    Val *arg[8];
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        arg[i] = va_arg(ap, Val *);
    va_end(ap);
    return ir_emit1(t->fn, r, op, (Loc){0}, n, arg, type, NULL);
}

static inline void cgt_end_n(CgTest *t, Region *r, Op op, int n, Val *const *arg)
{
    node_append(r, node_new(t->fn, op, (Loc){0}, n, arg, 0));
    if (op != OP_RETURN) return;
    t->nout = n;
    for (int i = 0; i < n; i++)
        t->is_array[i] = arg[i]->type.kind == TY_COL || arg[i]->type.kind == TY_ARRAY;
}

static inline void cgt_end(CgTest *t, Region *r, Op op, int n, ...)
{
    va_list ap;
    Val *arg[8];
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        arg[i] = va_arg(ap, Val *);
    va_end(ap);
    cgt_end_n(t, r, op, n, arg);
}

static inline void cgt_compile(CgTest *t, int opt)
{
    CodegenOptions o = {.opt = opt, .dump = getenv("SHOAL_DUMP_LLVM") != NULL};
    if (setjmp(t->env)) fail_msg("compile error: %s", t->err.text);
    ir_verify(t->fn);
    t->object = shoal_codegen_api()->emit(t->fn, &o);
    void *p =
        shoal_codegen_api()->load(t->object.bytes, t->object.size, &t->handle, &t->err);
    if (!p) fail_msg("load: %s", t->err.text);
    memcpy(&t->code, &p, sizeof p);
}

static inline void cgt_unload(CgTest *t)
{
    shoal_codegen_api()->unload(t->handle);
    t->handle = NULL;
}

/* A zeroed column argument. */
static inline Array *cgt_col(CgTest *t, int k, DType dt, NullForm null, idx n)
{
    Cx *cx = t->cx;
    Array *a;
    Unit u = dt == DT_TS || dt == DT_TD ? UNIT_NS : UNIT_NONE;
    assert_ok(array_new(cx, dt, null, u, n, true, &a));
    t->in[k] = (Slot){.a = a};
    return a;
}

static inline Status cgt_run(CgTest *t)
{
    return rt_run(t->cx, t->code, t->in, t->out, t->nout, t->is_array);
}

/* Drops columns of the arguments and of the results. */
static inline void cgt_clear(CgTest *t)
{
    for (idx i = 0; i < t->nin; i++)
        if (t->fn->body->param[i].type.kind != TY_SCALAR) array_unref(t->in[i].a);
    for (idx i = 0; i < t->nout; i++)
        if (t->is_array[i]) array_unref(t->out[i].a);
}

static inline void cgt_free(CgTest *t)
{
    unit_end(t->cx);
    arena_free(t->arena);
}
