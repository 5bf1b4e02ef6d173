/* SPDX-License-Identifier: Apache-2.0
 * The extension module shoal._core: what the files of this folder offer to the face.
 */
#include "py/py.h"

#include "object/heap.h"
#include "rt/rt.h"

static PyObject *set_memory_limit(PyObject *self, PyObject *arg)
{
    (void)self;
    long long n = PyLong_AsLongLong(arg);
    if (PyErr_Occurred()) return NULL;
    buf_set_limit(n);
    Py_RETURN_NONE;
}

static PyObject *live(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    int64_t blocks, arrays;
    rt_left_over(&blocks, &arrays);
    return Py_BuildValue("(LLLLL)", (long long)buf_live_bytes(),
                         (long long)buf_live_count(), (long long)heaps_open(),
                         (long long)blocks, (long long)arrays);
}

/* dump_ast(node) -> (names of all kinds met, number of nodes): for tests. */
static void count_nodes(const Ast *n, long long *count)
{
    if (!n) return;
    ++*count;
    count_nodes(n->a, count);
    count_nodes(n->b, count);
    count_nodes(n->c, count);
    count_nodes(n->d, count);
    const AstList *lists[] = {&n->list, &n->list2, &n->list3, &n->list4};
    for (int k = 0; k < 4; k++)
        for (idx i = 0; i < lists[k]->n; i++)
            count_nodes(lists[k]->at[i], count);
}

static PyObject *ast_count(PyObject *self, PyObject *node)
{
    (void)self;
    Arena *a = arena_new();
    if (!a) return PyErr_NoMemory();
    Ast *n = py_ast(a, intern_new(a), node);
    long long count = 0;
    count_nodes(n, &count);
    arena_free(a);
    return n ? PyLong_FromLongLong(count) : NULL;
}

/* desc_echo(tuple) -> the same through C: for tests. */
static PyObject *desc_echo(PyObject *self, PyObject *t)
{
    (void)self;
    Arena *a = arena_new();
    if (!a) return PyErr_NoMemory();
    Desc *d = py_desc_read(a, t);
    PyObject *out = d ? py_desc_new(d) : NULL;
    arena_free(a);
    return out;
}

static PyMethodDef functions[] = {
    {"set_memory_limit", set_memory_limit, METH_O,
     "bytes a process may use, -1: no limit"                                                           },
    {"live",             live,             METH_NOARGS, "bytes, buffers, heaps alive; rt_left_over"    },
    {"ast_count",        ast_count,        METH_O,      "number of nodes of an ast object, as imported"},
    {"desc_echo",        desc_echo,        METH_O,      "a descriptor through C and back"              },
    {NULL,               NULL,             0,           NULL                                           },
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "shoal._core",
    .m_doc = "Shoal's compiler and runtime.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
    PyObject *m = PyModule_Create(&module_def);
    if (!m) return NULL;
    if (py_err_init(m) || py_pack_init(m) || py_array_init(m) || py_func_init(m) ||
        py_quick_init(m) || PyModule_AddFunctions(m, py_segment_methods) ||
        PyModule_AddFunctions(m, py_ranks_methods) ||
        PyModule_AddStringConstant(m, "version", SHOAL_VERSION)) {
        Py_DECREF(m);
        return NULL;
    }
    return m;
}
