/* SPDX-License-Identifier: Apache-2.0
 * From a Python name to a row of the op table, and from a row to its builder.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/group.h"
#include "front/nd.h"

#define BUILD(name) {#name, build_##name},
static const struct Builder {
    const char *name;
    OpBuilder *run;
} builders[] = {
#include "front/build.def"
};
#undef BUILD

OpBuilder *build_find(const char *name)
{
    for (idx i = 0; i < COUNT_OF(builders); i++)
        if (!strcmp(builders[i].name, name)) return builders[i].run;
    return NULL;
}

/* -- Names ---------------------------------------------------------------------- */
/* Edit distance of two short names, at most `limit`. */
static int distance(const char *a, const char *b, int limit)
{
    enum { MAX = 48 };
    int na = (int)strlen(a), nb = (int)strlen(b), row[MAX + 1];
    if (na > MAX || nb > MAX) return limit;
    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diag = row[0];
        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int best = diag + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diag = row[j];
            row[j] = best;
        }
    }
    return row[nb] < limit ? row[nb] : limit;
}

/* The most similar name of the same class or module, of a row that is supported. */
static const char *nearest(const char *name)
{
    static _Thread_local char best_name[64];
    const char *dot = strrchr(name, '.');
    size_t prefix = dot ? (size_t)(dot - name) + 1 : 0;
    int best = 4, half = (int)strlen(name + prefix) / 2;
    if (half < best) best = half; /* of "nope" no more than one letter is another */
    best_name[0] = 0;
    for (int op = 0; op < OP_COUNT; op++) {
        if (!strcmp(op_info[op].build, "not_yet")) continue;
        for (const char *p = op_info[op].names; *p;) {
            size_t n = strcspn(p, "|");
            char one[64];
            if (n < sizeof one && n > prefix && !strncmp(p, name, prefix)) {
                memcpy(one, p, n);
                one[n] = 0;
                int d = distance(one + prefix, name + prefix, best);
                if (d < best) {
                    best = d;
                    memcpy(best_name, one, n + 1);
                }
            }
            p += n + (p[n] == '|');
        }
    }
    return best_name[0] ? best_name : NULL;
}

int op_lookup(const char *name, const char **near)
{
    size_t n = strlen(name);
    if (near) *near = NULL;
    for (int op = 0; op < OP_COUNT; op++) {
        const char *p = op_info[op].names;
        while (*p) {
            size_t k = strcspn(p, "|");
            if (k == n && !strncmp(p, name, n)) return op;
            p += k + (p[k] == '|');
        }
    }
    if (near) *near = nearest(name);
    return -1;
}

const char *av_class(const AVal *v)
{
    switch (v->kind) {
    case A_FRAME: return "DataFrame";
    case A_SERIES: return "Series";
    case A_INDEX: return "Index";
    case A_ARRAY: return "ndarray";
    case A_GROUPBY: return v->group->series ? "SeriesGroupBy" : "GroupBy";
    case A_ACCESSOR:
        if (!strcmp(v->s, "dt")) return "Series.dt";
        if (!strcmp(v->s, "str")) return "Series.str";
        if (!strcmp(v->s, "cat")) return "Series.cat";
        return v->s;
    case A_RNG: return "Generator";
    case A_TUPLE: return "tuple";
    case A_LIST: return "list";
    case A_DICT: return "dict";
    case A_SET: return "set";
    case A_CONST:
        switch (v->ck) {
        case AC_STR: return "str";
        case AC_INT: return "int";
        case AC_FLOAT: return "float";
        case AC_BOOL: return "bool";
        case AC_BYTES: return "bytes";
        default: return "object";
        }
    case A_SCALAR:
        switch (v->val->type.dt) {
        case DT_STR: return bytes_is(v) ? "bytes" : "str";
        case DT_TS:
        case DT_TD:
        case DT_DATE: return time_class_name(v);
        default:
            if (dt_is_complex((DType)v->val->type.dt)) return "complex";
            return dt_is_float((DType)v->val->type.dt) ? "float" : "int";
        }
    default: return "object";
    }
}

