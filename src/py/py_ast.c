/* SPDX-License-Identifier: Apache-2.0
 * Python's ast objects as our syntax tree. One generic walk driven by front/ast.def:
 * the row of a class says where each of its fields is kept. A class without a row is
 * kept as its name would be refused by the front: AST_None_ with the class name as id.
 */
#include "py/py.h"

static const struct {
    const char *name, *fields;
} rows[AST_COUNT] = {
#define AST(kind, fields) {#kind, fields},
#include "front/ast.def"
#undef AST
};

typedef struct Reader {
    Arena *arena;
    Intern *names;
    int depth;
} Reader;

enum { MAX_DEPTH = 900 }; /* Python's own parser stops earlier */

static Ast *read_node(Reader *r, PyObject *o);

/* Row of an object's class: a linear search keyed by first letter would be no faster in
 * practice than this, as functions have hundreds of nodes, not millions. */
static int row_of(PyObject *o)
{
    PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "__name__");
    const char *s = name ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    int row = -1;
    for (int i = 0; s && i < AST_COUNT && row < 0; i++)
        if (strcmp(rows[i].name, s) == 0) row = i;
    Py_XDECREF(name);
    return row;
}

static int read_int_attr(PyObject *o, const char *name, int32_t *out)
{
    PyObject *v = PyObject_GetAttrString(o, name);
    if (!v) {
        PyErr_Clear();
        *out = 0;
        return 0;
    }
    long x = v == Py_None ? 0 : PyLong_AsLong(v);
    Py_DECREF(v);
    if (x == -1 && PyErr_Occurred()) return -1;
    *out = (int32_t)x;
    return 0;
}

static int read_loc(PyObject *o, Loc *loc)
{
    loc->file = 0;
    return read_int_attr(o, "lineno", &loc->line) ||
                   read_int_attr(o, "col_offset", &loc->col) ||
                   read_int_attr(o, "end_lineno", &loc->end_line) ||
                   read_int_attr(o, "end_col_offset", &loc->end_col)
               ? -1
               : 0;
}

static int read_bytes(Reader *r, Ast *n, const char *p, Py_ssize_t size)
{
    n->s = arena_strndup(r->arena, p, (size_t)size);
    n->n = size;
    return 0;
}

static int read_long(Reader *r, Ast *n, PyObject *v)
{
    int overflow;
    n->i = PyLong_AsLongLongAndOverflow(v, &overflow);
    n->ck = AC_INT;
    if (!overflow) return PyErr_Occurred() ? -1 : 0;
    PyObject *s = PyObject_Str(v);
    Py_ssize_t size;
    const char *p = s ? PyUnicode_AsUTF8AndSize(s, &size) : NULL;
    if (p) {
        n->ck = AC_BIGINT;
        read_bytes(r, n, p, size);
    }
    Py_XDECREF(s);
    return p ? 0 : -1;
}

static int read_constant(Reader *r, Ast *n, PyObject *v)
{
    if (v == Py_None) {
        n->ck = AC_NONE;
    } else if (PyBool_Check(v)) {
        n->ck = AC_BOOL;
        n->i = v == Py_True;
    } else if (PyLong_Check(v)) {
        return read_long(r, n, v);
    } else if (PyFloat_Check(v)) {
        n->ck = AC_FLOAT;
        n->f = PyFloat_AsDouble(v);
    } else if (PyUnicode_Check(v)) {
        Py_ssize_t size;
        const char *p = PyUnicode_AsUTF8AndSize(v, &size);
        if (!p) return -1;
        n->ck = AC_STR;
        return read_bytes(r, n, p, size);
    } else if (PyBytes_Check(v)) {
        n->ck = AC_BYTES;
        return read_bytes(r, n, PyBytes_AsString(v), PyBytes_Size(v));
    } else if (PyComplex_Check(v)) {
        n->ck = AC_COMPLEX;
        n->f = PyComplex_ImagAsDouble(v);
    } else {
        n->ck = AC_ELLIPSIS;
    }
    return 0;
}

static int read_name(Reader *r, PyObject *v, const char **out)
{
    *out = NULL;
    if (v == Py_None) return 0;
    Py_ssize_t size;
    const char *s = PyUnicode_AsUTF8AndSize(v, &size);
    if (!s) return -1;
    *out = intern_n(r->names, s, (size_t)size);
    return 0;
}

