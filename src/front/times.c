/* SPDX-License-Identifier: Apache-2.0
 * Single times at run time: datetime.date, datetime.datetime, datetime.timedelta,
 * pd.Timestamp, pd.Timedelta, np.datetime64, np.timedelta64. Which one a scalar is
 * follows from its type (ir/type.h). Here are their constructors, fields, methods, and
 * the operators where Python's rules differ from those of columns (infer.c).
 *
 * Counts are worked on as int64; what the calendar needs is a call (rt/rt_time.c).
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

enum { DAY_MIN = -719162, DAY_MAX = 2932896 }; /* years 1 to 9999 */
static const int64_t day_us = 86400000000;

/* -- Classes ----------------------------------------------------------------------- */

typedef enum TimeClass {
    TC_OTHER,
    TC_DATE,     /* datetime.date */
    TC_DATETIME, /* datetime.datetime */
    TC_DELTA,    /* datetime.timedelta */
    TC_STAMP,    /* pd.Timestamp */
    TC_PDELTA,   /* pd.Timedelta */
    TC_NP,       /* np.datetime64 */
    TC_NPDELTA,  /* np.timedelta64 */
} TimeClass;

static const char *const class_name[] = {
    "",          "datetime.date", "datetime.datetime", "datetime.timedelta",
    "Timestamp", "Timedelta",     "numpy.datetime64",  "numpy.timedelta64"};

static TimeClass class_of(const AVal *v)
{
    if (v->kind != A_SCALAR || v->val->type.kind != TY_SCALAR) return TC_OTHER;
    Type t = v->val->type;
    if (t.dt == DT_DATE) return TC_DATE;
    if (t.dt != DT_TS && t.dt != DT_TD) return TC_OTHER;
    bool delta = t.dt == DT_TD;
    if (t.null == NULL_NONE || type_is_deltas(t)) return delta ? TC_DELTA : TC_DATETIME;
    if (t.null == NULL_NAN) return delta ? TC_NPDELTA : TC_NP;
    return delta ? TC_PDELTA : TC_STAMP;
}

static bool is_delta(TimeClass c)
{
    return c == TC_DELTA || c == TC_PDELTA || c == TC_NPDELTA;
}

static bool is_stamp(TimeClass c)
{
    return c == TC_DATETIME || c == TC_STAMP || c == TC_NP;
}

/* An element of a column of timedeltas, whose missing rows are NaN, as a timedelta. */
static AVal *no_nan(Front *f, AVal *v, ErrCode code, const char *text)
{
    if (!time_is(v) || !type_is_deltas(v->val->type)) return v;
    lower_raise_if(f, front_elem(f, OP_ISNULL, &v, 1), code, text);
    Type t = v->val->type;
    t.null = NULL_NONE;
    return av_scalar(f, front_cast(f, v->val, t));
}

bool time_is(const AVal *v)
{
    return class_of(v) != TC_OTHER;
}

const char *time_class_name(const AVal *v)
{
    return class_name[class_of(v)];
}

static Type type_of(TimeClass c, Unit u)
{
    static const uint8_t null[] = {
        [TC_DATE] = NULL_NONE,  [TC_DATETIME] = NULL_NONE, [TC_DELTA] = NULL_NONE,
        [TC_STAMP] = NULL_NAT,  [TC_PDELTA] = NULL_NAT,    [TC_NP] = NULL_NAN,
        [TC_NPDELTA] = NULL_NAN};
    DType dt = c == TC_DATE ? DT_DATE : is_delta(c) ? DT_TD : DT_TS;
    Type t = type_scalar(dt);
    t.null = null[c];
    t.unit = (uint8_t)(c == TC_DATE ? UNIT_NONE : u);
    return t;
}

/* -- Counts ------------------------------------------------------------------------ */

