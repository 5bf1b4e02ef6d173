/* SPDX-License-Identifier: Apache-2.0
 * match statements, as the if statements that they are short for.
 *
 * A pattern is tested over the abstract value of its subject: tests of kind and length
 * are known when compiling, comparisons are run-time bools. What it captures goes to
 * hidden variables; the first statements of the case's body copy them to the user's
 * names. So a case becomes
 *
 *   if <test>: name = $1; ...; body          without a guard
 *   else: match on with the other cases
 *
 *   if <test>: name = $1; ...; $guard = <guard>        with one
 *   else: $guard = False
 *   if $guard: body
 *   else: match on with the other cases
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

typedef struct Capture {
    const char *name, *hidden;
} Capture;

typedef struct Match {
    Front *f;
    VEC(Capture) capture;
} Match;

static const char *hidden_name(Front *f)
{
    return intern(f->names, arena_printf(f->arena, "$%d", ++f->nhidden));
}

/* -- Patterns -------------------------------------------------------------------------
 */
static AVal *test(Match *m, const Ast *p, AVal *v);

static AVal *both(Front *f, AVal *a, AVal *b)
{
    if (a->kind == A_CONST) return a->i ? b : a;
    if (b->kind == A_CONST) return b->i ? a : b;
    return front_elem(f, OP_BITAND, (AVal *[]){a, b}, 2);
}

static AVal *either(Front *f, AVal *a, AVal *b)
{
    if (a->kind == A_CONST) return a->i ? a : b;
    if (b->kind == A_CONST) return b->i ? b : a;
    return front_elem(f, OP_BITOR, (AVal *[]){a, b}, 2);
}

/* Text, numbers and the rest: values of different families are never equal. */
static int family(const AVal *v)
{
    if (bytes_is(v)) return 5;
    if (v->kind == A_SCALAR) {
        DType dt = (DType)v->val->type.dt;
        return dt == DT_STR ? 2 : dt_is_time(dt) || dt == DT_DATE ? 3 : 1;
    }
    if (v->kind != A_CONST) return v->kind == A_TUPLE || v->kind == A_LIST ? 4 : 0;
    return v->ck == AC_STR ? 2 : 1;
}

static AVal *equal(Front *f, AVal *v, AVal *to)
{
    if (family(v) != family(to)) return av_bool(f, false);
    return lower_truth(f, lower_compare(f, AST_Eq, v, to));
}

static void capture(Match *m, const char *name, AVal *v)
{
    Front *f = m->f;
    vec_each (i, &m->capture)
        if (m->capture.at[i].name == name) {
            scope_store(f, m->capture.at[i].hidden, v);
            return;
        }
    Capture c = {name, hidden_name(f)};
    scope_store(f, c.hidden, v);
    vec_push(f->arena, &m->capture, c);
}

static idx star_of(const Ast *p)
{
    for (idx i = 0; i < p->list.n; i++)
        if (p->list.at[i]->kind == AST_MatchStar) return i;
    return -1;
}

/* The names of a pattern that is tested on one path only. */
static void declare(Match *m, const Ast *p)
{
    if (!p) return;
    bool names = p->kind == AST_MatchAs || p->kind == AST_MatchStar ||
                 p->kind == AST_MatchMapping;
    bool known = false;
    vec_each (i, &m->capture)
        known |= names && m->capture.at[i].name == p->id;
    if (names && p->id && !known) {
        Capture c = {p->id, hidden_name(m->f)};
        scope_declare(m->f, m->f->scope, c.hidden);
        vec_push(m->f->arena, &m->capture, c);
    }
    if (p->kind == AST_MatchAs) declare(m, p->a);
    if (p->kind == AST_MatchMapping || p->kind == AST_MatchClass) {
        const AstList *parts = p->kind == AST_MatchClass ? &p->list3 : &p->list2;
        for (idx i = 0; i < parts->n; i++)
            declare(m, parts->at[i]);
        if (p->kind == AST_MatchMapping) return;
    }
    for (idx i = 0; i < p->list.n; i++)
        declare(m, p->list.at[i]);
}

/* A sequence pattern, and a list or range of the run time that is long enough. */
typedef struct RunSequence {
    Match *m;
    const Ast *p;
    AVal *v;
} RunSequence;

