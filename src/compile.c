/* SPDX-License-Identifier: Apache-2.0
 * One compile: front, passes, site table, code. Here stands the one setjmp to which
 * errors of the compiler are thrown; all memory is the arena's, so nothing has to be
 * undone (codegen disposes of LLVM's objects by itself before it throws on).
 */
#include "base/base.h"

#include "compile.h"

#include "codegen/cache.h"
#include "pass/pass.h"

#include <setjmp.h>
#include <string.h>
#include <time.h>

typedef struct Compile {
    Arena *arena;
    const CompileReq *req;
    CompileOut *out;
    Err *err;
    jmp_buf env;
    VEC(Site) sites;
} Compile;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void on_oom(void *data)
{
    Compile *c = data;
    err_clear(c->err);
    (void)err_set(c->err, E_MEMORY, "no memory to compile");
    longjmp(c->env, 1);
}

/* -- Sites ---------------------------------------------------------------------- */

static bool site_same(const Site *a, const Node *n)
{
    return memcmp(&a->loc, &n->loc, sizeof a->loc) == 0 &&
           a->inlined_at == n->inlined_at;
}

/* Row of a node's place: neighbours share one. Node.mark keeps it for codegen. */
static void number_region(Compile *c, Region *r)
{
    node_each (n, r) {
        idx last = c->sites.n - 1;
        if (last < 0 || !site_same(&c->sites.at[last], n)) {
            Site s = {n->loc, n->inlined_at};
            vec_push(c->arena, &c->sites, s);
        }
        n->mark = (int32_t)(c->sites.n - 1);
        for (int i = 0; i < n->nregion; i++)
            number_region(c, n->region[i]);
    }
}

/* -- Steps ---------------------------------------------------------------------- */

static void run_front(Compile *c)
{
    const CompileReq *q = c->req;
    Fn *fn = fn_new(c->arena, "function", c->err, &c->env);
    c->out->fn = fn;
    fn->checking = q->check;
    front_run(fn, q->host, q->host_data, q->fn, q->arg, q->narg, q->flags);
}

static void run_passes(Compile *c)
{
    PassCx cx = {.fn = c->out->fn,
                 .size = c->req->size,
                 .flags = c->req->flags,
                 .dump = c->req->dump};
    vec_each (i, &c->out->fn->subs) { /* they know no ranks */
        Fn *s = c->out->fn->subs.at[i];
        s->catch_ = c->out->fn->catch_;
        PassCx sub = {.fn = s, .size = 1, .dump = c->req->dump};
        pass_run_all(&sub);
        s->asks_ranks = sub.needs_ranks;
        cx.needs_ranks |= sub.needs_ranks;
    }
    uniform_subs(c->out->fn);
    pass_run_all(&cx);
    c->out->needs_ranks = cx.needs_ranks;
    c->out->explain = cx.explain;
    c->out->diagnostics = cx.diagnostics;
    number_region(c, c->out->fn->body);
    vec_each (i, &c->out->fn->subs)
        number_region(c, c->out->fn->subs.at[i]->body);
    c->out->site = c->sites.at;
    c->out->nsite = c->sites.n;
}

static bool dumps_llvm(const char *dump)
{
    return dump && (strstr(dump, "llvm") || strcmp(dump, "all") == 0);
}

static const CodegenApi *open_codegen(Compile *c)
{
    if (c->req->codegen) return c->req->codegen;
    const CodegenApi *api = c->req->codegen_open(c->req->codegen_data, c->err);
    if (!api) longjmp(c->env, 1);
    return api;
}

static void run_code(Compile *c)
{
    const CompileReq *q = c->req;
    CodegenOptions o = {.opt = q->opt, .dump = dumps_llvm(q->dump)};
    if (!q->codegen && !q->codegen_open) return;
    bool cache = q->cache && !o.dump;
    CacheKey key = {
        {0, 0}
    };
    if (cache) {
        key = cache_key(c->out->fn, q->opt);
        c->out->cached = cache_get(c->arena, key, &c->out->object);
        if (c->out->cached) return;
    }
    c->out->object = open_codegen(c)->emit(c->out->fn, &o);
    if (cache) cache_put(c->arena, key, &c->out->object);
}

static void run_all(Compile *c)
{
    static void (*const step[])(Compile *) = {run_front, run_passes, run_code};
    double start = now_ms(), t = start;
    for (int k = 0; k < 3; k++) {
        if (c->out->fn && c->out->fn->problems.n) break; /* of a check */
        step[k](c);
        double end = now_ms();
        c->out->ms[k] = end - t;
        t = end;
    }
    c->out->ms[3] = t - start;
}

Status compile_run(Arena *arena, const CompileReq *req, CompileOut *out, Err *err)
{
    Compile *c = ARENA_NEW(arena, Compile);
    memset(out, 0, sizeof *out);
    *c = (Compile){.arena = arena, .req = req, .out = out, .err = err};
    err_clear(err);
    arena_set_oom(arena, on_oom, c);
    if (setjmp(c->env) == 0) run_all(c);
    arena_set_oom(arena, NULL, NULL);
    return err->code;
}
