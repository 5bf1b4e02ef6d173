/* SPDX-License-Identifier: Apache-2.0
 * The context of a call: made, cleared, and the place where a failure gets its rank and
 * site. base/ does not know comm/: of a Comm it reads the two leading numbers only.
 */
#include "base/cx.h"
#include <stdarg.h>
#include <string.h>

typedef struct CommHead {
    int rank, size; /* as struct Comm begins; comm.h asserts it */
} CommHead;

void cx_init(Cx *cx, struct Comm *comm, const struct Host *host, void *host_data)
{
    err_clear(&cx->err); /* first member; long, so it is cleared once */
    memset((char *)cx + sizeof cx->err, 0, sizeof *cx - sizeof cx->err);
    cx->scratch = arena_new();
    if (!cx->scratch) BUG("no memory for the first page of a call");
    cx->comm = comm;
    cx->host = host;
    cx->host_data = host_data;
    cx->site = -1;
}

void cx_clear(Cx *cx)
{
    ASSERT(cx->nlive == 0);
    arena_free(cx->scratch);
    memset((char *)cx + sizeof cx->err, 0, sizeof *cx - sizeof cx->err);
    cx->err.code = OK;
}

Status cx_fail(Cx *cx, ErrCode code, const char *fmt, ...)
{
    if (cx->err.code != OK) return cx->err.code;
    va_list ap;
    va_start(ap, fmt);
    Status st = err_vset(&cx->err, code, fmt, ap);
    va_end(ap);
    cx->err.site = cx->site;
    if (cx->comm) cx->err.rank = ((const CommHead *)(const void *)cx->comm)->rank;
    return st;
}
