/* SPDX-License-Identifier: Apache-2.0
 * Reductions over some dimensions of a view. Two orders of walking:
 *
 *   rows     the dimension of the smallest stride is reduced: for each element of the
 *            result one run along it after the other
 *   columns  it is kept: a block of COLS neighbours of the result is reduced together,
 *            row by row, so that memory is read as it lies and the loop vectorises
 *
 * Float sums add at most RUN terms plainly, in eight lanes; what comes of it is added
 * with Neumaier's compensation. So an error does not grow with the number of terms.
 */
#include "kernel/nd.h"

#include <math.h>
#include <string.h>

enum { RUN = 256, COLS = 256 };

idx nd_count(const NdView *v)
{
    idx n = 1;
    for (int k = 0; k < v->nd; k++)
        n *= v->len[k];
    return n;
}

bool nd_is_contiguous(const NdView *v)
{
    idx want = 1;
    for (int k = v->nd - 1; k >= 0; k--) {
        if (v->len[k] != 1 && v->stride[k] != want) return false;
        want *= v->len[k];
    }
    return true;
}

/* -- Loading ----------------------------------------------------------------------- */
static double load_f(DType dt, const uint8_t *p)
{
    return dt == DT_F32 ? (double)*(const float *)(const void *)p
                        : *(const double *)(const void *)p;
}

static int64_t load_i(DType dt, const uint8_t *p)
{
    const void *q = p;
    switch (dt) {
    case DT_I8: return *(const int8_t *)q;
    case DT_I16: return *(const int16_t *)q;
    case DT_I32: return *(const int32_t *)q;
    case DT_BOOL:
    case DT_U8: return *(const uint8_t *)q;
    case DT_U16: return *(const uint16_t *)q;
    case DT_U32: return *(const uint32_t *)q;
    default: return *(const int64_t *)q;
    }
}

static Complex128 load_c(DType dt, const uint8_t *p)
{
    const void *q = p;
    if (dt == DT_C128) return *(const Complex128 *)q;
    Complex64 c = *(const Complex64 *)q;
    return (Complex128){(double)c.re, (double)c.im};
}

/* -- States ------------------------------------------------------------------------ */
static bool is_min(NdAgg a)
{
    return a == ND_MIN || a == ND_ARGMIN || a == ND_NANMIN || a == ND_NANARGMIN;
}

static bool is_order(NdAgg a)
{
    return is_min(a) || a == ND_MAX || a == ND_ARGMAX || a == ND_NANMAX ||
           a == ND_NANARGMAX;
}

static bool skips_nan(NdAgg a)
{
    return a >= ND_NANSUM;
}

static void acc_init(NdAgg agg, NdAcc *a)
{
    *a = (NdAcc){.at = -1};
    if (agg == ND_PROD || agg == ND_NANPROD) {
        a->f = 1;
        a->i = 1;
    }
    if (agg == ND_ALL) a->i = 1;
}

static void add_compensated(NdAcc *a, double x)
{
    double t = a->f + x;
    a->c += fabs(a->f) >= fabs(x) ? (a->f - t) + x : (x - t) + a->f;
    a->f = t;
}

static bool less_i(DType dt, int64_t x, int64_t y)
{
    return dt == DT_U64 ? (uint64_t)x < (uint64_t)y : x < y;
}

/* min, max and where they are: the first wins; NaN and NaT win over all. */
static void take_f(NdAgg agg, NdAcc *a, double x, idx at)
{
    bool nan = isnan(x) != 0;
    if (nan && skips_nan(agg)) return;
    bool better = a->n == 0 || (nan && !isnan(a->f)) ||
                  (!isnan(a->f) && (is_min(agg) ? x < a->f : x > a->f));
    a->n++;
    if (!better) return;
    a->f = x;
    a->at = at;
}

static void take_i(NdAgg agg, DType dt, NdAcc *a, int64_t x, idx at)
{
    bool nat = dt_is_time(dt) && x == NAT;
    if (nat && skips_nan(agg)) return;
    bool lost = dt_is_time(dt) && a->n && a->i == NAT;
    bool better = a->n == 0 || (nat && !lost) ||
                  (!lost && (is_min(agg) ? less_i(dt, x, a->i) : less_i(dt, a->i, x)));
    a->n++;
    if (!better) return;
    a->i = x;
    a->at = at;
}

