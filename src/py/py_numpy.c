/* SPDX-License-Identifier: Apache-2.0
 * NumPy's arrays as C sees them, by the protocol __array_struct__: a capsule with a
 * struct that both sides know, in place of a dict that has to be made and looked up.
 * NumPy itself is neither included nor linked.
 */
#include "py/py.h"
#include "comm/comm.h"

/* The struct of the array interface protocol, version 3. */
typedef struct NpStruct {
    int two; /* 2 */
    int nd;
    char kind;
    int itemsize;
    int flags;
    Py_ssize_t *shape, *strides; /* strides: bytes */
    void *data;
    PyObject *descr; /* with NP_HAS_DESCR: the dtype */
} NpStruct;

enum {
    NP_C_CONTIGUOUS = 0x1,
    NP_ALIGNED = 0x100,
    NP_NOTSWAPPED = 0x200,
    NP_WRITEABLE = 0x400,
    NP_HAS_DESCR = 0x800,
};

static PyObject *struct_name; /* "__array_struct__" */

/* -- Element types ----------------------------------------------------------------- */

/* "<M8[ns]" -> element type. -1: none of ours. */
static int typestr_read(const char *s, Type *t)
{
    if (*s && strchr("<|=", *s)) s++;
    memset(t, 0, sizeof *t);
    for (int d = 0; d < DT_COUNT; d++) {
        const char *want = dtype_info[d].numpy;
        size_t n = strlen(want);
        if (strcmp(want, "O") == 0 || strncmp(s, want, n) != 0) continue;
        t->dt = (uint8_t)d;
        t->null = (uint8_t)null_default((DType)d);
        if (!dt_is_time((DType)d)) return s[n] ? -1 : 0;
        char unit[4] = "";
        if (sscanf(s + 2, "[%3[a-z]]", unit) != 1) return -1;
        int u = py_unit_find(unit);
        if (u <= UNIT_NONE) return -1;
        t->unit = (uint8_t)u;
        return 0;
    }
    return -1;
}

static void typestr_write(const Array *a, char *out, size_t n)
{
    const struct DTypeInfo *info = &dtype_info[a->dt];
    if (dt_is_time((DType)a->dt))
        snprintf(out, n, "<%s[%s]", info->numpy, unit_text((Unit)a->unit));
    else
        snprintf(out, n, "%c%s", info->bytes == 1 ? '|' : '<', info->numpy);
}

/* The type by kind and size; not of times, whose unit the struct does not have. */
static bool kind_read(const NpStruct *s, Type *t)
{
    static const char kinds[] = {
        [DT_BOOL] = 'b', [DT_I8] = 'i',  [DT_I16] = 'i', [DT_I32] = 'i', [DT_I64] = 'i',
        [DT_U8] = 'u',   [DT_U16] = 'u', [DT_U32] = 'u', [DT_U64] = 'u', [DT_F32] = 'f',
        [DT_F64] = 'f',  [DT_C64] = 'c', [DT_C128] = 'c'};
    if (!(s->flags & NP_NOTSWAPPED)) return false;
    for (int d = 0; d < (int)COUNT_OF(kinds); d++) {
        if (kinds[d] != s->kind || dtype_info[d].bytes != s->itemsize) continue;
        *t = (Type){.dt = (uint8_t)d, .null = (uint8_t)null_default((DType)d)};
        return true;
    }
    return false;
}

static int dtype_read(PyObject *array, Type *t)
{
    PyObject *dtype = PyObject_GetAttrString(array, "dtype");
    PyObject *text = dtype ? PyObject_GetAttrString(dtype, "str") : NULL;
    const char *s = text ? py_text(text, NULL) : NULL;
    int st = s ? typestr_read(s, t) : -1;
    if (st && !PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "NumPy arrays of type %s are not supported", s);
    Py_XDECREF(text);
    Py_XDECREF(dtype);
    return st;
}

/* -- From NumPy -------------------------------------------------------------------- */

static void np_copy(const NpStruct *s, NpArray *out)
{
    out->data = s->data;
    out->ndim = s->nd;
    out->contiguous = s->flags & NP_C_CONTIGUOUS;
    out->aligned = s->flags & NP_ALIGNED;
    out->writeable = s->flags & NP_WRITEABLE;
    out->item = s->itemsize;
    out->n = 1;
    for (int i = 0; i < s->nd; i++) {
        out->shape[i] = s->shape[i];
        out->stride[i] = s->strides ? s->strides[i] : 0;
        out->n *= out->shape[i];
    }
}

int py_np_read(PyObject *array, NpArray *out)
{
    PyObject *capsule = PyObject_GetAttr(array, struct_name);
    NpStruct *s = capsule ? PyCapsule_GetPointer(capsule, NULL) : NULL;
    int st = -1;
    if (s && (s->two != 2 || s->nd > NP_DIMS))
        PyErr_SetString(PyExc_ValueError, "no array of at most 16 dimensions");
    else if (s)
        st = kind_read(s, &out->type) ? 0 : dtype_read(array, &out->type);
    if (st == 0) np_copy(s, out);
    Py_XDECREF(capsule);
    return st;
}

