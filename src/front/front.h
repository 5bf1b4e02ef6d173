/* SPDX-License-Identifier: Apache-2.0
 * Abstract evaluation of Python source over abstract values: our AST in, typed IR out.
 * Pure C, knows no Python; it asks the host for what lies outside the function.
 */
#pragma once
#include "front/ast.h"
#include "ir/desc.h"

/* What a name outside the function stands for. */
typedef enum HostKind {
    H_MISSING, /* no such name: NameError at the place of use */
    H_CONST,   /* int, float, bool, str, None, datetime ...: a compile-time constant
                  (guarded) */
    H_FUNC,    /* a Python function whose source we have: fn */
    H_JIT,     /* a jit-decorated function: fn, with flags of its own */
    H_API, /* an object of the op table, by its canonical name: "pd.read_parquet", "np",
            * "builtins.len", "shoal.prange", "np.float64" */
    H_TUPLE,
    H_LIST,
    H_DICT,
    H_SET,    /* of HostVals (guarded) */
    H_ROWS,   /* an array, Series, frame or Index: argument number i of those behind the
                 function's own (the host appends them) */
    H_EXC,    /* an exception class of the user's: s as exc_from_host reads it, obj its
                 number */
    H_NUMBER, /* a NumPy scalar: as H_CONST, s its dtype */
    H_WRAP,   /* a wrap_python function: fn, desc of its result */
    H_RECORD, /* a named tuple, dataclass or enum class: its text s, defaults item */
    H_INSTANCE, /* of one: text s of the class, its parts item */
    H_TIME,     /* a date, datetime, Timestamp ...: type and count i (guarded) */
    H_OTHER,    /* anything else: text is its type, for the message */
} HostKind;

typedef struct HostVal {
    uint8_t kind; /* HostKind */
    uint8_t ck;   /* H_CONST: AstConst */
    int64_t i;
    double f; /* AC_COMPLEX: the imaginary part */
    double re;
    const char *s; /* text; H_API: canonical name; H_OTHER: the type's name */
    idx n;
    int fn;  /* H_FUNC, H_JIT, H_WRAP: the host's number of the function */
    int obj; /* the host's number of the object, for attr() */
    struct HostVal *item, *key; /* n items of a container; keys of a dict */
    Desc *desc;
    Type type; /* H_TIME */
} HostVal;

/* A function the host knows. */
typedef struct FnSource {
    Ast *def; /* FunctionDef or Lambda */
    const char *name, *qualname, *filename, *text;
    const char *library; /* of Python's own library: "re.sub"; else NULL */
    int32_t first_line;
    const char *const *free_name;
    idx nfree;                     /* names of its closure */
    const struct DistFlags *flags; /* of a jit function, else NULL */
    HostVal *defaults;
    idx ndefaults; /* of the last ndefaults positional parameters */
} FnSource;

typedef struct SchemaCol {
    const char *name;
    Type type;
    const char *tz;
} SchemaCol;
typedef struct Schema {
    SchemaCol *col;
    idx ncol;
    idx nindex; /* the last nindex columns are the stored index (pandas metadata) */
    bool range_index;    /* stored as a RangeIndex: no column */
    int64_t start, step; /* of it */
    const char *range_name;
    idx bytes; /* of the files, 0: not known */
} Schema;

/* All return false after filling *err (throwing is the front's business). Results live
 * in the arena that is passed. What is asked is recorded by the host as a guard of the
 * compiled code. */
typedef struct FrontHost {
    bool (*source)(void *d, Arena *a, Intern *names, int fn, FnSource *out, Err *err);
    bool (*lookup)(void *d, Arena *a, int fn, const char *name, HostVal *out, Err *err);
    /* Attribute name of the object, the module of that name for obj < 0. */
    bool (*attr)(void *d, Arena *a, int obj, const char *name, HostVal *out, Err *err);
    /* Columns of a file. path is the constant or the value of the argument. */
    bool (*schema)(void *d, Arena *a, const char *format, const char *path,
                   const char *options, Schema *out, Err *err);
    /* Evaluate a pure method or builtin on constants in Python itself ("str.upper"
     * ...). */
    bool (*fold)(void *d, Arena *a, const char *what, const HostVal *args, idx n,
                 HostVal *out, Err *err);
} FrontHost;

/* Names of the functions of Python's library that may be called; NULL behind the last.
 */
const char *host_fn_name(idx i);

struct DistFlags;
/* Fills fn (body, in, out, files, inlines) from the host's function number root.
 * Throws. */
void front_run(Fn *fn, const FrontHost *host, void *host_data, int root,
               Desc *const *arg, idx narg, const struct DistFlags *flags);
