/* SPDX-License-Identifier: Apache-2.0
 * Expressions to abstract values: constants fold, run-time scalars and columns become
 * element-wise nodes, everything that pandas or NumPy names goes to the op table.
 *
 * and, or, conditional expressions and chained comparisons evaluate their later
 * operands only when Python would: by an IF node when the test is a run-time value.
 */
#include "base/base.h"

#include "front/front_int.h"
#include "front/nd.h"
#include "front/try.h"

#include <string.h>

enum { NEST_MAX = 200 };

/* -- Truth and choice -------------------------------------------------------------- */
static AVal *open_truth(Front *f)
{
    AVal *v = av_scalar(f, val_put(f, OP_UNDEF, NULL, 0, type_scalar(DT_BOOL), NULL));
    v->i = 1; /* Python's bool */
    return v;
}

static AVal *is_none(Front *f, AVal *v);

/* Text that is neither empty nor None; NaN of a column is true. */
static AVal *text_truth(Front *f, AVal *v)
{
    AVal *some = infer_elem(f, OP_NE, (AVal *[]){v, av_str(f, "", 0)}, 2);
    AVal *none = is_none(f, v);
    if (none->kind == A_CONST) return some;
    AVal *both[2] = {some, front_elem(f, OP_INVERT, &none, 1)};
    return front_elem(f, OP_BITAND, both, 2);
}

static const char *truth_text(Front *f, const char *what)
{
    return arena_printf(f->arena,
                        "The truth value of a %s is ambiguous. Use a.empty, a.item(), "
                        "a.any() or a.all().",
                        what);
}

/* None is false; of rows it is an error, but of one element. */
static AVal *opt_truth(Front *f, AVal *v)
{
    AVal *there = av_scalar(f, v->val);
    if (!opt_has_rows(v)) {
        AVal *is = av_scalar(f, front_val(f, lower_truth(f, v->item[0])));
        return front_elem(f, OP_BITAND, (AVal *[]){there, is}, 2);
    }
    if (v->item[0]->kind == A_ARRAY) opt_refuse(f, v);
    const char *what = v->item[0]->kind == A_FRAME ? "DataFrame" : "Series";
    lower_raise_if(f, there, E_VALUE, truth_text(f, what));
    return av_bool(f, false);
}

AVal *lower_truth(Front *f, AVal *v)
{
    if (v->kind == A_OPEN) return open_truth(f);
    AVal *rec = record_special(f, "__bool__", v, NULL, 0);
    if (!rec && v->rec) rec = record_special(f, "__len__", v, NULL, 0);
    if (rec) return lower_truth(f, rec);
    rec = record_truth(f, v);
    if (rec) return rec;
    AVal *len = box_len(f, v);
    if (len) return front_elem(f, OP_NE, (AVal *[]){len, av_int(f, 0)}, 2);
    if (v->kind == A_OPT) return opt_truth(f, v);
    if (bytes_is(v) && v->kind == A_SCALAR)
        return front_elem(f, OP_NE, (AVal *[]){bytes_len(f, v), av_int(f, 0)}, 2);
    if (text_is_run(f, v)) v = av_scalar(f, front_val(f, v));
    if (v->kind == A_SCALAR && v->val->type.dt == DT_BOOL &&
        v->val->type.null != NULL_MASK)
        return v;
    if (time_is(v)) return time_truth(f, v);
    if (v->kind == A_SCALAR) {
        DType dt = (DType)v->val->type.dt;
        if (dt_is_number(dt))
            return infer_elem(f, OP_NE, (AVal *[]){v, av_int(f, 0)}, 2);
        if (dt == DT_STR) return text_truth(f, v);
    }
    if (v->kind == A_SERIES || v->kind == A_FRAME || v->kind == A_INDEX)
        front_fail(f, E_VALUE, "%s",
                   truth_text(f, v->kind == A_SERIES  ? "Series"
                                 : v->kind == A_FRAME ? "DataFrame"
                                                      : "Index"));
    if (v->kind == A_RANGE)
        return lower_truth(f, builtin_call(f, "builtins.len", &v, 1, NULL, NULL, 0));
    if (v->kind == A_ARRAY)
        front_fail(
            f, E_VALUE,
            "The truth value of an array with more than one element is ambiguous. "
            "Use a.any() or a.all()");
    int t = const_truth(f, v);
    if (t < 0)
        front_unsup(f, UNSUP_VALUE, "the truth of %s is not known when compiling",
                    av_type_text(f, v));
    return av_bool(f, t == 1);
}

static AVal *lower_bool(Front *f, const Ast *e, bool truth);

AVal *lower_cond(Front *f, const Ast *e)
{
    AVal *v = e->kind == AST_BoolOp ? lower_bool(f, e, true) : lower_expr(f, e);
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    v = lower_truth(f, v);
    if (v->kind == A_CONST && v->arg) v->arg->demanded = true;
    return v;
}

typedef struct ChoiceArm {
    Path *p;
    Region *r;
    const Heap *base;
    int32_t cell;
    Thunk *arm;
    void *data;
    Loc loc;    /* of the expression */
    Err fails;  /* what it fails with, */
    int thrown; /* and how it was thrown */
} ChoiceArm;

static void run_arm(Front *f, void *data)
{
    ChoiceArm *a = data;
    heap_load(f, a->base);
    f->at = a->r;
    AVal *v = a->arm(f, a->data);
    heap_set_var(f, a->cell, v);
    a->p->region = f->at;
    a->p->heap = f->heap;
}

/* False: control does not get to the arm's end. It needs a result that is not known
 * yet, or fails whenever it is run: then it raises there, for the other arm may be
 * taken. */
