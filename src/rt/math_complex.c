/* SPDX-License-Identifier: Apache-2.0
 * Functions of complex numbers: NumPy's, which never fail, for compiled code by pointer
 * (rt/math_fn.def), and Python's with its errors (op CMATH).
 */
#include "base/base.h"

#include "rt/math_fn.h"
#include "rt/rt_int.h"

#include <complex.h>
#include <math.h>
#include <string.h>

typedef struct Num {
    double re, im;
} Num;

static double complex to_c(Num a)
{
    double complex c;
    memcpy(&c, &a, sizeof c);
    return c;
}

static Num of_c(double complex c)
{
    return (Num){creal(c), cimag(c)};
}

static void put(double *out, Num a)
{
    out[0] = a.re;
    out[1] = a.im;
}

/* -- NumPy's ----------------------------------------------------------------------- */

#define WRAP(name)                                                                     \
    void math_##name(double *out, double re, double im)                                \
    {                                                                                  \
        put(out, of_c(name(to_c((Num){re, im}))));                                     \
    }
WRAP(cexp)
WRAP(clog)
WRAP(csqrt)
WRAP(csin)
WRAP(ccos)
WRAP(ctan)
WRAP(csinh)
WRAP(ccosh)
WRAP(ctanh)
WRAP(casin)
WRAP(cacos)
WRAP(catan)
WRAP(casinh)
WRAP(cacosh)
WRAP(catanh)

static void log_by(double *out, double re, double im, double by)
{
    Num l = of_c(clog(to_c((Num){re, im})));
    put(out, (Num){l.re * by, l.im * by});
}

void math_clog10(double *out, double re, double im)
{
    log_by(out, re, im, M_LOG10E);
}

void math_clog2(double *out, double re, double im)
{
    log_by(out, re, im, M_LOG2E);
}

void math_cexp2(double *out, double re, double im)
{
    put(out, of_c(cexp(to_c((Num){re * M_LN2, im * M_LN2}))));
}

void math_cexpm1(double *out, double re, double im)
{
    double half = sin(im / 2);
    put(out, (Num){expm1(re) * cos(im) - 2 * half * half, exp(re) * sin(im)});
}

void math_clog1p(double *out, double re, double im)
{
    put(out, (Num){log(hypot(re + 1, im)), atan2(im, re + 1)});
}

