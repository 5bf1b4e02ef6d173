/* SPDX-License-Identifier: Apache-2.0
 * Lists, dicts and sets of Python as packed bytes and back: the format is
 * object/pack.c's, the code of the type objtype.c's. The type of a Python value is the
 * type that all its elements have: numbers join (bool, int, float), None makes
 * optionals.
 */
#include "py/py.h"

#include "object/heap.h"
#include "object/object_layout.h"

#include <string.h>

enum { NEST_MAX = 32 };

/* -- Types ------------------------------------------------------------------------- */

static PyObject *code_of(PyObject *v, int nest);

static int number_rank(const char *c)
{
    return !strncmp(c, "#aaa", 4)   ? 1
           : !strncmp(c, "#eaa", 4) ? 2
           : !strncmp(c, "#kba", 4) ? 3
           : !strncmp(c, "#qaa", 4) ? 4
                                    : 0;
}

/* One kind of time, in a unit that is at least as fine. */
static bool time_holds(const char *x, const char *y)
{
    bool time =
        x[0] == '#' && (dt_is_time((DType)(x[1] - 'a')) || x[1] - 'a' == DT_DATE);
    return time && !strncmp(x, y, 3) && x[3] >= y[3];
}

/* Whether what has the code x may hold what has the code y. */
static bool code_holds(const char *x, const char *y)
{
    int rx = number_rank(x), ry = number_rank(y);
    return !strcmp(x, y) || !strcmp(y, "N") || (ry && rx >= ry) ||
           (x[0] == 'L' && !strcmp(y, "LN")) || time_holds(x, y);
}

/* The code of what holds a and b alike; steals both. NULL with an error set. */
static PyObject *code_join(PyObject *a, PyObject *b)
{
    if (!a || !b) {
        Py_XDECREF(a);
        Py_XDECREF(b);
        return NULL;
    }
    const char *x = PyUnicode_AsUTF8AndSize(a, NULL),
               *y = PyUnicode_AsUTF8AndSize(b, NULL);
    PyObject *out = NULL;
    int ry = number_rank(y);
    if (code_holds(x, y) ||
        (x[0] == 'O' && (!strcmp(x + 1, y) || (ry && number_rank(x + 1) >= ry) ||
                         time_holds(x + 1, y))))
        out = Py_NewRef(a);
    else if (code_holds(y, x))
        out = Py_NewRef(b);
    else if (!strcmp(x, "O?"))
        out = y[0] == 'O' ? Py_NewRef(b) : PyUnicode_FromFormat("O%s", y);
    else if (!strcmp(y, "O?"))
        out = x[0] == 'O' ? Py_NewRef(a) : PyUnicode_FromFormat("O%s", x);
    else
        PyErr_SetString(PyExc_TypeError, "its elements are of different types");
    Py_DECREF(a);
    Py_DECREF(b);
    return out;
}

static PyObject *items_code(PyObject *v, int nest)
{
    PyObject *it = PyObject_GetIter(v), *x, *all = PyUnicode_FromString("N");
    while (it && all && (x = PyIter_Next(it))) {
        all = code_join(all, code_of(x, nest + 1));
        Py_DECREF(x);
    }
    Py_XDECREF(it);
    if (all && !PyErr_Occurred()) return all;
    Py_XDECREF(all);
    return NULL;
}

static PyObject *tuple_code(PyObject *v, int nest)
{
    PyObject *s = PyUnicode_FromString("T");
    for (Py_ssize_t i = 0; s && i < PyTuple_Size(v); i++) {
        PyObject *c = code_of(PyTuple_GetItem(v, i), nest + 1);
        PyObject *t = c ? PyUnicode_Concat(s, c) : NULL;
        Py_XDECREF(c);
        Py_DECREF(s);
        s = t;
    }
    if (!s) return NULL;
    PyObject *t = PyUnicode_FromFormat("%UE", s);
    Py_DECREF(s);
    return t;
}

static PyObject *dict_code(PyObject *v, int nest)
{
    PyObject *keys = items_code(v, nest), *vals = PyDict_Values(v);
    PyObject *c = keys && vals ? items_code(vals, nest) : NULL;
    PyObject *s = c ? PyUnicode_FromFormat("D%U%U", keys, c) : NULL;
    Py_XDECREF(keys);
    Py_XDECREF(vals);
    Py_XDECREF(c);
    return s;
}

static PyObject *wrapped(const char *kind, PyObject *items)
{
    if (!items) return NULL;
    PyObject *s = PyUnicode_FromFormat("%s%U", kind, items);
    Py_DECREF(items);
    return s;
}

