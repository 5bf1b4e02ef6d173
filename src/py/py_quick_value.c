/* SPDX-License-Identifier: Apache-2.0
 * Arguments and answers of quick calls. An array is lent where it lies; one that the
 * call changes is copied, and the copy goes back when the call has succeeded. Memory of
 * an argument that comes back is the argument's own, not a copy of it.
 */
#include "py/py_quick.h"

/* -- Parameters -------------------------------------------------------------------- */

int param_read(PyObject *t, Param *out)
{
    const char *letter;
    PyObject *type, *wanted, *dt;
    int ndim, strided, written;
    if (!PyArg_ParseTuple(t, "sO!O!Oipp", &letter, &PyType_Type, &type, &PyTuple_Type,
                          &wanted, &dt, &ndim, &strided, &written))
        return -1;
    if (dt != Py_None && py_type_read(dt, &out->dt)) return -1;
    if (ndim < 0 || ndim > NP_DIMS) {
        PyErr_SetString(PyExc_ValueError, "too many dimensions");
        return -1;
    }
    out->letter = letter[0];
    out->type = (PyTypeObject *)Py_NewRef(type);
    out->wanted =
        PyTuple_Size(wanted) > 0 ? Py_NewRef(PyTuple_GetItem(wanted, 0)) : NULL;
    out->ndim = ndim;
    out->strided = strided != 0;
    out->written = written != 0;
    return 0;
}

void param_clear(Param *p)
{
    Py_XDECREF((PyObject *)p->type);
    Py_XDECREF(p->wanted);
}

/* Lengths stand beside the memory of what is not just a row of elements. */
static bool has_lengths(const Param *p)
{
    return p->ndim > 1 || p->strided;
}

int param_slots(const Param *p)
{
    if (p->letter == '-') return 0;
    if (p->letter != 'a') return 1;
    return 1 + (has_lengths(p) ? p->ndim : 0) + (p->strided ? 1 + p->ndim : 0);
}

/* -- Matching ---------------------------------------------------------------------- */

void given_init(Given *given)
{
    for (int i = 0; i < QUICK_ARGS; i++) {
        given[i].known = 0;
        given[i].array = NULL;
    }
}

static bool read_integer(PyObject *v, Slot *s)
{
    int overflow = 0;
    PyObject *exact = PyLong_Check(v) ? Py_NewRef(v) : PyNumber_Index(v);
    if (exact) s->i = PyLong_AsLongLongAndOverflow(exact, &overflow);
    Py_XDECREF(exact);
    if (exact) return !overflow;
    PyErr_Clear();
    return false;
}

static bool read_text(PyObject *v, Slot *s)
{
    Py_ssize_t n;
    s->p = (const uint8_t *)PyUnicode_AsUTF8AndSize(v, &n); /* lives as long as v */
    s->n = n;
    if (!s->p) PyErr_Clear();
    return s->p != NULL;
}

static bool read_number(char letter, PyObject *v, Slot *s)
{
    s->n = 1;
    switch (letter) {
    case 'i': return read_integer(v, s);
    case 'f': s->f = PyFloat_AsDouble(v); return true;
    case 'c':
        s->f = PyComplex_RealAsDouble(v);
        s->im = PyComplex_ImagAsDouble(v);
        return true;
    case 't': return read_text(v, s);
    case 'b': s->i = PyObject_IsTrue(v) == 1; return true;
    default: return true;
    }
}

static bool can_lend(const NpArray *a)
{
    if (!a->aligned) return false;
    for (int i = 0; i < a->ndim && !a->contiguous; i++)
        if (a->stride[i] % a->item) return false;
    return true;
}

static bool array_fits(const Param *p, PyObject *v, Given *g)
{
    if (!g->known) {
        g->known = py_np_read(v, &g->np) == 0 && can_lend(&g->np) ? 1 : -1;
        PyErr_Clear();
    }
    const NpArray *a = &g->np;
    return g->known == 1 && a->ndim == p->ndim && a->type.dt == p->dt.dt &&
           a->type.unit == p->dt.unit && a->contiguous == !p->strided &&
           (a->writeable || !p->written);
}

