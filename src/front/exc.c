/* SPDX-License-Identifier: Apache-2.0
 * Exceptions as abstract values (A_EXC), raise and assert.
 *
 *   ck 0  a class: op is its code in errors.def (of the nearest class there), i the
 *         host's number of a class of the user's, -1 of one of the table's own
 *   ck 1  an instance made here: item are its arguments
 *   ck 2  one that a handler caught: val is the handler's exception. item are the types
 *         of its arguments (A_DTYPE) as the raises of the body give them; n = -1 when
 *         they do not agree
 *   ck 3  type() of such a one: only its name is asked
 *
 * An exception of a class of the user's travels as what its class was called with; the
 * caller's instance is made by calling it again. Where compiled code asks for more (an
 * attribute, a method, the text of a class with an __init__ or __str__), it makes an
 * instance of its own as instance.c does, of a class whose record says is_exc (its
 * "args" is an attribute like others), and asks that. Of one that was caught there are
 * as many as the raises of the body have classes, behind tests of which it is.
 */
#include "base/base.h"

#include "front/func.h"
#include "front/try.h"

#include <stdlib.h>
#include <string.h>

/* -- Classes ------------------------------------------------------------------------
 */

/* What the host says of a class: "name|nearest class of errors.def|numbers of itself
 * and its bases|1 when it has an __init__ or __str__ of its own". */
AVal *exc_from_host(Front *f, const char *text, int number)
{
    const char *base = strchr(text, '|') + 1, *mro = strchr(base, '|') + 1,
               *own = strchr(mro, '|') + 1;
    AVal *v = av_new_kind(f, A_EXC);
    v->ck = EXC_CLASS;
    v->i = number;
    v->s = arena_strndup(f->arena, text, (size_t)(base - 1 - text));
    char *b = arena_strndup(f->arena, base, (size_t)(mro - 1 - base));
    v->op = (uint16_t)err_by_name(b);
    v->f = *own == '1';
    if (own[1] == '|' && own[2]) v->rec = record_of(f, own + 2);
    vec_each (i, &f->classes)
        if (f->classes.at[i].number == number) return v;
    ExcClass c = {.number = number, .name = v->s, .cls = v};
    for (const char *p = mro; *p && *p != '|'; p += *p == ',') {
        char *end;
        int64_t k = strtol(p, &end, 10);
        if (end == p) break;
        vec_push(f->arena, &c.mro, k);
        p = end;
    }
    vec_push(f->arena, &f->classes, c);
    return v;
}

AVal *exc_class(Front *f, AVal *v)
{
    if (v->kind == A_EXC) return v->ck == EXC_CLASS ? v : NULL;
    if (v->kind != A_API) return NULL;
    const char *name = strncmp(v->s, "builtins.", 9) == 0 ? v->s + 9
                       : strncmp(v->s, "shoal.", 6) == 0  ? v->s + 6
                                                          : NULL;
    ErrCode code = name ? err_by_name(name) : OK;
    if (!code) return NULL;
    AVal *c = av_new_kind(f, A_EXC);
    c->ck = EXC_CLASS;
    c->op = (uint16_t)code;
    c->i = -1;
    c->s = name;
    return c;
}

static bool class_is(Front *f, int64_t number, int64_t base)
{
    vec_each (i, &f->classes) {
        const ExcClass *c = &f->classes.at[i];
        if (c->number != number) continue;
        vec_each (k, &c->mro)
            if (c->mro.at[k] == base) return true;
    }
    return false;
}

/* An exception of code and class is taken by `except base`. */
static bool is_taken(Front *f, int code, int64_t cls, const AVal *base)
{
    if (base->i >= 0) return cls >= 0 && class_is(f, cls, base->i);
    return err_is(code, base->op);
}

AVal *exc_new(Front *f, AVal *cls, AVal *const *arg, idx n)
{
    AVal *v = av_new_kind(f, A_EXC);
    v->rec = cls->rec;
    v->ck = EXC_MADE;
    v->op = cls->op;
    v->i = cls->i;
    v->s = cls->s;
    v->f = cls->f;
    v->n = n;
    v->item = av_tuple(f, arg, n)->item;
    return v;
}