/* Function `name` of the package's module. */
static PyObject *face_function(const char *module, const char *name)
{
    PyObject *m = PyImport_ImportModule(module);
    PyObject *f = m ? PyObject_GetAttrString(m, name) : NULL;
    Py_XDECREF(m);
    return f;
}

/* _desc.time_of(v): 1, and its type and count; 0: v is no time; -1: an error. */
static int time_of(PyObject *v, Type *t, int64_t *count)
{
    PyObject *f = face_function("shoal._desc", "time_of");
    PyObject *r = f ? PyObject_CallFunctionObjArgs(f, v, NULL) : NULL;
    int found = !r ? -1 : r != Py_None;
    if (found == 1) {
        if (py_type_read(PyTuple_GetItem(r, 0), t)) found = -1;
        *count = PyLong_AsLongLong(PyTuple_GetItem(r, 1));
        if (PyErr_Occurred()) found = -1;
    }
    Py_XDECREF(f);
    Py_XDECREF(r);
    return found;
}

/* _records.split(v): the class and the parts of an instance, or None. */
static PyObject *record_split(PyObject *v)
{
    PyObject *f = face_function("shoal._records", "split");
    PyObject *r = f ? PyObject_CallFunctionObjArgs(f, v, NULL) : NULL;
    Py_XDECREF(f);
    return r;
}

static PyObject *record_code(PyObject *split, int nest)
{
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(split, 0), &n);
    PyObject *parts = text ? tuple_code(PyTuple_GetItem(split, 1), nest) : NULL;
    PyObject *c = parts ? PyUnicode_FromFormat("C%zd:%s%U", n, text, parts) : NULL;
    Py_XDECREF(parts);
    return c;
}

static PyObject *time_code(PyObject *v)
{
    Type t;
    int64_t count;
    int found = time_of(v, &t, &count);
    if (found == 1)
        return PyUnicode_FromFormat("#%c%c%c", 'a' + t.dt, 'a' + t.null, 'a' + t.unit);
    if (found == 0)
        PyErr_SetString(PyExc_TypeError, "it holds an object that has no element type");
    return NULL;
}

static PyObject *code_of(PyObject *v, int nest)
{
    if (nest > NEST_MAX) {
        PyErr_SetString(PyExc_TypeError, "it is nested too deep");
        return NULL;
    }
    if (v == Py_None) return PyUnicode_FromString("O?");
    if (PyBool_Check(v)) return PyUnicode_FromString("#aaa");
    if (PyLong_CheckExact(v)) return PyUnicode_FromString("#eaa");
    if (PyFloat_CheckExact(v)) return PyUnicode_FromString("#kba");
    if (PyComplex_CheckExact(v)) return PyUnicode_FromString("#qaa");
    if (PyUnicode_CheckExact(v)) return PyUnicode_FromString("s");
    if (PyBytes_CheckExact(v)) return PyUnicode_FromString("b");
    if (PyTuple_CheckExact(v)) return tuple_code(v, nest);
    if (PyList_Check(v)) return wrapped("L", items_code(v, nest));
    if (PySet_Check(v)) return wrapped("S", items_code(v, nest));
    if (PyDict_CheckExact(v)) return dict_code(v, nest);
    PyObject *split = record_split(v);
    if (!split) return NULL;
    PyObject *c = split == Py_None ? time_code(v) : record_code(split, nest);
    Py_DECREF(split);
    return c;
}

/* pack_type(value) -> code; TypeError says why there is none. */
static PyObject *pack_type(PyObject *self, PyObject *v)
{
    (void)self;
    PyObject *c = code_of(v, 0);
    if (!c || !strstr(PyUnicode_AsUTF8AndSize(c, NULL), "O?")) return c;
    Py_DECREF(c);
    PyErr_SetString(PyExc_TypeError, "it holds nothing but None");
    return NULL;
}

/* -- Packing ----------------------------------------------------------------------- */

typedef struct Bytes {
    char *at;
    size_t n, cap;
    PyObject *arrays; /* a list: those in what is packed; NULL: it can't have any */
} Bytes;

static int put(Bytes *b, const void *p, size_t n)
{
    if (b->n + n > b->cap) {
        size_t cap = 2 * b->cap + n + 256;
        char *more = PyMem_Realloc(b->at, cap);
        if (!more) {
            PyErr_NoMemory();
            return -1;
        }
        b->at = more;
        b->cap = cap;
    }
    if (n) memcpy(b->at + b->n, p, n);
    b->n += n;
    return 0;
}

static int put_count(Bytes *b, Py_ssize_t n)
{
    int64_t k = n;
    return put(b, &k, sizeof k);
}