static bool choice_arm(Front *f, ChoiceArm *a)
{
    f->at = a->r;
    if (!sub_guesses(f) && !f->trying && !f->hints->careful) {
        run_arm(f, a);
        return true;
    }
    if (front_attempt_part(f, run_arm, a)) return true;
    bool raises = f->thrown == THROW_ERROR && try_takes(f);
    if (f->thrown != THROW_BOTTOM && !raises) front_rethrow(f);
    a->fails = *f->fn->err;
    a->thrown = f->thrown;
    f->thrown = THROW_ERROR;
    err_clear(f->fn->err);
    f->loc = a->loc;
    if (raises)
        exc_emit(f, (ErrCode)a->fails.code, arena_strdup(f->arena, a->fails.text),
                 NULL);
    else
        lower_unreachable(f);
    return false;
}

/* Neither arm has a value: nor has the expression. */
NORETURN static void choice_fails(Front *f, const ChoiceArm *a)
{
    *f->fn->err = a->fails;
    f->thrown = a->thrown;
    front_rethrow(f);
}

/* v, which was made elsewhere, as if here: for messages. */
static AVal *placed(Front *f, const AVal *v)
{
    AVal *to = av_new_kind(f, A_NONE);
    *to = *v;
    to->loc = f->loc;
    return to;
}

AVal *lower_choice(Front *f, AVal *cond, Thunk *yes, Thunk *no, void *data)
{
    if (cond->kind == A_CONST) return cond->i ? yes(f, data) : no(f, data);
    Region *outer = f->at;
    Loc loc = f->loc;
    int32_t cell = heap_cell(f, C_VAR, av_new_kind(f, A_UNBOUND));
    Heap *base = heap_save(f);
    Node *n = node_put(f, outer, OP_IF, &cond->val, 1, 0);
    Path path[2] = {{0}};
    int npath = 0;
    ChoiceArm failed = {0};
    for (int k = 0; k < 2; k++) {
        Region *r = node_add_region(f->fn, n, 0);
        ChoiceArm a = {&path[npath], r, base, cell, k ? no : yes, data, .loc = loc};
        if (choice_arm(f, &a))
            npath++;
        else if (!k || a.thrown == THROW_BOTTOM)
            failed = a;
    }
    f->loc = loc;
    f->at = outer;
    if (npath == 0) choice_fails(f, &failed);
    join_if(f, n, path, npath, base);
    f->at = outer;
    AVal *v = heap_var(f, cell);
    for (idx i = 0; v->kind == A_CONFLICT && i < 2; i++)
        if (!v->item[i]->loc.line) v->item[i] = placed(f, v->item[i]);
    v = scope_check(f, "the value of the expression", v);
    heap_set_var(f, cell, av_new_kind(f, A_UNBOUND)); /* no name of v any more */
    return v;
}

void lower_raise_if(Front *f, AVal *cond, ErrCode code, const char *text)
{
    if (cond->kind == A_CONST) {
        if (cond->i) front_fail(f, code, "%s", text);
        return;
    }
    Node *n = node_put(f, f->at, OP_IF, &cond->val, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    Node *r = node_put(f, yes, OP_RAISE, NULL, 0, 0);
    node_set_int(f->fn, r, "code", code);
    node_set_text(f->fn, r, "text", text, (idx)strlen(text));
    node_put(f, no, OP_YIELD, NULL, 0, 0);
}

void lower_raise_shown(Front *f, AVal *cond, AVal *v, const char *text)
{
    if (cond->kind == A_CONST && !cond->i) return;
    Val *is = front_val(f, cond);
    Region *at = f->at;
    Node *n = node_put(f, at, OP_IF, &is, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    f->at = yes;
    AVal *all = lower_binop(f, AST_Add, text_str(f, v, true), av_str(f, text, -1));
    exc_emit(f, E_VALUE, "", front_val(f, all));
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    f->at = at;
}

static AVal *is_same(Front *f, AVal *a, AVal *b);
static AVal *negate(Front *f, AVal *v);
static AVal *opt_compare(Front *f, AstKind op, AVal *a, AVal *b);

/* -- Operators --------------------------------------------------------------------- */
static bool is_seq(const AVal *v)
{
    return v->kind == A_TUPLE || v->kind == A_LIST;
}

static AVal *seq_new(Front *f, const AVal *like, AVal **item, idx n)
{
    return like->kind == A_TUPLE ? av_tuple(f, item, n) : av_list(f, item, n);
}

static AVal *seq_concat(Front *f, AVal *a, AVal *b)
{
    AVal **x, **y;
    idx n, m;
    if (a->kind != b->kind || !lower_items(f, a, &x, &n) || !lower_items(f, b, &y, &m))
        return NULL;
    AVal **to = ARENA_NEW_N(f->arena, n + m + 1, AVal *);
    memcpy(to, x, (size_t)n * sizeof *x);
    memcpy(to + n, y, (size_t)m * sizeof *y);
    return seq_new(f, a, to, n + m);
}

static AVal *seq_repeat(Front *f, AVal *a, AVal *times)
{
    AVal **x;
    idx n;
    if (!lower_items(f, a, &x, &n)) return NULL;
    if (times->kind == A_CONST && times->ck != AC_INT && times->ck != AC_BOOL) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "can't multiply sequence by non-int of type '%s'",
                   front_class_text(f, times));
    }
    int64_t k = front_const_int(f, times, "the number of repetitions");
    if (k < 0) k = 0;
    if (n && k > 100000 / n)
        front_unsup(f, UNSUP_TOO_MANY, "a sequence of constants grows too long");
    AVal **to = ARENA_NEW_N(f->arena, n * k + 1, AVal *);
    for (idx i = 0; i < n * k; i++)
        to[i] = x[i % n];
    return seq_new(f, a, to, n * k);
}

static bool is_pandas(const AVal *v)
{
    return v->kind == A_FRAME || v->kind == A_SERIES || v->kind == A_INDEX;
}

bool opt_has_rows(const AVal *v)
{
    if (v->kind != A_OPT) return false;
    const AVal *x = v->item[0];
    return x->kind == A_FRAME || x->kind == A_SERIES || x->kind == A_ARRAY;
}

void opt_refuse(Front *f, const AVal *v)
{
    if (opt_has_rows(v)) front_unsup(f, UNSUP_MAYBE_ROWS, "%s", av_type_text(f, v));
}

