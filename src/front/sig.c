/* SPDX-License-Identifier: Apache-2.0
 * Parsing signatures of the op table, binding of a call's arguments to them:
 * positional, keyword, defaults; then the check of each argument against its
 * parameter's kind.
 */
#include "front/sig.h"
#include "front/build.h"
#include "front/front_int.h"
#include <ctype.h>

/* -- Parsing -------------------------------------------------------------------- */
static const char *skip_blank(const char *p)
{
    while (*p == ' ' || *p == '\n')
        p++;
    return p;
}

/* End of an item: the next `stop` character outside brackets and quotes. */
static const char *item_end(const char *p, const char *stops)
{
    int depth = 0;
    char quote = 0;
    for (; *p; p++) {
        if (quote) {
            if (*p == quote) quote = 0;
            continue;
        }
        if (depth == 0 && strchr(stops, *p)) break;
        if (*p == '\'')
            quote = *p;
        else if (*p == '(' || *p == '[')
            depth++;
        else if (*p == ')' || *p == ']')
            depth--;
    }
    return p;
}

static const char *trim_end(const char *p, const char *end)
{
    while (end > p && end[-1] == ' ')
        end--;
    return end;
}

static void parse_param(Front *f, Sig *s, const char *p, const char *end, bool kwonly)
{
    if (s->n == SIG_MAX) BUG("signature with too many parameters");
    SigParam *q = &s->p[s->n++];
    const char *name = p;
    while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
        p++;
    q->name = intern_n(f->names, name, (size_t)(p - name));
    q->kwonly = kwonly;
    q->kind = "any";
    q->kind_end = q->kind + 3;
    p = skip_blank(p);
    if (*p == ':') {
        q->kind = skip_blank(p + 1);
        p = item_end(q->kind, "=,)");
        q->kind_end = trim_end(q->kind, p);
    }
    p = skip_blank(p);
    if (p < end && *p == '=') {
        q->dflt = skip_blank(p + 1);
        q->dflt_end = trim_end(q->dflt, end);
    }
}

const Sig *sig_parse(Front *f, const char *text)
{
    Sig *s = ARENA_NEW(f->arena, Sig);
    if (!*text) {
        s->generic = true;
        return s;
    }
    if (*text != '(') BUG("signature does not start with '(': %s", text);
    bool kwonly = false;
    const char *p = skip_blank(text + 1);
    while (*p && *p != ')') {
        const char *end = item_end(p, ",)");
        const char *last = trim_end(p, end);
        if (last - p == 4 && !strncmp(p, "self", 4) && s->n == 0)
            s->self = true;
        else if (last - p == 1 && *p == '/') {
            for (idx i = 0; i < s->n; i++)
                s->p[i].posonly = true;
        } else if (last - p == 1 && *p == '*')
            kwonly = true;
        else if (p[0] == '*' && p[1] == '*')
            s->kwargs = true;
        else if (p[0] == '*')
            s->varargs = kwonly = true;
        else
            parse_param(f, s, p, last, kwonly);
        p = skip_blank(*end == ',' ? end + 1 : end);
    }
    if (*p != ')') BUG("signature does not end: %s", text);
    return s;
}

/* -- Constants in signatures ---------------------------------------------------- */
static AVal *parse_const(Front *f, const char *p, const char *end)
{
    size_t n = (size_t)(end - p);
    if (n == 4 && !strncmp(p, "None", n)) return av_none(f);
    if (n == 4 && !strncmp(p, "True", n)) return av_bool(f, true);
    if (n == 5 && !strncmp(p, "False", n)) return av_bool(f, false);
    if (*p == '\'') return av_str(f, arena_strndup(f->arena, p + 1, n - 2), (idx)n - 2);
    if (*p == 'b') {
        AVal *v = av_str(f, arena_strndup(f->arena, p + 2, n - 3), (idx)n - 3);
        v->ck = AC_BYTES;
        return v;
    }
    char *text = arena_strndup(f->arena, p, n);
    if (strchr(text, '.')) return av_float(f, strtod(text, NULL));
    if (isdigit((unsigned char)*text) || *text == '-')
        return av_int(f, strtoll(text, NULL, 10));
    BUG("signature: constant %s", text);
}

