/* SPDX-License-Identifier: Apache-2.0
 * Abstract values: what the front end knows of a Python value while it evaluates the
 * function. Immutable but for Frame, Series, List, Dict and Set objects, which have
 * identity (two names may hold the same frame, and `df["C"] = e` is seen through both);
 * their contents live in the Heap, which is copied at branches and merged where control
 * flow joins.
 *
 * A frame exists only here: an ordered map from column name to an IR value, plus an
 * index, all on one axis. Nothing in the IR knows of frames.
 */
#pragma once
#include "front/front.h"

typedef enum AKind {
    A_NONE,  /* None */
    A_CONST, /* compile-time int, float, bool, str, bytes, Ellipsis ... (ck, i, f, s, n)
              */
    A_SCALAR, /* IR scalar */
    A_ARRAY,  /* IR ndarray (TY_ARRAY) */
    A_SERIES, /* values + index + name; obj: its cell once something holds it: series.c
               */
    A_INDEX,  /* an Index object */
    A_FRAME,  /* obj: Frame */
    A_TUPLE,  /* items; immutable */
    A_LIST,
    A_DICT,
    A_SET, /* obj with contents known at compile time */
    A_RANGE,
    A_SLICE, /* items: start, stop, step (A_NONE when absent) */
    A_FUNC,  /* user function: host number, or AST + closure scope; partial arguments */
    A_API,   /* an object of the op table by canonical name: "pd", "pd.merge",
                "np.float64" */
    A_METHOD,   /* self + op row(s) found under "Class.name" */
    A_ACCESSOR, /* self + "dt", "str", "loc", "iloc", "at", "iat" */
    A_GROUPBY,  /* frame or series + keys + flags */
    A_DTYPE,    /* a dtype: type */
    A_HOSTOBJ,  /* anything of the host that is only passed around: obj number, text =
                   its type */
    A_RNG,      /* a random generator: obj is the cell of its state, see random.h */
    A_EXC,      /* an exception class or instance: see exc.c */
    A_UNBOUND,  /* a name with no value on this path; i: 1: it was private to a prange,
                 * UNBOUND_OBJECT: a container on another path, UNBOUND_ROWS: a frame,
                 * Series or the like there (s) */
    A_MAYBE,    /* item[0] where the scalar bool val holds, else unbound */
    A_OPEN, /* an element of a container that nothing was put in yet: not reached, or
             * a later round knows more */
    A_OPT,  /* None, or item[0] where the scalar bool val holds */
    A_VIEW, /* something to loop over: s says which ("keys", "items", "zip" ...) of item
             */
    A_RECORD,   /* a class: rec; item: defaults of its last n fields */
    A_PICK,     /* one of the functions item, by the scalar val: pick.c */
    A_ERROR,    /* of a statement that failed while the function is only checked */
    A_COLLECT,  /* rows that a prange concatenates: front/collect.c */
    A_CONFLICT, /* item[0] on one path, item[1] on another: may not be used */
} AKind;

enum { UNBOUND_OBJECT = 2, UNBOUND_ROWS = 3, SERIES_OF_CATEGORIES = 1, READ_ONLY = 1 };
typedef struct AVal AVal;
typedef struct ValVec {
    VEC(Val *) v;
} ValVec;
typedef struct Front Front;

/* Index of a frame or Series. Levels are columns of the same axis. */
typedef struct Index {
    bool range; /* start + step * global row number: no level stored */
    int64_t start, step;
    Val *rows;      /* of range: the axis's rows value */
    int32_t nlevel; /* not range: 1, or more for a MultiIndex */
    Val **level;
    const char **name; /* per level (range: 1); NULL = None */
} Index;

/* Names of columns are AVal constants (str, int, bool or None, or tuples of them). */
typedef struct Frame {
    VEC(AVal *) name;
    VEC(Val *) col;
    Index *index;
    Axis *axis;
    Val *rows; /* rows on this rank; NULL only for pd.DataFrame() with nothing */
    const char *columns_name; /* df.columns.name; NULL */
    bool element; /* in a container at run time: may not be changed (rowform.c) */
} Frame;

/* A class whose instances are tuples with named fields; front/record.c. A member of an
 * enum is a tuple of one int: its number, or by_value its value. */