static Num mul(Num a, Num b)
{
    return (Num){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static bool is_zero(Num a)
{
    return fpclassify(a.re) == FP_ZERO && fpclassify(a.im) == FP_ZERO;
}

/* Smith's quotient: the smaller part of the divisor over the larger one. */
static Num quotient(Num a, Num b)
{
    if (fabs(b.re) >= fabs(b.im)) {
        double ratio = b.im / b.re, by = b.re + b.im * ratio;
        return (Num){(a.re + a.im * ratio) / by, (a.im - a.re * ratio) / by};
    }
    double ratio = b.re / b.im, by = b.re * ratio + b.im;
    return (Num){(a.re * ratio + a.im) / by, (a.im * ratio - a.re) / by};
}

/* a to the n-th, n >= 1, by squaring. */
static Num power_of(Num a, int n, Num start)
{
    for (Num p = a;; p = mul(p, p)) {
        if (n & 1) start = mul(start, p);
        n >>= 1;
        if (!n) return start;
    }
}

static bool is_whole(double x)
{
    return !(x < floor(x)) && !(x > floor(x));
}

/* Small whole exponents are products, as in NumPy. */
void math_npcpow(double *out, double re, double im, double xre, double xim)
{
    Num a = {re, im}, x = {xre, xim}, one = {1, 0};
    bool whole = fpclassify(xim) == FP_ZERO && is_whole(xre) && fabs(xre) < 100;
    if (is_zero(x)) {
        put(out, one);
    } else if (is_zero(a)) {
        bool fine = xre > 0;
        put(out, fine ? (Num){0, 0} : (Num){(double)NAN, (double)NAN});
    } else if (whole) {
        int n = (int)fabs(xre);
        Num r = n == 1   ? a
                : n == 2 ? mul(a, a)
                : n == 3 ? mul(a, mul(a, a))
                         : power_of(a, n, one);
        put(out, xre < 0 ? quotient(one, r) : r);
    } else {
        put(out, of_c(cpow(to_c(a), to_c(x))));
    }
}

/* -- Python's ---------------------------------------------------------------------- */

static bool is_finite(Num a)
{
    return isfinite(a.re) && isfinite(a.im);
}

static bool is_infinite(Num a)
{
    return isinf(a.re) || isinf(a.im);
}

static Status give(Num r, Slot *out)
{
    out->f = r.re;
    out->im = r.im;
    return OK;
}

static Num python_power(Num a, Num x)
{
    Num one = {1, 0};
    if (fpclassify(x.im) == FP_ZERO && is_whole(x.re) && fabs(x.re) <= 100) {
        int n = (int)fabs(x.re);
        Num r = n ? power_of(a, n, one) : one;
        return x.re > 0 ? r : quotient(one, r);
    }
    double size = hypot(a.re, a.im), len = pow(size, x.re);
    double at = atan2(a.im, a.re), turn = at * x.re;
    if (fpclassify(x.im) != FP_ZERO) {
        len /= exp(at * x.im);
        turn += x.im * log(size);
    }
    return (Num){len * cos(turn), len * sin(turn)};
}

static Status power(Cx *cx, Num a, Num x, Slot *out)
{
    if (is_zero(x)) return give((Num){1, 0}, out);
    if (is_zero(a)) {
        if (fpclassify(x.im) != FP_ZERO || x.re < 0)
            return fail(cx, E_ZERO_DIV, "0.0 to a negative or complex power");
        return give((Num){0, 0}, out);
    }
    /* No angle: what CPython's cosine of infinity comes to. */
    if (isinf(atan2(a.im, a.re) * x.re))
        return fail(cx, E_ZERO_DIV, "0.0 to a negative or complex power");
    Num r = python_power(a, x);
    if (is_infinite(r)) return fail(cx, E_OVERFLOW, "complex exponentiation");
    return give(r, out);
}

typedef double complex Function(double complex);
static double complex log10_of(double complex z)
{
    return clog(z) * M_LOG10E;
}

/* turn: of which part infinity has no direction: i the imaginary one, r the real one,
 * where the other is a number (n) or finite (f). */
static const struct {
    const char *name;
    Function *run;
    char part, other;
    bool pole; /* infinite results are no values, else beyond float64 */
} functions[] = {
    {"exp",   cexp,     'i', 'e', false},
    {"log",   clog,     0,   0,   true },
    {"log10", log10_of, 0,   0,   true },
    {"sqrt",  csqrt,    0,   0,   false},
    {"sin",   csin,     'r', 'n', false},
    {"cos",   ccos,     'r', 'n', false},
    {"tan",   ctan,     'r', 'f', false},
    {"sinh",  csinh,    'i', 'n', false},
    {"cosh",  ccosh,    'i', 'n', false},
    {"tanh",  ctanh,    'i', 'f', false},
    {"asin",  casin,    0,   0,   false},
    {"acos",  cacos,    0,   0,   false},
    {"atan",  catan,    0,   0,   true },
    {"asinh", casinh,   0,   0,   false},
    {"acosh", cacosh,   0,   0,   false},
    {"atanh", catanh,   0,   0,   true },
};

static bool no_direction(char part, char other, Num a)
{
    double x = part == 'r' ? a.re : a.im, y = part == 'r' ? a.im : a.re;
    if (!part || !isinf(x)) return false;
    if (other == 'n') return !isnan(y);
    if (other == 'f') return isfinite(y);
    return isfinite(y) || (isinf(y) && y > 0); /* exp */
}

Status rt_cmath(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout;
    const char *fn = attr_text(at, "fn");
    Num a = {in[0].f, in[0].im};
    if (!strcmp(fn, "pow")) return power(cx, a, (Num){in[1].f, in[1].im}, &out[0]);
    for (idx i = 0; i < COUNT_OF(functions); i++) {
        if (strcmp(functions[i].name, fn) != 0) continue;
        if (no_direction(functions[i].part, functions[i].other, a))
            return fail(cx, E_VALUE, "math domain error");
        Num r = of_c(functions[i].run(to_c(a)));
        if (is_finite(a) && is_infinite(r)) {
            if (functions[i].pole) return fail(cx, E_VALUE, "math domain error");
            return fail(cx, E_OVERFLOW, "math range error");
        }
        return give(r, &out[0]);
    }
    return fail(cx, E_INTERNAL, "no function cmath.%s", fn);
}
