/* SPDX-License-Identifier: Apache-2.0
 * Compile-time types. A Type is a small value, compared field by field.
 *   TY_NONE    no value (Python's None as a result)
 *   TY_SCALAR  one value, the same or different on each rank; STR scalars are text
 *   TY_COL     a column: immutable, belongs to an axis, null form by `null`
 *   TY_ARRAY   a NumPy array of ndim dimensions: mutable, first dimension on an axis
 *   TY_OBJ     a list, dict or set that exists at run time; `of` says which
 * Composite types (list[int64], tuple[str, bool] ...) are rows of Fn.comps, `of` is 1 +
 * the row. Tuples and optionals are only types of elements: a value of theirs is a
 * bundle of scalars (comp_leaves). `dt` of a TY_OBJ is meaningless and 0. A scalar
 * keeps its null form: NULL_NAN floats, NULL_NAT times, NULL_MASK (Int64's pd.NA, str
 * that may be missing), NULL_PROM (the reduction of an "int64?" column). Of a time it
 * says whose object it is: NULL_NAT pd.Timestamp and pd.Timedelta, NULL_NONE
 * datetime.datetime and datetime.timedelta (in us; never NaT), NULL_NAN np.datetime64
 * and np.timedelta64. A DATE scalar with NULL_NONE is a datetime.date, with NULL_MASK
 * one of a column, which may be NaT; a TD scalar with NULL_MASK is a datetime.timedelta
 * of a column of such objects.
 * `of` of a column or scalar of DT_TS is its time zone: 1 + a row of Fn.zones, 0: none.
 * Such times count in UTC.
 * A column of DT_CAT has in `of` what is known of its categories: CatType. Their values
 * exist at run time only; an element is a scalar of their dtype.
 */
#pragma once
#include "base/dtype.h"

typedef enum TypeKind { TY_NONE, TY_SCALAR, TY_COL, TY_ARRAY, TY_OBJ } TypeKind;

typedef struct Type {
    uint8_t kind; /* TypeKind */
    uint8_t dt;   /* DType */
    uint8_t null; /* NullForm */
    uint8_t unit; /* Unit, for TS and TD */
    uint8_t ndim; /* TY_ARRAY */
    uint8_t lay;  /* TY_ARRAY: 0 C-contiguous, 1 any strides */
    uint16_t of;  /* TY_OBJ: 1 + row of Fn.comps; DT_CAT: cat_pack; DT_TS: zone */
} Type;

/* Of a category column: dtype and unit of the categories, whether they are ordered, the
 * width of the codes in bytes as pandas has them (0: not known, since the categories
 * come from data), and the number of a set of categories: columns of one number other
 * than 0 have equal ones, of two numbers different ones. */
typedef struct CatType {
    uint8_t dt, unit, width, set;
    bool ordered;
} CatType;
enum { CAT_SETS = 31 }; /* numbers of sets that a Type can say */
Type type_category(CatType c);
CatType type_categories(Type t); /* of a column of DT_CAT */
static inline bool type_is_cat(Type t)
{
    return t.dt == DT_CAT && t.kind == TY_COL;
}
/* A type that columns of both have; false: they differ by more than what is known. */
bool type_cat_join(Type a, Type b, Type *out);
Type type_cat_value(Type t); /* of a row's value, as a column of it */
/* "category[str]", "category[int64,ordered,1,3]": the last numbers are width and set.
 */
const char *type_cat_text(Type t, char out[64]);
bool type_cat_parse(const char *text, Type *out);

static inline bool type_eq(Type a, Type b)
{
    return a.kind == b.kind && a.dt == b.dt && a.null == b.null && a.unit == b.unit &&
           a.ndim == b.ndim && a.lay == b.lay && a.of == b.of;
}
/* NumPy's null form for a dtype: floats NaN, times NaT, STR and DATE masked, else none.
 */
NullForm null_default(DType dt);
Type type_scalar(DType dt); /* with null_default; TS and TD: unit ns */
Type type_col(DType dt);
Type type_with(Type t, TypeKind kind); /* the same element in another kind */
static inline bool type_is_bytes(Type t)
{
    return t.kind == TY_SCALAR && t.dt == DT_STR && t.unit == UNIT_BYTES;
}
/* Its values may be NaT. */
static inline bool type_has_nat(Type t)
{
    return dt_is_time((DType)t.dt) && (t.null == NULL_NAT || t.null == NULL_NAN);
}
/* The time zone of a column or scalar of times; 0: none. */
static inline uint16_t type_zone(Type t)
{
    return t.dt == DT_TS && t.kind != TY_OBJ ? t.of : 0;
}
/* A column of datetime.timedelta objects, in us: the difference of dates. */
static inline bool type_is_deltas(Type t)
{
    return t.kind != TY_OBJ && t.dt == DT_TD && t.null == NULL_MASK;
}
/* The element's text in NumPy's words: "int64", "int64?" (NULL_PROM), "Int64"
 * (NULL_MASK), "datetime64[ns]", "str". Static or arena-free: written to out. */
const char *type_text(Type t, char out[48]);
/* Result of NumPy's promotion of two element types (scalars from Python literals are
 * weak: see infer.h). False when they have none (str with int). */
bool type_promote(Type a, Type b, Type *out);
