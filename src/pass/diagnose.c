/* SPDX-License-Identifier: Apache-2.0
 * The text of f.distributed_diagnostics(): how the rows of the user's variables and the
 * iterations of loops over rows are distributed, first as lists, then beside the
 * source, then why what is replicated is. A *parfor* is a parallel loop of the user's,
 * or a loop that was made of operations on columns; they are numbered as they run.
 */
#include "base/base.h"

#include "pass/pass_int.h"

#include <stdio.h>
#include <string.h>

typedef struct Parfor {
    const Node *n;
    Dist dist;
    const char *why; /* it is REP; NULL */
} Parfor;

typedef struct Diagnose {
    Fn *fn;
    Report out;
    VEC(Parfor) parfor;
    int size; /* ranks */
} Diagnose;

static void fill(Diagnose *d, char c, idx n)
{
    for (; n > 0; n--)
        report_put(&d->out, "%c", c);
}

static Dist dist_of(const Diagnose *d, Axis *a)
{
    return d->size == 1 ? DIST_REP : (Dist)axis_get(a)->dist;
}

/* -- Parfors ------------------------------------------------------------------------
 */

/* The rows that a loop goes over; NULL: of numbers only. */
static Axis *loop_axis(Diagnose *d, const Node *n)
{
    const Node *of = n, *from = n->op == OP_FOR ? n->arg[0]->def : NULL;
    bool part = from && (from->op == OP_CHUNK || from->op == OP_WRAP);
    if (part) of = from;
    Axis *a = NULL;
    for (int i = 0; !part && i < of->nres && !a; i++)
        a = pass_axis(d->fn, &of->res[i]);
    for (int i = 0; i < of->narg && !a; i++)
        a = pass_axis(d->fn, of->arg[i]);
    return a;
}

static void find_parfors(Diagnose *d, Region *r, const Node *inside)
{
    node_each (n, r) {
        bool loop = n->op == OP_FOR && node_int(n, "parallel", 0);
        if (loop || n->op == OP_MAP) {
            Parfor p = {.n = n, .dist = DIST_REP};
            Axis *a = loop_axis(d, n);
            if (inside)
                p.why = "it is inside another distributed parfor";
            else if (loop ? node_int(n, "divided", 0) != 0 : a != NULL)
                p.dist = a ? dist_of(d, a) : DIST_BLOCK;
            vec_push(d->fn->arena, &d->parfor, p);
        }
        const Node *outer = loop && node_int(n, "divided", 0) ? n : inside;
        for (int i = 0; i < n->nregion && n->op != OP_MAP; i++)
            find_parfors(d, n->region[i], outer);
    }
}

/* -- Lists --------------------------------------------------------------------------
 */

/* The name as the lists have it: with its function, where that was inlined. */
static const char *full_name(const Diagnose *d, const RowsVar *v)
{
    const char *func = d->fn->files.at[v->loc.file].func;
    if (v->loc.file == 0 || !func) return v->name;
    return arena_printf(d->fn->arena, "%s.%s", func, v->name);
}

/* Another one before it says the same. */
static bool told(const Diagnose *d, idx i)
{
    const RowsVar *v = &d->fn->vars.at[i];
    for (idx k = 0; k < i; k++) {
        const RowsVar *u = &d->fn->vars.at[k];
        if (u->loc.file == v->loc.file && strcmp(u->name, v->name) == 0 &&
            dist_of(d, u->axis) == dist_of(d, v->axis))
            return true;
    }
    return false;
}

static void put_data(Diagnose *d)
{
    idx width = 20;
    vec_each (i, &d->fn->vars)
        width = idx_max(width, (idx)strlen(full_name(d, &d->fn->vars.at[i])) + 3);
    report_put(&d->out, "Data distributions:\n");
    vec_each (i, &d->fn->vars) {
        const RowsVar *v = &d->fn->vars.at[i];
        if (told(d, i)) continue;
        report_put(&d->out, "   %-*s %s\n", (int)width, full_name(d, v),
                   dist_text(dist_of(d, v->axis)));
    }
    if (!d->fn->vars.n)
        report_put(&d->out, "No distributable data structures to distribute.\n");
    report_put(&d->out, "\nParfor distributions:\n");
    vec_each (i, &d->parfor)
        report_put(&d->out, "   %-20d %s\n", (int)i, dist_text(d->parfor.at[i].dist));
    if (!d->parfor.n) report_put(&d->out, "No parfors to distribute.\n");
}

/* -- Source -------------------------------------------------------------------------
 */

static bool is_at(Loc loc, int32_t file, int32_t line)
{
    return loc.file == file && loc.line == line;
}

static void put_notes(Diagnose *d, int32_t file, int32_t line)
{
    const char *sep = " ";
    vec_each (i, &d->parfor) {
        const Parfor *p = &d->parfor.at[i];
        if (!is_at(p->n->loc, file, line)) continue;
        report_put(&d->out, "%s#%d: %s", sep, (int)i, dist_text(p->dist));
        sep = ", ";
    }
    vec_each (i, &d->fn->vars) {
        const RowsVar *v = &d->fn->vars.at[i];
        if (!is_at(v->loc, file, line)) continue;
        report_put(&d->out, "%s%s: %s", sep, v->name, dist_text(dist_of(d, v->axis)));
        sep = ", ";
    }
}

