/* SPDX-License-Identifier: Apache-2.0
 * Columns in shared memory. A segment holds the buffers of whole columns, each at a
 * 64-byte boundary; where they are is said by a plain tuple, the placement, that
 * travels beside it: (dtype, null, unit, tz, promoted, n, data_at, off_at, bytes_at,
 * nbytes, valid); tz is the categories' own placement where the dtype is category:
 * view() gives the codes, and the face adds the categories (_wire.py). Offsets are into
 * the segment (-1: no such buffer). valid is a tuple of (at, row, n), one bitmap for
 * each piece that was written: pieces of several ranks rarely meet at word boundaries,
 * so each brings its own and the reader joins them. Text is kept plain.
 */
#include "py/py.h"

typedef struct Place {
    Type type;
    const char *tz;
    PyObject *more; /* a time zone, or what the face has of categories */
    int promoted;
    long long n, data, off, bytes, nbytes;
    PyObject *valid;
} Place;

static int place_read(PyObject *t, Place *p)
{
    const char *dt, *null, *unit;
    if (!PyArg_ParseTuple(t, "sssOpLLLLLO!", &dt, &null, &unit, &p->more, &p->promoted,
                          &p->n, &p->data, &p->off, &p->bytes, &p->nbytes,
                          &PyTuple_Type, &p->valid))
        return -1;
    p->tz = PyUnicode_Check(p->more) ? py_text(p->more, NULL) : NULL;
    if (type_cat_parse(dt, &p->type)) return 0;
    int d = py_dtype_find(dt), f = py_null_find(null), u = py_unit_find(unit);
    if (d < 0 || f < 0 || u < 0) {
        PyErr_SetString(PyExc_ValueError, "no such type in a placement");
        return -1;
    }
    p->type = (Type){.dt = (uint8_t)d, .null = (uint8_t)f, .unit = (uint8_t)u};
    return 0;
}

/* Whether size bytes from at lie inside a segment of total bytes. */
static int inside(long long at, long long size, Py_ssize_t total)
{
    if (at >= 0 && size >= 0 && at <= (long long)total && size <= (long long)total - at)
        return 1;
    PyErr_SetString(PyExc_ValueError, "a placement outside its segment");
    return 0;
}

/* measure(array) -> (n, text bytes, has bitmap): what a plain copy takes. */
static PyObject *measure(PyObject *self, PyObject *o)
{
    (void)self;
    Array *a = py_array_get(o);
    if (!a) return NULL;
    long long bytes = 0;
    for (idx i = 0; a->dt == DT_STR && i < a->n; i++) {
        if (!a->dict) {
            bytes = a->off[a->n] - a->off[0];
            break;
        }
        idx len;
        if (array_bit(a, i)) {
            array_str(a, i, &len);
            bytes += len;
        }
    }
    return Py_BuildValue("(LLN)", (long long)a->n, bytes,
                         PyBool_FromLong(a->valid != NULL));
}

/* Offsets and bytes of rows, from byte byte_at of the whole on. */
static void put_text(const Array *a, int64_t *off, uint8_t *bytes, int64_t byte_at)
{
    int64_t at = byte_at;
    if (a->n == 0) {
        off[0] = at;
        return;
    }
    if (!a->dict) {
        int64_t base = a->off[0];
        for (idx i = 0; i <= a->n; i++)
            off[i] = a->off[i] - base + byte_at;
        if (a->off[a->n] > base)
            memcpy(bytes + byte_at, a->bytes + base, (size_t)(a->off[a->n] - base));
        return;
    }
    for (idx i = 0; i < a->n; i++) {
        idx len = 0;
        off[i] = at;
        if (array_bit(a, i)) {
            const uint8_t *s = array_str(a, i, &len);
            if (len) memcpy(bytes + at, s, (size_t)len);
        }
        at += len;
    }
    off[a->n] = at;
}

/* put(array, buffer, placement, row_at, byte_at, piece): write the column as rows
 * row_at .. row_at + len of the placement, its bitmap (all ones without one) as piece.
 */
static PyObject *put(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *o, *target, *t;
    long long row, byte;
    int piece;
    if (!PyArg_ParseTuple(args, "OOO!LLi", &o, &target, &PyTuple_Type, &t, &row, &byte,
                          &piece))
        return NULL;
    Place p;
    Array *a = py_array_get(o);
    Py_buffer b;
    if (!a || place_read(t, &p) || PyObject_GetBuffer(target, &b, PyBUF_WRITABLE))
        return NULL;
    uint8_t *base = b.buf;
    long long w = dtype_info[p.type.dt].bytes;
    int ok = a->dt == p.type.dt && row >= 0 && row <= p.n && a->n <= p.n - row;
    if (!ok) PyErr_SetString(PyExc_ValueError, "a column that does not fit its place");
    if (ok && a->dt == DT_STR) {
        ok = inside(p.off + 8 * row, 8 * (a->n + 1), b.len) &&
             inside(p.bytes, p.nbytes, b.len);
        if (ok)
            put_text(a, (int64_t *)(void *)(base + p.off) + row, base + p.bytes, byte);
    } else if (ok) {
        ok = inside(p.data + w * row, w * a->n, b.len);
        if (ok && a->n) memcpy(base + p.data + w * row, a->data, (size_t)(w * a->n));
    }
    if (ok && piece < PyTuple_Size(p.valid)) {
        long long at, vrow, vn;
        ok =
            PyArg_ParseTuple(PyTuple_GetItem(p.valid, piece), "LLL", &at, &vrow, &vn) &&
            vn == a->n && inside(at, 8 * bit_words(a->n), b.len);
        if (ok && a->valid)
            memcpy(base + at, a->valid, 8 * (size_t)bit_words(a->n));
        else if (ok) {
            memset(base + at, 0, 8 * (size_t)bit_words(a->n));
            bits_fill((uint64_t *)(void *)(base + at), 0, a->n, true);
        }
    }
    PyBuffer_Release(&b);
    if (!ok && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "a damaged placement");
    return ok ? Py_NewRef(Py_None) : NULL;
}

