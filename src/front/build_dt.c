/* SPDX-License-Identifier: Apache-2.0
 * Times: .dt fields of columns, fields of scalar timestamps, pd.to_datetime, constants.
 */
#include "front/build.h"

static const char *const parts[] = {
#define DTPART(id, name) name,
#include "base/dt_part.def"
#undef DTPART
};

static int part_of(const char *name)
{
    static const char *const alias[][2] = {
        {"weekday",     "dayofweek"    },
        {"day_of_week", "dayofweek"    },
        {"day_of_year", "dayofyear"    },
        {"daysinmonth", "days_in_month"}
    };
    for (idx i = 0; i < COUNT_OF(alias); i++)
        if (!strcmp(alias[i][0], name)) name = alias[i][1];
    for (int i = 0; i < DTP_KINDS; i++)
        if (!strcmp(parts[i], name)) return i;
    return -1;
}

/* pandas gives int32, float64 when there is a NaT (NULL_PROM); is_* bool, False for
 * NaT. */
static Type part_type(int part, Type in)
{
    Type t = in;
    t.unit = UNIT_NONE;
    bool flag = part >= DTP_IS_LEAP_YEAR;
    t.dt = flag ? DT_BOOL : DT_I32;
    t.null = NULL_NONE;
    if (!flag && in.null != NULL_NONE) t.null = NULL_PROM;
    return t;
}

static Val *part_val(Front *f, Val *v, int part)
{
    Node *n = put_node(f, OP_DTPART, &v, 1, 1);
    node_set_int(f->fn, n, "part", part);
    val_init(f->fn, &n->res[0], part_type(part, v->type), v->axis);
    if (v->type.kind == TY_SCALAR && part < DTP_IS_LEAP_YEAR) {
        Type i64 = type_scalar(DT_I64); /* NaT's fields are NaN */
        i64.null = n->res[0].type.null;
        return front_cast(f, &n->res[0], i64);
    }
    return &n->res[0];
}

static Val *date_val(Front *f, Val *v)
{
    Type t = type_with(type_scalar(DT_DATE), (TypeKind)v->type.kind);
    return put_val(f, OP_DTDATE, &v, 1, t, v->axis);
}

static AVal *time_const(Front *f, DType dt, Unit unit, int64_t ticks)
{
    Type t = type_scalar(dt);
    t.unit = (uint8_t)unit;
    return av_scalar(f, ir_const_int(f->fn, f->at, f->loc, t, ticks));
}

/* .days of a Series of timedeltas and its like, NULL: they have no such field. */
static Val *delta_field(Front *f, Val *v, const char *name)
{
    static const char *const field[] = {"days", "seconds", "microseconds",
                                        "nanoseconds"};
    for (idx i = 0; i < COUNT_OF(field); i++) {
        if (strcmp(field[i], name) != 0) continue;
        Type t = type_col(i ? DT_I32 : DT_I64);
        if (v->type.null != NULL_NONE) t.null = NULL_PROM;
        Val *r = put_val(f, OP_TDPART, &v, 1, t, v->axis);
        node_set_int(f->fn, r->def, "part", "dsun"[i]);
        return r;
    }
    return NULL;
}

/* acc: the .dt accessor of a Series, or a scalar timestamp. */
AVal *dt_attr(Front *f, AVal *acc, const char *name)
{
    AVal *v = acc->kind == A_ACCESSOR ? acc->item[0] : acc;
    bool scalar = acc->kind == A_SCALAR;
    if (v->val->type.dt == DT_TD) {
        Val *r = scalar ? NULL : delta_field(f, v->val, name);
        return r ? av_series(f, r, v->index, v->name) : NULL;
    }
    int part = part_of(name);
    if (part >= 0) {
        Val *r = part_val(f, v->val, part);
        if (!scalar) return av_series(f, r, v->index, v->name);
        AVal *n = av_scalar(f, r);
        n->i = 1; /* Python's own int */
        return n;
    }
    if (!scalar && !strcmp(name, "date"))
        return av_series(f, date_val(f, v->val), v->index, v->name);
    return NULL;
}

AVal *build_dt_normalize(Front *f, Call *c)
{
    AVal *s = c->self->item[0];
    Val *r = put_val(f, OP_DTNORMALIZE, &s->val, 1, s->val->type, s->val->axis);
    return av_series(f, r, s->index, s->name);
}

AVal *build_dt_total_seconds(Front *f, Call *c)
{
    AVal *s = c->self->item[0];
    AVal *arg[] = {s, time_const(f, DT_TD, UNIT_S, 1)};
    return front_elem(f, OP_DIV, arg, 2);
}