static bool has_notes(const Diagnose *d, int32_t file, int32_t line)
{
    vec_each (i, &d->parfor)
        if (is_at(d->parfor.at[i].n->loc, file, line)) return true;
    vec_each (i, &d->fn->vars)
        if (is_at(d->fn->vars.at[i].loc, file, line)) return true;
    return false;
}

static idx line_length(const char *s)
{
    const char *end = strchr(s, '\n');
    return end ? (idx)(end - s) : (idx)strlen(s);
}

static void put_head(Diagnose *d, const char *what, int32_t file)
{
    const SourceFile *f = &d->fn->files.at[file];
    report_put(&d->out, "%s for function %s, %s (%d)\n", what,
               f->func ? f->func : d->fn->name, f->name, f->first_line);
}

static void put_source(Diagnose *d, int32_t file)
{
    const SourceFile *f = &d->fn->files.at[file];
    idx width = 40;
    for (const char *s = f->text; s && *s; s += line_length(s) + (strchr(s, '\n') != 0))
        width = idx_max(width, line_length(s) + 4);
    width = idx_min(width, 300);
    put_head(d, "\nDistributed listing", file);
    fill(d, '-', width);
    report_put(&d->out, "| parfor_id/variable: distribution\n");
    int32_t line = f->first_line;
    for (const char *s = f->text; s && *s; line++) {
        idx len = idx_min(line_length(s), width);
        bool notes = has_notes(d, file, line);
        report_put(&d->out, "%.*s", (int)len, s);
        fill(d, notes ? '-' : ' ', width - len);
        report_put(&d->out, "|");
        if (notes) put_notes(d, file, line);
        report_put(&d->out, "\n");
        s += line_length(s) + (strchr(s, '\n') != NULL);
    }
}

/* -- Why ----------------------------------------------------------------------------
 */

static void put_place(Diagnose *d, Loc loc)
{
    const SourceFile *f = &d->fn->files.at[loc.file];
    const char *s = f->text;
    report_put(&d->out, "\n  File \"%s\", line %d\n", f->name, loc.line);
    for (int32_t line = f->first_line; s && *s && line < loc.line; line++)
        s += line_length(s) + (strchr(s, '\n') != NULL);
    while (s && *s == ' ')
        s++;
    if (s && *s)
        report_put(&d->out, "    %.*s\n", (int)idx_min(line_length(s), 300), s);
}

static const char *reason(const Diagnose *d, const Axis *a)
{
    if (d->size == 1) return "there is one rank";
    if (!a->pin_flag) return a->why ? a->why : "all it is made of is replicated";
    if (!a->pin_name)
        return arena_printf(d->fn->arena, "%s of %s()", a->pin_flag, a->pin_func);
    return arena_printf(d->fn->arena, "%s flag set for '%s' of %s()", a->pin_flag,
                        a->pin_name, a->pin_func);
}

/* What the user can do about it. */
static void put_advice(Diagnose *d, const RowsVar *v)
{
    if (v->role == ROWS_RETURNED) {
        report_put(
            &d->out,
            "Distributed analysis replicated return variable '%s'. Set distributed "
            "flag "
            "for the original variable if distributed partitions should be returned.",
            v->name);
    } else {
        report_put(
            &d->out,
            "Distributed analysis replicated %s '%s'. Set distributed flag for '%s' if "
            "distributed partitions are passed (e.g. @shoal.jit(distributed=['%s'])).",
            v->role == ROWS_ARG ? "argument" : "global value", v->name, v->name,
            v->name);
    }
    put_place(d, v->loc);
}

static void put_reasons(Diagnose *d)
{
    vec_each (i, &d->fn->vars) {
        const RowsVar *v = &d->fn->vars.at[i];
        const Axis *a = axis_get(v->axis);
        if (dist_of(d, v->axis) != DIST_REP || told(d, i)) continue;
        bool place = d->size > 1 && a->why_loc.line && !a->pin_flag;
        report_put(&d->out, "Setting distribution of variable '%s' to REP: %s",
                   full_name(d, v), reason(d, a));
        put_place(d, place ? a->why_loc : v->loc);
    }
    vec_each (i, &d->parfor) {
        const Parfor *p = &d->parfor.at[i];
        if (!p->why) continue;
        report_put(&d->out, "Parfor %d set to REP since %s", (int)i, p->why);
        put_place(d, p->n->loc);
    }
    vec_each (i, &d->fn->vars) {
        const RowsVar *v = &d->fn->vars.at[i];
        bool rep = d->size > 1 && dist_of(d, v->axis) == DIST_REP;
        if (rep && v->role != ROWS_VAR && !axis_get(v->axis)->pin_flag)
            put_advice(d, v);
    }
}

void diagnose_run(PassCx *cx)
{
    Diagnose d = {.fn = cx->fn, .size = cx->size, .out.arena = cx->fn->arena};
    if (!cx->fn->files.n) { /* a text of IR */
        cx->diagnostics = "";
        return;
    }
    find_parfors(&d, cx->fn->body, NULL);
    put_head(&d, "Distributed diagnostics", 0);
    report_put(&d.out, "\n");
    put_data(&d);
    vec_each (i, &cx->fn->files)
        put_source(&d, (int32_t)i);
    report_put(&d.out, "\n");
    put_reasons(&d);
    cx->diagnostics = report_end(&d.out);
}
