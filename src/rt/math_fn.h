/* SPDX-License-Identifier: Apache-2.0
 * The functions of math_fn.def.
 */
#pragma once
#include "base/base.h"

/* Address of row fn, for compiled code. */
void *math_pointer(int fn);

double math_mod(double a, double b);      /* NumPy's remainder: sign of b */
double math_floordiv(double a, double b); /* NumPy's floor_divide */
int64_t math_ipow(int64_t a, int64_t b);  /* wraps; b < 0: 0, but for 1 and -1 */