static const ExcClass *class_numbered(Front *f, int64_t number)
{
    vec_each (i, &f->classes)
        if (f->classes.at[i].number == number) return &f->classes.at[i];
    return NULL;
}

/* A class called with keywords too: what travels are positional arguments. */
AVal *exc_called(Front *f, AVal *cls, AVal *const *arg, idx n, const char *const *kw,
                 AVal *const *kwval, idx nkw)
{
    if (!nkw) return exc_new(f, cls, arg, n);
    AVal *self = cls->rec ? record_class(f, cls->rec->text, NULL, 0) : NULL;
    AVal *init = self ? record_member(f, self, intern(f->names, "__init__")) : NULL;
    if (!init) front_fail(f, E_TYPE, "%s() takes no keyword arguments", cls->s);
    idx all = n;
    AVal **to = func_in_order(f, init, arg, &all, kw, kwval, nkw);
    if (!to)
        front_unsup(f, UNSUP_RAISE,
                    "%s() with arguments by keyword that have no place among the "
                    "positional ones",
                    cls->s);
    return exc_new(f, cls, to, all);
}

/* -- Raising ------------------------------------------------------------------------
 */
static Val *arg_val(Front *f, AVal *a)
{
    if (a->kind == A_NONE) {
        Val *v = ir_const_text(f->fn, f->at, f->loc, "", 0);
        node_set_int(f->fn, v->def, "na", 1);
        return v;
    }
    Val *v = a->kind == A_CONST || a->kind == A_SCALAR ? front_val(f, a) : NULL;
    bool plain =
        v && !type_is_bytes(v->type) &&
        (dt_is_num((DType)v->type.dt) || v->type.dt == DT_STR || v->type.dt == DT_BOOL);
    if (!plain)
        front_unsup(f, UNSUP_RAISE, "an argument of an exception can't be %s",
                    av_type_text(f, a));
    return v;
}

static void note_raise(Front *f, int code, int64_t cls, Val *const *arg, int n)
{
    for (Trying *t = f->trying; t; t = t->up) {
        Raised r = {.code = code, .cls = cls, .n = n};
        r.type = ARENA_NEW_N(f->arena, n + 1, Type);
        for (int i = 0; i < n; i++)
            r.type[i] = arg[i]->type;
        vec_push(f->arena, &t->raised, r);
    }
}

bool exc_note_key(Front *f, const Val *key)
{
    Type t = key->type;
    bool plain =
        t.kind == TY_SCALAR && !type_is_bytes(t) &&
        (t.dt == DT_I64 || t.dt == DT_F64 || t.dt == DT_BOOL || t.dt == DT_STR);
    union {
        const Val *c;
        Val *v;
    } u = {.c = key};
    if (!plain) return false;
    note_raise(f, E_KEY, -1, &u.v, 1);
    return true;
}

void exc_emit(Front *f, ErrCode code, const char *text, Val *message)
{
    Node *n = node_put(f, f->at, OP_RAISE, &message, message ? 1 : 0, 0);
    node_set_int(f->fn, n, "code", code);
    node_set_text(f->fn, n, "text", text, (idx)strlen(text));
}

/* One text as the only argument: the error's own text carries it. */
static bool raise_text(Front *f, const AVal *e)
{
    if (e->i >= 0 || e->n != 1 || e->op == E_KEY || e->op == E_EXCEPTION) return false;
    AVal *m = e->item[0];
    bool run = m->kind == A_SCALAR && m->val->type.dt == DT_STR && !bytes_is(m) &&
               m->val->type.null == NULL_NONE;
    bool known = m->kind == A_CONST && m->ck == AC_STR && !m->arg &&
                 (size_t)m->n == strlen(m->s);
    if (!run && !known) return false;
    Val *text = run ? m->val : NULL, *as_val = text;
    if (!text) as_val = front_val(f, m);
    note_raise(f, e->op, -1, &as_val, 1);
    exc_emit(f, (ErrCode)e->op, run ? "" : m->s, text);
    return true;
}

