/* SPDX-License-Identifier: Apache-2.0
 * _core.Array: a column in Python's hands. It is borrowed from NumPy through the array
 * interface (py_numpy.c) and from Arrow through PyCapsules, and lent to both the same
 * way, without a copy. What it lends keeps the Array object alive.
 */
#include "comm/comm.h"
#include "io/arrow.h"
#include "kernel/kernel.h"
#include "py/py.h"

typedef struct PyArray {
    PyObject_HEAD Array *a;
} PyArray;

static PyTypeObject *array_type;

Cx *py_cx(void)
{
    static Cx cx; /* guarded by the GIL: nothing below calls back into Python code */
    if (!cx.scratch) cx_init(&cx, comm_self(), NULL, NULL);
    err_clear(&cx.err);
    return &cx;
}

PyObject *py_array_new(Array *a)
{
    PyArray *o = (PyArray *)PyType_GenericAlloc(array_type, 0);
    if (o)
        o->a = a;
    else
        array_unref(a);
    return (PyObject *)o;
}

Array *py_array_get(PyObject *o)
{
    if (Py_TYPE(o) == array_type) return ((PyArray *)o)->a;
    PyErr_SetString(PyExc_TypeError, "a _core.Array is expected");
    return NULL;
}

static void array_dealloc(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    array_unref(((PyArray *)o)->a);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(o);
    Py_DECREF(type);
}

/* -- From NumPy -------------------------------------------------------------------- */

/* masked(values, mask, null): values with a bitmap from a NumPy bool mask, True =
 * missing. Values below a null become zero, so they are copied. */
static PyObject *masked(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *values, *mask;
    const char *null;
    if (!PyArg_ParseTuple(args, "OOs", &values, &mask, &null)) return NULL;
    Array *a = py_array_get(values), *m = a ? py_array_get(mask) : NULL;
    if (!m) return NULL;
    int form = py_null_find(null);
    if (m->n != a->n || m->dt != DT_BOOL || form < NULL_MASK) {
        PyErr_SetString(PyExc_ValueError, "a mask of equal length is expected");
        return NULL;
    }
    Cx *cx = py_cx();
    Array *out;
    if (array_new(cx, (DType)a->dt, (NullForm)form, (Unit)a->unit, a->n, false, &out) !=
        OK)
        return py_raise(&cx->err);
    if (array_add_valid(cx, out, true) != OK) {
        array_unref(out);
        return py_raise(&cx->err);
    }
    size_t w = dtype_info[a->dt].bytes;
    const uint8_t *miss = m->data;
    if (a->n) memcpy(out->data, a->data, (size_t)a->n * w);
    for (idx i = 0; i < a->n; i++) {
        if (!miss[i]) continue;
        bit_clear(out->valid, i);
        memset((uint8_t *)out->data + (size_t)i * w, 0, w);
    }
    out->null_count = -1;
    return py_array_new(out);
}

/* ranges([(first, step, n), ...]): the numbers of arithmetic sequences, one behind the
 * other. Here and not in NumPy since large columns have pages that are kept. */
static PyObject *ranges(PyObject *self, PyObject *list)
{
    (void)self;
    long long first, step, n;
    idx total = 0;
    Py_ssize_t nrun = PyList_Size(list);
    for (Py_ssize_t i = 0; i < nrun; i++) {
        if (!PyArg_ParseTuple(PyList_GetItem(list, i), "LLL", &first, &step, &n))
            return NULL;
        if (n < 0 || __builtin_add_overflow(total, (idx)n, &total)) {
            PyErr_SetString(PyExc_ValueError, "too many numbers");
            return NULL;
        }
    }
    if (PyErr_Occurred()) return NULL;
    Cx *cx = py_cx();
    Array *out;
    if (array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, total, false, &out) != OK)
        return py_raise(&cx->err);
    int64_t *to = out->data;
    for (Py_ssize_t i = 0; i < nrun; i++) {
        PyArg_ParseTuple(PyList_GetItem(list, i), "LLL", &first, &step, &n);
        for (idx k = 0; k < n; k++)
            *to++ = (int64_t)((uint64_t)first + (uint64_t)step * (uint64_t)k);
    }
    return py_array_new(out);
}

