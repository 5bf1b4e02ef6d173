/* SPDX-License-Identifier: Apache-2.0
 * Aggregates: their names, the types they give, and the reduction of a whole column.
 */
#include "front/build.h"
#include "front/front_int.h"

static const char *const names[] = {
#define AGG(id, name, states, holistic) name,
#include "base/agg.def"
#undef AGG
};

int agg_kind(const char *name)
{
    for (int i = 0; i < AGG_KINDS; i++)
        if (!strcmp(names[i], name)) return i;
    if (!strcmp(name, "product")) return AGG_PROD;
    return -1;
}

const char *agg_name(int kind)
{
    return names[kind];
}

/* As pandas words it. */
NORETURN static void no_agg(Front *f, int kind, Type in, const AVal *label)
{
    const char *of =
        label ? arena_printf(f->arena, " (column %s)", label_text(f, label)) : "";
    DType dt = (DType)in.dt;
    if (dt == DT_CAT)
        front_fail(f, E_TYPE, "category type does not support %s operations",
                   names[kind]);
    if (dt == DT_STR)
        front_fail(f, E_TYPE, "dtype 'str' does not support operation '%s'%s",
                   names[kind], of);
    front_fail(f, E_TYPE, "%s type does not support operation '%s'%s",
               dt == DT_DATE ? "object" : dtype_info[dt].text, names[kind], of);
}

static Type sum_type(Type in)
{
    Type t = in;
    if (in.dt == DT_BOOL || (dt_is_int((DType)in.dt) && !dt_is_unsigned((DType)in.dt)))
        t.dt = DT_I64;
    else if (dt_is_unsigned((DType)in.dt))
        t.dt = DT_U64;
    return t;
}

static Type float_type(Type in)
{
    Type t = in;
    if (in.dt != DT_F32) t.dt = DT_F64;
    t.null = in.null == NULL_MASK ? NULL_MASK : NULL_NAN;
    return t;
}

Type agg_type(Front *f, int kind, Type in, const AVal *label)
{
    DType dt = (DType)in.dt;
    bool sums = kind == AGG_MEAN || kind == AGG_MEDIAN || kind == AGG_STD ||
                kind == AGG_ANY || kind == AGG_ALL;
    if (type_is_deltas(in) && (sums || kind == AGG_SUM))
        front_unsup(f, UNSUP_DELTAS, "%s() of a column of them", names[kind]);
    in = type_with(in, TY_COL);
    Type i64 = type_col(DT_I64);
    switch (kind) {
    case AGG_COUNT:
    case AGG_SIZE:
    case AGG_NUNIQUE:
        if (kind == AGG_COUNT && in.null == NULL_MASK && dt_is_num(dt))
            i64.null = NULL_MASK;
        return i64;
    case AGG_ANY:
    case AGG_ALL:
        if (!dt_is_num(dt) && dt != DT_STR && dt != DT_TD) no_agg(f, kind, in, label);
        return type_col(DT_BOOL);
    case AGG_SUM:
    case AGG_PROD:
        if ((dt == DT_TD || dt == DT_STR) && kind == AGG_SUM) return in;
        if (!dt_is_num(dt)) no_agg(f, kind, in, label);
        return sum_type(in);
    case AGG_MEAN:
    case AGG_MEDIAN:
        if (dt_is_time(dt)) return in;
        if (!dt_is_num(dt)) no_agg(f, kind, in, label);
        return float_type(in);
    case AGG_STD:
    case AGG_VAR:
        if (dt_is_time(dt) && kind == AGG_STD) {
            in.dt = DT_TD;
            return in;
        }
        if (!dt_is_num(dt)) no_agg(f, kind, in, label);
        return float_type(in);
    case AGG_MIN:
    case AGG_MAX:
        if (dt == DT_CAT && !type_categories(in).ordered)
            front_fail(f, E_TYPE, "Cannot perform %s with non-ordered Categorical",
                       names[kind]);
        return in;
    default: return in; /* min, max, first, last */
    }
}

/* Where groups differ from a whole column: sums of small ints keep their dtype, the
 * mean of float32 is float64 (pandas: or float32, by the values). */
Type group_type(Front *f, int kind, Type in, const AVal *label)
{
    Type t = agg_type(f, kind, in, label);
    bool ints = dt_is_int((DType)in.dt);
    if (in.dt == DT_STR && kind == AGG_SUM)
        unsup(f, "sum() of a group's texts%s, which joins them",
              label ? arena_printf(f->arena, " (column %s)", label_text(f, label))
                    : "");
    if ((kind == AGG_SUM || kind == AGG_PROD) && ints) t.dt = in.dt;
    if (kind == AGG_MEAN && in.dt == DT_F32 && in.null != NULL_MASK) t.dt = DT_F64;
    if ((kind == AGG_ANY || kind == AGG_ALL) && in.null == NULL_MASK &&
        dt_is_num((DType)in.dt))
        t.null = NULL_MASK;
    return t;
}

/* -- A whole column to one value ------------------------------------------------ */
static Val *reduce_node(Front *f, Val *col, int kind, int64_t ddof)
{
    Type t = agg_type(f, kind, col->type, NULL);
    t = type_with(t, TY_SCALAR);
    if (kind == AGG_COUNT || kind == AGG_NUNIQUE || kind == AGG_SIZE)
        t = type_scalar(DT_I64);
    /* An empty column, or one of missing values only, has no smallest value. */
    bool may_miss = kind == AGG_MIN || kind == AGG_MAX;
    if (may_miss && t.null == NULL_NONE) t.null = NULL_PROM;
    Node *n = put_node(f, OP_REDUCE, &col, 1, 1);
    node_set_int(f->fn, n, "agg", kind);
    node_set_int(f->fn, n, "ddof", ddof);
    node_set_int(f->fn, n, "skipna", 1);
    val_init(f->fn, &n->res[0], t, NULL);
    return &n->res[0];
}

/* v, or missing where cond holds. */
static Val *missing_if(Front *f, Val *cond, Val *v)
{
    Type t = v->type;
    if (t.null == NULL_NONE) t.null = dt_is_float((DType)t.dt) ? NULL_NAN : NULL_PROM;
    Val *arg[] = {cond, missing_scalar(f, t), v};
    return front_elem_val(f, OP_SELECT, arg, 3);
}

AVal *reduce_col(Front *f, Val *col, int kind, int64_t ddof, bool skipna,
                 int64_t min_count)
{
    if (type_is_cat(col->type) && (kind == AGG_MIN || kind == AGG_MAX))
        return cat_extreme(f, col, kind);
    Val *r = reduce_node(f, col, kind, ddof);
    bool flag = kind == AGG_ANY || kind == AGG_ALL || kind == AGG_COUNT;
    if (!skipna && !flag && col->type.null != NULL_NONE) {
        Val *miss = front_elem_val(f, OP_ISNULL, &col, 1);
        r = missing_if(f, reduce_node(f, miss, AGG_ANY, 0), r);
    }
    if (min_count > 0) {
        Val *few[] = {reduce_node(f, col, AGG_COUNT, 0), int_val(f, min_count)};
        r = missing_if(f, front_elem_val(f, OP_LT, few, 2), r);
    }
    return av_scalar(f, r);
}