/* -- Reading ----------------------------------------------------------------------- */

void py_release_object(void *data, void *arg)
{
    (void)data;
    if (!Py_IsInitialized()) return;
    PyGILState_STATE gil = PyGILState_Ensure();
    Py_DECREF((PyObject *)arg);
    PyGILState_Release(gil);
}

static Status lend(Cx *cx, uint8_t *p, size_t size, PyObject *keep, int readonly,
                   Buf **out)
{
    TRY(buf_borrow(cx, p, size, readonly != 0, py_release_object, keep, out));
    Py_INCREF(keep);
    return OK;
}

static Status view_valid(Cx *cx, Array *a, const uint8_t *base, Py_ssize_t total,
                         const Place *p)
{
    Py_ssize_t n = PyTuple_Size(p->valid);
    if (n == 0) return OK;
    TRY(array_add_valid(cx, a, true));
    for (Py_ssize_t i = 0; i < n; i++) {
        long long at, row, k;
        if (!PyArg_ParseTuple(PyTuple_GetItem(p->valid, i), "LLL", &at, &row, &k) ||
            !inside(at, 8 * bit_words(k), total) || !inside(row, k, (Py_ssize_t)p->n)) {
            PyErr_Clear();
            return fail(cx, E_INTERNAL, "a damaged placement of a bitmap");
        }
        bits_copy(a->valid, row, (const uint64_t *)(const void *)(base + at), 0, k);
    }
    a->null_count = -1;
    return OK;
}

static Status view_data(Cx *cx, Array *a, uint8_t *base, Py_ssize_t total,
                        const Place *p, PyObject *keep, int readonly)
{
    long long w = dtype_info[p->type.dt].bytes;
    if (p->type.dt != DT_STR) {
        if (!inside(p->data, w * p->n, total)) goto bad;
        buf_unref(a->data_buf);
        a->data_buf = NULL;
        TRY(lend(cx, base + p->data, (size_t)(w * p->n), keep, readonly, &a->data_buf));
        a->data = base + p->data;
        return OK;
    }
    if (!inside(p->off, 8 * (p->n + 1), total) || !inside(p->bytes, p->nbytes, total))
        goto bad;
    buf_unref(a->off_buf);
    buf_unref(a->bytes_buf);
    a->off_buf = a->bytes_buf = NULL;
    TRY(lend(cx, base + p->off, 8 * (size_t)(p->n + 1), keep, readonly, &a->off_buf));
    TRY(lend(cx, base + p->bytes, (size_t)p->nbytes, keep, readonly, &a->bytes_buf));
    a->off = (int64_t *)(void *)(base + p->off);
    a->bytes = base + p->bytes;
    return OK;
bad:
    PyErr_Clear();
    return fail(cx, E_INTERNAL, "a placement outside its segment");
}

static Status view_make(Cx *cx, uint8_t *base, Py_ssize_t total, const Place *p,
                        PyObject *keep, int readonly, Array **out)
{
    if (p->type.dt == DT_STR)
        TRY(array_new_str(cx, 0, 0, out));
    else
        TRY(array_new(cx, (DType)p->type.dt, (NullForm)p->type.null, (Unit)p->type.unit,
                      0, false, out));
    Array *a = *out;
    a->null = p->type.null;
    a->promoted = p->promoted;
    Status st = view_data(cx, a, base, total, p, keep, readonly);
    if (st == OK) {
        a->n = p->n;
        a->null_count = 0;
        st = view_valid(cx, a, base, total, p);
    }
    if (st != OK) array_unref(a);
    return st;
}

/* view(buffer, placement, readonly) -> Array over the segment, which it keeps alive. */
static PyObject *view(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *source, *t;
    int readonly;
    if (!PyArg_ParseTuple(args, "OO!p", &source, &PyTuple_Type, &t, &readonly))
        return NULL;
    Place p;
    if (place_read(t, &p)) return NULL;
    /* A memoryview holds the buffer for as long as the column lives. */
    PyObject *keep = PyMemoryView_FromObject(source);
    if (!keep) return NULL;
    Py_buffer b;
    if (PyObject_GetBuffer(keep, &b, PyBUF_SIMPLE)) {
        Py_DECREF(keep);
        return NULL;
    }
    Cx *cx = py_cx();
    Array *a;
    Status st = view_make(cx, b.buf, b.len, &p, keep, readonly, &a);
    PyBuffer_Release(&b);
    Py_DECREF(keep);
    if (st != OK) return py_raise(&cx->err);
    PyObject *o = py_array_new(a);
    if (!o || !p.tz) return o;
    PyObject *zoned = PyObject_CallMethod(o, "retype", "szi", py_null_text(p.type.null),
                                          p.tz, p.promoted);
    Py_DECREF(o);
    return zoned;
}

PyMethodDef py_segment_methods[] = {
    {"measure", measure, METH_O,       "(rows, text bytes, has bitmap)"                 },
    {"put",     put,     METH_VARARGS, "put(array, buffer, placement, row, byte, piece)"},
    {"view",    view,    METH_VARARGS, "view(buffer, placement, readonly)"              },
    {NULL,      NULL,    0,            NULL                                             },
};
