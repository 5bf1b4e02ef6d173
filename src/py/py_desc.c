/* SPDX-License-Identifier: Apache-2.0
 * Descriptors and types as Python tuples. A Desc is the tuple
 *   (kind, type, dist, slot, name, value, start, step, extra, has_value, demanded,
 *    children, ndim)
 * kind and dist are words, type is (dtype, null form, unit) or None, name is None, a
 * str or an int, value is the constant of D_CONST or the known value of D_SCALAR.
 */
#include "py/py.h"

static const char *const kinds[] = {
    [D_NONE] = "none",   [D_CONST] = "const",       [D_SCALAR] = "scalar",
    [D_ARRAY] = "array", [D_SERIES] = "series",     [D_FRAME] = "frame",
    [D_COL] = "col",     [D_RANGE_INDEX] = "range", [D_INDEX] = "index",
    [D_TUPLE] = "tuple", [D_LIST] = "list",         [D_SET] = "set",
    [D_DICT] = "dict",   [D_TABLE] = "table",       [D_ALIAS] = "alias",
    [D_ARG] = "arg",     [D_UPDATE] = "update",     [D_UPDATED] = "updated",
    [D_OBJ] = "object",
};
static const char *const dists[] = {[DIST_NONE] = "",
                                    [DIST_REP] = "REP",
                                    [DIST_VAR] = "1D_Var",
                                    [DIST_BLOCK] = "1D_Block"};
static const char *const nulls[] = {[NULL_NONE] = "none",
                                    [NULL_NAN] = "nan",
                                    [NULL_NAT] = "nat",
                                    [NULL_MASK] = "mask",
                                    [NULL_PROM] = "prom"};

static int find(const char *const *words, int n, const char *s)
{
    for (int i = 0; i < n; i++)
        if (strcmp(words[i], s) == 0) return i;
    return -1;
}

int py_dtype_find(const char *text)
{
    for (int i = 0; i < DT_COUNT; i++)
        if (strcmp(dtype_info[i].text, text) == 0) return i;
    return -1;
}

int py_null_find(const char *text)
{
    return find(nulls, (int)COUNT_OF(nulls), text);
}
const char *py_null_text(int null)
{
    return nulls[null];
}

int py_unit_find(const char *text)
{
    if (!*text) return UNIT_NONE;
    for (int u = UNIT_S; u <= UNIT_BYTES; u++)
        if (strcmp(unit_text((Unit)u), text) == 0) return u;
    return -1;
}

const char *py_text(PyObject *s, Py_ssize_t *n)
{
    if (!PyUnicode_Check(s)) {
        PyErr_SetString(PyExc_TypeError, "a str is expected");
        return NULL;
    }
    return PyUnicode_AsUTF8AndSize(s, n);
}

int py_text_copy(Arena *a, PyObject *s, const char **out)
{
    *out = NULL;
    if (s == Py_None) return 0;
    Py_ssize_t n;
    const char *p = py_text(s, &n);
    if (!p) return -1;
    *out = arena_strndup(a, p, (size_t)n);
    return 0;
}

/* -- Types ------------------------------------------------------------------------- */

int py_type_read(PyObject *t, Type *out)
{
    const char *dt, *null, *unit;
    if (!PyTuple_Check(t) || PyTuple_Size(t) != 3) {
        PyErr_SetString(PyExc_TypeError, "a type is (dtype, null form, unit)");
        return -1;
    }
    if (!(dt = py_text(PyTuple_GetItem(t, 0), NULL)) ||
        !(null = py_text(PyTuple_GetItem(t, 1), NULL)) ||
        !(unit = py_text(PyTuple_GetItem(t, 2), NULL)))
        return -1;
    if (type_cat_parse(dt, out)) return 0;
    int d = py_dtype_find(dt), n = py_null_find(null), u = py_unit_find(unit);
    if (d < 0 || n < 0 || u < 0) {
        PyErr_Format(PyExc_ValueError, "no such type: %s, %s, %s", dt, null, unit);
        return -1;
    }
    *out = (Type){.dt = (uint8_t)d, .null = (uint8_t)n, .unit = (uint8_t)u};
    return 0;
}

PyObject *py_type_new(Type t)
{
    char text[64];
    if (t.dt == DT_CAT)
        return Py_BuildValue("(sss)", type_cat_text(t, text), nulls[t.null], "");
    return Py_BuildValue("(sss)", dtype_info[t.dt].text, nulls[t.null],
                         t.unit == UNIT_NONE ? "" : unit_text((Unit)t.unit));
}

/* -- Reading ----------------------------------------------------------------------- */

static int read_name(Arena *a, PyObject *v, Desc *d)
{
    if (v == Py_None) return 0;
    if (PyLong_Check(v)) {
        d->name = DESC_INT_NAME;
        d->name_int = PyLong_AsLongLong(v);
        return PyErr_Occurred() ? -1 : 0;
    }
    return py_text_copy(a, v, &d->name);
}

