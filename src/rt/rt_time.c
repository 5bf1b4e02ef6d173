/* SPDX-License-Identifier: Apache-2.0
 * Calls on single times: object/timetext.h for compiled code. A time is its count in
 * the slot; attributes say of what type.
 */
#include "object/timetext.h"
#include "rt/rt_obj.h"

static TimeType type_at(const Attrs *at)
{
    return (TimeType){(DType)attr_int(at, "dt", DT_TS),
                      (NullForm)attr_int(at, "null", NULL_NAT),
                      (Unit)attr_int(at, "unit", UNIT_US)};
}

static char letter(const Attrs *at, const char *name)
{
    return (char)attr_int(at, name, 0);
}

int32_t rt_time_text(OBJ_ARGS) /* time; {what} */
{
    Str s = {0};
    Text3 r;
    TRY(time_put(cx, &s, type_at(at), in[0].i, letter(at, "what")));
    TRY(str_end(cx, &s, &r));
    rt_text_out(out, 0, r);
    return OK;
}

int32_t rt_time_format(OBJ_ARGS) /* time, format */
{
    Str s = {0};
    Text3 r, f = rt_text3(in, 1);
    TRY(time_format(cx, &s, type_at(at), in[0].i, (const char *)f.p, f.n));
    TRY(str_end(cx, &s, &r));
    rt_text_out(out, 0, r);
    return OK;
}

int32_t rt_time_parse(OBJ_ARGS) /* text; {what} */
{
    return time_parse(cx, rt_text3(in, 0), letter(at, "what"), &out[0].i);
}

int32_t rt_time_make(OBJ_ARGS) /* year, month, day [, hour .. microsecond] */
{
    int64_t part[7];
    int n = nin > 3 ? 7 : 3;
    for (int k = 0; k < n; k++)
        part[k] = in[k].i;
    return time_make(cx, part, n, &out[0].i);
}

int32_t rt_time_scale(OBJ_ARGS) /* ticks, number; {op, python, float} */
{
    bool python = attr_int(at, "python", 0) != 0;
    if (attr_int(at, "float", 0))
        return time_scale_float(cx, letter(at, "op"), python, in[0].i, in[1].f,
                                &out[0].i);
    return time_scale(cx, letter(at, "op"), python, in[0].i, in[1].i, &out[0].i);
}

int32_t rt_time_step(OBJ_ARGS) /* ticks, step; {how} */
{
    out[0].i = time_step(letter(at, "how"), in[0].i, in[1].i);
    return OK;
}