static AVal *weak(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

static bool is_number(const AVal *v)
{
    if (v->kind == A_CONST)
        return v->ck <= AC_FLOAT && v->ck != AC_NONE && v->ck != AC_STR;
    return v->kind == A_SCALAR && v->val->type.kind == TY_SCALAR &&
           dt_is_num((DType)v->val->type.dt);
}

static bool is_int(const AVal *v)
{
    if (!is_number(v)) return false;
    if (v->kind == A_CONST) return v->ck != AC_FLOAT;
    return !dt_is_float((DType)v->val->type.dt);
}

/* The count of a time as Python's int: "int64?" where it may be NaT. */
static AVal *ticks(Front *f, const AVal *v)
{
    Type t = type_scalar(DT_I64);
    Type of = v->val->type;
    if (type_has_nat(of) || of.null == NULL_MASK) t.null = NULL_PROM;
    return weak(f, front_cast(f, v->val, t));
}

static AVal *from_ticks(Front *f, AVal *n, Type t)
{
    if (n->kind == A_CONST)
        return av_scalar(f, ir_const_int(f->fn, f->at, f->loc, t, n->i));
    return av_scalar(f, front_cast(f, n->val, t));
}

static AVal *op2(Front *f, AstKind op, AVal *a, AVal *b)
{
    AVal *r = lower_binop(f, op, a, b);
    if (r->kind == A_SCALAR) r->i = 1;
    return r;
}

static AVal *opk(Front *f, AstKind op, AVal *a, int64_t k)
{
    return op2(f, op, a, av_int(f, k));
}

static Node *time_node(Front *f, const char *fn, Val *const *arg, idx n, Type res)
{
    ValVec a = {0};
    for (idx i = 0; i < n; i++)
        val_push(f, &a, arg[i]);
    Node *r = obj_node(f, OP_OBJWRITE, fn, NULL, &a, 1); /* it may fail */
    r->res[0].type = res;
    return r;
}

static Val *int_val_of(Front *f, AVal *v, const char *what)
{
    if (!is_int(v))
        front_fail(f, E_TYPE, "%s: '%s' object cannot be interpreted as an integer",
                   what, av_type_text(f, v));
    return front_cast(f, front_val(f, v), type_scalar(DT_I64));
}

static void in_calendar(Front *f, AVal *days)
{
    AVal *low = lower_compare(f, AST_Lt, days, av_int(f, DAY_MIN)),
         *high = lower_compare(f, AST_Gt, days, av_int(f, DAY_MAX));
    AVal *bad = front_elem(
        f, OP_BITOR,
        (AVal *[]){av_scalar(f, front_val(f, low)), av_scalar(f, front_val(f, high))},
        2);
    lower_raise_if(f, bad, E_OVERFLOW, "date value out of range");
}

/* -- Fields ------------------------------------------------------------------------ */

static AVal *dt_part(Front *f, AVal *v, const char *name)
{
    AVal *r = dt_attr(f, v, name);
    if (r) r->i = 1;
    return r;
}

static AVal *delta_part(Front *f, const AVal *v, const char *name)
{
    int64_t one = unit_per_second((Unit)v->val->type.unit);
    AVal *n = ticks(f, v);
    if (!strcmp(name, "days")) return opk(f, AST_FloorDiv, n, 86400 * one);
    if (!strcmp(name, "seconds"))
        return opk(f, AST_FloorDiv, opk(f, AST_Mod, n, 86400 * one), one);
    AVal *part = opk(f, AST_Mod, n, one);
    bool nano = !strcmp(name, "nanoseconds");
    if (!nano && strcmp(name, "microseconds") != 0) return NULL;
    if (one < 1000000)
        return nano ? av_int(f, 0) : opk(f, AST_Mult, part, 1000000 / one);
    if (nano) return one == 1000000 ? av_int(f, 0) : opk(f, AST_Mod, part, 1000);
    return opk(f, AST_FloorDiv, part, one / 1000000);
}

static AVal *value_of(Front *f, const AVal *v)
{
    return opk(f, AST_Mult, ticks(f, v),
               1000000000 / unit_per_second((Unit)v->val->type.unit));
}

AVal *time_attr(Front *f, AVal *v, const char *name)
{
    v = no_nan(f, v, E_ATTR,
               arena_printf(f->arena, "'float' object has no attribute '%s'", name));
    TimeClass c = class_of(v);
    if (strcmp(name, "value") != 0 && strcmp(name, "unit") != 0)
        zone_none(f, v->val, "this attribute");
    static const char *const date_only[] = {"year", "month", "day"};
    static const char *const python[] = {"year",   "month",  "day",        "hour",
                                         "minute", "second", "microsecond"};
    bool pandas = c == TC_STAMP || c == TC_PDELTA;
    if (pandas && !strcmp(name, "value")) return value_of(f, v);
    if (pandas && !strcmp(name, "unit"))
        return av_str(f, unit_text((Unit)v->val->type.unit), -1);
    if (is_stamp(c) && c != TC_NP &&
        (!strcmp(name, "tzinfo") || (c == TC_STAMP && !strcmp(name, "tz"))))
        return av_none(f);
    if (c == TC_DATETIME && !strcmp(name, "fold")) return av_int(f, 0);
    if (c == TC_DELTA || c == TC_PDELTA)
        return c == TC_DELTA && !strcmp(name, "nanoseconds") ? NULL
                                                             : delta_part(f, v, name);
    if (c == TC_STAMP) return !strcmp(name, "weekday") ? NULL : dt_part(f, v, name);
    for (idx i = 0; i < COUNT_OF(python); i++)
        if (c == TC_DATETIME && !strcmp(name, python[i])) return dt_part(f, v, name);
    for (idx i = 0; i < COUNT_OF(date_only); i++)
        if (c == TC_DATE && !strcmp(name, date_only[i])) return dt_part(f, v, name);
    return NULL;
}

/* -- Constructors ------------------------------------------------------------------ */

/* Argument k or keyword `name`; NULL. */
static AVal *arg_of(const CallArgs *a, idx k, const char *name)
{
    if (k >= 0 && k < a->narg) return a->arg[k];
    for (idx i = 0; i < a->nkw; i++)
        if (!strcmp(a->kw[i], name)) return a->kwval[i];
    return NULL;
}

static void only(Front *f, const CallArgs *a, const char *const *name, idx n)
{
    if (a->narg > n)
        front_fail(f, E_TYPE, "%s() takes at most %d arguments (%d given)", a->name,
                   (int)n, (int)a->narg);
    for (idx i = 0; i < a->nkw; i++) {
        bool known = false;
        for (idx k = 0; k < n; k++)
            known |= !strcmp(a->kw[i], name[k]);
        if (!known)
            front_fail(f, E_TYPE, "'%s' is an invalid keyword argument for %s()",
                       a->kw[i], a->name);
    }
}

static const char *const field_name[] = {"year",   "month",  "day",        "hour",
                                         "minute", "second", "microsecond"};

/* The count of the fields: days of 3, else microseconds. */
static AVal *made(Front *f, AVal *const *part, int n, Type t)
{
    Val *v[7];
    for (int k = 0; k < n; k++)
        v[k] = int_val_of(f, part[k], field_name[k]);
    return av_scalar(f, &time_node(f, "time_make", v, n, t)->res[0]);
}

static AVal *make_fields(Front *f, const CallArgs *a, TimeClass c)
{
    int n = c == TC_DATE ? 3 : 7;
    AVal *part[7];
    only(f, a, field_name, n);
    for (int k = 0; k < n; k++) {
        part[k] = arg_of(a, k, field_name[k]);
        if (!part[k] && k < 3)
            front_fail(f, E_TYPE, "function missing required argument '%s' (pos %d)",
                       field_name[k], k + 1);
        if (!part[k]) part[k] = av_int(f, 0);
    }
    return made(f, part, n, type_of(c, UNIT_US));
}

/* Adds x * us to the exact and the inexact part of a sum of microseconds. */
static void add_scaled(Front *f, AVal *x, int64_t us, AVal **whole, AVal **part)
{
    if (!is_number(x))
        front_fail(f, E_TYPE, "unsupported type for a timedelta component: %s",
                   av_type_text(f, x));
    if (is_int(x))
        *whole = op2(f, AST_Add, *whole, opk(f, AST_Mult, x, us));
    else
        *part = op2(f, AST_Add, *part ? *part : av_float(f, 0),
                    op2(f, AST_Mult, x, av_float(f, (double)us)));
}

static AVal *sum_of(Front *f, AVal *whole, AVal *part)
{
    if (!part) return whole;
    AVal *r = front_call(f, av_api(f, "builtins.round"), &part, 1, NULL, NULL, 0);
    return op2(f, AST_Add, whole, r);
}

/* Days whose microseconds do not fit: fewer than Python's limit. */
static void days_fit(Front *f, AVal *days)
{
    if (!days || !is_int(days)) return;
    AVal *size = front_call(f, av_api(f, "builtins.abs"), &days, 1, NULL, NULL, 0);
    AVal *big = lower_compare(f, AST_Gt, size, av_int(f, 106751990));
    lower_raise_if(f, big, E_OVERFLOW, "days=...; must have magnitude <= 999999999");
}

static const struct {
    const char *name;
    int64_t us;
} delta_field[] = {
    {"days",         86400000000 },
    {"seconds",      1000000     },
    {"microseconds", 1           },
    {"milliseconds", 1000        },
    {"minutes",      60000000    },
    {"hours",        3600000000  },
    {"weeks",        604800000000},
};

static AVal *delta_sum(Front *f, const CallArgs *a, idx from)
{
    AVal *whole = av_int(f, 0), *part = NULL;
    for (idx k = 0; k < COUNT_OF(delta_field); k++) {
        AVal *x = arg_of(a, from < 0 ? -1 : k, delta_field[k].name);
        if (!x) continue;
        if (k == 0) days_fit(f, x);
        add_scaled(f, x, delta_field[k].us, &whole, &part);
    }
    return sum_of(f, whole, part);
}

static AVal *make_delta(Front *f, const CallArgs *a)
{
    const char *name[COUNT_OF(delta_field)];
    for (idx k = 0; k < COUNT_OF(delta_field); k++)
        name[k] = delta_field[k].name;
    only(f, a, name, COUNT_OF(delta_field));
    return from_ticks(f, delta_sum(f, a, 0), type_of(TC_DELTA, UNIT_US));
}

static AVal *parsed(Front *f, AVal *text, char what, TimeClass c)
{
    if (!(text->kind == A_CONST && text->ck == AC_STR) && !text_is_run(f, text))
        front_fail(f, E_TYPE, "argument must be str, not %s", av_type_text(f, text));
    Val *v = front_val(f, text);
    Node *n = time_node(f, "time_parse", &v, 1, type_of(c, UNIT_US));
    node_set_int(f->fn, n, "what", what);
    return av_scalar(f, &n->res[0]);
}

static AVal *to_unit(Front *f, const AVal *v, TimeClass c, Unit u)
{
    return av_scalar(f, front_cast(f, v->val, type_of(c, u)));
}

/* How many ns a unit name stands for; 0: it is none. */
static int64_t unit_ns(const char *u)
{
    static const struct {
        const char *name;
        int64_t ns;
    } unit[] = {
        {"W",       604800000000000},
        {"D",       86400000000000 },
        {"d",       86400000000000 },
        {"day",     86400000000000 },
        {"days",    86400000000000 },
        {"h",       3600000000000  },
        {"hour",    3600000000000  },
        {"hours",   3600000000000  },
        {"hr",      3600000000000  },
        {"m",       60000000000    },
        {"min",     60000000000    },
        {"minute",  60000000000    },
        {"minutes", 60000000000    },
        {"s",       1000000000     },
        {"sec",     1000000000     },
        {"second",  1000000000     },
        {"seconds", 1000000000     },
        {"ms",      1000000        },
        {"us",      1000           },
        {"ns",      1              },
    };
    for (idx i = 0; i < COUNT_OF(unit); i++)
        if (!strcmp(unit[i].name, u)) return unit[i].ns;
    return 0;
}

/* number * unit: pandas counts whole numbers of at least a microsecond in us, else ns.
 */
static AVal *counted(Front *f, AVal *x, AVal *unit, TimeClass c)
{
    const char *u =
        unit && unit->kind != A_NONE ? front_const_str(f, unit, "unit") : "ns";
    int64_t ns = unit_ns(u);
    if (!ns) front_fail(f, E_VALUE, "invalid unit abbreviation: %s", u);
    bool us = is_int(x) && ns >= 1000;
    AVal *whole = av_int(f, 0), *part = NULL;
    add_scaled(f, x, us ? ns / 1000 : ns, &whole, &part);
    return from_ticks(f, sum_of(f, whole, part), type_of(c, us ? UNIT_US : UNIT_NS));
}

static bool is_text(Front *f, const AVal *v)
{
    return (v->kind == A_CONST && v->ck == AC_STR) || text_is_run(f, v);
}

/* pd.Timestamp of what the row of ops.def does not make; NULL. */
static AVal *make_stamp(Front *f, const CallArgs *a)
{
    static const char *const known[] = {"ts_input", "year",        "month",
                                        "day",      "hour",        "minute",
                                        "second",   "microsecond", "unit"};
    AVal *v = arg_of(a, 0, "ts_input");
    if (v && is_number(v) && a->narg < 2) {
        only(f, a, known, COUNT_OF(known));
        return counted(f, v, arg_of(a, -1, "unit"), TC_STAMP);
    }
    if (!v || is_number(v)) {
        CallArgs b = *a;
        return make_fields(f, &b, TC_STAMP);
    }
    if (a->narg > 1 || a->nkw) return NULL;
    TimeClass c = class_of(v);
    if (is_text(f, v) && text_is_run(f, v)) return parsed(f, v, 'p', TC_STAMP);
    if (is_stamp(c)) return to_unit(f, v, TC_STAMP, (Unit)v->val->type.unit);
    if (c == TC_DATE) return to_unit(f, v, TC_STAMP, UNIT_S);
    return NULL;
}

static AVal *make_pdelta(Front *f, const CallArgs *a)
{
    AVal *v = arg_of(a, 0, "value"), *unit = arg_of(a, 1, "unit");
    if (!v) return from_ticks(f, delta_sum(f, a, -1), type_of(TC_PDELTA, UNIT_US));
    if (is_number(v)) return counted(f, v, unit, TC_PDELTA);
    if (is_delta(class_of(v))) return to_unit(f, v, TC_PDELTA, (Unit)v->val->type.unit);
    return NULL;
}

/* Units that NumPy has and columns have not become seconds. */
static AVal *make_np(Front *f, const CallArgs *a, bool delta)
{
    AVal *v = arg_of(a, 0, ""), *unit = arg_of(a, 1, "");
    TimeClass c = delta ? TC_NPDELTA : TC_NP, of = v ? class_of(v) : TC_OTHER;
    const char *u = unit ? front_const_str(f, unit, "unit") : NULL;
    int64_t ns = u ? unit_ns(u) : 0;
    Unit to = ns >= 1000000000 ? UNIT_S
              : ns == 1000000  ? UNIT_MS
              : ns == 1000     ? UNIT_US
                               : UNIT_NS;
    if (!v || (u && !ns))
        front_unsup(f, UNSUP_API, "%s() with this unit is not supported", a->name);
    if (delta && is_int(v) && u)
        return from_ticks(f,
                          opk(f, AST_Mult, v, ns / (1000000000 / unit_per_second(to))),
                          type_of(c, to));
    if (delta ? is_delta(of) : is_stamp(of))
        return to_unit(f, v, c, u ? to : (Unit)v->val->type.unit);
    if (!delta && of == TC_DATE) return to_unit(f, v, c, UNIT_S);
    if (!delta && v->kind == A_CONST && v->ck == AC_STR) {
        int64_t k;
        Unit own;
        if (!const_time(v->s, v->n, &k, &own))
            front_fail(f, E_VALUE, "Error parsing datetime string \"%s\"", v->s);
        AVal *n = from_ticks(f, av_int(f, k), type_of(c, own));
        return u ? to_unit(f, n, c, to) : n;
    }
    front_unsup(f, UNSUP_API, "%s() of %s is not supported", a->name,
                av_type_text(f, v));
}

static AVal *from_ordinal(Front *f, const CallArgs *a)
{
    AVal *n = opk(f, AST_Add, weak(f, int_val_of(f, a->arg[0], "fromordinal")),
                  (int64_t)DAY_MIN - 1);
    in_calendar(f, n);
    return from_ticks(f, n, type_of(TC_DATE, UNIT_NONE));
}

bool time_call_is(const char *name)
{
    static const char *const known[] = {
        "datetime.date",
        "datetime.datetime",
        "datetime.timedelta",
        "datetime.date.fromisoformat",
        "datetime.datetime.fromisoformat",
        "datetime.date.fromordinal",
        "np.datetime64",
        "np.timedelta64",
    };
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i], name)) return true;
    return false;
}