static AVal *run_items(Front *f, void *data)
{
    const RunSequence *r = data;
    const AstList *l = &r->p->list;
    idx star = star_of(r->p), k = l->n;
    AVal *all = av_bool(f, true);
    for (idx i = 0; i < k; i++) {
        const Ast *q = l->at[i];
        if (i == star && !q->id) continue;
        AVal *at = av_int(f, star >= 0 && i > star ? i - k : i);
        if (i == star) {
            AVal *part[3] = {at, i + 1 == k ? av_none(f) : av_int(f, i + 1 - k),
                             av_none(f)};
            at = av_tuple(f, part, 3);
            at->kind = A_SLICE;
            capture(r->m, q->id, lower_subscript(f, r->v, at));
            continue;
        }
        all = both(f, all, test(r->m, q, lower_subscript(f, r->v, at)));
    }
    return all;
}

static AVal *run_none(Front *f, void *data)
{
    (void)data;
    return av_bool(f, false);
}

static AVal *run_sequence(Match *m, const Ast *p, AVal *v)
{
    Front *f = m->f;
    RunSequence r = {m, p, v};
    idx k = p->list.n;
    bool star = star_of(p) >= 0;
    declare(m, p);
    AVal *n = builtin_call(f, "builtins.len", &v, 1, NULL, NULL, 0);
    AVal *fits = lower_compare(f, star ? AST_GtE : AST_Eq, n, av_int(f, k - star));
    return lower_choice(f, fits, run_items, run_none, &r);
}

static AVal *test_sequence(Match *m, const Ast *p, AVal *v)
{
    Front *f = m->f;
    AVal **item;
    idx n, star = star_of(p), k = p->list.n;
    if (v->kind != A_TUPLE && v->kind != A_LIST && v->kind != A_RANGE)
        return av_bool(f, false);
    if (record_is_opaque(v)) return av_bool(f, false);
    if (iter_is_run(f, v)) return run_sequence(m, p, v);
    if (!lower_items(f, v, &item, &n))
        front_unsup(f, UNSUP_MATCH, "a sequence pattern on %s", av_type_text(f, v));
    if (star < 0 ? n != k : n < k - 1) return av_bool(f, false);
    AVal *all = av_bool(f, true);
    for (idx i = 0; i < k; i++) {
        const Ast *q = p->list.at[i];
        if (i == star) {
            if (q->id) capture(m, q->id, av_list(f, item + i, n - (k - 1)));
            continue;
        }
        idx from = star >= 0 && i > star ? n - (k - i) : i;
        all = both(f, all, test(m, q, item[from]));
        if (all->kind == A_CONST && !all->i) break;
    }
    return all;
}

static AVal *test_or(Match *m, const Ast *p, AVal *v)
{
    AVal *any = av_bool(m->f, false);
    for (idx i = 0; i < p->list.n; i++) {
        idx before = m->capture.n;
        AVal *t = test(m, p->list.at[i], v);
        if (m->capture.n > before && t->kind != A_CONST)
            front_unsup(m->f, UNSUP_MATCH,
                        "names in an or-pattern that is decided at run time");
        if (t->kind == A_CONST && t->i) return t;
        m->capture.n = before;
        any = either(m->f, any, t);
    }
    return any;
}

/* -- Classes ----------------------------------------------------------------------- */

/* The types that take one pattern by place: for the whole value. */
static bool is_plain_type(const AVal *cls)
{
    static const char *const plain[] = {"bool", "float", "int", "str",  "tuple",
                                        "list", "dict",  "set", "bytes"};
    const char *name = cls->kind != A_API                     ? ""
                       : strncmp(cls->s, "builtins.", 9) == 0 ? cls->s + 9
                                                              : cls->s;
    for (idx i = 0; i < COUNT_OF(plain); i++)
        if (!strcmp(name, plain[i])) return true;
    return false;
}

/* The attribute that the i-th pattern by place stands for. */
static const char *placed_name(Front *f, AVal *cls, idx i, idx given)
{
    if (!cls->rec)
        front_unsup(f, UNSUP_MATCH, "a class pattern of %s with a part by place",
                    av_type_text(f, cls));
    const char *cls_name = cls->rec->name;
    AVal *names = record_member(f, cls, "__match_args__");
    idx n = names && names->kind == A_TUPLE ? names->n : 0;
    if (!names || i >= n)
        front_fail(f, E_TYPE, "%s() accepts %lld positional sub-pattern%s (%lld given)",
                   cls_name, (long long)n, n == 1 ? "" : "s", (long long)given);
    return intern(f->names, front_const_str(f, names->item[i], "an attribute's name"));
}