typedef enum RecordKind {
    REC_NAMEDTUPLE,
    REC_DATACLASS,
    REC_ENUM,
    REC_CLASS,  /* a plain class: front/instance.c; its fields: numbers of its bases */
    REC_FIELDS, /* the attributes of an instance of one */
} RecordKind;
/* A field of a dataclass as its decorator made it. */
typedef struct DataField {
    const char *name;
    bool init, by_keyword, has_default, in_text, compared;
} DataField;
typedef struct Record {
    uint8_t kind;                   /* RecordKind */
    bool by_value, is_int, is_flag; /* of an enum */
    bool eq, order;                 /* of a dataclass */
    bool stand_in;                  /* of python/shoal/library */
    bool is_exc;                    /* a REC_CLASS: a class of exceptions, see exc.c */
    int number;                     /* of the class at the host */
    const char *text; /* by which the host knows the class, interned; NULL: only its
                       * fields are known (rows of itertuples) */
    const char *name;
    const char **field; /* enums: names of the members */
    AVal **value;       /* enums: of the members; a constant, or A_OPEN: not known */
    idx n;
    const char *full; /* of a dataclass whose fields may be assigned (a REC_CLASS): */
    const DataField *data; /* its qualified name and fields, NULL: it is none; */
    idx ndata;
    bool made_init, made_repr; /* whether it has the decorator's methods */
} Record;

struct AVal {
    uint8_t kind; /* AKind */
    uint8_t ck;   /* A_CONST: AstConst; A_ARRAY: READ_ONLY as pandas' own values are */
    uint16_t op;  /* A_METHOD: Op row */
    int64_t i;    /* A_CONST; A_FUNC: host number or -1; A_HOSTOBJ: host's number;
                   * A_SCALAR:    1 when it is Python's own number: weak in promotion;
                   * A_SERIES:    SERIES_OF_CATEGORIES: the values of a category column,
                   * under its .str or .dt */
    double f;
    const char *s; /* A_CONST text; A_API name; A_ACCESSOR name; A_HOSTOBJ type */
    idx n;         /* text bytes; number of items */
    AVal *
        *item;    /* A_TUPLE, A_RANGE, A_SLICE; A_METHOD: [self]; A_FUNC: bound
                   * arguments;         A_ARRAY: NULL, or a view's numbers (front/nd.h) */
    Val *val;     /* A_SCALAR, A_ARRAY, A_SERIES: the IR value */
    Index *index; /* A_SERIES, A_INDEX */
    Axis *axis;   /* A_ARRAY with items: of its first dimension (front/nd.h) */
    AVal *name;   /* A_SERIES: its name (A_CONST, A_NONE or A_TUPLE) */
    AVal *view;   /* A_TUPLE that stands for enumerate(), zip(), reversed() or a dict's
                   * view:   that A_VIEW; NULL */
    AVal *row_of; /* A_ARRAY that is a row of another one (nd_row): a tuple of that one
                   * and the key; its val is this one's */
    int32_t obj;  /* A_FRAME, A_SERIES, A_LIST, A_DICT, A_SET: number in the Heap;
                   * A_FUNC:  1 + the host's number of the object, or 0 */
    const Record *rec;   /* A_TUPLE: its class, NULL: tuple itself; A_VIEW "zip": that
                          * of its items; A_RECORD */
    Type type;           /* A_DTYPE */
    struct Group *group; /* A_GROUPBY: front/build_groupby.c's own */
    struct Collect *collect; /* A_COLLECT: front/collect.c's own */
    struct Caught *caught;   /* A_EXC that a handler caught: what raised it */
    Ast *ast;                /* A_FUNC: FunctionDef or Lambda */
    struct Scope *scope;     /* A_FUNC: the scope it closes over */
    Desc *arg; /* A_CONST made from an argument with has_value: where to set demanded;
                * A_HOSTOBJ of a wrap_python function: its result */
    Loc loc;   /* where it was made: for messages */
};

/* Contents of an A_LIST, A_SET (item), A_DICT (key, item). */
typedef struct Container {
    VEC(AVal *) item;
    VEC(AVal *) key;
    bool captured; /* it is the surrounding program's: may not be changed */
    bool typing;   /* its type is being found: met again, it holds itself */
} Container;

/* The object of cell `to` is that of `from` on some path. */
typedef struct Alias {
    int32_t to, from;
} Alias;
typedef struct ExcClass {
    int64_t number; /* the host's */
    const char *name;
    VEC(int64_t) mro; /* itself and its bases */
    AVal *cls;        /* its value */
} ExcClass;
typedef struct KnownFn {
    int fn;
    FnSource *src;
} KnownFn;
typedef struct ExcTest {
    Node *node;
    VEC(int64_t) base;
} ExcTest;

