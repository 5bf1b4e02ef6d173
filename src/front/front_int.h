/* SPDX-License-Identifier: Apache-2.0
 * What the files of the core share: scopes, the heap and its snapshots, joins of
 * control flow, and the entry points of the lowering files.
 *
 * State. Everything that an assignment can change lives in a numbered cell of the Heap:
 * a variable of some function's scope, the contents of a frame, of a list, dict or set.
 * A snapshot is a copy of the cells; contents are copied when first written after it.
 * The values themselves (AVal) never change.
 */
#pragma once
#include "front/aval.h"

typedef enum CellKind {
    C_ABSENT, /* made on another path */
    C_VAR,
    C_FRAME,
    C_ITEMS, /* of a list, dict or set, known when compiling */
    C_BOX,   /* of one that exists at run time: its handle */
    C_CLASH, /* contents that have no joint form: an error when used */
} CellKind;

typedef struct Cell {
    uint8_t kind;  /* CellKind */
    uint8_t akind; /* C_ITEMS, C_BOX: A_LIST, A_DICT or A_SET */
    Loc made;      /* C_ITEMS: where the container is written */
    int32_t epoch; /* contents may be edited in place when it is the heap's */
    union {
        AVal *var;
        Frame *frame;
        Container *items;
        Val *box;        /* C_BOX: a TY_OBJ value */
        const char *why; /* C_CLASH */
        void *p;
    };
} Cell;

struct Heap {
    VEC(Cell) cell;
    int32_t epoch;
};
typedef struct Heap Heap;

/* How a block was left: the values of the cell `done` of an activation. */
enum { DONE_NO, DONE_RETURN, DONE_BREAK, DONE_CONTINUE };

/* The evaluated arguments of a call whose callee is known by name. */
typedef struct CallArgs {
    const char *name; /* "len" */
    AVal *const *arg;
    idx narg;
    const char *const *kw;
    AVal *const *kwval;
    idx nkw;
} CallArgs;
/* words.c: the keywords that stand for positional arguments at their places, the others
 * are among the words; TypeError. */
CallArgs call_words(Front *f, const CallArgs *c, const char *words);

/* A run-time loop being lowered: where break and continue go. */
typedef struct Path {
    Region *region;
    Heap *heap;
    Loc loc;
    bool is_break;
} Path;
typedef struct Loop {
    struct Loop *up; /* the next loop outside in the same activation */
    bool unrolled;   /* at compile time: break and continue set `done` */
    bool within_try; /* a try inside of `up`: as if unrolled, see lower_try.c */
    int32_t broke;   /* 1 + cell: left by break, for its else; 0: it has none */
    bool parallel;   /* prange */
    VEC(Path) path;  /* open ends of the body: to be closed by continue or break */
    struct Prange *prange; /* prange.c's own */
} Loop;

/* One activation of a user's function. */
struct Scope {
    struct Scope *up;              /* lexically enclosing function; NULL at the root */
    VEC(const char *) name;        /* locals, interned */
    VEC(int32_t) cell;             /* their cells */
    VEC(const char *) outer;       /* names declared nonlocal */
    VEC(const char *) global;      /* names declared global */
    bool comp;                     /* of a comprehension: := binds outside of it */
    int fn;                        /* the host's number: serves names not found here */
    int32_t file;                  /* row of fn->files */
    int32_t ret, done;             /* cells: value returned, how the block was left */
    const char *fname;             /* for messages */
    Loop *loop;                    /* innermost loop of this activation */
    Loc call;                      /* where it was called */
    struct Scope *caller;          /* activation that called it */
    const Ast *def;                /* the function */
    const struct DistFlags *flags; /* of a jit function; NULL */
    VEC(const char *) flags_used;  /* names in them that were found */
};
typedef struct Scope Scope;

/* -- heap.c ------------------------------------------------------------------------ */
int32_t heap_cell(Front *f, CellKind kind, void *p);
Heap *heap_save(Front *f);                  /* a snapshot; both sides copy on write */
void heap_load(Front *f, const Heap *from); /* makes a snapshot the present state */
AVal *heap_var(Front *f, int32_t cell);
void heap_set_var(Front *f, int32_t cell, AVal *v);
void heap_put(Front *f, int32_t n, Cell c); /* contents of any kind */

/* -- front.c ----------------------------------------------------------------------- */
AVal *av_new_kind(Front *f, AKind kind);
AVal *av_container(Front *f, AKind kind, AVal *const *key, AVal *const *item, idx n);
/* Evaluates the host's function with its parameters bound to arg, as the root. */
AVal *lower_root(Front *f, int fn, AVal *const *arg, idx narg);

/* -- scope.c ----------------------------------------------------------------------- */
Scope *scope_new(Front *f, Scope *up, int fn, int32_t file, const char *fname);
void scope_declare(Front *f, Scope *s, const char *name);
void scope_declare_block(Front *f, Scope *s, const AstList *body);
/* s is no scope of Python's: what := sets in the body is a variable around it. */
void scope_walrus(Front *f, Scope *s, const AstList *body);
AVal *scope_load(Front *f, const char *name);
/* One more of the values of the surrounding code that HostVals (H_ROWS) number. */
void outside_add(Front *f, AVal *v);
AVal *scope_check(Front *f, const char *name, AVal *v);
const char *scope_cell_name(const Front *f, int32_t cell);
void scope_store(Front *f, const char *name, AVal *v);
/* Of a local variable that no recursion assigns; -1. */
int32_t scope_cell(const Front *f, const char *name);
/* A function that calls itself assigns the variable of the cell, which is one of a
 * function around it (in: where that one is defined): the evaluation starts over with
 * the variable in an object. Returns when that can't help: frames and Series. */
void scope_share(Front *f, Scope *in, int32_t cell);
void scope_delete(Front *f, const char *name);
void scope_unbind(Front *f, const char *name); /* the same when it may be unbound */
/* Cells of the variables that the statements may assign, in the current scope. */
typedef struct Cells {
    VEC(int32_t) at;
} Cells;
void scope_assigned(Front *f, const AstList *body, Cells *out);
void scope_target_cells(Front *f, const Ast *target, Cells *out);
AVal *av_from_host(Front *f, const HostVal *h);
bool av_to_host(Front *f, const AVal *v, HostVal *out); /* false: not a constant */