/* -- pd.to_datetime ------------------------------------------------------------- */
AVal *build_to_datetime(Front *f, Call *c)
{
    AVal *arg = call_arg(f, c, "arg");
    if (arg->kind == A_CONST && arg->ck == AC_STR)
        return front_call_op(f, (Op)op_lookup("pd.Timestamp", NULL), "pd.Timestamp",
                             NULL, &arg, 1, NULL, NULL, 0, NULL);
    Val *col = front_col(f, arg);
    Type t = type_col(DT_TS);
    t.unit = UNIT_US;
    Val *r = col;
    if (col->type.dt == DT_STR) {
        const char *format = call_str(f, c, "format"),
                   *errors = call_str(f, c, "errors");
        static const char *const iso[] = {"ISO8601", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"};
        bool known = !format;
        for (idx i = 0; format && i < COUNT_OF(iso); i++)
            known = known || !strcmp(iso[i], format);
        if (!known)
            unsup(f,
                  "to_datetime(): format parameter only supports ISO8601, %%Y-%%m-%%d "
                  "and %%Y-%%m-%%d %%H:%%M:%%S");
        if (strcmp(errors, "raise") != 0)
            unsup(f, "to_datetime(): errors parameter only supports 'raise'");
        Node *n = put_node(f, OP_TODATETIME, &col, 1, 1);
        if (format) node_set_text(f->fn, n, "format", format, (idx)strlen(format));
        node_set_text(f->fn, n, "errors", errors, (idx)strlen(errors));
        val_init(f->fn, &n->res[0], t, col->axis);
        r = &n->res[0];
    } else if (col->type.dt == DT_DATE) {
        t.unit = UNIT_S;
        r = put_val(f, OP_CONVERT, &col, 1, t, col->axis);
    } else if (col->type.dt != DT_TS) {
        unsup(f,
              "to_datetime(): a column of %s; text, dates and datetimes are supported",
              dtype_text(f, col->type));
    }
    if (arg->kind == A_SERIES) return av_series(f, r, arg->index, arg->name);
    Type at = type_with(r->type, TY_ARRAY);
    at.ndim = 1;
    return av_array(f, put_val(f, OP_TOARRAY, &r, 1, at, r->axis));
}

/* Microseconds of a unit as pd.to_timedelta() spells it; 0: another word. */
static int64_t known_us(const char *unit)
{
    static const struct {
        const char *text;
        int64_t us;
    } known[] = {
        {"W",   604800000000},
        {"D",   86400000000 },
        {"h",   3600000000  },
        {"m",   60000000    },
        {"min", 60000000    },
        {"s",   1000000     },
        {"ms",  1000        },
        {"us",  1           },
    };
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i].text, unit)) return known[i].us;
    return 0;
}

/* Whole numbers are in us, and in ns only where that is the unit. */
static Val *whole_deltas(Front *f, Val *v, const char *unit)
{
    bool ns = !unit || !strcmp(unit, "ns");
    int64_t us = ns ? 0 : known_us(unit);
    if (!ns && !us) unsup(f, "to_timedelta(): unit '%s'", unit);
    Type t = type_col(DT_TD);
    t.unit = ns ? UNIT_NS : UNIT_US;
    v = front_cast(f, v, t);
    Val *arg[] = {v, us > 1 ? int_val(f, us) : NULL};
    return us > 1 ? front_elem_val(f, OP_MUL, arg, 2) : v;
}

AVal *build_to_timedelta(Front *f, Call *c)
{
    AVal *arg = call_arg(f, c, "arg"), *unit = call_arg(f, c, "unit");
    AVal *two[] = {arg, unit};
    if (arg->kind == A_CONST || arg->kind == A_SCALAR)
        return front_call_op(f, (Op)op_lookup("pd.Timedelta", NULL), "pd.Timedelta",
                             NULL, two, av_is_none(unit) ? 1 : 2, NULL, NULL, 0, NULL);
    if (arg->kind != A_SERIES)
        unsup(f, "to_timedelta() of %s; give a Series", av_type_text(f, arg));
    Val *v = cat_values(f, arg->val);
    if (dt_is_int((DType)v->type.dt) && v->type.null != NULL_PROM)
        v = whole_deltas(f, v, call_str(f, c, "unit"));
    else if (v->type.dt != DT_TD)
        unsup(f,
              "to_timedelta(): a column of %s; whole numbers and differences of dates "
              "are supported",
              dtype_text(f, v->type));
    return av_series(f, days_plain(f, v), arg->index, arg->name);
}

/* -- Constants ------------------------------------------------------------------ */
/* Days since 1970-01-01 of a proleptic Gregorian date. */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Digits of s[*p..], at most max; -1: none. */
static int64_t digits(const char *s, idx *p, int max)
{
    int64_t v = 0;
    int n = 0;
    while (n < max && s[*p] >= '0' && s[*p] <= '9') {
        v = v * 10 + (s[(*p)++] - '0');
        n++;
    }
    return n ? v : -1;
}

