/* SPDX-License-Identifier: Apache-2.0
 * The table of calls, and one call of compiled code: what it made and did not hand out
 * is released when it ends, however it ends.
 */
#include "rt/rt.h"

#include "array/buf.h"
#include "array/pages.h"
#include "comm/comm.h"
#include "object/heap.h"
#include "rt/profile.h"
#include "rt/rt_call.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Calls that may be made in a long loop give back what they took for themselves: else
 * it would stay until the program ends. */
static int32_t brief(RtCall *call, Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                     int64_t nout, Slot *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    int32_t st = call(cx, at, nin, in, nout, out);
    arena_release(cx->scratch, mark);
    return st;
}

#define CALL(name)
#define BRIEF(name)                                                                    \
    static int32_t brief_##name(Cx *cx, const Attrs *at, int64_t nin, const Slot *in,  \
                                int64_t nout, Slot *out)                               \
    {                                                                                  \
        return brief(rt_##name, cx, at, nin, in, nout, out);                           \
    }
#include "rt/calls.def"
#undef CALL

RtCall *const rt_calls[RT_COUNT] = {
#define CALL(name)  [RT_##name] = rt_##name,
#define BRIEF(name) [RT_##name] = brief_##name,
#include "rt/calls.def"
#undef CALL
};

const char *const rt_name[RT_COUNT] = {
#define CALL(name) [RT_##name] = #name,
#include "rt/calls.def"
#undef CALL
};

/* -- What the call owns --------------------------------------------------------- */

static Status live_grow(Cx *cx)
{
    idx cap = cx->caplive ? 2 * cx->caplive : 64;
    Array **more;
    TRY(mem_new(cx, cap, sizeof *more, false, &more));
    for (idx i = 0; i < cx->nlive; i++)
        more[i] = cx->live[i];
    mem_free(cx->live);
    cx->live = more;
    cx->caplive = cap;
    return OK;
}

Status rt_own(Cx *cx, Array *a)
{
    if (cx->nlive == cx->caplive) {
        Status st = live_grow(cx);
        if (st) {
            array_unref(a);
            return st;
        }
    }
    cx->live[cx->nlive++] = a;
    return OK;
}

Status rt_out(Cx *cx, Slot *out, Array *a)
{
    TRY(rt_own(cx, a));
    *out = (Slot){.a = a, .n = 1};
    return OK;
}

/* Newest first: what dies is mostly what was made last. */
void rt_disown(Cx *cx, Array *a)
{
    for (idx i = cx->nlive - 1; i >= 0; i--) {
        if (cx->live[i] != a) continue;
        cx->live[i] = cx->live[--cx->nlive];
        array_unref(a);
        return;
    }
}

Status rt_unless(Cx *cx, Array *a, Status st)
{
    if (st) rt_disown(cx, a);
    return st;
}

void rt_disown_from(Cx *cx, idx n)
{
    while (cx->nlive > n)
        array_unref(cx->live[--cx->nlive]);
}

static void live_clear(Cx *cx)
{
    for (idx i = 0; i < cx->nlive; i++)
        array_unref(cx->live[i]);
    cx->nlive = cx->nlent = 0;
    mem_free(cx->live);
    cx->live = NULL;
    cx->caplive = 0;
}

Status rt_closing(Cx *cx, void *p, void (*close)(void *p), Closing **out)
{
    Closing *c = arena_try(cx->scratch, 1, sizeof *c);
    if (!c) {
        close(p);
        return fail(cx, E_MEMORY, "no memory for a step of the call");
    }
    *c = (Closing){.p = p, .close = close, .next = cx->closing};
    cx->closing = *out = c;
    return OK;
}

void closing_run(Cx *cx)
{
    for (Closing *c = cx->closing; c; c = c->next)
        if (c->p) c->close(c->p);
    cx->closing = NULL;
}

/* -- The stack ------------------------------------------------------------------- */

enum { STACK_KEPT = 192 << 10, STACK_MOST = 256 << 20 }; /* for the runtime; of ours */

/* Asked once a thread, because it reads files of the system. A stack without a limit
 * counts as STACK_MOST. */
static uint64_t stack_limit(void)
{
    static _Thread_local uint64_t limit;
    char here;
    if (limit) return limit;
    uint64_t low = (uint64_t)(uintptr_t)&here - (4 << 20);
    pthread_attr_t attr;
    void *base;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        if (pthread_attr_getstack(&attr, &base, &size) == 0) {
            low = (uint64_t)(uintptr_t)base;
            if (size > STACK_MOST) low += size - STACK_MOST;
        }
        pthread_attr_destroy(&attr);
    }
    limit = low + STACK_KEPT;
    return limit;
}

/* -- A call --------------------------------------------------------------------- */

static void hand_out(const Slot *s, OutKind kind)
{
    int64_t n = 0;
    if (kind == OUT_ARRAY) array_ref(s->a);
    if (kind != OUT_ROWS) return;
    memcpy(&n, s->p, sizeof n);
    for (int64_t i = 0; i < n; i++) {
        Array *a;
        memcpy(&a, s->p + sizeof n + (size_t)i * sizeof(void *), sizeof(void *));
        array_ref(a);
    }
}

static _Atomic int64_t left_blocks, left_arrays;

void rt_left_over(int64_t *blocks, int64_t *arrays)
{
    *blocks = atomic_load(&left_blocks);
    *arrays = atomic_load(&left_arrays);
}

/* Compiled code releases what it has made, all but its results: what a call that ended
 * well has beside them would grow in a longer one. */
static void count_left(const Cx *cx, const Slot *out, idx nout, const uint8_t *out_kind)
{
    idx results = 0;
    int64_t n;
    for (idx i = 0; i < nout; i++) {
        if (out_kind[i] == OUT_ARRAY) results += out[i].a != NULL;
        if (out_kind[i] != OUT_ROWS) continue;
        memcpy(&n, out[i].p, sizeof n);
        results += n;
    }
    results += cx->nlent;
    if (cx->nlive != results) atomic_fetch_add(&left_arrays, cx->nlive - results);
    int64_t blocks = heap_left(cx);
    if (blocks) atomic_fetch_add(&left_blocks, blocks);
}

Status rt_run(Cx *cx, ShoalMain *code, const Slot *in, Slot *out, idx nout,
              const uint8_t *out_kind)
{
    ArenaMark mark = arena_mark(cx->scratch);
    if (cx->err.code != OK) err_clear(&cx->err);
    if (!cx->comm) cx->comm = comm_self();
    cx->agreed = false;
    cx->site = -1;
    cx->stack_limit = stack_limit();
    profile_begin(cx);
    Status st = code(cx, profile_calls(cx), in, out);
    profile_end();
    if (st == OK) {
        count_left(cx, out, nout, out_kind);
        for (idx i = 0; i < nout; i++)
            hand_out(&out[i], (OutKind)out_kind[i]);
    }
    closing_run(cx);
    live_clear(cx);
    heap_clear(cx);
    pages_settle();
    /* Text results point into the scratch arena or the object: the caller copies them
     * before the next call, which releases the arena. */
    if (st != OK) arena_release(cx->scratch, mark);
    cx->site = -1;
    return st;
}
