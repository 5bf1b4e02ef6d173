/* SPDX-License-Identifier: Apache-2.0
 * The typed, structured SSA that front/ writes, pass/ rewrites and codegen/ reads.
 *
 * A Fn has one Region. A Region is a list of Nodes ended by one terminator. A Node has
 * an op (a row of ops.def), argument values, result values (a relational op has one per
 * column), attributes and, for control ops, regions. A Val is defined by one Node (or
 * is a parameter of a Region) and may be used in that region and the regions inside it.
 *
 * Control:
 *   if (cond) {..yield v..} {..yield w..}      results: the yielded values
 *   try {..yield v..} (h) {..yield w..}         results: of the region that ended
 *   loop (init..) {(p..) .. continue v.. | break w..}      endless; results: break's
 * values for (start, stop, step, init..) {(i, p..) .. continue v.. | break w..}
 *         counted; results: the carried values when it ends. attr parallel=1: prange.
 *   map (x.., s..) {(e.., s..) .. yield v..}    element-wise loop over one axis: the
 * first attr "ncol" arguments are columns, the others scalars; see ops.def Terminators:
 * yield, continue, break (attr depth: 0 = innermost loop/for/map), return, raise. A
 * region that ends in break, continue, return or raise yields nothing to its parent.
 *
 * Axis: the row space of a column or of an array's first dimension. Every node that
 * makes an axis has, as its first result, the number of rows on this rank (scalar
 * int64, varying); Axis.rows points to it. So a frame without columns still has a
 * length.
 *
 * All of it lives in the arena of the compile; nothing is freed singly. Errors throw.
 */
#pragma once
#include "base/err.h"
#include "base/intern.h"
#include "base/vec.h"
#include "ir/type.h"

typedef struct Fn Fn;
typedef struct Node Node;
typedef struct Region Region;
typedef struct Val Val;

/* -- The op table's columns -------------------------------------------------------- */
/* Distribution rule: what the axes of arguments and results have to do with each other.
 */
typedef enum DistRule {
    DR_NONE,    /* no axis involved */
    DR_MAP,     /* column arguments and results on one axis */
    DR_REDUCE,  /* columns of one axis -> uniform scalars (collective when distributed)
                 */
    DR_SCAN,    /* one axis; needs neighbours or a prefix (collective) */
    DR_FILTER,  /* rows of one axis -> a new axis, local, any chunk lengths */
    DR_SHUFFLE, /* new axis by hash or order, any chunk lengths (collective) */
    DR_JOIN,    /* two axes -> a new one; a replicated side is joined locally */
    DR_CONCAT,  /* several axes -> a new one, in order */
    DR_SOURCE,  /* makes an axis that can be split as one likes (read, arange, zeros) */
    DR_GATHER,  /* result replicated whatever the argument */
    DR_SINK,    /* uses the local rows as they are (write) */
    DR_CTRL,    /* regions: carried values keep their axes */
    DR_OWN,     /* dist.c has a case of its own, named after the op */
} DistRule;

/* Row order that pandas gives: what a backward pass may drop when nobody sees it. */
typedef enum OrderRule {
    OR_KEEP,   /* as the argument; needs order iff the result's is seen */
    OR_LEFT,   /* join: as the left side, then the right */
    OR_FIRST,  /* first appearance (groupby sort=False, drop_duplicates, unique) */
    OR_SORTED, /* sorted by keys: the argument's order is not seen */
    OR_SEES,   /* the result depends on the argument's order (head, cumsum, shift, iloc)
                */
    OR_ANY,    /* does not depend on it (sum, len, count) */
} OrderRule;

typedef enum Effect {
    EF_PURE,  /* no effect; may be removed, moved and merged */
    EF_FAIL,  /* pure but may fail at run time: removed when unused, not moved above a
                 branch */
    EF_READ,  /* as EF_FAIL, and reads memory that EF_WRITE changes: never merged or
                 moved */
    EF_COLL,  /* as EF_FAIL, and communicates when its axis is distributed */
    EF_WRITE, /* writes memory the user can see (array stores) */
    EF_IO,    /* does input or output: never removed, never reordered */
    EF_CTRL,  /* control: decided by its regions */
} Effect;

