/* SPDX-License-Identifier: Apache-2.0
 * Inside of codegen/: the state of one emission and what the cg_*.c files offer each
 * other. The only header here that includes LLVM's.
 *
 * A value of the IR becomes a CgVal: as many LLVM values as its type has parts
 * (cg_parts), the first four with names: fixed-width scalar   v; ok (i1) when its null
 * form is MASK or PROM, else NULL; prom (i1) when PROM: the dtype that pandas shows is
 * float64 text scalar          v: pointer; ok: i64 length (< 0 missing); prom: i32
 * number of the text constant in cg->texts when it is one (cg_map.c), else -1; own: the
 * block that is counted, NULL: borrowed, OBJ_IMMORTAL: a constant column, object v:
 * pointer to the Array, to the Obj ndarray              v: pointer to the Array; ok:
 * its data; then i64s: its extents and, when its layout is strided, its strides in
 * bytes. Read once, because stores to elements could change them for all LLVM knows.
 * BOOL is i1 here and one byte in memory. A complex scalar is v and im.
 */
#pragma once
#include "base/err.h"
#include "base/vec.h"
#include "codegen/codegen.h"
#include "rt/calls_id.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

enum { CG_BLOCK = 1024 }; /* rows of a strip of a map, multiple of 64 */

enum { CG_NDIM = 8, CG_PARTS = 2 + 2 * CG_NDIM };

typedef struct CgVal {
    union {
        struct {
            LLVMValueRef v;
            union {
                LLVMValueRef ok, im;
            };
            LLVMValueRef prom, own;
        };
        LLVMValueRef part[CG_PARTS];
    };
} CgVal;

/* One edge into a block that has phis: where from, with which values. */
typedef struct CgEdge {
    LLVMBasicBlockRef from;
    CgVal *val;
} CgEdge;

/* Where continue and break of an open loop go. */
typedef struct CgLoop {
    struct CgLoop *outer;
    Node *node;
    LLVMBasicBlockRef next, done;
    VEC(CgEdge) to_next, to_done;
    struct CgWalks *walks; /* NULL: what its index is a row of is multiplied anew */
} CgLoop;

/* A pointer to the row of an array that a loop's index names. */
typedef struct CgWalk {
    const Node *access; /* the first that asked for it: arg[0] at arg[1..dim] */
    int dim;
    LLVMValueRef at, by; /* the pointer, a phi; how far it goes in a round */
} CgWalk;

typedef struct CgWalks {
    LLVMBasicBlockRef from, head; /* of the loop; from ends with its branch */
    LLVMValueRef first, step;     /* of the index */
    VEC(CgWalk) walk;
} CgWalks;

/* A variable of VARSET: its parts in the frame. */
typedef struct CgVar {
    LLVMValueRef part[CG_PARTS];
} CgVar;

/* An array that shares no memory with the others of a nest: LLVM's metadata. */
typedef struct CgApart {
    Val *array;
    LLVMMetadataRef scope, others;
} CgApart;

/* An access whose bounds were checked: at is the index without its sign. Holds in the
 * rest of its region. */
typedef struct CgSeen {
    const Val *array, *index;
    LLVMValueRef at;
} CgSeen;

/* A list of the loop that is emitted. Either it stays: n is its length. Or it is pushed
 * to and has room: n is NULL; each, when not 0: so many pushes every round, first: its
 * length before the loop, next: at this place. */
typedef struct CgList {
    Val *list;
    LLVMValueRef n, data;
    int count, each;
    LLVMValueRef first, next;
} CgList;

/* Where lists of this type wait to be used again: in the frame. */
typedef struct CgSpare {
    Type type;
    LLVMValueRef first, count; /* ptr, i64 */
} CgSpare;

/* An access that is in bounds where cond holds; not asked for yet. */
typedef struct CgPending {
    Node *node;
    LLVMValueRef cond;
} CgPending;

typedef VEC(Node *) VecNodes;

/* The block that raises IndexError for all checks that go to one cold path: phis of the
 * site, the index, the length, and the axis. */
typedef struct CgIndexFail {
    LLVMBasicBlockRef block; /* NULL: no check yet */
    LLVMValueRef site, i, n, axis;
} CgIndexFail;

/* The block that ends the call because the abort word is set. */
typedef struct CgStop {
    LLVMBasicBlockRef block; /* NULL: no test yet */
    LLVMValueRef site;       /* its phi */
} CgStop;

