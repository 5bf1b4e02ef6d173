/* SPDX-License-Identifier: Apache-2.0
 * Reads the text form that print.c writes: for tests of passes and of codegen, and for
 * the fuzzer. Everything is checked; mistakes are E_SYNTAX with the line of the text.
 *
 * After a value's type, `@3` names its axis, `/REP /VAR /BLOCK` its distribution. The
 * first result or parameter of an axis that is a plain int64 is its rows: `%1:int64@3 =
 * ...`.
 */
#include "base/base.h"

#include "ir/ir.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>

enum { MAX_ID = 1 << 20, MAX_DEPTH = 200 };

typedef struct Parser {
    Fn *fn;
    const char *p;
    int line, depth;
    VEC(Val *) val; /* by id */
} Parser;

NORETURN static void bad(Parser *s, const char *what)
{
    ir_throw(s->fn, E_SYNTAX, (Loc){.line = s->line},
             "line %d of the IR: expected %s, not '%.12s'", s->line, what, s->p);
}

static void space(Parser *s)
{
    for (; *s->p; s->p++) {
        if (*s->p == '\n')
            s->line++;
        else if (*s->p == ';')
            while (s->p[1] && s->p[1] != '\n')
                s->p++;
        else if (!isspace((unsigned char)*s->p))
            break;
    }
}

static bool at(Parser *s, const char *word)
{
    space(s);
    return !strncmp(s->p, word, strlen(word));
}

static bool take_word(Parser *s, const char *word)
{
    if (!at(s, word)) return false;
    s->p += strlen(word);
    return true;
}

static void need(Parser *s, const char *word)
{
    if (!take_word(s, word)) bad(s, word);
}

static const char *ident(Parser *s)
{
    space(s);
    const char *b = s->p;
    while (isalnum((unsigned char)*s->p) || *s->p == '_')
        s->p++;
    if (s->p == b) bad(s, "a name");
    return intern_n(s->fn->names, b, (size_t)(s->p - b));
}

static int64_t integer(Parser *s)
{
    char *end;
    space(s);
    errno = 0;
    long long v = strtoll(s->p, &end, 10);
    if (end == s->p || errno) bad(s, "an integer");
    s->p = end;
    return v;
}

static int32_t small(Parser *s, int64_t most)
{
    int64_t v = integer(s);
    if (v < 0 || v > most) bad(s, "a small number");
    return (int32_t)v;
}

/* -- Types and values -------------------------------------------------------------- */
static Unit unit(Parser *s)
{
    for (Unit u = UNIT_S; u <= UNIT_BYTES; u++) {
        size_t n = strlen(unit_text(u));
        if (!strncmp(s->p, unit_text(u), n) && s->p[n] == ']') {
            s->p += n + 1;
            return u;
        }
    }
    bad(s, "a unit");
}

static Type element(Parser *s)
{
    int hit = -1;
    size_t len = 0;
    for (int d = 0; d < DT_COUNT; d++) {
        size_t n = strlen(dtype_info[d].text);
        if (n > len && !strncmp(s->p, dtype_info[d].text, n)) {
            hit = d;
            len = n;
        }
    }
    if (hit < 0) bad(s, "a type");
    s->p += len;
    Type t = type_scalar((DType)hit);
    if (*s->p == '[') {
        s->p++;
        t.unit = (uint8_t)unit(s);
    }
    if (*s->p == '?' || *s->p == '~' || *s->p == '.' || *s->p == '^') {
        t.null = *s->p == '?'   ? NULL_PROM
                 : *s->p == '~' ? NULL_MASK
                 : *s->p == '^' ? NULL_NAN
                                : NULL_NONE;
        s->p++;
    }
    return t;
}

static Type type(Parser *s);

/* The items of a composite type, after its `<`. */
static Type composite(Parser *s, CompKind kind)
{
    static const int least[] = {1, 2, 1, 0, 1}, most[] = {1, 2, 1, 1000, 1};
    VEC(Type) item = {0};
    if (++s->depth > MAX_DEPTH) bad(s, "less nesting");
    while (!take_word(s, ">")) {
        if (item.n) need(s, ",");
        vec_push(s->fn->arena, &item, type(s));
        if (item.n > most[kind]) bad(s, ">");
    }
    if (item.n < least[kind]) bad(s, "a type");
    s->depth--;
    return comp_type(s->fn, kind, item.at, (int)item.n);
}