/* What an instance of subfn.c sees of a variable outside of it. */
AVal *sub_load(Front *f, int32_t cell, AVal *v);
/* A statement may be given up because a result is not known yet: see subfn.c. */
bool sub_guesses(const Front *f);
void sub_finish(Front *f);

/* Gives the statement up without a word: it uses what has failed before. check.c */
NORETURN void check_silently(Front *f);

AVal *scope_peek(Front *f, const char *name); /* NULL: not bound in any scope */

/* -- live.c ------------------------------------------------------------------------ */
/* name is read somewhere in e, but for the part `skip`. */
bool live_loads(const Ast *e, const Ast *skip, const char *name);
/* An iteration may read name before it assigns it. */
bool live_exposed(const AstList *body, const char *name);
bool live_decides(Front *f, const AstList *body, const char *name);
bool live_breaks(const AstList *body);
bool live_returns(const AstList *body); /* a return of this function */
/* Statement s has a return of this function, or a break or continue of the loop around
 * it. */
bool live_leaves(const Ast *s, AstKind how);

/* -- join.c ------------------------------------------------------------------------ */
typedef struct Join Join; /* join.h */
/* Ends the open paths of an IF by yields and makes the joined state the present one. */
void join_if(Front *f, Node *n, Path *path, int npath, const Heap *base);
bool val_is_hole(const Val *v);
/* Cell n is about to be changed, or to become an object: what may be the same object
 * is no longer what it was. join_obj.c */
void alias_changed(Front *f, int32_t n);

/* -- lower_*.c --------------------------------------------------------------------- */
AVal *lower_expr(Front *f, const Ast *e);
AVal *lower_cond(Front *f, const Ast *e); /* of a test: A_CONST bool or A_SCALAR bool */
AVal *lower_truth(Front *f, AVal *v);
AVal *opt_unwrap(Front *f, AVal *v); /* of an A_OPT its value, TypeError when None */
AVal *opt_need(Front *f, AVal *v, ErrCode code, const char *text); /* with this text */
/* "int", "list" .. where v is an object of Python's own; NULL. */
const char *python_class(const AVal *v);
/* TypeError with the text, whose %s is v's class, if v is a number, None or the like.
 */
void front_check_iterable(Front *f, const AVal *v, const char *text);
const char *element_text(Front *f, Type t); /* of an element, in Python's words */
const char *front_class_text(Front *f, const AVal *v); /* that, or v's type in words */
AVal *opt_iterable(Front *f, AVal *v);
bool opt_has_rows(const AVal *v); /* a frame, Series or array, or None */
/* Refuses such a value where it would have to be tested first. */
void opt_refuse(Front *f, const AVal *v);
AVal *lower_binop(Front *f, AstKind op, AVal *a, AVal *b);
AVal *lower_compare(Front *f, AstKind op, AVal *a, AVal *b);
AVal *lower_comp(Front *f, const Ast *e);
AVal *lower_fstring(Front *f, const Ast *e);
AVal *lower_subscript(Front *f, AVal *v, AVal *key);
void lower_store(Front *f, AVal *v, AVal *key, AVal *value);
void lower_remove(Front *f, AVal *v, AVal *key);
AVal *front_getattr(Front *f, AVal *v, const char *name);
/* A method of the op table, OP_COUNT: of an object of front/. */
AVal *av_method(Front *f, AVal *self, int op, const char *name);
void lower_unreachable(Front *f);
void lower_revive(Front *f);
bool lower_leave(Front *f, int how, AVal *v);
/* The state after `if cond: a else b` as expressions or any two actions. */
typedef AVal *Thunk(Front *f, void *data);
AVal *lower_choice(Front *f, AVal *cond, Thunk *yes, Thunk *no, void *data);
/* A check of a scalar: raises when cond holds. cond: A_CONST or A_SCALAR bool. */
void lower_raise_if(Front *f, AVal *cond, ErrCode code, const char *text);
/* The same, ValueError with repr(v) before the text. */
void lower_raise_shown(Front *f, AVal *cond, AVal *v, const char *text);
/* IF cond {arm 0} {arm 1}, each returning whether its end is reached; the states are
 * joined. True when control goes on. */
typedef bool ArmFn(Front *f, void *data, int k);
bool lower_fork(Front *f, Val *cond, ArmFn *run, void *data);
/* The body where cond (a const or run-time bool) holds. */
bool lower_when(Front *f, AVal *cond, const AstList *body);
/* The statements that a match statement is short for: match.c. */
AstList lower_match(Front *f, const Ast *s);
/* Statements; true when control may reach the end. */
bool lower_body(Front *f, const AstList *body);
void lower_assign(Front *f, const Ast *target, AVal *v);
bool lower_for(Front *f, const Ast *s);
bool lower_while(Front *f, const Ast *s);
/* The items of an iterable known at compile time; false when it is not. */
bool lower_items(Front *f, AVal *v, AVal ***item, idx *n);
/* A range whose numbers are not looked at one by one when compiling: not known, or
 * many. */
bool range_is_run(Front *f, const AVal *v);
AVal *lower_call(Front *f, const Ast *e);
AVal *lower_function(Front *f, const Ast *def); /* FunctionDef, Lambda: a value */
AVal *lower_inline(Front *f, AVal *fnv, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw);
/* Functions of Python itself (builtins.len, math.pi, pd.Timestamp ...): NULL when name
 * is none of them. */
AVal *builtin_call(Front *f, const char *name, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw);
bool builtin_is(const char *name);
/* What type(v) is called: "int", "np.float64"; "" if nothing says. */
const char *builtin_type_name(const AVal *v);
Val *val_put(Front *f, Op op, Val *const *arg, int narg, Type t, Axis *axis);
Node *node_put(Front *f, Region *r, Op op, Val *const *arg, int narg, int nres);

/* -- build_linalg.c: products of vectors and matrices; what: "dot", "matmul" --------
 */
AVal *np_product(Front *f, AVal *a, AVal *b, const char *what);
/* A factor of a matrix (kernel/linalg_factor.c) as one vector; arg: the matrix, for
 * least squares also the right sides and the limit of what counts as zero. */