AVal *time_call(Front *f, const char *name, AVal *const *arg, idx narg,
                const char *const *kw, AVal *const *kwval, idx nkw)
{
    const char *last = strrchr(name, '.');
    CallArgs a = {last ? last + 1 : name, arg, narg, kw, kwval, nkw};
    if (!strcmp(name, "pd.Timestamp")) return make_stamp(f, &a);
    if (!strcmp(name, "pd.Timedelta")) return make_pdelta(f, &a);
    bool unit = nkw == 0 || (nkw == 1 && !strcmp(kw[0], "unit"));
    if (!strcmp(name, "pd.to_datetime") && narg == 1 && unit &&
        (time_is(arg[0]) || is_number(arg[0])))
        return make_stamp(f, &a);
    if (!time_call_is(name)) return NULL;
    if (!strcmp(name, "datetime.date")) return make_fields(f, &a, TC_DATE);
    if (!strcmp(name, "datetime.datetime")) return make_fields(f, &a, TC_DATETIME);
    if (!strcmp(name, "datetime.timedelta")) return make_delta(f, &a);
    if (!strncmp(name, "np.", 3))
        return make_np(f, &a, !strcmp(name, "np.timedelta64"));
    if (narg != 1 || nkw)
        front_fail(f, E_TYPE, "%s() takes exactly one argument (%d given)", a.name,
                   (int)(narg + nkw));
    if (!strcmp(a.name, "fromordinal")) return from_ordinal(f, &a);
    bool date = !strcmp(name, "datetime.date.fromisoformat");
    return parsed(f, arg[0], date ? 'd' : 't', date ? TC_DATE : TC_DATETIME);
}