/* The tuple's code behind the class that stands at c ("C3:abcT..E"). */
static const char *tagged(const char *c, PyObject **text)
{
    char *tag;
    long n = strtol(c + 1, &tag, 10);
    if (*tag != ':' || n < 1 || strlen(tag + 1) < (size_t)n) return c + strlen(c);
    if (text) *text = PyUnicode_DecodeUTF8(tag + 1, (Py_ssize_t)n, NULL);
    return tag + 1 + n;
}

/* The code of an element that has rows, behind its number ("F2:T..E"). */
static const char *numbered(const char *c, long *number)
{
    char *end;
    long n = strtol(c + 1, &end, 10);
    if (number) *number = n;
    return *end == ':' ? end + 1 : c + strlen(c);
}

/* Behind the type that starts at c. */
static const char *skip(const char *c)
{
    switch (*c) {
    case '#': return c + 4;
    case 'C': return skip(tagged(c, NULL));
    case 'F': return skip(numbered(c, NULL));
    case 'L':
    case 'S':
    case 'U':
    case 'O': return skip(c + 1);
    case 'P': return skip(strchr(c, ';') + 1);
    case 'R': return strchr(c, ';') + 1;
    case 'D': return skip(skip(c + 1));
    case 'T':
        for (c++; *c && *c != 'E';)
            c = skip(c);
        return *c ? c + 1 : c;
    case '\0': return c;
    default: return c + 1;
    }
}

/* Whether the declared type at *x takes what has the code at *y: as it is, empty, None
 * where it is optional, numbers in a wider type. Moves both behind their types when it
 * does. */
static bool takes(const char **x, const char **y)
{
    if (**y == 'N') {
        *x = skip(*x);
        *y = skip(*y);
        return true;
    }
    if (**x == 'O') {
        bool none = !strncmp(*y, "O?", 2);
        if (none) *x = skip(*x), *y += 2;
        if (none) return true;
        (*x)++;
        if (**y == 'O') (*y)++;
        return takes(x, y);
    }
    if (**x != **y) return false;
    const char *from = *x, *given = *y;
    size_t head;
    switch (*from) {
    case '#': {
        int rank = number_rank(given);
        *x += 4;
        *y += 4;
        return !strncmp(from, given, 4) || time_holds(from, given) ||
               (rank && number_rank(from) >= rank);
    }
    case 'T':
        for (++*x, ++*y; **x && **x != 'E' && **y != 'E';)
            if (!takes(x, y)) return false;
        return *(*x)++ == 'E' && *(*y)++ == 'E';
    case 'C': /* the same class, and its fields */
        *x = tagged(from, NULL);
        *y = tagged(given, NULL);
        head = (size_t)(*x - from);
        return head == (size_t)(*y - given) && !memcmp(from, given, head) &&
               takes(x, y);
    case 'D': {
        ++*x;
        ++*y;
        bool keys = takes(x, y);
        return keys && takes(x, y);
    }
    default:
        ++*x;
        ++*y;
        return (*from != 'L' && *from != 'S') || takes(x, y);
    }
}

/* pack_fits(code, value) -> bool */
static PyObject *pack_fits(PyObject *self, PyObject *args)
{
    const char *x, *y;
    PyObject *v;
    (void)self;
    if (!PyArg_ParseTuple(args, "sO", &x, &v)) return NULL;
    PyObject *c = code_of(v, 0);
    y = c ? PyUnicode_AsUTF8AndSize(c, NULL) : NULL;
    if (!y && !PyErr_ExceptionMatches(PyExc_TypeError)) {
        Py_XDECREF(c);
        return NULL;
    }
    PyErr_Clear();
    PyObject *out = PyBool_FromLong(y && takes(&x, &y));
    Py_XDECREF(c);
    return out;
}

static int pack(Bytes *b, const char *c, PyObject *v);

static int pack_time(Bytes *b, const char *c, PyObject *v)
{
    Type t;
    int64_t n;
    int found = time_of(v, &t, &n);
    if (found != 1) {
        if (!found) PyErr_SetString(PyExc_TypeError, "its elements are not all times");
        return -1;
    }
    int64_t by = t.unit == UNIT_NONE ? 1
                                     : unit_per_second((Unit)(c[3] - 'a')) /
                                           unit_per_second((Unit)t.unit);
    if (n != NAT && __builtin_mul_overflow(n, by, &n)) {
        PyErr_SetString(PyExc_OverflowError, "a time is out of bounds of its unit");
        return -1;
    }
    return put(b, &n, dtype_info[t.dt].bytes);
}