AVal *np_factor(Front *f, const char *what, AVal *const *arg, idx narg);

/* -- build_library.c --------------------------------------------------------------- */
#define LIBRARY_QUIET                                                                  \
    "np.errstate()" /* the name of the object that np.errstate() gives */
/* np.c_[key] and the like; NULL: v is none. */
AVal *library_subscript(Front *f, const AVal *v, AVal *key);
/* What a ufunc gave, stored in its argument out where the argument where holds. */
AVal *library_out(Front *f, AVal *r, const char *ufunc, const char *const *kw,
                  AVal *const *kwval, idx nkw);
/* The library's function for a name, called. */
AVal *library_call(Front *f, const char *name, AVal *const *arg, idx narg);
/* An attribute of np.finfo(dtype) or np.iinfo(dtype); NULL: v is neither. */
AVal *library_limit(Front *f, const AVal *v, const char *name);

/* -- lib.c: functools, itertools, functions that operator makes; NULL: none of them --
 */
bool lib_is(const char *name);
AVal *lib_call(Front *f, const char *name, AVal *const *arg, idx narg,
               const char *const *kw, AVal *const *kwval, idx nkw);
/* What itemgetter(), attrgetter(), partial() and the like make: lib_made() says so. */
bool lib_made(const AVal *v);
AVal *lib_call_made(Front *f, const AVal *m, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw);
AVal *lib_starred(Front *f, AVal *fnv); /* a function of a tuple of its arguments */

/* -- math.c: functions of math; NULL when name is none of them --------------------- */
bool math_is(const char *name);
AVal *math_call(Front *f, const char *name, AVal *const *arg, idx narg,
                const char *const *kw, AVal *const *kwval, idx nkw);

AVal *builtin_cast(Front *f, Type t, AVal *const *arg,
                   idx narg); /* int(x), np.float64(x) */

/* -- object.c: tuples, lists, dicts, sets, text known when compiling --------------- */
void dict_set(Front *f, AVal *d, AVal *key, AVal *v);
/* d.update(pairs), of known length; what: the function, for messages. */
void dict_add_pairs(Front *f, AVal *d, AVal *pairs, const char *what);
AVal *set_new(Front *f, AVal *const *item, idx n);
AVal *lower_set_of(Front *f, AVal *v);          /* set(v) */
AVal *lower_keys(Front *f, AVal *v, AVal *fnv); /* [fnv(x) for x in v] */
bool object_has_method(const AVal *v, const char *name);
AVal *object_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw);

/* -- known.c: operators on containers of known contents; NULL: not theirs ------------
 */
AVal *known_binop(Front *f, AstKind op, AVal *a, AVal *b);
AVal *known_compare(Front *f, AstKind op, AVal *a, AVal *b);
bool container_augment(Front *f, AstKind op, AVal *a, AVal *b);

/* -- update.c: pieces of the arguments, and what changed of them --------------------
 */
idx piece_add(Front *f); /* the number of the next piece; its value follows */
void piece_set(Front *f, idx n, AVal *v);
AVal *piece_get(const Front *f, int64_t n);
bool piece_is(const Front *f, int32_t obj); /* a list, dict or set of the arguments */
void pieces_start(Front *f); /* all arguments are there: from here on changes count */
/* An array that is an argument has a cell of its own, as Series have (series.c), so
 * that all names for it see what `+=` makes of it: its value now, and a new one. */
AVal *piece_now(Front *f, AVal *v);
AVal *piece_put(Front *f, const AVal *old, AVal *v);

/* -- series.c: Series as objects ---------------------------------------------------
 */
AVal *series_bind(Front *f, AVal *v); /* something holds v: a Series gets its cell */
/* v as it is now, also what it holds. peek: as far as that is known on this path. */
AVal *series_now(Front *f, AVal *v);
AVal *series_peek(Front *f, AVal *v);
/* The Series old has the rows, index and name of v from here on. UNSUP_CHAINED when
 * nothing holds it. */
AVal *series_put(Front *f, const AVal *old, const AVal *v);
/* The descriptor of v as a piece of the arguments itself: containers, and inside of an
 * update anything that has identity; NULL when it is none. */
Desc *piece_ref(Front *f, const AVal *v);
/* The result's descriptor, wrapped when arguments changed. */
Desc *pieces_update(Front *f, Desc *result, ValVec *out);
bool index_is(const Index *a, const Index *b);
/* desc.c's, for it. was: the contents before, whose columns and index are named instead
 * of listed; NULL. */
Desc *desc_ref(Front *f, int64_t n);
Desc *desc_new(Front *f, DescKind kind, int32_t nchild);
AVal *name_of_desc(Front *f, const Desc *d);
void desc_name(Front *f, Desc *d, const AVal *name); /* of a column or Series */
Desc *frame_out(Front *f, const Frame *t, ValVec *out, const Frame *was);
Desc *items_out(Front *f, AVal *v, ValVec *out);
Desc *data_out(Front *f, AVal *v, ValVec *out); /* a Series or an array */
/* What earlier attempts of the evaluation found out: wider types of containers by the
 * place where they are made, and that values of text arguments decide something. */
typedef struct Hint {
    uint64_t site;
    int k; /* item of the type */
    Type t;
} Hint;
typedef struct RowForm RowForm;
/* A class whose instances are objects of its name: kin.c. */
typedef struct NodeClass {
    NodeType type;
    const char *text;
    Type at;        /* its row of Fn.comps */
    uint64_t site;  /* of the hints of its fields */
    VEC(bool) used; /* fields that this evaluation has read or set */
} NodeClass;
/* An instance of one whose __init__ is being run. */
typedef struct Making {
    struct Making *up;
    int32_t obj;       /* its cell */
    VEC(int32_t) cell; /* variables: field k has been set */
} Making;
/* A variable of the function whose def stands there. */
typedef struct SharedName {
    const char *name, *fname;
    int line, col;
} SharedName;
struct Hints {
    VEC(NodeClass *) nodes;
    bool kin_in;   /* arguments have instances of them, */
    bool kin_gone; /* and what became of those is in the result already */
    VEC(Hint) at;
    VEC(RowForm *) forms; /* of elements that have rows: rowform.c */
    bool counted; /* in a loop whose few rounds are known: tables in containers unroll
                     it */
    int restarts;
    void *outer; /* where errors of the compile are caught */
    bool nested; /* the last error was not where the function begins */
    bool python; /* the TypeError about to be thrown is Python's, which a handler takes
                  */
    bool own_type; /* the last TypeError was such a one */
    bool careful;  /* statements that fail in any case raise where they stand */
    bool maybes;   /* containers of one path only are objects: join.c */
    bool aliases;  /* containers that may be one of two are objects: join_obj.c */
    VEC(SharedName) shared; /* variables that a recursion assigns: scope.c */
    VEC(int32_t) known;     /* slots of the arguments whose texts are constants */
    bool specialise;        /* all of them are */
};

