/* SPDX-License-Identifier: Apache-2.0
 * Exceptions of the user's code: raised with arguments, caught, asked for what they
 * are. A caught one is a copy of the error record in the frame of the function that
 * caught it; cx->err is free for the next failure meanwhile.
 */
#include "comm/comm.h"
#include "rt/rt_call.h"
#include "rt/rt_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CALL_ARGS                                                                      \
    Cx *cx UNUSED, const Attrs *at UNUSED, int64_t nin UNUSED, const Slot *in UNUSED,  \
        int64_t nout UNUSED, Slot *out UNUSED

/* -- Texts of exceptions ------------------------------------------------------------
 */

/* Room-limited text: what does not fit is cut. */
typedef struct Out {
    char *p;
    size_t n, cap;
} Out;

static void put(Out *o, const char *s, size_t n)
{
    if (n > o->cap - o->n) n = o->cap - o->n;
    memcpy(o->p + o->n, s, n);
    o->n += n;
}

static void put_repr(Out *o, const char *s, size_t n)
{
    bool single = memchr(s, '\'', n) != NULL, twice = memchr(s, '"', n) != NULL;
    char quote = single && !twice ? '"' : '\'';
    put(o, &quote, 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        char esc[8];
        if (c == '\n' || c == '\r' || c == '\t')
            snprintf(esc, sizeof esc, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c == '\\' || c == (unsigned char)quote)
            snprintf(esc, sizeof esc, "\\%c", c);
        else if (c < 32 || c == 127)
            snprintf(esc, sizeof esc, "\\x%02x", c);
        else
            snprintf(esc, sizeof esc, "%c", c);
        put(o, esc, strlen(esc));
    }
    put(o, &quote, 1);
}

static void put_arg(Out *o, const ErrArg *a, bool repr)
{
    char text[48] = "None";
    switch (a->kind) {
    case 's':
        if (repr)
            put_repr(o, a->s, (size_t)a->n);
        else
            put(o, a->s, (size_t)a->n);
        return;
    case 'b': snprintf(text, sizeof text, "%s", a->i ? "True" : "False"); break;
    case 'i': snprintf(text, sizeof text, "%" PRId64, a->i); break;
    case 'u': snprintf(text, sizeof text, "%" PRIu64, (uint64_t)a->i); break;
    case 'f': rt_float_text(a->f, text); break;
    default: break;
    }
    put(o, text, strlen(text));
}

/* The arguments as a tuple shows them. */
static void put_args(Out *o, const Err *e)
{
    ErrArg a;
    put(o, "(", 1);
    for (int32_t k = 0; err_arg_get(e, k, &a); k++) {
        if (k) put(o, ", ", 2);
        put_arg(o, &a, true);
    }
    put(o, e->narg == 1 ? ",)" : ")", e->narg == 1 ? 2 : 1);
}

/* What str(exception) is: nothing, the one argument, or all of them. */
static void set_text(Err *e)
{
    Out o = {e->text, 0, sizeof e->text - 1};
    ErrArg a;
    memset(e->text, 0, sizeof e->text);
    if (e->narg == 1 && err_arg_get(e, 0, &a))
        put_arg(&o, &a, e->code == E_KEY);
    else if (e->narg > 1)
        put_args(&o, e);
}

/* -- Raising ------------------------------------------------------------------------
 */

static ErrArg arg_of(const Slot *s, RtType t)
{
    ErrArg a = {.kind = 'i', .i = s->i};
    bool masked = t.null == NULL_MASK || t.null == NULL_PROM;
    if (t.dt == DT_STR) {
        a = (ErrArg){.kind = 's', .s = (const char *)s->p, .n = s->n};
        if (s->n < 0) a.kind = 'n';
    } else if (masked && !(s->n & SLOT_PRESENT)) {
        a.kind = 'n';
    } else if (dt_is_float((DType)t.dt)) {
        a = (ErrArg){.kind = 'f', .f = s->f};
    } else if (t.dt == DT_BOOL) {
        a.kind = 'b';
    } else if (dt_is_unsigned((DType)t.dt)) {
        a.kind = 'u';
    }
    return a;
}

