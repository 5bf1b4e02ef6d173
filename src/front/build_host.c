/* SPDX-License-Identifier: Apache-2.0
 * Calls of Python from compiled code: wrap_python functions, and functions of Python's
 * library that host.def lists. Both are a PYCALL node: the arguments travel as the
 * leaves of descriptors, as they do between the user's program and compiled code, and
 * the result has the type that was declared. Import statements bind modules.
 */
#include "front/build.h"
#include "front/front_int.h"

typedef struct HostFn {
    const char *name, *result;
    bool same;
} HostFn;

static const HostFn host_fns[] = {
#define HOSTFN(name, result, same) {name, result, same},
#include "front/host.def"
#undef HOSTFN
};

static const HostFn *host_find(const char *name)
{
    for (idx i = 0; i < COUNT_OF(host_fns); i++)
        if (strcmp(host_fns[i].name, name) == 0) return &host_fns[i];
    return NULL;
}

bool host_is(const char *name)
{
    if (host_find(name)) return true;
    size_t n = strlen(name);
    for (idx i = 0; i < COUNT_OF(host_fns); i++) /* os.environ of os.environ.get */
        if (strncmp(host_fns[i].name, name, n) == 0 && host_fns[i].name[n] == '.')
            return true;
    return false;
}

const char *host_fn_name(idx i)
{
    return i < COUNT_OF(host_fns) ? host_fns[i].name : NULL;
}

/* -- Results ----------------------------------------------------------------------- */

/* A copy with slots counted from 0 in the order of the leaves. */
static Desc *desc_number(Front *f, const Desc *d, ValVec *leaf, bool inside)
{
    Desc *c = ARENA_NEW(f->arena, Desc);
    *c = *d;
    c->axis = NULL;
    c->has_value = c->demanded = false;
    if (d->kind == D_FRAME || d->kind == D_SERIES ||
        ((d->kind == D_INDEX || d->kind == D_RANGE_INDEX) && !inside)) {
        c->slot = (int32_t)leaf->v.n;
        c->type = type_scalar(DT_I64);
        val_push(f, leaf, NULL);
    } else if (d->kind == D_SCALAR || d->kind == D_ARRAY || d->kind == D_COL ||
               d->kind == D_OBJ) {
        c->slot = (int32_t)leaf->v.n;
        val_push(f, leaf, NULL);
    } else {
        c->slot = -1;
    }
    inside |= d->kind == D_FRAME || d->kind == D_SERIES;
    c->child = ARENA_NEW_N(f->arena, d->nchild + 1, Desc *);
    for (int32_t i = 0; i < d->nchild; i++)
        c->child[i] = desc_number(f, d->child[i], leaf, inside);
    return c;
}

static void result_types(Node *n, const Desc *d)
{
    if (d->slot >= 0) n->res[d->slot].type = d->type;
    for (int32_t i = 0; i < d->nchild; i++)
        result_types(n, d->child[i]);
}

/* A container at run time that holds rows goes to no Python function. */
static void check_rows(Front *f, const Desc *d)
{
    if (d->kind == D_OBJ && d->nchild)
        front_unsup(
            f, UNSUP_ELEMENT,
            "a container of rows that only the run time knows is no argument of a "
            "Python function");
    for (int32_t i = 0; i < d->nchild; i++)
        check_rows(f, d->child[i]);
}

/* -- Arguments --------------------------------------------------------------------- */

/* Rows of a chunk are numbered over all ranks: a RangeIndex goes as numbers, which the
 * host makes a RangeIndex again. */
static AVal *with_levels(Front *f, AVal *v)
{
    Index *ix = v->kind == A_FRAME    ? front_frame(f, v)->index
                : v->kind == A_SERIES ? v->index
                                      : NULL;
    if (!ix || !ix->range) return v;
    ValVec level = {0};
    index_vals(f, ix, &level);
    Index *levels = index_levels(f, level.v.at, ix->name, 1);
    if (v->kind == A_SERIES) return av_series(f, v->val, levels, v->name);
    Frame *t = frame_copy(f, front_frame(f, v));
    t->index = levels;
    return av_frame(f, t);
}

/* Marks the index levels that with_levels made. */
static void mark_range(Desc *d)
{
    Desc *ix = d->nchild ? d->child[d->nchild - 1] : NULL;
    if (ix && ix->kind == D_INDEX && ix->nchild == 1) ix->child[0]->extra = "range";
}

static Desc *argument(Front *f, AVal *v, ValVec *out)
{
    bool range = (v->kind == A_SERIES && v->index->range) ||
                 (v->kind == A_FRAME && front_frame(f, v)->index &&
                  front_frame(f, v)->index->range);
    if (!range) {
        Desc *plain = front_to_desc(f, v, out);
        check_rows(f, plain);
        return plain;
    }
    Desc *d = front_to_desc(f, with_levels(f, v), out);
    mark_range(d);
    return d;
}

/* The node of a call whose row of fn->pycalls lacks arguments, and numbers in its
 * result. */
static AVal *call_python(Front *f, PyCall row, bool same, AVal *const *arg, idx narg,
                         const char *const *kw, AVal *const *kwval, idx nkw)
{
    ValVec in = {0}, out = {0};
    row.narg = narg + nkw;
    row.nkw = nkw;
    row.arg = ARENA_NEW_N(f->arena, row.narg + 1, Desc *);
    row.kw = ARENA_NEW_N(f->arena, nkw + 1, const char *);
    for (idx i = 0; i < row.narg; i++)
        row.arg[i] = argument(f, i < narg ? arg[i] : kwval[i - narg], &in);
    for (idx i = 0; i < nkw; i++)
        row.kw[i] = kw[i];
    row.result = desc_number(f, row.result, &out, false);
    Node *n = put_node(f, OP_PYCALL, in.v.at, in.v.n, out.v.n);
    node_set_int(f->fn, n, "call", (int64_t)f->top->pycalls.n);
    if (same) node_set_int(f->fn, n, "same", 1);
    vec_push(f->arena, &f->top->pycalls, row);
    result_types(n, row.result);
    return front_from_node(f, row.result, n);
}

