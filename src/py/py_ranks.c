/* SPDX-License-Identifier: Apache-2.0
 * The ranks of this process, for the face: opening and closing, and what Python code of
 * a program on several ranks moves itself, outside of compiled functions.
 */
#include "array/buf.h"
#include "comm/comm.h"
#include "py/py.h"
#include "rt/moved.h"

#include <pthread.h>

static Comm *world; /* of this process: NULL until open_comm */

Comm *py_world(void)
{
    return world ? world : comm_self();
}

static PyObject *open_comm(PyObject *self, PyObject *args)
{
    (void)self;
    const char *plugin;
    if (!PyArg_ParseTuple(args, "s", &plugin)) return NULL;
    static Cx cx; /* its own: py_cx() is guarded by the GIL */
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    PyThreadState *held = PyEval_SaveThread(); /* MPI waits for the other ranks */
    pthread_mutex_lock(&lock);
    Status st = OK;
    if (!world) {
        if (!cx.scratch) cx_init(&cx, comm_self(), NULL, NULL);
        err_clear(&cx.err);
        st = comm_open(&cx, plugin, &world);
    }
    pthread_mutex_unlock(&lock);
    PyEval_RestoreThread(held);
    if (st != OK) return py_raise(&cx.err);
    return Py_BuildValue("(ii)", world->rank, world->size);
}

static PyObject *nodes(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    const Comm *c = py_world();
    PyObject *list = PyList_New(c->nnode);
    for (int i = 0; list && i < c->nnode; i++) {
        PyObject *o = PyLong_FromLong(c->node[i]);
        if (!o)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, i, o);
    }
    return list;
}

/* The context of a collective that Python asks for, outside of compiled code. */
static Cx *world_cx(void)
{
    static Cx cx; /* guarded by the GIL, which collectives here keep */
    if (!cx.scratch) cx_init(&cx, comm_self(), NULL, NULL);
    cx.comm = py_world();
    err_clear(&cx.err);
    return &cx;
}

static PyObject *close_comm(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    Cx *cx = world_cx();
    world = NULL;
    Py_BEGIN_ALLOW_THREADS comm_close(cx);
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

static PyObject *barrier(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    Cx *cx = world_cx();
    if (comm_barrier(cx) != OK) return py_raise(&cx->err);
    Py_RETURN_NONE;
}

static PyObject *all_end(PyObject *self, PyObject *args)
{
    (void)self;
    int ms, all = true;
    if (!PyArg_ParseTuple(args, "i", &ms)) return NULL;
    Py_BEGIN_ALLOW_THREADS if (world) all = comm_all_end(world, ms);
    Py_END_ALLOW_THREADS return PyBool_FromLong(all);
}

static PyObject *abort_comm(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    if (world && world->ops) world->ops->abort(world->transport, 1);
    Py_RETURN_NONE;
}

/* Texts of all ranks beside one another are gathered in one step up to this size. */
enum { TOGETHER = 1 << 20 };

/* list[r] = n bytes at p. */
static Status bytes_add(Cx *cx, PyObject *list, int r, const char *p, int64_t n)
{
    PyObject *o = PyBytes_FromStringAndSize(p, n);
    if (!o) return fail(cx, E_MEMORY, "no memory for a message");
    PyList_SetItem(list, r, o);
    return OK;
}

/* Every rank's bytes of at most `most`, each in a place of that size; a longer one's
 * place stays unused. */
static Status exchange_small(Cx *cx, const char *mine, const int64_t *size,
                             int64_t most, PyObject *list)
{
    int p = cx->comm->size;
    char *all = arena_try(cx->scratch, (size_t)p + 1, (size_t)most);
    char *own = all ? all + (int64_t)p * most : NULL;
    if (!all)
        (void)fail(cx, E_MEMORY, "no memory for a message");
    else if (size[cx->comm->rank] <= most)
        memcpy(own, mine, (size_t)size[cx->comm->rank]);
    TRY(comm_allgather(cx, own, (size_t)most, all));
    for (int r = 0; r < p; r++)
        if (size[r] <= most)
            TRY(bytes_add(cx, list, r, all + (int64_t)r * most, size[r]));
    return OK;
}

/* Every rank's bytes on every rank: small ones all at once, large ones (one rank's, as
 * a rule) broadcast one by one. */
static Status exchange_bytes(Cx *cx, const char *mine, int64_t n, PyObject *list)
{
    int p = cx->comm->size;
    int64_t *size = arena_try(cx->scratch, (size_t)p, sizeof *size), most = 0;
    if (!size) return fail(cx, E_MEMORY, "no memory for a message");
    TRY(comm_allgather(cx, &n, sizeof n, size));
    for (int r = 0; r < p; r++)
        if (size[r] <= TOGETHER / p) most = idx_max(most, size[r]);
    TRY(exchange_small(cx, mine, size, most, list));
    for (int r = 0; r < p; r++) {
        if (size[r] <= most) continue;
        TRY(bytes_add(cx, list, r, r == cx->comm->rank ? mine : NULL, size[r]));
        PyObject *o = PyList_GetItem(list, r);
        TRY(comm_bcast(cx, PyBytes_AsString(o), (size_t)size[r], r));
    }
    return OK;
}

/* exchange(bytes) -> list of every rank's bytes. Collective. */
static PyObject *exchange(PyObject *self, PyObject *args)
{
    (void)self;
    const char *mine;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "y#", &mine, &n)) return NULL;
    Cx *cx = world_cx();
    PyObject *list = PyList_New(cx->comm->size);
    if (!list) return NULL;
    ArenaMark mark = arena_mark(cx->scratch);
    Status st = exchange_bytes(cx, mine, n, list);
    arena_release(cx->scratch, mark);
    if (st == OK) return list;
    Py_DECREF(list);
    PyErr_Clear();
    return py_raise(&cx->err);
}

