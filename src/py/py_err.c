/* SPDX-License-Identifier: Apache-2.0
 * Error records and Python exceptions. A failing call raises _core.Failure with the
 * plain fields of the record: the face knows the user's files and makes the exception
 * with a traceback of the user's own lines from it, in this process or at the other end
 * of a socket.
 */
#include "py/py.h"

PyObject *py_failure;

/* One argument of an exception as a Python value. */
static PyObject *arg_new(const ErrArg *a)
{
    switch (a->kind) {
    case 'b': return PyBool_FromLong(a->i != 0);
    case 'i': return PyLong_FromLongLong(a->i);
    case 'u': return PyLong_FromUnsignedLongLong((unsigned long long)a->i);
    case 'f': return PyFloat_FromDouble(a->f);
    case 's': return PyUnicode_DecodeUTF8(a->s, (Py_ssize_t)a->n, "replace");
    default: return Py_NewRef(Py_None);
    }
}

/* The arguments as a tuple, None when the text stands for them. */
static PyObject *args_new(const Err *e)
{
    if (e->narg < 0) return Py_NewRef(Py_None);
    PyObject *t = PyTuple_New(e->narg);
    ErrArg a;
    for (int32_t k = 0; t && err_arg_get(e, k, &a); k++) {
        PyObject *o = arg_new(&a);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, k, o);
    }
    return t;
}

static PyObject *chain_new(const Err *e)
{
    int32_t n = err_chain_count(e);
    PyObject *t = PyTuple_New(n);
    for (int32_t i = 0; t && i < n; i++)
        PyTuple_SetItem(t, i, PyLong_FromLong(err_chain_at(e, i)));
    return t;
}

PyObject *py_raise(const Err *record)
{
    Err whole = *record; /* a rank that failed alone only knows its own rows */
    const Err *e = &whole;
    err_rows(&whole, whole.row);
    PyObject *args = Py_BuildValue(
        "(sNiiii(iiiii)(iNN))", err_exception(e->code),
        PyUnicode_DecodeUTF8(e->text, (Py_ssize_t)strlen(e->text), "replace"), e->code,
        e->rank, e->site, e->unsup, e->loc.file, e->loc.line, e->loc.col,
        e->loc.end_line, e->loc.end_col, e->cls, args_new(e), chain_new(e));
    if (!args) return NULL;
    PyErr_SetObject(py_failure, args);
    Py_DECREF(args);
    return NULL;
}

static int code_by_name(const char *name)
{
    for (int c = 1; c < E_COUNT; c++)
        if (strcmp(err_exception(c), name) == 0) return c;
    return OK;
}

/* The code of the first class in type's MRO that errors.def names; E_HOST if none. */
static int code_of_type(PyObject *type)
{
    int code = OK;
    PyObject *mro = PyObject_GetAttrString(type, "__mro__");
    for (Py_ssize_t i = 0; mro && i < PyTuple_Size(mro) && code == OK; i++) {
        PyObject *name = PyObject_GetAttrString(PyTuple_GetItem(mro, i), "__name__");
        const char *s = name ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
        if (s) code = code_by_name(s);
        Py_XDECREF(name);
    }
    Py_XDECREF(mro);
    PyErr_Clear();
    return code == OK ? E_HOST : code;
}

/* A Failure that passes through keeps its own code. */
static int code_of_failure(PyObject *value)
{
    PyObject *args = PyObject_GetAttrString(value, "args");
    long code = E_INTERNAL;
    if (args && PyTuple_Check(args) && PyTuple_Size(args) > 2)
        code = PyLong_AsLong(PyTuple_GetItem(args, 2));
    Py_XDECREF(args);
    PyErr_Clear();
    return code > OK && code < E_COUNT ? (int)code : E_INTERNAL;
}

/* str(value); of a KeyError and a Failure the text itself. New reference or NULL. */
static PyObject *text_of(PyObject *value, int code, bool failure)
{
    if (failure || code == E_KEY) {
        PyObject *args = PyObject_GetAttrString(value, "args"), *s = NULL;
        Py_ssize_t at = failure ? 1 : 0;
        if (args && PyTuple_Check(args) && PyTuple_Size(args) > at)
            s = PyObject_Str(PyTuple_GetItem(args, at));
        Py_XDECREF(args);
        if (s) return s;
        PyErr_Clear();
    }
    return PyObject_Str(value);
}

Status py_take_error(Err *err)
{
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (!type)
        return err_set(err, E_INTERNAL, "a host function failed without an error");
    bool failure = value && PyErr_GivenExceptionMatches(value, py_failure);
    int code = failure ? code_of_failure(value) : code_of_type(type);
    PyObject *s = value ? text_of(value, code, failure) : NULL;
    const char *text = s ? PyUnicode_AsUTF8AndSize(s, NULL) : NULL;
    PyErr_Clear();
    PyObject *name = code == E_HOST ? PyObject_GetAttrString(type, "__name__") : NULL;
    const char *kind = name ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    if (kind)
        err_set(err, (ErrCode)code, "%s: %s", kind, text ? text : "");
    else
        err_set(err, (ErrCode)code, "%s", text ? text : "");
    PyErr_Clear();
    Py_XDECREF(name);
    Py_XDECREF(s);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return err->code;
}

/* error_names() -> names of the classes in errors.def */
static PyObject *error_names(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    PyObject *t = PyTuple_New(E_COUNT - 1);
    for (int c = 1; t && c < E_COUNT; c++)
        PyTuple_SetItem(t, c - 1, PyUnicode_FromString(err_exception(c)));
    return t;
}

static PyMethodDef functions[] = {
    {"error_names", error_names, METH_NOARGS, "names of the classes in errors.def"},
    {NULL,          NULL,        0,           NULL                                },
};

int py_err_init(PyObject *module)
{
    py_failure = PyErr_NewExceptionWithDoc(
        "shoal._core.Failure", "A failed call, as plain fields.", NULL, NULL);
    if (!py_failure) return -1;
    if (PyModule_AddFunctions(module, functions)) return -1;
    return PyModule_AddObjectRef(module, "Failure", py_failure);
}
