/* SPDX-License-Identifier: Apache-2.0
 * The callable behind a jit function, and its quick way: a call with a few plain
 * numbers whose compiled form asks for no ranks, no host and no arrays is matched, run
 * and answered here, without a line of Python. Everything else goes to the method
 * `_call` of the class that is made from this one (decorator.JitFunction).
 *
 * A form is offered by python/shoal/_quick.py when a call has gone the long way. It
 * holds the exact types of the arguments, the values it was specialised on, and its
 * guards: objects that must still be found where the compiler found them. A form that
 * fails is run again on the long way, which makes the exception: it has no effects.
 */
#include "comm/comm.h"
#include "py/py.h"
#include "rt/rt.h"

#include <string.h>

enum { QUICK_ARGS = 8, QUICK_GUARDS = 32 };

typedef struct Guard {
    bool attr; /* getattr(owner, name), else owner[name] of a dict */
    PyObject *owner, *name, *value; /* value NULL: not there */
} Guard;

typedef struct Form {
    struct Form *next;
    PyObject *program;
    ShoalMain *main;
    int nin, nout, nguard;
    char in[QUICK_ARGS + 1];      /* i(nt) f(loat) b(ool) */
    char out[QUICK_ARGS + 1];     /* the same, and - for None */
    bool tuple;                   /* the result is a tuple of them */
    bool loops;                   /* may take long: watch Ctrl-C, let the GIL go */
    PyObject *wanted[QUICK_ARGS]; /* values specialised on; NULL: any */
    Guard guard[QUICK_GUARDS];
} Form;

typedef struct PyQuick {
    PyObject_HEAD Form *form;
} PyQuick;

static PyObject *slow_name; /* "_call" */

/* -- Matching ---------------------------------------------------------------------- */

static bool read_number(char letter, PyObject *v, Slot *s)
{
    int overflow = 0;
    s->n = 1;
    switch (letter) {
    case 'i':
        if (!PyLong_CheckExact(v)) return false;
        s->i = PyLong_AsLongLongAndOverflow(v, &overflow);
        return !overflow;
    case 'f':
        if (!PyFloat_CheckExact(v)) return false;
        s->f = PyFloat_AsDouble(v);
        return true;
    default: s->i = v == Py_True; return v == Py_True || v == Py_False;
    }
}

/* The same object, or for numbers one that is equal: its type is the same already. */
static bool is_wanted(PyObject *wanted, PyObject *v)
{
    if (!wanted || wanted == v) return true;
    int same = PyObject_RichCompareBool(wanted, v, Py_EQ);
    if (same < 0) PyErr_Clear();
    return same > 0;
}

static bool guard_holds(const Guard *g)
{
    if (!g->attr) {
        PyObject *now = PyDict_GetItemWithError(g->owner, g->name);
        if (!now && PyErr_Occurred()) PyErr_Clear();
        return now == g->value;
    }
    PyObject *now = PyObject_GetAttr(g->owner, g->name);
    if (!now) PyErr_Clear();
    bool same = now == g->value;
    Py_XDECREF(now);
    return same;
}

static bool form_fits(const Form *f, PyObject *args, Slot *in)
{
    if (PyTuple_Size(args) != f->nin) return false;
    for (int i = 0; i < f->nin; i++) {
        PyObject *v = PyTuple_GetItem(args, i);
        if (!read_number(f->in[i], v, &in[i]) || !is_wanted(f->wanted[i], v))
            return false;
    }
    for (int i = 0; i < f->nguard; i++)
        if (!guard_holds(&f->guard[i])) return false;
    return true;
}

/* -- Running ----------------------------------------------------------------------- */

static PyObject *number_new(char letter, const Slot *s)
{
    switch (letter) {
    case 'f': return PyFloat_FromDouble(s->f);
    case 'b': return PyBool_FromLong(s->i != 0);
    case '-': return Py_NewRef(Py_None);
    default: return PyLong_FromLongLong(s->i);
    }
}

static PyObject *result_new(const Form *f, const Slot *out)
{
    if (!f->tuple) return number_new(f->out[0], &out[0]);
    PyObject *t = PyTuple_New(f->nout);
    for (int i = 0; t && i < f->nout; i++) {
        PyObject *v = number_new(f->out[i], &out[i]);
        if (v)
            PyTuple_SetItem(t, i, v);
        else
            Py_CLEAR(t);
    }
    return t;
}

/* The answer; NULL with an exception, or without one: go the long way. */
static PyObject *form_run(const Form *f, const Slot *in)
{
    static const uint8_t no_array[QUICK_ARGS];
    Slot out[QUICK_ARGS];
    PyRun run = {Py_None};
    Cx cx;
    memset(out, 0, sizeof out);
    cx_init(&cx, comm_self(), &py_run_host, &run);
    cx.world = py_world();
    Status st;
    if (f->loops) {
        bool watch = py_interrupt_watch(&cx);
        Py_BEGIN_ALLOW_THREADS st = rt_run(&cx, f->main, in, out, f->nout, no_array);
        Py_END_ALLOW_THREADS if (watch) py_interrupt_unwatch();
    } else {
        st = rt_run(&cx, f->main, in, out, f->nout, no_array);
    }
    bool stopped = cx.err.code == E_INTERRUPT;
    cx_clear(&cx);
    if (st == OK) return result_new(f, out);
    if (stopped) (void)PyErr_CheckSignals();
    return NULL;
}

