/* SPDX-License-Identifier: Apache-2.0
 * Calendar arithmetic without branches, so that loops over timestamps vectorise. Days
 * are 32-bit from the split on: years beyond about a million are not in our range.
 *
 * Civil date from days: the era method on years that start in March, in unsigned 32-bit
 * arithmetic shifted to be positive.
 */
#include "codegen/cg.h"

#include "base/kinds.h"
#include "codegen/cg_emit.h"

typedef struct Civil {
    LLVMValueRef year, month, day; /* i32 */
} Civil;

LLVMValueRef cg_div_floor(Cg *cg, LLVMValueRef a, int64_t by)
{
    LLVMTypeRef t = LLVMTypeOf(a);
    LLVMValueRef d = e_int(t, by), q = e_sdiv(cg, a, d);
    LLVMValueRef r = e_sub(cg, a, e_mul(cg, q, d));
    LLVMValueRef neg = e_icmp(cg, LLVMIntSLT, r, LLVMConstNull(t));
    return e_add(cg, q, e_sext(cg, neg, t));
}

static int64_t per_day(Type t)
{
    return 86400 * unit_per_second((Unit)t.unit);
}

LLVMValueRef cg_dt_days(Cg *cg, LLVMValueRef v, Type t)
{
    return t.dt == DT_DATE ? e_sext(cg, v, cg->i64) : cg_div_floor(cg, v, per_day(t));
}

LLVMValueRef cg_dt_floor_day(Cg *cg, LLVMValueRef v, Type t)
{
    if (t.dt == DT_DATE) return v;
    return e_mul(cg, cg_div_floor(cg, v, per_day(t)), e_i64(cg, per_day(t)));
}

/* Count of the unit within the day, >= 0. */
static LLVMValueRef time_of_day(Cg *cg, LLVMValueRef v, Type t)
{
    if (t.dt == DT_DATE) return e_i64(cg, 0);
    return e_sub(cg, v, cg_dt_floor_day(cg, v, t));
}

static LLVMValueRef u_div(Cg *cg, LLVMValueRef a, int64_t by)
{
    return e_udiv(cg, a, e_i32(cg, by));
}

static LLVMValueRef times(Cg *cg, LLVMValueRef a, int64_t by)
{
    return e_mul(cg, a, e_i32(cg, by));
}

/* 400 years are 146097 days; ERAS of them make every day number positive. */
enum { ERA = 146097, ERAS = 3670, TO_MARCH_0 = 719468 };

static Civil civil(Cg *cg, LLVMValueRef days)
{
    LLVMValueRef z = e_add(cg, days, e_i32(cg, TO_MARCH_0 + (int64_t)ERAS * ERA));
    LLVMValueRef era = u_div(cg, z, ERA);
    LLVMValueRef doe = e_sub(cg, z, times(cg, era, ERA));
    LLVMValueRef x = e_sub(cg, doe, u_div(cg, doe, 1460));
    x = e_add(cg, x, u_div(cg, doe, 36524));
    x = e_sub(cg, x, u_div(cg, doe, 146096));
    LLVMValueRef yoe = u_div(cg, x, 365);
    LLVMValueRef past = e_add(cg, times(cg, yoe, 365), u_div(cg, yoe, 4));
    past = e_sub(cg, past, u_div(cg, yoe, 100));
    LLVMValueRef doy = e_sub(cg, doe, past);
    LLVMValueRef mp = u_div(cg, e_add(cg, times(cg, doy, 5), e_i32(cg, 2)), 153);
    LLVMValueRef first = u_div(cg, e_add(cg, times(cg, mp, 153), e_i32(cg, 2)), 5);
    Civil c;
    c.day = e_add(cg, e_sub(cg, doy, first), e_i32(cg, 1));
    LLVMValueRef late = e_icmp(cg, LLVMIntUGE, mp, e_i32(cg, 10));
    c.month = e_add(cg, mp, e_select(cg, late, e_i32(cg, -9), e_i32(cg, 3)));
    c.year = e_add(cg, times(cg, era, 400), yoe);
    c.year = e_sub(cg, c.year, e_i32(cg, (int64_t)ERAS * 400));
    c.year = e_add(cg, c.year, e_zext(cg, late, cg->i32));
    return c;
}

static LLVMValueRef is(Cg *cg, LLVMValueRef a, int64_t b)
{
    return e_icmp(cg, LLVMIntEQ, a, e_i32(cg, b));
}

/* Multiples by low bits: 16 | y and 25 | y (or not) decide. */
static LLVMValueRef is_leap(Cg *cg, LLVMValueRef y)
{
    LLVMValueRef p = e_add(cg, y, e_i32(cg, (int64_t)ERAS * 400));
    LLVMValueRef by100 = is(cg, e_urem(cg, p, e_i32(cg, 100)), 0);
    LLVMValueRef mask = e_select(cg, by100, e_i32(cg, 15), e_i32(cg, 3));
    return is(cg, e_and(cg, p, mask), 0);
}

