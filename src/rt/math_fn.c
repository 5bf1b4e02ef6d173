/* SPDX-License-Identifier: Apache-2.0
 * Functions of numbers that compiled code calls by pointer. Those of the C library are
 * wrapped under one name each, so that every row is one symbol.
 */
#include "rt/math_fn.h"

#include "kernel/random.h"
#include "rt/calls_id.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRAP1(name)                                                                    \
    static double math_##name(double a)                                                \
    {                                                                                  \
        return name(a);                                                                \
    }
#define WRAP2(name)                                                                    \
    static double math_##name(double a, double b)                                      \
    {                                                                                  \
        return name(a, b);                                                             \
    }
WRAP1(exp)
WRAP1(log)
WRAP1(log10)
WRAP1(log2)
WRAP1(sin)
WRAP1(cos)
WRAP1(tan)
WRAP2(atan2)
WRAP2(pow)
WRAP1(acos)
WRAP1(asin)
WRAP1(atan)
WRAP1(cosh)
WRAP1(sinh)
WRAP1(tanh)
WRAP1(acosh)
WRAP1(asinh)
WRAP1(atanh)
WRAP1(exp2)
WRAP1(expm1)
WRAP1(log1p)
WRAP1(cbrt)
WRAP1(erf)
WRAP1(erfc)
WRAP2(fmod)
WRAP2(remainder)
WRAP2(hypot)
WRAP2(nextafter)

static double math_gamma(double a)
{
    return tgamma(a);
}

static double math_lgamma(double a)
{
    int sign;
    return lgamma_r(a, &sign);
}

/* The distance from |a| to the next larger number. */
static double math_ulp(double a)
{
    double x = fabs(a), up = nextafter(x, HUGE_VAL);
    if (isnan(a) || isinf(a)) return x;
    return isinf(up) ? x - nextafter(x, -HUGE_VAL) : up - x;
}

static double math_normal_inverse(double a)
{
    return normal_inverse(a);
}

static double math_frexp_m(double a)
{
    int e;
    return frexp(a, &e);
}

static double math_frexp_e(double a)
{
    int e = 0;
    if (isfinite(a)) (void)frexp(a, &e);
    return e;
}

static double math_ldexp(double a, double e)
{
    return ldexp(a, e > 5000 ? 5000 : e < -5000 ? -5000 : (int)e);
}

static uint64_t size_of(int64_t a)
{
    return a < 0 ? -(uint64_t)a : (uint64_t)a;
}

static int64_t math_ugcd(int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    while (y) {
        uint64_t r = x % y;
        x = y;
        y = r;
    }
    return (int64_t)x;
}

static int64_t math_gcd(int64_t a, int64_t b)
{
    return math_ugcd((int64_t)size_of(a), (int64_t)size_of(b));
}

static int64_t math_lcm(int64_t a, int64_t b)
{
    if (a == 0 || b == 0) return 0;
    int64_t r, g = math_gcd(a, b);
    if (__builtin_mul_overflow(a / g, b, &r) || r == INT64_MIN) return -1;
    return r < 0 ? -r : r;
}

static int64_t math_factorial(int64_t n)
{
    int64_t r = 1;
    for (int64_t i = 2; i <= n && i <= 20; i++)
        r *= i;
    return r;
}

static int64_t math_isqrt(int64_t n)
{
    uint64_t x = (uint64_t)n, r = (uint64_t)sqrt((double)x);
    while (r * r > x)
        r--;
    while ((r + 1) * (r + 1) <= x)
        r++;
    return (int64_t)r;
}

/* n! / (n - k)!, divided on the way by k! if comb. */
static int64_t choices(int64_t n, int64_t k, bool comb)
{
    __extension__ typedef __int128 Wide;
    if (k > n) return 0;
    if (comb && k > n - k) k = n - k;
    Wide r = 1;
    for (int64_t i = 0; i < k; i++) {
        r *= n - i;
        if (comb) r /= i + 1;
        if (r > INT64_MAX) return -1;
    }
    return (int64_t)r;
}

static int64_t math_comb(int64_t n, int64_t k)
{
    return choices(n, k, true);
}

static int64_t math_perm(int64_t n, int64_t k)
{
    return choices(n, k, false);
}

double math_mod(double a, double b)
{
    double m = fmod(a, b);
    if (m == 0.0) return copysign(0.0, b);
    if ((b < 0) != (m < 0)) m += b;
    return m;
}

