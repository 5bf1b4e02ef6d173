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
#define ERR(code, exception, parent, meaning) E_##code,
#include "base/errors.def"
#undef ERR
    E_COUNT
} ErrCode;

/* A place in user source. file indexes the compile's table of files; lines count from
 * 1, columns from 0 in UTF-8 bytes, as Python's ast has them. line 0: no place. */
typedef struct Loc {
    int32_t file, line, col, end_line, end_col;
} Loc;

enum { ERR_TEXT = 1800, ERR_ARGS = 512, ERR_CHAIN = 24, ERR_ROWS = 5 };

typedef struct Err {
    int32_t code;   /* ErrCode; OK when nothing failed */
    int32_t rank;   /* rank that failed first, -1 when not of one rank */
    int32_t site;   /* row of the object's site table where it failed, -1: none;
                     * compile errors: of Fn.inlines, the call that it is in */
    int32_t unsup;  /* row of unsup.def for E_UNSUP, else -1 */
    int32_t cls;    /* user's class of exception by the host's number, else -1 */
    int32_t narg;   /* arguments in arg; -1: text is the only one */
    int32_t nchain; /* calls of functions compiled on their own that it left */
    int32_t chain[ERR_CHAIN]; /* their sites, innermost first; of more than fit the
                               * second half holds the last ones, see err_chain_at */
    int32_t nrow;             /* numbers of this rank's rows in row */
    int64_t row[ERR_ROWS]; /* in the text stands err_row_mark for each, until the ranks
                            * have added theirs up */
    Loc loc;               /* compile errors: the place; run errors leave it to site */
    char text[ERR_TEXT];   /* UTF-8, NUL-terminated, cut at a character boundary */
    uint8_t arg[ERR_ARGS]; /* arguments of an exception, see err_arg_put */
} Err;

/* Name of the Python exception for a code ("ValueError"). */
const char *err_exception(int code);

/* Format into e unless it already holds an error: the first error wins. Returns the
 * code that e then holds. */
Status err_set(Err *e, ErrCode code, const char *fmt, ...) PRINTF(3, 4);
Status err_vset(Err *e, ErrCode code, const char *fmt, va_list ap) PRINTF(3, 0);
void err_clear(Err *e);

/* Codes by class name: OK when there is none. "Exception" is E_EXCEPTION. */
ErrCode err_by_name(const char *exception);
/* Whether an except clause of class `base` takes errors of this code. */
bool err_is(int code, int base);

/* The failure leaves a function that was called at this site. */
void err_chain_add(Err *e, int32_t site);
/* Site of call i, innermost first, of err_chain_count(e) that are remembered. */
int32_t err_chain_count(const Err *e);
int32_t err_chain_at(const Err *e, int32_t i);

/* Arguments of an exception. kind: 'n' None, 'b' bool, 'i' int, 'u' unsigned, 'f' float
 * (8 bytes each, the number as it is in memory), 's' text (4 bytes length, then the
 * bytes). Adding one that does not fit is refused: the text stands for all of them. */
typedef struct ErrArg {
    char kind;
    int64_t i;
    double f;
    const char *s;
    int64_t n; /* bytes of s */
} ErrArg;
bool err_arg_put(Err *e, size_t *at, const ErrArg *arg);
bool err_arg_get(const Err *e, int32_t k, ErrArg *out); /* false: there is none */

/* Lengths in texts that are of all ranks, while each knows its own: ERR_ROW_MARK and
 * the digit k stand for row[k]; err_rows puts numbers in their places. */
enum { ERR_ROW_MARK = 0x1f };
void err_rows(Err *e, const int64_t *row);

/* Called by BUG after its message and before abort(): comm/ ends the other ranks there.
 */
void bug_set_handler(void (*handler)(const char *text));
