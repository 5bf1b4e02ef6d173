/* SPDX-License-Identifier: Apache-2.0
 * The syntax tree as text: what Python's ast.dump(tree, include_attributes=True)
 * writes, read and written by the rows of ast.def. For tests, dumps and the fuzzer; not
 * used by a compile.
 */
#include "base/base.h"

#include "front/ast.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 400 };

static const struct AstInfo {
    const char *name, *fields;
} ast_info[AST_COUNT] = {
#define AST(kind, fields) {#kind, fields},
#include "front/ast.def"
#undef AST
};

const char *ast_kind_name(AstKind kind)
{
    return ast_info[kind].name;
}

/* The place of a field ("l2") as written in the row; NULL when the kind has no such
 * field. */
static const char *field_place(AstKind kind, const char *name, size_t n, char out[8])
{
    for (const char *p = ast_info[kind].fields; *p;) {
        size_t k = strcspn(p, ":"), m = strcspn(p + k + 1, " ");
        if (k == n && !memcmp(p, name, n)) {
            memcpy(out, p + k + 1, m);
            out[m] = 0;
            return out;
        }
        p += k + 1 + m;
        while (*p == ' ')
            p++;
    }
    return NULL;
}

static Ast **child_at(Ast *e, const char *place)
{
    switch (*place) {
    case 'a': return &e->a;
    case 'b': return &e->b;
    case 'c': return &e->c;
    default: return &e->d;
    }
}

static AstList *list_at(Ast *e, const char *place)
{
    switch (place[1]) {
    case '2': return &e->list2;
    case '3': return &e->list3;
    case '4': return &e->list4;
    default: return &e->list;
    }
}

static bool is_child(const char *place)
{
    return !place[1] && *place >= 'a' && *place <= 'd';
}

/* -- Reading ----------------------------------------------------------------------- */
typedef struct In {
    Arena *arena;
    Intern *names;
    const char *p;
    int depth;
    bool bad;
} In;

static void blank(In *in)
{
    while (*in->p == ' ' || *in->p == '\n' || *in->p == '\r' || *in->p == '\t')
        in->p++;
}

static bool take(In *in, char c)
{
    blank(in);
    if (*in->p != c) return false;
    in->p++;
    return true;
}

static void want(In *in, char c)
{
    if (!take(in, c)) in->bad = true;
}

static size_t word(const char *p)
{
    size_t n = 0;
    while ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= 'A' && p[n] <= 'Z') ||
           p[n] == '_' || (p[n] >= '0' && p[n] <= '9'))
        n++;
    return n;
}

static void put_utf8(char *to, idx *n, uint32_t c)
{
    if (c < 0x80) {
        to[(*n)++] = (char)c;
    } else if (c < 0x800) {
        to[(*n)++] = (char)(0xc0 | c >> 6);
        to[(*n)++] = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        to[(*n)++] = (char)(0xe0 | c >> 12);
        to[(*n)++] = (char)(0x80 | (c >> 6 & 63));
        to[(*n)++] = (char)(0x80 | (c & 63));
    } else {
        to[(*n)++] = (char)(0xf0 | (c >> 18 & 7));
        to[(*n)++] = (char)(0x80 | (c >> 12 & 63));
        to[(*n)++] = (char)(0x80 | (c >> 6 & 63));
        to[(*n)++] = (char)(0x80 | (c & 63));
    }
}

static uint32_t hex(In *in, int digits)
{
    uint32_t v = 0;
    for (int i = 0; i < digits; i++) {
        char c = *in->p;
        uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                            : 16;
        if (d == 16) {
            in->bad = true;
            return 0;
        }
        v = v * 16 + d;
        in->p++;
    }
    return v;
}

