/* SPDX-License-Identifier: Apache-2.0
 * Compiling and running. compile() gives plain Python values, among them the object's
 * bytes, so that they can be kept, sent and run anywhere; a Program is such an object
 * linked into this process. The slots of a call are a list of Python values, one letter
 * each: a(rray), i(nteger), f(loat), c(omplex), t(ext), o(bject, packed); M marks
 * integers that may be missing. A packed object that has rows is (bytes, arrays): as a
 * result R, as an argument what pack_rows() makes.
 */
#include "codegen/cache.h"
#include "codegen/link.h"
#include "comm/comm.h"
#include "object/object_layout.h"
#include "py/py.h"
#include "rt/rt.h"
#include <signal.h>

/* -- LLVM -------------------------------------------------------------------------- */

static const CodegenApi *codegen_load(const char *path)
{
    const char *why;
    const CodegenApi *api = py_codegen(path, &why);
    if (!api)
        PyErr_Format(PyExc_ImportError, "cannot load the code generator: %s", why);
    return api;
}

static PyObject *codegen_info(PyObject *self, PyObject *args)
{
    (void)self;
    const char *path;
    if (!PyArg_ParseTuple(args, "s", &path)) return NULL;
    const CodegenApi *api = codegen_load(path);
    return api ? Py_BuildValue("(ss)", api->version(), api->cpu_key()) : NULL;
}

/* -- What a compile gives ---------------------------------------------------------- */

static char type_letter(Type t)
{
    bool array = t.kind == TY_COL || t.kind == TY_ARRAY;
    if (t.dt == DT_STR && t.unit == UNIT_BYTES) return 'o';
    return slot_letter(array, (DType)t.dt, (NullForm)t.null);
}

static int leaf_count(const Desc *d)
{
    int n = d->slot + 1;
    for (int32_t i = 0; i < d->nchild && d->kind != D_OBJ; i++) {
        int m = leaf_count(d->child[i]);
        if (m > n) n = m;
    }
    return n;
}

static void leaf_letters(const Desc *d, char *out, int n)
{
    if (d->slot >= 0 && d->slot < n)
        out[d->slot] = d->kind != D_OBJ ? type_letter(d->type) : d->nchild ? 'R' : 'o';
    for (int32_t i = 0; i < d->nchild && d->kind != D_OBJ; i++)
        leaf_letters(d->child[i], out, n);
}

static PyObject *in_letters(const Fn *fn)
{
    char buf[4096];
    int n = fn->body->nparam < 4095 ? fn->body->nparam : 4095;
    for (int i = 0; i < n; i++)
        buf[i] = type_letter(fn->body->param[i].type);
    return PyUnicode_FromStringAndSize(buf, n);
}

static PyObject *out_letters(const Fn *fn)
{
    char buf[4096];
    int n = fn->out ? leaf_count(fn->out) : 0;
    if (n > 4095) n = 4095;
    memset(buf, 'i', (size_t)n);
    if (fn->out) leaf_letters(fn->out, buf, n);
    return PyUnicode_FromStringAndSize(buf, n);
}

static PyObject *loc_new(Loc l)
{
    return Py_BuildValue("(iiiii)", l.file, l.line, l.col, l.end_line, l.end_col);
}

