/* SPDX-License-Identifier: Apache-2.0
 * The IR as text, which parse.c reads back:
 *
 *   fn name(%0:col<float64>@0, %1:int64) {
 *     %2:int64, %3:col<float64>@1 = FILTER %4, %0 {order=1}
 *     IF %5 {
 *       YIELD %2
 *     } {
 *       YIELD %6
 *     }
 *   }
 *
 * A region with parameters starts with (%7:int64, %8:float64). An axis is @id with its
 * distribution when decided: @3/VAR. Null forms other than the dtype's own are marked:
 * `?` NULL_PROM, `~` NULL_MASK, `.` NULL_NONE. Composite types are written with what
 * they consist of: list<int64>, dict<str, list<float64>>, set<str>, tuple<int64, bool>,
 * opt<str>. An array of any strides is sarr2<float64>.
 */
#include "base/base.h"

#include "ir/ir.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Out {
    Fn *fn;
    Arena *arena;
    VEC(char) text;
    int indent;
} Out;

static void put_n(Out *o, const char *s, idx n)
{
    for (idx i = 0; i < n; i++)
        vec_push(o->arena, &o->text, s[i]);
}

PRINTF(2, 3) static void put(Out *o, const char *fmt, ...)
{
    char buf[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    put_n(o, buf, idx_min(n, (idx)sizeof buf - 1));
}

static void put_type(Out *o, Type t);

static void put_comp(Out *o, const CompType *c)
{
    static const char *const name[] = {
        [COMP_LIST] = "list",   [COMP_DICT] = "dict", [COMP_SET] = "set",
        [COMP_TUPLE] = "tuple", [COMP_OPT] = "opt",   [COMP_OPEN] = "open",
        [COMP_NODE] = "node"};
    put(o, "%s<%s", name[c->kind], c->kind == COMP_NODE ? c->node->name : "");
    for (int i = 0; i < c->n; i++) {
        if (i) put(o, ", ");
        put_type(o, c->item[i]);
    }
    put(o, ">");
}

static void put_type(Out *o, Type t)
{
    if (t.kind == TY_NONE) {
        put(o, "none");
        return;
    }
    const CompType *c = comp_of(o->fn, t);
    if (c) {
        put_comp(o, c);
        return;
    }
    if (t.kind == TY_COL) put(o, "col<");
    if (t.kind == TY_ARRAY) put(o, "%sarr%d<", t.lay ? "s" : "", t.ndim);
    put(o, "%s", dtype_info[t.dt].text);
    bool bytes = t.dt == DT_STR && t.unit == UNIT_BYTES;
    if (bytes || dt_is_time((DType)t.dt)) put(o, "[%s]", unit_text((Unit)t.unit));
    if (t.null != null_default((DType)t.dt))
        put(o, "%s",
            t.null == NULL_PROM   ? "?"
            : t.null == NULL_MASK ? "~"
            : t.null == NULL_NAN  ? "^"
                                  : ".");
    if (t.kind != TY_SCALAR) put(o, ">");
}

static void put_def(Out *o, Val *v)
{
    static const char *const dist[] = {"", "/REP", "/VAR", "/BLOCK"};
    put(o, "%%%d:", v->id);
    put_type(o, v->type);
    Axis *a = axis_get(v->axis);
    vec_each (i, &o->fn->axes)
        if (!a && !o->fn->axes.at[i]->merged && o->fn->axes.at[i]->rows == v)
            a = o->fn->axes.at[i];
    if (a) put(o, "@%d%s", a->id, dist[a->dist]);
}

static void put_text(Out *o, const char *s, idx n)
{
    put(o, "\"");
    for (idx i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            put(o, "\\%c", c);
        else if (c < 32)
            put(o, "\\x%02x", c);
        else
            put_n(o, s + i, 1);
    }
    put(o, "\"");
}

static void put_attr(Out *o, const Attr *a)
{
    put(o, "%s=", a->name);
    switch ((AttrKind)a->kind) {
    case AT_INT: put(o, "%lld", (long long)a->i); break;
    case AT_FLOAT: put(o, "f%a", a->f); break;
    case AT_TEXT: put_text(o, a->s, a->n); break;
    case AT_INTS:
        put(o, "[");
        for (idx i = 0; i < a->n; i++)
            put(o, "%s%lld", i ? " " : "", (long long)a->ints[i]);
        put(o, "]");
        break;
    case AT_TEXTS:
        put(o, "[");
        for (idx i = 0; i < a->n; i++) {
            if (i) put(o, " ");
            put_text(o, a->texts[i], (idx)strlen(a->texts[i]));
        }
        if (!a->n) put(o, "\"\"*0");
        put(o, "]");
        break;
    }
}

static void put_indent(Out *o)
{
    for (int i = 0; i < o->indent; i++)
        put(o, "  ");
}

static void put_region(Out *o, Region *r);

static void put_node(Out *o, Node *n)
{
    put_indent(o);
    for (int i = 0; i < n->nres; i++) {
        if (i) put(o, ", ");
        put_def(o, &n->res[i]);
    }
    put(o, "%s%s", n->nres ? " = " : "", op_info[n->op].id);
    for (int i = 0; i < n->narg; i++)
        put(o, "%s%%%d", i ? ", " : " ", n->arg[i]->id);
    if (n->attr.n) {
        put(o, " {");
        vec_each (i, &n->attr) {
            if (i) put(o, ", ");
            put_attr(o, &n->attr.at[i]);
        }
        put(o, "}");
    }
    for (int i = 0; i < n->nregion; i++)
        put_region(o, n->region[i]);
    put(o, "\n");
}

static void put_params(Out *o, Region *r)
{
    put(o, "(");
    for (int i = 0; i < r->nparam; i++) {
        if (i) put(o, ", ");
        put_def(o, &r->param[i]);
    }
    put(o, ")");
}

static void put_region(Out *o, Region *r)
{
    put(o, " do ");
    if (r->nparam) {
        put_params(o, r);
        put(o, " ");
    }
    put(o, "{\n");
    o->indent++;
    node_each (n, r)
        put_node(o, n);
    o->indent--;
    put_indent(o);
    put(o, "}");
}

char *ir_print(Fn *fn, Arena *arena)
{
    Out o = {.fn = fn, .arena = arena};
    put(&o, "%s %s", fn->sub ? "sub" : "fn", fn->name);
    put_params(&o, fn->body);
    put(&o, " {\n");
    o.indent = 1;
    node_each (n, fn->body)
        put_node(&o, n);
    put(&o, "}\n");
    vec_each (i, &fn->subs) {
        o.indent = 0;
        put(&o, "%s", ir_print(fn->subs.at[i], arena));
    }
    vec_push(arena, &o.text, '\0');
    return o.text.at;
}