typedef enum LowerKind {
    LW_LOOP,  /* a per-element emitter in codegen: works on scalars, fused on columns */
    LW_CALL,  /* a runtime call of rt/calls.def with the op's name */
    LW_CTRL,  /* control, constants, parameters: codegen knows them */
    LW_FRONT, /* only a name for the front: never a node */
} LowerKind;

typedef enum Op {
#define OP(id, names, sig, build, dist, order, effect, lower, doc) OP_##id,
#include "ir/ops.def"
#undef OP
    OP_COUNT
} Op;

extern const struct OpInfo {
    const char *id;    /* "GROUPBY" */
    const char *names; /* Python names, '|' between; "" when Python can't name it */
    const char *sig; /* pandas' signature with a kind for each parameter; front/sig.h */
    const char *
        build; /* name of the front's builder or of the typing rule (front/build.def) */
    uint8_t dist, order, effect, lower;
    const char *doc; /* one line for the reference */
} op_info[OP_COUNT];

/* -- Values ------------------------------------------------------------------------ */
typedef enum Dist { DIST_NONE, DIST_REP, DIST_VAR, DIST_BLOCK } Dist; /* meet = min */

typedef struct Axis {
    int32_t id;
    uint8_t dist;    /* Dist; decided by pass/dist.c, constraints set it earlier */
    bool pinned;     /* a user's flag: dist may not drop below (REP: may not rise) */
    bool hashed;     /* rows are placed by the hash of keys */
    Val *rows;       /* rows on this rank */
    const char *why; /* why it is REP, for explain(); NULL */
    Loc why_loc;
    struct Axis *merged;  /* union-find: use axis_get */
    const char *pin_flag; /* "distributed", "replicated" ...: the flag that pinned it */
    const char *pin_name, *pin_func; /* of which variable of which function */
    bool pin_returned;               /* it is a result there, not an argument */
} Axis;

struct Val {
    Node *def;      /* NULL for a region's parameter */
    Region *region; /* of a parameter */
    int32_t index;  /* result or parameter number */
    int32_t id;     /* unique in the Fn; printed as %id */
    Type type;
    Axis *axis;      /* TY_COL, TY_ARRAY */
    int32_t nuse;    /* kept by ir_count_uses, not by edits */
    uint8_t varying; /* can differ between ranks, not 0; set by pass/uniform.c */
    bool unlike;     /* of an object or array: ranks change it differently; set there */
    const char *hint; /* the user's name for it, or NULL */
    void *tmp;        /* of the pass or emitter that is running */
};

typedef enum AttrKind {
    AT_INT = 'i',
    AT_FLOAT = 'f',
    AT_TEXT = 's',
    AT_INTS = 'I',
    AT_TEXTS = 'S'
} AttrKind;
typedef struct Attr {
    const char *name; /* interned */
    uint8_t kind;     /* AttrKind */
    idx n;            /* text: bytes; lists: items */
    union {
        int64_t i;
        double f;
        const char *s;
        const int64_t *ints;
        const char *const *texts;
    };
} Attr;

struct Node {
    uint16_t op;        /* Op */
    Loc loc;            /* place in the user's source */
    int32_t inlined_at; /* row of fn->inlines, -1: not inlined */
    int32_t narg, nres, nregion;
    Val **arg;
    Val *res; /* nres values, in one block */
    Region **region;
    VEC(Attr) attr;
    Node *prev, *next;
    Region *parent;
    int32_t mark; /* of the pass that is running */
};

struct Region {
    Node *first, *last;
    Node *owner; /* NULL for the function's body */
    Val *param;  /* nparam values, in one block */
    int32_t nparam;
};

typedef struct Inline {
    Loc call;           /* where it was called */
    const char *callee; /* name of the function inlined */
    int32_t parent;     /* row of the caller's own inlining, -1 */
} Inline;