static void escape(In *in, char *to, idx *n)
{
    char c = *in->p++;
    switch (c) {
    case 'n': to[(*n)++] = '\n'; break;
    case 't': to[(*n)++] = '\t'; break;
    case 'r': to[(*n)++] = '\r'; break;
    case 'x': put_utf8(to, n, hex(in, 2)); break;
    case 'u': put_utf8(to, n, hex(in, 4)); break;
    case 'U': put_utf8(to, n, hex(in, 8)); break;
    case 0:
        in->p--;
        in->bad = true;
        break;
    default: to[(*n)++] = c;
    }
}

static char *text(In *in, idx *n)
{
    char quote = *in->p++;
    const char *q = in->p;
    while (*q && *q != quote)
        q += *q == 92 && q[1] ? 2 : 1;
    /* An escape of 8 digits gives at most 4 bytes, one of 2 digits at most 2. */
    char *to = arena_alloc(in->arena, (size_t)(q - in->p) + 1);
    *n = 0;
    while (!in->bad && *in->p && *in->p != quote) {
        if (*in->p == '\\') {
            in->p++;
            escape(in, to, n);
        } else {
            to[(*n)++] = *in->p++;
        }
    }
    if (*in->p != quote)
        in->bad = true;
    else
        in->p++;
    to[*n] = 0;
    return to;
}

static void number(In *in, Ast *e)
{
    const char *start = in->p;
    char *end;
    size_t n = strspn(start, "+-0123456789");
    if (n && !strchr(".eEnij", start[n] ? start[n] : ' ')) {
        errno = 0;
        e->ck = AC_INT;
        e->i = strtoll(start, &end, 10);
        if (errno) {
            e->ck = AC_BIGINT;
            e->s = arena_strndup(in->arena, start, n);
            e->n = (idx)n;
        }
        in->p = start + n;
        return;
    }
    e->ck = AC_FLOAT;
    e->f = strtod(start, &end);
    if (end == start) in->bad = true;
    in->p = end;
    if (*in->p == 'j') {
        e->ck = AC_COMPLEX;
        in->p++;
    }
}

/* A constant into the fields of e: ck, i, f, s. */
static void constant(In *in, Ast *e)
{
    blank(in);
    const char *p = in->p;
    if (*p == '\'' || *p == '"') {
        e->ck = AC_STR;
        e->s = text(in, &e->n);
        return;
    }
    if (*p == 'b' && (p[1] == '\'' || p[1] == '"')) {
        in->p++;
        e->ck = AC_BYTES;
        e->s = text(in, &e->n);
        return;
    }
    static const struct {
        const char *word;
        uint8_t ck;
        int64_t i;
    } rows[] = {
        {"None",     AC_NONE,     0},
        {"True",     AC_BOOL,     1},
        {"False",    AC_BOOL,     0},
        {"Ellipsis", AC_ELLIPSIS, 0}
    };
    size_t n = word(p);
    for (idx i = 0; i < COUNT_OF(rows); i++) {
        if (strlen(rows[i].word) != n || memcmp(rows[i].word, p, n) != 0) continue;
        e->ck = rows[i].ck;
        e->i = rows[i].i;
        in->p += n;
        return;
    }
    number(in, e);
}

static Ast *node(In *in);

static void list(In *in, AstList *out)
{
    VEC(Ast *) v = {0};
    want(in, '[');
    while (!in->bad && !take(in, ']')) {
        blank(in);
        Ast *e;
        if (*in->p == '\'') { /* names of global, nonlocal, match classes */
            idx n;
            e = ARENA_NEW(in->arena, Ast);
            e->kind = AST_name;
            e->id = intern(in->names, text(in, &n));
        } else {
            e = node(in);
        }
        vec_push(in->arena, &v, e);
        blank(in);
        if (*in->p != ']') want(in, ',');
    }
    out->at = v.at;
    out->n = v.n;
}

static void name(In *in, const char **out)
{
    blank(in);
    idx n;
    if (*in->p == '\'' || *in->p == '"') {
        *out = intern(in->names, text(in, &n));
    } else if (!strncmp(in->p, "None", 4)) {
        in->p += 4;
        *out = NULL;
    } else {
        in->bad = true;
    }
}

