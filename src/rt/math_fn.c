/* SPDX-License-Identifier: Apache-2.0
 * Functions of numbers that compiled code calls by pointer. Those of the C library are
 * wrapped under one name each, so that every row is one symbol.
 */
#include "rt/math_fn.h"

#include "rt/calls_id.h"

#include <math.h>
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