/* The value of an optional where Python would fail with None. */
AVal *opt_need(Front *f, AVal *v, ErrCode code, const char *text)
{
    if (v->kind != A_OPT) return v;
    AVal *there = av_scalar(f, v->val);
    AVal *gone = front_elem(f, OP_INVERT, &there, 1);
    lower_raise_if(f, gone, code, text);
    return series_now(f, v->item[0]);
}

AVal *opt_unwrap(Front *f, AVal *v)
{
    return opt_need(f, v, E_TYPE, "unsupported operand type(s): 'NoneType'");
}

AVal *opt_iterable(Front *f, AVal *v)
{
    return record_iterated(f,
                           opt_need(f, v, E_TYPE, "'NoneType' object is not iterable"));
}

/* The operands of an operator; type: of the other one. */
static AVal *opt_operand(Front *f, AstKind op, AVal *v, const AVal *other, bool left)
{
    const char *sign = op == AST_MatMult ? "@" : op_sign(infer_op(op));
    if (v->kind != A_OPT) return v;
    const char *t =
        other->kind == A_OPT ? av_type_text(f, other->item[0]) : av_type_text(f, other);
    return opt_need(f, v, E_TYPE,
                    arena_printf(f->arena,
                                 left ? "unsupported operand type(s) for %s: "
                                        "'NoneType' and '%s'"
                                      : "unsupported operand type(s) for %s: "
                                        "'%s' and 'NoneType'",
                                 sign, t));
}

/* The name of v's type in Python's messages; NULL: it is no plain object of Python. */
const char *python_class(const AVal *v)
{
    if (v->rec) return v->rec->name;
    switch ((AKind)v->kind) {
    case A_NONE: return "NoneType";
    case A_TUPLE: return "tuple";
    case A_LIST: return "list";
    case A_DICT: return "dict";
    case A_SET: return "set";
    case A_CONST:
        return v->ck == AC_BOOL    ? "bool"
               : v->ck == AC_INT   ? "int"
               : v->ck == AC_FLOAT ? "float"
               : v->ck == AC_STR   ? "str"
                                   : NULL;
    case A_SCALAR: break;
    default: return NULL;
    }
    switch ((DType)v->val->type.dt) {
    case DT_STR: return bytes_is(v) ? "bytes" : "str";
    case DT_BOOL: return v->i == 1 ? "bool" : NULL;
    case DT_I64: return v->i == 1 ? "int" : NULL;
    case DT_F64: return v->i == 1 ? "float" : NULL;
    default: return NULL;
    }
}

const char *element_text(Front *f, Type t)
{
    if (t.kind != TY_SCALAR) return comp_item_text(f->fn, t);
    switch ((DType)t.dt) {
    case DT_STR: return type_is_bytes(t) ? "bytes" : "str";
    case DT_I64: return "int";
    case DT_F64: return "float";
    default: return comp_item_text(f->fn, t);
    }
}

const char *front_class_text(Front *f, const AVal *v)
{
    const char *s = python_class(v);
    return s ? s : av_type_text(f, v);
}

/* What Python can't loop over, whatever its value is. */
void front_check_iterable(Front *f, const AVal *v, const char *text)
{
    bool one = v->kind == A_NONE || (v->kind == A_CONST && v->ck != AC_STR) ||
               (v->kind == A_SCALAR && v->val->type.dt != DT_STR) || v->kind == A_FUNC;
    if (!one || bytes_is(v)) return;
    const char *cls = v->kind == A_FUNC ? "function" : front_class_text(f, v);
    f->hints->python = true;
    char *said = arena_strdup(f->arena, text), *at = strstr(said, "%s");
    if (!at) BUG("no class in '%s'", text);
    front_fail(f, E_TYPE, "%.*s%s%s", (int)(at - said), said, cls, at + 2);
}

static bool is_number_name(const char *name)
{
    return !strcmp(name, "int") || !strcmp(name, "float") || !strcmp(name, "bool");
}

/* What elements of an array beside None are to Python; NULL. */
static const char *array_elements(const AVal *v)
{
    DType dt = v->kind == A_ARRAY ? (DType)v->val->type.dt : DT_STR;
    return dt == DT_BOOL     ? "bool"
           : dt_is_int(dt)   ? "int"
           : dt_is_float(dt) ? "float"
                             : NULL;
}

/* Of plain objects that no rule has taken: Python's TypeError. */
static void check_operands(Front *f, AstKind op, const AVal *a, const AVal *b,
                           bool compare)
{
    const char *s = python_class(a), *t = python_class(b);
    /* NumPy asks the elements, which are Python's own then. */
    if (!s && b->kind == A_NONE) s = array_elements(a);
    if (!t && a->kind == A_NONE) t = array_elements(b);
    if (!s || !t || (is_number_name(s) && is_number_name(t))) return;
    if (!strcmp(s, "str") && !strcmp(t, "str")) return;
    f->hints->python = true;
    const char *sign = op == AST_MatMult ? "@" : op_sign(infer_op(op));
    if (compare)
        front_fail(f, E_TYPE, "'%s' not supported between instances of '%s' and '%s'",
                   sign, s, t);
    bool seq = a->kind == A_TUPLE || a->kind == A_LIST || !strcmp(s, "str");
    if (op == AST_Add && seq)
        front_fail(f, E_TYPE, "can only concatenate %s (not \"%s\") to %s", s, t, s);
    bool other = b->kind == A_TUPLE || b->kind == A_LIST || !strcmp(t, "str");
    if (op == AST_Mult && (seq || other))
        front_fail(f, E_TYPE, "can't multiply sequence by non-int of type '%s'",
                   seq ? t : s);
    front_fail(f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'", sign, s,
               t);
}

/* d.keys() and d.items() are sets to & | ^ - and comparisons; others stay. */
static AVal *as_set(Front *f, AVal *v)
{
    const AVal *view = v->kind == A_VIEW ? v : v->kind == A_TUPLE ? v->view : NULL;
    bool set = view && (!strcmp(view->s, "keys") || !strcmp(view->s, "items"));
    return set ? lower_set_of(f, v) : v;
}