/* -- Calls ---------------------------------------------------------------------- */
static OpBuilder *builder_of(Op op)
{
    OpBuilder *b = build_find(op_info[op].build);
    if (!b && op_info[op].lower == LW_LOOP) return build_elem;
    return b ? b : build_not_yet;
}

static bool is_ufunc(const struct OpInfo *o)
{
    return o->lower == LW_LOOP || !strcmp(o->build, "nd_math");
}

/* All keywords are those that say where a result goes. */
static bool stores(const char *const *kw, idx nkw)
{
    for (idx i = 0; i < nkw; i++)
        if (strcmp(kw[i], "out") != 0 && strcmp(kw[i], "where") != 0) return false;
    return true;
}

/* As many parameters as a Python call has parts. */
AVal *front_call_op( // NOLINT(readability-function-size)
    Front *f, Op op, const char *name, AVal *self, AVal *const *arg, idx narg,
    const char *const *kw, AVal *const *kwval, idx nkw, Ast *ast)
{
    Call c = {.op = op, .name = name, .self = self, .opname = name, .ast = ast};
    c.sig = sig_parse(f, op_info[op].sig);
    if (is_ufunc(&op_info[op]) && nkw > 0 && stores(kw, nkw)) {
        AVal *r = front_call_op(f, op, name, self, arg, narg, NULL, NULL, 0, ast);
        return library_out(f, r, call_short(&c), kw, kwval, nkw);
    }
    /* The signature of a method bound to no object: pd.DataFrame.head(df). */
    if (c.sig->self && !self && narg > 0) {
        c.self = arg[0];
        arg++;
        narg--;
    }
    sig_bind(f, &c, arg, narg, kw, kwval, nkw);
    for (idx i = 0; op != OP_SCATTER && i < c.sig->n; i++)
        if (c.arg[i]) opt_refuse(f, c.arg[i]);
    AVal *text = chars_call(f, &c);
    if (text) return text;
    return builder_of(op)(f, &c);
}

AVal *build_not_yet(Front *f, Call *c)
{
    const char *why = "do that step in plain pandas before or after, or in a function "
                      "marked with shoal.wrap_python";
    front_fail(f, E_UNSUP, "%s() not supported yet (%s)", c->name, why);
}

/* Any element-wise row by its Python name: self and the positional arguments. */
AVal *build_elem(Front *f, Call *c)
{
    idx n = c->nextra + (c->self != NULL);
    AVal **arg = ARENA_NEW_N(f->arena, n + 1, AVal *);
    idx k = 0;
    if (c->self) arg[k++] = c->self;
    for (idx i = 0; i < c->nextra; i++)
        arg[k++] = c->extra[i];
    static const struct Arity {
        const char *build;
        int n;
    } arity[] = {
        {"arith",   2},
        {"arith1",  1},
        {"bits",    2},
        {"bits1",   1},
        {"compare", 2},
        {"isnull",  1},
        {"float1",  1},
        {"float2",  2},
        {"minmax",  2},
        {"dtpart",  1}
    };
    for (idx i = 0; i < COUNT_OF(arity); i++)
        if (!strcmp(arity[i].build, op_info[c->op].build) && arity[i].n != n)
            front_fail(f, E_TYPE, "%s() takes %d argument%s but %lld %s given", c->name,
                       arity[i].n, arity[i].n == 1 ? "" : "s", (long long)n,
                       n == 1 ? "was" : "were");
    bool flex = !strncmp(c->name, "Series.", 7) && n == 2 && arg[0]->kind == A_SERIES &&
                arg[1]->kind == A_SERIES;
    AVal *r = flex ? infer_aligned(f, c->op, arg[0], arg[1])
                   : front_elem(f, c->op, arg, (int)n);
    bool numpy = !strncmp(c->name, "np.", 3) && r->kind == A_SCALAR;
    if (numpy && r->val->type.dt != DT_STR)
        r->i = 0; /* NumPy's scalar, also of Python's */
    return r;
}