static int pack_scalar(Bytes *b, const char *c, PyObject *v)
{
    int dt = c[1] - 'a';
    if (dt == DT_F64) {
        double d = PyFloat_AsDouble(v);
        return d == -1.0 && PyErr_Occurred() ? -1 : put(b, &d, sizeof d);
    }
    if (dt == DT_C128) {
        Complex128 z = {PyComplex_RealAsDouble(v), PyComplex_ImagAsDouble(v)};
        return PyErr_Occurred() ? -1 : put(b, &z, sizeof z);
    }
    if (dt == DT_BOOL) {
        char t = (char)(PyObject_IsTrue(v) == 1);
        return put(b, &t, 1);
    }
    if (dt_is_time((DType)dt) || dt == DT_DATE) return pack_time(b, c, v);
    int64_t i = PyLong_AsLongLong(v);
    return i == -1 && PyErr_Occurred() ? -1 : put(b, &i, dtype_info[dt].bytes);
}

static int pack_items(Bytes *b, const char *c, PyObject *v)
{
    Py_ssize_t n = PyObject_Size(v);
    PyObject *it = n < 0 ? NULL : PyObject_GetIter(v), *x;
    int bad = !it || put_count(b, n);
    while (!bad && (x = PyIter_Next(it))) {
        bad = pack(b, c, x);
        if (!bad && c[-1] == 'D') bad = pack(b, skip(c), PyDict_GetItemWithError(v, x));
        Py_DECREF(x);
    }
    Py_XDECREF(it);
    return bad || PyErr_Occurred() ? -1 : 0;
}

/* _records.parts(v) */
static int pack_record(Bytes *b, const char *c, PyObject *v)
{
    PyObject *f = face_function("shoal._records", "parts");
    PyObject *parts = f ? PyObject_CallFunctionObjArgs(f, v, NULL) : NULL;
    int bad = !parts || pack(b, tagged(c, NULL), parts);
    Py_XDECREF(f);
    Py_XDECREF(parts);
    return bad ? -1 : 0;
}

static int pack_array(Bytes *b, PyObject *v)
{
    if (!b->arrays || !py_array_get(v)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "it holds an array");
        return -1;
    }
    int bad = put_count(b, PyList_Size(b->arrays));
    return bad ? -1 : PyList_Append(b->arrays, v);
}

static int pack(Bytes *b, const char *c, PyObject *v)
{
    Py_ssize_t n;
    const char *s;
    if (!v) return -1;
    switch (*c) {
    case '#': return pack_scalar(b, c, v);
    case 's':
        if (v == Py_None) return put_count(b, -1);
        s = PyUnicode_AsUTF8AndSize(v, &n);
        return s ? (put_count(b, n) || put(b, s, (size_t)n) ? -1 : 0) : -1;
    case 'b': {
        char *raw;
        if (PyBytes_AsStringAndSize(v, &raw, &n)) return -1;
        return put_count(b, n) || put(b, raw, (size_t)n) ? -1 : 0;
    }
    case 'L':
    case 'S':
    case 'D': return pack_items(b, c + 1, v);
    case 'O': {
        char there = v != Py_None;
        if (put(b, &there, 1)) return -1;
        return there ? pack(b, c + 1, v) : 0;
    }
    case 'C': return pack_record(b, c, v);
    case 'F': return pack(b, numbered(c, NULL), v);
    case 'A': return pack_array(b, v);
    case 'T':
        c++;
        for (Py_ssize_t i = 0; *c && *c != 'E'; i++, c = skip(c))
            if (pack(b, c, PyTuple_GetItem(v, i))) return -1;
        return 0;
    default: return 0;
    }
}

/* pack(code, value) -> bytes */
static PyObject *pack_py(PyObject *self, PyObject *args)
{
    const char *code;
    PyObject *v, *out = NULL;
    Bytes b = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "sO", &code, &v)) return NULL;
    if (!pack(&b, code, v)) out = PyBytes_FromStringAndSize(b.at, (Py_ssize_t)b.n);
    PyMem_Free(b.at);
    return out;
}

/* The bytes with the table of their arrays in front, as rt_obj_in reads it. */
static PyObject *with_table(const Bytes *b)
{
    int64_t n = PyList_Size(b->arrays);
    Bytes all = {0};
    int bad = put(&all, &n, sizeof n);
    for (int64_t i = 0; i < n && !bad; i++) {
        Array *a = py_array_get(PyList_GetItem(b->arrays, (Py_ssize_t)i));
        bad = !a || put(&all, &a, sizeof(void *));
    }
    if (!bad) bad = put(&all, b->at, b->n);
    PyObject *out = bad ? NULL : PyBytes_FromStringAndSize(all.at, (Py_ssize_t)all.n);
    PyMem_Free(all.at);
    return out;
}

/* pack_rows(code, value) -> (bytes, arrays), for one call in this process: the bytes
 * have the addresses of the arrays, which the tuple holds. Elements with rows are the
 * arrays and ints of their code. */