/* Complex numbers have products; their sums are those of their parts. */
static void times_c(NdAcc *a, Complex128 x)
{
    double re = a->f * x.re - a->c * x.im;
    a->c = a->f * x.im + a->c * x.re;
    a->f = re;
}

static void step_f(NdAgg agg, NdAcc *a, double x, idx at)
{
    if (is_order(agg)) {
        take_f(agg, a, x, at);
        return;
    }
    if (skips_nan(agg) && isnan(x)) return;
    a->n++;
    switch (agg) {
    case ND_SUM:
    case ND_NANSUM: add_compensated(a, x); break;
    case ND_PROD:
    case ND_NANPROD: a->f *= x; break;
    case ND_ANY: a->i |= x != 0; break;
    case ND_ALL: a->i &= x != 0; break;
    case ND_COUNT: a->i += x != 0; break;
    default: break;
    }
}

static void step_i(NdAgg agg, DType dt, NdAcc *a, int64_t x, idx at)
{
    bool nat = dt_is_time(dt) && x == NAT;
    if (is_order(agg)) {
        take_i(agg, dt, a, x, at);
        return;
    }
    if (nat && skips_nan(agg)) return;
    a->n++;
    switch (agg) {
    case ND_SUM:
    case ND_NANSUM:
        a->at = nat ? 0 : a->at; /* a sum with NaT is NaT */
        a->i = (int64_t)((uint64_t)a->i + (uint64_t)x);
        break;
    case ND_PROD:
    case ND_NANPROD: a->i = (int64_t)((uint64_t)a->i * (uint64_t)x); break;
    case ND_ANY: a->i |= x != 0; break;
    case ND_ALL: a->i &= x != 0; break;
    case ND_COUNT: a->i += x != 0; break;
    default: break;
    }
}

void nd_merge(NdAgg agg, DType dt, NdAcc *to, const NdAcc *from, idx n)
{
    for (idx k = 0; k < n; k++) {
        NdAcc *a = &to[k];
        const NdAcc *b = &from[k];
        if (b->n == 0) continue;
        if (is_order(agg)) {
            idx was = a->n;
            if (dt_is_float(dt))
                take_f(agg, a, b->f, b->at);
            else
                take_i(agg, dt, a, b->i, b->at);
            a->n = was + b->n;
            continue;
        }
        a->n += b->n;
        switch (agg) {
        case ND_SUM:
        case ND_NANSUM:
            add_compensated(a, b->f);
            a->c += b->c;
            a->i = (int64_t)((uint64_t)a->i + (uint64_t)b->i);
            if (b->at == 0) a->at = 0;
            break;
        case ND_PROD:
        case ND_NANPROD:
            if (dt_is_complex(dt))
                times_c(a, (Complex128){b->f, b->c});
            else
                a->f *= b->f;
            a->i = (int64_t)((uint64_t)a->i * (uint64_t)b->i);
            break;
        case ND_ANY: a->i |= b->i; break;
        case ND_ALL: a->i &= b->i; break;
        default: a->i += b->i; break;
        }
    }
}

/* -- Runs -------------------------------------------------------------------------- */
#define LANES 8
#define SUM_RUN(T)                                                                     \
    static double sum_run_##T(const T *p, idx n)                                       \
    {                                                                                  \
        double s[LANES] = {0};                                                         \
        idx i = 0;                                                                     \
        for (; i + LANES <= n; i += LANES)                                             \
            for (int k = 0; k < LANES; k++)                                            \
                s[k] += (double)p[i + k];                                              \
        for (; i < n; i++)                                                             \
            s[i & (LANES - 1)] += (double)p[i];                                        \
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));      \
    }
SUM_RUN(float)
SUM_RUN(double)

static void sum_floats(const NdView *v, const uint8_t *p, idx n, NdAcc *a)
{
    for (idx i = 0; i < n; i += RUN) {
        idx m = idx_min(RUN, n - i);
        const void *q = p + (size_t)i * dtype_info[v->dt].bytes;
        add_compensated(a,
                        v->dt == DT_F32 ? sum_run_float(q, m) : sum_run_double(q, m));
    }
    a->n += n;
}

