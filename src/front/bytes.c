/* SPDX-License-Identifier: Apache-2.0
 * bytes: kept as text is (a pointer, a length, an owner), with a mark in the type's
 * unit. What does not look at characters is the same call as for str, with positions in
 * bytes ({raw}); an element is an int.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

bool bytes_is(const AVal *v)
{
    if (v->kind == A_CONST) return v->ck == AC_BYTES;
    return v->kind == A_SCALAR && type_is_bytes(v->val->type);
}

static Type text_type(bool bytes)
{
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    t.unit = bytes ? UNIT_BYTES : UNIT_NONE;
    return t;
}

Type bytes_type(void)
{
    return text_type(true);
}

static AVal *weak(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = v->type.dt != DT_STR;
    return r;
}

static Val *need_bytes(Front *f, AVal *v)
{
    if (!bytes_is(v)) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "a bytes-like object is required, not '%s'",
                   front_class_text(f, v));
    }
    return front_val(f, v);
}

static Node *call(Front *f, Op op, const char *fn, const ValVec *a, Type t)
{
    Node *n = obj_node(f, op, fn, NULL, a, 1);
    n->res[0].type = t;
    node_set_int(f->fn, n, "raw", 1);
    return n;
}

/* -- Elements ---------------------------------------------------------------------- */

AVal *bytes_len(Front *f, AVal *v)
{
    Val *b = front_val(f, v);
    Val *n = val_put(f, OP_TEXTLEN, &b, 1, type_scalar(DT_I64), NULL);
    node_set_int(f->fn, n->def, "raw", 1);
    return weak(f, n);
}

AVal *bytes_subscript(Front *f, AVal *v, AVal *key)
{
    if (key->kind == A_SLICE) return text_part(f, v, key);
    if (!text_int_is(key)) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "byte indices must be integers or slices, not %s",
                   front_class_text(f, key));
    }
    Val *b = front_val(f, v);
    Val *a[3] = {b, front_val(f, bytes_len(f, v)), text_int_arg(f, key)};
    Val *c = val_put(f, OP_CHARAT, a, 3, type_scalar(DT_I32), NULL);
    node_set_int(f->fn, c->def, "raw", 1);
    return weak(f, front_cast(f, c, type_scalar(DT_I64)));
}

/* -- Operators --------------------------------------------------------------------- */

static AVal *join_two(Front *f, AVal *a, AVal *b)
{
    ValVec arg = {0};
    val_push(f, &arg, front_val(f, a));
    val_push(f, &arg, front_val(f, b));
    return weak(f, &call(f, OP_TEXT, "text_cat", &arg, bytes_type())->res[0]);
}

AVal *bytes_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool left = bytes_is(a), right = bytes_is(b);
    if (!left && !right) return NULL;
    if (op == AST_Add && left && right) return join_two(f, a, b);
    AVal *n = left ? b : a, *s = left ? a : b;
    if (op == AST_Mult && text_int_is(n)) {
        ValVec arg = {0};
        val_push(f, &arg, front_val(f, s));
        val_push(f, &arg, text_int_arg(f, n));
        return weak(f, &call(f, OP_TEXT, "text_repeat", &arg, bytes_type())->res[0]);
    }
    if (op == AST_Mod) front_unsup(f, UNSUP_OPERATOR, "%% of bytes is not compiled");
    f->hints->python = true;
    if (op == AST_Add && left)
        front_fail(f, E_TYPE, "can't concat %s to bytes", front_class_text(f, b));
    front_fail(f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'",
               op_sign(infer_op(op)), front_class_text(f, a), front_class_text(f, b));
}

static AVal *find(Front *f, AVal *s, Val *part, const char *fn)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, s));
    val_push(f, &a, part);
    val_push(f, &a, int_val(f, 0));
    val_push(f, &a, int_val(f, 0));
    return weak(f, &call(f, OP_TEXT, fn, &a, type_scalar(DT_I64))->res[0]);
}