/* Where failures go: the function's cold path, or a handler. */
typedef struct CgCold {
    LLVMBasicBlockRef block;
    LLVMValueRef site, status;
    CgIndexFail index;
    CgStop stop;
} CgCold;

typedef struct CgText {
    const char *s;
    idx n;
    LLVMValueRef global[2]; /* in the module; in that of a late nest. NULL: not yet */
} CgText;

typedef struct Cg {
    Fn *fn;
    Arena *arena;
    LLVMContextRef ctx;
    LLVMModuleRef mod;
    LLVMBuilderRef b;
    LLVMTargetMachineRef tm;
    LLVMValueRef main;
    LLVMBasicBlockRef entry, body, fail; /* allocas; first block; the cold path */
    LLVMValueRef cx, calls, in, out;     /* parameters of shoal_main */
    LLVMValueRef abort_word;             /* never NULL */
    LLVMValueRef slots_in, slots_out;    /* the shared argument blocks of calls */
    int max_in, max_out;
    LLVMValueRef fail_site, fail_status; /* phis of the cold path */
    CgIndexFail index;                   /* in front of the cold path */
    CgStop stop;                         /* the same */
    bool collective;                     /* the function has agreement points */
    CgLoop *loop;                        /* innermost open one */
    LLVMValueRef *sub;                   /* one function per sub of the main Fn */
    CgVar *var;                          /* fn->nvar of them */
    VecNodes sure;                       /* element accesses known to be in bounds */
    VecNodes brief;                      /* inner loops known to end soon */
    VEC(CgApart) apart;                  /* arrays of the nest that is emitted */
    VEC(CgPending) pending;              /* proved for an inner nest to ask */
    VEC(CgList) lists;                   /* of the loops that are emitted */
    VEC(CgSpare) spares;                 /* of the function */
    VEC(CgSeen) seen;                    /* accesses checked before this place */
    bool unchecked;    /* boundscheck=False: what is not proved is not checked either */
    bool careful;      /* in the copy of a nest that checks */
    bool late;         /* in the module of a nest that is compiled when it is needed */
    VEC(Node *) loose; /* additions to a float sum that may be done in any order */
    VEC(CgText) texts; /* pool of text constants */
    int caught;        /* somebody may go on after a failure here */
    LLVMValueRef math[MATH_COUNT]; /* function pointers fetched at entry */
    LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, ptr, none, slot;
    int nloop;    /* numbers alias scopes */
    int level;    /* of optimisation */
    Loc loc;      /* of the node being emitted */
    int32_t site; /* its row of the site table */
} Cg;

Object cg_emit(Fn *fn, const CodegenOptions *opt); /* CodegenApi.emit */

/* -- cg.c: types, constants, slots ------------------------------------------------- */
NORETURN void cg_bug(Cg *cg, const char *fmt, ...) PRINTF(2, 3);
LLVMTypeRef cg_type(Cg *cg, DType dt);     /* in registers; STR: ptr */
LLVMTypeRef cg_mem_type(Cg *cg, DType dt); /* in columns */
bool cg_has_ok(Type t);                    /* a scalar of this type has .ok */
int cg_parts(Type t);                      /* LLVM values of a CgVal */
LLVMValueRef *cg_part(CgVal *v, int k);
LLVMTypeRef cg_part_type(Cg *cg, Type t, int k);
CgVal *cg_get(Cg *cg, Val *v);
void cg_set(Cg *cg, Val *v, CgVal c);
CgVal cg_undef(Cg *cg, Type t);
CgVal cg_const(Cg *cg, Node *n);
int cg_text(Cg *cg, const char *s, idx n); /* its number in cg->texts */
LLVMValueRef cg_text_data(Cg *cg, int k);  /* its bytes */
LLVMValueRef cg_bytes(Cg *cg, const void *p, size_t n, unsigned align,
                      const char *name);
void cg_region(Cg *cg, Region *r);                 /* all nodes but the terminator */
void cg_nodes(Cg *cg, Node *from, const Node *to); /* of one region; not to itself */
bool cg_is_inside(const Val *v, const Region *r);  /* defined in r, at any depth */
/* The blocks of the function cg->main; before cg_body_end, cg->fail is to be filled. */
void cg_body_begin(Cg *cg);
void cg_body_end(Cg *cg);
bool cg_fail_is_dead(Cg *cg); /* nothing fails: the cold block is closed */
/* A module of cg->ctx for this machine. */
LLVMModuleRef cg_module_new(Cg *cg, const char *name);
const char *cg_module_check(Cg *cg, LLVMModuleRef mod); /* debug builds; NULL: good */
/* Passes and machine code for one module: text of what went wrong, or NULL. */
const char *cg_module_finish(Arena *arena, LLVMModuleRef mod, LLVMTargetMachineRef tm,
                             int level, Object *out);