AVal *host_call_wrapped(Front *f, const AVal *fnv, AVal *const *arg, idx narg,
                        const char *const *kw, AVal *const *kwval, idx nkw)
{
    PyCall row = {.fn = (int)fnv->i, .result = fnv->arg};
    return call_python(f, row, false, arg, narg, kw, kwval, nkw);
}

void host_print(Front *f, AVal *const *arg, idx narg, const char *sep, const char *end,
                bool all)
{
    static const char *const kw[] = {"sep", "end"};
    Desc *none = ARENA_NEW(f->arena, Desc);
    none->kind = D_NONE;
    PyCall row = {.fn = -1, .name = "shoal._host.print_rows", .result = none};
    AVal *text[] = {av_str(f, sep, (idx)strlen(sep)), av_str(f, end, (idx)strlen(end))};
    (void)call_python(f, row, !all, arg, narg, kw, text, 2);
}

static Desc *result_desc(Front *f, const char *name)
{
    static const struct {
        const char *name;
        DType dt;
    } types[] = {
        {"bool",    DT_BOOL},
        {"int64",   DT_I64 },
        {"float64", DT_F64 },
        {"str",     DT_STR },
    };
    Desc *d = ARENA_NEW(f->arena, Desc);
    bool maybe = *name == '?';
    d->kind = D_NONE;
    if (strcmp(name, "[str]") == 0) {
        d->kind = D_OBJ;
        d->type = type_with(type_scalar(DT_STR), TY_SCALAR);
        d->type.null = NULL_NONE;
        d->extra = "Ls"; /* codegen's comp_code of a list of texts */
        return d;
    }
    for (idx i = 0; i < COUNT_OF(types); i++) {
        if (strcmp(types[i].name, name + maybe) != 0) continue;
        d->kind = D_SCALAR;
        d->type = type_scalar(types[i].dt);
        if (types[i].dt == DT_STR && !maybe) d->type.null = NULL_NONE;
    }
    return d;
}

/* Functions of names alone: evaluated when compiling if the names are known. */
static bool is_pure(const char *name)
{
    static const char *const pure[] = {"os.path.join", "os.path.basename",
                                       "os.path.dirname", "os.path.normpath"};
    for (idx i = 0; i < COUNT_OF(pure); i++)
        if (strcmp(pure[i], name) == 0) return true;
    return false;
}

static bool known(Front *f, AVal *const *arg, idx narg)
{
    for (idx i = 0; i < narg; i++)
        if (arg[i]->kind != A_CONST || arg_is_run(f, arg[i])) return false;
    return true;
}

AVal *host_call(Front *f, const char *name, AVal *const *arg, idx narg,
                const char *const *kw, AVal *const *kwval, idx nkw)
{
    const HostFn *h = host_find(name);
    if (!h) return NULL;
    if (is_pure(name) && nkw == 0 && known(f, arg, narg))
        return const_fold(f, name, arg, narg);
    PyCall row = {.fn = -1, .name = h->name, .result = result_desc(f, h->result)};
    return call_python(f, row, h->same, arg, narg, kw, kwval, nkw);
}

/* -- Nodes of a cluster ------------------------------------------------------------ */

AVal *build_nodes(Front *f, Call *c)
{
    (void)c;
    Node *n = put_node(f, OP_NODES, NULL, 0, 2);
    Axis *a = axis_new(f->fn);
    n->res[0].type = type_scalar(DT_I64);
    n->res[0].axis = a;
    a->rows = &n->res[0];
    a->pinned = true; /* every rank asks all of it */
    a->dist = DIST_REP;
    n->res[1].type = type_col(DT_I32);
    n->res[1].axis = a;
    Val *col = &n->res[1];
    Type t = type_with(col->type, TY_ARRAY);
    t.ndim = 1;
    return av_array(f, put_val(f, OP_TOARRAY, &col, 1, t, a));
}

/* -- Import statements ------------------------------------------------------------- */

static AVal *module_of(Front *f, const char *name)
{
    HostVal h = {.kind = H_MISSING, .obj = -1};
    Err err = {0};
    if (!f->host->attr(f->host_data, f->arena, -1, name, &h, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    return av_from_host(f, &h);
}

static const char *top_name(Front *f, const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? intern_n(f->names, name, (size_t)(dot - name)) : name;
}

void lower_import(Front *f, const Ast *s)
{
    bool from = s->kind == AST_ImportFrom;
    if (from && (s->i || !s->id2))
        front_unsup(f, UNSUP_IMPORT, "relative imports are not compiled");
    AVal *module = from ? module_of(f, s->id2) : NULL;
    for (idx i = 0; i < s->list.n; i++) {
        const Ast *a = s->list.at[i];
        if (!a || !a->id) front_fail(f, E_SYNTAX, "a name is missing");
        if (from && strcmp(a->id, "*") == 0)
            front_fail(f, E_SYNTAX, "import * only allowed at module level");
        if (from)
            scope_store(f, a->id2 ? a->id2 : a->id, front_getattr(f, module, a->id));
        else if (a->id2)
            scope_store(f, a->id2, module_of(f, a->id));
        else {
            (void)module_of(f, a->id); /* import a.b binds a */
            const char *top = top_name(f, a->id);
            scope_store(f, top, module_of(f, top));
        }
    }
}