void exc_raise(Front *f, AVal *e)
{
    AVal *cls = exc_class(f, e);
    if (cls) e = exc_new(f, cls, NULL, 0);
    if (e->kind != A_EXC) {
        e = exc_new(
            f, exc_class(f, av_api(f, "builtins.TypeError")),
            (AVal *[]){av_str(f, "exceptions must derive from BaseException", -1)}, 1);
    }
    if (e->ck == EXC_CAUGHT) {
        Node *n = node_put(f, f->at, OP_RAISE, &e->val, 1, 0);
        node_set_int(f->fn, n, "again", 1);
        return;
    }
    if (raise_text(f, e)) return;
    Val **arg = ARENA_NEW_N(f->arena, e->n + 1, Val *);
    for (idx i = 0; i < e->n; i++) {
        if (e->item[i]->kind == A_OPEN) { /* control does not get here */
            exc_emit(f, E_RUNTIME, "an element of an empty container", NULL);
            return;
        }
        arg[i] = arg_val(f, e->item[i]);
    }
    note_raise(f, e->op, e->i, arg, (int)e->n);
    Node *n = node_put(f, f->at, OP_RAISE, arg, (int)e->n, 0);
    node_set_int(f->fn, n, "args", 1);
    node_set_int(f->fn, n, "code", e->op);
    node_set_int(f->fn, n, "cls", e->i);
}

void lower_raise(Front *f, const Ast *s)
{
    if (s->a) {
        AVal *e = lower_expr(f, s->a);
        if (s->b) (void)lower_expr(f, s->b); /* the cause */
        exc_raise(f, e);
    } else if (f->handling) {
        exc_raise(f, f->handling->exc);
    } else {
        exc_emit(f, E_RUNTIME, "No active exception to reraise", NULL);
    }
}

static void raise_assertion(Front *f, const Ast *s)
{
    AVal *m = s->b ? lower_expr(f, s->b) : NULL;
    AVal *cls = exc_class(f, av_api(f, "builtins.AssertionError"));
    exc_raise(f, exc_new(f, cls, &m, m ? 1 : 0));
}

bool lower_assert(Front *f, const Ast *s)
{
    AVal *ok = lower_cond(f, s->a);
    if (ok->kind == A_CONST && ok->i) return true;
    if (ok->kind == A_CONST) {
        raise_assertion(f, s);
        return false;
    }
    Node *n = node_put(f, f->at, OP_IF, &ok->val, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0),
           *at = f->at;
    node_put(f, yes, OP_YIELD, NULL, 0, 0);
    Heap *base = heap_save(f);
    f->at = no;
    raise_assertion(f, s);
    f->at = at;
    heap_load(f, base);
    return true;
}

/* -- What a handler can ask ----------------------------------------------------------
 */

/* Of a region whose KeyErrors are asked for: the node's are known (exc_note_key), or it
 * has none. */
static bool key_known(const Node *n)
{
    if (n->op != OP_OBJWRITE) return n->op == OP_TEXT || n->op == OP_LISTSET;
    const Attr *fn = node_attr(n, "fn");
    if (!fn || strncmp(fn->s, "dict_", 5) != 0) return true;
    const char *what = fn->s + 5;
    bool raises =
        !strcmp(what, "missing") || !strcmp(what, "del") || !strcmp(what, "last");
    return !raises || node_int(n, "noted", 0);
}

/* Some step of the region can fail by itself, not by a raise of the user's. key: with a
 * KeyError. */
static bool fails_by_itself(const Region *r, bool key)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (key && key_known(n)) continue;
        uint8_t e = op_info[n->op].effect;
        bool text = n->op == OP_EXTEXT || n->op == OP_PRINT;
        if ((e == EF_FAIL || e == EF_COLL || e == EF_WRITE || e == EF_IO) && !text &&
            n->op != OP_VARSET && n->op != OP_VARGET)
            return true;
        for (int i = 0; i < n->nregion; i++)
            if (fails_by_itself(n->region[i], key)) return true;
    }
    return false;
}