/* -- box.c: containers at run time ------------------------------------------------- */
/* The handle of a list, dict or set that exists at run time; NULL: it does not (yet).
 */
Val *box_get(Front *f, const AVal *v);
/* The handle, made here when there is none: all names of the container see it. */
Val *box_of(Front *f, AVal *v);
/* At the end: starts over when a type was learnt after elements of it were read. */
void box_late(Front *f);
/* The same for cell n, made with type t. */
Val *box_as(Front *f, int32_t n, AKind kind, Type t);
/* The items have a type in common, as far as one can tell without making objects. */
bool box_can(Front *f, const Container *c);
/* The contents of a container as a run-time object of type t, without a change of it.
 */
Val *box_items(Front *f, AKind kind, const Container *c, Type t);
/* update.c: obj is an argument, or in one, and these are the contents that it came
 * with. */
bool piece_has(const Front *f, int32_t obj, const Container *items);
/* What can hold both; false: nothing. */
bool box_join(Front *f, Type a, Type b, Type *out);
Type box_type(Front *f, const AVal *v, Container *c); /* a row of its own */
AVal *box_aval(Front *f, Val *handle);
/* x is a number that a list of the run time can't hold: another kind of number. */
bool box_foreign(Front *f, AVal *v, AVal *x);
AVal *box_temp(Front *f, AKind kind, AVal *const *item, idx n);
/* The type of v as an element; kind TY_NONE for None; false: it can be none. */
bool item_type_of(Front *f, AVal *v, Type *out);
/* -- rowform.c: frames, Series, arrays of more dimensions as elements ---------------
 */
/* The bundle that v is as an element; false: a frame without rows yet. */
bool form_type(Front *f, AVal *v, Type *out);
/* What can hold a and b, which differ, one of them being such a bundle. */
bool form_join(Front *f, Type a, Type b, Type *out);
void form_flatten(Front *f, AVal *v, Type t, ValVec *out);
AVal *form_build(Front *f, Type t, Val *const *leaf, int *k);
AVal *form_array(Front *f, Val *array); /* an element that is a plain array */
/* Of an element that has rows: its descriptor, whose slots are the numbers of its
 * leaves; and the type of what such a descriptor describes. */
Desc *form_desc(Front *f, Type t);
Type form_of_desc(Front *f, const Desc *d);
/* No array of a list or dict that is an argument is written: the host would not know.
 */
void form_check(Front *f);
/* The axis that stands for the rows of all containers (Fn.kept). */
Axis *form_axis(Front *f);
/* pd.concat and np.concatenate of a list at run time. */
AVal *form_concat(Front *f, Val *list, bool ignore_index);
AVal *form_concatenate(Front *f, Val *list);
/* -- box.c again ------------------------------------------------------------------- */
/* Item k of the container type may hold v too: learns open types, widens (which starts
 * the evaluation over), or fails with both types. */
void elem_accept(Front *f, Type box, int k, AVal *v);
void elem_flatten(Front *f, AVal *v, Type t, ValVec *out); /* appended */
AVal *elem_build(Front *f, Type t, Val *const *leaf, int *k);
/* Types of two handles become one; false: they can't. */
bool box_unify(Front *f, Type a, Type b);
/* For kin.c: what is known of item k of what is made at the site, or an open type; the
 * evaluations to come find t there; t or None; and a node whose results are an element.
 */
Type box_open(Front *f, uint64_t site, int k);
void box_hint(Front *f, uint64_t site, int k, Type t);
Type box_or_none(Front *f, Type t);
void box_note_open(Front *f, Node *n, Type t); /* n misses leaves of t: box_late */
AVal *box_elem(Front *f, Op op, const ValVec *arg, Type t, Node **node);
/* Box item types join as far as they can: kinds of what elem_accept does, on types. */
bool box_same(Front *f, Type a, Type b);
/* A node {fn} whose results are elements of t, or one plain value of type t. */
Node *obj_node(Front *f, Op op, const char *fn, const char *args, const ValVec *arg,
               int nres);
Val *obj_call(Front *f, Op op, const char *fn, const char *args, Val *const *arg,
              int narg, Type t);
void box_check_place(Front *f, const AVal *v); /* of pop() and insert(): TypeError */
AVal *box_subscript(Front *f, AVal *v, AVal *key);
bool box_store(Front *f, AVal *v, AVal *key, AVal *value); /* false: not at run time */
bool box_remove(Front *f, AVal *v, AVal *key);
bool box_wants(Front *f, const AVal *v, AVal *const *arg, idx narg);
AVal *box_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                 const char *const *kw, AVal *const *kwval, idx nkw);
bool box_has_method(const AVal *v, const char *name);
AVal *box_listing(Front *f, AVal *v, char what); /* keys k, values v, pairs i */
AVal *box_entry(Front *f, Val *h, Val *e, char what);
AVal *box_len(Front *f, AVal *v);
AVal *box_in(Front *f, AVal *x, AVal *v);
AVal *box_binop(Front *f, AstKind op, AVal *a, AVal *b);       /* NULL */
AVal *box_compare(Front *f, AstKind op, AVal *a, AVal *b);     /* NULL */
AVal *box_same_object(Front *f, const AVal *a, const AVal *b); /* `is` of objects */
/* A list of what v goes through, for methods that take any iterable. */
AVal *box_iterated(Front *f, AVal *v);
NORETURN void front_restart(Front *f);
bool arg_is_lazy(const AVal *v); /* an argument's value that is not looked at yet */
/* The same, and names are not computed from it (front_specialise): a run-time value. */
bool arg_is_run(Front *f, const AVal *v);

