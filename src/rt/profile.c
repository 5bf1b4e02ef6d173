/* SPDX-License-Identifier: Apache-2.0
 * A second table of calls, one wrapper a row of calls.def, so that measuring needs no
 * test in a call that is not measured. The resident set's highest value is the kernel's
 * own (VmHWM), reset before each call where the kernel allows it.
 */
#include "base/base.h"

#include "rt/profile.h"

#include "array/buf.h"
#include "comm/comm.h"
#include "rt/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static FILE *out_file;
static bool asked;
static double wall0, cpu0; /* end of the call before */

static double clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double high_water_mb(void)
{
    char line[128];
    double kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "VmHWM:", 6)) kb = strtod(line + 6, NULL);
    if (f) fclose(f);
    return kb / 1024;
}

static void high_water_reset(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (!f) return;
    fputs("5", f);
    fclose(f);
}

static void line_put(const char *name, double wall, double cpu, idx rows)
{
    fprintf(out_file, "%9.2f %9.2f %8.1f %8.1f %10lld  %s\n", wall, cpu,
            (double)buf_live_bytes() / 1e6, high_water_mb(), (long long)rows, name);
    fflush(out_file);
    high_water_reset();
}

/* The time since the last line: spent in compiled code when name is "code". */
static void lap(const char *name, idx rows)
{
    double wall = clock_ms(CLOCK_MONOTONIC), cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    bool brief = !strcmp(name, "code") && wall - wall0 < 0.05;
    if (!brief) line_put(name, wall - wall0, cpu - cpu0, rows);
    wall0 = clock_ms(CLOCK_MONOTONIC);
    cpu0 = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

/* Calls that make rows give their number first. */
static idx rows_of(RtId id, int64_t nout, const Slot *out)
{
    bool counts = id == RT_read || id == RT_readnext || id == RT_filter ||
                  id == RT_join || id == RT_groupby || id == RT_grouped ||
                  id == RT_joinprobe || id == RT_sort || id == RT_concat ||
                  id == RT_topn || id == RT_dedup || id == RT_head || id == RT_len;
    return counts && nout > 0 ? out[0].i : 0;
}

static int32_t measured(RtId id, Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                        int64_t nout, Slot *out)
{
    lap("code", 0);
    int32_t st = rt_calls[id](cx, at, nin, in, nout, out);
    lap(rt_name[id], rows_of(id, nout, out));
    return st;
}

#define CALL(name)                                                                     \
    static int32_t measured_##name(Cx *cx, const Attrs *at, int64_t nin,               \
                                   const Slot *in, int64_t nout, Slot *out)            \
    {                                                                                  \
        return measured(RT_##name, cx, at, nin, in, nout, out);                        \
    }
#include "rt/calls.def"
#undef CALL

static RtCall *const measured_calls[RT_COUNT] = {
#define CALL(name) [RT_##name] = measured_##name,
#include "rt/calls.def"
#undef CALL
};

RtCall *const *profile_calls(Cx *cx)
{
    return out_file ? measured_calls : check_calls(cx);
}

void profile_begin(Cx *cx)
{
    if (!asked) {
        char path[512];
        const char *s = getenv("SHOAL_PROFILE");
        asked = true;
        if (!s || !*s) return;
        snprintf(path, sizeof path, "%s.%d", s, cx->comm->rank);
        out_file = fopen(path, "a");
    }
    if (!out_file) return;
    high_water_reset();
    fprintf(out_file, "     wall       cpu     live     peak       rows  call\n");
    wall0 = clock_ms(CLOCK_MONOTONIC);
    cpu0 = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

void profile_end(void)
{
    if (out_file) lap("code", 0);
}
