/* SPDX-License-Identifier: Apache-2.0
 * Numbers of the rows of calls.def and of the functions of math_fn.def: all that
 * compiled code needs to know of the runtime. Seen by codegen/ and rt/; declares
 * nothing else.
 */
#pragma once

typedef enum RtNumber {
#define CALL(name) RTN_##name,
#include "rt/calls.def"
#undef CALL
    RTN_COUNT
} RtNumber;

typedef enum MathFn {
#define MATH(id, args) MATH_##id,
#include "rt/math_fn.def"
#undef MATH
    MATH_COUNT
} MathFn;