static bool is_set_op(AstKind op)
{
    return op == AST_BitAnd || op == AST_BitOr || op == AST_BitXor || op == AST_Sub;
}

/* What keys() & x and the like make a set of; any iterable will do. */
static void as_sets(Front *f, AVal **a, AVal **b)
{
    AVal *x = as_set(f, *a), *y = as_set(f, *b);
    if (x != *a && y == *b && y->kind != A_SET) y = lower_set_of(f, y);
    if (y != *b && x == *a && x->kind != A_SET) x = lower_set_of(f, x);
    *a = x;
    *b = y;
}

AVal *lower_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (a->kind == A_OPEN || b->kind == A_OPEN) return a->kind == A_OPEN ? a : b;
    if (is_set_op(op)) as_sets(f, &a, &b);
    AVal *rec = record_operator(f, op, a, b);
    if (!rec) rec = record_binop(f, op, a, b);
    if (rec) return rec;
    AVal *v = op == AST_Mod ? text_percent(f, a, b) : NULL;
    if (v || (v = const_binop(f, op, a, b))) return v;
    AVal *x = opt_operand(f, op, a, b, true);
    b = opt_operand(f, op, b, a, false);
    a = x;
    if ((v = bytes_binop(f, op, a, b)) || (v = text_binop(f, op, a, b)) ||
        (v = box_binop(f, op, a, b)) || (v = time_binop(f, op, a, b)) ||
        (v = known_binop(f, op, a, b)))
        return v;
    if (op == AST_Add && is_seq(a) && is_seq(b) && (v = seq_concat(f, a, b))) return v;
    if (op == AST_Mult && is_seq(a) && b->kind == A_CONST && (v = seq_repeat(f, a, b)))
        return v;
    if (op == AST_Mult && is_seq(b) && a->kind == A_CONST && (v = seq_repeat(f, b, a)))
        return v;
    check_operands(f, op, a, b, false);
    if (op == AST_MatMult) {
        if (is_pandas(a) || is_pandas(b))
            front_unsup(f, UNSUP_OPERATOR, "@ of %s and %s is not compiled",
                        av_type_text(f, a), av_type_text(f, b));
        return np_product(f, a, b, "matmul");
    }
    Op row = infer_op(op);
    bool shift = row == OP_SHL || row == OP_SHR;
    if (shift && (a->kind == A_SERIES || a->kind == A_FRAME)) /* pandas has none */
        front_fail(f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'",
                   op_sign(row), av_type_text(f, a), av_type_text(f, b));
    return front_elem(f, row, (AVal *[]){a, b}, 2);
}

static AVal *lower_unary(Front *f, const Ast *e)
{
    if (e->op == AST_Not) {
        AVal *v = lower_cond(f, e->a);
        if (v->kind == A_CONST) return av_bool(f, !v->i);
        AVal *r = front_elem(f, OP_INVERT, &v, 1);
        if (r->kind == A_SCALAR) r->i = 1; /* `not` gives Python's bool */
        return r;
    }
    AVal *a = record_plain(lower_expr(f, e->a));
    if (a->kind == A_OPEN) return a;
    const char *sign = e->op == AST_USub ? "-" : e->op == AST_UAdd ? "+" : "~";
    a = opt_need(
        f, a, E_TYPE,
        arena_printf(f->arena, "bad operand type for unary %s: 'NoneType'", sign));
    const char *own = e->op == AST_USub   ? "__neg__"
                      : e->op == AST_UAdd ? "__pos__"
                                          : "__invert__";
    AVal *mine = record_special(f, own, a, NULL, 0);
    if (mine) return mine;
    AVal *v = const_unary(f, (AstKind)e->op, a);
    if (v) return v;
    if (e->op != AST_Invert && (v = time_unary(f, e->op == AST_USub ? '-' : '+', a)))
        return v;
    if (e->op == AST_UAdd || e->op == AST_Invert) a = num_plain(f, a);
    if (e->op == AST_UAdd) return a;
    return front_elem(f, e->op == AST_USub ? OP_NEG : OP_INVERT, &a, 1);
}

typedef struct OptCompare {
    AstKind op;
    AVal *a, *b;
} OptCompare;

static AVal *opt_both(Front *f, void *data)
{
    OptCompare *c = data;
    return lower_compare(f, c->op, c->a->kind == A_OPT ? c->a->item[0] : c->a,
                         c->b->kind == A_OPT ? c->b->item[0] : c->b);
}

static AVal *opt_none(Front *f, void *data)
{
    OptCompare *c = data;
    AVal *eq = av_bool(f, false);
    if (c->a->kind == A_OPT && c->b->kind == A_OPT) {
        AVal *both =
            front_elem(f, OP_BITOR,
                       (AVal *[]){av_scalar(f, c->a->val), av_scalar(f, c->b->val)}, 2);
        eq = front_elem(f, OP_INVERT, &both, 1);
    }
    return c->op == AST_NotEq ? negate(f, eq) : eq;
}

/* == and != with None in it; anything else needs a value. */
static AVal *opt_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    opt_refuse(f, a);
    opt_refuse(f, b);
    if (op != AST_Eq && op != AST_NotEq)
        return lower_compare(f, op, opt_unwrap(f, a), opt_unwrap(f, b));
    if (a->kind == A_NONE || b->kind == A_NONE) {
        AVal *v = is_same(f, a, b);
        return op == AST_Eq ? v : negate(f, v);
    }
    AVal *there = a->kind == A_OPT ? av_scalar(f, a->val) : av_scalar(f, b->val);
    if (a->kind == A_OPT && b->kind == A_OPT)
        there = front_elem(f, OP_BITAND, (AVal *[]){there, av_scalar(f, b->val)}, 2);
    OptCompare c = {op, a, b};
    return lower_choice(f, there, opt_both, opt_none, &c);
}

