/* SPDX-License-Identifier: Apache-2.0
 * A FrontHost over a module's syntax tree alone, for tests and fuzzing: functions of
 * the module can be called, its constants are globals, `import pandas as pd` binds
 * "pd", a few builtins are known. Annotations of the root's parameters give their
 * types: int float bool str, "int32", "series(float64)", "array(int64)", "frame(A:
 * int64, B: str)", "const 3" (a scalar whose value the compiler may look at)
 */
#pragma once
#include "front/front.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct FakeHost {
    Arena *arena;
    Intern *names;
    Ast *module;
    int32_t nslot;
} FakeHost;

static inline Ast *fake_function(const FakeHost *h, int fn)
{
    return fn >= 0 && fn < h->module->list.n ? h->module->list.at[fn] : NULL;
}

static inline bool fake_source(void *d, Arena *a, Intern *names, int fn, FnSource *out,
                               Err *err)
{
    (void)names;
    Ast *def = fake_function(d, fn);
    if (!def || def->kind != AST_FunctionDef || !def->a) {
        (void)err_set(err, E_VALUE, "no function %d", fn);
        return false;
    }
    *out = (FnSource){
        .def = def, .name = def->id, .qualname = def->id, .filename = "test.py"};
    out->first_line = def->loc.line;
    const Ast *dflt = def->a->c;
    out->ndefaults = dflt ? dflt->list.n : 0;
    out->defaults = ARENA_NEW_N(a, out->ndefaults + 1, HostVal);
    for (idx i = 0; i < out->ndefaults; i++) {
        const Ast *e = dflt->list.at[i];
        HostVal *v = &out->defaults[i];
        *v = (HostVal){.kind = H_CONST, .ck = AC_NONE, .obj = -1};
        if (e && e->kind == AST_Constant)
            *v = (HostVal){.kind = H_CONST,
                           .ck = e->ck,
                           .i = e->i,
                           .f = e->f,
                           .s = e->s,
                           .n = e->n,
                           .obj = -1};
    }
    return true;
}

static inline bool fake_lookup(void *d, Arena *a, int fn, const char *name,
                               HostVal *out, Err *err)
{
    (void)fn;
    (void)err;
    const FakeHost *h = d;
    static const char *const builtin[] = {"len",        "range",    "enumerate",
                                          "zip",        "reversed", "sorted",
                                          "tuple",      "list",     "set",
                                          "dict",       "min",      "max",
                                          "sum",        "any",      "all",
                                          "abs",        "round",    "int",
                                          "float",      "bool",     "str",
                                          "print",      "type",     "isinstance",
                                          "ValueError", "KeyError", "ZeroDivisionError",
                                          "object",     "divmod",   "pow",
                                          "slice"};
    *out = (HostVal){.kind = H_MISSING, .obj = -1};
    for (idx i = 0; i < h->module->list.n; i++) {
        Ast *s = h->module->list.at[i];
        if (!s) continue;
        if (s->kind == AST_FunctionDef && s->id == name && s->a) {
            *out = (HostVal){.kind = H_FUNC, .fn = (int)i, .obj = -1, .s = s->id};
            return true;
        }
        if (s->kind == AST_Assign && s->list.n == 1 && s->list.at[0] &&
            s->list.at[0]->kind == AST_Name && s->list.at[0]->id == name && s->a &&
            s->a->kind == AST_Constant) {
            *out = (HostVal){.kind = H_CONST,
                             .ck = s->a->ck,
                             .i = s->a->i,
                             .f = s->a->f,
                             .s = s->a->s,
                             .n = s->a->n,
                             .obj = -1};
            return true;
        }
        for (idx k = 0; s->kind == AST_Import && k < s->list.n; k++) {
            Ast *al = s->list.at[k];
            if (!al || !al->id || (al->id2 ? al->id2 : al->id) != name) continue;
            const char *to = !strcmp(al->id, "pandas")  ? "pd"
                             : !strcmp(al->id, "numpy") ? "np"
                                                        : al->id;
            *out = (HostVal){.kind = H_API, .s = to, .obj = -1};
            return true;
        }
    }
    for (idx i = 0; i < COUNT_OF(builtin); i++)
        if (!strcmp(builtin[i], name))
            *out = (HostVal){
                .kind = H_API, .s = arena_printf(a, "builtins.%s", name), .obj = -1};
    return true;
}

static inline bool fake_attr(void *d, Arena *a, int obj, const char *name, HostVal *out,
                             Err *err)
{
    (void)d, (void)a, (void)obj, (void)name, (void)err;
    *out = (HostVal){.kind = H_MISSING, .obj = -1};
    return true;
}

static inline bool fake_schema(void *d, Arena *a, const char *format, const char *path,
                               const char *options, Schema *out, Err *err)
{
    (void)d, (void)format, (void)path, (void)options, (void)err;
    static const struct {
        const char *name;
        uint8_t dt;
    } col[] = {
        {"A", DT_I64},
        {"B", DT_F64},
        {"C", DT_STR},
        {"D", DT_TS }
    };
    *out = (Schema){.ncol = 4, .range_index = true, .step = 1};
    out->col = ARENA_NEW_N(a, 4, SchemaCol);
    for (int i = 0; i < 4; i++)
        out->col[i] = (SchemaCol){col[i].name, type_col((DType)col[i].dt), NULL};
    return true;
}