/* Joins one more form of the arguments into v's; false when they differ. */
static bool join_args(Front *f, AVal *v, idx n, const Type *type, bool first)
{
    if (first) {
        v->n = n;
        v->item = ARENA_NEW_N(f->arena, n + 1, AVal *);
    }
    if (v->n != n) return false;
    for (idx i = 0; i < n; i++) {
        if (first) {
            v->item[i] = av_new_kind(f, A_DTYPE);
            v->item[i]->type = type[i];
        } else if (!type_promote(v->item[i]->type, type[i], &v->item[i]->type)) {
            return false;
        }
    }
    return true;
}

/* -- Instances of the user's classes -------------------------------------------------
 */

/* One class that the raises of a body have. */
typedef struct Cand {
    AVal *cls; /* NULL: one of Python's */
    idx n;     /* arguments, and their types; */
    Type *type;
    bool differ; /* not the same number, or types that don't meet */
} Cand;

struct Caught {
    VEC(Cand) at;
    bool others;  /* it may also be of a class that no raise names */
    AVal *shadow; /* the one instance, made where the handler begins; NULL */
};

static void cand_add(Front *f, struct Caught *to, const Raised *r)
{
    const ExcClass *c = r->cls >= 0 ? class_numbered(f, r->cls) : NULL;
    AVal *cls = c ? c->cls : NULL;
    Cand *at = NULL;
    vec_each (i, &to->at)
        if (to->at.at[i].cls == cls) at = &to->at.at[i];
    if (!at) {
        Cand one = {.cls = cls, .n = r->n};
        one.type = ARENA_NEW_N(f->arena, r->n + 1, Type);
        for (idx i = 0; i < r->n; i++)
            one.type[i] = r->type[i];
        vec_push(f->arena, &to->at, one);
        return;
    }
    at->differ |= at->n != r->n;
    for (idx i = 0; i < r->n && !at->differ; i++)
        at->differ = !type_promote(at->type[i], r->type[i], &at->type[i]);
}

static AVal *caught_arg(Front *f, const AVal *e, idx i, Type t)
{
    Val *v = val_put(f, OP_EXARG, &e->val, 1, t, NULL);
    node_set_int(f->fn, v->def, "i", i);
    AVal *a = av_scalar(f, v);
    a->i = 1;
    return a;
}

static AVal *shadow_new(Front *f, const AVal *cls, AVal *const *arg, idx n)
{
    AVal *made = record_class(f, cls->rec->text, NULL, 0);
    return instance_new(f, made, arg, n, NULL, NULL, 0);
}

/* What was caught, if it is of the class of c. */
static AVal *shadow_of(Front *f, const AVal *e, const Cand *c)
{
    if (c->differ)
        front_unsup(
            f, UNSUP_VALUE,
            "more than the class of a %s whose raises differ in number or types "
            "of their arguments",
            c->cls->s);
    AVal **arg = ARENA_NEW_N(f->arena, c->n + 1, AVal *);
    for (idx i = 0; i < c->n; i++)
        arg[i] = caught_arg(f, e, i, c->type[i]);
    return shadow_new(f, c->cls, arg, c->n);
}

/* What is asked of an instance. */
typedef AVal *Asked(Front *f, AVal *v, const char *name);

typedef struct Ask {
    AVal *e;
    idx i; /* of the candidate */
    Asked *run;
    const char *name;
    AVal *rest; /* of what is of none of the classes; NULL: it is of one of them */
} Ask;

static bool has_own(const Cand *c, bool text)
{
    return c->cls && c->cls->rec && (!text || c->cls->f > 0);
}

static AVal *ask_rest(Front *f, const Ask *a);