static Type type(Parser *s)
{
    static const char *const comp[] = {"list<", "dict<", "set<", "tuple<", "opt<"};
    space(s);
    if (take_word(s, "none")) return (Type){.kind = TY_NONE};
    for (int k = 0; k <= COMP_OPT; k++)
        if (take_word(s, comp[k])) return composite(s, (CompKind)k);
    if (take_word(s, "col<")) {
        Type t = type_with(element(s), TY_COL);
        need(s, ">");
        return t;
    }
    bool strided = take_word(s, "sarr");
    if (strided || take_word(s, "arr")) {
        int32_t ndim = small(s, 32);
        need(s, "<");
        Type t = type_with(element(s), TY_ARRAY);
        t.ndim = (uint8_t)ndim;
        t.lay = strided;
        need(s, ">");
        return t;
    }
    return element(s);
}

static Axis *axis(Parser *s)
{
    int32_t id = small(s, MAX_ID);
    while (s->fn->axes.n <= id)
        axis_new(s->fn);
    Axis *a = s->fn->axes.at[id];
    static const char *const dist[] = {NULL, "/REP", "/VAR", "/BLOCK"};
    for (int d = 1; d < 4; d++)
        if (take_word(s, dist[d])) a->dist = (uint8_t)d;
    return a;
}

/* `%3:type@axis`; returns the id. */
static int32_t definition(Parser *s, Type *t, Axis **a)
{
    need(s, "%");
    int32_t id = small(s, MAX_ID);
    need(s, ":");
    *t = type(s);
    *a = *s->p == '@' ? (s->p++, axis(s)) : NULL;
    return id;
}

static void define(Parser *s, int32_t id, Val *v, Type t, Axis *a)
{
    while (s->val.n <= id)
        vec_push(s->fn->arena, &s->val, (Val *)NULL);
    if (s->val.at[id]) bad(s, "a value that is defined once");
    s->val.at[id] = v;
    v->type = t;
    bool rows = t.kind == TY_SCALAR && a;
    if (rows) a->rows = v;
    v->axis = rows ? NULL : a;
    if (t.kind == TY_COL && !a) bad(s, "an axis for a column");
}

static Val *use(Parser *s)
{
    need(s, "%");
    int32_t id = small(s, MAX_ID);
    if (id >= s->val.n || !s->val.at[id]) bad(s, "a value defined before");
    return s->val.at[id];
}

/* -- Attributes -------------------------------------------------------------------- */
static const char *text(Parser *s, idx *n)
{
    VEC(char) out = {0};
    need(s, "\"");
    while (*s->p && *s->p != '"') {
        char c = *s->p++;
        if (c == '\\' && *s->p == 'x') {
            char hex[3] = {s->p[1], s->p[1] ? s->p[2] : '\0', '\0'};
            char *end;
            unsigned char byte = (unsigned char)strtoul(hex, &end, 16);
            memcpy(&c, &byte, 1);
            if (end != hex + 2) bad(s, "two hex digits");
            s->p += 3;
        } else if (c == '\\' && *s->p) {
            c = *s->p++;
        }
        vec_push(s->fn->arena, &out, c);
    }
    need(s, "\"");
    *n = out.n;
    vec_push(s->fn->arena, &out, '\0');
    return out.at;
}

static void list(Parser *s, Node *n, const char *name)
{
    VEC(int64_t) ints = {0};
    VEC(const char *) texts = {0};
    idx len;
    bool is_text = false;
    while (!take_word(s, "]")) {
        if (at(s, "\"\"*0")) {
            s->p += 4;
            is_text = true;
        } else if (at(s, "\"")) {
            vec_push(s->fn->arena, &texts, text(s, &len));
            is_text = true;
        } else {
            vec_push(s->fn->arena, &ints, integer(s));
        }
    }
    if (is_text)
        node_set_texts(s->fn, n, name, texts.at, texts.n);
    else
        node_set_ints(s->fn, n, name, ints.at, ints.n);
}

static void attributes(Parser *s, Node *n)
{
    do {
        const char *name = ident(s);
        need(s, "=");
        idx len;
        if (at(s, "\"")) {
            const char *t = text(s, &len);
            node_set_text(s->fn, n, name, t, len);
        } else if (take_word(s, "[")) {
            list(s, n, name);
        } else if (at(s, "f")) {
            char *end;
            double v = strtod(s->p + 1, &end);
            if (end == s->p + 1) bad(s, "a float");
            s->p = end;
            node_set_float(s->fn, n, name, v);
        } else {
            node_set_int(s->fn, n, name, integer(s));
        }
    } while (take_word(s, ","));
    need(s, "}");
}