typedef struct SourceFile {
    const char *name;   /* as Python's traceback prints it */
    const char *text;   /* whole function source, or NULL */
    int32_t first_line; /* line number of text's first line */
    const char *func;   /* co_name for tracebacks */
} SourceFile;

/* -- Variables ----------------------------------------------------------------------
 */
typedef enum RowsRole {
    ROWS_VAR,      /* assigned there, or a parameter of an inlined function */
    ROWS_ARG,      /* a parameter of the function that is compiled */
    ROWS_OUTSIDE,  /* read there, of the surrounding code */
    ROWS_RETURNED, /* returned there by the function that is compiled */
} RowsRole;

/* A variable of the user's that holds rows: for the listing of distributions. */
typedef struct RowsVar {
    const char *name;
    Loc loc;
    Axis *axis;
    RowsRole role;
} RowsVar;

/* -- Composite types --------------------------------------------------------------- */
typedef enum CompKind {
    COMP_LIST,  /* item[0]: of the elements */
    COMP_DICT,  /* item[0]: keys, item[1]: values */
    COMP_SET,   /* item[0] */
    COMP_TUPLE, /* item[0..n) */
    COMP_OPT,   /* item[0] or None */
    COMP_OPEN,  /* not known yet (the elements of []), then item[0]: only while front/
                   runs */
    COMP_NODE,  /* instances of a class that may hold others of it: nominal */
} CompKind;

/* An attribute of the instances of such a class. */
typedef struct NodeField {
    const char *name;
    Type t;           /* of its values but None */
    bool none, unset; /* it may be None; it may not be there */
} NodeField;

/* A class whose instances are objects of its name, not of a structure: what they hold
 * is no part of the type, so that it may be such objects. One per class and function
 * with its subs; front/kin.c learns its fields, kin_settle ends that. */
typedef struct NodeType {
    int number;       /* of the class at the host */
    const char *name; /* of the class, */
    const char *tag;  /* and its text (front/record.c) */
    VEC(NodeField) field;
    Type body; /* settled: the tuple of the fields' elements; an unset one is an
                * optional of what it is when it is there */
    const char *fields; /* settled: the text of the class of the body */
} NodeType;

typedef struct CompType {
    uint8_t kind; /* CompKind */
    int32_t n;
    Type *item;
    uint16_t same;    /* 1 + row of the type that this one was found to be, 0: itself */
    bool own;         /* equal to no other row */
    uint64_t site;    /* front/: where the container is made; 0 */
    int k;            /* front/: of an open type: the item of that container it is */
    const char *tag;  /* of a tuple: the class of its values (front/record.c); NULL */
    const void *form; /* of a tuple that stands for rows: front/rowform.c; else NULL */
    const char *text; /* of such a one: for messages */
    NodeType *node;   /* COMP_NODE, whose n is 0 */
} CompType;

/* Functions of Python that the code calls. The slots of the descriptors count the
 * arguments and results of the PYCALL node; the last nkw arguments go by keyword. */
typedef struct PyCall {
    int fn;           /* a wrap_python function, by the host's number; -1 */
    const char *name; /* else a function of front/host.def */
    struct Desc **arg;
    idx narg;
    const char **kw;
    idx nkw;
    struct Desc *result;
} PyCall;

