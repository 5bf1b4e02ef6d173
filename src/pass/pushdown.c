/* SPDX-License-Identifier: Apache-2.0
 * Filter push-down. Where every use of what a Parquet read gives is one filter, or the
 * element-wise work that makes its mask, the mask's conjuncts of the form
 * column-op-constant are handed to the reader, which skips row groups whose statistics
 * rule them out. Rows are filtered again, so a reader may ignore it.
 */
#include "base/base.h"

#include "pass/pass_int.h"

#include <stdio.h>

typedef struct Push {
    Fn *fn;
    Node *read;
    Axis *axis;
    Node *filter; /* the one filter, NULL: none yet */
    bool ok;
    VEC(char) json;
} Push;

static bool is_elementwise(const Node *n)
{
    const struct OpInfo *o = &op_info[n->op];
    return o->dist == DR_MAP && o->effect == EF_PURE && n->op != OP_ROWS && !n->nregion;
}

static void check_use(void *data, Node *n)
{
    Push *p = (Push *)data;
    for (int i = 0; i < n->narg && p->ok; i++) {
        Val *v = n->arg[i];
        if (v == &p->read->res[0]) p->ok = false;
        if (!val_is_col(v) || axis_get(v->axis) != p->axis) continue;
        if (n->op == OP_FILTER && (!p->filter || p->filter == n))
            p->filter = n;
        else if (!is_elementwise(n) || n->parent != p->read->parent)
            p->ok = false;
    }
}

static void put(Push *p, const char *s)
{
    for (; *s; s++)
        vec_push(p->fn->arena, &p->json, *s);
}

static void put_text(Push *p, const char *s, idx n)
{
    put(p, "\"");
    for (idx i = 0; i < n; i++) {
        char c[8];
        unsigned char u = (unsigned char)s[i];
        if (u == '"' || u == '\\')
            snprintf(c, sizeof c, "\\%c", u);
        else if (u < 32)
            snprintf(c, sizeof c, "\\u%04x", u);
        else
            snprintf(c, sizeof c, "%c", u);
        put(p, c);
    }
    put(p, "\"");
}

/* The constant as JSON with its dtype: {"t": "datetime64[ns]", "v": 123}. */
static bool put_const(Push *p, const Val *v)
{
    if (!v->def || v->def->op != OP_CONST || node_int(v->def, "na", 0)) return false;
    const Attr *a = node_attr(v->def, "v");
    char type[48], num[96];
    if (!a) return false;
    snprintf(num, sizeof num, "{\"t\": \"%s\", \"v\": ", type_text(v->type, type));
    put(p, num);
    if (a->kind == AT_TEXT) {
        put_text(p, a->s, a->n);
    } else {
        if (a->kind == AT_INT)
            snprintf(num, sizeof num, "%lld", (long long)a->i);
        else
            snprintf(num, sizeof num, "%.17g", a->f);
        put(p, num);
    }
    put(p, "}");
    return true;
}

/* Name of the read's column that v is, also behind a conversion of the element type. */
static const char *column_name(const Push *p, const Val *v)
{
    while (v->def && v->def->op == OP_CAST)
        v = v->def->arg[0];
    if (v->def != p->read || v->index == 0) return NULL;
    return node_attr(p->read, "columns")->texts[v->index - 1];
}

static const char *compare_text(const Node *n, bool swapped)
{
    static const char *const text[][2] = {
        {"==", "=="},
        {"<",  ">" },
        {"<=", ">="},
        {">",  "<" },
        {">=", "<="},
    };
    static const char strcmp_ops[] = "=<l>g";
    int k = -1;
    if (n->op == OP_EQ) k = 0;
    if (n->op == OP_LT) k = 1;
    if (n->op == OP_LE) k = 2;
    if (n->op == OP_GT) k = 3;
    if (n->op == OP_GE) k = 4;
    if (n->op == OP_STRCMP) {
        const char *op = node_text(n, "op");
        const char *at = op && *op ? strchr(strcmp_ops, *op) : NULL;
        if (at) k = (int)(at - strcmp_ops);
    }
    return k < 0 ? NULL : text[k][swapped];
}

static void put_conjuncts(Push *p, const Val *mask)
{
    const Node *n = mask->def;
    if (!n) return;
    if (n->op == OP_BITAND) {
        put_conjuncts(p, n->arg[0]);
        put_conjuncts(p, n->arg[1]);
        return;
    }
    if (n->narg != 2) return;
    for (int swap = 0; swap < 2; swap++) {
        const char *name = column_name(p, n->arg[swap]), *op = compare_text(n, swap);
        const Val *c = n->arg[1 - swap];
        if (!name || !op || !c->def || c->def->op != OP_CONST) continue;
        idx undo = p->json.n;
        put(p, p->json.n > 1 ? ", [" : "[");
        put_text(p, name, (idx)strlen(name));
        put(p, ", \"");
        put(p, op);
        put(p, "\", ");
        if (!put_const(p, c)) {
            p->json.n = undo;
            return;
        }
        put(p, "]");
        return;
    }
}

static void visit(void *data, Node *n)
{
    Fn *fn = (Fn *)data;
    const char *format = node_text(n, "format");
    if (n->op != OP_READ || !format || strcmp(format, "parquet") || n->nres < 2) return;
    Push p = {.fn = fn, .read = n, .axis = axis_get(n->res[1].axis), .ok = true};
    pass_walk(fn->body, check_use, &p);
    if (!p.ok || !p.filter || p.filter->parent != n->parent) return;
    put(&p, "[");
    put_conjuncts(&p, p.filter->arg[0]);
    put(&p, "]");
    if (p.json.n > 2) node_set_text(fn, n, "filter", p.json.at, p.json.n);
}

void pushdown_run(PassCx *cx)
{
    pass_walk(cx->fn->body, visit, cx->fn);
}