/* -- narrow.c: what a test says of names that may be None -------------------------- */
enum { NARROW_MAX = 4 };
typedef struct Narrow {
    int32_t cell[NARROW_MAX];
    AVal *was[NARROW_MAX], *is[NARROW_MAX];
    int n;
} Narrow;
/* Where `test` turned out as truth says, its names that are not None are plain values
 * until narrow_leave, unless they are assigned. */
void narrow_enter(Front *f, Narrow *w, const Ast *test, bool truth);
void narrow_leave(Front *f, const Narrow *w);

/* -- iter.c: going through what exists at run time ----------------------------------
 */
bool iter_is_run(Front *f, const AVal *v);
AVal *iter_view(Front *f, const char *name, AVal *const *item, idx n);
/* next(iter(x)), next(x for x in ...): the first item; refuses iterators in names. */
AVal *iter_next(Front *f, const Ast *e);
/* any() or all() of a generator, which is asked for no more items than Python asks. */
AVal *iter_any_of(Front *f, const Ast *gen, bool any);
AVal *iter_zip(Front *f, AVal *const *item, idx n, bool strict);
AVal *iter_open(Front *f, AVal *v); /* with items by number: */
AVal *iter_count(Front *f, AVal *v);
AVal *iter_item(Front *f, AVal *v, AVal *i);
AVal *iter_comp(Front *f, const Ast *e, AVal *first);
void iter_unpack(Front *f, const Ast *t, AVal *v); /* t: a Tuple or List as target */
AVal *iter_sum(Front *f, AVal *v, AVal *start);
AVal *iter_any(Front *f, AVal *v, bool any);
AVal *iter_best(Front *f, AVal *v, bool min, AVal *key, AVal *dflt);
AVal *iter_pairs(Front *f, AVal *v);             /* dict(v) */
AVal *iter_fields(Front *f, AVal *v, AVal *key); /* [x[key] for x in v] */
/* [nan if x is None else float(x) for x in v] */
AVal *iter_floats(Front *f, AVal *v);
/* np.array() of what exists at run time, elements of type *t; NULL: of their own. */
AVal *iter_array(Front *f, AVal *v, const Type *t);
/* reduce(fnv, l, start), start NULL: the first element. */
AVal *iter_reduce(Front *f, AVal *fnv, AVal *l, AVal *start);
AVal *iter_filter(Front *f, AVal *v, AVal *fnv);
/* The loop when its body may change the list: *done. */
/* Whether statements can make a list longer or shorter, or give its items others. */
bool iter_changes(const AstList *body);
/* What is left of the loop s over v (lists, or views of some) from item `from` on, as
 * the lists are when each item is asked for. true: control goes on behind it. */
bool iter_live(Front *f, const Ast *s, AVal *v, idx from);
/* An unrolled loop over n items of what its body may change: follow.c. NULL: it can't.
 */
typedef struct Follow Follow;
Follow *follow_new(Front *f, const Ast *s, AVal *of, idx n);
/* Before turn i: *item is replaced if it is another one now, NULL: there is none.
 * *over: the rest of the loop is done, and the result is whether control goes on behind
 * it. */
bool follow_turn(Front *f, Follow *w, idx i, AVal **item, bool *over);

/* -- build_iter.c: values of a Series or Index, rows of a frame --------------------
 */
bool column_is_iter(const AVal *v); /* a Series or Index of rows */
AVal *column_open(Front *f, AVal *v);
AVal *column_item(Front *f, AVal *view, AVal *i); /* of a view "column" */
AVal *rows_item(Front *f, AVal *view, AVal *i);   /* of a view "rows" */
/* A row of a frame: a dict of label to scalar marked "row" (v->s), v->type: of its
 * items, or TY_NONE, v->name: its label where that is known when compiling. */
bool is_row(const AVal *v);
AVal *row_take(Front *f, const Frame *t, AVal *pos); /* df.iloc[pos]; E_INDEX */
AVal *row_series(Front *f, AVal *v);                 /* as a result */
AVal *column_has(Front *f, AVal *x, AVal *v); /* x is one of the index's labels */
/* A field of a time that may be NaT ("int64?", float64 when it is missing), or the date
 * of one, where it must have one type: ValueError when it is missing. */
static inline bool front_settles(Type t)
{
    return t.kind == TY_SCALAR && ((t.null == NULL_PROM && t.dt == DT_I64) ||
                                   (t.null == NULL_MASK && t.dt == DT_DATE));
}
Val *front_settled(Front *f, Val *v);
/* An element as Python has it: its own int and float, whatever the width. udf.c */
AVal *front_python(Front *f, Val *v);

/* An object of the host that only Python can use; what: "an operator on a"; NULL: it is
 * called. */
NORETURN void front_host_unsup(Front *f, const AVal *v, const char *what);
/* -- record.c: named tuples, dataclasses, enums ------------------------------------ */
#define NOT_IMPLEMENTED "builtins.NotImplementedType"
const Record *record_of(Front *f, const char *text);
AVal *record_new(Front *f, const Record *r, AVal *const *item, idx n); /* an instance */
AVal *record_class(Front *f, const char *text, AVal *const *dflt, idx n);
AVal *record_default_dict(Front *f, AVal *const *arg, idx narg);
/* The default of a field: of a default_factory what a call of it gives. */
AVal *record_default(Front *f, AVal *v);
AVal *record_call(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                  const char *const *kw, AVal *const *kwval, idx nkw);
AVal *record_subscript(Front *f, AVal *v, AVal *key);   /* Color["RED"]; NULL */
AVal *record_members(Front *f, const AVal *cls);        /* of an enum; NULL */
AVal *record_attr(Front *f, AVal *v, const char *name); /* NULL */
bool record_has_method(const AVal *v, const char *name);
/* What the class defines itself: a method (bound), the value of a property, a constant;
 * NULL: nothing that is compiled. */