static void integer(In *in, int64_t *out)
{
    char *end;
    blank(in);
    *out = strtoll(in->p, &end, 10);
    if (end == in->p) in->bad = true;
    in->p = end;
}

static bool place_field(In *in, Ast *e, const char *field, size_t n)
{
    static const char *const attr[] = {"lineno", "col_offset", "end_lineno",
                                       "end_col_offset"};
    for (int i = 0; i < 4; i++) {
        if (strlen(attr[i]) != n || memcmp(attr[i], field, n) != 0) continue;
        int64_t v;
        integer(in, &v);
        if (v < 0 || v > INT32_MAX) in->bad = true;
        int32_t k = in->bad ? 0 : (int32_t)v;
        if (i == 0) e->loc.line = k;
        if (i == 1) e->loc.col = k;
        if (i == 2) e->loc.end_line = k;
        if (i == 3) e->loc.end_col = k;
        return true;
    }
    return false;
}

static void skip_value(In *in);

static void field(In *in, Ast *e)
{
    blank(in);
    const char *f = in->p;
    size_t n = word(f);
    char place[8];
    in->p += n;
    want(in, '=');
    if (in->bad || place_field(in, e, f, n)) return;
    if (!field_place((AstKind)e->kind, f, n, place)) {
        skip_value(in);
        return;
    }
    blank(in);
    if (!strcmp(place, "id")) {
        name(in, &e->id);
    } else if (!strcmp(place, "id2")) {
        name(in, &e->id2);
    } else if (*place == 'l') {
        list(in, list_at(e, place));
    } else if (!strcmp(place, "op")) {
        Ast *op = node(in);
        e->op = op ? op->kind : 0;
    } else if (*place == 'v') {
        constant(in, e);
    } else if (*place == 'i') {
        integer(in, &e->i);
    } else if (is_child(place) && *in->p == '[') {
        Ast *d = ARENA_NEW(in->arena, Ast);
        d->kind = AST_defaults;
        list(in, &d->list);
        if (d->list.n) *child_at(e, place) = d;
    } else {
        *child_at(e, place) = node(in);
    }
}

/* ctx=Load(), type_comment=None and other fields that we do not keep. */
static void skip_value(In *in)
{
    blank(in);
    if (*in->p == '[') {
        AstList l;
        list(in, &l);
    } else if (*in->p >= 'A' && *in->p <= 'Z') {
        node(in);
    } else {
        Ast e = {0};
        constant(in, &e);
    }
}

static int kind_of(const char *p, size_t n)
{
    for (int k = 0; k < AST_COUNT; k++)
        if (strlen(ast_info[k].name) == n && !memcmp(ast_info[k].name, p, n)) return k;
    return -1;
}

/* What Python's grammar guarantees: fields that are never None, lists that are never
 * empty, classes of the items of some lists. */