/* -- Kinds ---------------------------------------------------------------------- */
static bool kind_is(const char *k, const char *end, const char *name)
{
    size_t n = strlen(name);
    return (size_t)(end - k) >= n && !strncmp(k, name, n) &&
           (k + n == end || k[n] == '(');
}

static bool const_of(const AVal *v, AstConst ck)
{
    return v->kind == A_CONST && v->ck == ck;
}

/* True when v is among the constants of one_of(...) or only(...). */
static bool listed(Front *f, const char *k, const char *end, const AVal *v)
{
    const char *p = strchr(k, '(');
    if (!p || p >= end) BUG("signature: kind without a list");
    p = skip_blank(p + 1);
    while (p < end && *p != ')') {
        const char *e = item_end(p, ",)");
        AVal *c = parse_const(f, p, trim_end(p, e));
        if (c->kind == A_NONE ? v->kind == A_NONE : av_equal(c, v)) return true;
        p = skip_blank(*e == ',' ? e + 1 : e);
    }
    return false;
}

bool av_is_label(const AVal *v)
{
    if (v->kind == A_NONE) return true;
    if (v->kind == A_CONST) return v->ck != AC_ELLIPSIS;
    if (v->kind != A_TUPLE) return false;
    for (idx i = 0; i < v->n; i++)
        if (!av_is_label(v->item[i])) return false;
    return v->n > 0;
}

/* A label or a list of labels as an A_TUPLE; NULL when it is neither. */
AVal *av_labels(Front *f, AVal *v)
{
    if (v->kind == A_CONST && v->ck != AC_ELLIPSIS) {
        if (v->arg) v->arg->demanded = true;
        return av_tuple(f, &v, 1);
    }
    if (v->kind == A_TUPLE) return av_is_label(v) || v->n == 0 ? v : NULL;
    if (v->kind == A_INDEX && v->n > 0) return av_tuple(f, v->item, v->n);
    if (v->kind != A_LIST && v->kind != A_SET) return NULL;
    Container *c = front_items(f, v);
    for (idx i = 0; i < c->item.n; i++) {
        if (!av_is_label(c->item.at[i])) return NULL;
        if (c->item.at[i]->arg) c->item.at[i]->arg->demanded = true;
    }
    return av_tuple(f, c->item.at, c->item.n);
}

static bool is_none(const AVal *v)
{
    return v->kind == A_NONE;
}
static bool is_bool(const AVal *v)
{
    return const_of(v, AC_BOOL);
}
static bool is_int(const AVal *v)
{
    return const_of(v, AC_INT);
}
static bool is_float(const AVal *v)
{
    return const_of(v, AC_FLOAT) || is_int(v);
}
static bool is_str(const AVal *v)
{
    return const_of(v, AC_STR);
}
static bool is_any(const AVal *v)
{
    return v->kind != A_UNBOUND;
}
static bool is_frame(const AVal *v)
{
    return v->kind == A_FRAME;
}
static bool is_series(const AVal *v)
{
    return v->kind == A_SERIES;
}
static bool is_index(const AVal *v)
{
    return v->kind == A_INDEX;
}
static bool is_scalar(const AVal *v)
{
    return v->kind == A_CONST || v->kind == A_SCALAR;
}
static const struct Kind {
    const char *name;
    bool (*test)(const AVal *v);
} kinds[] = {
    {"any",    is_any        },
    {"None",   is_none       },
    {"bool",   is_bool       },
    {"int",    is_int        },
    {"float",  is_float      },
    {"str",    is_str        },
    {"frame",  is_frame      },
    {"series", is_series     },
    {"index",  is_index      },
    {"scalar", is_scalar     },
    {"func",   front_callable},
};

/* v as one kind demands, NULL when it is not of that kind. */
static AVal *match_kind(Front *f, AVal *v, const char *k, const char *end)
{
    for (idx i = 0; i < COUNT_OF(kinds); i++)
        if (kind_is(k, end, kinds[i].name)) return kinds[i].test(v) ? v : NULL;
    if (kind_is(k, end, "keys")) return av_labels(f, v);
    if (kind_is(k, end, "one_of") || kind_is(k, end, "only"))
        return listed(f, k, end, v) ? v : NULL;
    BUG("signature: unknown kind %.*s", (int)(end - k), k);
}