static PyObject *pack_rows(PyObject *self, PyObject *args)
{
    const char *code;
    PyObject *v;
    Bytes b = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "sO", &code, &v)) return NULL;
    b.arrays = PyList_New(0);
    PyObject *bytes = b.arrays && !pack(&b, code, v) ? with_table(&b) : NULL;
    PyMem_Free(b.at);
    if (bytes) return Py_BuildValue("(NN)", bytes, b.arrays);
    Py_XDECREF(b.arrays);
    return NULL;
}

/* -- Unpacking --------------------------------------------------------------------- */

/* A class that holds its own kind, as the code has it. */
typedef struct NodeKind {
    long number;
    PyObject *cls, *names; /* names: a tuple, of its fields */
    const char *body;      /* the code of the tuple of its fields */
} NodeKind;

typedef struct Reader {
    const char *p, *end;
    PyObject *arrays; /* a list, borrowed; NULL: there are none */
    PyObject *rows;   /* called with the number of an element that has rows, and it */
    const char *code; /* of all that is read */
    PyObject *nodes;  /* a list: those that were met, by their numbers; NULL: none */
    PyObject *make;   /* object.__new__ */
    NodeKind *kind;   /* their classes */
    int nkind, *of;   /* of each node its kind */
    Py_ssize_t first; /* the first one whose fields follow */
    Py_ssize_t cap;   /* places in of */
} Reader;

static int take(Reader *r, void *to, size_t n)
{
    if ((size_t)(r->end - r->p) < n) {
        PyErr_SetString(PyExc_ValueError, "a packed object is cut off");
        return -1;
    }
    memcpy(to, r->p, n);
    r->p += n;
    return 0;
}

static PyObject *unpack(Reader *r, const char *c);

/* _box.scalar(type, count) */
static PyObject *unpack_time(const char *c, int64_t count)
{
    Type t = {.dt = (uint8_t)(c[1] - 'a'),
              .null = (uint8_t)(c[2] - 'a'),
              .unit = (uint8_t)(c[3] - 'a')};
    PyObject *f = face_function("shoal._box", "scalar"), *type = py_type_new(t);
    PyObject *n = PyLong_FromLongLong(count);
    PyObject *v =
        f && type && n ? PyObject_CallFunctionObjArgs(f, type, n, NULL) : NULL;
    Py_XDECREF(f);
    Py_XDECREF(type);
    Py_XDECREF(n);
    return v;
}

static PyObject *unpack_scalar(Reader *r, const char *c)
{
    int dt = c[1] - 'a';
    union {
        Complex128 z;
        Complex64 c;
        double f;
        float g;
        int64_t i;
        uint64_t u;
        int32_t i4;
        uint32_t u4;
        int16_t i2;
        uint16_t u2;
        int8_t i1;
        uint8_t u1;
    } x = {
        .z = {0, 0}
    };
    if (take(r, &x, dtype_info[dt].bytes)) return NULL;
    switch (dt) {
    case DT_BOOL: return PyBool_FromLong(x.u1);
    case DT_F64: return PyFloat_FromDouble(x.f);
    case DT_F32: return PyFloat_FromDouble((double)x.g);
    case DT_C128: return PyComplex_FromDoubles(x.z.re, x.z.im);
    case DT_C64: return PyComplex_FromDoubles((double)x.c.re, (double)x.c.im);
    case DT_U64: return PyLong_FromUnsignedLongLong(x.u);
    case DT_I8: return PyLong_FromLong(x.i1);
    case DT_U8: return PyLong_FromLong(x.u1);
    case DT_I16: return PyLong_FromLong(x.i2);
    case DT_U16: return PyLong_FromLong(x.u2);
    case DT_DATE: return unpack_time(c, x.i4);
    case DT_TS:
    case DT_TD: return unpack_time(c, x.i);
    case DT_I32: return PyLong_FromLong(x.i4);
    case DT_U32: return PyLong_FromUnsignedLong(x.u4);
    default: return PyLong_FromLongLong(x.i);
    }
}

static PyObject *unpack_text(Reader *r, bool raw)
{
    int64_t n;
    if (take(r, &n, sizeof n)) return NULL;
    if (n == TEXT_NAN) return PyFloat_FromDouble(Py_NAN);
    if (n < 0) return Py_NewRef(Py_None);
    if (n > r->end - r->p) {
        PyErr_SetString(PyExc_ValueError, "a packed object is cut off");
        return NULL;
    }
    PyObject *s = raw ? PyBytes_FromStringAndSize(r->p, (Py_ssize_t)n)
                      : PyUnicode_DecodeUTF8(r->p, (Py_ssize_t)n, "replace");
    r->p += n;
    return s;
}

