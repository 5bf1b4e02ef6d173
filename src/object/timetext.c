/* SPDX-License-Identifier: Apache-2.0
 * The calendar is base/civil.h's. Texts are those of CPython's datetime module, of
 * pandas' scalars, and of NumPy's, letter by letter.
 */
#include "base/base.h"

#include "base/civil.h"
#include "object/timetext.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const month_name[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
static const char *const day_name[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

static int64_t div_floor(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - ((a % b != 0) & ((a < 0) != (b < 0)));
}

/* A time taken apart. */
typedef struct Parts {
    int64_t days; /* since 1970 */
    Civil c;
    int hour, minute, second;
    int64_t ns; /* within the second */
} Parts;

static Parts parts_of(TimeType t, int64_t v)
{
    Parts p = {.days = v};
    if (t.dt != DT_DATE) {
        int64_t one = unit_per_second(t.unit), sec = div_floor(v, one);
        p.ns = (v - sec * one) * (1000000000 / one);
        p.days = div_floor(sec, 86400);
        int64_t tod = sec - p.days * 86400;
        p.hour = (int)(tod / 3600);
        p.minute = (int)(tod / 60 % 60);
        p.second = (int)(tod % 60);
    }
    p.c = civil_from_days((int32_t)p.days);
    return p;
}

static int weekday_of(int64_t days)
{
    return (int)(((days + 3) % 7 + 7) % 7);
}

/* -- str() ------------------------------------------------------------------------- */

enum { TEXT_MAX = 120 };

static idx put_date(char *b, const Parts *p)
{
    return snprintf(b, TEXT_MAX, "%04d-%02d-%02d", p->c.year, p->c.month, p->c.day);
}

/* .123456 or .123456789; nothing when it is zero */
static idx put_fraction(char *b, int64_t ns, bool nine)
{
    if (ns == 0) return 0;
    if (nine && ns % 1000) return snprintf(b, TEXT_MAX, ".%09d", (int)ns);
    return snprintf(b, TEXT_MAX, ".%06d", (int)(ns / 1000));
}

static idx put_stamp(char *b, TimeType t, const Parts *p, char sep)
{
    idx n = put_date(b, p);
    n += snprintf(b + n, 16, "%c%02d:%02d:%02d", sep, p->hour, p->minute, p->second);
    if (t.null != NULL_NAN) return n + put_fraction(b + n, p->ns, true);
    int digits = t.unit == UNIT_S    ? 0
                 : t.unit == UNIT_MS ? 3
                 : t.unit == UNIT_US ? 6
                                     : 9;
    int64_t v = p->ns;
    for (int k = digits; k < 9; k++)
        v /= 10;
    if (digits) n += snprintf(b + n, 16, ".%0*d", digits, (int)v);
    return n;
}

/* 1 day, 3:00:05.000007 */
static idx put_delta(char *b, const Parts *p)
{
    idx n = 0;
    long long d = (long long)p->days;
    if (d) n = snprintf(b, 40, "%lld day%s, ", d, d == 1 || d == -1 ? "" : "s");
    n += snprintf(b + n, 20, "%d:%02d:%02d", p->hour, p->minute, p->second);
    return n + put_fraction(b + n, p->ns, false);
}

/* -1 days +23:59:55 */
static idx put_pd_delta(char *b, const Parts *p)
{
    idx n = snprintf(b, 60, "%lld days %s%02d:%02d:%02d", (long long)p->days,
                     p->days < 0 ? "+" : "", p->hour, p->minute, p->second);
    return n + put_fraction(b + n, p->ns, true);
}

static const char *const unit_word[] = {
    [UNIT_NONE] = "",           [UNIT_S] = "seconds",      [UNIT_MS] = "milliseconds",
    [UNIT_US] = "microseconds", [UNIT_NS] = "nanoseconds",
};

static idx put_plain(char *b, TimeType t, int64_t v, bool iso)
{
    Parts p = parts_of(t, v);
    if (t.dt == DT_DATE) return put_date(b, &p);
    bool numpy = t.null == NULL_NAN;
    if (t.dt == DT_TS) return put_stamp(b, t, &p, iso || numpy ? 'T' : ' ');
    if (numpy) return snprintf(b, TEXT_MAX, "%lld %s", (long long)v, unit_word[t.unit]);
    return t.null == NULL_NONE ? put_delta(b, &p) : put_pd_delta(b, &p);
}

/* -- repr() ------------------------------------------------------------------------ */

static idx repr_datetime(char *b, const Parts *p)
{
    idx n = snprintf(b, TEXT_MAX, "datetime.datetime(%d, %d, %d, %d, %d", p->c.year,
                     p->c.month, p->c.day, p->hour, p->minute);
    if (p->second || p->ns) n += snprintf(b + n, 16, ", %d", p->second);
    if (p->ns) n += snprintf(b + n, 16, ", %d", (int)(p->ns / 1000));
    return n + snprintf(b + n, 2, ")");
}

static idx repr_delta(char *b, const Parts *p)
{
    idx n = snprintf(b, TEXT_MAX, "datetime.timedelta(");
    int sec = p->hour * 3600 + p->minute * 60 + p->second;
    const char *sep = "";
    if (p->days) {
        n += snprintf(b + n, 40, "days=%lld", (long long)p->days);
        sep = ", ";
    }
    if (sec) {
        n += snprintf(b + n, 40, "%sseconds=%d", sep, sec);
        sep = ", ";
    }
    if (p->ns)
        n += snprintf(b + n, 40, "%smicroseconds=%d", sep, (int)(p->ns / 1000));
    else if (!*sep)
        n += snprintf(b + n, 2, "0");
    return n + snprintf(b + n, 2, ")");
}

static idx put_repr(char *b, TimeType t, int64_t v)
{
    Parts p = parts_of(t, v);
    if (t.dt == DT_DATE)
        return snprintf(b, TEXT_MAX, "datetime.date(%d, %d, %d)", p.c.year, p.c.month,
                        p.c.day);
    if (t.null == NULL_NONE)
        return t.dt == DT_TS ? repr_datetime(b, &p) : repr_delta(b, &p);
    if (t.null == NULL_NAN && t.dt == DT_TD)
        return snprintf(b, TEXT_MAX, "np.timedelta64(%lld,'%s')", (long long)v,
                        unit_text(t.unit));
    const char *name = t.null == NULL_NAN ? "np.datetime64"
                       : t.dt == DT_TS    ? "Timestamp"
                                          : "Timedelta";
    idx n = snprintf(b, TEXT_MAX, "%s('", name);
    n += put_plain(b + n, t, v, false);
    return n + snprintf(b + n, 4, "')");
}

static bool is_nat(TimeType t, int64_t v)
{
    return t.dt != DT_DATE && v == NAT;
}

Status time_put(Cx *cx, Str *s, TimeType t, int64_t v, char what)
{
    char b[2 * TEXT_MAX];
    if (is_nat(t, v)) {
        if (what == 'r' && t.null == NULL_NAN)
            return str_puts(cx, s,
                            t.dt == DT_TS ? "np.datetime64('NaT')"
                                          : "np.timedelta64('NaT')");
        return str_puts(cx, s, "NaT");
    }
    idx n = what == 'r' ? put_repr(b, t, v) : put_plain(b, t, v, what == 'i');
    return str_put(cx, s, b, n);
}

/* -- strftime() -------------------------------------------------------------------- */

static int iso_week(const Parts *p, int *year)
{
    int wd = weekday_of(p->days);
    int64_t thursday = p->days - wd + 3;
    Civil c = civil_from_days((int32_t)thursday);
    *year = c.year;
    return (c.yday - 1) / 7 + 1;
}

static Status directive(Cx *cx, Str *s, const Parts *p, char d)
{
    char b[TEXT_MAX];
    const char *mn = month_name[p->c.month - 1], *dn = day_name[weekday_of(p->days)];
    int h12 = p->hour % 12 ? p->hour % 12 : 12, wd = weekday_of(p->days), iy;
    int week = iso_week(p, &iy);
    switch (d) {
    case 'Y': snprintf(b, sizeof b, "%d", p->c.year); break;
    case 'y': snprintf(b, sizeof b, "%02d", p->c.year % 100); break;
    case 'm': snprintf(b, sizeof b, "%02d", p->c.month); break;
    case 'd': snprintf(b, sizeof b, "%02d", p->c.day); break;
    case 'e': snprintf(b, sizeof b, "%2d", p->c.day); break;
    case 'H': snprintf(b, sizeof b, "%02d", p->hour); break;
    case 'I': snprintf(b, sizeof b, "%02d", h12); break;
    case 'M': snprintf(b, sizeof b, "%02d", p->minute); break;
    case 'S': snprintf(b, sizeof b, "%02d", p->second); break;
    case 'f': snprintf(b, sizeof b, "%06d", (int)(p->ns / 1000)); break;
    case 'j': snprintf(b, sizeof b, "%03d", p->c.yday); break;
    case 'p': snprintf(b, sizeof b, "%s", p->hour < 12 ? "AM" : "PM"); break;
    case 'a': snprintf(b, sizeof b, "%.3s", dn); break;
    case 'A': snprintf(b, sizeof b, "%s", dn); break;
    case 'b':
    case 'h': snprintf(b, sizeof b, "%.3s", mn); break;
    case 'B': snprintf(b, sizeof b, "%s", mn); break;
    case 'w': snprintf(b, sizeof b, "%d", (wd + 1) % 7); break;
    case 'u': snprintf(b, sizeof b, "%d", wd + 1); break;
    case 'V': snprintf(b, sizeof b, "%02d", week); break;
    case 'G': snprintf(b, sizeof b, "%d", iy); break;
    case 'U': snprintf(b, sizeof b, "%02d", (p->c.yday + 6 - (wd + 1) % 7) / 7); break;
    case 'W': snprintf(b, sizeof b, "%02d", (p->c.yday + 6 - wd) / 7); break;
    case 'z':
    case 'Z': b[0] = 0; break;
    case '%': snprintf(b, sizeof b, "%%"); break;
    default: return fail(cx, E_VALUE, "strftime(): %%%c is not supported", d);
    }
    return str_puts(cx, s, b);
}

Status time_format(Cx *cx, Str *s, TimeType t, int64_t v, const char *fmt, idx n)
{
    static const struct {
        char d;
        const char *is;
    } whole[] = {
        {'F', "%Y-%m-%d"            },
        {'T', "%H:%M:%S"            },
        {'X', "%H:%M:%S"            },
        {'R', "%H:%M"               },
        {'D', "%m/%d/%y"            },
        {'x', "%m/%d/%y"            },
        {'c', "%a %b %e %H:%M:%S %Y"},
    };
    if (is_nat(t, v)) return fail(cx, E_VALUE, "NaTType does not support strftime");
    Parts p = parts_of(t, v);
    for (idx i = 0; i < n; i++) {
        if (fmt[i] != '%' || i + 1 == n) {
            TRY(str_put(cx, s, fmt + i, 1));
            continue;
        }
        const char *is = NULL;
        i++;
        for (idx k = 0; k < COUNT_OF(whole); k++)
            if (whole[k].d == fmt[i]) is = whole[k].is;
        if (is)
            TRY(time_format(cx, s, t, v, is, (idx)strlen(is)));
        else
            TRY(directive(cx, s, &p, fmt[i]));
    }
    return OK;
}

/* -- Making ------------------------------------------------------------------------ */

Status time_make(Cx *cx, const int64_t *part, int n, int64_t *out)
{
    int64_t y = part[0], m = part[1], d = part[2];
    static const struct {
        const char *name;
        int64_t most;
    } clock[] = {
        {"hour",        23    },
        {"minute",      59    },
        {"second",      59    },
        {"microsecond", 999999},
    };
    if (y < 1 || y > 9999)
        return fail(cx, E_VALUE, "year %lld is out of range", (long long)y);
    if (m < 1 || m > 12) return fail(cx, E_VALUE, "month must be in 1..12");
    if (d < 1 || d > month_days((int32_t)m, year_is_leap((int32_t)y)))
        return fail(cx, E_VALUE, "day is out of range for month");
    for (int k = 3; k < n; k++)
        if (part[k] < 0 || part[k] > clock[k - 3].most)
            return fail(cx, E_VALUE, "%s must be in 0..%lld", clock[k - 3].name,
                        (long long)clock[k - 3].most);
    *out = days_from_civil((int32_t)y, (int32_t)m, (int32_t)d);
    if (n == 3) return OK;
    *out = ((*out * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
    *out = *out * 1000000 + part[6];
    return OK;
}

/* Exactly n digits at *p; -1. */
static int64_t digits(const char **p, const char *end, int n)
{
    int64_t v = 0;
    for (int k = 0; k < n; k++, (*p)++) {
        if (*p == end || **p < '0' || **p > '9') return -1;
        v = v * 10 + (**p - '0');
    }
    return v;
}

static bool next_is(const char **p, const char *end, const char *any)
{
    if (*p == end || !strchr(any, **p)) return false;
    (*p)++;
    return true;
}

/* The time of the day behind a date; false: it is written wrongly. */
static bool clock_parts(const char **p, const char *end, int64_t *part)
{
    if ((part[3] = digits(p, end, 2)) < 0) return false;
    if (!next_is(p, end, ":")) return true;
    if ((part[4] = digits(p, end, 2)) < 0) return false;
    if (!next_is(p, end, ":")) return true;
    if ((part[5] = digits(p, end, 2)) < 0) return false;
    if (!next_is(p, end, ".,")) return true;
    int n = 0;
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++, n++)
        if (n < 6) part[6] = part[6] * 10 + (**p - '0');
    for (int k = n; k < 6; k++)
        part[6] *= 10;
    return n > 0 && n <= 6;
}

Status time_parse(Cx *cx, Text3 text, char what, int64_t *out)
{
    const char *p = (const char *)text.p, *end = p + (text.n > 0 ? text.n : 0);
    int64_t part[7] = {0};
    bool ok = (part[0] = digits(&p, end, 4)) >= 0 && next_is(&p, end, "-") &&
              (part[1] = digits(&p, end, 2)) >= 0 && next_is(&p, end, "-") &&
              (part[2] = digits(&p, end, 2)) >= 0;
    if (ok && p < end && what != 'd')
        ok = next_is(&p, end, " T") && clock_parts(&p, end, part);
    if (ok && p == end) return time_make(cx, part, what == 'd' ? 3 : 7, out);
    if (what == 'p')
        return fail(cx, E_VALUE,
                    "Unknown datetime string format, unable to parse: %.*s",
                    (int)(text.n > 100 ? 100 : text.n), (const char *)text.p);
    Str s = {0};
    TRY(repr_text(cx, &s, text.p, text.n));
    Status st = fail(cx, E_VALUE, "Invalid isoformat string: %.*s",
                     (int)(s.n > 200 ? 200 : s.n), (char *)s.at);
    str_drop(cx, &s);
    return st;
}

/* -- Scaling ----------------------------------------------------------------------- */

static Status too_large(Cx *cx, bool python)
{
    return python ? fail(cx, E_OVERFLOW, "days=%d; must have magnitude <= 999999999",
                         999999999)
                  : fail(cx, E_OVERFLOW, "Python int too large to convert to C long");
}

static Status narrow(Cx *cx, bool python, __int128 v, int64_t *out)
{
    if (v > INT64_MAX || v <= INT64_MIN) return too_large(cx, python);
    *out = (int64_t)v;
    return OK;
}

/* a / b rounded half to even, b > 0 */
static __int128 div_nearest(__int128 a, __int128 b)
{
    __int128 q = a / b, r = a % b;
    if (r < 0) {
        q--;
        r += b;
    }
    if (2 * r > b || (2 * r == b && (q & 1))) q++;
    return q;
}

Status time_scale(Cx *cx, char op, bool python, int64_t ticks, int64_t by, int64_t *out)
{
    if (ticks == NAT && !python) {
        *out = NAT;
        return OK;
    }
    if (op == '*') return narrow(cx, python, (__int128)ticks * by, out);
    if (by == 0) return fail(cx, E_ZERO_DIV, "integer division or modulo by zero");
    __int128 a = ticks, b = by;
    if (b < 0) {
        a = -a;
        b = -b;
    }
    __int128 q = a / b, r = a % b;
    if (op == '|' && r < 0) q--;
    if (op == '/' && python) q = div_nearest(a, b);
    if (op == '/' && !python) q = (__int128)((double)ticks / (double)by);
    return narrow(cx, python, q, out);
}

/* ticks * m * 2^e rounded half to even; m has at most 53 bits */
static Status scale_exact(Cx *cx, int64_t ticks, int64_t m, int e, int64_t *out)
{
    __int128 v = (__int128)ticks * m;
    for (; e > 0 && v; e--) {
        if (v > INT64_MAX || v < INT64_MIN) return too_large(cx, true);
        v *= 2;
    }
    if (e < -125) v = 0;
    if (e < 0 && v) v = div_nearest(v, (__int128)1 << -e);
    return narrow(cx, true, v, out);
}

/* ticks / by rounded half to even, where the numbers fit. */
static bool divide_exact(int64_t ticks, double by, int64_t *out)
{
    int e;
    int64_t m = (int64_t)ldexp(frexp(by, &e), 53);
    e -= 53;
    while (e < 0 && m % 2 == 0) {
        m /= 2;
        e++;
    }
    __int128 a = ticks, b = m;
    int room = 63; /* bits that a may grow by: more when it is small */
    for (int64_t t = ticks < 0 ? -(ticks + 1) : ticks; t < INT64_MAX / 2 && room < 120;
         t = 2 * t + 1)
        room++;
    if (m == 0 || -e > room || e > 62) return false;
    if (e < 0) a *= (__int128)1 << -e;
    if (e > 0) b *= (__int128)1 << e;
    if (b < 0) {
        a = -a;
        b = -b;
    }
    a = div_nearest(a, b);
    if (a > INT64_MAX || a <= INT64_MIN) return false;
    *out = (int64_t)a;
    return true;
}

Status time_scale_float(Cx *cx, char op, bool python, int64_t ticks, double by,
                        int64_t *out)
{
    if (!python && (ticks == NAT || by != by)) {
        *out = NAT;
        return OK;
    }
    if (by != by) return fail(cx, E_VALUE, "cannot convert NaN to integer ratio");
    if (op != '*' && by == 0)
        return fail(cx, E_ZERO_DIV, "integer division or modulo by zero");
    if (isinf(by) && op == '*')
        return fail(cx, E_OVERFLOW, "cannot convert Infinity to integer ratio");
    if (python && op == '*') {
        int e;
        double m = frexp(by, &e);
        return scale_exact(cx, ticks, (int64_t)ldexp(m, 53), e - 53, out);
    }
    if (python && divide_exact(ticks, by, out)) return OK;
    double v = op == '*' ? (double)ticks * by : (double)ticks / by;
    v = python ? nearbyint(v) : op == '|' ? floor(v) : trunc(v);
    if (!(fabs(v) < 9223372036854775808.0)) return too_large(cx, python);
    *out = (int64_t)v;
    return OK;
}

int64_t time_step(char how, int64_t ticks, int64_t step)
{
    if (ticks == NAT || step <= 0) return ticks;
    int64_t q = div_floor(ticks, step), r = ticks - q * step;
    if (how == 'c' && r) q++;
    if (how == 'r' && (r > step - r || (r == step - r && (q & 1)))) q++;
    return q * step;
}