/* -- Nodes and regions ------------------------------------------------------------- */
typedef struct Defs {
    VEC(int32_t) id;
    VEC(Type) type;
    VEC(Axis *) axis;
} Defs;

static void defs(Parser *s, Defs *d)
{
    do {
        Type t;
        Axis *a;
        int32_t id = definition(s, &t, &a);
        vec_push(s->fn->arena, &d->id, id);
        vec_push(s->fn->arena, &d->type, t);
        vec_push(s->fn->arena, &d->axis, a);
    } while (take_word(s, ","));
}

/* Variables are numbered from 0: all that are named are there. */
static void count_vars(Parser *s, const Node *n)
{
    const Attr *vars = node_attr(n, "vars");
    int64_t one = node_int(n, "var", 0);
    for (idx i = 0; i < (n->op == OP_VARSET ? 1 : n->nres); i++) {
        bool given =
            n->op == OP_VARSET || (vars && vars->kind == AT_INTS && i < vars->n);
        int64_t k = n->op == OP_VARSET ? one : given ? vars->ints[i] : -1;
        if (k < 0 || k > MAX_ID) bad(s, "the number of a variable");
        if (k >= s->fn->nvar) s->fn->nvar = (int32_t)k + 1;
    }
}

static Op op_named(Parser *s)
{
    const char *name = ident(s);
    for (int o = 0; o < OP_COUNT; o++)
        if (!strcmp(op_info[o].id, name)) return (Op)o;
    s->p -= strlen(name);
    bad(s, "an op");
}

static void region(Parser *s, Region *r);

static void params(Parser *s, Region **r, Node *owner)
{
    Defs d = {0};
    if (take_word(s, "(") && !take_word(s, ")")) {
        defs(s, &d);
        need(s, ")");
    }
    if (d.id.n > 10000) bad(s, "fewer parameters");
    *r = owner ? node_add_region(s->fn, owner, (int)d.id.n)
               : region_new(s->fn, NULL, (int)d.id.n);
    vec_each (i, &d.id)
        define(s, d.id.at[i], &(*r)->param[i], d.type.at[i], d.axis.at[i]);
}

static void node(Parser *s, Region *r)
{
    Defs d = {0};
    if (at(s, "%")) {
        defs(s, &d);
        need(s, "=");
    }
    int line = s->line;
    Op op = op_named(s);
    VEC(Val *) arg = {0};
    while (*s->p == ' ')
        s->p++;
    if (*s->p == '%') { /* arguments stand on the op's line */
        do
            vec_push(s->fn->arena, &arg, use(s));
        while (take_word(s, ","));
    }
    Node *n = node_new(s->fn, op, (Loc){.line = line}, (int)arg.n, arg.at, (int)d.id.n);
    node_append(r, n);
    if (take_word(s, "{")) attributes(s, n);
    if (op == OP_VARSET || op == OP_VARGET) count_vars(s, n);
    while (take_word(s, "do")) {
        Region *inner;
        params(s, &inner, n);
        region(s, inner);
    }
    vec_each (i, &d.id)
        define(s, d.id.at[i], &n->res[i], d.type.at[i], d.axis.at[i]);
}

static void region(Parser *s, Region *r)
{
    if (++s->depth > MAX_DEPTH) bad(s, "less nesting");
    need(s, "{");
    while (!take_word(s, "}")) {
        if (!*s->p) bad(s, "}");
        node(s, r);
    }
    s->depth--;
}

/* name(params) {..} */
static void function(Parser *s)
{
    s->fn->name = ident(s);
    params(s, &s->fn->body, NULL);
    region(s, s->fn->body);
    space(s);
}

Fn *ir_parse(Arena *arena, const char *source, Err *err, void *catch_)
{
    Fn *fn = fn_new(arena, "f", err, catch_);
    Parser s = {.fn = fn, .p = source, .line = 1};
    need(&s, "fn");
    function(&s);
    while (take_word(&s, "sub")) {
        Fn *sub = fn_new(arena, "f", err, catch_);
        sub->sub = true;
        sub->up = fn;
        vec_push(arena, &fn->subs, sub);
        s = (Parser){.fn = sub, .p = s.p, .line = s.line};
        function(&s);
    }
    if (*s.p) bad(&s, "the end");
    return fn;
}