static AVal *is_none(Front *f, AVal *v)
{
    if (v->kind == A_OPT) {
        AVal *there = av_scalar(f, v->val), *r = front_elem(f, OP_INVERT, &there, 1);
        r->i = 1; /* Python's bool */
        return r;
    }
    if (v->kind == A_SCALAR && v->val->type.dt == DT_STR &&
        v->val->type.null != NULL_NONE) {
        AVal *r = front_elem(f, OP_ISNULL, &v, 1);
        node_set_int(f->fn, r->val->def, "none", 1);
        r->i = 1;
        return r;
    }
    return av_bool(f, v->kind == A_NONE);
}

/* The constant pd.NaT. */
static bool is_nat(const AVal *v)
{
    if (!time_is(v) || !v->val->def || v->val->def->op != OP_CONST) return false;
    return type_has_nat(v->val->type) && node_int(v->val->def, "v", 0) == NAT;
}

static AVal *is_missing_time(Front *f, AVal *v)
{
    if (!time_is(v)) return av_bool(f, false);
    AVal *r = front_elem(f, OP_ISNULL, &v, 1);
    if (r->kind == A_SCALAR) r->i = 1;
    return r;
}

/* Neither is None itself. */
static AVal *opt_is(Front *f, AVal *a, AVal *b)
{
    OptCompare c = {AST_Is, a, b};
    AVal *there = a->kind == A_OPT ? av_scalar(f, a->val) : av_scalar(f, b->val);
    if (a->kind == A_OPT && b->kind == A_OPT)
        there = front_elem(f, OP_BITAND, (AVal *[]){there, av_scalar(f, b->val)}, 2);
    return lower_choice(f, there, opt_both, opt_none, &c);
}

static AVal *is_same(Front *f, AVal *a, AVal *b)
{
    if (a->kind == A_NONE) return is_none(f, b);
    if (b->kind == A_NONE) return is_none(f, a);
    if (a->kind == A_CONST && b->kind == A_CONST) {
        if (a->arg) a->arg->demanded = true;
        if (b->arg) b->arg->demanded = true;
        return av_bool(f, a->ck == b->ck && av_equal(a, b));
    }
    if (a->kind == A_OPT || b->kind == A_OPT) return opt_is(f, a, b);
    if (a->kind == A_HOSTOBJ || b->kind == A_HOSTOBJ)
        return av_bool(f, a->kind == b->kind && !strcmp(a->s, b->s) &&
                              (a->i == b->i || !strcmp(a->s, NOT_IMPLEMENTED)));
    if (a->kind == b->kind && a->obj != b->obj && box_get(f, a) && box_get(f, b))
        return box_same_object(f, a, b);
    if (a->obj >= 0 || b->obj >= 0)
        return av_bool(f, a->obj == b->obj && a->kind == b->kind);
    if (is_nat(b) && a->kind == A_SCALAR) return is_missing_time(f, a);
    if (is_nat(a) && b->kind == A_SCALAR) return is_missing_time(f, b);
    if (a->kind == A_SCALAR && b->kind == A_CONST && b->ck == AC_BOOL &&
        a->val->type.dt == DT_BOOL)
        return front_elem(f, OP_EQ, (AVal *[]){a, b}, 2);
    if (a->val || b->val) {
        if (a->val == b->val) return av_bool(f, true);
        front_unsup(f, UNSUP_OPERATOR,
                    "`is` of run-time values is not compiled: write ==");
    }
    return av_bool(f, av_equal(a, b));
}

static AVal *is_in(Front *f, AVal *a, AVal *b)
{
    b = opt_need(f, b, E_TYPE, "argument of type 'NoneType' is not iterable");
    AVal *v =
        text_is_run(f, a) || text_is_run(f, b) ? NULL : const_compare(f, AST_In, a, b);
    if (v) return v;
    if ((v = bytes_compare(f, AST_In, a, b))) return v;
    if (column_is_iter(b)) return column_has(f, a, b);
    if ((v = text_compare(f, AST_In, a, b)) || (v = box_in(f, a, b))) return v;
    if (b->kind == A_VIEW && *b->s == 'k') return is_in(f, a, b->item[0]);
    if (iter_is_run(f, b) && !chars_is(b)) return is_in(f, a, box_iterated(f, b));
    if (b->kind == A_ARRAY) { /* as NumPy: (b == a).any() */
        AVal *eq = lower_compare(f, AST_Eq, b, a);
        eq = front_call(f, front_getattr(f, eq, "any"), NULL, 0, NULL, NULL, 0);
        if (eq->kind == A_SCALAR) eq->i = 1; /* `in` gives Python's bool */
        return eq;
    }
    AVal **item;
    idx n;
    if (b->kind == A_DICT) {
        Container *c = front_items(f, b);
        item = c->key.at;
        n = c->key.n;
    } else if (b->kind == A_FRAME) {
        Frame *fr = front_frame(f, b);
        return av_bool(f, frame_find(fr, a) >= 0);
    } else if (!lower_items(f, b, &item, &n)) {
        front_unsup(f, UNSUP_OPERATOR, "`in` is not compiled for %s",
                    av_type_text(f, b));
    }
    AVal *any = av_bool(f, false);
    for (idx i = 0; i < n; i++) {
        AVal *eq = lower_compare(f, AST_Eq, a, item[i]);
        if (eq->kind == A_CONST && eq->i) return eq;
        if (eq->kind == A_CONST) continue;
        any =
            any->kind == A_CONST ? eq : front_elem(f, OP_BITOR, (AVal *[]){any, eq}, 2);
    }
    return any;
}

static AVal *negate(Front *f, AVal *v)
{
    if (v->kind == A_CONST) return av_bool(f, !v->i);
    AVal *r = front_elem(f, OP_INVERT, &v, 1);
    if (r->kind == A_SCALAR) r->i = v->i;
    return r;
}

static AVal *seq_equal(Front *f, AVal *a, AVal *b)
{
    AVal **x, **y;
    idx n, m;
    if (!lower_items(f, a, &x, &n) || !lower_items(f, b, &y, &m)) return NULL;
    if (n != m || a->kind != b->kind) return av_bool(f, false);
    AVal *all = av_bool(f, true);
    for (idx i = 0; i < n; i++) {
        AVal *eq = lower_compare(f, AST_Eq, x[i], y[i]);
        if (eq->kind == A_CONST && !eq->i) return eq;
        if (eq->kind == A_CONST) continue;
        all = all->kind == A_CONST ? eq
                                   : front_elem(f, OP_BITAND, (AVal *[]){all, eq}, 2);
    }
    return all;
}

