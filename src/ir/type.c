/* SPDX-License-Identifier: Apache-2.0
 * Compile-time types: defaults, text, NumPy's promotion.
 */
#include "base/base.h"

#include "ir/type.h"

#include <stdio.h>

NullForm null_default(DType dt)
{
    if (dt_is_float(dt)) return NULL_NAN;
    if (dt_is_time(dt)) return NULL_NAT;
    if (dt == DT_STR || dt == DT_DATE) return NULL_MASK;
    return NULL_NONE;
}

static Type type_of(TypeKind kind, DType dt)
{
    return (Type){.kind = (uint8_t)kind,
                  .dt = (uint8_t)dt,
                  .null = (uint8_t)null_default(dt),
                  .unit = dt_is_time(dt) ? UNIT_NS : UNIT_NONE};
}

Type type_scalar(DType dt)
{
    return type_of(TY_SCALAR, dt);
}

Type type_col(DType dt)
{
    return type_of(TY_COL, dt);
}

Type type_with(Type t, TypeKind kind)
{
    t.kind = (uint8_t)kind;
    t.ndim = kind == TY_ARRAY ? 1 : 0;
    return t;
}

/* pandas' names of its nullable dtypes: "Int64", "UInt8", "Float64", "boolean". */
static void masked_text(DType dt, char out[48])
{
    static const char *const name[DT_COUNT] = {
        [DT_BOOL] = "boolean",  [DT_I8] = "Int8",         [DT_I16] = "Int16",
        [DT_I32] = "Int32",     [DT_I64] = "Int64",       [DT_U8] = "UInt8",
        [DT_U16] = "UInt16",    [DT_U32] = "UInt32",      [DT_U64] = "UInt64",
        [DT_F32] = "Float32",   [DT_F64] = "Float64",     [DT_STR] = "str",
        [DT_C64] = "complex64", [DT_C128] = "complex128", [DT_DATE] = "date",
        [DT_TS] = "datetime",   [DT_TD] = "timedelta",
    };
    snprintf(out, 48, "%s", name[dt]);
}

const char *type_text(Type t, char out[48])
{
    if (t.kind == TY_NONE) {
        snprintf(out, 48, "None");
    } else if (t.kind == TY_OBJ) { /* comp_text says more */
        snprintf(out, 48, "object");
    } else if (dt_is_time((DType)t.dt)) {
        snprintf(out, 48, "%s[%s]", dtype_info[t.dt].text, unit_text((Unit)t.unit));
    } else if (t.null == NULL_MASK) {
        masked_text((DType)t.dt, out);
    } else {
        snprintf(out, 48, "%s%s", dtype_info[t.dt].text,
                 t.null == NULL_PROM ? "?" : "");
    }
    return out;
}

/* The null form that can say what either can. */
static NullForm null_join(DType dt, NullForm a, NullForm b)
{
    if (a == NULL_MASK || b == NULL_MASK) return NULL_MASK;
    if (dt_is_float(dt)) return NULL_NAN;
    if (dt_is_time(dt))
        return a == b ? a : a == NULL_NAT || b == NULL_NAT ? NULL_NAT : NULL_NAN;
    return a == NULL_PROM || b == NULL_PROM ? NULL_PROM : NULL_NONE;
}

/* NumPy's promotion of two integer (or bool) dtypes of different signedness or width.
 */
static DType promote_int(DType a, DType b)
{
    if (a == DT_BOOL) return b;
    if (b == DT_BOOL) return a;
    bool ua = dt_is_unsigned(a), ub = dt_is_unsigned(b);
    int wa = dtype_info[a].bytes, wb = dtype_info[b].bytes;
    if (ua == ub) return wa >= wb ? a : b;
    DType s = ua ? b : a;
    int wu = ua ? wa : wb, ws = ua ? wb : wa;
    if (ws > wu) return s;
    if (wu == 8) return DT_F64;
    return wu == 4 ? DT_I64 : wu == 2 ? DT_I32 : DT_I16;
}

/* Whether float32 holds the values of the dtype, as NumPy sees it. */
static bool fits_f32(DType d)
{
    return d == DT_F32 || d == DT_C64 || (!dt_is_float(d) && dtype_info[d].bytes <= 2);
}

static DType promote_num(DType a, DType b)
{
    if (a == b) return a;
    if (dt_is_complex(a) || dt_is_complex(b))
        return fits_f32(a) && fits_f32(b) ? DT_C64 : DT_C128;
    if (!dt_is_float(a) && !dt_is_float(b)) return promote_int(a, b);
    if (dt_is_float(a) && dt_is_float(b)) return DT_F64;
    DType f = dt_is_float(a) ? a : b, i = dt_is_float(a) ? b : a;
    return f == DT_F32 && dtype_info[i].bytes <= 2 ? DT_F32 : DT_F64;
}

bool type_promote(Type a, Type b, Type *out)
{
    *out = a;
    if (a.kind == TY_OBJ || b.kind == TY_OBJ) return type_eq(a, b);
    if (a.dt == b.dt) {
        if (b.unit > a.unit) out->unit = b.unit;
    } else if (dt_is_number((DType)a.dt) && dt_is_number((DType)b.dt)) {
        out->dt = (uint8_t)promote_num((DType)a.dt, (DType)b.dt);
    } else {
        return false;
    }
    out->null = (uint8_t)null_join((DType)out->dt, (NullForm)a.null, (NullForm)b.null);
    return true;
}