static const struct {
    uint8_t kind;
    const char *need; /* i: id, a b c: children, 1 2: lists */
} needs[] = {
    {AST_Name,           "i"  },
    {AST_Attribute,      "ia" },
    {AST_arg,            "i"  },
    {AST_alias,          "i"  },
    {AST_FunctionDef,    "ia1"},
    {AST_Lambda,         "ab" },
    {AST_For,            "ab1"},
    {AST_While,          "a1" },
    {AST_If,             "a1" },
    {AST_With,           "12" },
    {AST_withitem,       "a"  },
    {AST_Match,          "a1" },
    {AST_match_case,     "a1" },
    {AST_MatchValue,     "a"  },
    {AST_MatchClass,     "a"  },
    {AST_MatchOr,        "1"  },
    {AST_Try,            "1"  },
    {AST_ExceptHandler,  "1"  },
    {AST_Delete,         "1"  },
    {AST_Import,         "1"  },
    {AST_ImportFrom,     "1"  },
    {AST_Global,         "1"  },
    {AST_Nonlocal,       "1"  },
    {AST_Assign,         "a1" },
    {AST_AugAssign,      "ab" },
    {AST_AnnAssign,      "ab" },
    {AST_Expr,           "a"  },
    {AST_BoolOp,         "1"  },
    {AST_BinOp,          "ab" },
    {AST_UnaryOp,        "a"  },
    {AST_IfExp,          "abc"},
    {AST_Compare,        "a1" },
    {AST_Call,           "a"  },
    {AST_keyword,        "a"  },
    {AST_Subscript,      "ab" },
    {AST_Starred,        "a"  },
    {AST_NamedExpr,      "ab" },
    {AST_comprehension,  "ab" },
    {AST_Set,            "1"  },
    {AST_ListComp,       "a1" },
    {AST_SetComp,        "a1" },
    {AST_DictComp,       "ab1"},
    {AST_GeneratorExp,   "a1" },
    {AST_FormattedValue, "a"  },
    {AST_Assert,         "a"  },
    {AST_ClassDef,       "i"  },
};

static const struct {
    uint8_t kind, list, item; /* items of that list are of this class */
} holds[] = {
    {AST_Call,         2, AST_keyword      },
    {AST_ClassDef,     2, AST_keyword      },
    {AST_With,         1, AST_withitem     },
    {AST_Match,        1, AST_match_case   },
    {AST_Try,          2, AST_ExceptHandler},
    {AST_Import,       1, AST_alias        },
    {AST_ImportFrom,   1, AST_alias        },
    {AST_Global,       1, AST_name         },
    {AST_Nonlocal,     1, AST_name         },
    {AST_MatchClass,   2, AST_name         },
    {AST_ListComp,     1, AST_comprehension},
    {AST_SetComp,      1, AST_comprehension},
    {AST_DictComp,     1, AST_comprehension},
    {AST_GeneratorExp, 1, AST_comprehension},
    {AST_arguments,    1, AST_arg          },
    {AST_arguments,    2, AST_arg          },
    {AST_arguments,    3, AST_arg          },
};

static const AstList *list_of(const Ast *e, int which)
{
    switch (which) {
    case 1: return &e->list;
    case 2: return &e->list2;
    case 3: return &e->list3;
    default: return &e->list4;
    }
}

static bool has(const Ast *e, char need)
{
    switch (need) {
    case 'i': return e->id;
    case 'a': return e->a;
    case 'b': return e->b;
    case 'c': return e->c;
    default: return list_of(e, need - '0')->n > 0;
    }
}

/* Keys of `**d` in a dict and defaults of keyword-only parameters may be absent. */
static bool may_have_holes(const Ast *e, int which)
{
    return (e->kind == AST_Dict && which == 1) ||
           (e->kind == AST_arguments && which == 4);
}

static bool items_are_right(const Ast *e)
{
    for (int which = 1; which <= 4; which++) {
        const AstList *l = list_of(e, which);
        for (idx i = 0; i < l->n; i++)
            if (!l->at[i] && !may_have_holes(e, which)) return false;
    }
    for (idx k = 0; k < COUNT_OF(holds); k++) {
        const AstList *l = list_of(e, holds[k].list);
        for (idx i = 0; holds[k].kind == e->kind && i < l->n; i++)
            if (l->at[i]->kind != holds[k].item) return false;
    }
    return true;
}

/* An operator of the class that stands there: And .. Or, Add .. FloorDiv and so on
 * follow each other in ast.def. */