static bool number_const(const AVal *v)
{
    return v->kind == A_CONST &&
           (v->ck == AC_BOOL || v->ck == AC_INT || v->ck == AC_FLOAT);
}

static bool text_const(const AVal *v)
{
    return v->kind == A_CONST && v->ck == AC_STR;
}

/* Two numbers or two texts, one of them an argument whose value nobody has looked at.
 */
static bool run_time_plain(const AVal *a, const AVal *b)
{
    bool open = (a->arg && !a->arg->demanded) || (b->arg && !b->arg->demanded);
    return open &&
           ((number_const(a) && number_const(b)) || (text_const(a) && text_const(b)));
}

/* == as far as it is known or asks for more than numbers and texts; NULL: element-wise.
 */
static AVal *equal(Front *f, AVal *a, AVal *b)
{
    if (a->kind == A_DTYPE || b->kind == A_DTYPE)
        return av_bool(f, dtype_same(f, a, b));
    AVal *v = is_seq(a) && is_seq(b) ? seq_equal(f, a, b) : NULL;
    if (v) return v;
    if (run_time_plain(a, b)) return NULL;
    bool data = a->val || b->val || a->kind == A_FRAME || b->kind == A_FRAME;
    if (!data) return av_bool(f, av_equal(a, b));
    const AVal *scalar = a->kind == A_NONE ? b : b->kind == A_NONE ? a : NULL;
    if (scalar && scalar->kind == A_SCALAR && scalar->val) return is_same(f, a, b);
    return NULL;
}

/* What one of the kinds of values has a comparison of its own for. */
static AVal *compare_kinds(Front *f, AstKind op, AVal *a, AVal *b)
{
    AVal *v =
        text_is_run(f, a) && text_is_run(f, b) ? NULL : const_compare(f, op, a, b);
    if (v) return v;
    if (a->kind == A_OPT || b->kind == A_OPT) return opt_compare(f, op, a, b);
    if ((v = bytes_compare(f, op, a, b)) || (v = text_compare(f, op, a, b)) ||
        (v = known_compare(f, op, a, b)) || (v = box_compare(f, op, a, b)) ||
        (v = time_compare(f, op, a, b)))
        return v;
    return num_compare(f, op, a, b);
}

static AVal *is_or_in(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool same = op == AST_Is || op == AST_IsNot;
    AVal *v = same ? is_same(f, a, b) : is_in(f, a, b);
    return op == AST_IsNot || op == AST_NotIn ? negate(f, v) : v;
}

AVal *lower_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (a->kind == A_OPEN || b->kind == A_OPEN) {
        AVal *other = a->kind == A_OPEN ? b : a;
        bool many = other->kind == A_ARRAY || other->kind == A_SERIES;
        return many ? av_new_kind(f, A_OPEN) : open_truth(f); /* no bool has .all() */
    }
    bool same = op == AST_Is || op == AST_IsNot, in = op == AST_In || op == AST_NotIn;
    if (!same && !in && (a->kind == A_SET || b->kind == A_SET || as_set(f, a) != a)) {
        a = as_set(f, a);
        b = as_set(f, b);
    }
    bool opt = a->kind == A_OPT || b->kind == A_OPT;
    bool member = (a->rec && !instance_is(a)) || (b->rec && !instance_is(b));
    if (opt && member && same) { /* a member of an enum is its position */
        op = op == AST_Is ? AST_Eq : AST_NotEq;
        same = false;
    }
    AVal *rec = opt ? NULL : record_operator(f, op, a, b);
    if (!rec && !opt) rec = record_compare(f, op, a, b);
    if (rec) return rec;
    if (same || in) return is_or_in(f, op, a, b);
    AVal *v = compare_kinds(f, op, a, b);
    if (v) return v;
    if ((op == AST_Eq || op == AST_NotEq) &&
        ((v = range_equal(f, a, b)) || (v = equal(f, a, b))))
        return op == AST_Eq ? v : negate(f, v);
    if (op != AST_Eq && op != AST_NotEq) check_operands(f, op, a, b, true);
    return front_elem(f, infer_op(op), (AVal *[]){a, b}, 2);
}

/* -- Short circuits ---------------------------------------------------------------- */
typedef struct Chain {
    const Ast *e;
    idx i;
    bool truth; /* only its truth is asked for: the operands may be of any types */
    AVal *left;
    AVal *test;
} Chain;

static AVal *chain_bool(Front *f, Chain *c);

static AVal *bool_next(Front *f, void *data)
{
    Chain *c = data;
    Chain next = {.e = c->e, .i = c->i + 1, .truth = c->truth};
    return chain_bool(f, &next);
}

/* What `or` stops at is true, so it is not None. */
static AVal *bool_stop(Front *f, void *data)
{
    const Chain *c = data;
    if (c->truth) return av_bool(f, c->e->op == AST_Or);
    bool some = c->e->op == AST_Or && c->left->kind == A_OPT;
    return some ? c->left->item[0] : c->left;
}

static AVal *chain_bool(Front *f, Chain *c)
{
    const Ast *e = c->e->list.at[c->i];
    AVal *v = c->truth ? lower_cond(f, e) : lower_expr(f, e);
    if (c->i == c->e->list.n - 1) return v;
    f->loc = c->e->loc;
    f->loc.file = f->scope->file;
    AVal *test = lower_truth(f, v);
    if (test->kind == A_CONST && test->arg) test->arg->demanded = true;
    c->left = v;
    if (c->e->op == AST_And) return lower_choice(f, test, bool_next, bool_stop, c);
    return lower_choice(f, test, bool_stop, bool_next, c);
}