int32_t rt_raise_args(CALL_ARGS)
{
    int64_t code = attr_int(at, "code", E_RUNTIME);
    Status st = fail(cx, (ErrCode)code, "%s", "");
    Err *e = &cx->err;
    size_t used = 0;
    e->cls = (int32_t)attr_int(at, "cls", -1);
    e->narg = 0;
    bool fits = true;
    for (int64_t i = 0; i < nin && fits; i++) {
        ErrArg a = arg_of(&in[i], rt_type(at, "atype", i));
        fits = err_arg_put(e, &used, &a);
        if (fits)
            e->narg++;
        else if (nin == 1) { /* a long text: it travels as the text itself */
            Out o = {e->text, 0, sizeof e->text - 1};
            put_arg(&o, &a, false);
            e->narg = -1;
            return st;
        }
    }
    set_text(e);
    if (!fits) e->narg = -1;
    return st;
}

int32_t rt_raise_again(CALL_ARGS)
{
    memcpy(&cx->err, in[0].ptr, sizeof cx->err);
    return cx->err.code;
}

int32_t rt_left(CALL_ARGS)
{
    err_chain_add(&cx->err, (int32_t)in[0].i);
    return cx->err.code;
}

int32_t rt_too_deep(CALL_ARGS)
{
    return fail(cx, E_RECURSION, "maximum recursion depth exceeded");
}

/* -- Catching -----------------------------------------------------------------------
 */

int32_t rt_catch(CALL_ARGS)
{
    Err *e = &cx->err;
    if (e->code == OK)
        (void)fail(cx, E_INTERNAL, "a runtime call failed without a reason");
    if (e->site < 0) e->site = (int32_t)in[0].i;
    if (in[1].i && !cx->agreed) (void)comm_agree(cx);
    /* Ctrl-C ends the call whatever it would catch, and so does our own mistake. */
    bool alone = cx->comm->size > 1 && !in[1].i && e->code == E_MEMORY;
    if (e->code == E_INTERNAL || e->code == E_INTERRUPT || alone) return e->code;
    err_rows(e, e->row);
    memcpy(in[2].ptr, e, sizeof *e);
    err_clear(e);
    cx->agreed = false;
    return OK;
}

int32_t rt_exis(CALL_ARGS)
{
    const Err *e = in[0].ptr;
    out[0] = (Slot){.i = 0, .n = 1};
    for (idx i = 0; i < attr_count(at, "codes"); i++)
        if (err_is(e->code, (int)attr_int_at(at, "codes", i))) out[0].i = 1;
    for (idx i = 0; e->cls >= 0 && i < attr_count(at, "classes"); i++)
        if (e->cls == attr_int_at(at, "classes", i)) out[0].i = 1;
    return OK;
}

/* Of a class of the user's the compiler says the name. */
static const char *class_name(const Err *e, const AttrBlob *at)
{
    for (idx i = 0; e->cls >= 0 && i < attr_count(at, "classes"); i++)
        if (e->cls == attr_int_at(at, "classes", i))
            return attr_text_at(at, "names", i);
    return err_exception(e->code);
}

int32_t rt_extext(CALL_ARGS)
{
    const Err *e = in[0].ptr;
    char text[2 * ERR_TEXT];
    Out o = {text, 0, sizeof text};
    ErrArg a;
    const char *name = class_name(e, at);
    if (attr_int(at, "class", 0)) {
        put(&o, name, strlen(name));
    } else if (!attr_int(at, "repr", 0)) {
        if (e->code == E_KEY && e->narg == 1 && err_arg_get(e, 0, &a))
            put_arg(&o, &a, true);
        else
            put(&o, e->text, strlen(e->text));
    } else {
        put(&o, name, strlen(name));
        if (e->narg != 1 && e->narg >= 0) {
            put_args(&o, e);
        } else if (err_arg_get(e, 0, &a)) {
            put(&o, "(", 1);
            put_arg(&o, &a, true);
            put(&o, ")", 1);
        }
    }
    return rt_text_out(cx, &out[0], text, o.n);
}

int32_t rt_exarg(CALL_ARGS)
{
    const Err *e = in[0].ptr;
    ErrArg a;
    RtType t = rt_type(at, "rtype", 0);
    if (!err_arg_get(e, (int32_t)attr_int(at, "i", 0), &a))
        return fail(cx, E_INDEX, "tuple index out of range");
    if (t.dt == DT_STR) {
        if (a.kind == 's') return rt_text_out(cx, &out[0], a.s, (size_t)a.n);
        out[0] = (Slot){.p = (const uint8_t *)"", .n = -1};
        return OK;
    }
    bool from_float = a.kind == 'f';
    out[0] = (Slot){.i = a.i, .n = 1};
    if (dt_is_float((DType)t.dt)) out[0].f = from_float ? a.f : (double)a.i;
    return OK;
}