/* -- Methods ----------------------------------------------------------------------- */

typedef AVal *Method(Front *f, AVal *self, TimeClass c, const CallArgs *a);

static AVal *text_of(Front *f, const AVal *self, char what)
{
    Type t = self->val->type;
    Val *v = self->val;
    Node *n = time_node(f, "time_text", &v, 1, type_scalar(DT_STR));
    n->res[0].type.null = NULL_NONE;
    node_set_int(f->fn, n, "what", what);
    node_set_int(f->fn, n, "dt", t.dt);
    node_set_int(f->fn, n, "null", t.null);
    node_set_int(f->fn, n, "unit", t.unit);
    return av_scalar(f, &n->res[0]);
}

static AVal *m_isoformat(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)c, (void)a;
    return text_of(f, self, 'i');
}

static AVal *m_strftime(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)c;
    Type t = self->val->type;
    if (!is_text(f, a->arg[0]))
        front_fail(f, E_TYPE, "strftime() argument 1 must be str, not %s",
                   av_type_text(f, a->arg[0]));
    Val *v[2] = {self->val, front_val(f, a->arg[0])};
    Node *n = time_node(f, "time_format", v, 2, type_scalar(DT_STR));
    n->res[0].type.null = NULL_NONE;
    node_set_int(f->fn, n, "dt", t.dt);
    node_set_int(f->fn, n, "null", t.null);
    node_set_int(f->fn, n, "unit", t.unit);
    return av_scalar(f, &n->res[0]);
}