/* The same object, or for numbers one that is equal: its type is the same already. */
static bool is_wanted(PyObject *wanted, PyObject *v)
{
    if (!wanted || wanted == v) return true;
    int same = PyObject_RichCompareBool(wanted, v, Py_EQ);
    if (same < 0) PyErr_Clear();
    return same > 0;
}

bool param_fits(const Param *p, PyObject *v, Given *g)
{
    if (Py_TYPE(v) != p->type) return false;
    g->value = v;
    if (p->letter == 'a') return array_fits(p, v, g);
    return read_number(p->letter, v, &g->number) && is_wanted(p->wanted, v);
}

bool given_differ(const Param *p, const Given *g, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = 0; k < i && p[i].letter == 'a'; k++)
            if (g[i].value == g[k].value) return false;
    return true;
}

/* -- Lending ----------------------------------------------------------------------- */

/* The elements between the lowest and the highest; *first: where element 0, 0, .. is.
 */
static Status lend_span(Cx *cx, Given *g, idx *first)
{
    const NpArray *a = &g->np;
    idx low = 0, high = 0;
    for (int i = 0; i < a->ndim && !a->contiguous; i++) {
        idx far = (a->shape[i] - 1) * a->stride[i];
        low += far < 0 ? far : 0;
        high += far > 0 ? far : 0;
    }
    idx n = a->contiguous ? a->n : (high - low) / a->item + 1;
    *first = -low / a->item;
    return py_np_borrow(cx, a, (uint8_t *)a->data + low, n, g->value, &g->array);
}

static Status lend_copy(Cx *cx, Given *g)
{
    const Type t = g->np.type;
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, g->np.n, false,
                  &g->array));
    py_np_copy(&g->np, g->array->data, true);
    return OK;
}

static Slot number(idx i)
{
    return (Slot){.i = i, .n = 1};
}

static Status array_lend(Cx *cx, const Param *p, Given *g, Slot *in)
{
    const NpArray *a = &g->np;
    idx first = 0, dense = 1;
    TRY(p->written ? lend_copy(cx, g) : lend_span(cx, g, &first));
    *in++ = (Slot){.a = g->array, .n = 1};
    for (int i = 0; i < a->ndim && has_lengths(p); i++)
        *in++ = number(a->shape[i]);
    if (!p->strided) return OK;
    *in++ = number(first);
    for (int i = a->ndim - 1; i >= 0; i--) {
        in[i] = number(p->written ? dense : a->stride[i] / a->item);
        dense *= a->shape[i];
    }
    return OK;
}

Status given_lend(Cx *cx, const Param *p, Given *g, int n, Slot *in)
{
    for (int i = 0; i < n; i++) {
        if (p[i].letter == 'a')
            TRY(array_lend(cx, &p[i], &g[i], in));
        else if (p[i].letter != '-')
            *in = g[i].number;
        in += param_slots(&p[i]);
    }
    return OK;
}

void given_write_back(const Param *p, const Given *g, int n)
{
    for (int i = 0; i < n; i++)
        if (p[i].letter == 'a' && p[i].written)
            py_np_copy(&g[i].np, g[i].array->data, false);
}

void given_drop(Given *g, int n)
{
    for (int i = 0; i < n; i++) {
        array_unref(g[i].array);
        g[i].array = NULL;
    }
}

/* -- Answers ----------------------------------------------------------------------- */

int answer_read(PyObject *t, const char *letters, Answer *out)
{
    PyObject *spec, *strided, *memory;
    if (!PyArg_ParseTuple(t, "O!OO", &PyTuple_Type, &spec, &strided, &memory))
        return -1;
    out->spec = Py_NewRef(spec);
    out->strided = Py_NewRef(strided);
    out->memory = Py_NewRef(memory);
    size_t n = strlen(letters);
    memcpy(out->letters, letters, n < QUICK_SLOTS ? n : QUICK_SLOTS);
    return 0;
}

void answer_clear(Answer *a)
{
    Py_XDECREF(a->spec);
    Py_XDECREF(a->strided);
    Py_XDECREF(a->memory);
}

/* What an answer is made from. array: of each slot that has one, NumPy's array that is
 * an argument's memory, or a _core.Array. */