static AVal *chain_run(Front *f, const Ast *e, bool truth)
{
    return chain_bool(f, &(Chain){.e = e, .truth = truth});
}

/* -- a and b or c: what `or` goes on with is b or c, so that a may be of any type */
typedef struct AndOr {
    const Ast *e; /* the or, whose first operand is an and */
    AVal *last;   /* of the and */
    AVal *value;  /* out of front_attempt */
} AndOr;

static AVal *or_rest(Front *f, void *data)
{
    return chain_bool(f, &(Chain){.e = ((const AndOr *)data)->e, .i = 1});
}

static AVal *or_last(Front *f, void *data)
{
    (void)f;
    AVal *v = ((const AndOr *)data)->last;
    return v->kind == A_OPT ? v->item[0] : v; /* it is true */
}

static AVal *or_after_all(Front *f, void *data)
{
    AndOr *a = data;
    const AstList *l = &a->e->list.at[0]->list;
    a->last = lower_expr(f, l->at[l->n - 1]);
    AVal *test = lower_truth(f, a->last);
    if (test->kind == A_CONST && test->arg) test->arg->demanded = true;
    return lower_choice(f, test, or_last, or_rest, a);
}

static AVal *and_or(Front *f, const Ast *e)
{
    Ast all = *e->list.at[0];
    all.list.n--;
    AndOr a = {.e = e};
    AVal *test = all.list.n == 1 ? lower_cond(f, all.list.at[0])
                                 : lower_truth(f, chain_run(f, &all, true));
    return lower_choice(f, test, or_after_all, or_rest, &a);
}

static void attempt_chain(Front *f, void *data)
{
    AndOr *a = data;
    a->value = chain_run(f, a->e, false);
}

static AVal *lower_bool(Front *f, const Ast *e, bool truth)
{
    const Ast *first = e->list.at[0];
    bool mixed =
        !truth && e->op == AST_Or && first->kind == AST_BoolOp && first->op == AST_And;
    if (!mixed) return chain_run(f, e, truth);
    AndOr a = {.e = e};
    if (front_attempt(f, attempt_chain, &a)) return a.value;
    if (f->thrown != THROW_ERROR || f->fn->err->unsup != UNSUP_TYPES) front_rethrow(f);
    err_clear(f->fn->err);
    return and_or(f, e);
}

static AVal *chain_compare(Front *f, Chain *c);

static AVal *compare_next(Front *f, void *data)
{
    return chain_compare(f, data);
}

static AVal *compare_stop(Front *f, void *data)
{
    (void)f;
    return ((Chain *)data)->test;
}

static AVal *chain_compare(Front *f, Chain *c)
{
    const Ast *e = c->e;
    AVal *right = lower_expr(f, e->list2.at[c->i]);
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    AVal *v = lower_compare(f, (AstKind)e->list.at[c->i]->kind, c->left, right);
    if (c->i == e->list.n - 1) return v;
    Chain next = {.e = e, .i = c->i + 1, .left = right, .test = v};
    return lower_choice(f, lower_truth(f, v), compare_next, compare_stop, &next);
}

static AVal *ifexp_arm(Front *f, const Ast *e, bool yes)
{
    Narrow w;
    narrow_enter(f, &w, e->a, yes);
    AVal *v = lower_expr(f, yes ? e->b : e->c);
    narrow_leave(f, &w);
    return v;
}

static AVal *ifexp_yes(Front *f, void *data)
{
    return ifexp_arm(f, (const Ast *)data, true);
}

static AVal *ifexp_no(Front *f, void *data)
{
    return ifexp_arm(f, (const Ast *)data, false);
}

/* -- Atoms and displays ------------------------------------------------------------ */
static AVal *lower_constant(Front *f, const Ast *e)
{
    switch ((AstConst)e->ck) {
    case AC_NONE: return av_none(f);
    case AC_BOOL: return av_bool(f, e->i != 0);
    case AC_INT: return av_int(f, e->i);
    case AC_FLOAT: return av_float(f, e->f);
    case AC_STR: return av_str(f, e->s, e->n);
    case AC_COMPLEX: return av_complex(f, 0, e->f);
    default: break;
    }
    AVal *v = av_new_kind(f, A_CONST);
    v->ck = e->ck;
    v->f = e->f;
    v->s = e->s;
    v->n = e->n;
    return v;
}

typedef struct Items {
    VEC(AVal *) v;
} Items;

static void lower_elts(Front *f, const AstList *l, Items *out)
{
    for (idx i = 0; i < l->n; i++) {
        const Ast *e = l->at[i];
        if (e->kind != AST_Starred) {
            vec_push(f->arena, &out->v, lower_expr(f, e));
            continue;
        }
        AVal **item;
        idx n;
        AVal *v = opt_iterable(f, lower_expr(f, e->a));
        if (!lower_items(f, v, &item, &n))
            front_unsup(f, UNSUP_STAR, "*%s can't be unpacked here",
                        av_type_text(f, v));
        for (idx k = 0; k < n; k++)
            vec_push(f->arena, &out->v, item[k]);
    }
}

/* [*a, b] where a exists at run time: the items behind it are added one by one. */
static AVal *lower_list(Front *f, const Ast *e)
{
    Items it = {0};
    AVal *l = NULL;
    for (idx i = 0; i < e->list.n; i++) {
        const Ast *x = e->list.at[i];
        bool star = x->kind == AST_Starred;
        AVal *v = lower_expr(f, star ? x->a : x);
        if (star) v = opt_iterable(f, v);
        bool run = star && (box_get(f, v) || iter_is_run(f, v));
        if (run && !l) l = av_list(f, it.v.at, it.v.n);
        AVal **item = &v;
        idx n = 1;
        if (l) {
            (void)object_method(f, l, star ? "extend" : "append", &v, 1, NULL, NULL, 0);
            continue;
        }
        if (star && !lower_items(f, v, &item, &n))
            front_unsup(f, UNSUP_STAR, "*%s can't be unpacked here",
                        av_type_text(f, v));
        for (idx k = 0; k < n; k++)
            vec_push(f->arena, &it.v, item[k]);
    }
    return l ? l : av_list(f, it.v.at, it.v.n);
}

