/* SPDX-License-Identifier: Apache-2.0
 * A plain-C mirror of Python's ast: what front/ reads. py/py_ast.c fills it from ast
 * objects; the fuzzer from bytes. Every node has a kind (Python's class name), up to a
 * few children under fixed meanings, and its place. Field use per kind is in ast.def:
 * one row a kind naming Python's fields in order, each with where it is kept.
 */
#pragma once
#include "base/err.h"
#include "base/intern.h"
#include "base/vec.h"

typedef enum AstKind {
#define AST(kind, fields) AST_##kind,
#include "front/ast.def"
#undef AST
    AST_COUNT
} AstKind;

typedef enum AstConst {
    AC_NONE,
    AC_BOOL,
    AC_INT,
    AC_FLOAT,
    AC_STR,
    AC_BYTES,
    AC_ELLIPSIS,
    AC_COMPLEX,
    AC_BIGINT /* text in s */
} AstConst;

typedef struct Ast Ast;
typedef struct AstList {
    Ast **at;
    idx n;
} AstList;

struct Ast {
    uint8_t kind; /* AstKind */
    uint8_t ck;   /* Constant: AstConst */
    uint8_t
        op; /* operator: BinOp, UnaryOp, BoolOp, AugAssign: AstKind of the operator */
    Loc loc;
    const char *id;  /* identifier: Name.id, Attribute.attr, FunctionDef.name, arg.arg,
                      * keyword.arg, alias.name ... interned; NULL for None */
    const char *id2; /* alias.asname, ImportFrom.module */
    int64_t
        i;    /* Constant ints and bools; ImportFrom.level; FormattedValue.conversion */
    double f; /* Constant floats; imaginary part of complex */
    const char *s; /* Constant str/bytes: n bytes */
    idx n;
    Ast *a, *b, *c, *d;                /* single children, see ast.def */
    AstList list, list2, list3, list4; /* lists of children, see ast.def */
};

/* The tree as Python's ast.dump writes it, with or without places: for tests and
 * fuzzing. A Module gives a node of kind AST_defaults with its statements. NULL when it
 * is malformed. */
Ast *ast_read(Arena *arena, Intern *names, const char *from);
char *ast_print(Arena *arena, const Ast *e); /* without places */
const char *ast_kind_name(AstKind kind);

/* Whether is() holds of a tree or of any part of it, the outer ones first; e may be
 * NULL. */
typedef bool AstTest(const Ast *e, const void *data);
bool ast_any(const Ast *e, AstTest *is, const void *data);
bool ast_any_of(const AstList *l, AstTest *is, const void *data);