static Val *one_byte(Front *f, AVal *v)
{
    ValVec a = {0};
    AVal *l = box_temp(f, A_LIST, (AVal *[]){weak(f, text_int_arg(f, v))}, 1);
    val_push(f, &a, box_of(f, l));
    return &call(f, OP_OBJWRITE, "bytes_list", &a, bytes_type())->res[0];
}

static AVal *in_bytes(Front *f, AVal *x, AVal *s)
{
    Val *part = text_int_is(x) ? one_byte(f, x) : need_bytes(f, x);
    AVal *at = find(f, s, part, "text_find");
    AVal *r = front_elem(f, OP_GE, (AVal *[]){at, av_int(f, 0)}, 2);
    return weak(f, front_val(f, r));
}

AVal *bytes_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (op == AST_In || op == AST_NotIn) {
        if (!bytes_is(b)) return NULL;
        AVal *v = in_bytes(f, a, b);
        return op == AST_In ? v : front_elem(f, OP_INVERT, &v, 1);
    }
    bool left = bytes_is(a), right = bytes_is(b);
    Op row = infer_op(op);
    if ((!left && !right) || row == OP_COUNT || a->kind == A_OPT || b->kind == A_OPT)
        return NULL;
    if (left && right) {
        AVal *r = front_elem(
            f, row,
            (AVal *[]){av_scalar(f, front_val(f, a)), av_scalar(f, front_val(f, b))},
            2);
        return weak(f, front_val(f, r));
    }
    if (op == AST_Eq || op == AST_NotEq) return av_bool(f, op == AST_NotEq);
    f->hints->python = true;
    front_fail(f, E_TYPE, "'%s' not supported between instances of '%s' and '%s'",
               op_sign(row), front_class_text(f, a), front_class_text(f, b));
}

/* -- Methods ----------------------------------------------------------------------- */

typedef struct Bm {
    AVal *self;
    AVal *arg[3]; /* NULL: not given */
    int letter;
    const char *fn;
} Bm;
typedef AVal *BytesMethod(Front *f, const Bm *m);

static bool given(const AVal *v)
{
    return v && v->kind != A_NONE;
}

static AVal *b_case(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    bool is = !strcmp(m->fn, "bytes_is");
    Node *n = call(f, OP_TEXT, m->fn, &a, is ? type_scalar(DT_BOOL) : bytes_type());
    node_set_int(f->fn, n, "what", m->letter);
    return weak(f, &n->res[0]);
}

static AVal *b_strip(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    if (given(m->arg[0])) val_push(f, &a, need_bytes(f, m->arg[0]));
    Node *n = call(f, OP_TEXT, m->fn, &a, bytes_type());
    node_set_int(f->fn, n, "side", m->letter);
    return weak(f, &n->res[0]);
}

static AVal *b_replace(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    val_push(f, &a, need_bytes(f, m->arg[0]));
    val_push(f, &a, need_bytes(f, m->arg[1]));
    val_push(f, &a, m->arg[2] ? text_int_arg(f, m->arg[2]) : int_val(f, -1));
    return weak(f, &call(f, OP_TEXT, m->fn, &a, bytes_type())->res[0]);
}

static AVal *b_split(Front *f, const Bm *m)
{
    ValVec a = {0};
    Type t = bytes_type();
    bool sep = given(m->arg[0]);
    val_push(f, &a, front_val(f, m->self));
    val_push(f, &a, m->arg[1] ? text_int_arg(f, m->arg[1]) : int_val(f, -1));
    if (sep) val_push(f, &a, need_bytes(f, m->arg[0]));
    Node *n = call(f, OP_OBJWRITE, sep ? "text_split" : "bytes_split", &a,
                   comp_own(f->fn, COMP_LIST, &t, 1));
    node_set_int(f->fn, n, "right", m->letter == 'r');
    return box_aval(f, &n->res[0]);
}