static PyObject *quick_call(PyObject *o, PyObject *args, PyObject *kw)
{
    bool plain = !kw || PyDict_Size(kw) == 0;
    for (Form *f = plain ? ((PyQuick *)o)->form : NULL; f; f = f->next) {
        Slot in[QUICK_ARGS];
        if (!form_fits(f, args, in)) continue;
        PyObject *out = form_run(f, in);
        if (out || PyErr_Occurred()) return out;
        break;
    }
    PyObject *slow = PyObject_GetAttr(o, slow_name);
    PyObject *out = slow ? PyObject_Call(slow, args, kw) : NULL;
    Py_XDECREF(slow);
    return out;
}

/* -- Offering a form --------------------------------------------------------------- */

static void form_free(Form *f)
{
    Py_XDECREF(f->program);
    for (int i = 0; i < QUICK_ARGS; i++)
        Py_XDECREF(f->wanted[i]);
    for (int i = 0; i < f->nguard; i++) {
        Py_XDECREF(f->guard[i].owner);
        Py_XDECREF(f->guard[i].name);
        Py_XDECREF(f->guard[i].value);
    }
    PyMem_Free(f);
}

static int guards_read(Form *f, PyObject *list)
{
    Py_ssize_t n = PyTuple_Size(list);
    if (n < 0) return -1;
    if (n > QUICK_GUARDS) {
        PyErr_SetString(PyExc_ValueError, "too many guards");
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Guard *g = &f->guard[i];
        int attr, there;
        PyObject *owner, *name, *value;
        if (!PyArg_ParseTuple(PyTuple_GetItem(list, i), "pOOpO", &attr, &owner, &name,
                              &there, &value))
            return -1;
        *g = (Guard){attr != 0, Py_NewRef(owner), Py_NewRef(name),
                     there ? Py_NewRef(value) : NULL};
        f->nguard++;
    }
    return 0;
}

static int wanted_read(Form *f, PyObject *list)
{
    Py_ssize_t n = PyTuple_Size(list);
    if (n < 0) return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        int at;
        PyObject *value;
        if (!PyArg_ParseTuple(PyTuple_GetItem(list, i), "iO", &at, &value)) return -1;
        if (at < 0 || at >= f->nin) continue;
        Py_XDECREF(f->wanted[at]);
        f->wanted[at] = Py_NewRef(value);
    }
    return 0;
}

/* add_form(program, argument letters, result letters, is a tuple, has loops, wanted
 * ((position, value), ..), guards ((is attribute, owner, name, is there, value), ..))
 */
static PyObject *quick_add(PyObject *o, PyObject *args)
{
    PyObject *program, *wanted, *guards;
    const char *in, *out;
    int tuple, loops;
    if (!PyArg_ParseTuple(args, "OssppO!O!", &program, &in, &out, &tuple, &loops,
                          &PyTuple_Type, &wanted, &PyTuple_Type, &guards))
        return NULL;
    ShoalMain *code = py_program_main(program);
    if (!code) return NULL;
    if (strlen(in) > QUICK_ARGS || strlen(out) > QUICK_ARGS) {
        PyErr_SetString(PyExc_ValueError, "too many values for a quick call");
        return NULL;
    }
    Form *f = PyMem_Calloc(1, sizeof *f);
    if (!f) return PyErr_NoMemory();
    f->program = Py_NewRef(program);
    f->main = code;
    f->nin = (int)strlen(in);
    f->nout = (int)strlen(out);
    memcpy(f->in, in, strlen(in));
    memcpy(f->out, out, strlen(out));
    f->tuple = tuple != 0;
    f->loops = loops != 0;
    if (wanted_read(f, wanted) || guards_read(f, guards)) {
        form_free(f);
        return NULL;
    }
    PyQuick *q = (PyQuick *)o;
    f->next = q->form; /* calls that run in other threads keep theirs */
    q->form = f;
    Py_RETURN_NONE;
}

/* -- The type ---------------------------------------------------------------------- */

static int quick_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(o));
    for (Form *f = ((PyQuick *)o)->form; f; f = f->next) {
        for (int i = 0; i < f->nguard; i++) {
            Py_VISIT(f->guard[i].owner);
            Py_VISIT(f->guard[i].value);
        }
    }
    return 0;
}

static int quick_clear(PyObject *o)
{
    PyQuick *q = (PyQuick *)o;
    Form *f = q->form, *next;
    q->form = NULL;
    for (; f; f = next) {
        next = f->next;
        form_free(f);
    }
    return 0;
}

static void quick_dealloc(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    PyObject_GC_UnTrack(o);
    quick_clear(o);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(o);
    Py_DECREF(type);
}

static PyMethodDef quick_methods[] = {
    {"add_form", quick_add, METH_VARARGS, "a compiled form that needs no Python"},
    {NULL,       NULL,      0,            NULL                                  },
};
static PyType_Slot quick_slots[] = {
    {Py_tp_dealloc,  (void *)quick_dealloc },
    {Py_tp_traverse, (void *)quick_traverse},
    {Py_tp_clear,    (void *)quick_clear   },
    {Py_tp_call,     (void *)quick_call    },
    {Py_tp_methods,  quick_methods         },
    {0,              NULL                  },
};
static PyType_Spec quick_spec = {
    .name = "shoal._core.Quick",
    .basicsize = sizeof(PyQuick),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = quick_slots,
};

int py_quick_init(PyObject *module)
{
    slow_name = PyUnicode_InternFromString("_call");
    PyObject *type = PyType_FromSpec(&quick_spec);
    int bad = !slow_name || !type || PyModule_AddObjectRef(module, "Quick", type);
    Py_XDECREF(type);
    return bad ? -1 : 0;
}
