/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of py/, the only folder that sees Python. Everything here is
 * called with the GIL held unless it says otherwise; functions that return a PyObject *
 * or an int < 0 set a Python exception when they fail.
 */
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "array/array.h"
#include "base/host.h"
#include "codegen/codegen.h"
#include "compile.h"
#include "front/front.h"
#include "io/arrow_abi.h"
#include "ir/flags.h"
#include "rt/rt.h"

/* -- py_err.c ---------------------------------------------------------------------- */
extern PyObject
    *py_failure; /* _core.Failure: the face turns it into the real exception */

/* Raises Failure(exception name, text, code, rank, site, unsup, (file, line, col,
 * end_line, end_col), (class, arguments or None, sites of the calls left)) and returns
 * NULL. */
PyObject *py_raise(const Err *record);
/* Takes the pending Python exception into *err: code by the first class of its MRO that
 * errors.def names, text by str(). Returns the code. */
Status py_take_error(Err *err);
int py_err_init(PyObject *module);
int py_pack_init(PyObject *module);

/* -- py_ast.c ---------------------------------------------------------------------- */
/* Python's ast object as ours; all memory in a, names in names. NULL and an exception.
 */
Ast *py_ast(Arena *a, Intern *names, PyObject *node);

/* -- py_desc.c --------------------------------------------------------------------- */
/* Descriptors are tuples in Python; the face's desc.Desc names the fields in this
 * order. */
enum { DESC_FIELDS = 13 };
Desc *py_desc_read(Arena *a, PyObject *t);
PyObject *py_desc_new(const Desc *d);
/* (dtype text, null form, unit, ndim) */
int py_type_read(PyObject *t, Type *out);
int py_dtype_find(const char *text); /* -1: none */
PyObject *py_type_new(Type t);
int py_null_find(const char *text);
int py_unit_find(const char *text);
const char *py_null_text(int null);
/* Bytes of a str object that stay with it, NULL and an exception. */
const char *py_text(PyObject *s, Py_ssize_t *n);
/* A tuple of the n texts s[0] to s[n - 1]; a new reference, NULL and an exception. */
PyObject *py_texts_new(const char *const *s, idx n);
/* A str or None as text in the arena; *out NULL for None. */
int py_text_copy(Arena *a, PyObject *s, const char **out);

/* -- py_array.c -------------------------------------------------------------------- */
PyObject *py_array_new(Array *a); /* takes the reference, also when it fails */
Array *py_array_get(PyObject *o); /* borrowed; NULL and TypeError when it is none */
int py_array_own(PyObject *o);    /* so that its memory may be handed out for writing */
int py_array_init(PyObject *module);
/* The context of calls that are made with the GIL held: no ranks, no host. */
Cx *py_cx(void);

/* -- py_numpy.c -------------------------------------------------------------------- */
enum { NP_DIMS = 16 };
/* An array of NumPy's: valid while the object lives and is not resized. */
typedef struct NpArray {
    void *data; /* of element 0, 0, .. */
    idx n;      /* elements */
    int ndim, item;
    idx shape[NP_DIMS], stride[NP_DIMS]; /* strides: bytes */
    Type type;
    bool contiguous, aligned, writeable; /* contiguous: in C's order */
} NpArray;
int py_np_read(PyObject *array, NpArray *out);
/* A column over n elements from data on, which lie in the memory of keep. Read-only for
 * us, since its owner may look. */
MUST_USE Status py_np_borrow(Cx *cx, const NpArray *in, void *data, idx n,
                             PyObject *keep, Array **out);
/* Copies the elements in C's order to flat memory, or back. */
void py_np_copy(const NpArray *a, void *flat, bool to_flat);
PyObject *py_from_numpy(PyObject *self, PyObject *arg);
PyObject *py_np_new(PyObject *array); /* NumPy's array over a _core.Array */
/* What NumPy asks a _core.Array for: AttributeError for text. */
PyObject *py_np_struct(const Array *a);
PyObject *py_np_interface(const Array *a);
int py_numpy_init(void);

/* -- py_late.c --------------------------------------------------------------------- */
/* The code generator at path (shoal_llvm.so), loaded on first use and never unloaded;
 * NULL and *why when it can't be. Without the GIL too. */
const CodegenApi *py_codegen(const char *path, const char **why);
void py_codegen_at(const char *path); /* where it is, for: */
Status py_late(void *data, const LateCode *code, void **out, Err *err); /* Host.late */

/* -- py_host.c --------------------------------------------------------------------- */
/* What a compile asks: the Python object that answers. */
typedef struct PyFront {
    PyObject *host;
    Intern *names;
    Arena *arena;
} PyFront;
extern const FrontHost py_front_host;
/* What a run asks: the Python object that answers. */
typedef struct PyRun {
    PyObject *host;
} PyRun;
extern const Host py_run_host;

/* compile_flags() of the face. */
int py_flags_read(Arena *a, PyObject *d, DistFlags *f);

/* -- py_func.c --------------------------------------------------------------------- */
/* A slot of a letter of rt/slot.h from a Python value: arrays and texts are borrowed
 * from it. */
int py_slot_read(char letter, PyObject *v, Slot *s);
/* The value of a slot of a result; takes the references of arrays. */
PyObject *py_slot_new(char letter, const Slot *s);
OutKind py_out_kind(char letter);
/* All slots as a list, or none: takes the references of arrays in any case. */
PyObject *py_slots_new(const char *letter, Slot *out, idx n);
int py_func_init(PyObject *module);
/* The entry of a Program; NULL and TypeError for other objects. */
ShoalMain *py_program_main(PyObject *o);
/* In the main thread: SIGINT sets the call's abort word until py_interrupt_unwatch. */
bool py_interrupt_watch(struct Cx *cx);
void py_interrupt_unwatch(void);

/* -- py_quick.c -------------------------------------------------------------------- */
int py_quick_init(PyObject *module);
/* -- py_ranks.c -------------------------------------------------------------------- */
struct Comm;
/* The ranks that this process is one of: a world of one until they are opened. */
struct Comm *py_world(void);
extern PyMethodDef py_ranks_methods[];

/* -- py_segment.c ------------------------------------------------------------------ */
/* The end of a borrowed buffer whose memory the object arg keeps: takes the GIL, lets
 * it go. Nothing once the interpreter has ended. */
void py_release_object(void *data, void *arg);
extern PyMethodDef py_segment_methods[];
