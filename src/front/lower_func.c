/* SPDX-License-Identifier: Apache-2.0
 * Functions: calls, inlining, closures, methods and attributes.
 *
 * Every call of a user's function is inlined: its body is run over abstract values in a
 * scope of its own whose nodes carry a row of fn->inlines. A function of the host is
 * known by its number, a nested def or lambda by its syntax tree and the scope it
 * closes over.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/func.h"
#include "front/try.h"

#include <string.h>

enum { DEPTH_MAX = 60 };

AVal *lower_function(Front *f, const Ast *def)
{
    AVal *v = av_new_kind(f, A_FUNC);
    v->i = -1;
    union {
        const Ast *c;
        Ast *p;
    } u = {.c = def};
    v->ast = u.p;
    v->scope = f->scope;
    v->s = def->kind == AST_Lambda ? "<lambda>" : def->id;
    /* Defaults are evaluated once, where the function is made: positional, then
     * keyword. */
    const Ast *args = def->a;
    idx npos = args->c ? args->c->list.n : 0, nkw = args->list4.n;
    v->n = npos + nkw;
    v->item = ARENA_NEW_N(f->arena, v->n + 1, AVal *);
    for (idx i = 0; i < npos; i++)
        v->item[i] = lower_expr(f, args->c->list.at[i]);
    for (idx i = 0; i < nkw; i++)
        v->item[npos + i] = args->list4.at[i] ? lower_expr(f, args->list4.at[i]) : NULL;
    return v;
}

/* -- A function about to be called ------------------------------------------------ */
static int32_t source_file(Front *f, const FnSource *src)
{
    vec_each (i, &f->top->files) {
        const SourceFile *s = &f->top->files.at[i];
        if (s->first_line == src->first_line && !strcmp(s->name, src->filename) &&
            !strcmp(s->func, src->name))
            return (int32_t)i;
    }
    SourceFile s = {src->filename, src->text, src->first_line, src->name};
    vec_push(f->arena, &f->top->files, s);
    return (int32_t)f->top->files.n - 1;
}