AVal *record_member(Front *f, AVal *v, const char *name);
/* Its special method "__len__" ... called; NULL: it has none of its own. */
AVal *record_special(Front *f, const char *name, AVal *self, AVal *const *arg,
                     idx narg);
AVal *record_operator(Front *f, AstKind op, AVal *a, AVal *b); /* NULL */
AVal *record_augment(Front *f, AstKind op, AVal *a, AVal *b);  /* NULL */
AVal *record_method_of(Front *f, AVal *v, const char *name);   /* bound; NULL */
bool record_defines(Front *f, const Record *r, const char *name);
bool record_has_property(Front *f, const AVal *v, const char *name);
AVal *record_super_attr(Front *f, const AVal *v, const char *name);
AVal *record_iterated(Front *f, AVal *v); /* what __iter__ gives; else v */
AVal *record_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw);
/* Functions of dataclasses; NULL: name is none. */
AVal *record_function(Front *f, const char *name, AVal *const *arg, idx narg,
                      const char *const *kw, AVal *const *kwval, idx nkw);
AVal *record_compare(Front *f, AstKind op, AVal *a, AVal *b); /* NULL */
AVal *record_binop(Front *f, AstKind op, AVal *a, AVal *b);   /* NULL */
AVal *record_truth(Front *f, AVal *v);                        /* NULL */
AVal *record_text(Front *f, AVal *v, bool repr);              /* NULL */
AVal *record_plain(AVal *v);          /* a member of an IntEnum as its int */
bool record_is_opaque(const AVal *v); /* a tuple that is no sequence to Python */

/* -- instance.c: objects of plain classes ------------------------------------------ */
bool instance_is(const AVal *v);
AVal *instance_attr(Front *f, AVal *v, const char *name); /* NULL */
void instance_set(Front *f, AVal *v, const char *name, AVal *value);
AVal *instance_new(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw);
AVal *instance_same(Front *f, AVal *a, AVal *b);    /* `is` */
bool instance_of(const AVal *v, const Record *cls); /* or of a base */
AVal *instance_super(Front *f);                     /* super() */
/* Refuses to compare elements of type t by their parts where a class says otherwise. */
void instance_check_equal(Front *f, Type t, bool order);
/* The elements of such a container are keys: TypeError where they have no hash. */
void instance_check_key(Front *f, Type t);
/* Of a dataclass: the values of its fields, or of those that are compared, as a tuple.
 */
AVal *instance_values(Front *f, AVal *v, bool compared);
AVal *instance_text(Front *f, AVal *v); /* as its decorator's __repr__ */
/* dataclasses.replace, asdict, astuple. */
AVal *instance_function(Front *f, const char *name, AVal *v, const char *const *kw,
                        AVal *const *kwval, idx nkw);
/* Why a and b don't meet, where that is a matter of classes: throws, or returns. */
void instance_explain(Front *f, Type a, Type b);

/* -- kin.c: instances of classes that hold their own kind -------------------------
 */
bool kin_is_class(const Front *f, const Record *r);
Val *kin_handle(Front *f, const AVal *v); /* NULL: v is no such instance */
/* The value becomes part of `of`, an instance of the class that is a structure; NULL:
 * of one that is made. Starts over when that can't be one. */
void kin_watch(Front *f, const Record *cls, const AVal *of, AVal *value);
/* The classes that are part of t, or of the contents of v, are such ones from now on:
 * starts over if that is new. Else there is none: false. */
bool kin_learn_types(Front *f, Type t);
void kin_learn_class(Front *f, const Record *r);
void kin_learn_values(Front *f, AVal *v);
void kin_refuse(Front *f, const Record *r); /* as an argument, where it is such one */
bool kin_has(Front *f, Type t);             /* such instances are in t */
bool kin_inside(Front *f, AVal *v);         /* v is such an instance, or holds one */
/* The result comes with what became of instances of the arguments. */
bool kin_writes(Front *f);
/* What the code of a packed result is of: with the classes of such instances. */
Type kin_out(Front *f, const Val *h, const Val *packed, Desc *d);
/* v leaves the function: where an instance in it holds others of its class it becomes
 * such an instance, so that what is shared stays so. */
void kin_leaves(Front *f, AVal *v);
void kin_start(Front *f);  /* before an evaluation */
void kin_settle(Front *f); /* behind it */
/* For kin_in.c: r is such a class, its type, and what arguments have in its field k. */
void kin_found(Front *f, const Record *r);
Type kin_type(Front *f, const Record *r);
void kin_learn_field(Front *f, const Record *r, idx k, const char *name, bool none,
                     bool unset, Type t);
/* kin_in.c: an argument that _kin.py has packed. */
AVal *kin_in(Front *f, const Desc *d, Val *packed);
/* A new instance without attributes; from here to kin_made its __init__ runs. */
AVal *kin_new(Front *f, const Record *r, Making **making);
void kin_made(Front *f, const AVal *v, const Making *m);
AVal *kin_get(Front *f, AVal *v, const char *name); /* NULL */
void kin_set(Front *f, AVal *v, const char *name, AVal *value);

/* -- times.c: single times -------------------------------------------------------- */
bool time_is(const AVal *v);
const char *time_class_name(const AVal *v); /* "datetime.date", "Timestamp" ... */
AVal *time_attr(Front *f, AVal *v, const char *name); /* NULL */
bool time_has_method(const AVal *v, const char *name);
AVal *time_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                  const char *const *kw, AVal *const *kwval, idx nkw);
/* Constructors: NULL when name is none, or what the op table has a row for. */
bool time_call_is(const char *name);
AVal *time_call(Front *f, const char *name, AVal *const *arg, idx narg,
                const char *const *kw, AVal *const *kwval, idx nkw);
AVal *time_binop(Front *f, AstKind op, AVal *a, AVal *b);   /* NULL */
AVal *time_compare(Front *f, AstKind op, AVal *a, AVal *b); /* NULL */
AVal *time_truth(Front *f, AVal *v);
AVal *time_unary(Front *f, char op, AVal *v); /* + - a (absolute value); NULL */