Status py_np_borrow(Cx *cx, const NpArray *in, void *data, idx n, PyObject *keep,
                    Array **out)
{
    TRY(array_new(cx, (DType)in->type.dt, (NullForm)in->type.null, (Unit)in->type.unit,
                  0, false, out));
    Array *a = *out;
    Buf *b;
    Status st = buf_borrow(cx, data, (size_t)n * dtype_info[in->type.dt].bytes, true,
                           py_release_object, keep, &b);
    if (st != OK) {
        array_unref(a);
        return st;
    }
    Py_INCREF(keep);
    buf_unref(a->data_buf);
    a->data_buf = b;
    a->data = data;
    a->n = n;
    a->null_count = 0;
    return OK;
}

PyObject *py_from_numpy(PyObject *self, PyObject *arg)
{
    (void)self;
    NpArray in;
    if (py_np_read(arg, &in)) return NULL;
    if (in.ndim < 1 || !in.contiguous) {
        PyErr_SetString(PyExc_ValueError, "a C-contiguous array is expected");
        return NULL;
    }
    Cx *cx = py_cx();
    Array *a;
    if (py_np_borrow(cx, &in, in.data, in.n, arg, &a) != OK) return py_raise(&cx->err);
    return py_array_new(a);
}

/* Row by row of the last dimension; to_flat: from the array to flat memory. */
static void np_rows(const NpArray *a, int k, uint8_t *at, uint8_t **flat, bool to_flat)
{
    size_t item = (size_t)a->item;
    if (k < a->ndim - 1) {
        for (idx i = 0; i < a->shape[k]; i++)
            np_rows(a, k + 1, at + i * a->stride[k], flat, to_flat);
        return;
    }
    for (idx i = 0; i < a->shape[k]; i++, *flat += item) {
        uint8_t *one = at + i * a->stride[k];
        memcpy(to_flat ? *flat : one, to_flat ? one : *flat, item);
    }
}

void py_np_copy(const NpArray *a, void *flat, bool to_flat)
{
    uint8_t *p = flat;
    size_t bytes = (size_t)a->n * (size_t)a->item;
    if (bytes == 0) return;
    if (a->contiguous)
        memcpy(to_flat ? flat : a->data, to_flat ? a->data : flat, bytes);
    else
        np_rows(a, 0, a->data, &p, to_flat);
}

/* -- To NumPy ---------------------------------------------------------------------- */

/* A column's struct, with the numbers that it points at. */
typedef struct Lent {
    NpStruct s;
    Py_ssize_t n, stride;
} Lent;

static void lent_free(PyObject *capsule)
{
    Lent *l = PyCapsule_GetPointer(capsule, NULL);
    if (l) Py_XDECREF(l->s.descr);
    PyMem_Free(l);
}

/* numpy.dtype of an element type: made once, since NumPy takes an object at once where
 * it would read a text. */
static PyObject *dtype_of(const Array *a)
{
    static PyObject *made[DT_COUNT][UNIT_BYTES + 1];
    PyObject **d = &made[a->dt][a->unit];
    if (*d) return Py_NewRef(*d);
    char text[16];
    typestr_write(a, text, sizeof text);
    PyObject *np = PyImport_ImportModule("numpy");
    *d = np ? PyObject_CallMethod(np, "dtype", "s", text) : NULL;
    Py_XDECREF(np);
    return Py_XNewRef(*d);
}

static bool has_memory(const Array *a)
{
    if (a->dt != DT_STR && a->dt != DT_DATE && a->dt != DT_CAT) return true;
    PyErr_SetString(PyExc_AttributeError, "text has no array interface");
    return false;
}

PyObject *py_np_struct(const Array *a)
{
    if (!has_memory(a)) return NULL;
    Lent *l = PyMem_Calloc(1, sizeof *l);
    if (!l) return PyErr_NoMemory();
    bool readonly = a->data_buf && a->data_buf->readonly;
    l->n = (Py_ssize_t)a->n;
    l->stride = dtype_info[a->dt].bytes;
    l->s = (NpStruct){.two = 2,
                      .nd = 1,
                      .itemsize = dtype_info[a->dt].bytes,
                      .flags = NP_C_CONTIGUOUS | NP_ALIGNED | NP_NOTSWAPPED |
                               NP_HAS_DESCR | (readonly ? 0 : NP_WRITEABLE),
                      .shape = &l->n,
                      .strides = &l->stride,
                      .data = a->data,
                      .descr = dtype_of(a)};
    PyObject *c = l->s.descr ? PyCapsule_New(l, NULL, lent_free) : NULL;
    if (!c) {
        Py_XDECREF(l->s.descr);
        PyMem_Free(l);
    }
    return c;
}

PyObject *py_np_new(PyObject *array)
{
    static PyObject *asarray;
    if (!asarray) {
        PyObject *np = PyImport_ImportModule("numpy");
        asarray = np ? PyObject_GetAttrString(np, "asarray") : NULL;
        Py_XDECREF(np);
        if (!asarray) return NULL;
    }
    return PyObject_CallFunctionObjArgs(asarray, array, NULL);
}

PyObject *py_np_interface(const Array *a)
{
    char typestr[16];
    if (!has_memory(a)) return NULL;
    typestr_write(a, typestr, sizeof typestr);
    bool readonly = a->data_buf && a->data_buf->readonly;
    return Py_BuildValue("{s(L)sss(NN)si}", "shape", (long long)a->n, "typestr",
                         typestr, "data", PyLong_FromVoidPtr(a->data),
                         PyBool_FromLong(readonly), "version", 3);
}

int py_numpy_init(void)
{
    struct_name = PyUnicode_InternFromString("__array_struct__");
    return struct_name ? 0 : -1;
}