struct Fn {
    Arena *arena;
    Intern *names;
    Err *err;     /* where ir_throw writes */
    void *catch_; /* jmp_buf of compile.c */
    const char *name;
    bool checking; /* errors are collected in problems: front_run goes on */
    VEC(Err *) problems;
    VEC(struct Fn *)
    subs;            /* functions compiled on their own: CALLFN's attribute "fn" */
    bool sub;        /* it is one of them */
    bool asks_ranks; /* a sub whose results differ between ranks */
    struct Fn *up;   /* of a sub: the function that has it in its subs */
    Region *body;    /* parameters: the flattened arguments, in slot order */
    Region *unwind;  /* of a sub: run when it fails; made by pass/own.c, NULL */
    VEC(SourceFile) files; /* Loc.file */
    VEC(Inline) inlines;
    VEC(RowsVar) vars;          /* each name once a line */
    VEC(const char *) warnings; /* to the user, by front/ and the passes */
    VEC(PyCall) pycalls;        /* rows named by PYCALL's attribute "call" */
    VEC(Axis *) axes;
    VEC(CompType *) comps;   /* composite types: Type.of is 1 + the row */
    VEC(const char *) zones; /* names of time zones: Type.of is 1 + the row */
    Axis *kept; /* the rows of what is in containers at run time, none of axes: they are
                 * distributed all alike; NULL: nobody asked */
    int32_t nval;
    int32_t nvar;      /* numbers given to VARSET's variables */
    int32_t nheld;     /* the last so many hold what a failure releases: pass/own.c */
    int32_t at_inline; /* 1 + row of inlines that new nodes belong to; 0: none */
    idx nin;
    struct Desc *const
        *in;          /* one per Python argument, leaves numbered by body's params */
    struct Desc *out; /* of the result, leaves numbered by return's operands */
};

Fn *fn_new(Arena *arena, const char *name, Err *err, void *catch_);
/* Throws (longjmp to catch_) after writing the record. */
NORETURN void ir_throw(Fn *fn, ErrCode code, Loc loc, const char *fmt, ...)
    PRINTF(4, 5);

/* The number of a time zone in types (Type.of), and its name. */
uint16_t zone_add(Fn *fn, const char *name);
const char *zone_name(const Fn *fn, Type t); /* NULL: none */

/* -- Building ---------------------------------------------------------------------- */
Axis *axis_new(Fn *fn);
Axis *axis_get(Axis *a);                   /* representative; NULL stays NULL */
void axis_unify(Fn *fn, Axis *a, Axis *b); /* the two row spaces are one */
Region *region_new(Fn *fn, Node *owner, int nparam);
Node *node_new(Fn *fn, Op op, Loc loc, int narg, Val *const *arg, int nres);
void node_append(Region *r, Node *n);
void node_insert_before(Node *at, Node *n);
void node_remove(Node *n); /* unlinks; memory stays in the arena */
Region *node_add_region(Fn *fn, Node *n, int nparam);
/* Node of one result of type t (axis may be NULL) appended to r. */
Val *ir_emit1(Fn *fn, Region *r, Op op, Loc loc, int narg, Val *const *arg, Type t,
              Axis *axis);
Val *ir_const_int(Fn *fn, Region *r, Loc loc, Type t, int64_t v); /* CONST, attr v */
Val *ir_const_float(Fn *fn, Region *r, Loc loc, Type t, double v);
Val *ir_const_text(Fn *fn, Region *r, Loc loc, const char *s, idx n);
void val_init(Fn *fn, Val *v, Type t, Axis *axis);

void node_set_int(Fn *fn, Node *n, const char *name, int64_t v);
void node_set_float(Fn *fn, Node *n, const char *name, double v);
void node_set_text(Fn *fn, Node *n, const char *name, const char *s, idx len);
void node_set_ints(Fn *fn, Node *n, const char *name, const int64_t *v, idx k);
void node_set_texts(Fn *fn, Node *n, const char *name, const char *const *s, idx k);
const Attr *node_attr(const Node *n, const char *name); /* NULL when not there */
int64_t node_int(const Node *n, const char *name, int64_t missing);
const char *node_text(const Node *n, const char *name);

/* -- Composite types (comp.c) -------------------------------------------------------
 */