static AVal *ask_this(Front *f, void *data)
{
    const Ask *a = data;
    return a->run(f, shadow_of(f, a->e, &a->e->caught->at.at[a->i]), a->name);
}

static AVal *ask_next(Front *f, void *data)
{
    Ask a = *(const Ask *)data;
    a.i++;
    return ask_rest(f, &a);
}

static AVal *is_exactly(Front *f, const AVal *e, int64_t number)
{
    Val *v = val_put(f, OP_EXIS, &e->val, 1, type_scalar(DT_BOOL), NULL);
    node_set_ints(f->fn, v->def, "codes", NULL, 0);
    node_set_ints(f->fn, v->def, "classes", &number, 1);
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

/* From candidate i on. */
static AVal *ask_rest(Front *f, const Ask *a)
{
    Ask b = *a;
    const struct Caught *c = a->e->caught;
    while (b.i < c->at.n && !has_own(&c->at.at[b.i], a->rest != NULL))
        b.i++;
    if (b.i == c->at.n) return a->rest;
    idx next = b.i + 1;
    while (next < c->at.n && !has_own(&c->at.at[next], a->rest != NULL))
        next++;
    if (next == c->at.n && !a->rest) return ask_this(f, &b);
    AVal *is = is_exactly(f, a->e, c->at.at[b.i].cls->i);
    return lower_choice(f, is, ask_this, ask_next, &b);
}

/* Nothing raises it: control does not get to the handler. */
static bool is_never(const AVal *e)
{
    return e->ck == EXC_CAUGHT && !e->caught->others && !e->caught->at.n;
}

/* Asks the instance of what was made or caught. rest: the answer for what has no class
 * of its own; NULL: that has none, and is refused. */
static AVal *exc_ask(Front *f, AVal *e, Asked *run, const char *name, AVal *rest)
{
    if (e->ck == EXC_MADE) return run(f, shadow_new(f, e, e->item, e->n), name);
    const struct Caught *c = e->caught;
    if (c->shadow) return run(f, c->shadow, name);
    if (is_never(e)) return av_new_kind(f, A_OPEN);
    bool all = !c->others;
    vec_each (i, &c->at)
        all &= has_own(&c->at.at[i], false);
    if (!all && !rest)
        front_unsup(f, UNSUP_VALUE,
                    "attribute %s of an exception whose class is not known here: name "
                    "the class in the except clause",
                    name);
    Ask a = {.e = e, .run = run, .name = name, .rest = rest};
    return ask_rest(f, &a);
}

/* The class of what was made, or of some of what was caught, says more than Python's.
 */
static bool says_more(const AVal *e, bool text)
{
    if (e->ck == EXC_MADE) return e->rec && (!text || e->f > 0);
    bool some = false;
    for (idx i = 0; e->ck == EXC_CAUGHT && i < e->caught->at.n; i++)
        some |= has_own(&e->caught->at.at[i], text);
    return some;
}

/* A call of a function compiled on its own: its raises are not known here; python: nor
 * are raises of what fails whenever control gets to it. */
static bool raises_others(const Region *r, bool python)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_CALLFN) return true;
        if (python && n->op == OP_RAISE && node_attr(n, "text")) return true;
        for (int i = 0; i < n->nregion; i++)
            if (raises_others(n->region[i], python)) return true;
    }
    return false;
}

/* e.name, but for what an exception of any class has. */
static bool asks(const Ast *e, const void *name)
{
    return e->kind == AST_Attribute && e->a && e->a->kind == AST_Name &&
           !strcmp(e->a->id, name) && strcmp(e->id, "args") != 0 && e->id[0] != '_';
}

void exc_enter(Front *f, AVal *e, const Ast *handler)
{
    struct Caught *c = e->caught;
    bool one =
        handler->id && c->at.n == 1 && !c->others && has_own(&c->at.at[0], false);
    if (one && !c->at.at[0].differ && ast_any_of(&handler->list, asks, handler->id))
        c->shadow = shadow_of(f, e, &c->at.at[0]);
}