/* A key that only the run time knows: the dict or set exists there. */
static bool is_run_key(const AVal *v)
{
    bool run = v->kind == A_SCALAR || v->kind == A_OPT || instance_is(v);
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        run |= is_run_key(v->item[i]);
    return run;
}

static AVal *lower_dict(Front *f, const Ast *e)
{
    Items key = {0}, val = {0};
    for (idx i = 0; i < e->list2.n; i++) {
        AVal *k = e->list.at[i] ? lower_expr(f, e->list.at[i]) : NULL;
        AVal *v = lower_expr(f, e->list2.at[i]);
        if (k) {
            vec_push(f->arena, &key.v, k);
            vec_push(f->arena, &val.v, v);
            continue;
        }
        if (v->kind != A_DICT)
            front_fail(f, E_TYPE, "'%s' object is not a mapping", av_type_text(f, v));
        if (box_get(f, v)) { /* {**v}: the pairs that follow are put in one by one */
            vec_push(f->arena, &key.v, v);
            vec_push(f->arena, &val.v, NULL);
            continue;
        }
        Container *c = front_items(f, v);
        vec_each (m, &c->item) {
            vec_push(f->arena, &key.v, c->key.at[m]);
            vec_push(f->arena, &val.v, c->item.at[m]);
        }
    }
    AVal *d = av_container(f, A_DICT, NULL, NULL, 0);
    bool run = false;
    vec_each (i, &val.v)
        run |= !val.v.at[i];
    vec_each (i, &key.v)
        run |= is_run_key(key.v.at[i]);
    for (idx i = 0; i < key.v.n; i++) {
        if (!val.v.at[i])
            (void)object_method(f, d, "update", &key.v.at[i], 1, NULL, NULL, 0);
        else if (run)
            lower_store(f, d, key.v.at[i], val.v.at[i]);
        else
            dict_set(f, d, key.v.at[i], val.v.at[i]);
    }
    return d;
}

static AVal *lower_set(Front *f, const Ast *e)
{
    Items it = {0};
    lower_elts(f, &e->list, &it);
    vec_each (i, &it.v)
        if (is_run_key(it.v.at[i])) return lower_set_of(f, av_list(f, it.v.at, it.v.n));
    return set_new(f, it.v.at, it.v.n);
}

static AVal *lower_slice(Front *f, const Ast *e)
{
    AVal *part[3] = {av_none(f), av_none(f), av_none(f)};
    if (e->a) part[0] = lower_expr(f, e->a);
    if (e->b) part[1] = lower_expr(f, e->b);
    if (e->c) part[2] = lower_expr(f, e->c);
    for (int i = 0; i < 3; i++)
        if (part[i]->kind == A_OPEN) return part[i]; /* control does not get there */
    AVal *v = av_tuple(f, part, 3);
    v->kind = A_SLICE;
    return v;
}

static AVal *lower_attr(Front *f, const Ast *e)
{
    AVal *v = lower_expr(f, e->a);
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    return front_getattr(f, v, e->id);
}

static AVal *lower_named(Front *f, const Ast *e)
{
    AVal *v = lower_expr(f, e->b);
    Scope *was = f->scope;
    while (f->scope->comp)
        f->scope = f->scope->up;
    lower_assign(f, e->a, v);
    f->scope = was;
    return v;
}

static AVal *lower_kind(Front *f, const Ast *e)
{
    Items it = {0};
    switch ((AstKind)e->kind) {
    case AST_Constant: return lower_constant(f, e);
    case AST_Name: return scope_load(f, e->id);
    case AST_Attribute: return lower_attr(f, e);
    case AST_Call: return lower_call(f, e);
    case AST_BinOp: {
        AVal *a = lower_expr(f, e->a), *b = lower_expr(f, e->b);
        f->loc = e->loc;
        f->loc.file = f->scope->file;
        return lower_binop(f, (AstKind)e->op, a, b);
    }
    case AST_UnaryOp: return lower_unary(f, e);
    case AST_BoolOp: return lower_bool(f, e, false);
    case AST_Compare:
        return chain_compare(f, &(Chain){.e = e, .left = lower_expr(f, e->a)});
    case AST_IfExp: {
        union {
            const Ast *c;
            void *p;
        } u = {.c = e};
        return lower_choice(f, lower_cond(f, e->a), ifexp_yes, ifexp_no, u.p);
    }
    case AST_Tuple: lower_elts(f, &e->list, &it); return av_tuple(f, it.v.at, it.v.n);
    case AST_List: return lower_list(f, e);
    case AST_Set: return lower_set(f, e);
    case AST_Dict: return lower_dict(f, e);
    case AST_Slice: return lower_slice(f, e);
    case AST_Subscript: {
        AVal *v = lower_expr(f, e->a), *k = lower_expr(f, e->b);
        f->loc = e->loc;
        f->loc.file = f->scope->file;
        return lower_subscript(f, v, k);
    }
    case AST_Lambda: return lower_function(f, e);
    case AST_NamedExpr: return lower_named(f, e);
    case AST_ListComp:
    case AST_SetComp:
    case AST_DictComp:
    case AST_GeneratorExp: return lower_comp(f, e);
    case AST_JoinedStr: return lower_fstring(f, e);
    case AST_Starred: front_fail(f, E_SYNTAX, "can't use starred expression here");
    case AST_Await: front_unsup(f, UNSUP_ASYNC, NULL);
    case AST_Yield:
    case AST_YieldFrom: front_unsup(f, UNSUP_YIELD, NULL);
    default: front_fail(f, E_SYNTAX, "this is not an expression");
    }
}

AVal *lower_expr(Front *f, const Ast *e)
{
    Loc was = f->loc;
    if (!e) front_fail(f, E_SYNTAX, "an expression is missing");
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    if (++f->nest > NEST_MAX) front_unsup(f, UNSUP_LIMIT, NULL);
    AVal *v = lower_kind(f, e);
    f->nest--;
    f->loc = was;
    return v;
}