static AVal *m_weekday(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)c, (void)a;
    return dt_part(f, self, "dayofweek");
}

static AVal *m_isoweekday(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    return opk(f, AST_Add, m_weekday(f, self, c, a), 1);
}

static AVal *days_of(Front *f, const AVal *self)
{
    if (self->val->type.dt == DT_DATE) return ticks(f, self);
    return opk(f, AST_FloorDiv, ticks(f, self),
               86400 * unit_per_second((Unit)self->val->type.unit));
}

static AVal *m_toordinal(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)c, (void)a;
    return opk(f, AST_Add, days_of(f, self), 1 - (int64_t)DAY_MIN);
}

static AVal *m_date(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)a;
    Type t = type_of(TC_DATE, UNIT_NONE);
    if (c == TC_STAMP) t.null = NULL_MASK; /* NaT.date() is NaT */
    return av_scalar(f, put_val(f, OP_DTDATE, &self->val, 1, t, NULL));
}

static AVal *m_total_seconds(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)c, (void)a;
    return opk(f, AST_Div, ticks(f, self), unit_per_second((Unit)self->val->type.unit));
}

static AVal *m_timestamp(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    if (c == TC_DATETIME)
        front_unsup(f, UNSUP_METHOD,
                    "datetime.timestamp() depends on the local time zone");
    AVal *pair[2] = {m_total_seconds(f, self, c, a), av_int(f, 6)};
    AVal *r = front_elem(f, OP_ROUND, pair, 2);
    r->i = 1;
    return r;
}