/* -- strings.c: text at run time --------------------------------------------------- */
bool text_is_run(Front *f, const AVal *v); /* a str that is (also) a run-time value */
bool text_has_method(const char *name);
AVal *text_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                  const char *const *kw, AVal *const *kwval, idx nkw);
AVal *text_subscript(Front *f, AVal *v, AVal *key);
AVal *text_binop(Front *f, AstKind op, AVal *a, AVal *b);   /* NULL */
AVal *text_compare(Front *f, AstKind op, AVal *a, AVal *b); /* NULL */
AVal *text_len(Front *f, AVal *v);
bool text_int_is(const AVal *v);              /* what may be an index or a count */
Val *text_int_arg(Front *f, AVal *v);         /* as int64; TypeError */
AVal *text_part(Front *f, AVal *v, AVal *s);  /* of text or bytes */
AVal *text_str(Front *f, AVal *v, bool repr); /* str() or repr() of any value */
AVal *text_format(Front *f, AVal *v, AVal *spec);
AVal *text_number(Front *f, AVal *v, AVal *base); /* base NULL: float() */
AVal *text_ord_of(Front *f, AVal *v);
AVal *text_chr(Front *f, AVal *v);
Val *text_char_code(const Val *v); /* of s[i]: its number, NULL for other text */

/* -- bytes.c ----------------------------------------------------------------------- */
bool bytes_is(const AVal *v);
Type bytes_type(void);
AVal *bytes_len(Front *f, AVal *v);
AVal *bytes_subscript(Front *f, AVal *v, AVal *key);
AVal *bytes_binop(Front *f, AstKind op, AVal *a, AVal *b);   /* NULL */
AVal *bytes_compare(Front *f, AstKind op, AVal *a, AVal *b); /* NULL */
bool bytes_has_method(const char *name);
/* Also str.encode(). */
/* A value as a field of an f-string: how: r s a, or 0; spec: a constant or not. */
AVal *text_formatted(Front *f, AVal *v, char how, AVal *spec);
/* template.c: self.format(...) of a constant. */
AVal *text_template(Front *f, AVal *self, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw);
/* percent.c: template % values; NULL: no text, or known when compiling. */
AVal *text_percent(Front *f, AVal *template, AVal *values);
AVal *bytes_ascii(Front *f, AVal *text); /* what is not ASCII as escapes */
AVal *bytes_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw);
AVal *bytes_made(Front *f, AVal *const *arg, idx narg); /* bytes(...) */
AVal *bytes_fromhex(Front *f, AVal *v);

/* -- number.c, cmath.c: numbers as objects ----------------------------------------- */
AVal *num_attr(Front *f, AVal *v, const char *name); /* NULL */
bool num_has_method(const AVal *v, const char *name);
AVal *num_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                 idx nkw);
AVal *av_complex(Front *f, double re, double im); /* a run-time value */
/* Refuses what a runtime call would do wrong with complex numbers: front.c. */
void front_check_complex(Front *f, Op op, Val *const *arg, int narg);
bool num_is_complex(const AVal *v); /* a complex scalar */
bool num_is_single(const AVal *v);  /* a scalar of float32 or complex64 */
AVal *num_plain(Front *f, AVal *v); /* Python's bool as int; others stay */
AVal *num_real(Front *f, AVal *v);
AVal *num_imag(Front *f, AVal *v);
AVal *num_complex(Front *f, AVal *re, AVal *im); /* complex(re, im); either NULL */
AVal *num_size(Front *f, AVal *v);               /* abs() of a complex scalar */
/* abs(z) < x and the like; NULL: nothing special. */
AVal *num_compare(Front *f, AstKind op, AVal *a, AVal *b);
bool cmath_is(const char *name); /* "cmath.exp" */
AVal *cmath_call(Front *f, const char *name, AVal *const *arg, idx narg,
                 const char *const *kw, AVal *const *kwval, idx nkw);
/* -- category.c: columns of dtype category ------------------------------------------
 */
/* Refuses what a runtime call would do wrong with codes. */
void front_check_category(Front *f, Op op, Val *const *arg, int narg);
/* days.c: refuses what is not done to columns of datetime.timedelta objects. */
void front_check_deltas(Front *f, Op op, Val *const *arg, int narg);
/* zone.c: refuses what is not done to times with a time zone. */
void front_check_zone(Front *f, Op op, Val *const *arg, int narg);
/* The same for the operands of an element-wise operation: the zone that a time which
 * it gives has, 0: none is one with a zone. */
uint16_t zone_operands(Front *f, Op op, Val *const *arg, int narg);
/* a op b of single times, one of them with a zone; NULL: none has one. */
AVal *zone_moved(Front *f, AstKind op, AVal *a, AVal *b);
Val *zone_utc(Front *f, Val *v); /* without its zone, in UTC */
/* Refuses `what` of v if it has a zone. */
void zone_none(Front *f, const Val *v, const char *what);
/* An element-wise operation of category columns; NULL: none is one, or any will do. */
Val *cat_elem(Front *f, Op op, Val *const *arg, int narg);
/* -- pick.c: functions chosen at run time ------------------------------------------ */
bool pick_may(const AVal *v); /* it can be one of several */
AVal *pick_call(Front *f, AVal *fnv, AVal *const *arg, idx narg, const char *const *kw,
                AVal *const *kwval, idx nkw);
AVal *pick_subscript(Front *f, AVal *v, AVal *key); /* NULL: no functions */

/* -- range.c: range and slice objects ---------------------------------------------- */
bool range_is(const AVal *v);                          /* one of the two */
AVal *range_attr(Front *f, AVal *v, const char *name); /* NULL */
AVal *range_subscript(Front *f, AVal *r, AVal *key);
AVal *range_equal(Front *f, AVal *a, AVal *b); /* NULL: not of one kind */
bool range_has_method(const AVal *v, const char *name);
AVal *range_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg);

/* -- nd*.c: arrays of any number of dimensions (front/nd.h) -------------------------
 */