/* -- From Arrow -------------------------------------------------------------------- */

static int spec_read(PyObject *t, ColSpec *out)
{
    Type type;
    if (py_type_read(t, &type)) return -1;
    *out = (ColSpec){.dt = type.dt, .null = type.null, .unit = type.unit};
    return 0;
}

static int specs_read(Arena *arena, PyObject *types, int keep_dict, ColSpec **out)
{
    Py_ssize_t n = PyTuple_Size(types);
    if (n < 0) return -1;
    *out = ARENA_NEW_N(arena, n ? n : 1, ColSpec);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (spec_read(PyTuple_GetItem(types, i), &(*out)[i])) return -1;
        (*out)[i].keep_dict = keep_dict != 0;
    }
    return 0;
}

static PyObject *table_to_list(const Table *t)
{
    PyObject *list = PyList_New(t->ncol);
    for (idx i = 0; list && i < t->ncol; i++) {
        PyObject *o = py_array_new(array_ref(t->col[i]));
        if (!o)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, i, o);
    }
    return list;
}

/* from_arrow(stream, types, keep_dict): the columns of everything that has
 * __arrow_c_stream__ and yields structs. */
static PyObject *from_arrow(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *source, *types;
    int keep_dict;
    if (!PyArg_ParseTuple(args, "OO!p", &source, &PyTuple_Type, &types, &keep_dict))
        return NULL;
    Cx *cx = py_cx();
    ArenaMark mark = arena_mark(cx->scratch);
    ColSpec *spec;
    PyObject *list = NULL, *capsule = NULL;
    if (specs_read(cx->scratch, types, keep_dict, &spec)) goto done;
    capsule = PyObject_CallMethod(source, "__arrow_c_stream__", NULL);
    struct ArrowArrayStream *stream =
        capsule ? PyCapsule_GetPointer(capsule, "arrow_array_stream") : NULL;
    if (!stream) goto done;
    Table t = {0};
    if (arrow_import_stream(cx, stream, spec, PyTuple_Size(types), -1, &t) != OK) {
        py_raise(&cx->err);
        goto done;
    }
    list = table_to_list(&t);
    table_clear(&t);
done:
    Py_XDECREF(capsule);
    arena_release(cx->scratch, mark);
    return list;
}

/* -- To Arrow ---------------------------------------------------------------------- */

static void schema_capsule_free(PyObject *capsule)
{
    struct ArrowSchema *s = PyCapsule_GetPointer(capsule, "arrow_schema");
    if (s && s->release) s->release(s);
    PyMem_Free(s);
}

static void array_capsule_free(PyObject *capsule)
{
    struct ArrowArray *s = PyCapsule_GetPointer(capsule, "arrow_array");
    if (s && s->release) s->release(s);
    PyMem_Free(s);
}

static PyObject *arrow_c_array(PyObject *o, PyObject *args)
{
    PyObject *requested = Py_None;
    if (!PyArg_ParseTuple(args, "|O", &requested)) return NULL;
    struct ArrowSchema *schema = PyMem_Calloc(1, sizeof *schema);
    struct ArrowArray *array = PyMem_Calloc(1, sizeof *array);
    PyObject *sc =
        schema ? PyCapsule_New(schema, "arrow_schema", schema_capsule_free) : NULL;
    PyObject *ac =
        array ? PyCapsule_New(array, "arrow_array", array_capsule_free) : NULL;
    if (!sc) PyMem_Free(schema);
    if (!ac) PyMem_Free(array);
    if (!sc || !ac) goto fail;
    Cx *cx = py_cx();
    if (arrow_export(cx, ((PyArray *)o)->a, "", schema, array) != OK) {
        py_raise(&cx->err);
        goto fail;
    }
    return Py_BuildValue("(NN)", sc, ac);
fail:
    Py_XDECREF(sc);
    Py_XDECREF(ac);
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
}

/* -- Attributes and methods -------------------------------------------------------- */

static PyObject *get_interface(PyObject *o, void *unused)
{
    (void)unused;
    return py_np_interface(((PyArray *)o)->a);
}

static PyObject *get_struct(PyObject *o, void *unused)
{
    (void)unused;
    return py_np_struct(((PyArray *)o)->a);
}