#define SUM_INTS(T)                                                                    \
    {                                                                                  \
        const T *q = (const void *)p;                                                  \
        uint64_t s = 0;                                                                \
        for (idx i = 0; i < n; i++)                                                    \
            s += (uint64_t)q[i];                                                       \
        a->i = (int64_t)((uint64_t)a->i + s);                                          \
        a->n += n;                                                                     \
        return true;                                                                   \
    }

static bool sum_ints(DType dt, const uint8_t *p, idx n, NdAcc *a)
{
    switch (dt) {
    case DT_I8: SUM_INTS(int8_t)
    case DT_I16: SUM_INTS(int16_t)
    case DT_I32: SUM_INTS(int32_t)
    case DT_I64: SUM_INTS(int64_t)
    case DT_BOOL:
    case DT_U8: SUM_INTS(uint8_t)
    case DT_U16: SUM_INTS(uint16_t)
    case DT_U32: SUM_INTS(uint32_t)
    case DT_U64: SUM_INTS(uint64_t)
    default: return false;
    }
}

/* n elements, `stride` apart, as one run; at: position of the first. */
static void run(const NdView *v, NdAgg agg, const uint8_t *p, idx stride, idx n, idx at,
                NdAcc *a)
{
    DType dt = (DType)v->dt;
    idx step = stride * (idx)dtype_info[dt].bytes;
    if (stride == 1 && agg == ND_SUM) {
        if (dt_is_float(dt)) {
            sum_floats(v, p, n, a);
            return;
        }
        if (sum_ints(dt, p, n, a)) return;
    }
    if (dt_is_complex(dt)) {
        a->n += n;
        for (idx i = 0; i < n; i++)
            times_c(a, load_c(dt, p + i * step));
    } else if (dt_is_float(dt)) {
        for (idx i = 0; i < n; i++)
            step_f(agg, a, load_f(dt, p + i * step), at + i);
    } else {
        for (idx i = 0; i < n; i++)
            step_i(agg, dt, a, load_i(dt, p + i * step), at + i);
    }
}

/* -- Walking ----------------------------------------------------------------------- */
typedef struct Odo {
    int n;
    int dim[ND_DIMS];
    idx at[ND_DIMS];
} Odo;

static Odo odo(const NdView *v, uint32_t dims, int except)
{
    Odo o = {0};
    for (int k = 0; k < v->nd; k++)
        if ((dims >> k & 1) && k != except) o.dim[o.n++] = k;
    return o;
}

/* The next position in C order; false after the last. *p moves along. */
static bool odo_next(const NdView *v, Odo *o, const uint8_t **p)
{
    idx w = dtype_info[v->dt].bytes;
    for (int k = o->n - 1; k >= 0; k--) {
        int d = o->dim[k];
        *p += v->stride[d] * w;
        if (++o->at[k] < v->len[d]) return true;
        *p -= v->len[d] * v->stride[d] * w;
        o->at[k] = 0;
    }
    return false;
}

static int inner_dim(const NdView *v, uint32_t dims)
{
    int best = -1;
    for (int k = 0; k < v->nd; k++) {
        if (!(dims >> k & 1)) continue;
        idx s = v->stride[k] < 0 ? -v->stride[k] : v->stride[k];
        idx b = best < 0 ? 0 : v->stride[best] < 0 ? -v->stride[best] : v->stride[best];
        if (best < 0 || (v->len[k] > 1 && (s < b || v->len[best] <= 1))) best = k;
    }
    return best;
}

static bool empty(const NdView *v, uint32_t dims)
{
    for (int k = 0; k < v->nd; k++)
        if ((dims >> k & 1) && v->len[k] == 0) return true;
    return false;
}

/* One element of the result: runs along the last reduced dimension in C order. */
static void by_rows(const NdView *v, NdAgg agg, uint32_t axes, idx first,
                    const uint8_t *p, NdAcc *a)
{
    int last = -1;
    for (int k = 0; k < v->nd; k++)
        if (axes >> k & 1) last = k;
    Odo o = odo(v, axes, last);
    idx at = first;
    do {
        run(v, agg, p, v->stride[last], v->len[last], at, a);
        at += v->len[last];
    } while (odo_next(v, &o, &p));
}