/* An element of an array at p; mark is told of each access. */
typedef void CgAccess(Cg *cg, LLVMValueRef access, const void *data);
CgVal cg_elem_load(Cg *cg, DType dt, LLVMValueRef p, CgAccess *mark, const void *data);
void cg_elem_store(Cg *cg, DType dt, CgVal v, LLVMValueRef p, CgAccess *mark,
                   const void *data);

/* -- cg_call.c: runtime calls and the cold path ------------------------------------ */
void cg_node_call(Cg *cg, Node *n);
int cg_call_number(const char *id); /* row of calls.def, any case; -1 */
void cg_call_begin(Cg *cg);
void cg_call(Cg *cg, RtNumber id, LLVMValueRef attrs, int nin, int nout);
LLVMValueRef cg_call_status(Cg *cg, RtNumber id, LLVMValueRef attrs, int nin, int nout);
void cg_arg(Cg *cg, int k, Type t, CgVal v);
void cg_arg_i64(Cg *cg, int k, LLVMValueRef v);
void cg_arg_ptr(Cg *cg, int k, LLVMValueRef v);
CgVal cg_result(Cg *cg, int k, Type t);
LLVMValueRef cg_result_raw(Cg *cg, int k, LLVMTypeRef t);
CgVal cg_slot_load(Cg *cg, LLVMValueRef base, int k, Type t);
void cg_slot_store(Cg *cg, LLVMValueRef base, int k, Type t, CgVal v);
int64_t cg_pack_type(Type t);           /* as in the lists atype and rtype */
LLVMValueRef cg_attrs(Cg *cg, Node *n); /* blob of a node */
/* Between them are rounds that fill n arrays. If one fails, and somebody may handle
 * that, the arrays are released: they are not values yet. */
CgCold cg_guard_begin(Cg *cg);
void cg_guard_end(Cg *cg, CgCold outer, const LLVMValueRef *array, int n);
void cg_fail_if(Cg *cg, LLVMValueRef bad, LLVMValueRef status); /* i1, i32 */
void cg_check_abort(Cg *cg);
LLVMValueRef cg_math(Cg *cg, int fn); /* pointer to a function of rt/math_fn.def */

/* -- cg_own.c: counted values ----------------------------------------------------- */
CgVal cg_text_val(Cg *cg, LLVMValueRef p, LLVMValueRef n, LLVMValueRef own);
/* A result of the function: text outlives the call's heap, in a copy. */
void cg_keep_text(Cg *cg, const Val *val, CgVal *v);
void cg_ref(Cg *cg, Node *n);
void cg_unref(Cg *cg, Node *n);
LLVMValueRef *cg_owner(CgVal *v, Type t); /* the part that is counted */
void cg_lend(Cg *cg, Node *n);
void cg_own_ref(Cg *cg, LLVMValueRef own);   /* of text or an object; NULL is nothing */
void cg_own_unref(Cg *cg, LLVMValueRef own); /* the last one frees it */

/* -- cg_late.c: nests that are compiled when they are needed ------------------------
 */
/* Whether the loop n can stand alone. */
bool cg_late_fits(const Cg *cg, const Node *n);
/* Emits the counted loop n, which fits, into a module of its own and the call of it
 * here: in the copy that checks bounds, unless they are proved (NULL: they are not).
 * Its results are put to out. */
void cg_late(Cg *cg, Node *n, LLVMValueRef proved, CgVal *out);
/* CodegenApi.late */
bool cg_late_emit(Arena *arena, const LateCode *code, Object *out, Err *err);

/* -- cg_obj.c: lists, dicts, sets, text -------------------------------------------- */
void cg_obj(Cg *cg, Node *n); /* the rows OBJ of ops.def */
/* Index of arg[1] into n elements: negative counts from the end; IndexError(text). */
LLVMValueRef cg_index(Cg *cg, Node *node, LLVMValueRef n, const char *text);

LLVMValueRef cg_obj_head(Cg *cg, LLVMTypeRef t, LLVMValueRef obj, int at);
void cg_obj_set_head(Cg *cg, LLVMValueRef v, LLVMValueRef obj, int at);
int64_t cg_list_stride(Cg *cg, Type list); /* bytes of an element */
bool cg_list_is_plain(Cg *cg, Type t); /* a list whose elements hold no references */

