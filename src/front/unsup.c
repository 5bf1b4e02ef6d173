/* SPDX-License-Identifier: Apache-2.0
 * The table of what is refused, and throwing: the place of an error is f->loc.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct UnsupInfo unsup_info[UNSUP_COUNT] = {
#define UNSUP(id, text, way) [UNSUP_##id] = {#id, text, way},
#include "front/unsup.def"
#undef UNSUP
};

/* Where it is thrown, and whether its text and type are known to be Python's own. */
static void note_place(Front *f, ErrCode code)
{
    f->hints->nested = f->fn != f->top || f->at != f->fn->body;
    f->hints->python &= code == E_TYPE;
    f->hints->own_type = f->hints->python;
    f->hints->python = false;
}

/* The function of Python's own library that the program called, in which the evaluation
 * is now; NULL. */
static const char *library_name(const Front *f)
{
    const char *name = NULL;
    for (const Scope *s = f->scope; s; s = s->caller)
        vec_each (i, &f->host_fn) {
            const FnSource *src = f->host_fn.at[i].src;
            if (f->host_fn.at[i].fn == s->fn && src->library) name = src->library;
        }
    return name;
}

/* That it is not compiled: what for is not the program's business. */
static void refuse_library(Front *f, const char *why)
{
    const char *name = library_name(f);
    if (!name) return;
    const struct UnsupInfo *u = &unsup_info[UNSUP_HOSTOBJ];
    Err *e = f->fn->err;
    err_clear(e);
    (void)err_set(e, E_UNSUP,
                  "%s() of Python's library is not compiled (%s); instead: %s", name,
                  why, u->way);
    e->loc = f->loc;
    e->site = f->inlined_at;
    e->unsup = UNSUP_HOSTOBJ;
    if (!f->fn->catch_) BUG("uncaught compile error: %s", e->text);
    longjmp(*(jmp_buf *)f->fn->catch_, 1);
}

NORETURN void front_fail(Front *f, ErrCode code, const char *fmt, ...)
{
    char text[ERR_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (code == E_UNSUP) refuse_library(f, text);
    f->fn->at_inline = f->inlined_at + 1;
    note_place(f, code);
    ir_throw(f->fn, code, f->loc, "%s", text);
}

NORETURN void front_fail_at(Front *f, Loc loc, ErrCode code, const char *fmt, ...)
{
    char text[ERR_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (loc.line) loc.file = f->loc.file;
    f->fn->at_inline = f->inlined_at + 1;
    note_place(f, code);
    ir_throw(f->fn, code, loc.line ? loc : f->loc, "%s", text);
}

NORETURN void front_unsup(Front *f, int unsup, const char *fmt, ...)
{
    char text[ERR_TEXT / 2] = "";
    if (fmt) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
    }
    const struct UnsupInfo *u = &unsup_info[unsup];
    Err *e = f->fn->err;
    refuse_library(f, *text ? text : u->text);
    err_clear(e);
    (void)err_set(e, E_UNSUP, "%s; instead: %s", *text ? text : u->text, u->way);
    e->loc = f->loc;
    e->site = f->inlined_at;
    e->unsup = unsup;
    if (!f->fn->catch_) BUG("uncaught compile error: %s", e->text);
    longjmp(*(jmp_buf *)f->fn->catch_, 1);
}

/* As it is written: "random.random"; NULL: no name. */
static const char *dotted(Front *f, const Ast *e)
{
    if (e->kind == AST_Name) return e->id;
    const char *head = e->kind == AST_Attribute ? dotted(f, e->a) : NULL;
    return head ? arena_printf(f->arena, "%s.%s", head, e->id) : NULL;
}

NORETURN void front_host_unsup(Front *f, const AVal *v, const char *what)
{
    bool decimal = !strncmp(v->s, "decimal.", 8);
    const char *name = !what && f->call ? dotted(f, f->call->a) : NULL;
    const char *text = !what ? "calling a" : what;
    if (decimal) front_unsup(f, UNSUP_DECIMAL, "%s %s is not compiled", text, v->s);
    if (name) front_unsup(f, UNSUP_HOSTOBJ, "%s(), a %s, is not compiled", name, v->s);
    front_unsup(f, UNSUP_HOSTOBJ, "%s %s is not compiled", text, v->s);
}