/* The patterns in the parentheses, of a value that is of the class. */
static AVal *test_parts(Match *m, const Ast *p, AVal *cls, AVal *v)
{
    Front *f = m->f;
    AVal *all = av_bool(f, true);
    idx n = p->list.n;
    for (idx i = 0; i < n + p->list2.n; i++) {
        const char *name = i < n ? placed_name(f, cls, i, n) : p->list2.at[i - n]->id;
        const Ast *q = i < n ? p->list.at[i] : p->list3.at[i - n];
        all = both(f, all, test(m, q, front_getattr(f, v, name)));
        if (all->kind == A_CONST && !all->i) break;
    }
    return all;
}

/* case int(), str() as s, Point(x, y=0): whether it is of the class is known when
 * compiling, but for what may be None. */
typedef struct OfClass {
    Match *m;
    const Ast *p;
    AVal *cls, *v;
} OfClass;

static AVal *test_of_class(Front *f, void *data)
{
    const OfClass *o = data;
    const Ast *p = o->p;
    bool plain = is_plain_type(o->cls);
    AVal *two[2] = {o->v, o->cls};
    AVal *is = builtin_call(f, "builtins.isinstance", two, 2, NULL, NULL, 0);
    if (!is->i) return is;
    if (plain && p->list.n == 1 && !p->list2.n) return test(o->m, p->list.at[0], o->v);
    if (plain && p->list.n + p->list2.n)
        front_unsup(f, UNSUP_MATCH, "a pattern of parts of %s",
                    front_class_text(f, o->v));
    return test_parts(o->m, p, o->cls, o->v);
}

static AVal *test_class(Match *m, const Ast *p, AVal *v)
{
    Front *f = m->f;
    OfClass o = {m, p, lower_expr(f, p->a), v};
    if (!is_plain_type(o.cls) && o.cls->kind != A_RECORD && o.cls->kind != A_API)
        front_unsup(f, UNSUP_MATCH, "a class pattern of %s", av_type_text(f, o.cls));
    if (v->kind != A_OPT) return test_of_class(f, &o);
    declare(m, p);
    o.v = v->item[0];
    return lower_choice(f, av_scalar(f, v->val), test_of_class, run_none, &o);
}

/* -- Mappings ---------------------------------------------------------------------- */
typedef struct InMapping {
    Match *m;
    const Ast *p;
    AVal *v;
    idx i; /* of the key */
} InMapping;

static AVal *test_key(Front *f, void *data);

/* A key that is there: its value, then the other keys; behind the last one the rest. */
static AVal *test_found(Front *f, void *data)
{
    InMapping k = *(const InMapping *)data;
    AVal *key = lower_expr(f, k.p->list.at[k.i]);
    AVal *is = test(k.m, k.p->list2.at[k.i], lower_subscript(f, k.v, key));
    k.i++;
    return both(f, is, test_key(f, &k));
}

static AVal *test_key(Front *f, void *data)
{
    const InMapping *k = data;
    const Ast *p = k->p;
    if (k->i < p->list.n) {
        AVal *there = lower_compare(f, AST_In, lower_expr(f, p->list.at[k->i]), k->v);
        InMapping now = *k;
        return lower_choice(f, lower_truth(f, there), test_found, run_none, &now);
    }
    if (!p->id) return av_bool(f, true);
    AVal *rest = builtin_call(f, "builtins.dict", &k->v, 1, NULL, NULL, 0);
    if (rest == k->v) rest = object_method(f, rest, "copy", NULL, 0, NULL, NULL, 0);
    for (idx i = 0; i < p->list.n; i++)
        lower_remove(f, rest, lower_expr(f, p->list.at[i]));
    capture(k->m, p->id, rest);
    return av_bool(f, true);
}

static AVal *test_mapping(Match *m, const Ast *p, AVal *v)
{
    if (v->kind != A_DICT) return av_bool(m->f, false);
    declare(m, p);
    InMapping k = {m, p, v, 0};
    return test_key(m->f, &k);
}

static AVal *test_singleton(Front *f, const Ast *p, AVal *v)
{
    AVal *to = p->ck == AC_NONE ? av_none(f) : av_bool(f, p->i != 0);
    bool is_bool = v->kind == A_CONST
                       ? v->ck == AC_BOOL
                       : v->kind == A_SCALAR && v->val->type.dt == DT_BOOL;
    if (p->ck != AC_NONE && !is_bool) return av_bool(f, false);
    return lower_compare(f, AST_Is, v, to);
}