static int unpack_into(PyObject *o, Reader *r, const char *c, Py_ssize_t i)
{
    PyObject *x = unpack(r, c + 1), *y;
    if (!x) return -1;
    if (*c == 'L') return PyList_SetItem(o, i, x); /* steals */
    int bad;
    if (*c == 'S') {
        bad = PySet_Add(o, x);
    } else {
        y = unpack(r, skip(c + 1));
        bad = !y || PyDict_SetItem(o, x, y);
        Py_XDECREF(y);
    }
    Py_DECREF(x);
    return bad ? -1 : 0;
}

static PyObject *unpack_items(Reader *r, const char *c)
{
    int64_t n;
    if (take(r, &n, sizeof n)) return NULL;
    PyObject *o = *c == 'L'   ? PyList_New((Py_ssize_t)n)
                  : *c == 'S' ? PySet_New(NULL)
                              : PyDict_New();
    for (int64_t i = 0; o && i < n; i++)
        if (unpack_into(o, r, c, (Py_ssize_t)i)) Py_CLEAR(o);
    return o;
}

static PyObject *unpack_tuple(Reader *r, const char *c)
{
    Py_ssize_t n = 0;
    for (const char *p = c + 1; *p && *p != 'E'; p = skip(p))
        n++;
    PyObject *t = PyTuple_New(n);
    c++;
    for (Py_ssize_t i = 0; t && i < n; i++, c = skip(c)) {
        PyObject *x = unpack(r, c);
        if (!x)
            Py_CLEAR(t);
        else
            PyTuple_SetItem(t, i, x);
    }
    return t;
}

static PyObject *unpack_node(Reader *r, const char *c);

/* _records.build(class, parts) */
static PyObject *unpack_record(Reader *r, const char *c)
{
    PyObject *text = NULL, *v = NULL;
    const char *t = tagged(c, NULL);
    if (t[0] == 'T' && (t[1] == 'P' || t[1] == 'R')) return unpack_node(r, t + 1);
    (void)tagged(c, &text);
    PyObject *f = text ? face_function("shoal._records", "build") : NULL;
    PyObject *parts = f ? unpack(r, t) : NULL;
    if (parts) v = PyObject_CallFunctionObjArgs(f, text, parts, NULL);
    Py_XDECREF(text);
    Py_XDECREF(f);
    Py_XDECREF(parts);
    return v;
}

static PyObject *unpack_array(Reader *r)
{
    int64_t k;
    if (take(r, &k, sizeof k)) return NULL;
    PyObject *a = r->arrays ? PyList_GetItem(r->arrays, (Py_ssize_t)k) : NULL;
    if (!a && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "a packed object has no arrays");
    return a ? Py_NewRef(a) : NULL;
}

static PyObject *unpack_rows(Reader *r, const char *c)
{
    long n;
    PyObject *x = unpack(r, numbered(c, &n)), *k = x ? PyLong_FromLong(n) : NULL;
    PyObject *v = k ? PyObject_CallFunctionObjArgs(r->rows, k, x, NULL) : NULL;
    Py_XDECREF(x);
    Py_XDECREF(k);
    return v;
}

/* The body of node `number` in the code that starts at c; NULL: it is not in it. Moves
 * c behind the type. */
static const char *node_find(const char **c, long number)
{
    const char *found = NULL, *at = *c;
    char *end;
    switch (*at) {
    case 'P':
        found = strtol(at + 1, &end, 10) == number ? end + 1 : NULL;
        *c = end + 1;
        break;
    case 'C': *c = tagged(at, NULL); break;
    case 'F': *c = numbered(at, NULL); break;
    case 'D':
        ++*c;
        found = node_find(c, number);
        if (found) return found;
        break;
    case 'L':
    case 'S':
    case 'O':
    case 'U': ++*c; break;
    case 'T':
        for (++*c; **c && **c != 'E';)
            if ((found = node_find(c, number))) return found;
        if (**c) ++*c;
        return NULL;
    default: *c = skip(at); return NULL;
    }
    const char *in = node_find(c, number);
    return found ? found : in;
}

/* _records.fields_of(text): the class, and names of its fields. */
static int kind_read(NodeKind *k, const char *body)
{
    PyObject *text = NULL;
    k->body = tagged(body, &text);
    PyObject *f = text ? face_function("shoal._records", "fields_of") : NULL;
    PyObject *pair = f ? PyObject_CallFunctionObjArgs(f, text, NULL) : NULL;
    Py_XDECREF(text);
    Py_XDECREF(f);
    if (!pair) return -1;
    k->cls = Py_NewRef(PyTuple_GetItem(pair, 0));
    k->names = Py_NewRef(PyTuple_GetItem(pair, 1));
    Py_DECREF(pair);
    return 0;
}

static int kind_find(Reader *r, long number);