/* The TY_OBJ of this structure; equal structures give equal types. */
Type comp_type(Fn *fn, CompKind kind, const Type *item, int n);
/* A tuple of a class; tag is interned, NULL: a plain one. */
Type comp_tagged(Fn *fn, const Type *item, int n, const char *tag);
bool comp_has_tag(const Fn *fn, Type t); /* such a tuple is somewhere in it */
/* A tuple of these items, by its form another type than other such tuples. */
Type comp_form(Fn *fn, const Type *item, int n, const void *form);
/* A row of its own, equal to no other until comp_same says so. */
Type comp_own(Fn *fn, CompKind kind, const Type *item, int n);
/* A new row for the instances of a class. */
Type comp_node(Fn *fn, NodeType *node);
/* What an open type was found to be; other types stay. */
Type comp_resolve(const Fn *fn, Type t);
CompType *comp_of(const Fn *fn, Type t); /* follows `same`; NULL when t is no TY_OBJ */
bool comp_is(const Fn *fn, Type t, CompKind kind);
bool comp_is_object(const Fn *fn, Type t); /* a list, dict, set or node */
/* Arrays or columns are somewhere in it. */
bool comp_has_rows(const Fn *fn, Type t);
/* t by structure: what comp_own made becomes what comp_type gives. Open types become
 * TY_NONE. */
Type comp_settle(Fn *fn, Type t);
/* The scalars, arrays and objects that an element of type t consists of; an optional
 * begins with a bool: present. Appended to out. */
typedef struct Leaves {
    VEC(Type) at;
} Leaves;
void comp_leaves(Fn *fn, Type t, Leaves *out);
/* As the runtime and py/ read it (object/objtype.c): L item, D key value, S item, T
 * items E, O item, s text, N none, A array, #dnu a scalar of dtype, null form, unit. */
/* host: for py/, where C, length of the tag, ':', tag stand before the T of a tuple of
 * a class, and F, a number, ':' before each element that has rows, counted from 0 in
 * the order of the code. */
const char *comp_code(Fn *fn, Type t, bool host);
/* A node is P, its number, ';' and its body where it stands first, R, its number, ';'
 * behind that; in host's code U stands before what may not be there. */
/* The types of the elements with rows, in the order of their numbers. */
void comp_rows(Fn *fn, Type t, Leaves *out);
/* Reads a host's code at *p; rows: the types of its elements that have rows. TY_NONE
 * where it makes no sense. */
Type comp_decode(Fn *fn, const char **p, const Type *rows, int nrows);
/* "list[int64]", in the arena. */
const char *comp_text(Fn *fn, Type t);
const char *comp_item_text(Fn *fn, Type t); /* of an element, whatever it is */

/* -- Walking and editing ----------------------------------------------------------- */
#define node_each(n, r)                                                                \
    for (Node *n = (r)->first, *n##_next; n && ((n##_next = n->next), 1); n = n##_next)
void region_clear_tmp(Region *r);             /* Val.tmp of all values in it */
void region_clear_uses(Region *r);            /* Val.nuse of all values in it: 0 */
void ir_count_uses(Fn *fn);                   /* fills Val.nuse */
void ir_replace(Fn *fn, Val *old, Val *with); /* all uses in the function */

/* The function that the call compiles, which has the tables of all below it. */
static inline const Fn *fn_top(const Fn *fn)
{
    while (fn->up)
        fn = fn->up;
    return fn;
}
bool op_is_terminator(Op op);
bool node_is_pure(const Node *n); /* by effect, and all nodes of its regions */
/* A copy of n and its regions that stands nowhere yet. Arguments are replaced by their
 * Val.tmp where that is set; the results' tmp is set to those of the copy. */
Node *node_copy(Fn *fn, Node *n);
/* Copies a region's nodes to the end of `to`; its parameters become args[..]. The
 * terminator is not copied: its operands, mapped, are written to out (nout of them). */
void region_inline(Fn *fn, Region *from, Region *to, Val *const *args, Val **out,
                   int nout);

/* The array whose memory an array of parts (NDFLOATS) is; other values stay. */
const Val *val_memory(const Val *v);

/* -- Text (print.c, parse.c) and rules (verify.c) ---------------------------------- */
char *ir_print(Fn *fn, Arena *arena); /* whole function; round-trips */
Fn *ir_parse(Arena *arena, const char *source, Err *err,
             void *catch_); /* throws E_SYNTAX */
void ir_verify(Fn *fn);     /* BUG in debug builds on a broken rule */