/* Given fields beside those that stay. */
static AVal *m_replace(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    int n = c == TC_DATE ? 3 : 7;
    AVal *part[7];
    only(f, a, field_name, n);
    for (int k = 0; k < n; k++) {
        part[k] = arg_of(a, c == TC_STAMP ? -1 : k, field_name[k]);
        if (!part[k]) part[k] = dt_part(f, self, field_name[k]);
        part[k] = weak(f, front_settled(f, front_val(f, part[k])));
    }
    if (c != TC_STAMP) return made(f, part, n, self->val->type);
    Unit u = (Unit)self->val->type.unit;
    AVal *r = to_unit(f, made(f, part, n, type_of(c, UNIT_US)), c, u);
    if (u != UNIT_NS) return r;
    AVal *nano = dt_part(f, self, "nanosecond");
    nano = weak(f, front_settled(f, nano->val));
    return from_ticks(
        f, op2(f, AST_Add, weak(f, front_settled(f, ticks(f, r)->val)), nano),
        type_of(c, u));
}

static AVal *m_step(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)c;
    const char *freq = front_const_str(f, a->arg[0], "freq");
    char *unit;
    long k = strtol(freq, &unit, 10);
    if (unit == freq) k = 1;
    int64_t ns = unit_ns(unit), one = unit_per_second((Unit)self->val->type.unit);
    if (!ns || k < 1 || !strcmp(unit, "W"))
        front_unsup(f, UNSUP_METHOD, "%s('%s') is not supported", a->name, freq);
    int64_t step = ns * k / (1000000000 / one);
    if (step < 2) return self;
    Val *v[2] = {self->val, int_val(f, step)};
    Node *n = time_node(f, "time_step", v, 2, self->val->type);
    node_set_int(f->fn, n, "how", a->name[0]);
    return av_scalar(f, &n->res[0]);
}

static AVal *m_normalize(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    AVal *day = av_str(f, "D", 1);
    CallArgs b = {"floor", &day, 1, NULL, NULL, 0};
    (void)a;
    return m_step(f, self, c, &b);
}

static AVal *m_as_unit(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    const char *u = front_const_str(f, a->arg[0], "unit");
    for (int k = UNIT_S; k <= UNIT_NS; k++)
        if (!strcmp(u, unit_text((Unit)k))) return to_unit(f, self, c, (Unit)k);
    front_fail(f, E_VALUE, "Supported units are 's', 'ms', 'us', 'ns'");
}

static AVal *m_python(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)a;
    AVal *gone = front_elem(f, OP_ISNULL, &self, 1);
    lower_raise_if(f, gone, E_VALUE, "NaT is no time of Python");
    return to_unit(f, self, is_delta(c) ? TC_DELTA : TC_DATETIME, UNIT_US);
}

static AVal *m_numpy(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    (void)a;
    return to_unit(f, self, is_delta(c) ? TC_NPDELTA : TC_NP,
                   (Unit)self->val->type.unit);
}

static AVal *m_name(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    AVal *fmt = av_str(f, !strcmp(a->name, "day_name") ? "%A" : "%B", 2);
    CallArgs b = {"strftime", &fmt, 1, NULL, NULL, 0};
    return m_strftime(f, self, c, &b);
}

/* (ISO year, week, weekday) */
static AVal *m_isocalendar(Front *f, AVal *self, TimeClass c, const CallArgs *a)
{
    AVal *wd = m_weekday(f, self, c, a), *days = days_of(f, self);
    AVal *thursday = opk(f, AST_Add, op2(f, AST_Sub, days, wd), 3);
    thursday = weak(f, front_settled(f, thursday->val));
    AVal *t = from_ticks(f, thursday, type_of(TC_DATE, UNIT_NONE));
    AVal *n = opk(f, AST_FloorDiv, opk(f, AST_Sub, dt_part(f, t, "dayofyear"), 1), 7);
    AVal *part[3] = {dt_part(f, t, "year"), opk(f, AST_Add, n, 1),
                     opk(f, AST_Add, wd, 1)};
    return av_tuple(f, part, 3);
}

#define BIT(c) (1u << (c))
static const struct {
    const char *name;
    unsigned classes;
    Method *run;
    int least, most; /* arguments; -1: any, by name too */
} methods[] = {
    {"isoformat",      BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_isoformat,     0,  0 },
    {"strftime",       BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_strftime,      1,  1 },
    {"weekday",        BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_weekday,       0,  0 },
    {"isoweekday",     BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_isoweekday,    0,  0 },
    {"toordinal",      BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_toordinal,     0,  0 },
    {"isocalendar",    BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_isocalendar,   0,
     0                                                                                         },
    {"replace",        BIT(TC_DATE) | BIT(TC_DATETIME) | BIT(TC_STAMP), m_replace,       -1, -1},
    {"date",           BIT(TC_DATETIME) | BIT(TC_STAMP),                m_date,          0,  0 },
    {"timestamp",      BIT(TC_DATETIME) | BIT(TC_STAMP),                m_timestamp,     0,  0 },
    {"total_seconds",  BIT(TC_DELTA) | BIT(TC_PDELTA),                  m_total_seconds, 0,  0 },
    {"floor",          BIT(TC_STAMP) | BIT(TC_PDELTA),                  m_step,          1,  1 },
    {"ceil",           BIT(TC_STAMP) | BIT(TC_PDELTA),                  m_step,          1,  1 },
    {"round",          BIT(TC_STAMP) | BIT(TC_PDELTA),                  m_step,          1,  1 },
    {"normalize",      BIT(TC_STAMP),                                   m_normalize,     0,  0 },
    {"as_unit",        BIT(TC_STAMP) | BIT(TC_PDELTA),                  m_as_unit,       1,  1 },
    {"day_name",       BIT(TC_STAMP),                                   m_name,          0,  0 },
    {"month_name",     BIT(TC_STAMP),                                   m_name,          0,  0 },
    {"to_pydatetime",  BIT(TC_STAMP),                                   m_python,        0,  0 },
    {"to_pytimedelta", BIT(TC_PDELTA),                                  m_python,        0,  0 },
    {"to_numpy",       BIT(TC_STAMP) | BIT(TC_PDELTA),                  m_numpy,         0,  0 },
    {"to_datetime64",  BIT(TC_STAMP),                                   m_numpy,         0,  0 },
    {"to_timedelta64", BIT(TC_PDELTA),                                  m_numpy,         0,  0 },
};