static bool operators_are_right(const Ast *e)
{
    switch ((AstKind)e->kind) {
    case AST_BoolOp: return e->op == AST_And || e->op == AST_Or;
    case AST_BinOp:
    case AST_AugAssign: return e->op >= AST_Add && e->op <= AST_FloorDiv;
    case AST_UnaryOp: return e->op >= AST_Invert && e->op <= AST_USub;
    case AST_Compare:
        for (idx i = 0; i < e->list.n; i++)
            if (e->list.at[i]->kind < AST_Eq || e->list.at[i]->kind > AST_NotIn)
                return false;
        return true;
    default: return true;
    }
}

static bool complete(const Ast *e)
{
    for (idx i = 0; i < COUNT_OF(needs); i++)
        for (const char *p = needs[i].need; needs[i].kind == e->kind && *p; p++)
            if (!has(e, *p)) return false;
    switch ((AstKind)e->kind) {
    case AST_FunctionDef:
    case AST_Lambda:
        if (e->a->kind != AST_arguments) return false;
        break;
    case AST_Compare:
    case AST_Dict:
        if (e->list.n != e->list2.n) return false;
        break;
    case AST_arguments:
        if (e->list3.n != e->list4.n) return false;
        if ((e->a && e->a->kind != AST_arg) || (e->b && e->b->kind != AST_arg))
            return false;
        if (e->c && e->c->list.n > e->list.n + e->list2.n) return false;
        break;
    case AST_MatchMapping:
        if (e->list.n != e->list2.n) return false;
        break;
    case AST_MatchClass:
        if (e->list2.n != e->list3.n) return false;
        break;
    default: break;
    }
    return items_are_right(e) && operators_are_right(e);
}

/* None gives NULL; an unknown class (Module, Load) is read and gives a None_ node. */
static Ast *node(In *in)
{
    blank(in);
    size_t n = word(in->p);
    if (n == 4 && !memcmp(in->p, "None", 4)) {
        in->p += 4;
        return NULL;
    }
    if (n == 0 || in->bad || ++in->depth > DEPTH_MAX) {
        in->bad = true;
        return NULL;
    }
    Ast *e = ARENA_NEW(in->arena, Ast);
    int k = kind_of(in->p, n);
    bool module = n == 6 && !memcmp(in->p, "Module", 6);
    e->kind = (uint8_t)(module ? AST_defaults : k < 0 ? AST_None_ : k);
    in->p += n;
    want(in, '(');
    while (!in->bad && !take(in, ')')) {
        if (module && !strncmp(in->p, "body=", 5)) {
            in->p += 5;
            list(in, &e->list);
        } else {
            field(in, e);
        }
        blank(in);
        if (*in->p != ')') want(in, ',');
    }
    in->depth--;
    if (!in->bad && !complete(e)) in->bad = true;
    return e;
}

Ast *ast_read(Arena *arena, Intern *names, const char *from)
{
    In in = {.arena = arena, .names = names, .p = from};
    Ast *e = node(&in);
    blank(&in);
    return in.bad || *in.p ? NULL : e;
}

/* -- Writing ----------------------------------------------------------------------- */
typedef struct Out {
    Arena *arena;
    VEC(char) text;
} Out;

static void put_text(Out *o, const char *s, idx n)
{
    for (idx i = 0; i < n; i++)
        vec_push(o->arena, &o->text, s[i]);
}

static void put(Out *o, const char *s)
{
    put_text(o, s, (idx)strlen(s));
}

static void put_quoted(Out *o, const char *s, idx n)
{
    put(o, "'");
    for (idx i = 0; i < n; i++) {
        char hexed[8];
        if (s[i] == '\'' || s[i] == '\\') put(o, "\\");
        if (s[i] == '\n') {
            put(o, "\\n");
        } else if ((unsigned char)s[i] < 32) {
            snprintf(hexed, sizeof hexed, "\\x%02x", (unsigned)(unsigned char)s[i]);
            put(o, hexed);
        } else {
            put_text(o, s + i, 1);
        }
    }
    put(o, "'");
}