bool nd_is_plain(const AVal *a);   /* 1-d, contiguous, the whole buffer */
AVal *nd_plain(Front *f, AVal *a); /* a 1-d array as a plain one */
AVal *nd_length(Front *f, AVal *a);
AVal *nd_attr(Front *f, AVal *a, const char *name); /* shape, T, ...; NULL */
AVal *nd_getitem(Front *f, AVal *a, AVal *key);
void nd_setitem(Front *f, AVal *a, AVal *key, AVal *value);
/* a[key] is a row of a matrix on an axis, which one rank has; and that row, as a view
 * of one row, to be changed by value. */
bool nd_is_one_row(Front *f, AVal *a, AVal *key);
AVal *nd_one_row(Front *f, AVal *a, AVal *key, AVal *value);
/* The array that a is a row of, and in *key (NULL: all of a) what chooses the row and
 * of it; a itself when it is none. */
AVal *nd_row_source(Front *f, AVal *a, AVal **key);
/* What is written when value is stored in all of a: a view of one row of another array,
 * if a is a row of it; else a itself. */
AVal *nd_whole_row(Front *f, AVal *a, AVal *value);
AVal *nd_elem(Front *f, Op op, AVal *const *arg, int narg);
/* a op= b in place; false when a is no array. */
bool nd_augment(Front *f, AstKind op, AVal *a, AVal *b);
/* old op v, for storing to an element of a or to what an index array selects. */
AVal *nd_same_kind(Front *f, AstKind op, AVal *a, AVal *old, AVal *v);

/* -- flags.c: the flags of jit functions ---------------------------------------------
 */
/* error_model="numpy" of the innermost jit function: division by zero is no error. */
bool flags_numpy_errors(const Front *f);
/* Of a jit function's activation, its first nparam names being its parameters. */
void flags_enter(Front *f, Scope *s, const struct DistFlags *d, idx nparam);
/* -- declared.c: types that jit(locals=) declares */
/* What a variable gets of v: itself, or the number as one of the declared type. */
AVal *declared_value(Front *f, const char *name, AVal *v);
void declared_enter(Front *f, Scope *s, idx nparam); /* the same of arguments */
/* The columns of the file that a call reads into a declared frame, and the options that
 * say so to the host; NULL: nothing is declared. */
const char *declared_schema(Front *f, const Call *c, const char *options, Schema *s);
/* Notes for the listing of distributions that the variable has v from there on. */
void flags_note(Front *f, const char *name, Loc loc, AVal *v, RowsRole role);
/* A value of the surrounding code, as it is read under a name. */
void flags_outside(Front *f, const char *name, AVal *v);
/* A value that the present activation returns, and the expression it is from. */
AVal *flags_leave(Front *f, const Ast *value, AVal *v);
/* Its end: names that nothing had, and what distributed=False means for the axes made
 * since there were first_axis of them. */
void flags_done(Front *f, Scope *s, idx first_axis);

/* -- build_host.c: calls of Python ------------------------------------------------- */
bool host_is(const char *name); /* a function of host.def, or a part of such a name */
/* NULL when host.def has no such function. */
AVal *host_call(Front *f, const char *name, AVal *const *arg, idx narg,
                const char *const *kw, AVal *const *kwval, idx nkw);
/* print() of values some of which have rows: by Python, of this rank's rows; once where
 * all ranks have the same, unless all is set. */
void host_print(Front *f, AVal *const *arg, idx narg, const char *sep, const char *end,
                bool all);
AVal *host_call_wrapped(Front *f, const AVal *fnv, AVal *const *arg, idx narg,
                        const char *const *kw, AVal *const *kwval, idx nkw);
void lower_import(Front *f, const Ast *s);

/* -- const.c: NULL when the operands are not both constants of a foldable kind ----- */
AVal *const_binop(Front *f, AstKind op, AVal *a, AVal *b);
AVal *const_compare(Front *f, AstKind op, AVal *a, AVal *b);
AVal *const_unary(Front *f, AstKind op, AVal *a);
AVal *const_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg);
/* The host evaluates `what` on constants; NULL when an argument is no constant. */
AVal *const_fold(Front *f, const char *what, AVal *const *arg, idx narg);
/* Python's truth of a value when compiling: 0, 1, or -1 when it is not known. */
int const_truth(Front *f, AVal *v);
const char *const_text(Front *f, const AVal *v); /* repr() */
/* "2020-01-31 10:00:00.5" as a count of the unit its digits need. */
bool const_time(const char *s, idx n, int64_t *v, Unit *unit);

/* -- infer.c ----------------------------------------------------------------------- */
AVal *infer_elem(Front *f, Op op, AVal *const *arg, int narg);
/* Of two Series that are aligned first, as by Series.add(), Series.eq(). */
AVal *infer_aligned(Front *f, Op op, AVal *a, AVal *b);
/* One element of an array: NumPy's rules for arrays. weak: Python's own numbers. */
Val *infer_lane(Front *f, Op op, Val *const *arg, const bool *weak, int narg);
bool infer_has_rule(Op op);
/* dtype == "int64", np.int64 ...; throws when a dtype depends on the data. dtypes.c */
bool dtype_same(Front *f, const AVal *a, const AVal *b);
Op infer_op(AstKind op); /* OP_COUNT when the operator is not element-wise */
const char *op_sign(Op op);

/* -- prange.c ---------------------------------------------------------------------- */
typedef struct Reduction {
    const char *name;
    idx part;         /* of the tuple that the variable holds; -1: the whole */
    char letter;      /* of FOR's attribute reduce */
    const char *lead; /* letters f and l: the variable that it follows */
} Reduction;
typedef struct Reductions {
    VEC(Reduction) at;
} Reductions;
/* Reductions of a prange, by the shape of its body. Throws where the iterations depend
 * on each other: E_REWRITE on conflicting operators, else E_UNSUP. */
void prange_analyse(Front *f, const Ast *loop, Reductions *out);
const Reduction *reduction_find(const Reductions *all, const char *name, idx part);
bool reduction_has(const Reductions *all, const char *name);

/* -- unsup.c ----------------------------------------------------------------------- */
typedef enum Unsup {
#define UNSUP(id, text, way) UNSUP_##id,
#include "front/unsup.def"
#undef UNSUP
    UNSUP_COUNT
} Unsup;
extern const struct UnsupInfo {
    const char *id, *text, *way;
} unsup_info[UNSUP_COUNT];