static PyObject *get_type(PyObject *o, void *unused)
{
    (void)unused;
    const Array *a = ((PyArray *)o)->a;
    if (a->cats)
        return py_type_new(type_category((CatType){
            .dt = a->cats->dt, .unit = a->cats->unit, .ordered = a->ordered == 2}));
    return py_type_new((Type){.dt = a->dt, .null = a->null, .unit = a->unit});
}

static PyObject *get_promoted(PyObject *o, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((PyArray *)o)->a->promoted);
}

static PyObject *get_is_dict(PyObject *o, void *unused)
{
    (void)unused;
    return PyBool_FromLong(array_is_dict(((PyArray *)o)->a));
}

static PyObject *get_tz(PyObject *o, void *unused)
{
    (void)unused;
    const char *tz = ((PyArray *)o)->a->tz;
    return tz ? PyUnicode_FromString(tz) : Py_NewRef(Py_None);
}

static PyObject *get_nbytes(PyObject *o, void *unused)
{
    (void)unused;
    return PyLong_FromSize_t(array_bytes(((PyArray *)o)->a));
}

static PyObject *get_null_count(PyObject *o, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(array_null_count(((PyArray *)o)->a));
}

static Py_ssize_t array_len(PyObject *o)
{
    return (Py_ssize_t)((PyArray *)o)->a->n;
}

static PyObject *array_slice_py(PyObject *o, PyObject *args)
{
    long long start, n;
    if (!PyArg_ParseTuple(args, "LL", &start, &n)) return NULL;
    Array *a = ((PyArray *)o)->a, *out;
    if (start < 0 || n < 0 || start > a->n || n > a->n - start) {
        PyErr_SetString(PyExc_IndexError, "slice outside the column");
        return NULL;
    }
    Cx *cx = py_cx();
    if (array_slice(cx, a, start, n, &out) != OK) return py_raise(&cx->err);
    return py_array_new(out);
}

/* A column that the caller may hand out for writing: itself when nobody else holds its
 * memory, else a copy. */
int py_array_own(PyObject *o)
{
    Cx *cx = py_cx();
    if (array_own(cx, &((PyArray *)o)->a) == OK) return 0;
    py_raise(&cx->err);
    return -1;
}

static PyObject *array_own_py(PyObject *o, PyObject *unused)
{
    (void)unused;
    return py_array_own(o) ? NULL : Py_NewRef(o);
}

static PyObject *array_plain_py(PyObject *o, PyObject *unused)
{
    (void)unused;
    Cx *cx = py_cx();
    Array *out;
    if (array_str_plain(cx, ((PyArray *)o)->a, &out) != OK) return py_raise(&cx->err);
    return py_array_new(out);
}

/* One byte a row, 1 where it is missing by the bitmap: pandas' mask. */
static PyObject *array_mask_py(PyObject *o, PyObject *unused)
{
    (void)unused;
    Cx *cx = py_cx();
    const Array *a = ((PyArray *)o)->a;
    Array *out;
    if (array_new(cx, DT_BOOL, NULL_NONE, UNIT_NONE, a->n, true, &out) != OK)
        return py_raise(&cx->err);
    uint8_t *p = out->data;
    if (a->valid) {
        bits_to_bytes(p, a->valid, 0, a->n);
        for (idx i = 0; i < a->n; i++)
            p[i] ^= 1;
    }
    return py_array_new(out);
}

#define SIGNED_TO_F64(T)                                                               \
    for (idx i = 0; i < a->n; i++)                                                     \
    to[i] = (double)((const T *)a->data)[i]

static void to_double(const Array *a, double *to)
{
    switch (a->dt) {
    case DT_I8: SIGNED_TO_F64(int8_t); break;
    case DT_I16: SIGNED_TO_F64(int16_t); break;
    case DT_I32: SIGNED_TO_F64(int32_t); break;
    case DT_I64: SIGNED_TO_F64(int64_t); break;
    case DT_U16: SIGNED_TO_F64(uint16_t); break;
    case DT_U32: SIGNED_TO_F64(uint32_t); break;
    case DT_U64: SIGNED_TO_F64(uint64_t); break;
    default: SIGNED_TO_F64(uint8_t); break; /* BOOL, U8 */
    }
}