static int span(Front *f, const Bm *m, ValVec *a)
{
    int has = 0;
    for (int i = 0; i < 2; i++) {
        bool there = given(m->arg[1 + i]);
        if (there) has |= 1 << i;
        val_push(f, a, there ? text_int_arg(f, m->arg[1 + i]) : int_val(f, 0));
    }
    return has;
}

static AVal *b_find(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    val_push(f, &a,
             text_int_is(m->arg[0]) ? one_byte(f, m->arg[0])
                                    : need_bytes(f, m->arg[0]));
    int has = span(f, m, &a);
    bool strict = m->letter == 'i' || m->letter == 'I';
    Node *n = call(f, strict ? OP_OBJWRITE : OP_TEXT, m->fn, &a, type_scalar(DT_I64));
    node_set_int(f->fn, n, "has", has);
    node_set_int(f->fn, n, "right", m->letter == 'r' || m->letter == 'I');
    node_set_int(f->fn, n, "strict", strict);
    node_set_int(f->fn, n, "bytes", 1);
    return weak(f, &n->res[0]);
}

static AVal *b_affix(Front *f, const Bm *m)
{
    AVal *any = NULL, *const *part = &m->arg[0];
    idx k = 1;
    if (m->arg[0]->kind == A_TUPLE) {
        part = m->arg[0]->item;
        k = m->arg[0]->n;
    }
    for (idx i = 0; i < k; i++) {
        ValVec a = {0};
        val_push(f, &a, front_val(f, m->self));
        val_push(f, &a, need_bytes(f, part[i]));
        int has = span(f, m, &a);
        Node *n = call(f, OP_TEXT, m->fn, &a, type_scalar(DT_BOOL));
        node_set_int(f->fn, n, "has", has);
        node_set_int(f->fn, n, "end", m->letter == 'e');
        AVal *v = weak(f, &n->res[0]);
        any = any ? front_elem(f, OP_BITOR, (AVal *[]){any, v}, 2) : v;
    }
    return any ? any : av_bool(f, false);
}

static AVal *b_partition(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    val_push(f, &a, need_bytes(f, m->arg[0]));
    Node *n = obj_node(f, OP_OBJWRITE, m->fn, NULL, &a, 3);
    node_set_int(f->fn, n, "right", m->letter == 'r');
    AVal *part[3];
    for (int i = 0; i < 3; i++) {
        n->res[i].type = bytes_type();
        part[i] = weak(f, &n->res[i]);
    }
    return av_tuple(f, part, 3);
}

static AVal *b_cut(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    val_push(f, &a, need_bytes(f, m->arg[0]));
    Node *n = call(f, OP_TEXT, m->fn, &a, bytes_type());
    node_set_int(f->fn, n, "end", m->letter == 'e');
    return weak(f, &n->res[0]);
}

static AVal *b_join(Front *f, const Bm *m)
{
    ValVec a = {0};
    Val *h = box_of(f, box_iterated(f, m->arg[0]));
    Type e = comp_resolve(f->fn, comp_of(f->fn, h->type)->item[0]);
    if (e.kind == TY_SCALAR && !type_is_bytes(e))
        front_fail(f, E_TYPE, "sequence item 0: expected a bytes-like object, %s found",
                   element_text(f, e));
    val_push(f, &a, front_val(f, m->self));
    val_push(f, &a, h);
    return weak(f, &call(f, OP_OBJREAD, m->fn, &a, bytes_type())->res[0]);
}

static AVal *b_hex(Front *f, const Bm *m)
{
    ValVec a = {0};
    if (m->arg[0] || m->arg[1]) {
        AVal *arg[3] = {m->self, m->arg[0] ? m->arg[0] : av_none(f), m->arg[1]};
        return library_call(f, "bytes.hex", arg, m->arg[1] ? 3 : 2);
    }
    val_push(f, &a, front_val(f, m->self));
    return weak(f, &call(f, OP_TEXT, m->fn, &a, text_type(false))->res[0]);
}