NORETURN static void bad_arg(Front *f, const Call *c, const SigParam *p, const AVal *v,
                             Loc loc)
{
    const char *m = call_short(c);
    int kn = (int)(p->kind_end - p->kind);
    for (const char *k = p->kind; k < p->kind_end;) {
        const char *e = item_end(k, "|");
        if (e > p->kind_end) e = p->kind_end;
        if (kind_is(k, e, "only")) {
            const char *a = p->dflt ? p->dflt : strchr(k, '(') + 1;
            const char *b = p->dflt ? p->dflt_end : item_end(a, ",)");
            front_fail_at(f, loc, E_UNSUP,
                          "%s(): %s parameter only supports default value %.*s "
                          "(leave it out, or do that step in plain pandas outside)",
                          m, p->name, (int)(b - a), a);
        }
        if (kind_is(k, e, "one_of") && v->kind == A_CONST)
            front_fail_at(f, loc, E_VALUE, "%s(): %s must be %.*s", m, p->name, kn,
                          p->kind);
        k = e + 1;
    }
    if (v->kind == A_SCALAR)
        front_fail_at(f, loc, E_UNSUP,
                      "%s(): '%s' parameter only supports a constant known when "
                      "compiling, not a value computed at run time",
                      m, p->name);
    front_fail_at(f, loc, E_TYPE, "%s(): %s must be %.*s, not %s", m, p->name, kn,
                  p->kind, av_type_text(f, v));
}

static AVal *check_arg(Front *f, const Call *c, const SigParam *p, AVal *v, Loc loc)
{
    for (const char *k = p->kind; k < p->kind_end;) {
        const char *e = item_end(k, "|");
        if (e > p->kind_end) e = p->kind_end;
        AVal *r = match_kind(f, v, k, e);
        if (r) {
            if (!kind_is(k, e, "any") && v->arg) v->arg->demanded = true;
            return r;
        }
        k = e + 1;
    }
    bad_arg(f, c, p, v, loc);
}

/* -- Binding -------------------------------------------------------------------- */
const char *call_short(const Call *c)
{
    const char *dot = strrchr(c->name, '.');
    return dot ? dot + 1 : c->name;
}

static void bind_positional(Front *f, Call *c, AVal *const *arg, idx narg)
{
    const Sig *s = c->sig;
    idx npos = 0;
    while (npos < s->n && !s->p[npos].kwonly)
        npos++;
    for (idx i = 0; i < narg && i < npos; i++) {
        c->arg[i] = arg[i];
        c->given[i] = true;
    }
    if (narg <= npos) return;
    if (!s->varargs)
        front_fail(f, E_TYPE, "%s() takes %lld positional argument%s but %lld %s given",
                   c->name, (long long)npos + s->self, npos + s->self == 1 ? "" : "s",
                   (long long)narg + s->self, narg + s->self == 1 ? "was" : "were");
    c->nextra = narg - npos;
    c->extra = ARENA_NEW_N(f->arena, c->nextra, AVal *);
    memcpy(c->extra, arg + npos, (size_t)c->nextra * sizeof *arg);
}

/* A parameter that the library has, but not the row, or none at all. */
NORETURN static void bad_keyword(Front *f, const Call *c, const char *kw)
{
    AVal *ask[2] = {av_str(f, c->name, -1), av_str(f, kw, -1)};
    AVal *has = const_fold(f, "shoal.has_parameter", ask, 2);
    if (has && has->i)
        front_fail(f, E_UNSUP, "%s(): %s parameter is not supported", call_short(c),
                   kw);
    front_fail(f, E_TYPE, "%s() got an unexpected keyword argument '%s'", c->name, kw);
}