typedef struct Making {
    const Answer *a;
    const Slot *out;
    int nout;
    PyObject *array[QUICK_SLOTS];
    bool own[QUICK_SLOTS]; /* an argument's memory */
} Making;

/* The memory of an argument as one dimension. */
static PyObject *memory_of(const Answer *a, const Param *p, const Given *g)
{
    if (g->np.contiguous && g->np.ndim == 1) return Py_NewRef(g->value);
    if (g->np.contiguous) return PyObject_CallMethod(g->value, "reshape", "i", -1);
    return p->written ? Py_NewRef(Py_None)
                      : PyObject_CallFunctionObjArgs(a->memory, g->value, NULL);
}

/* Takes the slot's reference. */
static PyObject *array_take(Making *m, int i, const Param *p, const Given *g, int narg)
{
    Array *a = m->out[i].a;
    for (int k = 0; k < narg && a && a->n > 0; k++) {
        const Array *lent = p[k].letter == 'a' ? g[k].array : NULL;
        if (!lent || lent->data != a->data || lent->n != a->n || lent->dt != a->dt ||
            lent->unit != a->unit)
            continue;
        PyObject *own = memory_of(m->a, &p[k], &g[k]);
        if (own == Py_None) { /* the copy of one that is not contiguous */
            Py_DECREF(own);
            break;
        }
        array_unref(a);
        m->own[i] = true;
        return own;
    }
    return a ? py_array_new(a) : Py_NewRef(Py_None);
}

static int arrays_take(Making *m, const Param *p, const Given *g, int narg)
{
    int failed = 0;
    for (int i = 0; i < m->nout; i++) {
        m->array[i] = NULL;
        m->own[i] = false;
        if (m->a->letters[i] == 'a' && !(m->array[i] = array_take(m, i, p, g, narg)))
            failed = -1;
    }
    return failed;
}

static int item_int(PyObject *t, int i)
{
    return (int)PyLong_AsLong(PyTuple_GetItem(t, i));
}

static PyObject *scalar_new(const Making *m, PyObject *spec, char what)
{
    int slot = item_int(spec, 1);
    if (slot < 0 || slot >= m->nout) return NULL;
    const Slot *s = &m->out[slot];
    if (what == 'b') return PyBool_FromLong(s->i != 0);
    PyObject *v = what == 'u' ? PyLong_FromUnsignedLongLong((unsigned long long)s->i)
                              : py_slot_new(m->a->letters[slot], s);
    if (what == 's' || !v) return v;
    PyObject *made = PyObject_CallFunctionObjArgs(PyTuple_GetItem(spec, 2), v, NULL);
    Py_DECREF(v);
    return made;
}

/* Lengths, first element and strides of a view. */
typedef struct View {
    int ndim;
    idx number[2 * NP_DIMS + 1];
    idx size; /* elements */
    bool dense;
} View;

static int view_read(const Making *m, PyObject *spec, View *v)
{
    PyObject *sizes = PyTuple_GetItem(spec, 3);
    v->ndim = item_int(spec, 2);
    if (PyTuple_Size(sizes) != 2 * v->ndim + 1 || v->ndim > NP_DIMS) return -1;
    for (int i = 0; i <= 2 * v->ndim; i++) {
        PyObject *one = PyTuple_GetItem(sizes, i);
        v->number[i] = PyTuple_Check(one) ? PyLong_AsLongLong(PyTuple_GetItem(one, 0))
                                          : m->out[(int)PyLong_AsLong(one)].i;
    }
    v->size = 1;
    v->dense = true;
    const idx *stride = v->number + v->ndim + 1;
    for (int i = v->ndim - 1; i >= 0; i--) {
        v->dense = v->dense && stride[i] == v->size;
        v->size *= v->number[i];
    }
    v->dense = v->dense || v->size == 0;
    return PyErr_Occurred() ? -1 : 0;
}

