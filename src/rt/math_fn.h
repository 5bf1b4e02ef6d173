/* SPDX-License-Identifier: Apache-2.0
 * The functions of math_fn.def.
 */
#pragma once
#include "base/base.h"

/* Address of row fn, for compiled code. */
void *math_pointer(int fn);

double math_mod(double a, double b); /* NumPy's remainder: sign of b */
#define COMPLEX1(name) void math_##name(double *out, double re, double im)
COMPLEX1(cexp);
COMPLEX1(clog);
COMPLEX1(csqrt);
COMPLEX1(csin);
COMPLEX1(ccos);
COMPLEX1(ctan);
COMPLEX1(csinh);
COMPLEX1(ccosh);
COMPLEX1(ctanh);
COMPLEX1(casin);
COMPLEX1(cacos);
COMPLEX1(catan);
COMPLEX1(casinh);
COMPLEX1(cacosh);
COMPLEX1(catanh);
COMPLEX1(clog10);
COMPLEX1(clog2);
COMPLEX1(cexp2);
COMPLEX1(cexpm1);
COMPLEX1(clog1p);
#undef COMPLEX1
/* NumPy's power of complex numbers. */
void math_npcpow(double *out, double re, double im, double xre, double xim);

double math_floordiv(double a, double b); /* NumPy's floor_divide */
int64_t math_ipow(int64_t a, int64_t b);  /* wraps; b < 0: 0, but for 1 and -1 */
