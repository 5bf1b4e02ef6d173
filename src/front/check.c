/* SPDX-License-Identifier: Apache-2.0
 * shoal.check(): all problems of a function at once. A statement that fails is noted
 * and given up; the variables it would have set get an error value. A statement that
 * uses one of those is given up without a word, since what it would say is no news. The
 * statements inside of one that failed are looked at all the same.
 */
#include "base/base.h"

#include "front/try.h"

#include <string.h>

enum { PROBLEMS_MAX = 100 };

void check_silently(Front *f)
{
    err_clear(f->fn->err);
    (void)err_set(f->fn->err, E_INTERNAL, "a value that could not be computed");
    f->thrown = THROW_SILENT;
    front_rethrow(f);
}

static bool is_known(const Fn *top, const Err *e)
{
    vec_each (i, &top->problems) {
        const Err *p = top->problems.at[i];
        if (!memcmp(&p->loc, &e->loc, sizeof p->loc) && !strcmp(p->text, e->text))
            return true;
    }
    return false;
}

static void note(Front *f)
{
    Fn *top = f->top;
    if (top->problems.n == PROBLEMS_MAX || is_known(top, f->fn->err)) return;
    Err *e = ARENA_NEW(f->arena, Err);
    *e = *f->fn->err;
    vec_push(f->arena, &top->problems, e);
}

static void spoil_targets(Front *f, const Ast *s)
{
    union {
        const Ast *c;
        Ast *p;
    } u = {.c = s};
    AstList one = {&u.p, 1};
    Cells cells = {0};
    scope_assigned(f, &one, &cells);
    vec_each (i, &cells.at)
        heap_set_var(f, cells.at.at[i], av_new_kind(f, A_ERROR));
}

/* The blocks inside of a statement whose head has failed, one after the other. */
static void check_blocks(Front *f, const AstList *l)
{
    if (!l->n || !l->at[0]) return;
    for (idx i = 0; i < l->n; i++) {
        const Ast *e = l->at[i];
        if (e && e->kind == AST_withitem) continue;
        if (e && (e->kind == AST_ExceptHandler || e->kind == AST_match_case)) {
            check_blocks(f, &e->list);
            continue;
        }
        AstList one = {l->at + i, 1};
        (void)lower_body(f, &one);
        heap_set_var(f, f->scope->done, av_int(f, DONE_NO));
    }
}

static bool is_compound(const Ast *s)
{
    return s->kind == AST_If || s->kind == AST_For || s->kind == AST_While ||
           s->kind == AST_Try || s->kind == AST_With || s->kind == AST_Match;
}

void check_failed(Front *f, const Ast *s)
{
    bool silent = f->thrown == THROW_SILENT;
    f->thrown = THROW_ERROR;
    if (!silent) note(f);
    err_clear(f->fn->err);
    spoil_targets(f, s);
    if (s->kind == AST_Return) {
        heap_set_var(f, f->scope->ret, av_new_kind(f, A_ERROR));
        heap_set_var(f, f->scope->done, av_int(f, DONE_RETURN));
    }
    if (!is_compound(s)) return;
    Loop inside = {.up = f->scope->loop, .unrolled = true};
    Region *at = f->at;
    f->scope->loop = &inside;
    check_blocks(f, &s->list);
    check_blocks(f, &s->list2);
    check_blocks(f, &s->list3);
    check_blocks(f, &s->list4);
    f->scope->loop = inside.up;
    f->at = at;
    while (at->last && op_is_terminator((Op)at->last->op))
        node_remove(at->last);
}
