/* SPDX-License-Identifier: Apache-2.0
 * Steps that may throw and be given up: a statement of a try body that fails when it is
 * compiled already, a statement of a function that is only checked, a call whose result
 * is not known yet.
 */
#include "base/base.h"

#include "front/random.h"
#include "front/try.h"

#include <setjmp.h>

/* All that a thrown-through step may have left half done. */
typedef struct Kept {
    Region *at;
    Node *last;
    Heap *heap;
    Loc loc;
    Scope *scope;
    Loop *loop;
    idx npath;
    int32_t inlined;
    int depth, nest;
    Ast *call;
    Trying *trying;
    Handling *handling;
    Making *making;
    idx naxis; /* lengths that have an axis */
    Rngs rng;
} Kept;

static Kept keep(Front *f)
{
    Loop *loop = f->scope->loop;
    Kept k = {.at = f->at,
              .last = f->at->last,
              .heap = heap_save(f),
              .loc = f->loc,
              .scope = f->scope,
              .loop = loop,
              .npath = loop ? loop->path.n : 0,
              .inlined = f->inlined_at,
              .depth = f->depth,
              .nest = f->nest,
              .call = f->call,
              .trying = f->trying,
              .handling = f->handling,
              .making = f->making,
              .naxis = np_axes(f),
              .rng = *f->rng};
    return k;
}

/* part: whole nodes that were emitted stay. */
static void restore(Front *f, const Kept *k, bool part)
{
    bool within = f->at != k->at; /* the last node is not complete */
    f->at = k->at;
    if (part && within && f->at->last != k->last) node_remove(f->at->last);
    while (!part && f->at->last != k->last)
        node_remove(f->at->last);
    heap_load(f, k->heap);
    f->loc = k->loc;
    f->scope = k->scope;
    f->scope->loop = k->loop;
    if (k->loop) k->loop->path.n = k->npath;
    f->inlined_at = k->inlined;
    f->depth = k->depth;
    f->nest = k->nest;
    f->call = k->call;
    f->trying = k->trying;
    f->handling = k->handling;
    f->making = k->making;
    np_forget(f, k->naxis);
    /* Its node is the function's first: it stays, unless there was nothing before. */
    bool placed = f->rng->placed && (k->last || f->at != f->fn->body);
    *f->rng = k->rng;
    f->rng->placed = placed;
}

static bool attempt(Front *f, void (*run)(Front *f, void *data), void *data, bool part)
{
    jmp_buf env;
    Fn *fn = f->fn;
    void *outer = fn->catch_;
    Kept k = keep(f);
    f->thrown = THROW_ERROR;
    if (setjmp(env)) {
        f->fn = fn;
        fn->catch_ = outer;
        restore(f, &k, part && f->thrown == THROW_ERROR && try_takes(f));
        return false;
    }
    fn->catch_ = &env;
    run(f, data);
    fn->catch_ = outer;
    return true;
}

bool front_attempt(Front *f, void (*run)(Front *f, void *data), void *data)
{
    return attempt(f, run, data, false);
}

bool front_attempt_part(Front *f, void (*run)(Front *f, void *data), void *data)
{
    return attempt(f, run, data, true);
}

bool front_attempt_in(Front *f, void (*run)(Front *f, void *data), void *data)
{
    Kept k = keep(f);
    bool done = front_attempt(f, run, data);
    if (done) {
        f->at = k.at;
        f->heap = k.heap;
        f->heap->epoch = ++f->nepoch;
        f->loc = k.loc;
        f->scope = k.scope;
        f->inlined_at = k.inlined;
        f->depth = k.depth;
        f->nest = k.nest;
        f->call = k.call;
        f->trying = k.trying;
        f->handling = k.handling;
    }
    return done;
}

void front_rethrow(Front *f)
{
    if (!f->fn->catch_) BUG("uncaught compile error: %s", f->fn->err->text);
    longjmp(*(jmp_buf *)f->fn->catch_, 1);
}
