/* SPDX-License-Identifier: Apache-2.0
 * Element types and how a missing value is written. Shared by the compiler's types
 * (ir/type.h) and the runtime's columns (array/array.h).
 */
#pragma once
#include "base/base.h"

typedef struct Complex64 {
    float re, im;
} Complex64;
typedef struct Complex128 {
    double re, im;
} Complex128;

typedef enum DType {
#define DTYPE(id, text, ctype, bytes, arrow, numpy) DT_##id,
#include "base/dtype.def"
#undef DTYPE
    DT_COUNT
} DType;

/* How a column says that a value is missing. */
typedef enum NullForm {
    NULL_NONE, /* it can't be missing: NumPy ints and bools */
    NULL_NAN,  /* NaN is the missing value: NumPy floats */
    NULL_NAT,  /* INT64_MIN: datetime64, timedelta64 */
    NULL_MASK, /* validity bitmap: pandas' nullable dtypes (Int64, boolean), str, date
                */
    NULL_PROM, /* "int64?", "bool?": validity bitmap, and pandas takes the dtype from
                * the data: float64 (bool: object) if the uniform run-time flag
                * `promoted` of the array is set, else int64 (bool) */
} NullForm;

/* Units of TS and TD. A scalar of STR with UNIT_BYTES is bytes. */
typedef enum Unit { UNIT_NONE, UNIT_S, UNIT_MS, UNIT_US, UNIT_NS, UNIT_BYTES } Unit;

extern const struct DTypeInfo {
    const char *text;  /* NumPy's word for it, without unit */
    uint8_t bytes;     /* of one value (STR: of one offset) */
    const char *arrow; /* Arrow C format, without unit and time zone */
    const char *numpy; /* kind and size of __array_interface__ */
} dtype_info[DT_COUNT];

static inline bool dt_is_int(DType d)
{
    return d >= DT_I8 && d <= DT_U64;
}
/* Whether an integer dtype has the value v. */
static inline bool dt_holds(DType d, int64_t v)
{
    switch (d) {
    case DT_I8: return v >= INT8_MIN && v <= INT8_MAX;
    case DT_I16: return v >= INT16_MIN && v <= INT16_MAX;
    case DT_I32: return v >= INT32_MIN && v <= INT32_MAX;
    case DT_U8: return v >= 0 && v <= UINT8_MAX;
    case DT_U16: return v >= 0 && v <= UINT16_MAX;
    case DT_U32: return v >= 0 && v <= UINT32_MAX;
    case DT_U64: return v >= 0;
    default: return true;
    }
}

static inline bool dt_is_unsigned(DType d)
{
    return d >= DT_U8 && d <= DT_U64;
}
static inline bool dt_is_float(DType d)
{
    return d == DT_F32 || d == DT_F64;
}
static inline bool dt_is_num(DType d)
{
    return d <= DT_F64;
} /* with bool */
static inline bool dt_is_time(DType d)
{
    return d == DT_TS || d == DT_TD;
}
static inline bool dt_is_complex(DType d)
{
    return d == DT_C64 || d == DT_C128;
}
/* A number, complex ones too. */
static inline bool dt_is_number(DType d)
{
    return dt_is_num(d) || dt_is_complex(d);
}
/* The dtype of a complex number's parts, and of an array of them. */
static inline DType dt_real_of(DType d)
{
    return d == DT_C64 ? DT_F32 : DT_F64;
}
int64_t unit_per_second(Unit u); /* 1, 1000, 1000000, 1000000000 */
const char *unit_text(Unit u);   /* "s", "ms", "us", "ns" */
#define NAT INT64_MIN