/* -- What all exceptions answer, of such an instance */

static AVal *base_text(Front *f, AVal *args, bool key)
{
    if (args->n == 0) return av_str(f, "", 0);
    if (args->n == 1) return text_str(f, args->item[0], key);
    return text_str(f, args, true);
}

static AVal *base_repr(Front *f, const char *cls, AVal *args)
{
    AVal *s = av_str(f, cls, -1);
    if (args->n != 1) return lower_binop(f, AST_Add, s, text_str(f, args, true));
    s = lower_binop(f, AST_Add, s, av_str(f, "(", 1));
    s = lower_binop(f, AST_Add, s, text_str(f, args->item[0], true));
    return lower_binop(f, AST_Add, s, av_str(f, ")", 1));
}

static AVal *shadow_args(Front *f, AVal *v, const char *name)
{
    AVal *args = instance_attr(f, v, "args");
    (void)name;
    if (!args || args->kind != A_TUPLE || args->rec)
        front_unsup(f, UNSUP_VALUE, "the arguments of %s are no tuple", v->rec->name);
    return args;
}

static AVal *shadow_text(Front *f, AVal *v, const char *name)
{
    const char *special = !strcmp(name, "repr") ? "__repr__" : "__str__";
    AVal *own = record_special(f, special, v, NULL, 0);
    if (own) return own;
    return exc_base_method(f, v, special, NULL, 0);
}

bool exc_base_has(const char *name)
{
    return !strcmp(name, "__init__") || !strcmp(name, "__str__") ||
           !strcmp(name, "__repr__");
}

AVal *exc_base_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx n)
{
    if (!strcmp(name, "__init__")) {
        instance_set(f, self, intern(f->names, "args"), av_tuple(f, arg, n));
        return av_none(f);
    }
    AVal *args = shadow_args(f, self, name);
    if (!strcmp(name, "__repr__")) return base_repr(f, self->rec->name, args);
    bool key = false;
    vec_each (i, &f->classes)
        key |=
            f->classes.at[i].cls->rec == self->rec && f->classes.at[i].cls->op == E_KEY;
    return base_text(f, args, key);
}

AVal *exc_caught(Front *f, const Trying *t, Val *h, AVal *const *cls, idx ncls,
                 const Region *body)
{
    AVal *v = av_new_kind(f, A_EXC);
    v->ck = EXC_CAUGHT;
    v->val = h;
    v->i = -1;
    v->op = ncls == 1 ? cls[0]->op : E_EXCEPTION;
    v->s = ncls == 1 ? cls[0]->s : NULL;
    bool first = true, agree = true, builtin = ncls == 0;
    v->caught = ARENA_NEW(f->arena, struct Caught);
    for (idx k = 0; k < ncls; k++) {
        builtin |= cls[k]->i < 0;
        v->f += cls[k]->f;
    }
    vec_each (i, &t->raised) {
        const Raised *r = &t->raised.at[i];
        bool taken = ncls == 0;
        for (idx k = 0; k < ncls; k++)
            taken |= is_taken(f, r->code, r->cls, cls[k]);
        if (!taken) continue;
        cand_add(f, v->caught, r);
        agree &= join_args(f, v, r->n, r->type, first);
        first = false;
    }
    v->caught->others =
        raises_others(body, builtin) || (builtin && fails_by_itself(body, false));
    Type text = type_scalar(DT_STR);
    text.null = NULL_NONE;
    bool key = ncls > 0;
    for (idx k = 0; k < ncls; k++)
        key &= cls[k]->op == E_KEY && cls[k]->i < 0;
    if (builtin && (first || fails_by_itself(body, key)))
        agree &= join_args(f, v, 1, &text, first);
    else if (first)
        agree = false;
    if (!agree) v->n = -1;
    return v;
}

static void no_own_text(Front *f, const AVal *e)
{
    if (e->f > 0)
        front_unsup(
            f, UNSUP_VALUE,
            "the text and arguments of an exception whose class has an "
            "__init__ or __str__ of its own, and whose raises are not seen here");
}

