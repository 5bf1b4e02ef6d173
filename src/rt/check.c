/* SPDX-License-Identifier: Apache-2.0
 * A table of calls whose wrappers tell the communicator which call is in progress. The
 * rounds carry the number anyway, so nothing is sent for it. A rank that failed is
 * found before places are compared: it may be anywhere.
 */
#include "base/base.h"

#include "rt/check.h"

#include "comm/comm.h"
#include "rt/moved.h"

#include <stdlib.h>

static bool on;

static int32_t watched(RtId id, Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                       int64_t nout, Slot *out)
{
    uint16_t before = cx->comm->call;
    if (on) cx->comm->call = (uint16_t)(id + 1);
    int32_t st = moved_call(id, cx, at, nin, in, nout, out);
    cx->comm->call = before;
    return st;
}

#define CALL(name)                                                                     \
    static int32_t watched_##name(Cx *cx, const Attrs *at, int64_t nin,                \
                                  const Slot *in, int64_t nout, Slot *out)             \
    {                                                                                  \
        return watched(RT_##name, cx, at, nin, in, nout, out);                         \
    }
#include "rt/calls.def"
#undef CALL

static RtCall *const watched_calls[RT_COUNT] = {
#define CALL(name) [RT_##name] = watched_##name,
#include "rt/calls.def"
#undef CALL
};

/* By Comm.call. */
static const char *const call_name[RT_COUNT + 1] = {
    [0] = "",
#define CALL(name) [RT_##name + 1] = #name,
#include "rt/calls.def"
#undef CALL
};

static bool wanted(void)
{
#ifdef NDEBUG
    const char *s = getenv("SHOAL_CHECK");
    return s && *s && *s != '0';
#else
    return true;
#endif
}

RtCall *const *check_calls(Cx *cx)
{
    static bool known;
    moved_begin();
    if (cx->comm->size == 1) return rt_calls;
    if (!known) {
        known = true;
        on = wanted();
        comm_set_calls(call_name, COUNT_OF(call_name));
    }
    return watched_calls;
}
