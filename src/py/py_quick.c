/* SPDX-License-Identifier: Apache-2.0
 * The callable behind a jit function, and its quick way: a call with a few numbers,
 * texts and NumPy arrays whose compiled form asks for no ranks and no host is matched,
 * run and answered here, mostly without a line of Python. Everything else goes to the
 * method
 * `_call` of the class that is made from this one (decorator.JitFunction).
 *
 * A form is offered by python/shoal/_quick.py when a call has gone the long way. It
 * holds the exact classes of the arguments, the values it was specialised on, and its
 * guards: objects that must still be found where the compiler found them. A form that
 * fails is run again on the long way, which makes the exception: what it did to
 * arguments it did to copies, which take their place when a call has succeeded.
 */
#include "py/py_quick.h"
#include "comm/comm.h"
#include "py/py.h"

#include <string.h>

typedef struct Guard {
    bool attr; /* getattr(owner, name), else owner[name] of a dict */
    PyObject *owner, *name, *value; /* value NULL: not there */
} Guard;

typedef struct Form {
    struct Form *next;
    PyObject *program;
    ShoalMain *main;
    int narg, nout, nguard;
    Param arg[QUICK_ARGS];
    Answer answer;
    uint8_t kind[QUICK_SLOTS]; /* of results: OutKind */
    bool loops;                /* may take long: watch Ctrl-C, let the GIL go */
    Guard guard[QUICK_GUARDS];
} Form;

typedef struct PyQuick {
    PyObject_HEAD Form *form;
} PyQuick;

static PyObject *slow_name; /* "_call" */

/* -- Matching ---------------------------------------------------------------------- */

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

static bool form_fits(const Form *f, PyObject *args, Given *given)
{
    if (PyTuple_Size(args) != f->narg) return false;
    for (int i = 0; i < f->narg; i++)
        if (!param_fits(&f->arg[i], PyTuple_GetItem(args, i), &given[i])) return false;
    if (!given_differ(f->arg, given, f->narg)) return false;
    for (int i = 0; i < f->nguard; i++)
        if (!guard_holds(&f->guard[i])) return false;
    return true;
}

/* -- Running ----------------------------------------------------------------------- */

static Status form_enter(const Form *f, Cx *cx, const Slot *in, Slot *out)
{
    if (!f->loops) return rt_run(cx, f->main, in, out, f->nout, f->kind);
    Status st;
    bool watch = py_interrupt_watch(cx);
    Py_BEGIN_ALLOW_THREADS st = rt_run(cx, f->main, in, out, f->nout, f->kind);
    Py_END_ALLOW_THREADS if (watch) py_interrupt_unwatch();
    return st;
}

/* The answer; NULL with an exception, or without one: go the long way. */
static PyObject *form_run(const Form *f, PyObject *args, Given *given)
{
    Slot in[QUICK_SLOTS], out[QUICK_SLOTS];
    PyRun run = {Py_None};
    PyObject *answer = NULL;
    Cx cx;
    memset(out, 0, (size_t)f->nout * sizeof *out);
    cx_init(&cx, comm_self(), &py_run_host, &run);
    cx.world = py_world();
    Status st = given_lend(&cx, f->arg, given, f->narg, in);
    if (st == OK) st = form_enter(f, &cx, in, out);
    bool stopped = cx.err.code == E_INTERRUPT;
    if (st == OK) {
        given_write_back(f->arg, given, f->narg);
        answer = answer_new(&f->answer, out, f->nout, f->arg, given, f->narg, args);
    }
    cx_clear(&cx); /* texts of the answer were in its memory */
    given_drop(given, f->narg);
    if (st != OK && stopped) (void)PyErr_CheckSignals();
    return answer;
}

static PyObject *quick_call(PyObject *o, PyObject *args, PyObject *kw)
{
    bool plain = !kw || PyDict_Size(kw) == 0;
    Form *f = plain ? ((PyQuick *)o)->form : NULL;
    Given given[QUICK_ARGS];
    if (f) given_init(given);
    for (; f; f = f->next) {
        if (!form_fits(f, args, given)) continue;
        PyObject *out = form_run(f, args, given);
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
        param_clear(&f->arg[i]);
    answer_clear(&f->answer);
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

static int params_read(Form *f, PyObject *list)
{
    int slots = 0;
    Py_ssize_t n = PyTuple_Size(list);
    if (n < 0) return -1;
    for (Py_ssize_t i = 0; i < n && i < QUICK_ARGS; i++) {
        if (param_read(PyTuple_GetItem(list, i), &f->arg[i])) return -1;
        slots += param_slots(&f->arg[i]);
    }
    f->narg = (int)n;
    if (n <= QUICK_ARGS && slots <= QUICK_SLOTS) return 0;
    PyErr_SetString(PyExc_ValueError, "too many arguments for a quick call");
    return -1;
}

static int kinds_read(Form *f, const char *letters)
{
    size_t n = strlen(letters);
    if (n > QUICK_SLOTS) {
        PyErr_SetString(PyExc_ValueError, "too many results for a quick call");
        return -1;
    }
    f->nout = (int)n;
    for (size_t i = 0; i < n; i++)
        f->kind[i] = (uint8_t)py_out_kind(letters[i]);
    return 0;
}

/* add_form(program, parameters, letters of the results, answer, has loops, guards
 * ((is attribute, owner, name, is there, value), ..)): see py_quick.h. */
static PyObject *quick_add(PyObject *o, PyObject *args)
{
    PyObject *program, *params, *answer, *guards;
    const char *letters;
    int loops;
    if (!PyArg_ParseTuple(args, "OO!sO!pO!", &program, &PyTuple_Type, &params, &letters,
                          &PyTuple_Type, &answer, &loops, &PyTuple_Type, &guards))
        return NULL;
    ShoalMain *code = py_program_main(program);
    if (!code) return NULL;
    Form *f = PyMem_Calloc(1, sizeof *f);
    if (!f) return PyErr_NoMemory();
    f->program = Py_NewRef(program);
    f->main = code;
    f->loops = loops != 0;
    if (params_read(f, params) || kinds_read(f, letters) ||
        answer_read(answer, letters, &f->answer) || guards_read(f, guards)) {
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
        Py_VISIT(f->answer.spec);
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