/* An item of a list: a node, an identifier (Global.names) as a Name, or None. */
static Ast *read_item(Reader *r, PyObject *v)
{
    if (!PyUnicode_Check(v)) return read_node(r, v);
    Ast *n = ARENA_NEW(r->arena, Ast);
    n->kind = AST_Name;
    return read_name(r, v, &n->id) ? NULL : n;
}

static int read_list(Reader *r, PyObject *v, AstList *out)
{
    if (v == Py_None) return 0;
    Py_ssize_t n = PyList_Size(v);
    if (n < 0) return -1;
    out->n = n;
    out->at = ARENA_NEW_N(r->arena, n ? n : 1, Ast *);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PyList_GetItem(v, i);
        if (item == Py_None) continue;
        out->at[i] = read_item(r, item);
        if (!out->at[i]) return -1;
    }
    return 0;
}

static int read_child(Reader *r, PyObject *v, Ast **out)
{
    if (v == Py_None) return 0;
    *out = read_node(r, v);
    return *out ? 0 : -1;
}

/* `defaults` of arguments is a list kept as one child: a node of kind defaults. */
static int read_child_or_list(Reader *r, PyObject *v, Ast **out)
{
    if (!PyList_Check(v)) return read_child(r, v, out);
    *out = ARENA_NEW(r->arena, Ast);
    (*out)->kind = AST_defaults;
    return read_list(r, v, &(*out)->list);
}

static int read_field(Reader *r, Ast *n, const char *place, PyObject *v)
{
    if (strcmp(place, "a") == 0) return read_child_or_list(r, v, &n->a);
    if (strcmp(place, "b") == 0) return read_child_or_list(r, v, &n->b);
    if (strcmp(place, "c") == 0) return read_child_or_list(r, v, &n->c);
    if (strcmp(place, "d") == 0) return read_child_or_list(r, v, &n->d);
    if (strcmp(place, "l") == 0) return read_list(r, v, &n->list);
    if (strcmp(place, "l2") == 0) return read_list(r, v, &n->list2);
    if (strcmp(place, "l3") == 0) return read_list(r, v, &n->list3);
    if (strcmp(place, "l4") == 0) return read_list(r, v, &n->list4);
    if (strcmp(place, "id") == 0) return read_name(r, v, &n->id);
    if (strcmp(place, "id2") == 0) return read_name(r, v, &n->id2);
    if (strcmp(place, "v") == 0) return read_constant(r, n, v);
    if (strcmp(place, "op") == 0) {
        int row = row_of(v);
        if (row < 0) return -1;
        n->op = (uint8_t)row;
        return 0;
    }
    if (strcmp(place, "i") == 0) {
        n->i = v == Py_None ? 0 : PyLong_AsLongLong(v);
        return PyErr_Occurred() ? -1 : 0;
    }
    PyErr_Format(PyExc_SystemError, "ast.def: no place named %s", place);
    return -1;
}

/* Fields of a row: "name:place name:place". */
static int read_fields(Reader *r, Ast *n, PyObject *o, const char *fields)
{
    while (*fields) {
        char name[48], place[8];
        int used;
        if (sscanf(fields, " %47[^:]:%7s%n", name, place, &used) != 2) break;
        fields += used;
        PyObject *v = PyObject_GetAttrString(o, name);
        if (!v) {
            PyErr_Clear(); /* a field that this Python does not have */
            continue;
        }
        int failed = read_field(r, n, place, v);
        Py_DECREF(v);
        if (failed) return -1;
    }
    return 0;
}

static Ast *read_node(Reader *r, PyObject *o)
{
    if (++r->depth > MAX_DEPTH) {
        PyErr_SetString(PyExc_RecursionError, "source nested too deep");
        return NULL;
    }
    Ast *n = ARENA_NEW(r->arena, Ast);
    int row = row_of(o);
    if (PyErr_Occurred() || read_loc(o, &n->loc)) return NULL;
    if (row >= 0) {
        n->kind = (uint8_t)row;
        if (read_fields(r, n, o, rows[row].fields)) return NULL;
    } else {
        PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "__name__");
        int failed = !name || read_name(r, name, &n->id);
        Py_XDECREF(name);
        if (failed) return NULL;
    }
    r->depth--;
    return n;
}

Ast *py_ast(Arena *a, Intern *names, PyObject *node)
{
    Reader r = {.arena = a, .names = names};
    return read_node(&r, node);
}