/* -- Columns ----------------------------------------------------------------------- */
typedef struct Cols {
    const NdView *v;
    NdAgg agg;
    uint32_t axes;
    idx stride, n;
    NdAcc *a;
    idx apart; /* of neighbours in a */
} Cols;

#define SUM_COLS(T)                                                                    \
    static void sum_cols_##T(const Cols *c, const uint8_t *p)                          \
    {                                                                                  \
        double s[COLS] = {0};                                                          \
        Odo o = odo(c->v, c->axes, -1);                                                \
        idx rows = 0;                                                                  \
        bool more = true;                                                              \
        while (more) {                                                                 \
            const T *q = (const void *)p;                                              \
            if (c->stride == 1)                                                        \
                for (idx j = 0; j < c->n; j++)                                         \
                    s[j] += (double)q[j];                                              \
            else                                                                       \
                for (idx j = 0; j < c->n; j++)                                         \
                    s[j] += (double)q[j * c->stride];                                  \
            more = odo_next(c->v, &o, &p);                                             \
            if (++rows % RUN && more) continue;                                        \
            for (idx j = 0; j < c->n; j++) {                                           \
                add_compensated(&c->a[j * c->apart], s[j]);                            \
                s[j] = 0;                                                              \
            }                                                                          \
        }                                                                              \
        for (idx j = 0; j < c->n; j++)                                                 \
            c->a[j * c->apart].n += rows;                                              \
    }
SUM_COLS(float)
SUM_COLS(double)

static void by_cols(const Cols *c, const uint8_t *p, idx first)
{
    DType dt = (DType)c->v->dt;
    if (c->agg == ND_SUM && dt == DT_F64) {
        sum_cols_double(c, p);
        return;
    }
    if (c->agg == ND_SUM && dt == DT_F32) {
        sum_cols_float(c, p);
        return;
    }
    idx w = c->stride * (idx)dtype_info[dt].bytes, at = first;
    Odo o = odo(c->v, c->axes, -1);
    do {
        if (dt_is_complex(dt))
            for (idx j = 0; j < c->n; j++) {
                c->a[j * c->apart].n++;
                times_c(&c->a[j * c->apart], load_c(dt, p + j * w));
            }
        else if (dt_is_float(dt))
            for (idx j = 0; j < c->n; j++)
                step_f(c->agg, &c->a[j * c->apart], load_f(dt, p + j * w), at);
        else
            for (idx j = 0; j < c->n; j++)
                step_i(c->agg, dt, &c->a[j * c->apart], load_i(dt, p + j * w), at);
        at++;
    } while (odo_next(c->v, &o, &p));
}

void nd_reduce(const NdView *v, NdAgg agg, uint32_t axes, idx first, NdAcc *out)
{
    uint32_t all = (1U << v->nd) - 1, kept = all & ~axes;
    idx nout = 1;
    for (int k = 0; k < v->nd; k++)
        if (kept >> k & 1) nout *= v->len[k];
    for (idx i = 0; i < nout; i++)
        acc_init(agg, &out[i]);
    if (nout == 0 || empty(v, axes)) return;
    int inner = inner_dim(v, all), last = -1;
    for (int k = 0; k < v->nd; k++)
        if (kept >> k & 1) last = k;
    const uint8_t *p = v->at;
    idx i = 0, w = dtype_info[v->dt].bytes;
    if ((axes >> inner & 1) || inner != last) {
        Odo o = odo(v, kept, -1);
        do
            by_rows(v, agg, axes, first, p, &out[i++]);
        while (odo_next(v, &o, &p));
        return;
    }
    Odo o = odo(v, kept, inner);
    idx len = v->len[inner];
    do {
        for (idx j = 0; j < len; j += COLS) {
            Cols c = {v,           agg, axes, v->stride[inner], idx_min(COLS, len - j),
                      &out[i + j], 1};
            by_cols(&c, p + j * v->stride[inner] * w, first);
        }
        i += len;
    } while (odo_next(v, &o, &p));
}

/* -- Results ----------------------------------------------------------------------- */
#define PUT(T, x)                                                                      \
    for (idx k = 0; k < n; k++)                                                        \
    ((T *)out->data)[row + k] = (T)(x)

