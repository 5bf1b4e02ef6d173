/* SPDX-License-Identifier: Apache-2.0
 * Compile-time types: defaults, text, NumPy's promotion.
 */
#include "base/base.h"

#include "ir/type.h"

#include <stdio.h>
#include <string.h>

NullForm null_default(DType dt)
{
    if (dt_is_float(dt)) return NULL_NAN;
    if (dt_is_time(dt)) return NULL_NAT;
    if (dt == DT_STR || dt == DT_DATE || dt == DT_CAT) return NULL_MASK;
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
        [DT_TS] = "datetime",   [DT_TD] = "timedelta",    [DT_CAT] = "category",
    };
    snprintf(out, 48, "%s", name[dt]);
}

const char *type_text(Type t, char out[48])
{
    if (t.kind == TY_NONE) {
        snprintf(out, 48, "None");
    } else if (t.kind == TY_OBJ) { /* comp_text says more */
        snprintf(out, 48, "object");
    } else if (dt_is_time((DType)t.dt) && t.null != NULL_MASK) {
        snprintf(out, 48, "%s[%s]", dtype_info[t.dt].text, unit_text((Unit)t.unit));
    } else if (t.dt == DT_STR && t.unit == UNIT_BYTES) {
        snprintf(out, 48, "bytes");
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
    if (a.dt == DT_CAT || b.dt == DT_CAT) return a.dt == b.dt && a.of == b.of;
    if (a.dt == DT_STR && b.dt == DT_STR && a.unit != b.unit) return false; /* bytes */
    if (type_zone(a) != type_zone(b)) return false;
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

/* -- Categories -------------------------------------------------------------------- */

Type type_category(CatType c)
{
    Type t = type_col(DT_CAT);
    int width = c.width == 4 ? 3 : c.width;
    t.of = (uint16_t)(c.dt | c.unit << 5 | width << 8 | c.ordered << 10 | c.set << 11);
    return t;
}

CatType type_categories(Type t)
{
    int width = t.of >> 8 & 3;
    return (CatType){.dt = t.of & 31,
                     .unit = t.of >> 5 & 7,
                     .width = (uint8_t)(width == 3 ? 4 : width),
                     .ordered = t.of >> 10 & 1,
                     .set = (uint8_t)(t.of >> 11)};
}

bool type_cat_join(Type a, Type b, Type *out)
{
    CatType x = type_categories(a), y = type_categories(b);
    if (!type_is_cat(a) || !type_is_cat(b)) return false;
    if (x.dt != y.dt || x.unit != y.unit || x.ordered != y.ordered) return false;
    if (x.width != y.width) x.width = 0;
    if (x.set != y.set) x.set = 0;
    *out = type_category(x);
    return true;
}

Type type_cat_value(Type t)
{
    CatType c = type_categories(t);
    Type v = type_col((DType)c.dt);
    v.unit = c.unit;
    if (v.null == NULL_NONE) v.null = NULL_PROM;
    return v;
}

const char *type_cat_text(Type t, char out[64])
{
    CatType c = type_categories(t);
    char value[48];
    Type v = type_col((DType)c.dt);
    v.unit = c.unit;
    snprintf(out, 64, "category[%s%s,%d,%d]", type_text(v, value),
             c.ordered ? ",ordered" : "", c.width, c.set);
    return out;
}

/* The dtype of categories by its text up to ',': "datetime64[ns]". */
static bool value_parse(const char *text, size_t n, CatType *c)
{
    for (int d = 0; d < DT_CAT; d++) {
        size_t len = strlen(dtype_info[d].text);
        if (strncmp(dtype_info[d].text, text, len) != 0) continue;
        if (len != n && text[len] != '[') continue;
        c->dt = (uint8_t)d;
        for (int u = UNIT_S; u <= UNIT_NS && text[len] == '['; u++) {
            size_t m = strlen(unit_text((Unit)u));
            if (!strncmp(text + len + 1, unit_text((Unit)u), m) &&
                text[len + 1 + m] == ']')
                c->unit = (uint8_t)u;
        }
        return dt_is_time((DType)d) == (c->unit != UNIT_NONE);
    }
    return false;
}

bool type_cat_parse(const char *text, Type *out)
{
    static const char head[] = "category[";
    CatType c = {0};
    if (strncmp(text, head, sizeof head - 1) != 0) return false;
    text += sizeof head - 1;
    size_t n = strcspn(text, ",");
    if (!text[n] || !value_parse(text, n, &c)) return false;
    text += n + 1;
    c.ordered = strncmp(text, "ordered,", 8) == 0;
    if (c.ordered) text += 8;
    char *end;
    long width = strtol(text, &end, 10);
    if (end == text || *end != ',') return false;
    text = end + 1;
    long set = strtol(text, &end, 10);
    if (end == text || *end != ']') return false;
    if (width < 0 || width > 4 || width == 3 || set < 0 || set > CAT_SETS) return false;
    c.width = (uint8_t)width;
    c.set = (uint8_t)set;
    *out = type_category(c);
    return true;
}