/* Whether v matches p: a const or run-time bool. Captures are stored on the way. */
static AVal *test(Match *m, const Ast *p, AVal *v)
{
    Front *f = m->f;
    f->loc = p->loc;
    f->loc.file = f->scope->file;
    AVal *t;
    switch ((AstKind)p->kind) {
    case AST_MatchValue: return equal(f, v, lower_expr(f, p->a));
    case AST_MatchSingleton: return test_singleton(f, p, v);
    case AST_MatchSequence: return test_sequence(m, p, v);
    case AST_MatchOr: return test_or(m, p, v);
    case AST_MatchClass: return test_class(m, p, v);
    case AST_MatchAs:
        t = p->a ? test(m, p->a, v) : av_bool(f, true);
        if (p->id) capture(m, p->id, v);
        return t;
    case AST_MatchMapping: return test_mapping(m, p, v);
    default: front_fail(f, E_SYNTAX, "this is not a pattern");
    }
}

/* -- Syntax that is made
 * ---------------------------------------------------------------- */
static Ast *ast_new(Front *f, AstKind kind, Loc loc)
{
    Ast *e = ARENA_NEW(f->arena, Ast);
    e->kind = (uint8_t)kind;
    e->loc = loc;
    return e;
}

static AstList list_of(Front *f, Ast *const *at, idx n)
{
    AstList l = {ARENA_NEW_N(f->arena, n + 1, Ast *), n};
    for (idx i = 0; i < n; i++)
        l.at[i] = at[i];
    return l;
}

static Ast *name_new(Front *f, const char *id, Loc loc)
{
    Ast *e = ast_new(f, AST_Name, loc);
    e->id = id;
    return e;
}

static Ast *assign_new(Front *f, const char *to, Ast *value)
{
    Ast *s = ast_new(f, AST_Assign, value->loc), *t = name_new(f, to, value->loc);
    s->list = list_of(f, &t, 1);
    s->a = value;
    return s;
}

static Ast *if_new(Front *f, const char *test, AstList yes, AstList no, Loc loc)
{
    Ast *s = ast_new(f, AST_If, loc);
    s->a = name_new(f, test, loc);
    s->list = yes;
    s->list2 = no;
    return s;
}

/* Copies of the captures, then the statements. */
static AstList with_captures(Front *f, const Match *m, const AstList *body, Loc loc)
{
    idx n = m->capture.n, k = body ? body->n : 0;
    AstList l = {ARENA_NEW_N(f->arena, n + k + 1, Ast *), n + k};
    for (idx i = 0; i < n; i++)
        l.at[i] = assign_new(f, m->capture.at[i].name,
                             name_new(f, m->capture.at[i].hidden, loc));
    for (idx i = 0; i < k; i++)
        l.at[n + i] = body->at[i];
    return l;
}

static AstList guarded(Front *f, const Match *m, const Ast *c, const char *is,
                       AstList rest)
{
    const char *guard = hidden_name(f);
    scope_store(f, guard, av_bool(f, false));
    Ast *set = assign_new(f, guard, c->b), *as_bool = ast_new(f, AST_UnaryOp, c->loc),
        *not = ast_new(f, AST_UnaryOp, c->loc);
    as_bool->op = not ->op = AST_Not; /* its truth */
    not ->a = c->b;
    as_bool->a = not ;
    set->a = as_bool;
    AstList one = list_of(f, &set, 1), none = {0};
    Ast *both[2] = {if_new(f, is, with_captures(f, m, &one, c->loc), none, c->loc),
                    if_new(f, guard, c->list, rest, c->loc)};
    return list_of(f, both, 2);
}

AstList lower_match(Front *f, const Ast *s)
{
    const char *subject = s->id, *is = hidden_name(f);
    if (!subject) {
        subject = hidden_name(f);
        scope_store(f, subject, lower_expr(f, s->a));
        is = hidden_name(f);
    }
    AstList rest = {0};
    if (s->list.n == 0) return rest;
    const Ast *c = s->list.at[0];
    if (s->list.n > 1) {
        Ast *more = ast_new(f, AST_Match, s->loc);
        more->id = subject;
        more->list = (AstList){s->list.at + 1, s->list.n - 1};
        rest = list_of(f, &more, 1);
    }
    Match m = {.f = f};
    AVal *t = test(&m, c->a, scope_load(f, subject));
    scope_store(f, is, t);
    if (c->b) return guarded(f, &m, c, is, rest);
    Ast *one = if_new(f, is, with_captures(f, &m, &c->list, c->loc), rest, c->loc);
    return list_of(f, &one, 1);
}