/* The kind of the node whose code stands at c; -1: an error. */
static int kind_of(Reader *r, const char *c)
{
    char *end;
    return kind_find(r, strtol(c + 1, &end, 10));
}

static int kind_find(Reader *r, long number)
{
    for (int i = 0; i < r->nkind; i++)
        if (r->kind[i].number == number) return i;
    const char *all = r->code, *body = node_find(&all, number);
    NodeKind *more = PyMem_Realloc(r->kind, ((size_t)r->nkind + 1) * sizeof *more);
    if (!more) {
        PyErr_NoMemory();
        return -1;
    }
    r->kind = more;
    r->kind[r->nkind] = (NodeKind){.number = number};
    if (body && *body == 'C' && !kind_read(&r->kind[r->nkind], body)) return r->nkind++;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "a packed object is of an unknown class");
    return -1;
}

/* The next node is of kind k. */
static int node_note(Reader *r, Py_ssize_t n, int k)
{
    if (n >= r->cap) {
        Py_ssize_t cap = 2 * n + 16;
        int *more = PyMem_Realloc(r->of, (size_t)cap * sizeof *more);
        if (!more) {
            PyErr_NoMemory();
            return -1;
        }
        r->of = more;
        r->cap = cap;
    }
    r->of[n] = k;
    return 0;
}

/* A node that is met for the first time: its fields follow behind all else. */
static PyObject *node_begin(Reader *r, const char *c)
{
    Py_ssize_t n = PyList_Size(r->nodes);
    int k = kind_of(r, c);
    if (k < 0 || node_note(r, n, k)) return NULL;
    PyObject *v = PyObject_CallFunctionObjArgs(r->make, r->kind[k].cls, NULL);
    if (v && PyList_Append(r->nodes, v)) Py_CLEAR(v);
    return v;
}

static PyObject *unpack_node(Reader *r, const char *c)
{
    int64_t k;
    if (take(r, &k, sizeof k)) return NULL;
    if (!r->nodes) r->nodes = PyList_New(0);
    if (!r->make)
        r->make = PyObject_GetAttrString((PyObject *)&PyBaseObject_Type, "__new__");
    if (!r->nodes || !r->make) return NULL;
    if (k == PyList_Size(r->nodes)) return node_begin(r, c);
    PyObject *v = PyList_GetItem(r->nodes, (Py_ssize_t)k);
    return v ? Py_NewRef(v) : NULL;
}

/* A container that is an attribute stays the same object: it gets the contents of v. */
static int refill(PyObject *old, PyObject *v)
{
    bool list = PyList_Check(old) && PyList_Check(v), set = PySet_Check(old);
    if (list) return PyList_SetSlice(old, 0, PyList_Size(old), v);
    if (!(set && PySet_Check(v)) && !(PyDict_Check(old) && PyDict_Check(v))) return 1;
    PyObject *c = PyObject_CallMethod(old, "clear", NULL);
    PyObject *u = c ? PyObject_CallMethod(old, "update", "O", v) : NULL;
    Py_XDECREF(c);
    Py_XDECREF(u);
    return u ? 0 : -1;
}

/* 1: v is to be set. */
static int node_keep(PyObject *node, PyObject *name, PyObject *v)
{
    if (!PyList_Check(v) && !PyDict_Check(v) && !PySet_Check(v)) return 1;
    PyObject *old = PyObject_GetAttr(node, name);
    if (!old) PyErr_Clear();
    int kept = old ? refill(old, v) : 1;
    Py_XDECREF(old);
    return kept;
}

static int node_fill(Reader *r, PyObject *node, const NodeKind *kind)
{
    const char *c = kind->body + 1;
    for (Py_ssize_t i = 0; *c && *c != 'E'; i++, c = skip(c)) {
        char there = 1;
        if (*c == 'U' && take(r, &there, 1)) return -1;
        if (!there) continue;
        PyObject *v = unpack(r, *c == 'U' ? c + 1 : c);
        PyObject *name = PyTuple_GetItem(kind->names, i);
        int keep = v ? node_keep(node, name, v) : -1;
        int bad = keep < 0 || (keep > 0 && PyObject_GenericSetAttr(node, name, v));
        Py_XDECREF(v);
        if (bad) return -1;
    }
    return 0;
}

/* The fields of the nodes that were met, in the order of their numbers. */
static int node_fields(Reader *r)
{
    for (Py_ssize_t i = r->first; r->nodes && r->of && i < PyList_Size(r->nodes); i++)
        if (node_fill(r, PyList_GetItem(r->nodes, i), &r->kind[r->of[i]])) return -1;
    return 0;
}

/* All that is packed as the code says, the value from `at` on; NULL: an error before
 * that. */