/* -- Rows -------------------------------------------------------------------------- */

/* A list of numbers of rows as memory of the call. */
static idx *numbers_read(Cx *cx, PyObject *list, Py_ssize_t n)
{
    if (PyList_Size(list) != n) {
        PyErr_Format(PyExc_TypeError, "%zd numbers are expected", n);
        return NULL;
    }
    idx *out = arena_try(cx->scratch, (size_t)n, sizeof *out);
    if (!out) PyErr_NoMemory();
    for (Py_ssize_t i = 0; out && i < n; i++)
        out[i] = PyLong_AsLongLong(PyList_GetItem(list, i));
    return PyErr_Occurred() ? NULL : out;
}

/* The columns of a list as a table that borrows them. */
static int table_read(Cx *cx, PyObject *list, Table *t)
{
    t->ncol = PyList_Size(list);
    t->col = arena_try(cx->scratch, (size_t)t->ncol, sizeof(Array *));
    if (!t->col) return PyErr_NoMemory(), -1;
    for (idx k = 0; k < t->ncol; k++) {
        t->col[k] = py_array_get(PyList_GetItem(list, k));
        if (!t->col[k]) return -1;
        t->n = t->col[k]->n;
    }
    return 0;
}

/* pos: None, or a column of row numbers. */
static int plan_read(Cx *cx, PyObject *first, PyObject *count, PyObject *pos,
                     RowPlan *plan)
{
    int p = cx->comm->size;
    const Array *a = pos == Py_None ? NULL : py_array_get(pos);
    if (PyErr_Occurred()) return -1;
    if (a && a->dt != DT_I64) {
        PyErr_SetString(PyExc_TypeError, "numbers of rows are int64");
        return -1;
    }
    if (a) plan->pos = a->data, plan->npos = a->n;
    plan->first = numbers_read(cx, first, p);
    plan->count = plan->first ? numbers_read(cx, count, p) : NULL;
    return plan->count ? 0 : -1;
}

/* move_rows(columns, first, count, pos, overlap) -> columns. Collective, so whoever
 * calls it has made sure that all ranks do. */
static PyObject *move_rows_py(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *columns, *first, *count, *pos, *list = NULL;
    RowPlan plan = {0};
    int overlap;
    if (!PyArg_ParseTuple(args, "O!O!O!Op", &PyList_Type, &columns, &PyList_Type,
                          &first, &PyList_Type, &count, &pos, &overlap))
        return NULL;
    Cx *cx = world_cx();
    Table in = {0}, out = {0};
    ArenaMark mark = arena_mark(cx->scratch);
    if (!table_read(cx, columns, &in) && !plan_read(cx, first, count, pos, &plan)) {
        plan.overlap = overlap != 0;
        Status st = move_rows(cx, &in, &plan, &out);
        list = st ? py_raise(&cx->err) : PyList_New(out.ncol);
    }
    for (idx k = 0; list && k < out.ncol; k++) {
        PyObject *o = py_array_new(array_ref(out.col[k]));
        if (!o)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, k, o);
    }
    table_clear(&out);
    arena_release(cx->scratch, mark);
    return list;
}

/* traffic() -> (messages, bytes, rounds) that this rank has sent, for benchmarks. */
static PyObject *traffic(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    const Comm *c = py_world();
    return Py_BuildValue("(LLL)", (long long)c->nmsg, (long long)c->nbyte,
                         (long long)c->ncoll);
}

/* moved() -> [(site, name of the call, times, messages, bytes, rounds)] of the last run
 * on several ranks. */
static PyObject *moved(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    idx n;
    const Moved *m = moved_all(&n);
    PyObject *list = PyList_New(n);
    for (idx i = 0; list && i < n; i++) {
        PyObject *o = Py_BuildValue("(isLLLL)", (int)m[i].site, rt_name[m[i].call],
                                    (long long)m[i].times, (long long)m[i].messages,
                                    (long long)m[i].bytes, (long long)m[i].rounds);
        if (!o)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, i, o);
    }
    return list;
}

PyMethodDef py_ranks_methods[] = {
    {"open_comm",  open_comm,    METH_VARARGS, "open_comm(plugin) -> (rank, size)"     },
    {"barrier",    barrier,      METH_NOARGS,  "wait until all ranks are here"         },
    {"exchange",   exchange,     METH_VARARGS, "exchange(bytes) -> bytes of every rank"},
    {"move_rows",  move_rows_py, METH_VARARGS, "rows to the ranks that a plan names"   },
    {"traffic",    traffic,      METH_NOARGS,  "(messages, bytes, rounds) of this rank"},
    {"moved",      moved,        METH_NOARGS,  "what the last run has sent, by site"   },
    {"all_end",    all_end,      METH_VARARGS, "whether all ranks end within n ms"     },
    {"abort_comm", abort_comm,   METH_NOARGS,  "end all ranks"                         },
    {"close_comm", close_comm,   METH_NOARGS,  NULL                                    },
    {"nodes",      nodes,        METH_NOARGS,  "first rank of each host"               },
    {NULL,         NULL,         0,            NULL                                    },
};