double math_floordiv(double a, double b)
{
    if (b == 0.0) return a / b;
    double m = fmod(a, b), d = (a - m) / b;
    if (m != 0.0 && (b < 0) != (m < 0)) d -= 1.0;
    if (d == 0.0) return copysign(0.0, a / b);
    double f = floor(d);
    return d - f > 0.5 ? f + 1.0 : f;
}

int64_t math_ipow(int64_t a, int64_t b)
{
    uint64_t r = 1, x = (uint64_t)a;
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    for (; b; b >>= 1) {
        if (b & 1) r *= x;
        x *= x;
    }
    return (int64_t)r;
}

static int64_t math_upow(int64_t a, int64_t b)
{
    uint64_t r = 1, x = (uint64_t)a;
    for (uint64_t n = (uint64_t)b; n; n >>= 1) {
        if (n & 1) r *= x;
        x *= x;
    }
    return (int64_t)r;
}

static int64_t math_bit_length(int64_t a)
{
    return a ? 64 - __builtin_clzll(size_of(a)) : 0;
}

static int64_t math_bit_count(int64_t a)
{
    return __builtin_popcountll(size_of(a));
}

static int64_t math_bit_count_u(int64_t a)
{
    return __builtin_popcountll((uint64_t)a);
}

/* a = n * 2^e with n odd: the numerator takes positive e, the denominator negative. */
static double odd_part(double a, int *e)
{
    double m = ldexp(frexp(a, e), 53); /* whole */
    *e -= 53;
    while (m - 2 * floor(m / 2) < 0.5 && (m < 0 || m > 0)) {
        m /= 2;
        ++*e;
    }
    return m;
}

static double math_ratio_n(double a)
{
    int e;
    double m = odd_part(a, &e);
    return e > 0 ? ldexp(m, e) : m;
}

static double math_ratio_d(double a)
{
    int e;
    double m = odd_part(a, &e);
    return e < 0 && (m < 0 || m > 0) ? ldexp(1, -e) : 1;
}

/* Of the exact value, as printf does it. */
static double math_round_digits(double a, double digits)
{
    char s[800];
    if (isnan(a) || isinf(a) || digits > 323) return a;
    if (digits >= 0) {
        snprintf(s, sizeof s, "%.*f", (int)digits, a);
        return strtod(s, NULL);
    }
    if (digits < -308) return copysign(0, a);
    snprintf(s, sizeof s, "%.25e", a);
    int first = (int)strtol(strchr(s, 'e') + 1, NULL, 10),
        keep = first + 1 + (int)digits;
    if (keep > 0) {
        snprintf(s, sizeof s, "%.*e", keep - 1, a);
        return strtod(s, NULL);
    }
    if (keep < 0) return copysign(0, a); /* half of one unit: more than that is one */
    snprintf(s, sizeof s, "5e%d", first);
    bool up = fabs(a) > strtod(s, NULL);
    snprintf(s, sizeof s, "1e%d", first + 1);
    return copysign(up ? strtod(s, NULL) : 0, a);
}

static int64_t math_round_tens(int64_t a, int64_t digits)
{
    uint64_t unit = 1, size = size_of(a);
    if (digits >= 0) return a;
    if (digits < -19) return 0;
    for (int64_t i = 0; i > digits; i--)
        unit *= 10;
    uint64_t rest = size % unit, half = unit / 2, whole = size / unit;
    if (rest > half || (rest == half && (whole & 1))) whole++;
    uint64_t r = whole * unit;
    return (int64_t)(a < 0 ? 0 - r : r);
}

/* ISO C has no cast between function and object pointers. */
#define ADDRESS(f)                                                                     \
    do {                                                                               \
        _Static_assert(sizeof(&(f)) == sizeof(void *), "pointers of one size");        \
        __typeof__(&(f)) p_ = (f);                                                     \
        memcpy(&at, &p_, sizeof at);                                                   \
    } while (0)

void *math_pointer(int fn)
{
    void *at = NULL;
    switch ((MathFn)fn) {
#define MATH(id, args)                                                                 \
    case MATH_##id:                                                                    \
        ADDRESS(math_##id);                                                            \
        break;
#include "rt/math_fn.def"
#undef MATH
    case MATH_COUNT: break;
    }
    return at;
}