static inline bool fake_fold(void *d, Arena *a, const char *what, const HostVal *args,
                             idx n, HostVal *out, Err *err)
{
    (void)d;
    *out = (HostVal){.kind = H_CONST, .obj = -1};
    if (n == 1 && !strcmp(what, "str.upper") && args->ck == AC_STR) {
        char *s = arena_strndup(a, args->s, (size_t)args->n);
        for (idx i = 0; i < args->n; i++)
            s[i] = (char)toupper((unsigned char)s[i]);
        *out =
            (HostVal){.kind = H_CONST, .ck = AC_STR, .s = s, .n = args->n, .obj = -1};
        return true;
    }
    if ((!strcmp(what, "builtins.str") || !strcmp(what, "builtins.format")) &&
        args->ck == AC_INT) {
        out->ck = AC_STR;
        out->s = arena_printf(a, "%lld", (long long)args->i);
        out->n = (idx)strlen(out->s);
        return true;
    }
    (void)err_set(err, E_TYPE, "the test host does not fold %s", what);
    return false;
}

static const FrontHost fake_host = {fake_source, fake_lookup, fake_attr, fake_schema,
                                    fake_fold};

/* -- Parameters -------------------------------------------------------------------- */
static inline Type fake_type(const char *s, size_t n, TypeKind kind)
{
    static const struct {
        const char *name;
        Type t;
    } rows[] = {
        {"int",      {TY_SCALAR, DT_I64, NULL_NONE, 0, 0, 0, 0}    },
        {"float",    {TY_SCALAR, DT_F64, NULL_NAN, 0, 0, 0, 0}     },
        {"int64?",   {TY_SCALAR, DT_I64, NULL_PROM, 0, 0, 0, 0}    },
        {"Int64",    {TY_SCALAR, DT_I64, NULL_MASK, 0, 0, 0, 0}    },
        {"datetime", {TY_SCALAR, DT_TS, NULL_NAT, UNIT_NS, 0, 0, 0}}
    };
    Type t = type_scalar(DT_I64);
    for (int d = 0; d < DT_COUNT; d++)
        if (strlen(dtype_info[d].text) == n && !memcmp(dtype_info[d].text, s, n))
            t = type_scalar((DType)d);
    for (idx i = 0; i < COUNT_OF(rows); i++)
        if (strlen(rows[i].name) == n && !memcmp(rows[i].name, s, n)) t = rows[i].t;
    return kind == TY_SCALAR ? t : type_with(t, kind);
}

static inline Desc *fake_desc(FakeHost *h, uint8_t kind, bool slot)
{
    Desc *d = ARENA_NEW(h->arena, Desc);
    d->kind = kind;
    d->slot = slot ? h->nslot++ : -1;
    d->type = type_scalar(DT_I64);
    d->step = 1;
    return d;
}

static inline void fake_child(FakeHost *h, Desc *d, Desc *c)
{
    Desc **at = ARENA_NEW_N(h->arena, d->nchild + 1, Desc *);
    if (d->nchild) memcpy(at, d->child, (size_t)d->nchild * sizeof *at);
    at[d->nchild++] = c;
    d->child = at;
}

static inline Desc *fake_table(FakeHost *h, const char *p)
{
    bool frame = *p == 'f';
    Desc *d = fake_desc(h, frame ? D_FRAME : D_SERIES, true);
    p = strchr(p, '(');
    while (p && *p && *p != ')') {
        p += strspn(p, "(, ");
        size_t n = strcspn(p, ":,)");
        const char *name = NULL;
        if (p[n] == ':') {
            name = arena_strndup(h->arena, p, n);
            p += n + 1 + strspn(p + n + 1, " ");
            n = strcspn(p, ",)");
        }
        Desc *c = fake_desc(h, D_COL, true);
        c->type = fake_type(p, n, TY_COL);
        c->name = name;
        if (!frame) d->name = name;
        fake_child(h, d, c);
        p += n;
    }
    fake_child(h, d, fake_desc(h, D_RANGE_INDEX, false));
    return d;
}

static inline Desc *fake_param(FakeHost *h, const Ast *arg)
{
    const Ast *e = arg->a;
    const char *s = e && e->kind == AST_Name                          ? e->id
                    : e && e->kind == AST_Constant && e->ck == AC_STR ? e->s
                                                                      : "int";
    if (!strncmp(s, "frame(", 6) || !strncmp(s, "series(", 7)) return fake_table(h, s);
    bool array = !strncmp(s, "array(", 6);
    Desc *d = fake_desc(h, array ? D_ARRAY : D_SCALAR, true);
    d->type = array ? fake_type(s + 6, strcspn(s + 6, ")"), TY_ARRAY)
                    : fake_type(s, strlen(s), TY_SCALAR);
    d->name = arg->id;
    if (!strncmp(s, "const ", 6)) {
        d->has_value = true;
        d->name = s + 6;
        d->i = atoll(s + 6);
    }
    return d;
}

/* The last function of the module is the root: its number, its parameters. -1: none. */
static int __attribute__((noinline, unused)) /* callers have a setjmp */
fake_root(FakeHost *h, Desc ***arg, idx *narg)
{
    for (int fn = (int)h->module->list.n - 1; fn >= 0; fn--) {
        const Ast *def = h->module->list.at[fn];
        if (!def || def->kind != AST_FunctionDef || !def->a) continue;
        const AstList *lists[3] = {&def->a->list, &def->a->list2, &def->a->list3};
        *arg =
            ARENA_NEW_N(h->arena, lists[0]->n + lists[1]->n + lists[2]->n + 2, Desc *);
        *narg = 0;
        for (int l = 0; l < 3; l++) {
            for (idx i = 0; i < lists[l]->n; i++)
                if (lists[l]->at[i]) (*arg)[(*narg)++] = fake_param(h, lists[l]->at[i]);
            if (l == 1 && def->a->a) (*arg)[(*narg)++] = fake_desc(h, D_TUPLE, false);
        }
        if (def->a->b) (*arg)[(*narg)++] = fake_desc(h, D_DICT, false);
        return fn;
    }
    return -1;
}
