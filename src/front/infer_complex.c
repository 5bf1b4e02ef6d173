/* SPDX-License-Identifier: Apache-2.0
 * Typing of element-wise operations on complex numbers: Python's for its own scalars
 * (no order, division by zero raises), NumPy's for everything else.
 */
#include "front/infer.h"

bool infer_is_complex(const Elem *e)
{
    for (int i = e->op == OP_SELECT; i < e->n; i++)
        if (dt_is_complex((DType)e->arg[i]->type.dt)) return true;
    return false;
}

static Val *node_of(Front *f, Elem *e, DType dt)
{
    return elem_node(f, e, e->op, elem_type(e, dt, null_default(dt), UNIT_NONE));
}

/* All operands as complex numbers of one dtype. */
static DType widen(Front *f, Elem *e, int from)
{
    for (int i = from; i < e->n; i++)
        if (!dt_is_number((DType)e->arg[i]->type.dt)) elem_bad_types(f, e);
    DType dt = elem_promote(e, from);
    elem_cast(f, e, from, dt, UNIT_NONE);
    return dt;
}

static void zero_check(Front *f, const Elem *e)
{
    AVal *v = av_scalar(f, e->arg[1]), *zero = av_int(f, 0);
    v->i = 1;
    AVal *is_zero = infer_elem(f, OP_EQ, (AVal *[]){v, zero}, 2);
    lower_raise_if(f, is_zero, E_ZERO_DIV, "complex division by zero");
}

static Val *arith(Front *f, Elem *e)
{
    DType dt = widen(f, e, 0);
    if (e->python && e->op == OP_POW) {
        Val *v = val_put(f, OP_CMATH, e->arg, 2, type_scalar(dt), NULL);
        node_set_text(f->fn, v->def, "fn", "pow", 3);
        return v;
    }
    if (e->op == OP_DIV && flags_numpy_errors(f)) e->python = false;
    if (e->python && e->op == OP_DIV) zero_check(f, e);
    Val *v = node_of(f, e, dt);
    if (e->op == OP_DIV) node_set_int(f->fn, v->def, "py", e->python);
    return v;
}

static Val *compare(Front *f, Elem *e)
{
    if (e->python && e->op != OP_EQ && e->op != OP_NE) {
        AVal *a = av_scalar(f, e->arg[0]), *b = av_scalar(f, e->arg[1]);
        a->i = b->i = 1;
        front_fail(f, E_TYPE, "'%s' not supported between instances of '%s' and '%s'",
                   op_sign(e->op), av_type_text(f, a), av_type_text(f, b));
    }
    (void)widen(f, e, 0);
    return node_of(f, e, DT_BOOL);
}

static Val *part(Front *f, Op op, Val *v)
{
    Type t =
        type_with(type_scalar(dt_real_of((DType)v->type.dt)), (TypeKind)v->type.kind);
    return val_put(f, op, &v, 1, t, v->axis);
}

/* Both parts rounded. */
static Val *round_parts(Front *f, Elem *e)
{
    Val *p[2] = {part(f, OP_CREAL, e->arg[0]), part(f, OP_CIMAG, e->arg[0])};
    for (int k = 0; k < 2; k++) {
        Val *in[2] = {p[k], e->n > 1 ? e->arg[1] : NULL};
        p[k] = front_elem_val(f, OP_ROUND, in, e->n);
    }
    return val_put(f, OP_CMAKE, p, 2, e->arg[0]->type, e->arg[0]->axis);
}

/* CMAKE of two numbers: their floats together. */
static Val *make(Front *f, Elem *e)
{
    DType dt = elem_promote(e, 0);
    if (!dt_is_num(dt)) elem_bad_types(f, e);
    if (dt != DT_F32) dt = DT_F64;
    elem_cast(f, e, 0, dt, UNIT_NONE);
    return node_of(f, e, dt == DT_F32 ? DT_C64 : DT_C128);
}

static Val *real_or_imag(Front *f, Elem *e)
{
    DType dt = (DType)e->arg[0]->type.dt;
    if (!dt_is_complex(dt)) elem_bad_types(f, e);
    return node_of(f, e, dt_real_of(dt));
}

Val *infer_complex(Front *f, Elem *e)
{
    DType dt = (DType)e->arg[0]->type.dt;
    switch (e->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_POW: return arith(f, e);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return compare(f, e);
    case OP_ABS: return node_of(f, e, dt_real_of(dt));
    case OP_ISNULL:
    case OP_NOTNULL: return node_of(f, e, DT_BOOL);
    case OP_MIN2:
    case OP_MAX2: return node_of(f, e, widen(f, e, 0));
    case OP_SELECT: return node_of(f, e, widen(f, e, 1));
    case OP_ROUND: return round_parts(f, e);
    case OP_NEG:
    case OP_SQRT:
    case OP_EXP:
    case OP_LOG:
    case OP_LOG10:
    case OP_LOG2:
    case OP_SIN:
    case OP_COS:
    case OP_TAN: return node_of(f, e, dt);
    case OP_CMAKE: return make(f, e);
    case OP_CREAL:
    case OP_CIMAG: return real_or_imag(f, e);
    default: elem_bad_types(f, e);
    }
}