/* -- Services of the core (front.c, lower_*.c) to the builders --------------------- */
/* What is thrown: an error of the program's, or a step to be taken again. */
enum { THROW_ERROR, THROW_BOTTOM, THROW_AGAIN, THROW_SILENT };
struct Front {
    Fn *fn; /* being lowered: the main one or one of its subs */
    Arena *arena;
    Intern *names;
    const FrontHost *host;
    void *host_data;
    Region *at; /* where nodes are appended now */
    Loc loc;    /* of the expression being evaluated */
    int32_t inlined_at;
    struct Scope *scope;
    struct Heap *heap;
    VEC(int32_t) outside; /* cells of what the function reads of the program's rows */
    Val *
        leaf; /* where descriptors have their leaves: parameters, or a node's results */
    int32_t nleaf;
    const struct DistFlags *flags;
    int serial;              /* activations that are marked distributed=False */
    int depth;               /* of inlining: RecursionError beyond a limit */
    int nest;                /* of expressions and statements */
    int32_t ncell, nepoch;   /* numbers given: heap.c */
    int nhidden;             /* names of variables given by match.c */
    Ast *call;               /* the Call being evaluated */
    const Ast *assigned;     /* the value of the assignment to one name being lowered */
    const char *assigned_to; /* that name */
    struct Rngs *rng;        /* random.h: generators */
    struct NpState *np;      /* build_np.c's own */
    int64_t work;            /* statements evaluated: unrolling has a limit */
    Fn *top;                 /* the main function: has the tables that all share */
    struct Subs *subs;       /* subfn.c's own */
    VEC(KnownFn) host_fn;    /* functions of the host that were called: lower_func.c */
    VEC(const Ast *) recursive;  /* functions found to call themselves */
    int thrown;                  /* THROW_...: what front_attempt has caught */
    struct Trying *trying;       /* innermost try body being lowered: try.h */
    struct Handling *handling;   /* innermost except clause */
    VEC(ExcClass) classes;       /* exception classes of the user's that were met */
    VEC(ExcTest) exc_tests;      /* to be finished when all of them are known */
    struct Pieces *pieces;       /* of the arguments: update.c */
    VEC(Alias) alias;            /* objects that may be the same: join_obj.c */
    VEC(const Record *) records; /* classes that were met */
    bool series_changed;         /* some Series was: copies of its rows may be old */
    struct Making *making;       /* kin.c: the innermost instance whose __init__ runs */
    bool leaving;   /* a result that may be None is being written: nobody changes it */
    bool in_update; /* descriptors of changed arguments are being written */
    struct Hints *hints; /* box.c: what earlier attempts found out */
    void *restart;       /* jmp_buf of front_run: the evaluation starts over */
};

/* A call as a builder sees it: arguments already bound to the row's signature. */
typedef struct Call {
    Op op;            /* the row */
    const char *name; /* as the user wrote it: "DataFrame.merge", for messages */
    AVal *self;       /* NULL for functions */
    AVal **arg;       /* one per parameter of the signature; defaults filled in */
    bool *given;      /* the user wrote it */
    Loc *arg_loc;
    AVal **extra;
    idx nextra; /* *args */
    const char **kw;
    AVal **kwval;
    idx nkw;            /* **kwargs */
    const char *opname; /* "Series.add" among the row's names: the one that was used */
    const struct Sig *sig; /* of the row: front/sig.h */
    Ast *ast;              /* the Call node, NULL for operators */
} Call;
typedef AVal *OpBuilder(Front *f, Call *c);

/* Throw with f->loc. front_unsup takes a row of unsup.def. */
NORETURN void front_fail(Front *f, ErrCode code, const char *fmt, ...) PRINTF(3, 4);
NORETURN void front_fail_at(Front *f, Loc loc, ErrCode code, const char *fmt, ...)
    PRINTF(4, 5);
NORETURN void front_unsup(Front *f, int unsup, const char *fmt, ...) PRINTF(3, 4);

/* -- build_np.c: lengths that arrays were made of, and their axes. How many are known;
 * back to n of them, when the nodes of the others are gone. */
idx np_axes(const Front *f);
void np_forget(Front *f, idx n);

/* -- collect.c: df = pd.concat([df, X]), a = np.append(a, x) in a prange ----------- */
void collect_begin(Front *f, const char *name); /* before the loop */
void collect_again(Front *f, const char *name); /* before each round of lowering it */
void collect_add(Front *f, AVal *v, AVal *obj, bool ignore_index);
AVal *collect_vectors(Front *f, AVal *v, AVal *const *item, idx n); /* v */
void collect_end(Front *f, const char *name); /* behind the loop */

/* Text that is computed from arguments and must be known: the function is lowered again
 * with the texts of the arguments that it is computed from as constants, then with
 * those of all arguments. Other texts stay run-time values: they may be long. */
void front_specialise(Front *f, const AVal *v);