static void put_ints(const NdAcc *acc, idx n, Array *out, idx row)
{
    switch (out->dt) {
    case DT_BOOL: PUT(uint8_t, acc[k].i != 0); break;
    case DT_I8:
    case DT_U8: PUT(uint8_t, acc[k].i); break;
    case DT_I16:
    case DT_U16: PUT(uint16_t, acc[k].i); break;
    case DT_I32:
    case DT_U32: PUT(uint32_t, acc[k].i); break;
    default: PUT(int64_t, acc[k].i); break;
    }
}

static double float_of(NdAgg agg, DType dt, const NdAcc *a)
{
    if (!dt_is_float(dt)) return dt == DT_U64 ? (double)(uint64_t)a->i : (double)a->i;
    if ((agg == ND_NANMIN || agg == ND_NANMAX) && a->n == 0) return (double)NAN;
    if (agg != ND_SUM && agg != ND_NANSUM) return a->f;
    return isnan(a->c) ? a->f : a->f + a->c; /* NaN: of infinities */
}

static Status check_some(Cx *cx, NdAgg agg, DType dt, const NdAcc *acc, idx n)
{
    bool arg = agg == ND_ARGMIN || agg == ND_ARGMAX;
    bool nanarg = agg == ND_NANARGMIN || agg == ND_NANARGMAX;
    bool order = agg == ND_MIN || agg == ND_MAX;
    if (!arg && !nanarg && !order) return OK;
    for (idx k = 0; k < n; k++) {
        if (acc[k].n) continue;
        if (nanarg) return fail(cx, E_VALUE, "All-NaN slice encountered");
        if (arg)
            return fail(cx, E_VALUE, "attempt to get %s of an empty sequence",
                        agg == ND_ARGMIN ? "argmin" : "argmax");
        return fail(cx, E_VALUE,
                    "zero-size array to reduction operation %s which has no identity",
                    agg == ND_MIN ? "minimum" : "maximum");
    }
    (void)dt;
    return OK;
}

void nd_neutral(NdAgg agg, DType dt, NdAcc *acc, idx n)
{
    int64_t bytes = dtype_info[dt].bytes;
    bool min = is_min(agg), uns = dt_is_unsigned(dt);
    int64_t high = (int64_t)(UINT64_MAX >> (64 - 8 * bytes + !uns));
    int64_t low = uns ? 0 : -high - !dt_is_time(dt); /* NaT is the lowest count */
    if (dt == DT_BOOL) {
        high = 1;
        low = 0;
    }
    for (idx k = 0; k < n; k++) {
        if (acc[k].n) continue;
        acc[k] = (NdAcc){.f = min ? HUGE_VAL : -HUGE_VAL, .i = min ? high : low};
        acc[k].n = 1;
    }
}

Status nd_final(Cx *cx, NdAgg agg, DType dt, const NdAcc *acc, idx n, Array *out,
                idx row)
{
    TRY(check_some(cx, agg, dt, acc, n));
    bool arg = agg == ND_ARGMIN || agg == ND_ARGMAX || agg == ND_NANARGMIN ||
               agg == ND_NANARGMAX;
    if (arg) {
        PUT(int64_t, acc[k].at);
    } else if (agg == ND_NANCOUNT) {
        PUT(int64_t, acc[k].n);
    } else if (dt_is_complex((DType)out->dt)) {
        for (idx k = 0; k < n; k++) {
            if (out->dt == DT_C128)
                ((Complex128 *)out->data)[row + k] = (Complex128){acc[k].f, acc[k].c};
            else
                ((Complex64 *)out->data)[row + k] =
                    (Complex64){(float)acc[k].f, (float)acc[k].c};
        }
    } else if (out->dt == DT_F64) {
        PUT(double, float_of(agg, dt, &acc[k]));
    } else if (out->dt == DT_F32) {
        PUT(float, float_of(agg, dt, &acc[k]));
    } else if (dt_is_time(dt) && (agg == ND_SUM || agg == ND_NANSUM)) {
        PUT(int64_t, acc[k].at == 0 ? NAT : acc[k].i);
    } else {
        put_ints(acc, n, out, row);
    }
    return OK;
}