static PyObject *sites_new(const CompileOut *out)
{
    PyObject *t = PyTuple_New(out->nsite);
    for (idx i = 0; t && i < out->nsite; i++) {
        PyObject *o =
            Py_BuildValue("(Ni)", loc_new(out->site[i].loc), out->site[i].inlined_at);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

static PyObject *files_new(const Fn *fn)
{
    PyObject *t = PyTuple_New(fn->files.n);
    for (idx i = 0; t && i < fn->files.n; i++) {
        const SourceFile *f = &fn->files.at[i];
        PyObject *o = Py_BuildValue("(zziz)", f->name, f->func, f->first_line, f->text);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

static PyObject *inlines_new(const Fn *fn)
{
    PyObject *t = PyTuple_New(fn->inlines.n);
    for (idx i = 0; t && i < fn->inlines.n; i++) {
        const Inline *l = &fn->inlines.at[i];
        PyObject *o = Py_BuildValue("(Nzi)", loc_new(l->call), l->callee, l->parent);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

/* v may be memory of p: of its type, or (carried by control flow) its complex parts. */
static bool may_be_of(const Val *p, const Val *v)
{
    bool parts = (p->type.dt == DT_C64 && v->type.dt == DT_F32) ||
                 (p->type.dt == DT_C128 && v->type.dt == DT_F64);
    return p->type.dt == v->type.dt || parts;
}

/* Marks the parameters of the function whose memory it writes: stores to the parameter
 * itself, and (an alias may be carried by control flow or a container) to any array of
 * its type that is not made in the function. */
static void find_writes(const Fn *fn, const Region *r, bool *written)
{
    node_each (n, r) {
        for (int32_t i = 0; i < n->nregion; i++)
            find_writes(fn, n->region[i], written);
        if (op_info[n->op].effect != EF_WRITE || n->narg == 0) continue;
        const Val *v = val_memory(n->arg[0]);
        bool alias = !v->def || (v->def->nregion > 0 && v->def->op != OP_NDMAP) ||
                     v->def->op == OP_LISTGET || v->def->op == OP_ENTRYGET ||
                     v->def->op == OP_FIELDGET || v->def->op == OP_OBJREAD ||
                     v->def->op == OP_OBJWRITE;
        for (int32_t i = 0; alias && i < fn->body->nparam; i++) {
            const Val *p = &fn->body->param[i];
            bool other = !v->def && v->region == fn->body && v != p;
            if (p->type.kind == TY_ARRAY && may_be_of(p, v) && !other)
                written[i] = true;
        }
    }
}

/* Slots of the arguments that are written. */
static PyObject *written_new(const Fn *fn)
{
    bool *written = ARENA_NEW_N(fn->arena, fn->body->nparam + 1, bool);
    find_writes(fn, fn->body, written);
    PyObject *list = PyList_New(0);
    for (int32_t i = 0; list && i < fn->body->nparam; i++) {
        PyObject *o = written[i] ? PyLong_FromLong(i) : NULL;
        if (o && PyList_Append(list, o)) Py_CLEAR(list);
        Py_XDECREF(o);
    }
    return list;
}

/* Adds the slots of arguments that ranks must agree on. */
static int add_agreed(PyObject *list, const Desc *d)
{
    if (d->agreed) {
        PyObject *o = PyLong_FromLong(d->slot);
        int st = o ? PyList_Append(list, o) : -1;
        Py_XDECREF(o);
        if (st) return st;
    }
    for (int32_t i = 0; i < d->nchild; i++)
        if (add_agreed(list, d->child[i])) return -1;
    return 0;
}

static PyObject *agreed_new(Desc *const *arg, idx narg)
{
    PyObject *list = PyList_New(0);
    for (idx i = 0; list && i < narg; i++)
        if (add_agreed(list, arg[i])) Py_CLEAR(list);
    return list;
}

/* Whether a call can do without Python and has no effects beside those on its
 * arguments: 0 no, 1 yes, 2 yes, but it may take long. */
static int region_quickness(const Region *r)
{
    int most = 1;
    node_each (n, r) {
        const struct OpInfo *op = &op_info[n->op];
        if (op->lower == LW_CALL && op->effect == EF_IO) return 0;
        bool brief = op->lower != LW_CALL && n->op != OP_CALLFN &&
                     (n->nregion == 0 || n->op == OP_IF);
        if (!brief) most = 2;
        for (int k = 0; k < n->nregion; k++) {
            int in = region_quickness(n->region[k]);
            if (!in) return 0;
            if (in > most) most = in;
        }
    }
    return most;
}

static int quickness(const Fn *fn)
{
    vec_each (i, &fn->subs)
        if (!region_quickness(fn->subs.at[i]->body)) return 0;
    return region_quickness(fn->body);
}

static PyObject *descs_new(Desc *const *d, idx n)
{
    PyObject *t = PyTuple_New(n);
    for (idx i = 0; t && i < n; i++) {
        PyObject *o = py_desc_new(d[i]);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

/* (host's number or -1, name or None, descriptors, keywords, result) of every call of
 * Python. */
static PyObject *calls_new(const Fn *fn)
{
    PyObject *t = PyTuple_New(fn->pycalls.n);
    for (idx i = 0; t && i < fn->pycalls.n; i++) {
        const PyCall *c = &fn->pycalls.at[i];
        PyObject *o =
            Py_BuildValue("(izNNN)", c->fn, c->name, descs_new(c->arg, c->narg),
                          py_texts_new(c->kw, c->nkw), py_desc_new(c->result));
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

static PyObject *out_new(const CompileOut *out, Desc *const *arg, idx narg)
{
    const Fn *fn = out->fn;
    static const Desc none = {.kind = D_NONE, .slot = -1};
    return Py_BuildValue(
        "{sy#sOsisNsNsNsNsNsNsNsNsNsNsNszszs(dddd)}", "object",
        (const char *)out->object.bytes, (Py_ssize_t)out->object.size, "needs_ranks",
        out->needs_ranks ? Py_True : Py_False, "quick", quickness(fn), "in",
        in_letters(fn), "out", out_letters(fn), "args", descs_new(arg, narg), "agreed",
        agreed_new(arg, narg), "result", py_desc_new(fn->out ? fn->out : &none),
        "warnings", py_texts_new(fn->warnings.at, fn->warnings.n), "sites",
        sites_new(out), "files", files_new(fn), "inlines", inlines_new(fn), "calls",
        calls_new(fn), "written", written_new(fn), "explain", out->explain,
        "diagnostics", out->diagnostics, "ms", out->ms[0], out->ms[1], out->ms[2],
        out->ms[3]);
}

/* -- Flags ------------------------------------------------------------------------- */

static int name_list(Arena *a, PyObject *d, const char *key, const char *const **out,
                     idx *n)
{
    PyObject *t = PyDict_GetItemString(d, key);
    *n = 0;
    if (!t) return 0;
    *n = PyTuple_Size(t);
    if (*n < 0) return -1;
    const char **names = ARENA_NEW_N(a, *n ? *n : 1, const char *);
    for (idx i = 0; i < *n; i++)
        if (py_text_copy(a, PyTuple_GetItem(t, i), &names[i])) return -1;
    *out = names;
    return 0;
}

/* (name, descriptor, text) of each variable. */
static int locals_read(Arena *a, PyObject *d, DistFlags *f)
{
    PyObject *t = PyDict_GetItemString(d, "locals");
    if (!t) return 0;
    idx n = PyTuple_Size(t);
    if (n < 0) return -1;
    Local *l = ARENA_NEW_N(a, n ? n : 1, Local);
    for (idx i = 0; i < n; i++) {
        PyObject *one = PyTuple_GetItem(t, i);
        if (py_text_copy(a, PyTuple_GetItem(one, 0), &l[i].name) ||
            !(l[i].type = py_desc_read(a, PyTuple_GetItem(one, 1))) ||
            py_text_copy(a, PyTuple_GetItem(one, 2), &l[i].text))
            return -1;
    }
    f->local = l;
    f->nlocal = n;
    return 0;
}

static bool flag(PyObject *d, const char *key)
{
    PyObject *v = PyDict_GetItemString(d, key);
    return v && PyObject_IsTrue(v) == 1;
}

int py_flags_read(Arena *a, PyObject *d, DistFlags *f)
{
    memset(f, 0, sizeof *f);
    if (name_list(a, d, "distributed", &f->distributed, &f->ndistributed) ||
        name_list(a, d, "distributed_block", &f->distributed_block,
                  &f->ndistributed_block) ||
        name_list(a, d, "replicated", &f->replicated, &f->nreplicated) ||
        locals_read(a, d, f))
        return -1;
    f->off = flag(d, "off");
    f->all_args_distributed_block = flag(d, "all_args_distributed_block");
    f->all_args_distributed_varlength = flag(d, "all_args_distributed_varlength");
    f->all_returns_distributed = flag(d, "all_returns_distributed");
    f->no_args_maybe = flag(d, "no_args_maybe");
    f->no_returns_maybe = flag(d, "no_returns_maybe");
    f->all_replicated = flag(d, "all_replicated");
    f->all_distributed = flag(d, "all_distributed");
    f->numpy_errors = flag(d, "numpy_errors");
    return 0;
}

/* -- compile() --------------------------------------------------------------------- */

typedef struct Job {
    Arena *arena;
    PyFront front;
    CompileReq req;
    DistFlags flags;
    Desc **arg;
    const char *llvm; /* path of the code generator */
} Job;

static int args_read(Job *j, PyObject *descs)
{
    idx n = PyTuple_Size(descs);
    if (n < 0) return -1;
    j->arg = ARENA_NEW_N(j->arena, n ? n : 1, Desc *);
    j->req.arg = j->arg;
    j->req.narg = n;
    for (idx i = 0; i < n; i++)
        if (!(j->arg[i] = py_desc_read(j->arena, PyTuple_GetItem(descs, i)))) return -1;
    return 0;
}

static bool host_flag(PyObject *host, const char *name)
{
    PyObject *v = PyObject_GetAttrString(host, name);
    bool yes = v && PyObject_IsTrue(v) == 1;
    Py_XDECREF(v);
    PyErr_Clear();
    return yes;
}

/* What a check found, as the fields of Failure: the host keeps them. */
static void keep_problems(Job *j, const Fn *fn)
{
    PyObject *list = PyList_New(0);
    vec_each (i, &fn->problems) {
        py_raise(fn->problems.at[i]);
        PyObject *type, *value, *trace;
        PyErr_Fetch(&type, &value, &trace);
        PyErr_NormalizeException(&type, &value, &trace);
        PyObject *args = value ? PyObject_GetAttrString(value, "args") : NULL;
        if (list && args) (void)PyList_Append(list, args);
        Py_XDECREF(args);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(trace);
    }
    if (list) PyObject_SetAttrString(j->front.host, "problems", list);
    Py_XDECREF(list);
    PyErr_Clear();
}

/* The host keeps the files that the failure's place counts in. */
static void compile_failed(Job *j, const CompileOut *out, const Err *err)
{
    PyObject *files = out->fn ? files_new(out->fn) : NULL,
             *inlines = out->fn ? inlines_new(out->fn) : NULL;
    if (files) PyObject_SetAttrString(j->front.host, "files", files);
    if (inlines) PyObject_SetAttrString(j->front.host, "inlines", inlines);
    if (out->fn) keep_problems(j, out->fn);
    Py_XDECREF(files);
    Py_XDECREF(inlines);
    PyErr_Clear();
    py_raise(err);
}

/* LLVM is loaded only when the disk cache has no object. */
static const CodegenApi *codegen_open(void *data, Err *err)
{
    const Job *j = data;
    const CodegenApi *api = codegen_load(j->llvm);
    if (api) return api;
    PyErr_Clear();
    (void)err_set(err, E_RUNTIME, "cannot load the code generator %s", j->llvm);
    return NULL;
}

/* compile(host, fn, descs, size, flags, llvm path or None, dump, opt) -> dict */
static PyObject *compile_py(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *descs, *flags, *result = NULL;
    const char *llvm, *dump;
    Job j = {0};
    if (!PyArg_ParseTuple(args, "OiO!iO!zzi", &j.front.host, &j.req.fn, &PyTuple_Type,
                          &descs, &j.req.size, &PyDict_Type, &flags, &llvm, &dump,
                          &j.req.opt))
        return NULL;
    j.arena = arena_new();
    if (!j.arena) return PyErr_NoMemory();
    j.front.arena = j.arena;
    j.req.host = &py_front_host;
    j.req.host_data = &j.front;
    j.req.flags = &j.flags;
    j.req.dump = dump;
    j.req.cache = true;
    j.req.codegen_data = &j;
    j.llvm = llvm;
    CompileOut out = {0};
    Err err;
    err_clear(&err);
    if (args_read(&j, descs) || py_flags_read(j.arena, flags, &j.flags)) goto done;
    if (llvm) j.req.codegen_open = codegen_open;
    j.req.check = host_flag(j.front.host, "checking");
    Status st = compile_run(j.arena, &j.req, &out, &err);
    if (st == OK && out.fn->problems.n) err = *out.fn->problems.at[0];
    if (err.code != OK)
        compile_failed(&j, &out, &err);
    else
        result = out_new(&out, j.arg, j.req.narg);
done:
    arena_free(j.arena);
    return result;
}

/* -- Plans: see _kept.py ----------------------------------------------------------- */

/* plan_get(key) -> bytes or None */
static PyObject *plan_get(PyObject *self, PyObject *args)
{
    (void)self;
    const char *text;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "y#", &text, &n)) return NULL;
    Arena *a = arena_new();
    if (!a) return PyErr_NoMemory();
    Object o;
    bool hit = cache_get(a, cache_plan_key(text, (size_t)n), &o);
    PyObject *out =
        hit ? PyBytes_FromStringAndSize((const char *)o.bytes, (Py_ssize_t)o.size)
            : Py_NewRef(Py_None);
    arena_free(a);
    return out;
}

/* plan_put(key, bytes) */
static PyObject *plan_put(PyObject *self, PyObject *args)
{
    (void)self;
    const char *text, *bytes;
    Py_ssize_t n, size;
    if (!PyArg_ParseTuple(args, "y#y#", &text, &n, &bytes, &size)) return NULL;
    Arena *a = arena_new();
    if (!a) return PyErr_NoMemory();
    uint8_t *copy = arena_try(a, (size_t)size + 1, 1);
    if (copy) {
        memcpy(copy, bytes, (size_t)size);
        Object o = {copy, (size_t)size};
        cache_put(a, cache_plan_key(text, (size_t)n), &o);
    }
    arena_free(a);
    Py_RETURN_NONE;
}

/* -- Programs ---------------------------------------------------------------------- */

typedef struct PyProgram {
    PyObject_HEAD struct ShoalCode *code; /* linked by LLVM, */
    const CodegenApi *api;
    Linked *linked; /* or without it */
    ShoalMain *main;
    PyObject *in, *out; /* letters of the slots */
} PyProgram;

static PyTypeObject *program_type;

static void program_dealloc(PyObject *o)
{
    PyProgram *p = (PyProgram *)o;
    PyTypeObject *type = Py_TYPE(o);
    if (p->code) p->api->unload(p->code);
    link_free(p->linked);
    Py_XDECREF(p->in);
    Py_XDECREF(p->out);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(o);
    Py_DECREF(type);
}

/* LLVM's linker is there for what ours does not know. */
static void *program_link(PyProgram *p, const char *path, const uint8_t *bytes,
                          size_t size)
{
    void *sym = link_load(bytes, size, &p->linked);
    if (sym) return sym;
    Err err;
    err_clear(&err);
    p->api = codegen_load(path);
    if (!p->api) return NULL;
    sym = p->api->load(bytes, size, &p->code, &err);
    if (!sym) py_raise(&err);
    return sym;
}

/* load(llvm path, object bytes, in letters, out letters) -> Program */
static PyObject *load_py(PyObject *self, PyObject *args)
{
    (void)self;
    const char *path, *bytes;
    Py_ssize_t size;
    PyObject *in, *out;
    if (!PyArg_ParseTuple(args, "sy#UU", &path, &bytes, &size, &in, &out)) return NULL;
    PyProgram *p = (PyProgram *)PyType_GenericAlloc(program_type, 0);
    if (!p) return NULL;
    py_codegen_at(path);
    p->in = Py_NewRef(in);
    p->out = Py_NewRef(out);
    void *sym = program_link(p, path, (const uint8_t *)bytes, (size_t)size);
    if (!sym) {
        Py_DECREF(p);
        return NULL;
    }
    memcpy(&p->main, &sym, sizeof p->main);
    return (PyObject *)p;
}

ShoalMain *py_program_main(PyObject *o)
{
    if (PyObject_TypeCheck(o, program_type)) return ((PyProgram *)o)->main;
    PyErr_SetString(PyExc_TypeError, "a Program is needed");
    return NULL;
}

/* -- Slots ------------------------------------------------------------------------- */

static int slot_text(PyObject *v, Slot *s)
{
    Py_ssize_t n;
    char *bytes;
    if (PyTuple_Check(v)) v = PyTuple_GetItem(v, 0); /* of pack_rows() */
    if (v && PyBytes_Check(v)) {                     /* a packed object */
        if (PyBytes_AsStringAndSize(v, &bytes, &n)) return -1;
        s->p = (const uint8_t *)bytes;
        s->n = n;
        return 0;
    }
    if (!v) return -1;
    s->p = (const uint8_t *)PyUnicode_AsUTF8AndSize(v, &n); /* lives as long as v */
    s->n = n;
    return s->p ? 0 : -1;
}

int py_slot_read(char letter, PyObject *v, Slot *s)
{
    s->n = 1;
    if (v == Py_None) { /* missing */
        s->n = letter == 't' ? -1 : 0;
        if (letter == 'f')
            s->f = (double)NAN;
        else
            s->i = letter == 'M' || letter == 't' ? 0 : NAT;
        return 0;
    }
    switch (letter) {
    case 'a': return (s->a = py_array_get(v)) ? 0 : -1;
    case 'f': s->f = PyFloat_AsDouble(v); break;
    case 'c':
        s->f = PyComplex_RealAsDouble(v);
        s->im = PyComplex_ImagAsDouble(v);
        break;
    case 'o':
    case 't': return slot_text(v, s);
    default: s->i = PyLong_AsLongLong(v); break;
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* (bytes, arrays) of what rt.h calls OUT_ROWS; takes the references of the arrays in
 * any case. */
static PyObject *rows_new(const Slot *s)
{
    int64_t n;
    memcpy(&n, s->p, sizeof n);
    const uint8_t *at = s->p + sizeof n, *bytes = at + (size_t)n * sizeof(void *);
    PyObject *list = PyList_New((Py_ssize_t)n);
    for (int64_t i = 0; i < n; i++) {
        Array *a;
        memcpy(&a, at + (size_t)i * sizeof(void *), sizeof(void *));
        PyObject *o = list ? py_array_new(a) : NULL;
        if (o)
            PyList_SetItem(list, (Py_ssize_t)i, o);
        else if (list)
            Py_CLEAR(list);
        else
            array_unref(a);
    }
    if (!list) return NULL;
    return Py_BuildValue("(y#N)", (const char *)bytes,
                         (Py_ssize_t)(s->p + s->n - bytes), list);
}

static void slot_drop(char letter, const Slot *s)
{
    if (letter == 'a') array_unref(s->a);
    PyObject *rows = letter == 'R' ? rows_new(s) : NULL;
    Py_XDECREF(rows);
}

PyObject *py_slot_new(char letter, const Slot *s)
{
    switch (letter) {
    case 'a':
        if (!s->a) return Py_NewRef(Py_None);
        return py_array_new(s->a);
    case 'f': return PyFloat_FromDouble(s->f);
    case 'c': return PyComplex_FromDoubles(s->f, s->im);
    case 'R': return rows_new(s);
    case 'o': return PyBytes_FromStringAndSize((const char *)s->p, s->n);
    case 't':
        if (s->n == TEXT_NAN) return PyFloat_FromDouble(Py_NAN);
        if (s->n < 0) return Py_NewRef(Py_None);
        return PyUnicode_DecodeUTF8((const char *)s->p, s->n, "replace");
    case 'M':
        if (!(s->n & SLOT_PRESENT)) return Py_NewRef(Py_None);
        if (s->n & SLOT_PROMOTED) return PyFloat_FromDouble((double)s->i);
        return PyLong_FromLongLong(s->i);
    default: return PyLong_FromLongLong(s->i);
    }
}

PyObject *py_slots_new(const char *letter, Slot *out, idx n)
{
    PyObject *list = PyList_New(n);
    for (idx i = 0; i < n; i++) {
        PyObject *o = list ? py_slot_new(letter[i], &out[i]) : NULL;
        if (o)
            PyList_SetItem(list, i, o);
        else if (list)
            Py_CLEAR(list);
        else
            slot_drop(letter[i], &out[i]);
    }
    return list;
}

/* -- Ctrl-C in the driver's own process -------------------------------------------- */

/* While compiled code runs in the user's process, SIGINT sets the abort word as well as
 * doing what Python wants of it; Python's own handler only runs between bytecodes. */
static volatile int32_t interrupt_word;
static struct sigaction before;

static void on_interrupt(int sig, siginfo_t *info, void *context)
{
    interrupt_word = 1;
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(sig, info, context);
    else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
        before.sa_handler(sig);
}

/* Watches nest when compiled code calls Python that calls compiled code. Only the main
 * thread watches. */
static int watches;

static void interrupt_watch(void)
{
    struct sigaction sa = {0};
    if (watches++ > 0) return;
    sa.sa_sigaction = on_interrupt;
    sa.sa_flags = SA_SIGINFO;
    sigemptyset(&sa.sa_mask);
    interrupt_word = 0;
    sigaction(SIGINT, &sa, &before);
    if (before.sa_handler == SIG_IGN) sigaction(SIGINT, &before, NULL);
}

static void interrupt_unwatch(void)
{
    if (--watches == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &before, NULL);
}

/* The thread that imported the module: Python's main one, which runs signal handlers.
 */
static unsigned long main_thread;

bool py_interrupt_watch(Cx *cx)
{
    if (PyThread_get_thread_ident() != main_thread) return false;
    cx->abort_word = &interrupt_word;
    interrupt_watch();
    return true;
}

void py_interrupt_unwatch(void)
{
    interrupt_unwatch();
}

/* -- Running ----------------------------------------------------------------------- */

OutKind py_out_kind(char letter)
{
    return letter == 'a' ? OUT_ARRAY : letter == 'R' ? OUT_ROWS : OUT_PLAIN;
}

typedef struct Call {
    Slot *in, *out;
    uint8_t *kind; /* of results: OutKind */
    const char *in_letter, *out_letter;
    Py_ssize_t nin, nout;
} Call;

static int call_prepare(const PyProgram *p, PyObject *values, Arena *a, Call *c)
{
    c->in_letter = PyUnicode_AsUTF8AndSize(p->in, &c->nin);
    c->out_letter = PyUnicode_AsUTF8AndSize(p->out, &c->nout);
    if (!c->in_letter || !c->out_letter) return -1;
    if (PyList_Size(values) != c->nin) {
        PyErr_Format(PyExc_TypeError, "%zd values are passed, %zd are expected",
                     PyList_Size(values), c->nin);
        return -1;
    }
    c->in = ARENA_NEW_N(a, c->nin ? c->nin : 1, Slot);
    c->out = ARENA_NEW_N(a, c->nout ? c->nout : 1, Slot);
    c->kind = ARENA_NEW_N(a, c->nout ? c->nout : 1, uint8_t);
    for (Py_ssize_t i = 0; i < c->nin; i++)
        if (py_slot_read(c->in_letter[i], PyList_GetItem(values, i), &c->in[i]))
            return -1;
    for (Py_ssize_t i = 0; i < c->nout; i++)
        c->kind[i] = (uint8_t)py_out_kind(c->out_letter[i]);
    return 0;
}

/* run(values, host, ranks, abort buffer or None, watch) -> list of results. ranks: on
 * the process's communicator, else alone. */
static PyObject *program_run(PyObject *o, PyObject *args)
{
    PyProgram *p = (PyProgram *)o;
    PyObject *values, *abort_, *list = NULL;
    PyRun run;
    int ranks, watch;
    if (!PyArg_ParseTuple(args, "O!OpOp", &PyList_Type, &values, &run.host, &ranks,
                          &abort_, &watch))
        return NULL;
    Py_buffer word = {0};
    if (abort_ != Py_None && PyObject_GetBuffer(abort_, &word, PyBUF_SIMPLE))
        return NULL;
    Cx cx;
    cx_init(&cx, ranks ? py_world() : comm_self(), &py_run_host, &run);
    cx.world = py_world();
    cx.abort_word = word.buf ? word.buf : (watch ? &interrupt_word : NULL);
    Call c;
    if (call_prepare(p, values, cx.scratch, &c)) goto done;
    if (watch) interrupt_watch();
    Status st;
    Py_BEGIN_ALLOW_THREADS st = rt_run(&cx, p->main, c.in, c.out, c.nout, c.kind);
    Py_END_ALLOW_THREADS if (watch) interrupt_unwatch();
    list = st == OK ? py_slots_new(c.out_letter, c.out, c.nout) : py_raise(&cx.err);
done:
    cx_clear(&cx);
    if (word.obj) PyBuffer_Release(&word);
    return list;
}

static PyMethodDef program_methods[] = {
    {"run", program_run, METH_VARARGS, "run(values, host, ranks, abort, watch)"},
    {NULL,  NULL,        0,            NULL                                    },
};
static PyType_Slot program_slots[] = {
    {Py_tp_dealloc, (void *)program_dealloc},
    {Py_tp_methods, program_methods        },
    {0,             NULL                   },
};
static PyType_Spec program_spec = {
    .name = "shoal._core.Program",
    .basicsize = sizeof(PyProgram),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = program_slots,
};

/* -- The op table, for names.py ---------------------------------------------------- */

static PyObject *host_names(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    PyObject *list = PyList_New(0);
    const char *name;
    for (idx i = 0; list && (name = host_fn_name(i)); i++) {
        PyObject *s = PyUnicode_FromString(name);
        if (s && PyList_Append(list, s)) Py_CLEAR(list);
        Py_XDECREF(s);
    }
    return list;
}

static PyObject *op_names(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < OP_COUNT; i++) {
        PyObject *s =
            op_info[i].names[0] ? PyUnicode_FromString(op_info[i].names) : NULL;
        if (s && PyList_Append(list, s)) Py_CLEAR(list);
        Py_XDECREF(s);
    }
    return list;
}

static PyMethodDef functions[] = {
    {"compile",      compile_py,   METH_VARARGS,
     "compile(host, fn, descs, size, flags, llvm, dump, opt) -> dict"                    },
    {"load",         load_py,      METH_VARARGS, "load(llvm, object, in, out) -> Program"},
    {"plan_get",     plan_get,     METH_VARARGS, "plan_get(key) -> bytes or None"        },
    {"plan_put",     plan_put,     METH_VARARGS, "plan_put(key, bytes)"                  },
    {"codegen_info", codegen_info, METH_VARARGS, "(LLVM's version, CPU key)"             },
    {"host_names",   host_names,   METH_NOARGS,
     "functions of Python's library that compiled code calls"                            },
    {"op_names",     op_names,     METH_NOARGS,
     "names of each row of the op table, '|' between"                                    },
    {NULL,           NULL,         0,            NULL                                    },
};

int py_func_init(PyObject *module)
{
    main_thread = PyThread_get_thread_ident();
    sigaction(SIGINT, NULL, &before); /* for a signal that comes while it is replaced */
    program_type = (PyTypeObject *)PyType_FromSpec(&program_spec);
    if (!program_type) return -1;
    if (PyModule_AddObjectRef(module, "Program", (PyObject *)program_type)) return -1;
    return PyModule_AddFunctions(module, functions);
}