AVal *av_none(Front *f);
AVal *av_int(Front *f, int64_t i);
AVal *av_bool(Front *f, bool b);
AVal *av_float(Front *f, double d);
AVal *av_str(Front *f, const char *s, idx n);
AVal *av_scalar(Front *f, Val *v);
AVal *av_array(Front *f, Val *v);
AVal *av_series(Front *f, Val *v, Index *index, AVal *name);
AVal *av_tuple(Front *f, AVal *const *item, idx n);
AVal *av_list(Front *f, AVal *const *item, idx n);
AVal *av_frame(Front *f, Frame *init); /* a new object holding *init */
AVal *av_api(Front *f, const char *canonical);
const char *av_type_text(Front *f,
                         const AVal *v); /* for messages: "Series of int64", "str" */
bool av_equal(const AVal *a, const AVal *b); /* of constants and tuples of them */

/* Contents of an object now; front_frame_mut gives the one to be edited in place. */
Frame *front_frame(Front *f, const AVal *v);
Frame *front_frame_mut(Front *f, const AVal *v);
Container *front_items(Front *f, const AVal *v);
Container *front_items_mut(Front *f, const AVal *v);
Frame *frame_copy(Front *f, const Frame *fr);      /* shallow: the same columns */
idx frame_find(const Frame *fr, const AVal *name); /* -1 */

/* The compile-time value of v as needed for a schema decision; marks the argument it
 * comes from as demanded. Throws naming `what` when it is not constant. */
bool front_is_const(const AVal *v);
int64_t front_const_int(Front *f, AVal *v, const char *what);
bool front_const_bool(Front *f, AVal *v, const char *what);
const char *front_const_str(Front *f, AVal *v, const char *what);

/* The IR value of a scalar, materialising a constant at f->at. */
Val *front_val(Front *f, AVal *v);
/* The IR column of a Series, Index level, 1-d array (through TOCOL) ... else throws. */
Val *front_col(Front *f, AVal *v);
/* Element-wise op of infer.c on scalars, columns, Series, frames' columns: broadcasting
 * of scalars, alignment checks, result kind as the arguments'. The one entry for
 * operators. */
AVal *front_elem(Front *f, Op op, AVal *const *arg, int narg);
/* Typed element-wise node on IR values (columns of one axis and scalars). */
Val *front_elem_val(Front *f, Op op, Val *const *arg, int narg);
Val *front_cast(Front *f, Val *v, Type elem); /* to another element type, same kind */

bool front_callable(const AVal *v);
/* Call a Python value with evaluated arguments (inlines user functions). */
AVal *front_call(Front *f, AVal *fnv, AVal *const *arg, idx narg, const char *const *kw,
                 AVal *const *kwval, idx nkw);
/* Inline fnv element by element: a MAP over columns (cols), its scalar parameters being
 * the elements, followed by uniform extras. Returns the mapped column. For map and
 * apply. */
Val *front_map_udf(Front *f, AVal *fnv, Val *const *col, int ncol,
                   AVal *(*make_args)(Front *, Val *const *elem, void *), void *data,
                   AVal *const *extra, idx nextra, const char *const *kw,
                   AVal *const *kwval, idx nkw);

/* -- Services of the builders (sig.c, build_*.c) to the core ----------------------- */
/* Row for "Class.name" or a canonical module name, -1 when there is none; near: the
 * most similar name that there is, for the message. */
int op_lookup(const char *name, const char **near);
/* Class name of a value in the op table: "DataFrame", "Series", "Series.dt", "ndarray"
 * ... */
const char *av_class(const AVal *v);
/* Binds the arguments to the row's signature (defaults, kinds, "only supports") and
 * runs its builder. */
AVal *front_call_op(Front *f, Op op, const char *name, AVal *self, AVal *const *arg,
                    idx narg, const char *const *kw, AVal *const *kwval, idx nkw,
                    Ast *ast);
/* v.name: attributes that are not calls (df.shape, df.A, s.dt, df.columns, arr.T ...);
 * NULL when the builders don't know it. */
AVal *front_attr(Front *f, AVal *v, const char *name);
AVal *front_getitem(Front *f, AVal *v, AVal *key);
void front_setitem(Front *f, AVal *v, AVal *key, AVal *value);
void front_setattr(Front *f, AVal *v, const char *name, AVal *value);
void front_delitem(Front *f, AVal *v, AVal *key);
AVal *front_len(Front *f, AVal *v);
/* A parameter described by d (its leaves are fn->body parameters), and the way back:
 * the descriptor of a result, its leaves appended to out. */
AVal *front_from_desc(Front *f, Desc *d);
Desc *front_to_desc(Front *f, AVal *v, ValVec *out);
/* The same for the result of the function. */
Desc *front_result(Front *f, AVal *v, ValVec *out);
/* The value that d describes, its leaves being n's results. */
AVal *front_from_node(Front *f, Desc *d, Node *n);
