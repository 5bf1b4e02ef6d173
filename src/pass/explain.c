/* SPDX-License-Identifier: Apache-2.0
 * The text of f.explain(): the user's source, and below each line what it became: how
 * rows are distributed, which columns are read, what is communicated, and why an axis
 * is REP.
 */
#include "base/base.h"

#include "pass/pass_int.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Explain {
    Fn *fn;
    Report out;
    int32_t file, line;
    int size; /* ranks */
} Explain;

void report_put(Report *r, const char *fmt, ...)
{
    char buf[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    for (const char *s = buf; *s; s++)
        vec_push(r->arena, &r->text, *s);
}

const char *report_end(Report *r)
{
    vec_push(r->arena, &r->text, '\0');
    return r->text.at;
}

const char *dist_text(Dist d)
{
    static const char *const text[] = {"", "REP", "1D_Var", "1D_Block"};
    return text[d];
}

static const char *communicates(const Node *n)
{
    if (!node_int(n, "par", 0)) return NULL;
    switch ((Op)n->op) {
    case OP_JOIN:
    case OP_JOINPROBE:
        if (node_int(n, "lpar", 0) && node_int(n, "rpar", 0))
            return "broadcast or shuffle, by size";
        return "no shuffle: one side is on every rank";
    case OP_GROUPBY:
    case OP_GROUPED: return "groups combined locally, then exchanged";
    case OP_SORT: return "sample sort: one exchange";
    case OP_TOPN: return "each rank's first rows are gathered";
    case OP_DEDUP: return "shuffle by key";
    case OP_LEN: return "one all-reduction";
    case OP_MATMUL: return node_int(n, "reduce", 0) ? "all-reduction" : NULL;
    case OP_ROWSCAT: return "tables of a list are brought into their order";
    case OP_REBALANCE: return "rows move to near-equal chunks";
    case OP_COMBINE: return "what the ranks added up comes together";
    case OP_WHOLE:
    case OP_GATHER: return "all rows to every rank";
    case OP_CUMULATE:
    case OP_SHIFT:
    case OP_ROLL: return "neighbours exchange";
    case OP_HALO: return "neighbours' edges";
    case OP_NEEDED: return "rows are asked of their owners";
    case OP_ALIGN:
    case OP_NDREROW: return "elements move to their rows";
    case OP_NDALIGN: return "rows move to the other's chunks";
    case OP_NDJOIN: return "one axis for operands of different rows";
    default: return op_info[n->op].effect == EF_COLL ? "all-reduction" : NULL;
    }
}

/* Nothing that a user would recognise as his own. */
static bool is_hidden(const Node *n)
{
    switch ((Op)n->op) {
    case OP_MAP:
    case OP_FOR: return false;
    case OP_ROWS:
    case OP_UNREF:
    case OP_LEND:
    case OP_AGREE:
    case OP_CHUNK:
    case OP_PIECE:
    case OP_WRAP:
    case OP_READER:
    case OP_COLLECT:
    case OP_COLLECTADD:
    case OP_JOINBUILD:
    case OP_ROWBASE:
    case OP_GROUPPLACE:
    case OP_GROUPADD: return true;
    case OP_COLLECTED: return node_int(n, "batch", 0) != 0;
    default: return op_info[n->op].lower == LW_CTRL;
    }
}

static void put_read(Explain *e, const Node *n)
{
    const Attr *c = node_attr(n, "columns");
    const char *filter = node_text(n, "filter");
    report_put(&e->out, ", columns:");
    for (idx i = 0; c && i < c->n; i++)
        report_put(&e->out, "%s %s", i ? "," : "", c->texts[i]);
    if (filter && *filter) report_put(&e->out, ", row groups by %s", filter);
    if (n->op == OP_READNEXT) report_put(&e->out, ", in batches");
}

/* The operation that a user knows of: pieces of a loop over batches are it. */
static Op known_as(const Node *n)
{
    switch ((Op)n->op) {
    case OP_READNEXT: return OP_READ;
    case OP_JOINPROBE: return OP_JOIN;
    case OP_GROUPED: return OP_GROUPBY;
    default: return (Op)n->op;
    }
}

/* Why rows are on every rank. */
static void put_reason(Explain *e, const Axis *a)
{
    if (a->pin_flag && a->pin_name)
        report_put(&e->out, ": %s of '%s' in %s()", a->pin_flag, a->pin_name,
                   a->pin_func);
    else if (a->pin_flag)
        report_put(&e->out, ": %s of %s()", a->pin_flag, a->pin_func);
    else if (a->why && a->why_loc.line && a->why_loc.line != e->line)
        report_put(&e->out, ": %s (line %d)", a->why, a->why_loc.line);
    else if (a->why)
        report_put(&e->out, ": %s", a->why);
    else if (e->size == 1)
        report_put(&e->out, ": there is one rank");
}

static void about(void *data, Node *n)
{
    Explain *e = (Explain *)data;
    if (n->loc.file != e->file || n->loc.line != e->line || is_hidden(n)) return;
    Axis *a = NULL;
    for (int i = 0; i < n->nres && !a; i++)
        a = pass_axis(e->fn, &n->res[i]);
    const char *comm = communicates(n);
    if (n->op == OP_ALLREDUCE) comm = "all-reduction";
    bool batch = n->op == OP_READNEXT;
    report_put(&e->out, "         | %-10s", op_info[known_as(n)].id);
    if (a) report_put(&e->out, " rows %s", dist_text((Dist)a->dist));
    if (a && a->dist == DIST_REP) put_reason(e, a);
    if (n->op == OP_FOR && node_int(n, "divided", 0))
        report_put(&e->out, " iterations 1D_Block");
    if (n->op == OP_READ || batch) put_read(e, n);
    if (comm) report_put(&e->out, " (%s)", comm);
    if (node_int(n, "order", 0)) report_put(&e->out, ", pandas' row order restored");
    report_put(&e->out, "\n");
}

static void one_file(Explain *e, const SourceFile *f)
{
    const char *s = f->text;
    report_put(&e->out, "%s, %s (%d)\n", f->func ? f->func : e->fn->name, f->name,
               f->first_line);
    for (e->line = f->first_line; s && *s; e->line++) {
        const char *end = strchr(s, '\n');
        int len = end ? (int)(end - s) : (int)strlen(s);
        report_put(&e->out, "%7d  | %.*s\n", e->line, len > 400 ? 400 : len, s);
        pass_walk(e->fn->body, about, e);
        s += len + (end ? 1 : 0);
    }
}

void explain_run(PassCx *cx)
{
    Explain e = {.fn = cx->fn, .size = cx->size, .out.arena = cx->fn->arena};
    vec_each (i, &cx->fn->files) {
        e.file = (int32_t)i;
        one_file(&e, &cx->fn->files.at[i]);
    }
    cx->explain = report_end(&e.out);
}
