/* SPDX-License-Identifier: Apache-2.0
 * The two ways from C up to Python: FrontHost, asked by the compiler while it holds the
 * GIL, and Host, called by running code without it. Both forward to methods of one
 * Python object and turn its plain answers into C, and its exceptions into error
 * records.
 */
#include "io/arrow.h"
#include "py/py.h"

/* -- Values for the front ---------------------------------------------------------- */

static int hostval_read(PyFront *f, Arena *a, PyObject *t, HostVal *out);

static int const_read(Arena *a, PyObject *v, HostVal *out)
{
    out->kind = H_CONST;
    if (v == Py_None) {
        out->ck = AC_NONE;
    } else if (PyBool_Check(v)) {
        out->ck = AC_BOOL;
        out->i = v == Py_True;
    } else if (PyLong_Check(v)) {
        out->ck = AC_INT;
        out->i = PyLong_AsLongLong(v);
    } else if (PyFloat_Check(v)) {
        out->ck = AC_FLOAT;
        out->f = PyFloat_AsDouble(v);
    } else if (PyUnicode_Check(v)) {
        Py_ssize_t n;
        const char *s = PyUnicode_AsUTF8AndSize(v, &n);
        if (!s) return -1;
        out->ck = AC_STR;
        out->s = arena_strndup(a, s, (size_t)n);
        out->n = n;
    } else if (PyComplex_Check(v)) {
        out->ck = AC_COMPLEX;
        out->re = PyComplex_RealAsDouble(v);
        out->f = PyComplex_ImagAsDouble(v);
    } else if (PyBytes_Check(v)) {
        out->ck = AC_BYTES;
        out->n = PyBytes_Size(v);
        out->s = arena_strndup(a, PyBytes_AsString(v), (size_t)out->n);
    } else {
        out->ck = AC_ELLIPSIS;
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int items_read(PyFront *f, Arena *a, PyObject *seq, HostVal **out, idx *n)
{
    *n = PyTuple_Size(seq);
    if (*n < 0) return -1;
    *out = ARENA_NEW_N(a, *n ? *n : 1, HostVal);
    for (idx i = 0; i < *n; i++)
        if (hostval_read(f, a, PyTuple_GetItem(seq, i), &(*out)[i])) return -1;
    return 0;
}

static int desc_value_read(Arena *a, PyObject *t, HostVal *out)
{
    out->desc = py_desc_read(a, t);
    return out->desc ? 0 : -1;
}

/* (type, count) */
static int time_read(PyObject *t, HostVal *out)
{
    if (!PyTuple_Check(t) || PyTuple_Size(t) != 2) {
        PyErr_SetString(PyExc_TypeError, "a time is (type, count)");
        return -1;
    }
    out->i = PyLong_AsLongLong(PyTuple_GetItem(t, 1));
    if (py_type_read(PyTuple_GetItem(t, 0), &out->type)) return -1;
    out->type.kind = TY_SCALAR;
    return PyErr_Occurred() ? -1 : 0;
}

static const char *const host_kinds[] = {
    [H_MISSING] = "missing", [H_CONST] = "const",   [H_FUNC] = "func",
    [H_JIT] = "jit",         [H_API] = "api",       [H_TUPLE] = "tuple",
    [H_LIST] = "list",       [H_DICT] = "dict",     [H_SET] = "set",
    [H_ROWS] = "rows",       [H_WRAP] = "wrap",     [H_EXC] = "exc",
    [H_TIME] = "time",       [H_RECORD] = "record", [H_INSTANCE] = "instance",
    [H_OTHER] = "other",     [H_NUMBER] = "number",
};

static int kind_read(PyObject *t, HostVal *out)
{
    const char *s = PyTuple_Check(t) && PyTuple_Size(t) == 5
                        ? py_text(PyTuple_GetItem(t, 0), NULL)
                        : NULL;
    for (int i = 0; s && i < (int)COUNT_OF(host_kinds); i++) {
        if (strcmp(s, host_kinds[i]) != 0) continue;
        out->kind = (uint8_t)i;
        return 0;
    }
    PyErr_SetString(PyExc_TypeError, "a host value is (kind, value, keys, fn, obj)");
    return -1;
}

/* (kind, value, keys, fn, obj); value: the constant, name, type's name, items or Desc.
 */
static int hostval_read(PyFront *f, Arena *a, PyObject *t, HostVal *out)
{
    memset(out, 0, sizeof *out);
    if (kind_read(t, out)) return -1;
    PyObject *value = PyTuple_GetItem(t, 1), *keys = PyTuple_GetItem(t, 2);
    out->fn = (int)PyLong_AsLong(PyTuple_GetItem(t, 3));
    out->obj = (int)PyLong_AsLong(PyTuple_GetItem(t, 4));
    if (PyErr_Occurred()) return -1;
    idx nkey;
    switch (out->kind) {
    case H_CONST: return const_read(a, value, out);
    case H_NUMBER: /* (Python's number, dtype) */
        if (const_read(a, PyTuple_GetItem(value, 0), out)) return -1;
        out->kind = H_NUMBER;
        return py_text_copy(a, PyTuple_GetItem(value, 1), &out->s);
    case H_FUNC:
    case H_JIT: /* of a class: what it is there */
        return value == Py_None ? 0 : py_text_copy(a, value, &out->s);
    case H_API:
    case H_EXC:
    case H_OTHER: return py_text_copy(a, value, &out->s);
    case H_DICT:
        if (items_read(f, a, keys, &out->key, &nkey)) return -1;
        return items_read(f, a, value, &out->item, &out->n);
    case H_TUPLE:
    case H_LIST:
    case H_SET: return items_read(f, a, value, &out->item, &out->n);
    case H_TIME: return time_read(value, out);
    case H_RECORD:
    case H_INSTANCE:
        if (items_read(f, a, keys, &out->item, &out->n)) return -1;
        return py_text_copy(a, value, &out->s);
    case H_ROWS: out->i = PyLong_AsLongLong(value); return PyErr_Occurred() ? -1 : 0;
    case H_WRAP: return desc_value_read(a, value, out);
    default: return 0;
    }
}

static PyObject *hostval_new(const HostVal *v);

static PyObject *const_new(const HostVal *v)
{
    switch (v->ck) {
    case AC_BOOL: return PyBool_FromLong(v->i != 0);
    case AC_INT: return PyLong_FromLongLong(v->i);
    case AC_FLOAT: return PyFloat_FromDouble(v->f);
    case AC_COMPLEX: return PyComplex_FromDoubles(v->re, v->f);
    case AC_STR: return PyUnicode_DecodeUTF8(v->s ? v->s : "", v->n, NULL);
    case AC_BYTES: return PyBytes_FromStringAndSize(v->s, v->n);
    case AC_ELLIPSIS: return Py_NewRef(Py_Ellipsis);
    default: return Py_NewRef(Py_None);
    }
}

static PyObject *items_new(const HostVal *item, idx n)
{
    PyObject *t = PyTuple_New(n);
    for (idx i = 0; t && i < n; i++) {
        PyObject *o = hostval_new(&item[i]);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

/* A constant as the Python value it stands for. */
static PyObject *hostval_new(const HostVal *v)
{
    if (v->kind == H_CONST) return const_new(v);
    if (v->kind != H_TUPLE && v->kind != H_LIST && v->kind != H_SET &&
        v->kind != H_DICT) {
        PyErr_SetString(PyExc_TypeError, "not a constant");
        return NULL;
    }
    PyObject *items = items_new(v->item, v->n), *out = items;
    if (!items) return NULL;
    if (v->kind == H_LIST) out = PySequence_List(items);
    if (v->kind == H_SET) out = PySet_New(items);
    if (v->kind == H_DICT) {
        PyObject *keys = items_new(v->key, v->n);
        out = keys ? PyDict_New() : NULL;
        for (idx i = 0; out && i < v->n; i++)
            if (PyDict_SetItem(out, PyTuple_GetItem(keys, i),
                               PyTuple_GetItem(items, i)))
                Py_CLEAR(out);
        Py_XDECREF(keys);
    }
    if (out != items) Py_DECREF(items);
    return out;
}

/* -- FrontHost --------------------------------------------------------------------- */

static bool answer(Err *err, PyObject *t, int failed)
{
    Py_XDECREF(t);
    if (!failed && !PyErr_Occurred()) return true;
    py_take_error(err);
    return false;
}

static int names_read(Arena *a, Intern *names, PyObject *t, FnSource *out)
{
    out->nfree = PyTuple_Size(t);
    if (out->nfree < 0) return -1;
    const char **at = ARENA_NEW_N(a, out->nfree ? out->nfree : 1, const char *);
    for (idx i = 0; i < out->nfree; i++) {
        const char *s = py_text(PyTuple_GetItem(t, i), NULL);
        if (!s) return -1;
        at[i] = intern(names, s);
    }
    out->free_name = at;
    return 0;
}

static int flags_of(Arena *a, PyObject *d, const DistFlags **out)
{
    *out = NULL;
    if (d == Py_None) return 0;
    DistFlags *flags = ARENA_NEW(a, DistFlags);
    *out = flags;
    return py_flags_read(a, d, flags);
}

/* (node, name, qualname, filename, text, first line, free names, flags, defaults,
 * library) */
static int source_read(PyFront *f, Arena *a, Intern *names, PyObject *t, FnSource *out)
{
    memset(out, 0, sizeof *out);
    if (!PyTuple_Check(t) || PyTuple_Size(t) != 10) {
        PyErr_SetString(PyExc_TypeError, "source() returns 10 fields");
        return -1;
    }
    out->def = py_ast(a, names, PyTuple_GetItem(t, 0));
    if (!out->def || py_text_copy(a, PyTuple_GetItem(t, 1), &out->name) ||
        py_text_copy(a, PyTuple_GetItem(t, 2), &out->qualname) ||
        py_text_copy(a, PyTuple_GetItem(t, 3), &out->filename) ||
        py_text_copy(a, PyTuple_GetItem(t, 4), &out->text) ||
        flags_of(a, PyTuple_GetItem(t, 7), &out->flags) ||
        py_text_copy(a, PyTuple_GetItem(t, 9), &out->library))
        return -1;
    out->first_line = (int32_t)PyLong_AsLong(PyTuple_GetItem(t, 5));
    if (PyErr_Occurred() || names_read(a, names, PyTuple_GetItem(t, 6), out)) return -1;
    return items_read(f, a, PyTuple_GetItem(t, 8), &out->defaults, &out->ndefaults);
}

static bool front_source(void *d, Arena *a, Intern *names, int fn, FnSource *out,
                         Err *err)
{
    PyFront *f = d;
    PyObject *t = PyObject_CallMethod(f->host, "source", "i", fn);
    return answer(err, t, !t || source_read(f, a, names, t, out));
}

static bool front_lookup(void *d, Arena *a, int fn, const char *name, HostVal *out,
                         Err *err)
{
    PyFront *f = d;
    PyObject *t = PyObject_CallMethod(f->host, "lookup", "is", fn, name);
    return answer(err, t, !t || hostval_read(f, a, t, out));
}

static bool front_attr(void *d, Arena *a, int obj, const char *name, HostVal *out,
                       Err *err)
{
    PyFront *f = d;
    PyObject *t = PyObject_CallMethod(f->host, "attr", "is", obj, name);
    return answer(err, t, !t || hostval_read(f, a, t, out));
}

static int schema_col_read(Arena *a, PyObject *c, SchemaCol *out)
{
    if (!PyTuple_Check(c) || PyTuple_Size(c) != 3 ||
        py_text_copy(a, PyTuple_GetItem(c, 0), &out->name) ||
        py_type_read(PyTuple_GetItem(c, 1), &out->type) ||
        py_text_copy(a, PyTuple_GetItem(c, 2), &out->tz))
        return -1;
    out->type.kind = TY_COL;
    return 0;
}

/* () or (start, step, name) */
static int schema_range(Arena *a, PyObject *range, Schema *out)
{
    long long start = 0, step = 1;
    PyObject *name = Py_None;
    out->range_index = PyTuple_Size(range) > 0;
    if (out->range_index && !PyArg_ParseTuple(range, "LLO", &start, &step, &name))
        return -1;
    out->start = start;
    out->step = step;
    return name == Py_None ? 0 : py_text_copy(a, name, &out->range_name);
}

/* (columns, nindex, range index, bytes); a column is (name, type, time zone) */
static int schema_read(Arena *a, PyObject *t, Schema *out)
{
    memset(out, 0, sizeof *out);
    PyObject *cols, *range;
    long long nindex, bytes;
    if (!PyArg_ParseTuple(t, "O!LO!L", &PyTuple_Type, &cols, &nindex, &PyTuple_Type,
                          &range, &bytes) ||
        schema_range(a, range, out))
        return -1;
    out->ncol = PyTuple_Size(cols);
    out->nindex = nindex;
    out->bytes = bytes;
    out->col = ARENA_NEW_N(a, out->ncol ? out->ncol : 1, SchemaCol);
    for (idx i = 0; i < out->ncol; i++)
        if (schema_col_read(a, PyTuple_GetItem(cols, i), &out->col[i])) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a damaged schema");
            return -1;
        }
    return 0;
}

static bool front_schema(void *d, Arena *a, const char *format, const char *path,
                         const char *options, Schema *out, Err *err)
{
    PyFront *f = d;
    PyObject *t = PyObject_CallMethod(f->host, "schema", "ssz", format, path, options);
    return answer(err, t, !t || schema_read(a, t, out));
}

static bool front_fold(void *d, Arena *a, const char *what, const HostVal *args, idx n,
                       HostVal *out, Err *err)
{
    PyFront *f = d;
    PyObject *in = items_new(args, n);
    PyObject *t = in ? PyObject_CallMethod(f->host, "fold", "sO", what, in) : NULL;
    Py_XDECREF(in);
    return answer(err, t, !t || hostval_read(f, a, t, out));
}

const FrontHost py_front_host = {
    .source = front_source,
    .lookup = front_lookup,
    .attr = front_attr,
    .schema = front_schema,
    .fold = front_fold,
};

/* -- Host: called without the GIL -------------------------------------------------- */

/* Ends a host call: drops the answer, keeps the error if there was one. */
static Status finish(PyGILState_STATE gil, PyObject *answer_, int failed, Err *err)
{
    Py_XDECREF(answer_);
    Status st = OK;
    if (failed || PyErr_Occurred()) st = py_take_error(err);
    PyGILState_Release(gil);
    return st;
}

/* Moves the stream out of the capsule that the reader returned. */
static int stream_take(PyObject *source, struct ArrowArrayStream *out)
{
    PyObject *capsule = PyObject_CallMethod(source, "__arrow_c_stream__", NULL);
    struct ArrowArrayStream *s =
        capsule ? PyCapsule_GetPointer(capsule, "arrow_array_stream") : NULL;
    if (s) {
        *out = *s;
        s->release = NULL;
    }
    Py_XDECREF(capsule);
    return s ? 0 : -1;
}

/* The reader answers with a source and the number of its rows. */
static int read_take(PyObject *pair, struct ArrowArrayStream *out, idx *rows)
{
    PyObject *source;
    long long n;
    if (!PyArg_ParseTuple(pair, "OL", &source, &n)) return -1;
    *rows = n;
    return stream_take(source, out);
}

static Status host_read_open(void *data, const ReadSpec *spec,
                             struct ArrowArrayStream *out, idx *rows, Err *err)
{
    PyRun *run = data;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *columns = py_texts_new(spec->column, spec->ncolumn);
    PyObject *types =
        columns ? py_texts_new(spec->type, spec->type ? spec->ncolumn : 0) : NULL;
    PyObject *pair =
        types
            ? PyObject_CallMethod(run->host, "read_open", "ssOzziiLO", spec->format,
                                  spec->path, columns, spec->options, spec->filter,
                                  spec->rank, spec->size, (long long)spec->limit, types)
            : NULL;
    Py_XDECREF(columns);
    Py_XDECREF(types);
    return finish(gil, pair, !pair || read_take(pair, out, rows), err);
}

static void stream_capsule_free(PyObject *capsule)
{
    struct ArrowArrayStream *s = PyCapsule_GetPointer(capsule, "arrow_array_stream");
    if (s && s->release) s->release(s);
    PyMem_Free(s);
}

/* The stream as a capsule; takes it over. */
static PyObject *stream_capsule(struct ArrowArrayStream *in)
{
    struct ArrowArrayStream *s = PyMem_Malloc(sizeof *s);
    if (!s) return PyErr_NoMemory();
    *s = *in;
    in->release = NULL;
    PyObject *capsule = PyCapsule_New(s, "arrow_array_stream", stream_capsule_free);
    if (!capsule) {
        if (s->release) s->release(s);
        PyMem_Free(s);
    }
    return capsule;
}

static Status host_write_part(void *data, const WriteSpec *spec,
                              struct ArrowArrayStream *in, Err *err)
{
    PyRun *run = data;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *capsule = stream_capsule(in);
    PyObject *done = capsule
                         ? PyObject_CallMethod(run->host, "write_part", "sszOii",
                                               spec->format, spec->path, spec->options,
                                               capsule, spec->rank, spec->size)
                         : NULL;
    Py_XDECREF(capsule);
    return finish(gil, done, !done, err);
}

static Status host_write_commit(void *data, const WriteSpec *spec, bool ok, Err *err)
{
    PyRun *run = data;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *done = PyObject_CallMethod(run->host, "write_commit", "sszNii",
                                         spec->format, spec->path, spec->options,
                                         PyBool_FromLong(ok), spec->rank, spec->size);
    return finish(gil, done, !done, err);
}

static Status host_print(void *data, int fd, const char *text, size_t n, Err *err)
{
    PyRun *run = data;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *done =
        PyObject_CallMethod(run->host, "print", "iN", fd,
                            PyUnicode_DecodeUTF8(text, (Py_ssize_t)n, "replace"));
    return finish(gil, done, !done, err);
}

/* Arguments as a list of Python values. */
static PyObject *call_values(const HostCall *c)
{
    Slot *own = arena_try(c->arena, (size_t)c->nin + 1, sizeof *own);
    if (!own) return PyErr_NoMemory();
    for (idx i = 0; i < c->nin; i++) {
        own[i] = c->in[i];
        if (c->in_letter[i] == 'a') array_ref(own[i].a);
    }
    return py_slots_new(c->in_letter, own, c->nin);
}

static int text_keep(const HostCall *c, Slot *s)
{
    if (s->n <= 0) return 0;
    uint8_t *p = arena_try(c->arena, (size_t)s->n, 1);
    if (!p) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(p, s->p, (size_t)s->n);
    s->p = p;
    return 0;
}

/* The answer outlives the list: arrays are referenced, texts copied. */
static int call_results(const HostCall *c, PyObject *list)
{
    if (PyList_Size(list) != c->nout) {
        PyErr_SetString(PyExc_TypeError,
                        "a call of Python gave a wrong number of values");
        return -1;
    }
    idx i = 0;
    for (; i < c->nout; i++) {
        if (py_slot_read(c->out_letter[i], PyList_GetItem(list, i), &c->out[i])) break;
        if (c->out_letter[i] == 'a') array_ref(c->out[i].a);
        bool text = c->out_letter[i] == 't' || c->out_letter[i] == 'o';
        if (text && text_keep(c, &c->out[i])) break;
    }
    if (i == c->nout) return 0;
    while (i-- > 0)
        if (c->out_letter[i] == 'a') array_unref(c->out[i].a);
    return -1;
}

static Status host_call_python(void *data, const HostCall *c, Err *err)
{
    PyRun *run = data;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *values = call_values(c);
    PyObject *list =
        values ? PyObject_CallMethod(run->host, "call", "iO", c->row, values) : NULL;
    Py_XDECREF(values);
    return finish(gil, list, !list || call_results(c, list), err);
}

/* Interrupts come by the abort word: the driver's signal handler and the pool set it.
 */
static int host_poll(void *data)
{
    (void)data;
    return 0;
}

/* SciPy tells the addresses of its BLAS and LAPACK to C code in capsules (those of its
 * cython_blas and cython_lapack). Its functions are asked for through the module's
 * dictionary, so that SciPy need not be there when Shoal is built. */
static PyObject *capsule_of(const char *name)
{
    const char *const module[] = {"scipy.linalg.cython_blas",
                                  "scipy.linalg.cython_lapack"};
    PyObject *found = NULL;
    for (int i = 0; i < 2 && !found; i++) {
        PyObject *m = PyImport_ImportModule(module[i]);
        PyObject *api = m ? PyObject_GetAttrString(m, "__pyx_capi__") : NULL;
        found = api ? PyMapping_GetItemString(api, name) : NULL;
        Py_XDECREF(api);
        Py_XDECREF(m);
        if (!m && PyErr_ExceptionMatches(PyExc_ModuleNotFoundError))
            PyErr_SetString(PyExc_ImportError,
                            "linear algebra needs SciPy, which is not installed; "
                            "instead: pip install scipy");
        if (!m) return NULL;
        if (!found && i == 0) PyErr_Clear();
    }
    return found;
}

static Status host_routine(void *data, const char *name, void **out, Err *err)
{
    (void)data;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *c = capsule_of(name);
    *out = c ? PyCapsule_GetPointer(c, PyCapsule_GetName(c)) : NULL;
    return finish(gil, c, !*out, err);
}

const Host py_run_host = {
    .read_open = host_read_open,
    .write_part = host_write_part,
    .write_commit = host_write_commit,
    .print = host_print,
    .poll = host_poll,
    .call = host_call_python,
    .routine = host_routine,
    .late = py_late,
};
