/* SPDX-License-Identifier: Apache-2.0
 * Times with a time zone. They count in UTC as those without one do; their type names
 * the zone (Type.of, a row of Fn.zones), which results get back. What moves, orders,
 * compares and subtracts points in time needs no zone. What reads a clock or a calendar
 * does: that is compiled for UTC, and refused for others, as is all that is not listed
 * here. NumPy knows no zones: arrays are in UTC, as Series.values is.
 */
#include "front/build.h"
#include "front/front_int.h"

static const char utc[] = "UTC";

NORETURN static void refuse(Front *f, const char *what, Type t)
{
    front_unsup(f, UNSUP_ZONE, "%s of times with a time zone (%s)", what,
                zone_name(f->fn, t));
}

static bool among(Op op, const Op *known, idx n)
{
    for (idx i = 0; i < n; i++)
        if (known[i] == op) return true;
    return false;
}

/* Whether an operation does with them what it does with other times. */
static bool takes_zone(Op op)
{
    static const Op known[] = {
        OP_UNDEF,  OP_YIELD,     OP_CONTINUE, OP_RETURN,  OP_VARSET,  OP_VARGET,
        OP_CALLFN, OP_MAP,       OP_PYCALL,   OP_LEN,     OP_ROWS,    OP_ALIGN,
        OP_SLICE,  OP_TAKE,      OP_FILTER,   OP_GROUPBY, OP_JOIN,    OP_SORT,
        OP_HEAD,   OP_DEDUP,     OP_SHIFT,    OP_CONCAT,  OP_GETROW,  OP_DUPLICATED,
        OP_GATHER, OP_SCATTER,   OP_WRITE,    OP_REDUCE,  OP_ROWSCAT, OP_COLLECTADD,
        OP_FILL,   OP_REBALANCE, OP_ISNULL,   OP_NOTNULL, OP_ADD,     OP_SUB,
        OP_EQ,     OP_NE,        OP_LT,       OP_LE,      OP_GT,      OP_GE,
        OP_CAST,   OP_SELECT,    OP_FILLNULL, OP_IF,      OP_LOOP,    OP_FOR,
        OP_BREAK,  OP_TRY,
    };
    return among(op, known, COUNT_OF(known));
}

static bool reads_clock(Op op)
{
    static const Op known[] = {OP_DTPART, OP_DTDATE, OP_DTNORMALIZE};
    return among(op, known, COUNT_OF(known));
}

static bool is_utc(const Front *f, Type t)
{
    return !strcmp(zone_name(f->fn, t), utc);
}

void front_check_zone(Front *f, Op op, Val *const *arg, int narg)
{
    for (int i = 0; i < narg; i++) {
        Type t = arg[i]->type;
        if (!type_zone(t) || takes_zone(op)) continue;
        if (op == OP_TOARRAY) refuse(f, "elements, or an array,", t);
        if (!reads_clock(op)) refuse(f, "this operation", t);
        if (!is_utc(f, t)) refuse(f, "a field", t);
    }
}

Val *zone_utc(Front *f, Val *v)
{
    if (!type_zone(v->type)) return v;
    Type t = v->type;
    t.of = 0;
    return front_cast(f, v, t);
}

void zone_none(Front *f, const Val *v, const char *what)
{
    if (type_zone(v->type)) refuse(f, what, v->type);
}

/* -- Operators --------------------------------------------------------------------- */

static bool compares(Op op)
{
    return op == OP_EQ || op == OP_NE || op == OP_LT || op == OP_LE || op == OP_GT ||
           op == OP_GE;
}

uint16_t zone_operands(Front *f, Op op, Val *const *arg, int narg)
{
    const Val *zoned = NULL;
    for (int i = 0; i < narg && !zoned; i++)
        if (type_zone(arg[i]->type)) zoned = arg[i];
    if (!zoned) return 0;
    if (!takes_zone(op) && !reads_clock(op)) refuse(f, op_sign(op), zoned->type);
    bool picks = op == OP_SELECT || op == OP_FILLNULL;
    for (int i = 0; i < narg; i++) {
        Type t = arg[i]->type;
        if (picks && type_zone(t) && type_zone(t) != type_zone(zoned->type))
            refuse(f, "a choice between different zones", t);
        if (type_zone(t) || t.dt == DT_TD || (picks && t.dt == DT_BOOL)) continue;
        if (t.dt != DT_TS || op == OP_EQ || op == OP_NE || picks)
            refuse(f, "an operation with something else", zoned->type);
        front_fail(f, E_TYPE, "Cannot %s tz-naive and tz-aware datetime-like objects%s",
                   compares(op) ? "compare" : "subtract", compares(op) ? "" : ".");
    }
    return type_zone(zoned->type);
}

AVal *zone_moved(Front *f, AstKind op, AVal *a, AVal *b)
{
    AVal *arg[] = {a, b};
    uint16_t zone = 0;
    for (int i = 0; i < 2; i++)
        if (time_is(arg[i]) && type_zone(arg[i]->val->type))
            zone = zone_operands(f, infer_op(op), (Val *[]){a->val, b->val}, 2);
    if (!zone) return NULL;
    for (int i = 0; i < 2; i++)
        arg[i] = av_scalar(f, zone_utc(f, arg[i]->val));
    AVal *r = time_binop(f, op, arg[0], arg[1]);
    Type t = r->val->type;
    if (t.dt != DT_TS) return r;
    t.of = zone;
    return av_scalar(f, front_cast(f, r->val, t));
}

/* -- Between zones ------------------------------------------------------------------
 */

static AVal *in_zone(Front *f, AVal *s, uint16_t zone)
{
    Type t = s->val->type;
    t.of = zone;
    Val *v = type_eq(t, s->val->type) ? s->val : front_cast(f, s->val, t);
    return av_series(f, v, s->index, s->name);
}

static AVal *times_of(Front *f, Call *c)
{
    AVal *s = c->self->item[0];
    if (s->val->type.dt != DT_TS)
        front_fail(f, E_ATTR, "'%s' has no attribute '%s'", av_type_text(f, s),
                   call_short(c));
    return s;
}

AVal *build_dt_tz_convert(Front *f, Call *c)
{
    AVal *s = times_of(f, c), *tz = call_arg(f, c, "tz");
    if (!type_zone(s->val->type))
        front_fail(f, E_TYPE,
                   "Cannot convert tz-naive timestamps, use tz_localize to localize");
    if (av_is_none(tz)) return in_zone(f, s, 0);
    return in_zone(f, s, zone_add(f->fn, front_const_str(f, tz, "tz")));
}

AVal *build_dt_tz_localize(Front *f, Call *c)
{
    AVal *s = times_of(f, c), *tz = call_arg(f, c, "tz");
    Type t = s->val->type;
    if (av_is_none(tz)) {
        if (type_zone(t) && !is_utc(f, t)) refuse(f, "the local time", t);
        return in_zone(f, s, 0);
    }
    if (type_zone(t))
        front_fail(f, E_TYPE, "Already tz-aware, use tz_convert to convert.");
    const char *name = front_const_str(f, tz, "tz");
    if (strcmp(name, utc) != 0)
        front_unsup(f, UNSUP_ZONE, "local times of another zone than UTC (%s)", name);
    return in_zone(f, s, zone_add(f->fn, name));
}
