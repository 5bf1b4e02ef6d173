/* SPDX-License-Identifier: Apache-2.0
 * Columns of Python's own dates (DT_DATE) and timedeltas, which are objects in pandas.
 * The difference of two dates is a datetime.timedelta: a column of them is a TD in us
 * with a bitmap (type_is_deltas), and what pandas gives for it is what Python gives for
 * each, not what timedelta64 does. What pandas makes another dtype of (an index, a
 * sort, a mean) is refused by name; pd.to_timedelta() makes timedelta64 of it.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/infer.h"

static const int64_t day_us = 86400000000;

static Type us_type(DType dt, TypeKind kind, NullForm null)
{
    Type t = type_with(type_scalar(dt), kind);
    t.null = (uint8_t)null;
    t.unit = UNIT_US;
    return t;
}

NORETURN static void not_for_deltas(Front *f, const char *what)
{
    front_unsup(f, UNSUP_DELTAS, "%s of a column of Python's timedeltas", what);
}

/* -- What takes them ----------------------------------------------------------------
 */
static bool takes_deltas(Op op)
{
    static const Op known[] = {
        OP_LEN,        OP_ROWS,    OP_ALIGN,     OP_SLICE,  OP_TAKE,
        OP_FILTER,     OP_GROUPBY, OP_JOIN,      OP_SORT,   OP_HEAD,
        OP_DEDUP,      OP_SHIFT,   OP_CONCAT,    OP_GETROW, OP_DUPLICATED,
        OP_GATHER,     OP_SCATTER, OP_REBALANCE, OP_WRITE,  OP_REDUCE,
        OP_COLLECTADD, OP_ROWSCAT, OP_TOARRAY,   OP_ISIN,   OP_TOCOL,
    };
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (known[i] == op) return true;
    return false;
}

void front_check_deltas(Front *f, Op op, Val *const *arg, int narg)
{
    if (op_info[op].lower != LW_CALL || takes_deltas(op)) return;
    for (int i = 0; i < narg; i++)
        if (type_is_deltas(arg[i]->type)) not_for_deltas(f, "this operation");
}

void days_none(Front *f, const Val *v, const char *what)
{
    if (type_is_deltas(v->type)) not_for_deltas(f, what);
}

Val *days_plain(Front *f, Val *v)
{
    if (!type_is_deltas(v->type)) return v;
    Type t = v->type;
    t.null = NULL_NAT;
    return front_cast(f, v, t);
}

/* -- Arithmetic ---------------------------------------------------------------------
 */
/* A date or timedelta in us, in a null form that has no NaT. */
static Val *in_us(Front *f, Val *v, DType dt)
{
    NullForm null =
        v->type.kind == TY_SCALAR && v->type.null != NULL_MASK ? NULL_NONE : NULL_MASK;
    return front_cast(f, v, us_type(dt, (TypeKind)v->type.kind, null));
}

static Val *between(Front *f, Elem *e)
{
    e->arg[0] = in_us(f, e->arg[0], DT_TS);
    e->arg[1] = in_us(f, e->arg[1], DT_TS);
    return elem_node(f, e, OP_SUB, elem_type(e, DT_TD, NULL_MASK, UNIT_US));
}

/* NaT and a date have no sum, in any row. */
static void no_nat(Front *f, Val *v)
{
    if (!type_has_nat(v->type)) return;
    Val *gone = front_elem_val(f, OP_ISNULL, &v, 1);
    AVal *any = gone->type.kind == TY_SCALAR ? av_scalar(f, gone)
                                             : reduce_col(f, gone, AGG_ANY, 0, true, 0);
    lower_raise_if(f, any, E_TYPE,
                   "unsupported operand type(s) for +: 'NaTType' and 'datetime.date'");
}

/* Python takes a timedelta's days alone: its hours, which are never negative, do not
 * count. So a sum is rounded down to a day, a difference up; but of a column of
 * timedelta64 pandas adds the negative. */
static Val *moved(Front *f, Elem *e, Val *date, Val *delta)
{
    Type at = elem_type(e, DT_TS, NULL_MASK, UNIT_US);
    Op op = e->op;
    no_nat(f, delta);
    e->arg[0] = in_us(f, date, DT_TS);
    bool own = delta->type.kind == TY_SCALAR || type_is_deltas(delta->type);
    if (op == OP_SUB && own) {
        e->arg[1] = ir_const_int(f->fn, f->at, f->loc,
                                 us_type(DT_TD, TY_SCALAR, NULL_NONE), day_us - 1);
        e->arg[0] = elem_node(f, e, OP_ADD, at);
    }
    e->arg[1] = in_us(f, delta, DT_TD);
    return front_cast(f, elem_node(f, e, op, at), type_col(DT_DATE));
}

static bool is_whole(const Val *v)
{
    return v->type.kind == TY_SCALAR && dt_is_int((DType)v->type.dt);
}

static Val *deltas(Front *f, Elem *e)
{
    Type a = e->arg[0]->type, b = e->arg[1]->type;
    bool both = type_is_deltas(a) && type_is_deltas(b);
    if (both && (e->op == OP_ADD || e->op == OP_SUB))
        return elem_node(f, e, e->op, elem_type(e, DT_TD, NULL_MASK, UNIT_US));
    if (e->op == OP_MUL && (is_whole(e->arg[0]) || is_whole(e->arg[1]))) {
        for (int i = 0; i < 2; i++)
            if (is_whole(e->arg[i]))
                e->arg[i] = front_cast(f, e->arg[i], type_scalar(DT_I64));
        return elem_node(f, e, e->op, elem_type(e, DT_TD, NULL_MASK, UNIT_US));
    }
    not_for_deltas(f, op_sign(e->op));
}

static bool is_date(const Val *v)
{
    return v->type.dt == DT_DATE;
}

static bool is_delta(const Val *v)
{
    return v->type.dt == DT_TD;
}

Val *infer_days(Front *f, Elem *e)
{
    Val *a = e->arg[0], *b = e->arg[1];
    bool any =
        is_date(a) || is_date(b) || type_is_deltas(a->type) || type_is_deltas(b->type);
    if (!e->col || !any) return NULL;
    if (e->op == OP_SUB && is_date(a) && is_date(b)) return between(f, e);
    if ((e->op == OP_ADD || e->op == OP_SUB) && is_date(a) && is_delta(b))
        return moved(f, e, a, b);
    if (e->op == OP_ADD && is_delta(a) && is_date(b)) return moved(f, e, b, a);
    if (is_date(a) || is_date(b)) elem_bad_types(f, e);
    return deltas(f, e);
}