/* OP_EXTEXT; what: its text, or with the name of its class (exc_finish). */
static AVal *caught_text(Front *f, const AVal *e, const char *what)
{
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    Val *v = val_put(f, OP_EXTEXT, &e->val, 1, t, NULL);
    AVal *r = av_scalar(f, v);
    r->i = 1;
    if (!*what) return r;
    node_set_int(f->fn, v->def, what, 1);
    ExcTest ask = {.node = v->def};
    vec_push(f->arena, &f->exc_tests, ask);
    return r;
}

/* One that was made and not raised: "ValueError('a', 1)", "('a', 1)". */
static AVal *made_text(Front *f, const AVal *e, bool repr)
{
    AVal *args = av_tuple(f, e->item, e->n);
    return repr ? base_repr(f, e->s, args) : base_text(f, args, e->op == E_KEY);
}

AVal *exc_text(Front *f, AVal *e, bool repr)
{
    const char *what = repr ? "repr" : "";
    if (e->ck != EXC_MADE && e->ck != EXC_CAUGHT)
        front_unsup(f, UNSUP_VALUE, "the text of an exception's class");
    bool more = says_more(e, true);
    if (is_never(e)) return av_str(f, "", 0);
    if (e->ck == EXC_MADE)
        return more ? exc_ask(f, e, shadow_text, what, NULL) : made_text(f, e, repr);
    if (!more) no_own_text(f, e);
    AVal *plain = caught_text(f, e, what);
    return more ? exc_ask(f, e, shadow_text, what, plain) : plain;
}

AVal *exc_type(Front *f, const AVal *e)
{
    AVal *t = av_new_kind(f, A_EXC);
    *t = *e;
    t->ck = e->ck == EXC_MADE ? EXC_CLASS : EXC_TYPE;
    return t;
}

static AVal *exc_args(Front *f, AVal *e)
{
    if (is_never(e)) return av_new_kind(f, A_OPEN);
    if (says_more(e, true)) return exc_ask(f, e, shadow_args, "args", NULL);
    no_own_text(f, e);
    if (e->ck == EXC_MADE) return av_tuple(f, e->item, e->n);
    if (e->ck != EXC_CAUGHT || e->n < 0)
        front_unsup(f, UNSUP_VALUE,
                    "args of an exception whose raises differ in number or types of "
                    "their arguments; use str(e)");
    AVal **item = ARENA_NEW_N(f->arena, e->n + 1, AVal *);
    for (idx i = 0; i < e->n; i++)
        item[i] = caught_arg(f, e, i, e->item[i]->type);
    return av_tuple(f, item, e->n);
}

/* What classes of Python's call some of their arguments; NULL. */
static AVal *exc_part(Front *f, AVal *e, const char *name)
{
    bool os = err_is(e->op, E_OS), many = e->n >= 2;
    int i = err_is(e->op, E_EXIT) && !strcmp(name, "code")    ? 0
            : err_is(e->op, E_STOP) && !strcmp(name, "value") ? 0
            : os && many && !strcmp(name, "errno")            ? 0
            : os && many && !strcmp(name, "strerror")         ? 1
                                                              : -1;
    if (i < 0) return NULL;
    AVal *all = exc_args(f, e);
    return i < all->n ? all->item[i] : av_none(f);
}

/* What no exception of Python's classes has. */
static void no_such_attr(Front *f, const AVal *e, const char *name)
{
    static const char *const known[] = {
        "code",           "value",    "errno", "strerror", "filename", "filename2",
        "with_traceback", "add_note", "name",  "obj",      "path",     "msg",
        "lineno",         "offset",   "text",  "start",    "end",      "object",
        "reason",         "encoding"};
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i], name)) return;
    bool instance = e->ck == EXC_MADE || (e->ck == EXC_CAUGHT && e->s);
    if (instance && !e->rec && e->i < 0)
        front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", e->s, name);
}