static void put_constant(Out *o, const Ast *e)
{
    char b[48];
    switch ((AstConst)e->ck) {
    case AC_NONE: put(o, "None"); return;
    case AC_BOOL: put(o, e->i ? "True" : "False"); return;
    case AC_INT: snprintf(b, sizeof b, "%lld", (long long)e->i); break;
    case AC_FLOAT: snprintf(b, sizeof b, "%.17g", e->f); break;
    case AC_COMPLEX: snprintf(b, sizeof b, "%.17gj", e->f); break;
    case AC_STR: put_quoted(o, e->s, e->n); return;
    case AC_BYTES:
        put(o, "b");
        put_quoted(o, e->s, e->n);
        return;
    case AC_ELLIPSIS: put(o, "Ellipsis"); return;
    case AC_BIGINT: put_text(o, e->s, e->n); return;
    }
    put(o, b);
    if (e->ck == AC_FLOAT && !strpbrk(b, ".eEn")) put(o, ".0");
}

static void put_node(Out *o, const Ast *e);

static void put_list(Out *o, const AstList *l)
{
    put(o, "[");
    for (idx i = 0; i < l->n; i++) {
        if (i) put(o, ", ");
        const Ast *e = l->at[i];
        if (e && e->kind == AST_name && e->id)
            put_quoted(o, e->id, (idx)strlen(e->id));
        else
            put_node(o, e);
    }
    put(o, "]");
}

static void put_field(Out *o, const Ast *e, const char *place)
{
    union {
        const Ast *c;
        Ast *p;
    } u = {.c = e};
    char b[32];
    const char *id = !strcmp(place, "id2") ? e->id2 : e->id;
    if (!strncmp(place, "id", 2)) {
        if (id)
            put_quoted(o, id, (idx)strlen(id));
        else
            put(o, "None");
    } else if (*place == 'l') {
        put_list(o, list_at(u.p, place));
    } else if (!strcmp(place, "op")) {
        put(o, ast_info[e->op].name);
        put(o, "()");
    } else if (*place == 'v') {
        put_constant(o, e);
    } else if (*place == 'i') {
        snprintf(b, sizeof b, "%lld", (long long)e->i);
        put(o, b);
    } else {
        const Ast *c = *child_at(u.p, place);
        if (c && c->kind == AST_defaults)
            put_list(o, &c->list);
        else
            put_node(o, c);
    }
}

static void put_node(Out *o, const Ast *e)
{
    if (!e) {
        put(o, "None");
        return;
    }
    put(o, ast_info[e->kind].name);
    put(o, "(");
    const char *p = ast_info[e->kind].fields;
    for (bool first = true; *p; first = false) {
        char place[8];
        size_t k = strcspn(p, ":"), m = strcspn(p + k + 1, " ");
        if (!first) put(o, ", ");
        put_text(o, p, (idx)k);
        put(o, "=");
        memcpy(place, p + k + 1, m);
        place[m] = 0;
        put_field(o, e, place);
        p += k + 1 + m;
        while (*p == ' ')
            p++;
    }
    put(o, ")");
}

char *ast_print(Arena *arena, const Ast *e)
{
    Out o = {.arena = arena};
    put_node(&o, e);
    vec_push(arena, &o.text, (char)0);
    return o.text.at;
}

/* -- Looking for something --------------------------------------------------------- */
bool ast_any(const Ast *e, AstTest *is, const void *data)
{
    if (!e) return false;
    return is(e, data) || ast_any(e->a, is, data) || ast_any(e->b, is, data) ||
           ast_any(e->c, is, data) || ast_any(e->d, is, data) ||
           ast_any_of(&e->list, is, data) || ast_any_of(&e->list2, is, data) ||
           ast_any_of(&e->list3, is, data) || ast_any_of(&e->list4, is, data);
}

bool ast_any_of(const AstList *l, AstTest *is, const void *data)
{
    for (idx i = 0; i < l->n; i++)
        if (ast_any(l->at[i], is, data)) return true;
    return false;
}