/* Integers that may be missing as float64 with NaN: what pandas makes of them. */
static PyObject *array_float_py(PyObject *o, PyObject *unused)
{
    (void)unused;
    Cx *cx = py_cx();
    const Array *a = ((PyArray *)o)->a;
    if (!dt_is_int((DType)a->dt) && a->dt != DT_BOOL) {
        PyErr_SetString(PyExc_TypeError, "not a column of integers");
        return NULL;
    }
    Array *out;
    if (array_new(cx, DT_F64, NULL_NAN, UNIT_NONE, a->n, false, &out) != OK)
        return py_raise(&cx->err);
    double *to = out->data;
    to_double(a, to);
    for (idx i = 0; a->valid && i < a->n; i++)
        if (!bit_get(a->valid, i)) to[i] = (double)NAN;
    return py_array_new(out);
}

/* retype(null, unit, tz, promoted): the same buffers under another null form. */
static PyObject *array_retype_py(PyObject *o, PyObject *args)
{
    const char *null, *tz = NULL;
    int promoted;
    if (!PyArg_ParseTuple(args, "szp", &null, &tz, &promoted)) return NULL;
    int form = py_null_find(null);
    if (form < 0) {
        PyErr_SetString(PyExc_ValueError, "no such null form");
        return NULL;
    }
    Cx *cx = py_cx();
    static Arena *zones; /* names of time zones live as long as the process */
    static Intern *zone_names;
    if (!zones && (zones = arena_new())) zone_names = intern_new(zones);
    Array *a = ((PyArray *)o)->a, *out;
    if (array_slice(cx, a, 0, a->n, &out) != OK) return py_raise(&cx->err);
    out->null = (uint8_t)form;
    out->promoted = promoted;
    if (tz) out->tz = intern(zone_names, tz);
    return py_array_new(out);
}

/* category(codes, categories, ordered): a column of NumPy's int8, int16 or int32 codes,
 * -1 where a row is missing. */
static PyObject *category(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *codes, *categories;
    int ordered;
    if (!PyArg_ParseTuple(args, "OOp", &codes, &categories, &ordered)) return NULL;
    Array *a = py_array_get(codes), *cats = a ? py_array_get(categories) : NULL;
    if (!cats) return NULL;
    if (a->dt != DT_I8 && a->dt != DT_I16 && a->dt != DT_I32) {
        PyErr_SetString(PyExc_ValueError, "codes are int8, int16 or int32");
        return NULL;
    }
    Cx *cx = py_cx();
    Array *wide = NULL, *plain = NULL, *out = NULL;
    Status st = cast(cx, a, DT_I32, NULL_NONE, UNIT_NONE, &wide);
    if (!st && cats->dt == DT_STR) st = array_str_plain(cx, cats, &plain);
    if (!st && cats->dt != DT_STR) plain = array_ref(cats);
    if (!st) st = category_new(cx, wide->data, wide->n, plain, ordered != 0, &out);
    if (!st) st = array_check(cx, out);
    array_unref(wide);
    array_unref(plain);
    if (!st) return py_array_new(out);
    array_unref(out);
    return py_raise(&cx->err);
}

/* with_categories(categories, ordered): codes that view() gave with their categories.
 */
static PyObject *array_with_py(PyObject *o, PyObject *args)
{
    PyObject *categories;
    int ordered;
    if (!PyArg_ParseTuple(args, "Op", &categories, &ordered)) return NULL;
    Array *cats = py_array_get(categories), *a = ((PyArray *)o)->a, *out;
    if (!cats) return NULL;
    Cx *cx = py_cx();
    if (array_slice(cx, a, 0, a->n, &out) != OK) return py_raise(&cx->err);
    array_set_cats(out, &(Array){.cats = cats, .ordered = ordered ? 2 : 0});
    if (array_check(cx, out) != OK) {
        array_unref(out);
        return py_raise(&cx->err);
    }
    return py_array_new(out);
}