/* -- cg_list.c: lists in loops ----------------------------------------------------- */
bool cg_is_calm(const Node *loop); /* no list in it changes its length but by pushes */
/* Of a calm loop: reads the list's length and place once, if they stay. */
void cg_list_hold(Cg *cg, const Node *loop, Val *list);
CgList *cg_list_held(const Cg *cg, const Val *list);
int cg_pushes_each_round(const Node *loop, const Val *list);
/* The length at node `at` of a list that was made just before it; -1: not known. */
int cg_list_made_with(const Node *at, const Val *list);
/* The lists that a loop pushes to in each round are put to cg->lists, which the caller
 * cuts back: before the loop; before rounds k0 to kend, which get room; in round k. */
void cg_list_rounds(Cg *cg, Node *loop);
void cg_list_room(Cg *cg, idx from, LLVMValueRef k0, LLVMValueRef kend);
void cg_list_round(Cg *cg, idx from, LLVMValueRef k);
void cg_spares_begin(Cg *cg); /* of the function whose emission begins */
void cg_spares_end(Cg *cg);   /* before it returns, or fails and is caught */
/* l waits (then at go), or the builder stands where it is to be freed. false: lists of
 * this type do not wait. */
bool cg_spare_put(Cg *cg, Type t, LLVMValueRef l, LLVMBasicBlockRef go);
/* Takes the one that waits to the block it returns, from *from; the builder stands
 * where there is none. NULL: lists of this type do not wait. */
LLVMBasicBlockRef cg_spare_take(Cg *cg, Type t, LLVMValueRef *out,
                                LLVMBasicBlockRef *from);

/* -- cg_scalar.c: one element --------------------------------------------------- */
CgVal cg_elem(Cg *cg, Node *n, const CgVal *arg);
bool cg_elem_cheap(const Node *n); /* no call, cannot fail: may be computed in vain */
CgVal cg_select(Cg *cg, LLVMValueRef cond, Type t, CgVal a, CgVal b);
LLVMValueRef cg_is_missing(Cg *cg, Type t, CgVal v);
CgVal cg_cast(Cg *cg, CgVal v, Type from, Type to);
LLVMValueRef cg_missing_value(Cg *cg, Type t); /* NaN, NaT, else 0 */

/* -- cg_complex.c: an op with a complex operand or result ------------------------ */
CgVal cg_complex(Cg *cg, Node *n, const CgVal *arg);
CgVal cg_abs_compare(Cg *cg, Node *n, const CgVal *arg);
CgVal cg_complex_cast(Cg *cg, CgVal v, Type from, Type to);
/* A function of complex numbers by pointer; the result's parts are of type part. */
CgVal cg_complex_math(Cg *cg, int fn, int n, const CgVal *arg, LLVMTypeRef part);
bool cg_complex_calls(Op op); /* it is a call, of complex numbers */

/* -- cg_random.c: words and numbers of random generators ------------------------ */
LLVMValueRef cg_rand_word(Cg *cg, Node *n, const CgVal *arg);
LLVMValueRef cg_rand_unit(Cg *cg, LLVMValueRef word);
LLVMValueRef cg_rand_int(Cg *cg, LLVMValueRef word, LLVMValueRef lo, LLVMValueRef n);
LLVMValueRef cg_pcg_step(Cg *cg, Node *n, const CgVal *arg);
LLVMValueRef cg_pcg_unit(Cg *cg, LLVMValueRef word);

/* -- cg_time.c: calendar -------------------------------------------------------- */
LLVMValueRef cg_dt_part(Cg *cg, LLVMValueRef v, Type t, int part);
LLVMValueRef cg_td_part(Cg *cg, LLVMValueRef v, Type t, int part); /* d s u n */
LLVMValueRef cg_dt_floor_day(Cg *cg, LLVMValueRef v, Type t);
LLVMValueRef cg_dt_days(Cg *cg, LLVMValueRef v, Type t);
LLVMValueRef cg_div_floor(Cg *cg, LLVMValueRef a, int64_t by);

/* -- cg_ctrl.c, cg_map.c, cg_array.c -------------------------------------------- */
void cg_if(Cg *cg, Node *n);
void cg_callfn(Cg *cg, Node *n);
/* LLVM's type of a sub: (cx, calls, abort word, parts of the parameters) to (status,
 * parts of the results). */