static void bind_keywords(Front *f, Call *c, const char *const *kw, AVal *const *kwval,
                          idx nkw)
{
    const Sig *s = c->sig;
    c->kw = ARENA_NEW_N(f->arena, nkw + 1, const char *);
    c->kwval = ARENA_NEW_N(f->arena, nkw + 1, AVal *);
    for (idx k = 0; k < nkw; k++) {
        idx i = 0;
        while (i < s->n && (s->p[i].posonly || strcmp(s->p[i].name, kw[k]) != 0))
            i++;
        if (i < s->n) {
            if (c->given[i])
                front_fail(f, E_TYPE, "%s() got multiple values for argument '%s'",
                           c->name, kw[k]);
            c->arg[i] = kwval[k];
            c->given[i] = true;
        } else if (s->kwargs) {
            c->kw[c->nkw] = kw[k];
            c->kwval[c->nkw++] = kwval[k];
        } else {
            bad_keyword(f, c, kw[k]);
        }
    }
}

static Loc arg_place(Front *f, const Call *c, idx i, const char *name)
{
    if (!c->ast || c->ast->kind != AST_Call) return f->loc;
    for (idx k = 0; k < c->ast->list2.n; k++) {
        const Ast *kw = c->ast->list2.at[k];
        if (kw->id && !strcmp(kw->id, name)) return kw->loc;
    }
    if (i < c->ast->list.n && c->ast->list.at[i]) return c->ast->list.at[i]->loc;
    return f->loc;
}

static void bind_defaults(Front *f, Call *c)
{
    const Sig *s = c->sig;
    for (idx i = 0; i < s->n; i++) {
        const SigParam *p = &s->p[i];
        c->arg_loc[i] = f->loc;
        if (c->given[i] && c->arg[i]) {
            c->arg_loc[i] = arg_place(f, c, i, p->name);
            c->arg[i] = check_arg(f, c, p, c->arg[i], c->arg_loc[i]);
        } else if (p->dflt) {
            c->arg[i] = parse_const(f, p->dflt, p->dflt_end);
        } else {
            front_fail(f, E_TYPE, "%s() missing 1 required positional argument: '%s'",
                       c->name, p->name);
        }
    }
}

void sig_bind(Front *f, Call *c, AVal *const *arg, idx narg, const char *const *kw,
              AVal *const *kwval, idx nkw)
{
    const Sig *s = c->sig;
    CallArgs named = {call_short(c), arg, narg, kw, kwval, nkw};
    if (s->generic && c->op == OP_ROUND) {
        named = call_words(f, &named, "a decimals");
        arg = named.arg;
        narg = named.narg;
        nkw = named.nkw;
    }
    if (s->generic) {
        c->extra = ARENA_NEW_N(f->arena, narg + 1, AVal *);
        if (narg) memcpy(c->extra, arg, (size_t)narg * sizeof *arg);
        c->nextra = narg;
        if (nkw)
            front_fail(f, E_UNSUP, "%s(): %s parameter is not supported", call_short(c),
                       kw[0]);
        return;
    }
    c->arg = ARENA_NEW_N(f->arena, s->n + 1, AVal *);
    c->given = ARENA_NEW_N(f->arena, s->n + 1, bool);
    c->arg_loc = ARENA_NEW_N(f->arena, s->n + 1, Loc);
    bind_positional(f, c, arg, narg);
    bind_keywords(f, c, kw, kwval, nkw);
    bind_defaults(f, c);
}

/* -- Arguments by name ---------------------------------------------------------- */
static idx param_index(Front *f, const Call *c, const char *name)
{
    (void)f;
    for (idx i = 0; i < c->sig->n; i++)
        if (!strcmp(c->sig->p[i].name, name)) return i;
    BUG("%s has no parameter %s", c->name, name);
}

AVal *call_arg(Front *f, const Call *c, const char *name)
{
    return c->arg[param_index(f, c, name)];
}

bool call_given(Front *f, const Call *c, const char *name)
{
    return c->given[param_index(f, c, name)];
}

int64_t call_int(Front *f, const Call *c, const char *name)
{
    return front_const_int(f, call_arg(f, c, name), name);
}

bool call_bool(Front *f, const Call *c, const char *name)
{
    return front_const_bool(f, call_arg(f, c, name), name);
}

bool call_none(Front *f, const Call *c, const char *name)
{
    return call_arg(f, c, name)->kind == A_NONE;
}

const char *call_str(Front *f, const Call *c, const char *name)
{
    AVal *v = call_arg(f, c, name);
    return v->kind == A_NONE ? NULL : front_const_str(f, v, name);
}