static int method_find(const AVal *v, const char *name)
{
    unsigned bit = BIT(class_of(v));
    for (int i = 0; i < (int)COUNT_OF(methods); i++)
        if ((methods[i].classes & bit) && !strcmp(methods[i].name, name)) return i;
    return -1;
}

bool time_has_method(const AVal *v, const char *name)
{
    return time_is(v) && method_find(v, name) >= 0;
}

AVal *time_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                  const char *const *kw, AVal *const *kwval, idx nkw)
{
    int i = method_find(self, name);
    if (i < 0) BUG("no method %s of a time", name);
    if (self->kind == A_SCALAR) zone_none(f, self->val, "this method");
    CallArgs a = {name, arg, narg, kw, kwval, nkw};
    self = no_nan(f, self, E_ATTR,
                  arena_printf(f->arena, "'float' object has no attribute '%s'", name));
    if (methods[i].most >= 0 &&
        (nkw || narg < methods[i].least || narg > methods[i].most))
        front_fail(f, E_TYPE, "%s.%s() takes %d argument%s (%d given)",
                   time_class_name(self), name, methods[i].most,
                   methods[i].most == 1 ? "" : "s", (int)(narg + nkw));
    return methods[i].run(f, self, class_of(self), &a);
}

/* -- Operators --------------------------------------------------------------------- */

NORETURN static void bad(Front *f, AstKind op, const AVal *a, const AVal *b)
{
    const char *x = time_is(a) ? time_class_name(a) : av_type_text(f, a);
    const char *y = time_is(b) ? time_class_name(b) : av_type_text(f, b);
    front_fail(f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'",
               op_sign(infer_op(op)), x, y);
}

/* Whose object the result is: pandas', else NumPy's, else Python's. */
static TimeClass result_class(TimeClass a, TimeClass b, bool delta)
{
    bool pandas = a == TC_STAMP || a == TC_PDELTA || b == TC_STAMP || b == TC_PDELTA;
    bool numpy = a == TC_NP || a == TC_NPDELTA || b == TC_NP || b == TC_NPDELTA;
    if (delta) return pandas ? TC_PDELTA : numpy ? TC_NPDELTA : TC_DELTA;
    return pandas ? TC_STAMP : numpy ? TC_NP : TC_DATETIME;
}

static Unit finer(const AVal *a, const AVal *b)
{
    Unit x = (Unit)a->val->type.unit, y = (Unit)b->val->type.unit;
    return x > y ? x : y;
}

/* Where a + b (a - b) does not fit int64; times that are NaT stay so. */
static void fits(Front *f, bool minus, AVal *a, AVal *b, AVal *r)
{
    AVal *down = lower_compare(f, AST_Lt, b, av_int(f, 0));
    AVal *less = lower_compare(f, minus ? AST_Gt : AST_Lt, r, a);
    AVal *wrapped = front_elem(
        f, OP_NE,
        (AVal *[]){av_scalar(f, front_val(f, down)), av_scalar(f, front_val(f, less))},
        2);
    if (wrapped->kind == A_SCALAR && wrapped->val->type.null == NULL_NONE)
        lower_raise_if(f, wrapped, E_OVERFLOW,
                       "Python int too large to convert to C long");
}

static AVal *sum_times(Front *f, bool minus, AVal *a, AVal *b, Type to)
{
    Type x = a->val->type, y = b->val->type;
    x.unit = y.unit = to.unit;
    AVal *p = ticks(f, av_scalar(f, front_cast(f, a->val, x))),
         *q = ticks(f, av_scalar(f, front_cast(f, b->val, y)));
    AVal *r = op2(f, minus ? AST_Sub : AST_Add, p, q);
    fits(f, minus, p, q, r);
    return from_ticks(f, r, to);
}

static AVal *move_date(Front *f, bool minus, AVal *d, AVal *delta)
{
    AVal *days = delta_part(f, delta, "days");
    AVal *n = op2(f, minus ? AST_Sub : AST_Add, ticks(f, d), days);
    in_calendar(f, n);
    return from_ticks(f, n, d->val->type);
}