/* ISO 8601: 2020-01-31[ T]12:30[:59[.123456]]; microseconds since 1970. */
static bool parse_iso(const char *s, int64_t *us)
{
    idx p = 0;
    int64_t y = digits(s, &p, 4), mo = 1, d = 1, h = 0, mi = 0, se = 0, fr = 0;
    if (y < 0) return false;
    if (s[p] == '-' || s[p] == '/') {
        p++;
        mo = digits(s, &p, 2);
        if (s[p] == '-' || s[p] == '/') {
            p++;
            d = digits(s, &p, 2);
        }
    }
    if (s[p] == ' ' || s[p] == 'T') {
        p++;
        h = digits(s, &p, 2);
        if (s[p] == ':') {
            p++;
            mi = digits(s, &p, 2);
        }
        if (s[p] == ':') {
            p++;
            se = digits(s, &p, 2);
        }
        if (s[p] == '.') {
            p++;
            idx from = p;
            fr = digits(s, &p, 6);
            for (idx k = p - from; fr > 0 && k < 6; k++)
                fr *= 10;
        }
    }
    static const int len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (s[p] || mo < 1 || mo > 12 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 ||
        se < 0 || se > 59 || fr < 0 || d > len[mo - 1] + (mo == 2 && leap))
        return false;
    *us = ((days_from_civil(y, mo, d) * 24 + h) * 60 + mi) * 60 + se;
    *us = *us * 1000000 + fr;
    return true;
}

AVal *build_timestamp(Front *f, Call *c)
{
    AVal *v = call_arg(f, c, "ts_input");
    if (v->kind == A_SCALAR && v->val->type.dt == DT_TS) return v;
    if (v->kind != A_CONST || v->ck != AC_STR)
        unsup(f, "Timestamp(): only a constant text is supported, as in "
                 "pd.Timestamp('2020-01-31')");
    int64_t us;
    if (!parse_iso(v->s, &us))
        front_fail(f, E_VALUE, "Unknown datetime string format, unable to parse: %s",
                   v->s);
    return time_const(f, DT_TS, UNIT_US, us);
}

/* Microseconds of one unit as pd.Timedelta names it; 0: unknown. */
static int64_t unit_us(const char *u)
{
    static const struct {
        const char *name;
        int64_t us;
    } unit[] = {
        {"W",       604800000000},
        {"D",       86400000000 },
        {"d",       86400000000 },
        {"day",     86400000000 },
        {"days",    86400000000 },
        {"h",       3600000000  },
        {"hour",    3600000000  },
        {"hours",   3600000000  },
        {"m",       60000000    },
        {"min",     60000000    },
        {"minute",  60000000    },
        {"minutes", 60000000    },
        {"s",       1000000     },
        {"sec",     1000000     },
        {"second",  1000000     },
        {"seconds", 1000000     },
        {"ms",      1000        },
        {"us",      1           }
    };
    for (idx i = 0; i < COUNT_OF(unit); i++)
        if (!strcmp(unit[i].name, u)) return unit[i].us;
    return 0;
}

static int64_t scaled(Front *f, AVal *v, int64_t us)
{
    if (v->kind == A_CONST && v->ck == AC_FLOAT) return (int64_t)(v->f * (double)us);
    int64_t n = front_const_int(f, v, "Timedelta()"), r;
    if (__builtin_mul_overflow(n, us, &r))
        front_fail(f, E_OVERFLOW, "Timedelta too large");
    return r;
}

AVal *build_timedelta(Front *f, Call *c)
{
    AVal *v = call_arg(f, c, "value"), *unit = call_arg(f, c, "unit");
    int64_t us = 0;
    if (v->kind == A_CONST && v->ck == AC_STR) {
        char *end;
        double k = strtod(v->s, &end);
        while (*end == ' ')
            end++;
        int64_t one = unit_us(end);
        if (end == v->s || !one)
            front_fail(f, E_VALUE, "unit abbreviation w/o a number: %s", v->s);
        us = (int64_t)(k * (double)one);
    } else if (!av_is_none(v)) {
        const char *u = av_is_none(unit) ? "ns" : front_const_str(f, unit, "unit");
        int64_t one = unit_us(u);
        if (!strcmp(u, "ns"))
            us = front_const_int(f, v, "Timedelta()") / 1000;
        else if (!one)
            front_fail(f, E_VALUE, "invalid unit abbreviation: %s", u);
        else
            us = scaled(f, v, one);
    }
    static const char *const kw[] = {
        "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"};
    static const char *const as[] = {"W", "D", "h", "m", "s", "ms", "us"};
    for (idx i = 0; i < COUNT_OF(kw); i++)
        us += scaled(f, call_arg(f, c, kw[i]), unit_us(as[i]));
    return time_const(f, DT_TD, UNIT_US, us);
}