/* The tree of a function is read once: it is known by its address. */
static const FnSource *host_source(Front *f, int fn)
{
    vec_each (i, &f->host_fn)
        if (f->host_fn.at[i].fn == fn) return f->host_fn.at[i].src;
    FnSource *src = ARENA_NEW(f->arena, FnSource);
    Err err = {0};
    if (!f->host->source(f->host_data, f->arena, f->names, fn, src, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    if (!src->filename) src->filename = "<unknown>";
    if (!src->name) src->name = "<function>";
    vec_push(f->arena, &f->host_fn, ((KnownFn){fn, src}));
    return src;
}

static Callee host_callee(Front *f, int fn)
{
    const FnSource *src = host_source(f, fn);
    Callee c = {.def = src->def,
                .args = src->def->a,
                .name = src->name,
                .qualname = src->qualname ? src->qualname : src->name,
                .flags = src->flags,
                .fn = fn};
    c.file = source_file(f, src);
    c.ndflt = src->ndefaults;
    c.dflt = ARENA_NEW_N(f->arena, src->ndefaults + 1, AVal *);
    for (idx i = 0; i < src->ndefaults; i++)
        c.dflt[i] = av_from_host(f, &src->defaults[i]);
    return c;
}

/* f.<locals>.g */
static const char *nested_name(Front *f, const Scope *in, const char *name)
{
    const char *outer =
        in->up ? nested_name(f, in->up, in->fname) : host_source(f, in->fn)->qualname;
    return arena_printf(f->arena, "%s.<locals>.%s", outer ? outer : in->fname, name);
}

static Callee callee_of(Front *f, const AVal *fnv)
{
    if (fnv->i >= 0) return host_callee(f, (int)fnv->i);
    Callee c = {.def = fnv->ast, .args = fnv->ast->a, .name = fnv->s, .up = fnv->scope};
    c.fn = fnv->scope->fn;
    c.file = fnv->scope->file;
    c.qualname = nested_name(f, fnv->scope, fnv->s);
    c.ndflt = c.args->c ? c.args->c->list.n : 0;
    c.dflt = fnv->item;
    c.kwdflt = fnv->item + c.ndflt;
    return c;
}

/* -- Binding ----------------------------------------------------------------------- */
typedef struct Bind {
    Front *f;
    const Callee *c;
    AVal *const *arg;
    idx narg;
    const char *const *kw;
    AVal *const *kwval;
    idx nkw;
    bool *used; /* keywords taken */
} Bind;

static AVal *take_keyword(Bind *b, const char *name)
{
    for (idx i = 0; i < b->nkw; i++) {
        if (b->used[i] || strcmp(b->kw[i], name) != 0) continue;
        b->used[i] = true;
        return b->kwval[i];
    }
    return NULL;
}

static void bind_one(Bind *b, Scope *s, const Ast *p, AVal *v)
{
    scope_declare(b->f, s, p->id);
    heap_set_var(b->f, s->cell.at[s->cell.n - 1], v);
    Loc loc = p->loc;
    loc.file = s->file;
    flags_note(b->f, p->id, loc, v, b->f->scope == s ? ROWS_ARG : ROWS_VAR);
}

/* 'a', 'b', and 'c' */
static const char *quoted_names(Front *f, const Ast *const *p, idx n)
{
    const char *s = "";
    for (idx i = 0; i < n; i++)
        s = arena_printf(f->arena, "%s%s'%s'", s,
                         i == 0      ? ""
                         : i + 1 < n ? ", "
                         : n == 2    ? " and "
                                     : ", and ",
                         p[i]->id);
    return s;
}

NORETURN static void missing(Bind *b, const Ast *const *p, idx n, const char *kind)
{
    front_fail(b->f, E_TYPE, "%s() missing %d required %s argument%s: %s",
               b->c->qualname, (int)n, kind, n == 1 ? "" : "s",
               quoted_names(b->f, p, n));
}

NORETURN static void too_many(Bind *b, idx npos)
{
    idx least = npos - b->c->ndflt;
    const char *some = least < npos
                           ? arena_printf(b->f->arena, "from %lld to %lld",
                                          (long long)least, (long long)npos)
                           : arena_printf(b->f->arena, "%lld", (long long)npos);
    front_fail(b->f, E_TYPE, "%s() takes %s positional argument%s but %lld %s given",
               b->c->qualname, some, npos == 1 && least == npos ? "" : "s",
               (long long)b->narg, b->narg == 1 ? "was" : "were");
}

static void bind_positional(Bind *b, Scope *s)
{
    const Ast *a = b->c->args;
    idx npos = a->list.n + a->list2.n, nmiss = 0;
    const Ast **miss = ARENA_NEW_N(b->f->arena, npos + 1, const Ast *);
    if (!a->a && b->narg > npos) too_many(b, npos);
    for (idx i = 0; i < npos; i++) {
        const Ast *p = i < a->list.n ? a->list.at[i] : a->list2.at[i - a->list.n];
        AVal *v = i < b->narg ? b->arg[i] : NULL, *k = NULL;
        if (i >= a->list.n) k = take_keyword(b, p->id);
        if (v && k)
            front_fail(b->f, E_TYPE, "%s() got multiple values for argument '%s'",
                       b->c->qualname, p->id);
        if (!v) v = k;
        if (!v && i >= npos - b->c->ndflt) v = b->c->dflt[i - (npos - b->c->ndflt)];
        if (!v) miss[nmiss++] = p;
        if (v) bind_one(b, s, p, v);
    }
    if (nmiss) missing(b, miss, nmiss, "positional");
    if (!a->a) return;
    idx more = b->narg > npos ? b->narg - npos : 0;
    bind_one(b, s, a->a, av_tuple(b->f, b->arg + (b->narg - more), more));
}

/* A keyword that no parameter has. */
static void check_keywords(Bind *b)
{
    const Ast *a = b->c->args;
    const AstList *named[2] = {&a->list2, &a->list3};
    for (idx i = 0; i < b->nkw && !a->b; i++) {
        bool known = false;
        for (int l = 0; l < 2; l++)
            for (idx k = 0; k < named[l]->n; k++)
                known |= !strcmp(named[l]->at[k]->id, b->kw[i]);
        if (!known)
            front_fail(b->f, E_TYPE, "%s() got an unexpected keyword argument '%s'",
                       b->c->qualname, b->kw[i]);
    }
}

static void bind_keywords(Bind *b, Scope *s)
{
    const Ast *a = b->c->args;
    idx nmiss = 0;
    const Ast **miss = ARENA_NEW_N(b->f->arena, a->list3.n + 1, const Ast *);
    for (idx i = 0; i < a->list3.n; i++) {
        AVal *v = take_keyword(b, a->list3.at[i]->id);
        if (!v && b->c->kwdflt) v = b->c->kwdflt[i];
        if (!v && !b->c->kwdflt && i < a->list4.n && a->list4.at[i])
            v = lower_expr(b->f, a->list4.at[i]);
        if (!v) miss[nmiss++] = a->list3.at[i];
        if (v) bind_one(b, s, a->list3.at[i], v);
    }
    if (nmiss) missing(b, miss, nmiss, "keyword-only");
    AVal *rest = a->b ? av_container(b->f, A_DICT, NULL, NULL, 0) : NULL;
    for (idx i = 0; i < b->nkw; i++) {
        if (b->used[i]) continue;
        if (!rest) BUG("the keyword %s is not bound", b->kw[i]);
        dict_set(b->f, rest, av_str(b->f, b->kw[i], -1), b->kwval[i]);
    }
    if (rest) bind_one(b, s, a->b, rest);
}

AVal **func_in_order(Front *f, const AVal *fn, AVal *const *arg, idx *n,
                     const char *const *kw, AVal *const *kwval, idx nkw)
{
    Callee c = callee_of(f, fn);
    const Ast *a = c.args;
    idx npos = a->list.n + a->list2.n, given = *n + 1, left = nkw;
    AVal **to = ARENA_NEW_N(f->arena, npos + *n + 1, AVal *);
    for (idx i = 1; i < given; i++)
        to[i - 1] = arg[i - 1];
    for (idx i = given; i < npos && left; i++, (*n)++) {
        const Ast *p = i < a->list.n ? a->list.at[i] : a->list2.at[i - a->list.n];
        idx dflt = i - (npos - c.ndflt);
        to[i - 1] = dflt >= 0 ? c.dflt[dflt] : NULL;
        for (idx k = 0; k < nkw; k++) {
            if (strcmp(kw[k], p->id) != 0) continue;
            to[i - 1] = kwval[k];
            left--;
        }
        if (!to[i - 1]) return NULL;
    }
    return left ? NULL : to;
}

/* -- Running a body ---------------------------------------------------------------- */
static bool is_running(const Front *f, const Callee *c)
{
    for (const Scope *s = f->scope; s; s = s->caller)
        if (s->def == c->def && s->up == c->up) return true;
    return false;
}

static bool is_recursive(Front *f, const Callee *c)
{
    vec_each (i, &f->recursive)
        if (f->recursive.at[i] == c->def) return true;
    if (!is_running(f, c)) return false;
    vec_push(f->arena, &f->recursive, c->def);
    return true;
}

/* After the last statement: return None where control comes to it. */
static void return_none(Front *f, const Callee *c)
{
    Ast *ret = ARENA_NEW(f->arena, Ast), **at = ARENA_NEW_N(f->arena, 1, Ast *);
    ret->kind = AST_Return;
    ret->loc = c->def->loc;
    at[0] = ret;
    AstList rest = {at, 1};
    lower_body(f, &rest);
}

AVal *func_body(Front *f, const Callee *c, Scope *s, bool *reached)
{
    *reached = true;
    if (c->def->kind == AST_Lambda) return lower_expr(f, c->def->b);
    scope_declare_block(f, s, &c->def->list);
    *reached = lower_body(f, &c->def->list);
    if (!*reached) return av_none(f);
    AVal *d = heap_var(f, s->done);
    f->loc = c->def->loc;
    f->loc.file = s->file;
    if (d->kind != A_CONST || d->i == DONE_NO) return_none(f, c);
    /* Every path has returned by now. */
    AVal *v = heap_var(f, s->ret);
    if (v->kind == A_MAYBE) v = v->item[0];
    return scope_check(f, "return value", v);
}

static AVal *run_body(Front *f, const Callee *c, Scope *s)
{
    bool reached;
    AVal *v = func_body(f, c, s, &reached);
    if (reached) return v;
    lower_revive(f); /* it always raises: nothing has the value */
    return av_new_kind(f, A_OPEN);
}

void func_bind(Front *f, const Callee *c, Scope *s)
{
    const Ast *a = c->args;
    const AstList *lists[3] = {&a->list, &a->list2, &a->list3};
    for (int l = 0; l < 3; l++) {
        for (idx i = 0; i < lists[l]->n; i++)
            scope_declare(f, s, lists[l]->at[i]->id);
        if (l == 1 && a->a) scope_declare(f, s, a->a->id);
    }
    if (a->b) scope_declare(f, s, a->b->id);
}

static int32_t inline_row(Front *f, const Callee *c)
{
    Inline row = {.call = f->loc, .callee = c->name, .parent = f->inlined_at};
    vec_push(f->arena, &f->top->inlines, row);
    return (int32_t)f->top->inlines.n - 1;
}

/* The parameters are bound in s; they are all that it is for. */
static AVal *call_alone(Front *f, const Callee *c, const Scope *s)
{
    AVal **arg = ARENA_NEW_N(f->arena, s->cell.n + 1, AVal *);
    vec_each (i, &s->cell)
        arg[i] = heap_var(f, s->cell.at[i]);
    return sub_call(f, c, arg, s->cell.n);
}

AVal *lower_inline(Front *f, AVal *fnv, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw)
{
    Callee c = callee_of(f, fnv);
    if (f->depth >= DEPTH_MAX) front_unsup(f, UNSUP_LIMIT, "calls are nested too deep");
    bool alone = is_recursive(f, &c);
    Scope *s = scope_new(f, c.up, c.fn, c.file, c.name);
    s->def = c.def;
    s->caller = f->scope;
    s->call = f->loc;
    Bind b = {f, &c, arg, narg, kw, kwval, nkw, ARENA_NEW_N(f->arena, nkw + 1, bool)};
    check_keywords(&b);
    bind_positional(&b, s);
    bind_keywords(&b, s);
    if (alone) return call_alone(f, &c, s);
    f->depth++;
    Scope *was = f->scope;
    Loc loc = f->loc;
    int32_t inlined = f->inlined_at;
    f->inlined_at = inline_row(f, &c);
    f->scope = s;
    idx first_axis = f->fn->axes.n;
    flags_enter(f, s, c.flags, s->name.n);
    AVal *v = run_body(f, &c, s);
    flags_done(f, s, first_axis);
    f->scope = was;
    f->inlined_at = inlined;
    f->loc = loc;
    f->depth--;
    return v;
}

AVal *lower_root(Front *f, int fn, AVal *const *arg, idx narg)
{
    Callee c = host_callee(f, fn);
    if (c.def->kind == AST_AsyncFunctionDef) {
        f->loc = c.def->loc;
        f->loc.file = c.file;
        front_unsup(f, UNSUP_ASYNC, NULL);
    }
    Scope *s = scope_new(f, NULL, fn, c.file, c.name);
    s->def = c.def;
    f->scope = s;
    f->loc = c.def->loc;
    f->loc.file = c.file;
    const Ast *a = c.args;
    idx k = 0;
    Bind b = {.f = f, .c = &c};
    const AstList *lists[3] = {&a->list, &a->list2, &a->list3};
    for (int l = 0; l < 3; l++) {
        for (idx i = 0; i < lists[l]->n && k < narg; i++)
            bind_one(&b, s, lists[l]->at[i], arg[k++]);
        if (l == 1 && a->a && k < narg) bind_one(&b, s, a->a, arg[k++]);
    }
    if (a->b && k < narg) bind_one(&b, s, a->b, arg[k++]);
    while (k < narg)
        outside_add(f, arg[k++]);
    flags_enter(f, s, f->flags, s->name.n);
    AVal *v = run_body(f, &c, s);
    flags_done(f, s, f->fn->axes.n);
    return v;
}

/* -- Calls of anything ------------------------------------------------------------- */
NORETURN static void no_api(Front *f, const char *name, const char *near, bool method)
{
    const char *dot = strchr(name, '.');
    if (!method && dot && host_is(arena_strndup(f->arena, name, (size_t)(dot - name))))
        front_unsup(f, UNSUP_HOSTOBJ, "%s is not in the list of host functions", name);
    const char *hint =
        near ? arena_printf(f->arena, " (the nearest supported is %s)", near) : "";
    front_unsup(f, method ? UNSUP_METHOD : UNSUP_API, "%s is not supported%s", name,
                hint);
}

/* str.upper(s), list.append(a, x): a method of a class of Python's, with its object as
 * the first argument. NULL if the name is none. */
static AVal *unbound_method(Front *f, const char *name, AVal *const *arg, idx narg,
                            const char *const *kw, AVal *const *kwval, idx nkw)
{
    static const char prefix[] = "builtins.",
                      wrong[] = "descriptor '%s' for '%s' objects doesn't apply to a "
                                "'%s' object";
    size_t n = sizeof prefix - 1;
    const char *dot = strncmp(name, prefix, n) ? NULL : strchr(name + n, '.');
    if (!dot) return NULL;
    const char *cls = intern_n(f->names, name + n, (size_t)(dot - name) - n);
    const char *method = intern_n(f->names, dot + 1, strlen(dot + 1));
    if (narg == 0)
        front_fail(f, E_TYPE, "unbound method %s.%s() needs an argument", cls, method);
    AVal *self = arg[0];
    if (strcmp(builtin_type_name(self), cls))
        front_fail(f, E_TYPE, wrong, method, cls, av_type_text(f, self));
    if (self->kind == A_SCALAR && self->val->type.dt == DT_STR &&
        self->val->type.null == NULL_MASK) /* a missing text is a float */
        lower_raise_if(f, av_scalar(f, front_elem_val(f, OP_ISNULL, &self->val, 1)),
                       E_TYPE, arena_printf(f->arena, wrong, method, cls, "float"));
    return front_call(f, front_getattr(f, self, method), arg + 1, narg - 1, kw, kwval,
                      nkw);
}

static AVal *call_api(Front *f, AVal *fnv, AVal *const *arg, idx narg,
                      const char *const *kw, AVal *const *kwval, idx nkw)
{
    AVal *v = time_call(f, fnv->s, arg, narg, kw, kwval, nkw);
    if (!v) v = record_function(f, fnv->s, arg, narg, kw, kwval, nkw);
    if (!v) v = builtin_call(f, fnv->s, arg, narg, kw, kwval, nkw);
    if (!v) v = host_call(f, fnv->s, arg, narg, kw, kwval, nkw);
    if (v) return v;
    const char *near = NULL;
    Type t;
    if (!strncmp(fnv->s, "np.", 3) && dtype_of(f, fnv, &t) && dt_is_number((DType)t.dt))
        return builtin_cast(f, t, arg, narg);
    int op = op_lookup(fnv->s, &near);
    if (op < 0) v = unbound_method(f, fnv->s, arg, narg, kw, kwval, nkw);
    if (v) return v;
    if (op < 0) no_api(f, fnv->s, near, false);
    return front_call_op(f, (Op)op, fnv->s, NULL, arg, narg, kw, kwval, nkw, f->call);
}

static AVal *call_method(Front *f, AVal *m, AVal *const *arg, idx narg,
                         const char *const *kw, AVal *const *kwval, idx nkw)
{
    AVal *self = m->item[0];
    if (m->n == 2) { /* a function with its first argument */
        AVal **all = ARENA_NEW_N(f->arena, narg + 1, AVal *);
        all[0] = self;
        if (narg) memcpy(all + 1, arg, (size_t)narg * sizeof *arg);
        return front_call(f, m->item[1], all, narg + 1, kw, kwval, nkw);
    }
    if (m->op == OP_COUNT && instance_is(self) && self->rec->is_exc)
        return exc_base_method(f, self, m->s, arg, narg);
    if (m->op == OP_COUNT)
        return object_method(f, self, m->s, arg, narg, kw, kwval, nkw);
    return front_call_op(f, (Op)m->op, m->s, self, arg, narg, kw, kwval, nkw, f->call);
}

/* A function of the user's, or a method of what can hold any element. */
static bool takes_open(const AVal *fnv)
{
    if (fnv->kind != A_METHOD) return fnv->kind != A_API && fnv->kind != A_DTYPE;
    const AVal *self = fnv->item[0];
    if (fnv->n == 2) return true;
    const char *name = fnv->s ? fnv->s : "";
    bool puts = strstr(name, "append") || strstr(name, "extend") || strstr(name, "add");
    return puts && (self->kind == A_LIST || self->kind == A_DICT ||
                    self->kind == A_SET || self->kind == A_TUPLE);
}

static AVal *first_open(AVal *const *arg, idx n)
{
    for (idx i = 0; i < n; i++)
        if (arg[i]->kind == A_OPEN) return arg[i];
    return NULL;
}

bool front_callable(const AVal *v)
{
    switch ((AKind)v->kind) {
    case A_FUNC:
    case A_API:
    case A_PICK:
    case A_RECORD:
    case A_METHOD:
    case A_DTYPE: return true;
    case A_EXC: return v->ck == EXC_CLASS;
    case A_HOSTOBJ: return v->arg != NULL; /* a wrap_python function */
    default: return false;
    }
}

AVal *front_call(Front *f, AVal *fnv, AVal *const *arg, idx narg, const char *const *kw,
                 AVal *const *kwval, idx nkw)
{
    if (fnv->kind == A_OPEN) return fnv;
    AVal *open = takes_open(fnv) ? NULL : first_open(arg, narg);
    if (!open && !takes_open(fnv)) open = first_open(kwval, nkw);
    if (open) return open;
    AVal *cls = exc_class(f, fnv);
    if (cls) return exc_called(f, cls, arg, narg, kw, kwval, nkw);
    switch ((AKind)fnv->kind) {
    case A_FUNC: return lower_inline(f, fnv, arg, narg, kw, kwval, nkw);
    case A_API: return call_api(f, fnv, arg, narg, kw, kwval, nkw);
    case A_PICK: return pick_call(f, fnv, arg, narg, kw, kwval, nkw);
    case A_RECORD: return record_call(f, fnv, arg, narg, kw, kwval, nkw);
    case A_TUPLE: {
        AVal *own = fnv->rec ? record_method_of(f, fnv, "__call__") : NULL;
        if (own) return front_call(f, own, arg, narg, kw, kwval, nkw);
        front_fail(f, E_TYPE, "'%s' object is not callable", av_type_text(f, fnv));
    }
    case A_METHOD:
        if (lib_made(fnv)) return lib_call_made(f, fnv, arg, narg, kw, kwval, nkw);
        return call_method(f, fnv, arg, narg, kw, kwval, nkw);
    case A_DTYPE: return builtin_cast(f, fnv->type, arg, narg);
    case A_HOSTOBJ:
        if (fnv->arg) return host_call_wrapped(f, fnv, arg, narg, kw, kwval, nkw);
        if (fnv->s && !nkw && !strcmp(fnv->s, "collections.defaultdict"))
            return record_default_dict(f, arg, narg);
        front_host_unsup(f, fnv, NULL);
    default: front_fail(f, E_TYPE, "'%s' object is not callable", av_type_text(f, fnv));
    }
}

/* -- The Call expression ----------------------------------------------------------- */
typedef struct Args {
    VEC(AVal *) pos;
    VEC(const char *) kw;
    VEC(AVal *) kwval;
} Args;

static void lower_star(Front *f, const Ast *e, Args *out)
{
    AVal **item;
    idx n;
    AVal *v = lower_expr(f, e->a);
    if (!lower_items(f, v, &item, &n))
        front_unsup(f, UNSUP_STAR, "*%s can't be passed as arguments",
                    av_type_text(f, v));
    for (idx k = 0; k < n; k++)
        vec_push(f->arena, &out->pos, item[k]);
}

static void lower_double_star(Front *f, const Ast *e, Args *out)
{
    AVal *v = lower_expr(f, e->a);
    if (v->kind != A_DICT)
        front_fail(f, E_TYPE, "argument after ** must be a mapping, not %s",
                   av_type_text(f, v));
    Container *c = front_items(f, v);
    vec_each (i, &c->key) {
        vec_push(f->arena, &out->kw,
                 intern(f->names, front_const_str(f, c->key.at[i], "a keyword")));
        vec_push(f->arena, &out->kwval, c->item.at[i]);
    }
}

/* print(*x), max(*x, 0) and min() of a length that only the run time knows: the
 * arguments are a list of the run time, of texts if print() is called. */
static bool takes_list(const AVal *fnv)
{
    static const char *const name[] = {"builtins.print", "builtins.max",
                                       "builtins.min"};
    for (idx i = 0; fnv->kind == A_API && i < COUNT_OF(name); i++)
        if (!strcmp(fnv->s, name[i])) return true;
    return false;
}

static void list_add(Front *f, AVal *list, AVal *v, bool star, bool text)
{
    if (text && star) v = lower_keys(f, v, av_api(f, "builtins.str"));
    if (text && !star) v = text_str(f, v, false);
    (void)object_method(f, list, star ? "extend" : "append", &v, 1, NULL, NULL, 0);
}

/* The position of an argument *x whose length is not known; -1. */
static idx open_star(Front *f, const Ast *e, AVal *const *v)
{
    for (idx i = 0; i < e->list.n; i++)
        if (e->list.at[i]->kind == AST_Starred && iter_is_run(f, v[i])) return i;
    return -1;
}

static AVal *call_of_list(Front *f, AVal *fnv, const Ast *e, AVal *const *v,
                          const Args *a)
{
    bool text = !strcmp(fnv->s, "builtins.print");
    AVal *list = av_list(f, NULL, 0);
    for (idx i = 0; i < e->list.n; i++)
        list_add(f, list, v[i], e->list.at[i]->kind == AST_Starred, text);
    if (!text) return front_call(f, fnv, &list, 1, a->kw.at, a->kwval.at, a->kw.n);
    AVal *sep = av_str(f, " ", 1);
    for (idx i = 0; i < a->kw.n; i++)
        if (!strcmp(a->kw.at[i], "sep") && a->kwval.at[i]->kind != A_NONE)
            sep = a->kwval.at[i];
    AVal *all = object_method(f, sep, "join", &list, 1, NULL, NULL, 0);
    return front_call(f, fnv, &all, 1, a->kw.at, a->kwval.at, a->kw.n);
}

static void lower_keywords(Front *f, const Ast *e, Args *out)
{
    for (idx i = 0; i < e->list2.n; i++) {
        const Ast *k = e->list2.at[i];
        if (!k->id) {
            lower_double_star(f, k, out);
            continue;
        }
        vec_push(f->arena, &out->kw, k->id);
        vec_push(f->arena, &out->kwval, lower_expr(f, k->a));
    }
}

/* The call where it has such an argument; NULL: it has none, and a has all of them. */
static AVal *lower_list_call(Front *f, AVal *fnv, const Ast *e, Args *a)
{
    AVal **v = ARENA_NEW_N(f->arena, e->list.n + 1, AVal *), **item;
    idx n;
    for (idx i = 0; i < e->list.n; i++) {
        const Ast *x = e->list.at[i];
        v[i] = lower_expr(f, x->kind == AST_Starred ? x->a : x);
    }
    bool open = open_star(f, e, v) >= 0;
    for (idx i = 0; !open && i < e->list.n; i++) {
        if (e->list.at[i]->kind != AST_Starred) {
            vec_push(f->arena, &a->pos, v[i]);
            continue;
        }
        if (!lower_items(f, v[i], &item, &n))
            front_unsup(f, UNSUP_STAR, "*%s can't be passed as arguments",
                        av_type_text(f, v[i]));
        for (idx k = 0; k < n; k++)
            vec_push(f->arena, &a->pos, item[k]);
    }
    lower_keywords(f, e, a);
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    return open ? call_of_list(f, fnv, e, v, a) : NULL;
}

static void lower_args(Front *f, const Ast *e, Args *out)
{
    for (idx i = 0; i < e->list.n; i++) {
        const Ast *a = e->list.at[i];
        if (a->kind == AST_Starred)
            lower_star(f, a, out);
        else
            vec_push(f->arena, &out->pos, lower_expr(f, a));
    }
    lower_keywords(f, e, out);
}

AVal *lower_call(Front *f, const Ast *e)
{
    AVal *fnv = lower_expr(f, e->a);
    if (fnv->kind == A_API && !strcmp(fnv->s, "builtins.next")) return iter_next(f, e);
    bool any = fnv->kind == A_API && !strcmp(fnv->s, "builtins.any");
    bool one = e->list.n == 1 && !e->list2.n && fnv->kind == A_API;
    if (one && e->list.at[0]->kind == AST_GeneratorExp &&
        (any || !strcmp(fnv->s, "builtins.all")))
        return iter_any_of(f, e->list.at[0], any);
    Args a = {0};
    AVal *done = takes_list(fnv) ? lower_list_call(f, fnv, e, &a) : NULL;
    if (done) return done;
    if (!takes_list(fnv)) lower_args(f, e, &a);
    f->loc = e->loc;
    f->loc.file = f->scope->file;
    Ast *was = f->call;
    union {
        const Ast *c;
        Ast *p;
    } u = {.c = e};
    f->call = u.p;
    AVal *v = front_call(f, fnv, a.pos.at, a.pos.n, a.kw.at, a.kwval.at, a.kw.n);
    f->call = was;
    return v;
}

/* -- Attributes -------------------------------------------------------------------- */
/* A name that the class itself does not have is no lack of the compiler's. owner: as in
 * the error, cls: as the host knows it. */
static void class_check(Front *f, const char *owner, const char *cls, const char *name)
{
    const char *near = "";
    AVal *arg[] = {av_str(f, cls, (idx)strlen(cls)),
                   av_str(f, name, (idx)strlen(name))};
    AVal *r = const_fold(f, "pandas.nearest", arg, 2);
    if (!r || av_is_none(r)) return;
    if (r->n > 0) near = arena_printf(f->arena, "; the nearest name is %s", r->s);
    front_fail(f, E_ATTR, "%s has no attribute '%s'%s", owner, name, near);
}

static bool is_name_attr(const char *name)
{
    return !strcmp(name, "__name__") || !strcmp(name, "__qualname__");
}

static AVal *api_attr(Front *f, AVal *v, const char *name)
{
    const char *full = arena_printf(f->arena, "%s.%s", v->s, name);
    AVal *limit = library_limit(f, v, name);
    if (limit) return limit;
    if (is_name_attr(name) && strncmp(v->s, "np.integer", 10) != 0 &&
        strncmp(v->s, "np.floating", 11) != 0) {
        const char *dot = strrchr(v->s, '.');
        return av_str(f, dot ? dot + 1 : v->s, -1);
    }
    if (v->i >= 0) {
        HostVal h = {.kind = H_MISSING, .obj = -1};
        Err err = {0};
        if (!f->host->attr(f->host_data, f->arena, (int)v->i, name, &h, &err))
            front_fail(f, (ErrCode)err.code, "%s", err.text);
        if (h.kind == H_MISSING && !strcmp(v->s, "np"))
            class_check(f, "module 'numpy'", "numpy", name);
        if (h.kind == H_MISSING)
            front_fail(f, E_ATTR, "%s has no attribute '%s'", v->s, name);
        /* Modules of the package hold functions of the table. */
        if (h.kind != H_OTHER || !strcmp(v->s, "shoal")) return av_from_host(f, &h);
    }
    const char *near = NULL;
    bool method = !strncmp(v->s, "builtins.", 9) && v->i >= 0; /* unbound_method */
    if (!method && !builtin_is(full) && !time_call_is(full) && !host_is(full) &&
        op_lookup(full, &near) < 0)
        no_api(f, full, near, false);
    AVal *a = av_api(f, arena_strdup(f->arena, full));
    a->loc = f->loc;
    return a;
}

AVal *av_method(Front *f, AVal *self, int op, const char *name)
{
    AVal *m = av_new_kind(f, A_METHOD);
    m->op = (uint16_t)op;
    m->s = name;
    m->n = 1;
    m->item = ARENA_NEW_N(f->arena, 1, AVal *);
    m->item[0] = self;
    return m;
}

/* df.q where q is neither a column nor a name of pandas that the op table knows. */
NORETURN static void no_column(Front *f, AVal *v, const char *name, const char *near)
{
    const Frame *t = front_frame(f, v);
    const char *list = "";
    vec_each (i, &t->name) {
        if (i == 12) {
            list = arena_printf(f->arena, "%s, ...", list);
            break;
        }
        if (t->name.at[i]->kind == A_CONST && t->name.at[i]->ck == AC_STR)
            list = arena_printf(f->arena, "%s%s'%s'", list, *list ? ", " : "",
                                t->name.at[i]->s);
    }
    front_fail(f, E_ATTR, "'DataFrame' object has no attribute '%s' (columns: %s%s%s)",
               name, list, near ? "; the nearest method is " : "", near ? near : "");
}

/* The class of pandas that a table's attribute is looked up in, or NULL. */
static const char *pandas_class(const AVal *v)
{
    if (v->kind == A_SERIES) {
        /* A row's label is an attribute too. */
        bool labels = !v->index->range && v->index->level[0]->type.dt == DT_STR;
        return labels ? NULL : "Series";
    }
    if (v->kind != A_ACCESSOR || strcmp(v->s, "dt") != 0) return NULL;
    return v->item[0]->val->type.dt == DT_TD ? "TimedeltaProperties"
                                             : "DatetimeProperties";
}

static void pandas_check(Front *f, const AVal *v, const char *name)
{
    const char *cls = pandas_class(v);
    if (!cls || *name == '_') return;
    class_check(f, arena_printf(f->arena, "'%s' object", cls), cls, name);
}

/* The same of Python's own classes and of NumPy's arrays. */
static void python_check(Front *f, AVal *v, const char *name)
{
    const char *cls = v->kind == A_ARRAY ? "numpy.ndarray" : NULL;
    bool plain = v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET ||
                 v->kind == A_CONST || v->kind == A_SCALAR ||
                 (v->kind == A_TUPLE && !v->rec);
    if (plain) cls = python_class(v);
    if (!cls || *name == '_') return;
    class_check(f, arena_printf(f->arena, "'%s' object", cls), cls, name);
}

/* Of an object of the surrounding program. */
static AVal *host_attr(Front *f, int obj, const char *cls, const char *name)
{
    HostVal h = {.kind = H_MISSING, .obj = -1};
    Err err = {0};
    if (!f->host->attr(f->host_data, f->arena, obj, name, &h, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    if (h.kind == H_MISSING)
        front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", cls, name);
    return av_from_host(f, &h);
}

/* A name that the class does not have: Python's AttributeError. */
static void class_has_none(Front *f, const AVal *cls, const char *name)
{
    HostVal h = {.kind = H_MISSING, .obj = -1};
    Err err = {0};
    if (!cls->rec->text || *name == '_') return;
    if (!f->host->attr(f->host_data, f->arena, -2 - cls->rec->number, name, &h, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    if (h.kind == H_MISSING)
        front_fail(f, E_ATTR, "type object '%s' has no attribute '%s'", cls->rec->name,
                   name);
}

/* Of an instance or a class: a field, or what the class defines; NULL: as any tuple's.
 */
static AVal *class_part(Front *f, AVal *v, const char *name)
{
    AVal *x = record_attr(f, v, name);
    if (x) return x;
    if (record_has_method(v, name)) return av_method(f, v, OP_COUNT, name);
    if ((x = record_member(f, v, name))) return x;
    if (instance_is(v))
        front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", v->rec->name, name);
    if (v->kind == A_RECORD) class_has_none(f, v, name);
    if (v->kind == A_RECORD || record_is_opaque(v))
        front_unsup(f, UNSUP_METHOD,
                    "%s.%s is no method, property or constant that is compiled",
                    v->rec->name, name);
    bool tuple =
        v->rec->kind == REC_NAMEDTUPLE && (object_has_method(v, name) || *name == '_');
    if (!tuple)
        front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", v->rec->name, name);
    return NULL;
}

/* Of what is no value of the data: modules, exceptions, classes, functions, objects of
 * the surrounding program; NULL: it is none of them, or has no such attribute of its
 * own. */
static AVal *object_attr(Front *f, AVal *v, const char *name)
{
    if (v->kind == A_API) return api_attr(f, v, name);
    if (v->kind == A_EXC) return exc_attr(f, v, name);
    if (v->kind == A_RECORD && v->rec->text && is_name_attr(name))
        return av_str(f, v->rec->name, -1);
    if (v->kind == A_FUNC && !strcmp(name, "__name__"))
        return av_str(f, v->i >= 0 ? host_source(f, (int)v->i)->name : v->s, -1);
    if (!strcmp(name, "__class__"))
        return builtin_call(f, "builtins.type", &v, 1, NULL, NULL, 0);
    if (v->kind == A_HOSTOBJ) return host_attr(f, (int)v->i, v->s, name);
    if (v->kind == A_FUNC && v->obj) return host_attr(f, v->obj - 1, "function", name);
    if (v->kind == A_ACCESSOR && v->rec) return record_super_attr(f, v, name);
    if (v->rec && (v->kind == A_TUPLE || v->kind == A_RECORD))
        return class_part(f, v, name);
    return NULL;
}

AVal *front_getattr(Front *f, AVal *v, const char *name)
{
    if (v->kind == A_OPEN) return v;
    if (v->kind == A_OPT)
        v = opt_need(
            f, v, E_ATTR,
            arena_printf(f->arena, "'NoneType' object has no attribute '%s'", name));
    if (v->kind == A_NONE)
        front_fail(f, E_ATTR, "'NoneType' object has no attribute '%s'", name);
    AVal *own = object_attr(f, v, name);
    if (own) return own;
    AVal *part = range_is(v) ? range_attr(f, v, name) : num_attr(f, v, name);
    if (part) return part;
    /* Of constant text Python itself is asked, for more than is compiled. */
    bool text = v->kind == A_CONST && v->ck == AC_STR;
    if (text && !text_has_method(name)) python_check(f, v, name);
    if (range_has_method(v, name) || num_has_method(v, name) ||
        object_has_method(v, name))
        return av_method(f, v, OP_COUNT, name);
    AVal *a = front_attr(f, v, name);
    if (a) return a;
    const char *cls = av_class(v), *near = NULL;
    if (!cls)
        front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", av_type_text(f, v),
                   name);
    const char *full = arena_printf(f->arena, "%s.%s", cls, name);
    int op = op_lookup(full, &near);
    if (op < 0 || v->kind == A_ACCESSOR) pandas_check(f, v, name);
    if (op < 0 && v->kind == A_DICT && is_row(v))
        front_fail(f, E_ATTR, "'Series' object has no attribute '%s'", name);
    if (op < 0) python_check(f, v, name);
    if (op < 0 && v->kind == A_FRAME) no_column(f, v, name, near);
    if (op < 0) no_api(f, full, near, true);
    return av_method(f, v, op, full);
}