static LLVMValueRef month_days(Cg *cg, Civil c)
{
    /* 30 + odd months until July, even ones after. */
    LLVMValueRef late = e_lshr(cg, c.month, e_i32(cg, 3));
    LLVMValueRef odd = e_and(cg, e_xor(cg, c.month, late), e_i32(cg, 1));
    LLVMValueRef n = e_add(cg, e_i32(cg, 30), odd);
    LLVMValueRef feb =
        e_add(cg, e_i32(cg, 28), e_zext(cg, is_leap(cg, c.year), cg->i32));
    return e_select(cg, is(cg, c.month, 2), feb, n);
}

static LLVMValueRef year_day(Cg *cg, Civil c)
{
    /* Days before month m of a common year: (153 m - 157) / 5 from March on. */
    LLVMValueRef m = c.month;
    LLVMValueRef jan = e_icmp(cg, LLVMIntULE, m, e_i32(cg, 2));
    LLVMValueRef early = times(cg, e_sub(cg, m, e_i32(cg, 1)), 31);
    LLVMValueRef rest = u_div(cg, e_sub(cg, times(cg, m, 153), e_i32(cg, 162)), 5);
    rest = e_add(cg, rest, e_zext(cg, is_leap(cg, c.year), cg->i32));
    return e_add(cg, e_select(cg, jan, early, rest), c.day);
}

static LLVMValueRef quarter(Cg *cg, Civil c)
{
    return u_div(cg, e_add(cg, c.month, e_i32(cg, 2)), 3);
}

/* month % 3 == rest, for starts and ends of quarters */
static LLVMValueRef month_in_quarter(Cg *cg, Civil c, int64_t rest)
{
    return is(cg, e_urem(cg, c.month, e_i32(cg, 3)), rest);
}

static LLVMValueRef day_of_week(Cg *cg, LLVMValueRef days)
{
    /* 1970-01-01 is a Thursday, 3; the sum is positive. */
    LLVMValueRef z = e_add(cg, days, e_i32(cg, 3 + 7 * (int64_t)80000000));
    return e_urem(cg, z, e_i32(cg, 7));
}

static LLVMValueRef date_part(Cg *cg, LLVMValueRef days, int part)
{
    Civil c = civil(cg, days);
    LLVMValueRef first = is(cg, c.day, 1);
    switch ((DtPart)part) {
    case DTP_YEAR: return c.year;
    case DTP_MONTH: return c.month;
    case DTP_DAY: return c.day;
    case DTP_DAYOFWEEK: return day_of_week(cg, days);
    case DTP_DAYOFYEAR: return year_day(cg, c);
    case DTP_QUARTER: return quarter(cg, c);
    case DTP_DAYS_IN_MONTH: return month_days(cg, c);
    case DTP_IS_LEAP_YEAR: return is_leap(cg, c.year);
    case DTP_IS_MONTH_START: return first;
    case DTP_IS_QUARTER_START: return e_and(cg, first, month_in_quarter(cg, c, 1));
    case DTP_IS_YEAR_START: return e_and(cg, first, is(cg, c.month, 1));
    default: break;
    }
    LLVMValueRef last = e_icmp(cg, LLVMIntEQ, c.day, month_days(cg, c));
    switch ((DtPart)part) {
    case DTP_IS_MONTH_END: return last;
    case DTP_IS_QUARTER_END: return e_and(cg, last, month_in_quarter(cg, c, 0));
    case DTP_IS_YEAR_END: return e_and(cg, last, is(cg, c.month, 12));
    default: cg_bug(cg, "no part %d of a timestamp", part);
    }
}

/* (time of day / one), modulo `wrap` when not 0 */
static LLVMValueRef clock_part(Cg *cg, LLVMValueRef tod, Type t, int64_t per_second,
                               int64_t seconds, int64_t wrap)
{
    int64_t unit = t.dt == DT_DATE ? 1 : unit_per_second((Unit)t.unit);
    LLVMValueRef v;
    if (per_second > unit)
        v = e_mul(cg, tod, e_i64(cg, per_second / unit));
    else
        v = e_udiv(cg, tod, e_i64(cg, unit / per_second * seconds));
    if (wrap) v = e_urem(cg, v, e_i64(cg, wrap));
    return e_trunc(cg, v, cg->i32);
}

LLVMValueRef cg_dt_part(Cg *cg, LLVMValueRef v, Type t, int part)
{
    LLVMValueRef tod = time_of_day(cg, v, t);
    switch ((DtPart)part) {
    case DTP_HOUR: return clock_part(cg, tod, t, 1, 3600, 0);
    case DTP_MINUTE: return clock_part(cg, tod, t, 1, 60, 60);
    case DTP_SECOND: return clock_part(cg, tod, t, 1, 1, 60);
    case DTP_MICROSECOND: return clock_part(cg, tod, t, 1000000, 1, 1000000);
    case DTP_NANOSECOND: return clock_part(cg, tod, t, 1000000000, 1, 1000);
    default: break;
    }
    return date_part(cg, e_trunc(cg, cg_dt_days(cg, v, t), cg->i32), part);
}

LLVMValueRef cg_td_part(Cg *cg, LLVMValueRef v, Type t, int part)
{
    if (part == 'd') return cg_dt_days(cg, v, t);
    LLVMValueRef rest = time_of_day(cg, v, t);
    if (part == 's') return clock_part(cg, rest, t, 1, 1, 0);
    return part == 'u' ? clock_part(cg, rest, t, 1000000, 1, 1000000)
                       : clock_part(cg, rest, t, 1000000000, 1, 1000);
}