/* The letter of an encoding's name. */
static int codec(Front *f, AVal *name)
{
    static const char *const known[][2] = {
        {"utf-8",   "u"},
        {"utf8",    "u"},
        {"UTF-8",   "u"},
        {"ascii",   "a"},
        {"latin-1", "l"},
        {"latin1",  "l"},
    };
    if (!given(name)) return 'u';
    const char *s = front_const_str(f, name, "encoding");
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i][0], s)) return known[i][1][0];
    front_unsup(f, UNSUP_METHOD, "the encoding '%s' is not compiled", s);
}

/* The letter of what errors= asks for. */
static int on_errors(Front *f, AVal *errors)
{
    static const char *const known[] = {"strict", "replace", "ignore",
                                        "backslashreplace"};
    if (!given(errors)) return 's';
    const char *s = front_const_str(f, errors, "errors");
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i], s)) return s[0];
    front_unsup(f, UNSUP_METHOD, "errors='%s' is not compiled", s);
}

static AVal *b_decode(Front *f, const Bm *m)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, m->self));
    bool enc = m->letter == 'e';
    Node *n = call(f, OP_OBJWRITE, m->fn, &a, text_type(enc));
    node_set_int(f->fn, n, "as", codec(f, m->arg[0]));
    node_set_int(f->fn, n, "how", on_errors(f, m->arg[1]));
    return weak(f, &n->res[0]);
}

AVal *bytes_ascii(Front *f, AVal *text)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, text));
    Node *n = call(f, OP_OBJWRITE, "bytes_encode", &a, text_type(false));
    node_set_int(f->fn, n, "as", 'a');
    node_set_int(f->fn, n, "how", 'b');
    return weak(f, &n->res[0]);
}

static const struct {
    const char *name;
    BytesMethod *run;
    const char *fn;
    int letter, least, most;
    const char *param[2]; /* names that may be given by keyword */
} methods[] = {
    {"upper",        b_case,      "bytes_case",     'u', 0, 0, {0}                     },
    {"lower",        b_case,      "bytes_case",     'l', 0, 0, {0}                     },
    {"swapcase",     b_case,      "bytes_case",     's', 0, 0, {0}                     },
    {"capitalize",   b_case,      "bytes_case",     'c', 0, 0, {0}                     },
    {"isalpha",      b_case,      "bytes_is",       'a', 0, 0, {0}                     },
    {"isalnum",      b_case,      "bytes_is",       'n', 0, 0, {0}                     },
    {"isdigit",      b_case,      "bytes_is",       'D', 0, 0, {0}                     },
    {"isspace",      b_case,      "bytes_is",       's', 0, 0, {0}                     },
    {"islower",      b_case,      "bytes_is",       'l', 0, 0, {0}                     },
    {"isupper",      b_case,      "bytes_is",       'u', 0, 0, {0}                     },
    {"isascii",      b_case,      "bytes_is",       'A', 0, 0, {0}                     },
    {"strip",        b_strip,     "bytes_strip",    'b', 0, 1, {0}                     },
    {"lstrip",       b_strip,     "bytes_strip",    'l', 0, 1, {0}                     },
    {"rstrip",       b_strip,     "bytes_strip",    'r', 0, 1, {0}                     },
    {"replace",      b_replace,   "bytes_replace",  0,   2, 3, {0}                     },
    {"split",        b_split,     "",               'l', 0, 2, {"sep", "maxsplit"}     },
    {"rsplit",       b_split,     "",               'r', 0, 2, {"sep", "maxsplit"}     },
    {"find",         b_find,      "text_find",      'f', 1, 3, {0}                     },
    {"rfind",        b_find,      "text_find",      'r', 1, 3, {0}                     },
    {"index",        b_find,      "text_find",      'i', 1, 3, {0}                     },
    {"rindex",       b_find,      "text_find",      'I', 1, 3, {0}                     },
    {"count",        b_find,      "text_count",     'c', 1, 3, {0}                     },
    {"startswith",   b_affix,     "text_affix",     's', 1, 3, {0}                     },
    {"endswith",     b_affix,     "text_affix",     'e', 1, 3, {0}                     },
    {"partition",    b_partition, "text_partition", 'l', 1, 1, {0}                     },
    {"rpartition",   b_partition, "text_partition", 'r', 1, 1, {0}                     },
    {"removeprefix", b_cut,       "text_cut",       's', 1, 1, {0}                     },
    {"removesuffix", b_cut,       "text_cut",       'e', 1, 1, {0}                     },
    {"join",         b_join,      "text_join",      0,   1, 1, {0}                     },
    {"hex",          b_hex,       "bytes_hex",      0,   0, 2, {"sep", "bytes_per_sep"}},
    {"decode",       b_decode,    "bytes_decode",   'd', 0, 2, {"encoding", "errors"}  },
    {"encode",       b_decode,    "bytes_encode",   'e', 0, 2, {"encoding", "errors"}  },
};