LLVMTypeRef cg_sub_type(Cg *cg, const Fn *fn);
void cg_sub_params(Cg *cg);
void cg_sub_enter(Cg *cg);
void cg_sub_return(Cg *cg, Node *n);
void cg_return_status(Cg *cg, LLVMValueRef status);
void cg_try(Cg *cg, Node *n);
void cg_varset(Cg *cg, Node *n);
void cg_varget(Cg *cg, Node *n);
void cg_loop(Cg *cg, Node *n);
void cg_for(Cg *cg, Node *n);
/* How a counted loop counts. */
typedef struct CgCount {
    LLVMValueRef start, step, n; /* i64; n rounds, 0: none */
} CgCount;
CgCount cg_count(Cg *cg, const Node *loop);
/* What LLVM is told of the innermost loop that br closes. */
void cg_mark_loop(Cg *cg, LLVMValueRef br, bool vectors);
/* cg_jam.c: of a brief loop, which has at least one round, those that can be done
 * several at once. Their number, behind which the builder stands; NULL: none. */
LLVMValueRef cg_jam(Cg *cg, Node *loop, const CgCount *count);
void cg_terminator(Cg *cg, Node *n);
void cg_map(Cg *cg, Node *n);
void cg_aget(Cg *cg, Node *n);
void cg_aset(Cg *cg, Node *n);
void cg_aset_value(Cg *cg, Node *n, CgVal v); /* v: as the array has it */
/* A check of index i of n elements of dimension axis. Of a part of an axis that is
 * split over ranks: first is the number of its element 0, total that of all elements,
 * which the error names; a negative index is outside. Else they are NULL. */
typedef struct CgBounds {
    LLVMValueRef i, n;
    int axis;
    LLVMValueRef first, total;
    LLVMValueRef shown; /* the index that the error names */
} CgBounds;
/* first and total of a node with {part}: its arguments `at` and the next. */
void cg_bounds_part(Cg *cg, const Node *n, int at, CgBounds *b);
/* The place of the index, checked once in a region for each array (or length) and
 * index. */
LLVMValueRef cg_checked(Cg *cg, const Val *array, const Val *index, CgBounds b);
bool cg_is_loose(const Cg *cg, const Node *n); /* in cg->loose */
/* -- cg_bounds.c: before a nest, whether all its accesses that can be foretold are in
 * bounds: they are pushed to cg->sure, and the arrays to cg->apart, which the caller
 * cuts back. NULL: nothing can be foretold. */
/* *brief: whether its inner loops end soon, those that are pushed to cg->brief, which
 * the caller cuts back; NULL: of none it can be told. */
LLVMValueRef cg_prove_nest(Cg *cg, Node *root, LLVMValueRef *brief);
bool cg_is_sure(const Cg *cg, const Node *n);
bool cg_is_proved(const Cg *cg, const Node *n); /* wherever it stands in the nest */
void cg_mark_apart(Cg *cg, LLVMValueRef access, const Val *array);
/* -- cg_nd.c: arrays of n dimensions -------------------------------------------- */
void cg_ndmap(Cg *cg, Node *n); /* NDMAP, NDSTORE */
void cg_ndaxis(Cg *cg, Node *n);
void cg_ndindex(Cg *cg, Node *n);
void cg_ndrange(Cg *cg, Node *n);
void cg_ndbcast(Cg *cg, Node *n);
void cg_ndcheck(Cg *cg, Node *n);
LLVMValueRef cg_nd_element(Cg *cg, Node *n);  /* address for AGET, ASET {nd} */
void cg_walks_step(Cg *cg, const CgWalks *w); /* at the end of a round */
/* Phis of the types t[0..n) at the builder's place, fed by the edges. */
void cg_phis(Cg *cg, CgVal *out, const Type *t, int n);
void cg_phis_feed(Cg *cg, CgVal *phi, const Type *t, int n, const CgEdge *edge,
                  idx nedge);

/* -- jit.c, cpu.c --------------------------------------------------------------- */
/* Of this machine, for code of one level; NULL and *err. Its user gives it back. */
LLVMTargetMachineRef cg_machine_take(int opt, Err *err);
void cg_machine_put(int opt, LLVMTargetMachineRef tm);
void *jit_load(const uint8_t *bytes, size_t size, struct ShoalCode **code, Err *err);
void jit_unload(struct ShoalCode *code);
#include "codegen/cpu.h"