static PyObject *unpack_all(Reader *r, const char *code, const char *at)
{
    r->code = code;
    PyObject *v = at ? unpack(r, at) : NULL;
    if (v && node_fields(r)) Py_CLEAR(v);
    Py_CLEAR(r->nodes);
    Py_CLEAR(r->make);
    for (int i = 0; i < r->nkind; i++) {
        Py_CLEAR(r->kind[i].cls);
        Py_CLEAR(r->kind[i].names);
    }
    PyMem_Free(r->kind);
    PyMem_Free(r->of);
    return v;
}

static PyObject *unpack(Reader *r, const char *c)
{
    char there;
    switch (*c) {
    case 'P':
    case 'R': return unpack_node(r, c);
    case '#': return unpack_scalar(r, c);
    case 's': return unpack_text(r, false);
    case 'b': return unpack_text(r, true);
    case 'L':
    case 'S':
    case 'D': return unpack_items(r, c);
    case 'T': return unpack_tuple(r, c);
    case 'C': return unpack_record(r, c);
    case 'F': return unpack_rows(r, c);
    case 'A': return unpack_array(r);
    case 'O':
        if (take(r, &there, 1)) return NULL;
        return there ? unpack(r, c + 1) : Py_NewRef(Py_None);
    default: return Py_NewRef(Py_None);
    }
}

/* unpack(code, bytes) -> value */
static PyObject *unpack_py(PyObject *self, PyObject *args)
{
    const char *code, *p;
    Py_ssize_t n;
    (void)self;
    if (!PyArg_ParseTuple(args, "sy#", &code, &p, &n)) return NULL;
    Reader r = {.p = p, .end = p + n};
    return unpack_all(&r, code, code);
}

/* unpack_rows(code, bytes, arrays, make) -> value; make(number, leaves) gives what
 * stands for an element that has rows. */
static PyObject *unpack_rows_py(PyObject *self, PyObject *args)
{
    const char *code, *p;
    Py_ssize_t n;
    Reader r = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "sy#O!O", &code, &p, &n, &PyList_Type, &r.arrays,
                          &r.rows))
        return NULL;
    r.p = p;
    r.end = p + n;
    return unpack_all(&r, code, code);
}

/* heap_stats() -> (blocks alive at the end of the last call that had a heap, peak
 * bytes, instances that were in rings then) */
static PyObject *heap_stats(PyObject *self, PyObject *none)
{
    (void)self;
    (void)none;
    return Py_BuildValue("(LLL)", (long long)heap_last_live(),
                         (long long)heap_last_peak(), (long long)heap_last_nodes());
}

/* Those that the arguments had, of which the fields follow if fill says so. */
static int nodes_known(Reader *r, PyObject *numbers, bool fill)
{
    Py_ssize_t n = PyList_Size(numbers);
    for (Py_ssize_t i = 0; i < n; i++) {
        long number = PyLong_AsLong(PyList_GetItem(numbers, i));
        int k = fill ? kind_find(r, number) : 0;
        if (k < 0 || node_note(r, i, k)) return -1;
    }
    r->first = fill ? 0 : n;
    return 0;
}

/* unpack_nodes(code, bytes, nodes, numbers, fill) -> value: the code is of a tuple,
 * whose first item is packed; nodes: the instances that were numbered before, with the
 * numbers of their classes, new ones are added; fill: their attributes follow. */
static PyObject *unpack_nodes(PyObject *self, PyObject *args)
{
    const char *code, *p;
    Py_ssize_t n;
    PyObject *nodes, *numbers;
    int fill;
    (void)self;
    if (!PyArg_ParseTuple(args, "sy#O!O!p", &code, &p, &n, &PyList_Type, &nodes,
                          &PyList_Type, &numbers, &fill))
        return NULL;
    Reader r = {.p = p, .end = p + n, .code = code, .nodes = Py_NewRef(nodes)};
    if (!nodes_known(&r, numbers, fill != 0)) return unpack_all(&r, code, code + 1);
    return unpack_all(&r, code, NULL);
}

static PyMethodDef functions[] = {
    {"pack_type",    pack_type,      METH_O,       NULL},
    {"pack_fits",    pack_fits,      METH_VARARGS, NULL},
    {"pack",         pack_py,        METH_VARARGS, NULL},
    {"unpack",       unpack_py,      METH_VARARGS, NULL},
    {"unpack_nodes", unpack_nodes,   METH_VARARGS, NULL},
    {"pack_rows",    pack_rows,      METH_VARARGS, NULL},
    {"unpack_rows",  unpack_rows_py, METH_VARARGS, NULL},
    {"heap_stats",   heap_stats,     METH_NOARGS,  NULL},
    {NULL,           NULL,           0,            NULL},
};

int py_pack_init(PyObject *module)
{
    return PyModule_AddFunctions(module, functions);
}
