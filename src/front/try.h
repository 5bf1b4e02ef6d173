/* SPDX-License-Identifier: Apache-2.0
 * Shared by exc.c, lower_try.c and recover.c: exceptions, and the states of a try body
 * that its handler may find.
 */
#pragma once
#include "front/front_int.h"

enum { EXC_CLASS, EXC_MADE, EXC_CAUGHT, EXC_TYPE }; /* ck of an A_EXC */

/* A raise of the user's seen in a try body. */
typedef struct Raised {
    int code;
    int64_t cls;
    idx n;
    Type *type; /* of its arguments */
} Raised;

/* The state after a statement that assigned something; the node marks its place. */
typedef struct Commit {
    Node *mark;
    Heap *before, *after;
} Commit;

struct Trying {
    struct Trying *up;
    const Ast *s;
    idx ncell; /* cells that were there when the try began */
    VEC(Commit) commit;
    VEC(Raised) raised;
};
typedef struct Trying Trying;

struct Handling {
    struct Handling *up;
    AVal *exc;
};
typedef struct Handling Handling;

/* -- exc.c --------------------------------------------------------------------------
 */
AVal *exc_from_host(Front *f, const char *text, int number);
AVal *exc_class(Front *f, AVal *v); /* NULL: it is no class of exceptions */
AVal *exc_new(Front *f, AVal *cls, AVal *const *arg, idx n);
/* The same with keywords. */
AVal *exc_called(Front *f, AVal *cls, AVal *const *arg, idx n, const char *const *kw,
                 AVal *const *kwval, idx nkw);
AVal *exc_test(Front *f, Val *h, AVal *const *cls, idx n);
/* What `as e` gives: body is the region that failed. */
AVal *exc_caught(Front *f, const Trying *t, Val *h, AVal *const *cls, idx ncls,
                 const Region *body);
/* A handler begins with what exc_caught gave. */
void exc_enter(Front *f, AVal *e, const Ast *handler);
/* Of the instance of a class of exceptions (exc.c): what super() finds behind all
 * classes of the user's. */
bool exc_base_has(const char *name);
AVal *exc_base_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx n);
void exc_emit(Front *f, ErrCode code, const char *text, Val *message);
void exc_raise(Front *f, AVal *e);
/* A KeyError of this key may be raised here: what `e.args` has. False: the key is no
 * plain value. */
bool exc_note_key(Front *f, const Val *key);
AVal *exc_text(Front *f, AVal *e, bool repr);
/* isinstance() of an instance and a class, or a tuple of classes. */
AVal *exc_isinstance(Front *f, AVal *e, AVal *classes);
AVal *exc_type(Front *f, const AVal *e); /* type() of an instance */
AVal *exc_attr(Front *f, AVal *e, const char *name);
void exc_finish(Front *f);
void lower_raise(Front *f, const Ast *s);
bool lower_assert(Front *f, const Ast *s);

/* -- lower_try.c ---------------------------------------------------------------------
 */
bool lower_try(Front *f, const Ast *s);
/* The statement fails whenever control gets there (f->fn->err says how): whether that
 * is for a handler to take, and not a refusal. */
bool try_takes(const Front *f);
/* A statement of the body has changed the state from `before`. */
void try_commit(Front *f, const Heap *before);

/* -- check.c -------------------------------------------------------------------------
 */
/* The statement failed while the function is only checked: notes the problem, gives its
 * targets an error value and goes on with what it contains. */
void check_failed(Front *f, const Ast *s);

/* -- recover.c ------------------------------------------------------------------------
 */
/* Runs a step that may throw. False when it threw: what it emitted in the present
 * region is taken away, the record is f->fn->err. */
bool front_attempt(Front *f, void (*run)(Front *f, void *data), void *data);
/* The same; when it threw what a handler or the caller is to see (try_takes), what it
 * emitted before stays. */
bool front_attempt_part(Front *f, void (*run)(Front *f, void *data), void *data);
/* The same for a step that lowers another Fn: f->fn is the caller's to set back. */
bool front_attempt_in(Front *f, void (*run)(Front *f, void *data), void *data);
/* Throws on what front_attempt has caught. */
NORETURN void front_rethrow(Front *f);