static AVal *add_sub(Front *f, AstKind op, AVal *a, AVal *b)
{
    TimeClass x = class_of(a), y = class_of(b);
    bool minus = op == AST_Sub;
    if (x == TC_DATE && y == TC_DELTA) return move_date(f, minus, a, b);
    if (x == TC_DELTA && y == TC_DATE && !minus) return move_date(f, false, b, a);
    if (x == TC_DATE && y == TC_DATE && minus)
        return from_ticks(
            f, opk(f, AST_Mult, op2(f, AST_Sub, ticks(f, a), ticks(f, b)), day_us),
            type_of(TC_DELTA, UNIT_US));
    bool delta = (is_delta(x) && is_delta(y)) || (is_stamp(x) && is_stamp(y) && minus);
    bool moved = (is_stamp(x) && is_delta(y)) || (is_delta(x) && is_stamp(y) && !minus);
    if (!delta && !moved) bad(f, op, a, b);
    TimeClass c = result_class(x, y, delta);
    AVal *r = sum_times(f, minus, a, b, type_of(c, finer(a, b)));
    if (c == TC_DATETIME) in_calendar(f, days_of(f, r));
    return r;
}

static AVal *scaled(Front *f, char op, AVal *d, AVal *by)
{
    TimeClass c = class_of(d);
    bool whole = is_int(by);
    Val *n = front_cast(f, front_val(f, by), type_scalar(whole ? DT_I64 : DT_F64));
    Val *v[2] = {d->val, n};
    Node *r = time_node(f, "time_scale", v, 2, d->val->type);
    node_set_int(f->fn, r, "op", op);
    node_set_int(f->fn, r, "python", c == TC_DELTA);
    node_set_int(f->fn, r, "float", !whole);
    return av_scalar(f, &r->res[0]);
}

static AVal *multiply(Front *f, AstKind op, AVal *a, AVal *b)
{
    TimeClass x = class_of(a), y = class_of(b);
    if (is_delta(x) && is_number(b) && op != AST_Mod)
        return scaled(f, op == AST_Mult ? '*' : op == AST_Div ? '/' : '|', a, b);
    if (op == AST_Mult && is_number(a) && is_delta(y)) return scaled(f, '*', b, a);
    if (op == AST_Mult || !is_delta(x) || !is_delta(y)) bad(f, op, a, b);
    Unit u = finer(a, b);
    TimeClass c = result_class(x, y, true);
    AVal *p = ticks(f, to_unit(f, a, x, u)), *q = ticks(f, to_unit(f, b, y, u));
    AVal *r = op2(f, op, p, q);
    return op == AST_Mod ? from_ticks(f, r, type_of(c, u)) : r;
}

/* NULL: no time is among a and b, or one of them is no single value. */
AVal *time_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool x = time_is(a), y = time_is(b);
    if ((!x && !y) || (!x && !is_number(a)) || (!y && !is_number(b))) return NULL;
    const char *text =
        arena_printf(f->arena, "unsupported operand type(s) for %s: 'float' and %s",
                     op_sign(infer_op(op)), "'datetime.timedelta'");
    a = no_nan(f, a, E_TYPE, text);
    b = no_nan(f, b, E_TYPE, text);
    AVal *zoned = x && y ? zone_moved(f, op, a, b) : NULL;
    if (zoned) return zoned;
    switch (op) {
    case AST_Add:
    case AST_Sub: return add_sub(f, op, a, b);
    case AST_Mult:
    case AST_Div:
    case AST_FloorDiv:
    case AST_Mod: return multiply(f, op, a, b);
    default: bad(f, op, a, b);
    }
}

AVal *time_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    TimeClass x = class_of(a), y = class_of(b);
    if (x == TC_OTHER && y == TC_OTHER) return NULL;
    bool single = (x || is_number(a) || a->kind == A_TUPLE || a->kind == A_NONE) &&
                  (y || is_number(b) || b->kind == A_TUPLE || b->kind == A_NONE);
    bool same = (x == TC_DATE && y == TC_DATE) || (is_stamp(x) && is_stamp(y)) ||
                (is_delta(x) && is_delta(y));
    if (!single || same) return NULL;
    if (op == AST_Eq || op == AST_NotEq) return av_bool(f, op == AST_NotEq);
    if ((x == TC_DATETIME && y == TC_DATE) || (x == TC_DATE && y == TC_DATETIME))
        front_fail(f, E_TYPE, "can't compare %s to %s", class_name[x], class_name[y]);
    front_fail(f, E_TYPE, "'%s' not supported between instances of '%s' and '%s'",
               op_sign(infer_op(op)), x ? class_name[x] : av_type_text(f, a),
               y ? class_name[y] : av_type_text(f, b));
}

AVal *time_truth(Front *f, AVal *v)
{
    if (!is_delta(class_of(v))) return av_bool(f, true);
    return lower_compare(f, AST_NotEq, ticks(f, v), av_int(f, 0));
}

/* -v, +v, abs(v) of a time difference; NULL */
AVal *time_unary(Front *f, char op, AVal *v)
{
    if (!is_delta(class_of(v))) return NULL;
    if (op == '+') return v;
    return front_elem(f, op == '-' ? OP_NEG : OP_ABS, &v, 1);
}
