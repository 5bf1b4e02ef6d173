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
#define ERR(code, exception, parent, meaning) [E_##code] = #exception,
#include "base/errors.def"
#undef ERR
};

static const uint8_t parent[E_COUNT] = {
#define ERR(code, exception, parent, meaning) [E_##code] = E_##parent,
#include "base/errors.def"
#undef ERR
};

ErrCode err_by_name(const char *exception)
{
    if (!strcmp(exception, "Exception")) return E_EXCEPTION;
    for (int c = 1; c < E_COUNT; c++)
        if (!strcmp(exception_name[c], exception)) return (ErrCode)c;
    return OK;
}

bool err_is(int code, int base)
{
    while (code > OK && code < E_COUNT && code != base && parent[code] != code)
        code = parent[code];
    return code == base;
}

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
    e->rank = e->site = e->unsup = e->cls = e->narg = -1;
    e->nchain = e->nrow = 0;
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
    e->rank = e->site = e->unsup = e->cls = e->narg = -1;
}

void err_rows(Err *e, const int64_t *row)
{
    char text[ERR_TEXT] = {0};
    size_t at = 0;
    if (!e->nrow) return;
    for (const char *p = e->text; *p && at + 24 < sizeof text; p++) {
        int k = *p == ERR_ROW_MARK ? p[1] - '0' : -1;
        if (k < 0 || k >= e->nrow) {
            text[at++] = *p;
            continue;
        }
        at += (size_t)snprintf(text + at, sizeof text - at, "%lld", (long long)row[k]);
        p++;
    }
    memcpy(e->text, text, sizeof e->text);
    e->nrow = 0;
}

/* -- Calls that a failure left ----------------------------------------------------- */

enum { CHAIN_HALF = ERR_CHAIN / 2 };

static int32_t chain_slot(int32_t i)
{
    return i < CHAIN_HALF ? i : CHAIN_HALF + (i - CHAIN_HALF) % CHAIN_HALF;
}

void err_chain_add(Err *e, int32_t site)
{
    e->chain[chain_slot(e->nchain)] = site;
    e->nchain++;
}

int32_t err_chain_count(const Err *e)
{
    return e->nchain < ERR_CHAIN ? e->nchain : ERR_CHAIN;
}

int32_t err_chain_at(const Err *e, int32_t i)
{
    if (e->nchain <= ERR_CHAIN || i < CHAIN_HALF) return e->chain[i];
    return e->chain[chain_slot(e->nchain - ERR_CHAIN + i)];
}

/* -- Arguments of exceptions ------------------------------------------------------- */

bool err_arg_put(Err *e, size_t *at, const ErrArg *arg)
{
    bool text = arg->kind == 's';
    size_t need = 1 + (text ? sizeof(uint32_t) + (size_t)arg->n : sizeof(int64_t));
    if (need > sizeof e->arg - *at) return false;
    uint8_t *p = e->arg + *at;
    *at += need;
    *p++ = (uint8_t)arg->kind;
    if (text) {
        uint32_t n = (uint32_t)arg->n;
        memcpy(p, &n, sizeof n);
        if (n) memcpy(p + sizeof n, arg->s, n);
    } else if (arg->kind == 'f') {
        memcpy(p, &arg->f, sizeof arg->f);
    } else {
        memcpy(p, &arg->i, sizeof arg->i);
    }
    return true;
}

bool err_arg_get(const Err *e, int32_t k, ErrArg *out)
{
    if (k < 0 || k >= (e->narg < 0 ? 1 : e->narg)) return false;
    *out = (ErrArg){.kind = 's', .s = e->text, .n = (int64_t)strlen(e->text)};
    const uint8_t *p = e->arg;
    for (int32_t i = 0; e->narg >= 0 && i <= k; i++) {
        uint32_t n = sizeof(int64_t);
        out->kind = (char)*p++;
        if (out->kind == 's') {
            memcpy(&n, p, sizeof n);
            p += sizeof n;
            out->s = (const char *)p;
            out->n = n;
        } else {
            memcpy(&out->i, p, sizeof out->i);
            memcpy(&out->f, p, sizeof out->f);
        }
        p += n;
    }
    return true;
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