AVal *exc_attr(Front *f, AVal *e, const char *name)
{
    if (!strcmp(name, "args")) return exc_args(f, e);
    bool named = !strcmp(name, "__name__") || !strcmp(name, "__qualname__");
    if (e->ck == EXC_CLASS && named) return av_str(f, e->s, -1);
    if (e->ck == EXC_TYPE && named) return caught_text(f, e, "class");
    bool instance = e->ck == EXC_MADE || e->ck == EXC_CAUGHT;
    if (instance && !strcmp(name, "__class__")) return exc_type(f, e);
    AVal *part = instance ? exc_part(f, e, name) : NULL;
    if (part) return part;
    if (instance && *name != '_' && (is_never(e) || says_more(e, false)))
        return exc_ask(f, e, front_getattr, name, NULL);
    if (*name != '_') no_such_attr(f, e, name);
    front_unsup(f, UNSUP_VALUE, "attribute %s of an exception is not compiled", name);
}

/* -- The test of an except clause ----------------------------------------------------
 */
AVal *exc_test(Front *f, Val *h, AVal *const *cls, idx n)
{
    Val *v = val_put(f, OP_EXIS, &h, 1, type_scalar(DT_BOOL), NULL);
    int64_t *codes = ARENA_NEW_N(f->arena, n + 1, int64_t);
    idx ncode = 0;
    ExcTest t = {.node = v->def};
    for (idx i = 0; i < n; i++) {
        if (cls[i]->i < 0)
            codes[ncode++] = cls[i]->op;
        else
            vec_push(f->arena, &t.base, cls[i]->i);
    }
    node_set_ints(f->fn, v->def, "codes", codes, ncode);
    if (t.base.n) vec_push(f->arena, &f->exc_tests, t);
    return av_scalar(f, v);
}

AVal *exc_isinstance(Front *f, AVal *e, AVal *classes)
{
    AVal **item = classes->kind == A_TUPLE ? classes->item : &classes;
    idx n = classes->kind == A_TUPLE ? classes->n : 1, k = 0;
    AVal **cls = ARENA_NEW_N(f->arena, n + 1, AVal *);
    bool made = false;
    for (idx i = 0; i < n; i++) {
        AVal *c = exc_class(f, item[i]);
        bool object = item[i]->kind == A_API && !strcmp(item[i]->s, "builtins.object");
        made |= object || (c && is_taken(f, e->op, e->i, c));
        if (object) return av_bool(f, true);
        if (c) cls[k++] = c;
    }
    if (e->ck == EXC_MADE) return av_bool(f, made);
    AVal *is = exc_test(f, e->val, cls, k);
    is->i = 1;
    return is;
}

/* The names of the user's classes, by which the text of one is found. */
static void exc_names(Front *f, Node *n)
{
    int64_t *number = ARENA_NEW_N(f->arena, f->classes.n + 1, int64_t);
    const char **name = ARENA_NEW_N(f->arena, f->classes.n + 1, const char *);
    vec_each (i, &f->classes) {
        number[i] = f->classes.at[i].number;
        name[i] = f->classes.at[i].name;
    }
    node_set_ints(f->fn, n, "classes", number, f->classes.n);
    node_set_texts(f->fn, n, "names", name, f->classes.n);
}

/* When all classes are known: which of them a test for a class of the user's takes. */
void exc_finish(Front *f)
{
    vec_each (i, &f->exc_tests) {
        const ExcTest *t = &f->exc_tests.at[i];
        int64_t *number = ARENA_NEW_N(f->arena, f->classes.n + 1, int64_t);
        idx n = 0;
        if (t->node->op == OP_EXTEXT) {
            exc_names(f, t->node);
            continue;
        }
        vec_each (c, &f->classes) {
            bool in = false;
            vec_each (k, &t->base)
                in |= class_is(f, f->classes.at[c].number, t->base.at[k]);
            if (in) number[n++] = f->classes.at[c].number;
        }
        node_set_ints(f->fn, t->node, "classes", number, n);
    }
}