static int method_row(const char *name)
{
    for (int i = 0; i < (int)COUNT_OF(methods); i++)
        if (!strcmp(methods[i].name, name)) return i;
    return -1;
}

bool bytes_has_method(const char *name)
{
    return method_row(name) >= 0 && strcmp(name, "encode") != 0;
}

AVal *bytes_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw)
{
    int r = method_row(name);
    if (r < 0) front_fail(f, E_ATTR, "'bytes' object has no attribute '%s'", name);
    Bm m = {.self = self, .letter = methods[r].letter, .fn = methods[r].fn};
    if (narg > methods[r].most)
        front_fail(f, E_TYPE, "%s() takes at most %d argument%s (%lld given)", name,
                   methods[r].most, methods[r].most == 1 ? "" : "s", (long long)narg);
    for (idx i = 0; i < narg; i++)
        m.arg[i] = arg[i];
    for (idx i = 0; i < nkw; i++) {
        int at = -1;
        for (int k = 0; k < 2; k++)
            if (methods[r].param[k] && !strcmp(methods[r].param[k], kw[i])) at = k;
        if (at < 0)
            front_fail(f, E_TYPE, "%s() got an unexpected keyword argument '%s'", name,
                       kw[i]);
        m.arg[at] = kwval[i];
    }
    for (int i = 0; i < methods[r].least; i++)
        if (!m.arg[i])
            front_fail(f, E_TYPE, "%s() takes at least %d argument%s (%lld given)",
                       name, methods[r].least, methods[r].least == 1 ? "" : "s",
                       (long long)narg);
    return methods[r].run(f, &m);
}

/* -- Making them ------------------------------------------------------------------- */

AVal *bytes_made(Front *f, AVal *const *arg, idx narg)
{
    ValVec a = {0};
    if (narg == 0) {
        val_push(f, &a, int_val(f, 0));
    } else if (bytes_is(arg[0])) {
        return arg[0];
    } else if (text_is_run(f, arg[0]) ||
               (arg[0]->kind == A_CONST && arg[0]->ck == AC_STR)) {
        if (narg < 2) front_fail(f, E_TYPE, "string argument without an encoding");
        return bytes_method(f, arg[0], "encode", arg + 1, narg - 1, NULL, NULL, 0);
    } else if (text_int_is(arg[0])) {
        val_push(f, &a, text_int_arg(f, arg[0]));
    } else {
        Val *h = box_of(f, box_iterated(f, arg[0]));
        Type e = comp_resolve(f->fn, comp_of(f->fn, h->type)->item[0]);
        if (e.kind == TY_SCALAR && e.dt != DT_I64)
            front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                       element_text(f, e));
        val_push(f, &a, h);
        return weak(f, &call(f, OP_OBJWRITE, "bytes_list", &a, bytes_type())->res[0]);
    }
    return weak(f, &call(f, OP_OBJWRITE, "bytes_zeros", &a, bytes_type())->res[0]);
}

AVal *bytes_fromhex(Front *f, AVal *v)
{
    ValVec a = {0};
    val_push(f, &a, front_val(f, v));
    return weak(f, &call(f, OP_OBJWRITE, "bytes_fromhex", &a, bytes_type())->res[0]);
}