/* Takes the reference of memory. */
static PyObject *dense_new(PyObject *memory, const View *v, bool own)
{
    idx first = v->size ? v->number[v->ndim] : 0, n = (idx)PyObject_Size(memory);
    if (first != 0 || v->size != n || (own && v->ndim == 1)) {
        PyObject *part = PySequence_GetSlice(memory, first, first + v->size);
        Py_DECREF(memory);
        memory = part;
    }
    if (!memory || v->ndim == 1) return memory;
    PyObject *shape = PyTuple_New(v->ndim);
    for (int i = 0; shape && i < v->ndim; i++)
        PyTuple_SetItem(shape, i, PyLong_FromLongLong(v->number[i]));
    PyObject *out = shape ? PyObject_CallMethod(memory, "reshape", "(N)", shape) : NULL;
    Py_DECREF(memory);
    return out;
}

/* Takes the reference of memory. */
static PyObject *strided_new(const Making *m, PyObject *memory, const View *v)
{
    PyObject *numbers = PyTuple_New(2 * v->ndim + 1);
    for (int i = 0; numbers && i <= 2 * v->ndim; i++)
        PyTuple_SetItem(numbers, i, PyLong_FromLongLong(v->number[i]));
    if (!numbers) {
        Py_DECREF(memory);
        return NULL;
    }
    return PyObject_CallFunction(m->a->strided, "NiN", memory, v->ndim, numbers);
}

static PyObject *array_answer(const Making *m, PyObject *spec)
{
    int slot = item_int(spec, 1);
    if (slot < 0 || slot >= m->nout || !m->array[slot]) return NULL;
    PyObject *memory;
    if (m->own[slot]) {
        memory = Py_NewRef(m->array[slot]);
    } else {
        if (py_array_own(m->array[slot])) return NULL;
        memory = py_np_new(m->array[slot]);
    }
    if (!memory || PyTuple_Size(spec) < 4) return memory;
    View v = {0};
    if (view_read(m, spec, &v)) {
        Py_DECREF(memory);
        return NULL;
    }
    return v.dense ? dense_new(memory, &v, m->own[slot]) : strided_new(m, memory, &v);
}

/* All slots as a list, for Python. */
static PyObject *slots_list(const Making *m)
{
    PyObject *list = PyList_New(m->nout);
    for (int i = 0; list && i < m->nout; i++) {
        PyObject *o = m->array[i] ? Py_NewRef(m->array[i])
                                  : py_slot_new(m->a->letters[i], &m->out[i]);
        if (o)
            PyList_SetItem(list, i, o);
        else
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *spec_new(const Making *m, PyObject *spec, PyObject *args);

static PyObject *tuple_answer(const Making *m, PyObject *specs, PyObject *args)
{
    Py_ssize_t n = PyTuple_Size(specs);
    PyObject *t = PyTuple_New(n);
    for (Py_ssize_t i = 0; t && i < n; i++) {
        PyObject *v = spec_new(m, PyTuple_GetItem(specs, i), args);
        if (v)
            PyTuple_SetItem(t, i, v);
        else
            Py_CLEAR(t);
    }
    return t;
}

static PyObject *spec_new(const Making *m, PyObject *spec, PyObject *args)
{
    const char *what = py_text(PyTuple_GetItem(spec, 0), NULL);
    if (!what) return NULL;
    switch (*what) {
    case 'n': return Py_NewRef(Py_None);
    case 'a': return array_answer(m, spec);
    case 't': return tuple_answer(m, PyTuple_GetItem(spec, 1), args);
    case 'p': {
        PyObject *list = slots_list(m);
        return list ? PyObject_CallFunction(PyTuple_GetItem(spec, 1), "NO", list, args)
                    : NULL;
    }
    default: return scalar_new(m, spec, *what);
    }
}

PyObject *answer_new(const Answer *a, Slot *out, int nout, const Param *p,
                     const Given *g, int narg, PyObject *args)
{
    Making m = {.a = a, .out = out, .nout = nout};
    int failed = arrays_take(&m, p, g, narg);
    PyObject *answer = failed ? NULL : spec_new(&m, a->spec, args);
    for (int i = 0; i < nout; i++)
        Py_XDECREF(m.array[i]);
    if (!answer && !PyErr_Occurred())
        PyErr_SetString(PyExc_SystemError, "a quick call has no answer");
    return answer;
}
