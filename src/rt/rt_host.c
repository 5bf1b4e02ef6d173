/* SPDX-License-Identifier: Apache-2.0
 * Calls of Python functions from compiled code, and what the ranks' hosts are.
 */
#include "base/base.h"

#include "base/host.h"
#include "rt/rt_int.h"

static Status letters(Cx *cx, const Attrs *at, const char *list, idx n,
                      const char **out)
{
    char *s = arena_try(cx->scratch, (size_t)n + 1, 1);
    if (!s)
        return fail(cx, E_MEMORY, "no memory for a call of %lld values", (long long)n);
    for (idx i = 0; i < n; i++) {
        RtType t = rt_type(at, list, i);
        bool bytes = t.dt == DT_STR && t.unit == UNIT_BYTES;
        s[i] =
            bytes ? 'o'
                  : slot_letter(t.kind > RT_KIND_SCALAR, (DType)t.dt, (NullForm)t.null);
    }
    *out = s;
    return OK;
}

static Status call_host(Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                        int64_t nout, Slot *out)
{
    HostCall c = {.row = (int)attr_int(at, "call", -1),
                  .in = in,
                  .nin = nin,
                  .out = out,
                  .nout = nout,
                  .arena = cx->scratch};
    TRY(letters(cx, at, "atype", nin, &c.in_letter));
    TRY(letters(cx, at, "rtype", nout, &c.out_letter));
    if (!cx->host || !cx->host->call) return fail(cx, E_INTERNAL, "no Python to call");
    Err err = {0};
    TRY(rt_host_failed(cx, cx->host->call(cx->host_data, &c, &err), &err));
    Status st = OK;
    for (idx i = 0; i < nout;
         i++) { /* all of them belong to the call, also on failure */
        if (c.out_letter[i] != 'a') continue;
        Array *a = out[i].a;
        Status own = st ? st : rt_own(cx, a);
        if (st) array_unref(a);
        st = own;
    }
    return st;
}

/* The first rank's scalars on all ranks. */
static Status share(Cx *cx, const Attrs *at, int64_t nout, Slot *out)
{
    for (idx i = 0; i < nout; i++) {
        bool text = rt_type(at, "rtype", i).dt == DT_STR;
        TRY(comm_bcast(cx, &out[i], sizeof out[i], 0));
        if (!text || out[i].n <= 0) continue;
        if (cx->comm->rank != 0) {
            uint8_t *p = arena_try(cx->scratch, (size_t)out[i].n, 1);
            if (!p) (void)fail(cx, E_MEMORY, "no memory for a text");
            out[i].p = p;
        }
        TRY(comm_agree(cx));
        union {
            const uint8_t *c;
            void *p;
        } u = {.c = out[i].p};
        TRY(comm_bcast(cx, u.p, (size_t)out[i].n, 0));
    }
    return nout ? OK : comm_agree(cx);
}

/* Collective with {bcast}: the first rank calls, its answer or failure is everybody's.
 */
Status rt_pycall(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    bool all = cx->comm->size > 1 && attr_int(at, "bcast", 0);
    if (!all) return call_host(cx, at, nin, in, nout, out);
    if (cx->comm->rank == 0 && call_host(cx, at, nin, in, nout, out))
        ASSERT(cx->err.code); /* the broadcast spreads it */
    return share(cx, at, nout, out);
}

/* -- Nodes ------------------------------------------------------------------------- */

Status rt_nnode(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout;
    out[0].i = rt_world(cx)->nnode;
    return OK;
}

Status rt_nodes(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout;
    const Comm *world = rt_world(cx);
    idx n = world->nnode;
    Array *a;
    TRY(array_new(cx, DT_I32, NULL_NONE, UNIT_NONE, n, false, &a));
    memcpy(a->data, world->node, (size_t)n * sizeof(int32_t));
    out[0].i = n;
    return rt_out(cx, &out[1], a);
}

/* -- Late code --------------------------------------------------------------------- */

Status rt_late(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)in, (void)nout;
    LateCode code = {
        .bytes = (const uint8_t *)attr_text(at, "code"),
        .size = (size_t)attr_text_len(at, "code"),
        .key = {(uint64_t)attr_int_at(at, "key", 0),
                (uint64_t)attr_int_at(at, "key", 1)},
        .level = (int)attr_int(at, "level", 1)
    };
    if (!cx->host || !cx->host->late)
        return fail(cx, E_INTERNAL, "nothing to compile with");
    Err err = {0};
    return rt_host_failed(cx, cx->host->late(cx->host_data, &code, &out[0].ptr, &err),
                          &err);
}