static int read_value(Arena *a, PyObject *v, Desc *d)
{
    if (v == Py_None) return 0;
    if (PyBool_Check(v)) {
        d->i = v == Py_True;
    } else if (PyLong_Check(v)) {
        d->i = PyLong_AsLongLong(v);
    } else if (PyFloat_Check(v)) {
        d->f = PyFloat_AsDouble(v);
    } else {
        return py_text_copy(a, v, &d->name);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int type_kind(int kind)
{
    if (kind == D_COL) return TY_COL;
    return kind == D_ARRAY ? TY_ARRAY : TY_SCALAR; /* containers: their rows */
}

static int read_children(Arena *a, PyObject *v, Desc *d)
{
    Py_ssize_t n = PyTuple_Size(v);
    if (n < 0) return -1;
    d->nchild = (int32_t)n;
    d->child = ARENA_NEW_N(a, n ? n : 1, Desc *);
    for (Py_ssize_t i = 0; i < n; i++)
        if (!(d->child[i] = py_desc_read(a, PyTuple_GetItem(v, i)))) return -1;
    return 0;
}

static int read_words(PyObject *t, Desc *d)
{
    const char *kind = py_text(PyTuple_GetItem(t, 0), NULL);
    const char *dist = kind ? py_text(PyTuple_GetItem(t, 2), NULL) : NULL;
    if (!dist) return -1;
    int k = find(kinds, (int)COUNT_OF(kinds), kind);
    int s = find(dists, (int)COUNT_OF(dists), dist);
    if (k < 0 || s < 0) {
        PyErr_Format(PyExc_ValueError, "no such kind or distribution: %s %s", kind,
                     dist);
        return -1;
    }
    d->kind = (uint8_t)k;
    d->dist = (uint8_t)s;
    return 0;
}

Desc *py_desc_read(Arena *a, PyObject *t)
{
    if (!PyTuple_Check(t) || PyTuple_Size(t) != DESC_FIELDS) {
        PyErr_SetString(PyExc_TypeError, "a descriptor is a tuple of 13 fields");
        return NULL;
    }
    Desc *d = ARENA_NEW(a, Desc);
    PyObject *type = PyTuple_GetItem(t, 1);
    if (read_words(t, d)) return NULL;
    if (type != Py_None && py_type_read(type, &d->type)) return NULL;
    if (type != Py_None) d->type.kind = (uint8_t)type_kind(d->kind);
    d->slot = (int32_t)PyLong_AsLong(PyTuple_GetItem(t, 3));
    if (read_name(a, PyTuple_GetItem(t, 4), d) ||
        read_value(a, PyTuple_GetItem(t, 5), d))
        return NULL;
    d->start = PyLong_AsLongLong(PyTuple_GetItem(t, 6));
    d->step = PyLong_AsLongLong(PyTuple_GetItem(t, 7));
    if (py_text_copy(a, PyTuple_GetItem(t, 8), &d->extra)) return NULL;
    d->has_value = PyObject_IsTrue(PyTuple_GetItem(t, 9)) == 1;
    if (read_children(a, PyTuple_GetItem(t, 11), d)) return NULL;
    d->type.ndim = (uint8_t)PyLong_AsLong(PyTuple_GetItem(t, 12));
    return PyErr_Occurred() ? NULL : d;
}

/* -- Writing ----------------------------------------------------------------------- */

static PyObject *name_new(const Desc *d)
{
    if (d->name == DESC_INT_NAME) return PyLong_FromLongLong(d->name_int);
    /* A text's value is kept where a name is. */
    bool text = d->type.dt == DT_STR &&
                (d->kind == D_CONST || (d->kind == D_SCALAR && d->has_value));
    if (!d->name || text) return Py_NewRef(Py_None);
    return PyUnicode_FromString(d->name);
}

static PyObject *value_new(const Desc *d)
{
    if (d->kind != D_CONST && !(d->kind == D_SCALAR && d->has_value))
        return Py_NewRef(Py_None);
    if (d->type.dt == DT_STR)
        return d->name ? PyUnicode_FromString(d->name) : Py_NewRef(Py_None);
    if (d->type.dt == DT_BOOL) return PyBool_FromLong(d->i != 0);
    if (dt_is_float((DType)d->type.dt)) return PyFloat_FromDouble(d->f);
    return PyLong_FromLongLong(d->i);
}

PyObject *py_texts_new(const char *const *s, idx n)
{
    PyObject *t = PyTuple_New(n);
    for (idx i = 0; t && i < n; i++) {
        PyObject *o = PyUnicode_FromString(s[i]);
        if (!o)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, o);
    }
    return t;
}

PyObject *py_desc_new(const Desc *d)
{
    PyObject *children = PyTuple_New(d->nchild);
    for (int32_t i = 0; children && i < d->nchild; i++) {
        PyObject *c = py_desc_new(d->child[i]);
        if (!c)
            Py_CLEAR(children);
        else
            PyTuple_SetItem(children, i, c);
    }
    if (!children) return NULL;
    return Py_BuildValue("(sNsiNNLLzNNNi)", kinds[d->kind], py_type_new(d->type),
                         dists[d->dist], d->slot, name_new(d), value_new(d),
                         (long long)d->start, (long long)d->step, d->extra,
                         PyBool_FromLong(d->has_value), PyBool_FromLong(d->demanded),
                         children, (int)d->type.ndim);
}
