/* SPDX-License-Identifier: Apache-2.0
 * The error record, and the end of the process when a mistake of our own is found.
 */
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const exception_name[E_COUNT] = {
    [OK] = "",
#define ERR(code, exception, meaning) [E_##code] = #exception,
#include "base/errors.def"
#undef ERR
};

static void (*bug_handler)(const char *text);

const char *err_exception(int code)
{
    if (code <= OK || code >= E_COUNT) return "InternalError";
    return exception_name[code];
}

/* Length of s[0..n) without a UTF-8 character that is cut off at its end. */
static size_t utf8_whole(const char *s, size_t n)
{
    size_t i = n;
    while (i > 0 && n - i < 4 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
        i--;
    if (i == 0) return n;
    unsigned char lead = (unsigned char)s[i - 1];
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return n - (i - 1) >= want ? n : i - 1;
}

Status err_vset(Err *e, ErrCode code, const char *fmt, va_list ap)
{
    if (e->code != OK) return e->code;
    if (code <= OK || code >= E_COUNT) code = E_INTERNAL;
    e->code = (int32_t)code;
    e->rank = e->site = e->unsup = -1;
    e->loc = (Loc){0};
    int n = vsnprintf(e->text, sizeof e->text, fmt, ap);
    if (n < 0) n = 0;
    if ((size_t)n >= sizeof e->text) n = (int)utf8_whole(e->text, sizeof e->text - 1);
    memset(e->text + n, 0, sizeof e->text - (size_t)n); /* plain bytes: no stale ones */
    return e->code;
}

Status err_set(Err *e, ErrCode code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Status st = err_vset(e, code, fmt, ap);
    va_end(ap);
    return st;
}

void err_clear(Err *e)
{
    memset(e, 0, sizeof *e);
    e->rank = e->site = e->unsup = -1;
}

void bug_set_handler(void (*handler)(const char *text))
{
    bug_handler = handler;
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fflush(stdout);
    fprintf(stderr, "shoal: internal error at %s:%d: %s\n", file, line, text);
    fflush(stderr);
    if (bug_handler) bug_handler(text);
    abort();
}
