/* SPDX-License-Identifier: Apache-2.0
 * The one error record of both domains. The compiler throws it to the single setjmp in
 * compile.c; the runtime returns its code as Status and leaves the record in the Cx.
 * It is plain bytes of fixed size, so that a rank can broadcast it as it is.
 */
#pragma once
#include "base/base.h"
#include <stdarg.h>

typedef enum ErrCode {
    OK = 0,
#define ERR(code, exception, meaning) E_##code,
#include "base/errors.def"
#undef ERR
    E_COUNT
} ErrCode;

/* A place in user source. file indexes the compile's table of files; lines count from
 * 1, columns from 0 in UTF-8 bytes, as Python's ast has them. line 0: no place. */
typedef struct Loc {
    int32_t file, line, col, end_line, end_col;
} Loc;

enum { ERR_TEXT = 1800 };

typedef struct Err {
    int32_t code;        /* ErrCode; OK when nothing failed */
    int32_t rank;        /* rank that failed first, -1 when not of one rank */
    int32_t site;        /* row of the object's site table where it failed, -1: none */
    int32_t unsup;       /* row of unsup.def for E_UNSUP, else -1 */
    Loc loc;             /* compile errors: the place; run errors leave it to site */
    char text[ERR_TEXT]; /* UTF-8, NUL-terminated, cut at a character boundary */
} Err;

/* Name of the Python exception for a code ("ValueError"). */
const char *err_exception(int code);

/* Format into e unless it already holds an error: the first error wins. Returns the
 * code that e then holds. */
Status err_set(Err *e, ErrCode code, const char *fmt, ...) PRINTF(3, 4);
Status err_vset(Err *e, ErrCode code, const char *fmt, va_list ap) PRINTF(3, 0);
void err_clear(Err *e);

/* Called by BUG after its message and before abort(): comm/ ends the other ranks there.
 */
void bug_set_handler(void (*handler)(const char *text));