/* Codes of a category column in the dtype that pandas has for them. */
static PyObject *array_codes_py(PyObject *o, PyObject *unused)
{
    (void)unused;
    Cx *cx = py_cx();
    const Array *a = ((PyArray *)o)->a;
    if (!a->cats) {
        PyErr_SetString(PyExc_TypeError, "not a category column");
        return NULL;
    }
    idx n = a->cats->n;
    Array *out;
    DType dt = n < INT8_MAX ? DT_I8 : n < INT16_MAX ? DT_I16 : DT_I32;
    if (category_numbers(cx, a, dt, &out) != OK) return py_raise(&cx->err);
    return py_array_new(out);
}

static PyObject *get_categories(PyObject *o, void *unused)
{
    (void)unused;
    Array *cats = ((PyArray *)o)->a->cats;
    return cats ? py_array_new(array_ref(cats)) : Py_NewRef(Py_None);
}

static PyObject *get_ordered(PyObject *o, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((PyArray *)o)->a->ordered == 2);
}

static PyMethodDef array_methods[] = {
    {"__arrow_c_array__", arrow_c_array,   METH_VARARGS, NULL                                     },
    {"slice",             array_slice_py,  METH_VARARGS, "slice(start, n): rows, sharing memory"  },
    {"own",               array_own_py,    METH_NOARGS,  "itself, with memory that may be written"},
    {"plain",             array_plain_py,  METH_NOARGS,  "text without a dictionary"              },
    {"mask",              array_mask_py,   METH_NOARGS,  "one byte a row, 1 where missing"        },
    {"to_float",          array_float_py,  METH_NOARGS,  "integers as float64, missing as NaN"    },
    {"retype",            array_retype_py, METH_VARARGS, "retype(null, tz, promoted)"             },
    {"codes",             array_codes_py,  METH_NOARGS,  "codes of a category, -1 where missing"  },
    {"with_categories",   array_with_py,   METH_VARARGS,
     "with_categories(categories, ordered)"                                                       },
    {NULL,                NULL,            0,            NULL                                     },
};
static PyGetSetDef array_getset[] = {
    {"__array_interface__", get_interface,  NULL, NULL,                       NULL},
    {"__array_struct__",    get_struct,     NULL, NULL,                       NULL},
    {"type",                get_type,       NULL, "(dtype, null form, unit)", NULL},
    {"promoted",            get_promoted,   NULL, NULL,                       NULL},
    {"is_dict",             get_is_dict,    NULL, NULL,                       NULL},
    {"categories",          get_categories, NULL, NULL,                       NULL},
    {"ordered",             get_ordered,    NULL, NULL,                       NULL},
    {"tz",                  get_tz,         NULL, NULL,                       NULL},
    {"nbytes",              get_nbytes,     NULL, NULL,                       NULL},
    {"null_count",          get_null_count, NULL, NULL,                       NULL},
    {NULL,                  NULL,           NULL, NULL,                       NULL},
};
static PyType_Slot array_slots[] = {
    {Py_tp_dealloc, (void *)array_dealloc},
    {Py_tp_methods, array_methods        },
    {Py_tp_getset,  array_getset         },
    {Py_sq_length,  (void *)array_len    },
    {Py_mp_length,  (void *)array_len    },
    {0,             NULL                 },
};
static PyType_Spec array_spec = {
    .name = "shoal._core.Array",
    .basicsize = sizeof(PyArray),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = array_slots,
};
static PyMethodDef functions[] = {
    {"from_numpy", py_from_numpy, METH_O,       "a column over a C-contiguous NumPy array" },
    {"masked",     masked,        METH_VARARGS, "masked(values, mask, null form)"          },
    {"category",   category,      METH_VARARGS, "category(codes, categories, ordered)"     },
    {"ranges",     ranges,        METH_O,       "ranges([(first, step, n)]): int64 numbers"},
    {"from_arrow", from_arrow,    METH_VARARGS, "from_arrow(stream, types, keep_dict)"     },
    {NULL,         NULL,          0,            NULL                                       },
};

int py_array_init(PyObject *module)
{
    array_type = (PyTypeObject *)PyType_FromSpec(&array_spec);
    if (!array_type || py_numpy_init()) return -1;
    if (PyModule_AddObjectRef(module, "Array", (PyObject *)array_type)) return -1;
    return PyModule_AddFunctions(module, functions);
}
